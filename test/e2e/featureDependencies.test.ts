import assert from "node:assert/strict";
import { BUSYBOX_IMAGE, ensureImages } from "../../scripts/testbed/images";
import { devcontainer, rememberFeatureImages } from "./support/devcontainerCli";
import { openRegistry, PASSWORD, USER, type PrivateRegistry } from "./support/privateRegistry";
import { inside, World } from "./support/world";

const OTHER_PASSWORD = "test-password-two";
/** Both registries are this machine, so that the one's secret could be meant for the other. */
const MISSING = "[near-miss-host]";

/** A Feature from one private registry depends on a Feature in another one, which no file of the workspace names. */
describe("A Feature that another one depends on", () => {
  let near: PrivateRegistry;
  let far: PrivateRegistry;
  let world: World;
  let removeImages: () => Promise<void>;
  let outer: string;
  let inner: string;

  before(async () => {
    await ensureImages(BUSYBOX_IMAGE);
    removeImages = await rememberFeatureImages();
    near = await openRegistry({ small: BUSYBOX_IMAGE });
    far = await openRegistry(
      {},
      { auth: "htpasswd", users: [{ name: USER, password: OTHER_PASSWORD }] },
      OTHER_PASSWORD,
    );
    inner = await publish(far, OTHER_PASSWORD, "inner", {});
    outer = await publish(near, PASSWORD, "outer", { dependsOn: { [inner]: {} } });
  });
  after(async () => {
    await near.stop();
    await far.stop();
    await removeImages();
  });
  beforeEach(async () => {
    world = await World.create();
    await world.devcontainer({ image: near.image("small"), remoteUser: "root", features: { [outer]: {} } });
  });
  afterEach(() => world.close());

  it("may only be one to install after: the tool cannot do without it either, and that is the cause told", async () => {
    const after = await publish(near, PASSWORD, "after", { installsAfter: [inner.replace(/:1$/, "")] });
    await world.devcontainer({ image: near.image("small"), remoteUser: "root", features: { [after]: {} } });
    const { code, stdout } = await world.cli(["up", world.workspace], near.variables());
    assert.equal(code, 1);
    assert.ok(stdout.includes(`✗ ${inner.replace(/:1$/, "")}  ${MISSING}`), stdout);
    const made = await world.cli(["up", world.workspace], both());
    assert.equal(made.code, 0, made.stdout + made.stderr);
    assert.equal((await inside(await world.container(), ["cat", "/features.txt"])).stdout.trim(), "after");
  });

  const both = () => ({ ...near.variables(), ...far.variables(OTHER_PASSWORD, "FAR") });

  it("is diagnosed with its own registry's credential, and said to be needed", async () => {
    const missing = await world.cli(["diagnose", world.workspace], near.variables());
    assert.equal(missing.code, 1);
    assert.ok(missing.stdout.includes(`✗ ${inner}  ${MISSING}`), missing.stdout);
    assert.ok(missing.stdout.includes(`The Feature ${outer} brings it in.`), missing.stdout);
    const given = await world.cli(["diagnose", world.workspace], both());
    assert.equal(given.code, 0, given.stdout);
    assert.ok(given.stdout.includes(`✓ ${inner}  [fine]`), given.stdout);
  });

  it("is fetched with its own registry's credential when the environment is created", async () => {
    const { code, stdout, stderr } = await world.cli(["up", world.workspace], both());
    assert.equal(code, 0, stdout + stderr);
    const made = await inside(await world.container(), ["cat", "/features.txt"]);
    assert.deepEqual(made.stdout.trim().split("\n"), ["inner", "outer"]);
    // what the registries tell of it is no change of the configuration
    const { stdout: synced } = await world.cli(["sync", world.workspace, "--json"], both());
    const { deliveries } = JSON.parse(synced) as { deliveries: { advice: { kind: string } }[] };
    assert.deepEqual(
      deliveries.map(({ advice }) => advice.kind),
      ["nothing"],
    );
  });

  it("without a secret for its registry is the cause that a failed creation is told", async () => {
    const { code, stdout } = await world.cli(["up", world.workspace], near.variables());
    assert.equal(code, 1);
    assert.ok(stdout.includes(`✗ ${inner}  ${MISSING}`), stdout);
  });
});

/** Publishes a Feature that notes its name in the image. Gives its id. */
async function publish(
  { address }: PrivateRegistry,
  password: string,
  id: string,
  more: Readonly<Record<string, unknown>>,
): Promise<string> {
  const publisher = await World.create();
  const auth = Buffer.from(`${USER}:${password}`).toString("base64");
  publisher.dockerConfig({ auths: { [address]: { auth } } });
  publisher.write(`features/${id}/devcontainer-feature.json`, { id, version: "1.0.0", name: id, ...more });
  publisher.write(`features/${id}/install.sh`, `#!/bin/sh\necho ${id} >> /features.txt\n`, 0o755);
  const target = ["-r", address, "-n", "acme/features", `${publisher.folder}/features`];
  const published = await devcontainer(["features", "publish", ...target], publisher.environment());
  await publisher.close();
  assert.equal(published.code, 0, published.stderr);
  return `${address}/acme/features/${id}:1`;
}
