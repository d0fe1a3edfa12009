import { strict as assert } from "node:assert";
import { rmSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { dockerVersions } from "../../src/adapters/docker/versions";
import { dockerEngine } from "../../src/adapters/docker/engine";
import { enginePlatform } from "../../src/adapters/docker/platform";
import { wslClient } from "../../src/adapters/docker/wsl";
import { temporaryFolder } from "../../scripts/testbed/folders";
import { BUSYBOX_IMAGE, ensureImages } from "../../scripts/testbed/images";
import { run, runOrThrow } from "../../scripts/testbed/run";

/**
 * The engine through `wsl.exe`: a script of that name takes its arguments as the real one does (`--distribution NAME --exec
 * COMMAND …`), and behind it are the real client and engine.
 */
describe("the engine behind wsl.exe", function () {
  this.timeout(60_000);
  const folder = temporaryFolder("wsl");
  let container: string;

  before(async () => {
    const script = [
      "#!/bin/sh",
      '[ "$1 $2 $3" = "--distribution Ubuntu --exec" ] || { echo "unexpected: $*" >&2; exit 1; }',
      '[ "$WSL_UTF8" = 1 ] || { echo "not in UTF-8" >&2; exit 1; }',
      'shift 3; exec "$@"',
    ];
    writeFileSync(join(folder, "wsl.exe"), `${script.join("\n")}\n`, { mode: 0o755 });
    await ensureImages(BUSYBOX_IMAGE);
    const label = ["--label", "devcontainer.local_folder=\\\\wsl.localhost\\Ubuntu\\home\\ann\\app"];
    const args = ["run", "--detach", "--rm", "--init", ...label, BUSYBOX_IMAGE, "sleep", "600"];
    container = (await runOrThrow("docker", args)).trim();
  });
  after(async () => {
    await run("docker", ["rm", "--force", container]);
    rmSync(folder, { recursive: true, force: true });
  });

  const client = () =>
    wslClient("Ubuntu", "docker", { ...process.env, PATH: `${folder}${delimiter}${process.env["PATH"] ?? ""}` });

  it("finds containers, with the folders that Windows names", async () => {
    const [found] = (await dockerEngine(client()).containers()).filter(({ id }) => id === container);
    assert.equal(found?.labels["devcontainer.local_folder"], "\\\\wsl.localhost\\Ubuntu\\home\\ann\\app");
  });

  it("runs a command inside with standard input, and no argument is read twice", async () => {
    const engine = dockerEngine(client());
    const odd = `a b"c'd $HOME %PATH% \\ \``;
    const echoed = await engine.exec(container, {
      command: ["sh", "-c", 'printf "%s|" "$1"; cat', "sh", odd],
      stdin: "from outside",
    });
    assert.deepEqual([echoed.exitCode, echoed.stdout], [0, `${odd}|from outside`]);
  });

  it("tells versions and platform", async () => {
    assert.match((await dockerVersions(client())).join("\n"), /^client \S+ .*\nserver \S+ /);
    assert.match((await enginePlatform(client())()) ?? "", /^linux\//);
  });
});
