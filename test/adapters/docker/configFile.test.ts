import { strict as assert } from "node:assert";
import {
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  statSync,
  symlinkSync,
  writeFileSync,
  chmodSync,
} from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { configFolder, readConfigText, replaceFile } from "../../../src/adapters/docker/configFile";
import { failureWith } from "../../fakes/failures";
import { temporaryFolder } from "../../fakes/temporaryFolder";

describe("Docker's config file", () => {
  const folder = temporaryFolder();
  const mode = (path: string) => statSync(path).mode & 0o777;

  it("lies where the environment says", () => {
    assert.equal(configFolder({ DOCKER_CONFIG: "/x" }), "/x");
    assert.equal(configFolder({ DOCKER_CONFIG: "" }), join(homedir(), ".docker"));
    assert.equal(configFolder({}), join(homedir(), ".docker"));
  });

  it("is read; absent is another answer than unreadable", async () => {
    assert.equal(await readConfigText({ DOCKER_CONFIG: folder() }), undefined);
    assert.equal(await readConfigText({ DOCKER_CONFIG: join(folder(), "no", "folder") }), undefined);
    writeFileSync(join(folder(), "config.json"), "{é}");
    assert.equal(await readConfigText({ DOCKER_CONFIG: folder() }), "{é}");
    mkdirSync(join(folder(), "broken", "config.json"), { recursive: true });
    await assert.rejects(
      readConfigText({ DOCKER_CONFIG: join(folder(), "broken") }),
      failureWith("invalid-docker-config", /cannot be read/),
    );
  });

  for (const [before, after] of [
    [0o600, 0o600],
    [0o644, 0o644],
    [0o664, 0o664],
    [0o640, 0o640],
  ] as const) {
    it(`keeps the mode ${before.toString(8)}, whatever the umask is`, async () => {
      const path = join(folder(), "config.json");
      writeFileSync(path, "old");
      chmodSync(path, before);
      const umask = process.umask(0o077);
      try {
        await replaceFile(path, "new");
      } finally {
        process.umask(umask);
      }
      assert.deepEqual([readFileSync(path, "utf8"), mode(path)], ["new", after]);
      assert.deepEqual(readdirSync(folder()), ["config.json"]);
    });
  }

  it("is made with its folder, for this person only", async () => {
    const path = join(folder(), "new", "config.json");
    await replaceFile(path, "{}");
    assert.deepEqual([mode(path), mode(join(folder(), "new"))], [0o600, 0o700]);
  });

  it("stays a symbolic link to a file that is replaced", async () => {
    mkdirSync(join(folder(), "dotfiles"));
    const target = join(folder(), "dotfiles", "docker.json");
    writeFileSync(target, "old");
    const path = join(folder(), "config.json");
    symlinkSync(target, path);
    await replaceFile(path, "new");
    assert.equal(lstatSync(path).isSymbolicLink(), true);
    assert.deepEqual([realpathSync(path), readFileSync(target, "utf8")], [realpathSync(target), "new"]);
    assert.deepEqual(readdirSync(join(folder(), "dotfiles")), ["docker.json"]);
  });

  it("leaves nothing behind where it cannot be written", async () => {
    const path = join(folder(), "config.json");
    mkdirSync(join(path, "not-empty"), { recursive: true });
    await assert.rejects(replaceFile(path, "new"));
    assert.deepEqual(readdirSync(folder()), ["config.json"]);
  });
});
