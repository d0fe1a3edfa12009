import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { BUSYBOX_IMAGE, ensureImages } from "../../scripts/testbed/images";
import { triplet } from "../../scripts/testbed/cli";
import { runOrThrow } from "../../scripts/testbed/run";
import { openRegistry, PASSWORD, USER, type PrivateRegistry } from "./support/privateRegistry";
import { eventually } from "./support/processes";
import { startSlowRegistry, type SlowRegistry } from "./support/proxies";
import { inside, World } from "./support/world";

describe("A creation that is interrupted", () => {
  let registry: PrivateRegistry;
  let slow: SlowRegistry;
  let world: World;

  before(async () => {
    await ensureImages(BUSYBOX_IMAGE);
    registry = await openRegistry({ base: BUSYBOX_IMAGE });
  });
  after(() => registry.stop());
  beforeEach(async () => {
    world = await World.create();
    // the engine alone is kept waiting: the dev container CLI asks for the manifest, too
    const byEngine = /^docker\//;
    slow = await startSlowRegistry(
      registry.address,
      ({ url = "", headers }) => url.includes("/manifests/") && byEngine.test(headers["user-agent"] ?? ""),
    );
  });
  afterEach(async () => {
    await slow.stop();
    await world.close();
    await registry.forget();
  });

  /** Starts a creation, and returns when the engine is in the middle of the pull. */
  const untilPull = async () => {
    await world.devcontainer({ image: `${slow.address}/acme/base:1`, remoteUser: "root" });
    const running = world.start(["up", world.workspace], triplet(slow.address, USER, PASSWORD));
    await Promise.race([slow.reached, running.ended]);
    assert.equal(world.leftovers().length, 1, `the private config is there: ${running.output()}`);
    return running;
  };

  /** Starts a creation, and returns when its postCreateCommand runs. */
  const untilPostCreate = async () => {
    await world.devcontainer({
      image: registry.image("base"),
      remoteUser: "root",
      postCreateCommand: "echo e2e has begun; sleep 1000 & wait",
    });
    const running = world.start(["up", "--verbose", world.workspace], registry.variables());
    await running.until(/^ *e2e has begun/m);
    assert.equal((await world.containers()).length, 1);
    return running;
  };

  for (const [where, begin] of [
    ["in the middle of the pull", untilPull],
    ["while the postCreateCommand runs", untilPostCreate],
  ] as const) {
    it(`by Ctrl+C ${where} ends with 130, and leaves no process, no container and no file`, async () => {
      const running = await begin();
      running.kill("SIGINT");
      const { code, stderr } = await running.ended;
      assert.equal(code, 130, stderr);
      assert.match(stderr, /The creation of the environment was cancelled; nothing of it is left\./);
      assert.doesNotMatch(stderr, /^ +at /m);
      await world.quiet();
      assert.deepEqual(await world.containers(), []);
      assert.deepEqual(world.leftovers(), []);
      assert.equal(await world.gitStatus(), "");
    });
  }

  it("by Ctrl+C while the postCreateCommand of a Compose service runs leaves nothing of the project", async () => {
    const service = { image: BUSYBOX_IMAGE, command: ["sleep", "100000"] };
    const db = { ...service, volumes: ["data:/data"] };
    const app = { ...service, volumes: [`.:/workspaces/e2e`] };
    world.write(join(world.workspace, "compose.yaml"), { services: { app, db }, volumes: { data: {} } });
    await world.devcontainer({
      dockerComposeFile: "../compose.yaml",
      service: "app",
      remoteUser: "root",
      postCreateCommand: "echo e2e has begun; sleep 1000 & wait",
    });
    const parts = async () => {
      const lists = [
        ["ps", "--all", "--format", "{{.Names}}"],
        ...["network", "volume"].map((kind) => [kind, "ls", "-q"]),
      ];
      const filter = ["--filter", `label=com.docker.compose.project=${basename(world.workspace)}`];
      const listed = await Promise.all(lists.map((list) => runOrThrow("docker", [...list, ...filter])));
      return listed.map((text) => text.split("\n").filter((line) => line !== "").length);
    };
    const running = world.start(["up", "--verbose", world.workspace]);
    await running.until(/^ *e2e has begun/m);
    assert.deepEqual(await parts(), [2, 1, 1]);
    running.kill("SIGINT");
    const { code, stderr } = await running.ended;
    assert.equal(code, 130, stderr);
    assert.match(stderr, /nothing of it is left\./);
    await world.quiet();
    assert.deepEqual(await parts(), [0, 0, 0]);
  });

  it("by Ctrl+C does not take away a container that was there before", async () => {
    await world.devcontainer({
      image: registry.image("base"),
      remoteUser: "root",
      postAttachCommand: "[ ! -e /tmp/second ] || { echo e2e has begun; sleep 1000; }",
    });
    const first = await world.cli(["up", world.workspace], registry.variables());
    assert.equal(first.code, 0, first.stderr);
    const before = await world.container();
    await inside(before, ["touch", "/tmp/second"]);
    const running = world.start(["up", "--verbose", world.workspace], registry.variables());
    await running.until(/^ *e2e has begun/m);
    running.kill("SIGINT");
    assert.equal((await running.ended).code, 130);
    await world.quiet();
    assert.equal(await world.container(), before);
    assert.deepEqual(world.leftovers(), []);
  });

  for (const [where, begin] of [
    ["in the middle of the pull", untilPull],
    ["while the postCreateCommand runs", untilPostCreate],
  ] as const) {
    it(`by kill -9 ${where} still ends the dev container CLI, and leaves no file`, async () => {
      const running = await begin();
      running.kill("SIGKILL");
      await running.ended;
      await world.quiet();
      await eventually("the private config has gone", () => world.leftovers().length === 0 || undefined);
      assert.equal(await world.gitStatus(), "");
    });
  }

  it("by kill -9 while the postCreateCommand runs: the next creation starts over and finishes", async () => {
    await world.devcontainer({
      image: registry.image("base"),
      remoteUser: "root",
      postCreateCommand:
        "if [ -e .git/second ]; then echo done > /tmp/done; else echo e2e has begun; sleep 1000 & wait; fi",
    });
    const running = world.start(["up", "--verbose", world.workspace], registry.variables());
    await running.until(/^ *e2e has begun/m);
    const before = await world.container();
    running.kill("SIGKILL");
    await running.ended;
    await world.quiet();
    writeFileSync(join(world.workspace, ".git/second"), "");
    const again = await world.cli(["up", world.workspace], registry.variables());
    assert.equal(again.code, 0, again.stderr);
    assert.match(again.stderr, /The last creation was interrupted: starting over/);
    assert.match(again.stdout, /^Created /m);
    const after = await world.container();
    assert.notEqual(after, before);
    assert.equal((await inside(after, ["cat", "/tmp/done"])).stdout.trim(), "done");
  });
});
