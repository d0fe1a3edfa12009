import { strict as assert } from "node:assert";
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { knownContainers } from "../../../src/adapters/local/knownContainers";
import { temporaryFolder } from "../../fakes/temporaryFolder";

describe("the containers that the command line made", () => {
  const folder = temporaryFolder();
  const state = () => join(folder(), "state");
  const known = () => knownContainers({ XDG_STATE_HOME: state() });
  const file = () => join(state(), "registry-secrets", "containers.json");

  it("are none at first", async () => {
    assert.deepEqual(await known().load(), new Set());
    assert.equal(existsSync(state()), false);
  });

  it("are remembered from run to run, each once, the last one last", async () => {
    for (const id of ["a", "b", "a", "c"]) await known().add(id, "finished");
    assert.deepEqual([...(await known().load())], ["b", "a", "c"]);
    assert.deepEqual(JSON.parse(readFileSync(file(), "utf8")), { version: 1, ids: ["b", "a", "c"], unfinished: [] });
    assert.equal(statSync(file()).mode & 0o777, 0o600);
    assert.deepEqual(readdirSync(join(state(), "registry-secrets")), ["containers.json"]);
  });

  it("are unfinished until their creation has come to an end", async () => {
    await known().add("a", "unfinished");
    await known().add("b", "unfinished");
    await known().add("a", "finished");
    assert.deepEqual(await known().unfinished(), new Set(["b"]));
    assert.deepEqual(await known().load(), new Set(["b", "a"]));
  });

  it("are the last five hundred", async () => {
    mkdirSync(join(state(), "registry-secrets"), { recursive: true });
    writeFileSync(file(), JSON.stringify({ version: 1, ids: Array.from({ length: 700 }, (_, index) => `c${index}`) }));
    await known().add("new", "finished");
    const ids = [...(await known().load())];
    assert.deepEqual([ids.length, ids[0], ids.at(-1)], [500, "c201", "new"]);
  });

  for (const text of ["", "{", "[]", '{"version":2,"ids":["a"]}', '{"version":1,"ids":[5]}']) {
    it(`are none where the file holds ${JSON.stringify(text)}, and it is mended`, async () => {
      mkdirSync(join(state(), "registry-secrets"), { recursive: true });
      writeFileSync(file(), text);
      assert.deepEqual(await known().load(), new Set());
      await known().add("a", "finished");
      assert.deepEqual(await known().load(), new Set(["a"]));
    });
  }

  it("are never kept in the current folder, whatever the variables say", async () => {
    const env = { XDG_STATE_HOME: "", LOCALAPPDATA: state() };
    await knownContainers(env).add("a", "finished");
    assert.ok(existsSync(file()));
    await knownContainers({ XDG_STATE_HOME: "relative", LOCALAPPDATA: state() }).add("b", "finished");
    assert.deepEqual(await known().load(), new Set(["a", "b"]));
    assert.equal(existsSync("relative"), false);
  });
});
