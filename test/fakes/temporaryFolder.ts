import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A folder for each test of the surrounding `describe`, gone after it. Call it there; ask for the path in the tests. */
export function temporaryFolder(): () => string {
  let folder = "";
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "unit-"))));
  afterEach(() => rmSync(folder, { recursive: true, force: true }));
  return () => folder;
}
