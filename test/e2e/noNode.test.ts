import assert from "node:assert/strict";
import { mkdirSync, readdirSync, symlinkSync } from "node:fs";
import { delimiter, join } from "node:path";
import { BUSYBOX_IMAGE, ensureImages } from "../../scripts/testbed/images";
import { run } from "../../scripts/testbed/run";
import { openRegistry, PASSWORD, type PrivateRegistry } from "./support/privateRegistry";
import { helperAnswer, World } from "./support/world";

/** Desktop VS Code has no `node` on PATH: everything of ours is run by an absolute path. */
describe("With no node on PATH", () => {
  let registry: PrivateRegistry;
  let world: World;

  before(async () => {
    await ensureImages(BUSYBOX_IMAGE);
    registry = await openRegistry({ base: BUSYBOX_IMAGE });
    world = await World.create();
  });
  after(async () => {
    await world.close();
    await registry.stop();
  });

  it("an environment is created from a private image, by way of our credential store", async () => {
    const PATH = pathWithoutNode(join(world.folder, "programs"));
    const found = await run("/bin/sh", ["-c", "command -v docker && ! command -v node"], { environment: { PATH } });
    assert.equal(found.code, 0, found.stdout);

    // the classic builder, which asks the store for every credential
    world.write(join(world.workspace, ".devcontainer/Dockerfile"), `FROM ${registry.image("base")}\n`);
    await world.devcontainer({ build: { dockerfile: "Dockerfile" }, remoteUser: "root" });
    const variables = { ...registry.variables(), DOCKER_BUILDKIT: "0", PATH };
    const { code, stdout, stderr } = await world.cli(["up", world.workspace], variables);
    assert.equal(code, 0, stderr + stdout);
    assert.equal((await helperAnswer(await world.container(), registry.address))?.Secret, PASSWORD);
  });
});

/** A folder with links to every program of PATH but those of Node. */
function pathWithoutNode(folder: string): string {
  mkdirSync(folder);
  const known = new Set<string>();
  for (const from of (process.env["PATH"] ?? "").split(delimiter)) {
    for (const name of namesIn(from)) {
      if (known.has(name) || /^(node|nodejs|npm|npx|corepack)$/.test(name)) continue;
      known.add(name);
      symlinkSync(join(from, name), join(folder, name));
    }
  }
  return folder;
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return []; // PATH may name folders that are not there
  }
}
