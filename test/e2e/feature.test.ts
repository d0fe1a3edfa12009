import assert from "node:assert/strict";
import { BUSYBOX_IMAGE, DEBIAN_IMAGE, ensureImages } from "../../scripts/testbed/images";
import { devcontainer, rememberFeatureImages } from "./support/devcontainerCli";
import { World } from "./support/world";

describe("devcontainer features test", () => {
  let world: World;
  let removeImages: () => Promise<void>;

  before(() => ensureImages(BUSYBOX_IMAGE, DEBIAN_IMAGE));
  beforeEach(async () => {
    world = await World.create();
    removeImages = await rememberFeatureImages();
  });
  afterEach(async () => {
    await world.close();
    await removeImages();
  });

  const test = async (...args: string[]) => {
    const of = ["features", "test", "-f", "registry-login", "--skip-duplicated", ...args, "devcontainer-feature"];
    const { code, stdout, stderr } = await devcontainer(of, world.environment());
    assert.equal(code, 0, stdout + stderr);
    return stdout + stderr;
  };

  it(`passes on ${BUSYBOX_IMAGE}, and its scenarios pass`, async () => {
    const said = await test("-i", BUSYBOX_IMAGE);
    for (const scenario of ["registry-login", "busybox_root", "busybox_dev", "debian_root", "debian_dev", "triplet"]) {
      assert.match(said, new RegExp(`Passed: +'${scenario}'`), said);
    }
  });

  it(`passes on ${DEBIAN_IMAGE}`, async () => {
    assert.match(await test("-i", DEBIAN_IMAGE, "--skip-scenarios"), /Passed: +'registry-login'/);
  });
});
