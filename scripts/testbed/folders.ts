import { mkdirSync, mkdtempSync } from "node:fs";
import { join } from "node:path";

/** The project's folder: every script and test is started there. */
export const ROOT = process.cwd();

/** What git ignores: the engine's data, the VS Code host, cached images, temporary folders. */
export const TESTBED = join(ROOT, ".testbed");

/** What a person looks at after a run: screenshots. Ignored by git too. */
export const ARTIFACTS = join(ROOT, "artifacts");

/** Makes an empty folder, for its owner only, below `.testbed/tmp`. Whoever asks for it removes it. */
export function temporaryFolder(name: string): string {
  const parent = join(TESTBED, "tmp");
  mkdirSync(parent, { recursive: true });
  return mkdtempSync(join(parent, `${name}-`));
}
