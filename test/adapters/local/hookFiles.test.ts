import { strict as assert } from "node:assert";
import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { hookInstallScript } from "../../../src/adapters/local/hookFiles";
import { localFiles } from "../../../src/adapters/local/files";
import { temporaryFolder } from "../../fakes/temporaryFolder";

const HOOK = "devcontainer-feature/src/registry-login";

describe("the script that installs the hook", () => {
  const folder = temporaryFolder();

  /** Runs the script as a delivery does, with a temporary folder of its own; returns what is left in that folder. */
  function run(script: string): string[] {
    const TMPDIR = join(folder(), "tmp");
    mkdirSync(TMPDIR, { recursive: true });
    execFileSync("/bin/sh", ["-s"], {
      input: script,
      env: { PATH: process.env["PATH"], TMPDIR },
      stdio: ["pipe", "pipe", "pipe"],
    });
    return readdirSync(TMPDIR);
  }

  it("holds every file of the hook, and is one that a shell can read", async () => {
    const script = await hookInstallScript(HOOK);
    for (const name of readdirSync(HOOK).filter((file) => !/\.(md|json)$/.test(file))) {
      assert.ok(script.includes(readFileSync(join(HOOK, name), "utf8")), name);
    }
    execFileSync("/bin/sh", ["-n"], { input: script });
  });

  it("carries files byte for byte, runs their install.sh, and takes them away again", async () => {
    const source = join(folder(), "source");
    const target = join(folder(), "target");
    mkdirSync(source);
    mkdirSync(target);
    const odd = "$HOME `id` \\ 'single' \"double\" $(id)\n\n\tEND\nEOF\n";
    writeFileSync(join(source, "odd.awk"), odd);
    writeFileSync(join(source, "no-line-end.sh"), "x");
    writeFileSync(join(source, "NOTES.md"), "not needed");
    writeFileSync(
      join(source, "install.sh"),
      `ls "\${0%/*}" > '${target}/names'; cp "\${0%/*}"/* '${target}/'; cat > '${target}/stdin'`,
    );
    assert.deepEqual(run(await hookInstallScript(source)), []);
    assert.equal(readFileSync(join(target, "names"), "utf8"), "install.sh\nno-line-end.sh\nodd.awk\n");
    assert.equal(readFileSync(join(target, "odd.awk"), "utf8"), odd);
    assert.equal(readFileSync(join(target, "stdin"), "utf8"), "");
  });

  it("fails where install.sh fails, and leaves nothing then either", async () => {
    const source = join(folder(), "source");
    mkdirSync(source);
    writeFileSync(join(source, "install.sh"), "echo no >&2; exit 3");
    const script = await hookInstallScript(source);
    assert.throws(() => run(script), { status: 3 });
    assert.deepEqual(readdirSync(join(folder(), "tmp")), []);
  });

  it("uses a folder that nobody can have made before", async () => {
    assert.notEqual(await hookInstallScript(HOOK), await hookInstallScript(HOOK));
  });
});

describe("the files of this machine", () => {
  const folder = temporaryFolder();

  it("are read, or are not there", async () => {
    writeFileSync(join(folder(), "a"), "é");
    mkdirSync(join(folder(), "b"));
    assert.equal(await localFiles.read(join(folder(), "a")), "é");
    assert.equal(await localFiles.read(join(folder(), "b")), undefined);
    assert.equal(await localFiles.read(join(folder(), "c")), undefined);
    assert.deepEqual(await localFiles.folders(folder()), ["b"]);
    assert.deepEqual(await localFiles.folders(join(folder(), "c")), []);
  });
});
