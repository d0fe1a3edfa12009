import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { BUSYBOX_IMAGE, ensureImages } from "../../scripts/testbed/images";
import { run, runOrThrow, type RunResult } from "../../scripts/testbed/run";
import { CANARIES, canariesIn } from "./support/canary";
import { openRegistry, USER, type PrivateRegistry } from "./support/privateRegistry";
import { eventually, processesSeen } from "./support/processes";
import { filesBelow, helperAnswer, inside, World } from "./support/world";

const { first: CANARY, second: ROTATED } = CANARIES;

describe("A password in the open", () => {
  let registry: PrivateRegistry;
  let world: World;
  /** What was seen while the command line ran, and what it said. */
  let seen: Set<string>;
  let said: string;

  before(async () => {
    await ensureImages(BUSYBOX_IMAGE);
    registry = await openRegistry(
      { base: BUSYBOX_IMAGE },
      { auth: "htpasswd", users: [{ name: USER, password: CANARY }] },
      CANARY,
    );
    world = await World.create();
    world.write(
      join(world.workspace, ".devcontainer/Dockerfile"),
      `FROM ${registry.image("base")}\nRUN echo made > /made.txt\n`,
    );
    await world.devcontainer({
      build: { dockerfile: "Dockerfile" },
      remoteUser: "dev",
      postCreateCommand: "env > /tmp/env.txt; registry-login status > /tmp/status.txt; (sleep 1000 > /dev/null 2>&1 &)",
    });
    seen = new Set();
    const results: RunResult[] = [];
    results.push(await sampled(["up", world.workspace, "--verbose"], registry.variables(CANARY)));
    const rotated = { ...registry.variables(ROTATED), ...registry.variables(CANARY, "WRONG") };
    results.push(await sampled(["sync", world.workspace, "--verbose"], registry.variables(ROTATED)));
    results.push(await sampled(["sync", world.workspace, "--json"], rotated));
    results.push(await sampled(["diagnose", world.workspace, "--verbose"], registry.variables(ROTATED)));
    await registry.setPassword(USER, ROTATED);
    results.push(await sampled(["up", world.workspace, "--recreate", "--json"], registry.variables(ROTATED)));
    said = results.map(({ stdout, stderr }) => stdout + stderr).join("\n");
    assert.deepEqual(
      results.map(({ code }) => code),
      [0, 0, 0, 1, 0],
      said,
    );
  });
  after(async () => {
    await world.close();
    await registry.stop();
  });

  /** Runs the command line, and looks at every process of the machine again and again meanwhile. */
  const sampled = async (args: string[], variables: Record<string, string>) => {
    const running = world.start(args, variables);
    const itself = processesSeen().find(({ pid }) => pid === running.pid)?.command;
    const over = running.ended.then(() => true);
    do {
      for (const { pid, command, environment } of processesSeen()) {
        // the test gave the command line its variables; a child between fork and exec still looks like its parent
        const own = pid === running.pid || command === itself;
        if (canariesIn(command).length > 0) seen.add(`in the arguments of ${command}`);
        if (!own && canariesIn(environment).length > 0) seen.add(`in the environment of ${command}`);
      }
    } while (!(await Promise.race([over, delay(5, false)])));
    return await running.ended;
  };

  it("would be found in any form, wherever it lies in what is encoded", () => {
    for (const canary of [CANARY, ROTATED]) {
      const base64 = (text: string) => Buffer.from(text).toString("base64");
      const texts = [canary, JSON.stringify({ Secret: canary }), encodeURIComponent(canary), base64(canary)];
      const credentials = ["u", "us", "use"].map((user) => base64(`${user}:${canary}`));
      const documents = ["u", "us", "use"].map((Username) => base64(JSON.stringify({ Username, Secret: canary })));
      const inUrl = Buffer.from(`${USER}:${canary}`).toString("base64url");
      for (const text of [...texts, ...credentials, ...documents, inUrl]) {
        assert.ok(canariesIn(`before ${text} after`).length > 0, text);
      }
    }
    assert.deepEqual(canariesIn("nothing of it"), []);
  });

  it("is in no argument and no environment of any process while up and sync work", () =>
    assert.deepEqual([...seen], []));

  it("is not in what the command line says, with --verbose and with --json", () => {
    assert.ok(said.length > 500);
    assert.deepEqual(canariesIn(said), []);
  });

  it("is not in the container's file system, although it is logged in", async () => {
    const id = await world.container();
    assert.equal((await helperAnswer(id, registry.address, "dev"))?.Secret, ROTATED);
    const file = join(world.folder, "export.tar");
    await runOrThrow("docker", ["export", "--output", file, id]);
    const bytes = readFileSync(file);
    assert.ok(bytes.includes("tmp/env.txt"), "the export is whole");
    assert.deepEqual(canariesIn(bytes), []);
  });

  it("is not in what the engine knows of container and image, nor in the image's layers", async () => {
    const id = await world.container();
    const inspected = await runOrThrow("docker", ["inspect", id]);
    const image = (JSON.parse(inspected) as { Image: string }[])[0]?.Image ?? "";
    const texts = [
      inspected,
      await runOrThrow("docker", ["image", "inspect", image]),
      await runOrThrow("docker", ["image", "history", "--no-trunc", image]),
      (await run("docker", ["logs", id])).stdout,
      await runOrThrow("docker", ["diff", id]),
    ];
    assert.deepEqual(
      texts.flatMap((text) => canariesIn(text)),
      [],
    );
    const file = join(world.folder, "image.tar");
    await runOrThrow("docker", ["save", "--output", file, image]);
    assert.deepEqual(canariesIn(readFileSync(file)), []);
  });

  it("is in no file of the home, the workspace and the temporary folders", () => {
    assert.ok(filesOf(world).length > 5, "among them those that the tools have left");
    assert.deepEqual(leaksOf(world), []);
  });

  describe("while the command line works, and after it was killed", () => {
    let its: World;
    beforeEach(async () => {
      its = await World.create();
    });
    afterEach(() => its.close());

    it("is in no file of up", async () => {
      const postCreateCommand = "echo e2e has begun; sleep 1000 & wait";
      await its.devcontainer({ image: registry.image("base"), remoteUser: "dev", postCreateCommand });
      const running = its.start(["up", "--verbose", its.workspace], registry.variables(ROTATED));
      await running.until(/^ *e2e has begun/m);
      assert.ok(its.leftovers().length > 0, "the private Docker config is there");
      assert.deepEqual(leaksOf(its), []);
      running.kill("SIGKILL");
      await its.quiet();
      assert.deepEqual(leaksOf(its), []);
    });

    it("is in no file of sync, nor in the container that it was being brought to", async () => {
      const id = await its.runEnvironment(BUSYBOX_IMAGE);
      const hanging = "mkdir -p /usr/local/bin && cat > $0 && chmod 755 $0";
      const hook = "/usr/local/bin/registry-login";
      const input = "#!/bin/sh\ntouch /tmp/begun\nexec sleep 100000\n";
      await runOrThrow("docker", ["exec", "--interactive", id, "sh", "-c", hanging, hook], { input });
      const running = its.start(["sync", its.workspace, "--verbose"], registry.variables(ROTATED));
      const begun = async () => (await inside(id, ["test", "-e", "/tmp/begun"])).code === 0 || undefined;
      await eventually("the hook has begun", begun);
      assert.deepEqual(leaksOf(its), []);
      running.kill("SIGKILL");
      await running.ended;
      assert.deepEqual(leaksOf(its), []);
      const file = join(its.folder, "export.tar");
      await runOrThrow("docker", ["export", "--output", file, id]);
      assert.deepEqual(canariesIn(readFileSync(file)), []);
    });
  });
});

function filesOf({ home, workspace, temporary, runtime }: World): string[] {
  return [home, workspace, temporary, runtime].flatMap(filesBelow);
}

function leaksOf(world: World): string[] {
  return filesOf(world).filter((file) => canariesIn(readFileSync(file)).length > 0);
}
