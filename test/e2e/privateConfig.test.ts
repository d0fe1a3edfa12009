import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { engineAddress } from "../../scripts/testbed/engine";
import { BUSYBOX_IMAGE, ensureImages } from "../../scripts/testbed/images";
import { openRegistry, PASSWORD, USER, type PrivateRegistry } from "./support/privateRegistry";
import { startEngineProxy } from "./support/proxies";
import { inside, World, type Variables } from "./support/world";

/** semantics.md, "The private Docker config of one run": each of its cases. */
describe("The private Docker config of one run", () => {
  /** The one with a secret. */
  let ours: PrivateRegistry;
  /** The one that the person has logged in to by other means. */
  let theirs: PrivateRegistry;
  let world: World;

  before(async () => {
    await ensureImages(BUSYBOX_IMAGE);
    ours = await openRegistry({ base: BUSYBOX_IMAGE });
    theirs = await openRegistry({ other: BUSYBOX_IMAGE });
  });
  after(async () => {
    await ours.stop();
    await theirs.stop();
  });
  beforeEach(async () => {
    world = await World.create();
  });
  afterEach(async () => {
    await world.close();
    await ours.forget();
    await theirs.forget();
  });

  const auth = (password = PASSWORD) => Buffer.from(`${USER}:${password}`).toString("base64");
  const login = () => ({ [theirs.address]: { auth: auth() } });

  /** A Dockerfile that needs both registries, by the classic builder, which asks for every credential there is. */
  const needsBoth = async (more: object = {}) => {
    const copy = "COPY --from=other /etc/passwd /from-other\n";
    world.write(
      join(world.workspace, ".devcontainer/Dockerfile"),
      `FROM ${theirs.image("other")} AS other\nFROM ${ours.image("base")}\n${copy}`,
    );
    await world.devcontainer({ build: { dockerfile: "Dockerfile" }, remoteUser: "root", ...more });
  };
  /** The same with our registry only. */
  const needsOurs = async () => {
    world.write(join(world.workspace, ".devcontainer/Dockerfile"), `FROM ${ours.image("base")}\n`);
    await world.devcontainer({ build: { dockerfile: "Dockerfile" }, remoteUser: "root" });
  };
  const up = async (variables: Variables = {}) => {
    const given = { ...ours.variables(), DOCKER_BUILDKIT: "0", ...variables };
    const { code, stdout, stderr } = await world.cli(["up", world.workspace], given);
    assert.equal(code, 0, stderr + stdout);
    assert.deepEqual(world.leftovers(), []);
    await world.quiet();
    return { stdout, stderr };
  };

  it("keeps the person's auths for another private registry in force", async () => {
    const config = world.dockerConfig({ auths: login() });
    const before = world.read(config);
    await needsBoth();
    await up();
    assert.equal((await inside(await world.container(), ["test", "-s", "/from-other"])).code, 0);
    assert.equal(world.read(config), before);
  });

  it("beats the person's credHelpers for our registry, and asks them for others", async () => {
    const asked = join(world.folder, "asked.txt");
    const answer = `{"ServerURL":"$server","Username":"${USER}","Secret":"$secret"}`;
    const path = world.program(
      "docker-credential-e2e",
      `#!/bin/sh
read -r server
echo "$1 $server" >> ${asked}
secret=not-the-password
[ "$server" != ${theirs.address} ] || secret=${PASSWORD}
cat <<END
${answer}
END
`,
    );
    world.dockerConfig({ credHelpers: { [ours.address]: "e2e", [theirs.address]: "e2e" } });
    await needsBoth();
    await up(path);
    assert.match(world.read(asked), new RegExp(`^get ${theirs.address}$`, "m"));
  });

  it("builds beside a credsStore whose helper is missing", async () => {
    const config = world.dockerConfig({ credsStore: "e2e-is-not-installed" });
    const before = world.read(config);
    await needsOurs();
    await up();
    assert.equal(world.read(config), before);
  });

  it("limits a helper of the person's that hangs, and ends it", async () => {
    const path = world.program("docker-credential-hanging", "#!/bin/sh\nsleep 1000 & sleep 1000\n");
    world.dockerConfig({ credsStore: "hanging" });
    await needsOurs();
    await up(path);
  });

  it("uses the person's current context, with the folder that it stands in", async () => {
    const proxy = await startEngineProxy(await engineAddress(), join(world.runtime, "engine.sock"));
    try {
      const name = "e2e";
      const folder = join(world.home, ".docker/contexts/meta", createHash("sha256").update(name).digest("hex"));
      const docker = { Host: proxy.address, SkipTLSVerify: false };
      world.write(join(folder, "meta.json"), { Name: name, Metadata: {}, Endpoints: { docker } });
      world.dockerConfig({ currentContext: name });
      await needsOurs();
      await up({ DOCKER_HOST: undefined });
      assert.ok(proxy.connections() > 0, "the engine of the context was used");
    } finally {
      await proxy.stop();
    }
  });

  it("takes our registry, and no other, out of DOCKER_AUTH_CONFIG", async () => {
    await needsOurs();
    const seen = join(world.folder, "auth-config.json");
    await world.devcontainer({
      build: { dockerfile: "Dockerfile" },
      remoteUser: "root",
      initializeCommand: `printf %s "$DOCKER_AUTH_CONFIG" > ${seen}`,
    });
    const auths = { [ours.address]: { auth: auth("not-the-password") }, ...login() };
    await up({ DOCKER_AUTH_CONFIG: JSON.stringify({ auths }) });
    assert.deepEqual(JSON.parse(world.read(seen)), { auths: login() });
  });

  it("lets a docker login of the initializeCommand change the person's own config", async () => {
    const config = world.dockerConfig({ detachKeys: "ctrl-p", auths: {} });
    const password = world.write("password.txt", PASSWORD, 0o600);
    const command = `docker login --username ${USER} --password-stdin ${theirs.address} < ${password}`;
    await needsBoth({ initializeCommand: command });
    await up();
    assert.deepEqual(JSON.parse(world.read(config)), { detachKeys: "ctrl-p", auths: login() });
  });

  it("lets a docker logout of the initializeCommand change the person's own config", async () => {
    const config = world.dockerConfig({ detachKeys: "ctrl-p", auths: login() });
    await needsOurs();
    await world.devcontainer({
      build: { dockerfile: "Dockerfile" },
      remoteUser: "root",
      initializeCommand: `docker logout ${theirs.address}`,
    });
    await up();
    assert.deepEqual(JSON.parse(world.read(config)), { detachKeys: "ctrl-p", auths: {} });
  });

  it("does without a config.json that is not JSON, and leaves it alone", async () => {
    const config = world.dockerConfig('{ "auths": ');
    await needsOurs();
    await up();
    assert.equal(world.read(config), '{ "auths": ');
  });

  it("does without any config, and makes none", async () => {
    await needsOurs();
    await up();
    assert.ok(!existsSync(join(world.home, ".docker")), readdirSync(world.home).join());
  });
});
