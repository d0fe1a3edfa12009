import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { BUSYBOX_IMAGE, ensureImages } from "../../scripts/testbed/images";
import { run, runOrThrow, type RunResult } from "../../scripts/testbed/run";
import { openRegistry, USER, type PrivateRegistry } from "./support/privateRegistry";
import { processesSeen } from "./support/processes";
import { filesBelow, helperAnswer, World } from "./support/world";

/** Nothing else on this machine says these words. */
const CANARY = "canary-first-8d41e7";
const ROTATED = "canary-second-2b96fa";

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
        if (formsIn(command).length > 0) seen.add(`in the arguments of ${command}`);
        if (!own && formsIn(environment).length > 0) seen.add(`in the environment of ${command}`);
      }
    } while (!(await Promise.race([over, delay(5, false)])));
    return await running.ended;
  };

  it("is in no argument and no environment of any process while up and sync work", () =>
    assert.deepEqual([...seen], []));

  it("is not in what the command line says, with --verbose and with --json", () => {
    assert.ok(said.length > 500);
    assert.deepEqual(formsIn(said), []);
  });

  it("is not in the container's file system, although it is logged in", async () => {
    const id = await world.container();
    assert.equal((await helperAnswer(id, registry.address, "dev"))?.Secret, ROTATED);
    const file = join(world.folder, "export.tar");
    await runOrThrow("docker", ["export", "--output", file, id]);
    const bytes = readFileSync(file);
    assert.ok(bytes.includes("tmp/env.txt"), "the export is whole");
    assert.deepEqual(formsIn(bytes), []);
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
    ];
    assert.deepEqual(texts.flatMap(formsIn), []);
    const file = join(world.folder, "image.tar");
    await runOrThrow("docker", ["save", "--output", file, image]);
    assert.deepEqual(formsIn(readFileSync(file)), []);
  });

  it("is in no file of the home, the workspace and the temporary folders", () => {
    const files = [world.home, world.workspace, world.temporary, world.runtime].flatMap(filesBelow);
    assert.ok(files.length > 5, "among them those that the tools have left");
    assert.deepEqual(
      files.filter((file) => formsIn(readFileSync(file)).length > 0),
      [],
    );
  });
});

/** The forms of either password that stand in a text: itself, in base64 alone or behind the user, URL-encoded. */
function formsIn(text: string | Buffer): string[] {
  return [CANARY, ROTATED]
    .flatMap((password) => [
      password,
      unpadded(Buffer.from(password).toString("base64")),
      unpadded(Buffer.from(`${USER}:${password}`).toString("base64")),
      encodeURIComponent(password),
    ])
    .filter((form) => text.includes(form));
}

function unpadded(base64: string): string {
  return base64.replace(/=+$/, "");
}
