import { strict as assert } from "node:assert";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { localFiles } from "../../../src/adapters/local/files";

describe("files of this machine", () => {
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), "files-"));
    mkdirSync(join(folder, "inner"));
    writeFileSync(join(folder, "text"), "\uFEFFä😀\r\n");
    writeFileSync(join(folder, "empty"), "");
    writeFileSync(join(folder, "large"), "x".repeat(5 * 1024 * 1024));
  });
  after(() => rmSync(folder, { recursive: true }));

  it("are read as they are", async () => {
    assert.equal(await localFiles.read(join(folder, "text")), "\uFEFFä😀\r\n");
    assert.equal(await localFiles.read(join(folder, "empty")), "");
    assert.deepEqual(await localFiles.folders(folder), ["inner"]);
  });

  it("that are none are not there", async () => {
    for (const path of [join(folder, "inner"), join(folder, "none"), "/dev/zero"])
      assert.equal(await localFiles.read(path), undefined);
    assert.deepEqual(await localFiles.folders(join(folder, "text")), []);
  });

  it("are cut behind what any reader takes", async () => {
    assert.equal((await localFiles.read(join(folder, "large")))?.length, 4 * 1024 * 1024 + 2);
  });
});
