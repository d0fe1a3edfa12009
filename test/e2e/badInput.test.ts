import assert from "node:assert/strict";
import { join } from "node:path";
import { triplet } from "../../scripts/testbed/cli";
import { engineAddress } from "../../scripts/testbed/engine";
import { BUSYBOX_IMAGE, ensureImages } from "../../scripts/testbed/images";
import type { RunResult } from "../../scripts/testbed/run";
import { openRegistry, PASSWORD, USER, type PrivateRegistry } from "./support/privateRegistry";
import { startEngineProxy, startSlowRegistry } from "./support/proxies";
import { inside, World, type Variables } from "./support/world";

describe("Bad input to the command line", () => {
  let registry: PrivateRegistry;
  let world: World;

  before(async () => {
    await ensureImages(BUSYBOX_IMAGE);
    registry = await openRegistry({ base: BUSYBOX_IMAGE });
  });
  after(() => registry.stop());
  beforeEach(async () => {
    world = await World.create();
  });
  afterEach(async () => {
    await world.close();
    await registry.forget();
  });

  const config = (path = ".devcontainer/devcontainer.json") => join(world.workspace, path);
  const good = () => ({ image: registry.image("base"), remoteUser: "root" });

  /** Runs the command; asserts the exit code, that there is one sentence with these words, no trace, nothing left. */
  const refused = async (
    args: string[],
    code: number,
    sentence: RegExp,
    variables: Variables = registry.variables(),
  ) => {
    await world.commit();
    const result = await world.cli(args, variables);
    const said = result.stdout + result.stderr;
    assert.equal(result.code, code, said);
    assert.match(said, sentence);
    await nothingLost(result);
    return result;
  };
  const nothingLost = async ({ stdout, stderr }: RunResult) => {
    assert.doesNotMatch(stdout + stderr, /^ +at |^Error: |node:internal/m);
    assert.doesNotMatch(stdout + stderr, new RegExp(PASSWORD));
    assert.equal(await world.gitStatus(), "");
    assert.deepEqual(world.leftovers(), []);
  };

  for (const command of ["diagnose", "up"]) {
    it(`${command}: a folder without a devcontainer.json`, () =>
      refused(
        [command, world.workspace],
        1,
        /^✗ \S+ has no devcontainer\.json\. Create \.devcontainer\/devcontainer\.json there/m,
      ));

    it(`${command}: a devcontainer.json that is no JSON object`, async () => {
      world.write(config(), '["not", "an", "object"]');
      await refused(
        [command, world.workspace],
        1,
        /^✗ \S+devcontainer\.json: .*Repair the file: it must hold one JSON object/m,
      );
    });

    it(`${command}: a devcontainer.json that is not JSON at all`, async () => {
      world.write(config(), "image = base\n");
      await refused([command, world.workspace], 1, /devcontainer\.json: .*Repair the file/);
    });

    it(`${command}: several devcontainer.json, of which one must be named`, async () => {
      const [one, two] = [config(".devcontainer/one/devcontainer.json"), config(".devcontainer/two/devcontainer.json")];
      world.write(one, { image: "localhost:1/acme/nothing:1" });
      world.write(two, good());
      const { stderr } = await refused([command, world.workspace], 1, /has several devcontainer\.json files.*--config/);
      assert.ok(stderr.includes(one) && stderr.includes(two));
      const named = await world.cli([command, world.workspace, "--config", two], registry.variables());
      assert.equal(named.code, 0, named.stdout + named.stderr);
    });

    it(`${command}: comments and trailing commas are fine`, async () => {
      world.write(
        config(),
        `// a comment\n{ /* another */ "image": "${registry.image("base")}", "remoteUser": "root", }\n`,
      );
      await world.commit();
      const result = await world.cli([command, world.workspace], registry.variables());
      assert.equal(result.code, 0, result.stdout + result.stderr);
      await nothingLost(result);
    });

    it(`${command}: an image with variables`, async () => {
      world.write(config(), { ...good(), image: `${registry.address}/acme/\${localEnv:E2E_NAME}:1` });
      await world.commit();
      const result = await world.cli([command, world.workspace], { ...registry.variables(), E2E_NAME: "base" });
      assert.equal(result.code, 0, result.stdout + result.stderr);
    });

    it(`${command}: a folder that does not exist`, () =>
      refused(
        [command, join(world.folder, "nowhere")],
        2,
        /^✗ There is no folder \S+nowhere\. See registry-secrets --help\.$/m,
      ));

    it(`${command}: an unknown option`, () =>
      refused(
        [command, world.workspace, "--recreat"],
        2,
        /^✗ Unknown option '--recreat'.* See registry-secrets --help\.$/m,
      ));
  }

  it("an image with a variable that is not set", async () => {
    world.write(config(), { image: `${registry.address}/acme/\${localEnv:E2E_UNSET}:1` });
    await refused(["diagnose", world.workspace], 1, /\[(unresolved-variable|invalid-reference)\]/);
  });

  it("an unknown command, a second folder, an option of another command", async () => {
    await refused(["diagnoze"], 2, /There is no command "diagnoze"\. See registry-secrets --help\./);
    await refused(["diagnose", world.workspace, world.home], 2, /One folder at a time/);
    await refused(["sync", world.workspace, "--recreate"], 2, /"sync" has no option --recreate/);
  });

  it("an engine that is not running", async () => {
    world.write(config(), good());
    const variables = { ...registry.variables(), DOCKER_HOST: `unix://${join(world.runtime, "nobody.sock")}` };
    const sentence = /^✗ The container engine does not answer: .*Start Docker and try again\.$/m;
    await refused(["up", world.workspace], 1, sentence, variables);
    await refused(["sync", world.workspace], 1, sentence, variables);
    const { stdout } = await world.cli(["up", world.workspace, "--json"], variables);
    assert.equal((JSON.parse(stdout) as { failure: { code: string } }).failure.code, "engine-unreachable");
  });

  it("no docker client", async () => {
    world.write(config(), good());
    const variables = { ...registry.variables(), REGISTRY_SECRETS_DOCKER: "/nonexistent" };
    const sentence = /^✗ The docker client "\/nonexistent" was not found\. Install Docker/m;
    await refused(["up", world.workspace], 1, sentence, variables);
    await refused(["sync", world.workspace], 1, sentence, variables);
  });

  it("an engine that disappears during the creation", async () => {
    const slow = await startSlowRegistry(
      registry.address,
      ({ url = "", headers }) => /^docker\//.test(headers["user-agent"] ?? "") && url.includes("/manifests/"),
    );
    const engine = await startEngineProxy(await engineAddress(), join(world.runtime, "engine.sock"));
    try {
      await world.devcontainer({ image: `${slow.address}/acme/base:1`, remoteUser: "root" });
      const running = world.start(["up", world.workspace], {
        ...triplet(slow.address, USER, PASSWORD),
        DOCKER_HOST: engine.address,
      });
      await Promise.race([slow.reached, running.ended]);
      await engine.stop();
      const result = await running.ended;
      assert.equal(result.code, 1);
      assert.match(result.stderr, /^✗ The container engine does not answer: .* Start Docker and try again\.$/m);
      await nothingLost(result);
      await world.quiet();
      assert.deepEqual(await world.containers(), []);
    } finally {
      await engine.stop();
      await slow.stop();
    }
  });

  it("a host with scheme and path means the same registry", async () => {
    world.write(config(), good());
    await world.commit();
    const variables = triplet(`HTTP://${registry.address}/v2/`, USER, PASSWORD);
    const diagnosed = await world.cli(["diagnose", world.workspace], variables);
    assert.equal(diagnosed.code, 0, diagnosed.stdout);
    const created = await world.cli(["up", world.workspace], variables);
    assert.equal(created.code, 0, created.stderr);
    const { stdout } = await inside(await world.container(), ["registry-login", "status"]);
    assert.ok(stdout.startsWith(`${registry.address}: logged in`), stdout);
  });

  it("an empty password", async () => {
    world.write(config(), good());
    const sentence =
      /^! DEMO_CONTAINER_REGISTRY_PASSWORD is missing or empty: .* Set the missing variable, or unset the others\.$/m;
    await refused(["diagnose", world.workspace], 1, sentence, triplet(registry.address, USER, ""));
    await refused(["sync", world.workspace], 2, sentence, triplet(registry.address, USER, ""));
  });

  it("a secrets file that is not there, or is not what it should be", async () => {
    world.write(config(), good());
    const missing = ["diagnose", world.workspace, "--secrets-file", join(world.folder, "none.json")];
    await refused(missing, 1, /none\.json cannot be used: there is no such file\. Repair the file or give another one/);
    const wrong = world.write("wrong.json", '{"NAME": 1}');
    await refused(["up", world.workspace, "--secrets-file", wrong], 1, /it must be an object of names and texts/);
  });
});
