import assert from "node:assert/strict";
import { BUSYBOX_IMAGE, ensureImages } from "../../scripts/testbed/images";
import { runOrThrow } from "../../scripts/testbed/run";
import { triplet } from "../../scripts/testbed/cli";
import { USER } from "./support/privateRegistry";
import { eventually } from "./support/processes";
import { helperAnswer, World } from "./support/world";

const HOST = "registry.example:5000";

/** What a real engine tells of containers while `sync --watch` follows it. */
describe("Delivery as containers come and go", () => {
  let world: World;

  before(() => ensureImages(BUSYBOX_IMAGE));
  beforeEach(async () => {
    world = await World.create();
  });
  afterEach(() => world.close());

  const secret = (password: string) => triplet(HOST, USER, password);
  const environment = (...more: string[]) => world.runEnvironment(BUSYBOX_IMAGE, {}, more);
  const password = async (id: string) => (await helperAnswer(id, HOST))?.Secret;

  it("a second container of the folder is logged in, too; what has stopped is passed over", async () => {
    const [first, second, stopped] = [await environment(), await environment(), await environment()];
    await runOrThrow("docker", ["stop", "--time", "0", stopped]);
    const { code, stdout } = await world.cli(["sync", world.workspace], secret("test-password-one"));
    assert.equal(code, 0, stdout);
    assert.deepEqual([await password(first), await password(second)], ["test-password-one", "test-password-one"]);
    assert.equal([...stdout.matchAll(/logged in to/g)].length, 2);
  });

  it("after a restart that nobody watches nothing is left, until the next sync", async () => {
    const id = await environment();
    await world.cli(["sync", world.workspace], secret("test-password-one"));
    await runOrThrow("docker", ["restart", "--time", "0", id]);
    assert.equal(await password(id), undefined);
    await world.cli(["sync", world.workspace], secret("test-password-one"));
    assert.equal(await password(id), "test-password-one");
  });

  it("one that is paused is left alone, and gets the new value when it goes on; so does one that restarts", async () => {
    const id = await environment();
    await runOrThrow("docker", ["pause", id]);
    const watching = world.start(["sync", world.workspace, "--watch"], secret("test-password-one"));
    await watching.until(/– \S+: stopped meanwhile/);
    await runOrThrow("docker", ["unpause", id]);
    await watching.until(/✓ \S+: logged in/);
    assert.equal(await password(id), "test-password-one");
    await runOrThrow("docker", ["restart", "--time", "0", id]);
    await eventually("it is logged in again", async () => (await password(id)) === "test-password-one" || undefined);
    watching.kill("SIGINT");
    assert.equal((await watching.ended).code, 130);
  });

  it("one that cannot be logged in does not hold up the others", async () => {
    const shared = await environment("--ipc=host");
    const fine = await environment();
    const { code } = await world.cli(["sync", world.workspace], secret("test-password-one"));
    assert.equal(code, 1);
    assert.deepEqual([await password(shared), await password(fine)], [undefined, "test-password-one"]);
  });
});
