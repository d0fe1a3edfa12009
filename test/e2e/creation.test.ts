import assert from "node:assert/strict";
import { readdirSync, statSync, utimesSync } from "node:fs";
import { join } from "node:path";
import { BUSYBOX_IMAGE, DOCKER_CLIENT_IMAGE, ensureImages } from "../../scripts/testbed/images";
import { run } from "../../scripts/testbed/run";
import { devcontainer, rememberFeatureImages } from "./support/devcontainerCli";
import { openRegistry, PASSWORD, USER, type PrivateRegistry } from "./support/privateRegistry";
import { helperAnswer, inside, World, type Variables } from "./support/world";

const SOCKET = "type=bind,source=/var/run/docker.sock,target=/var/run/docker.sock";

describe("Creating an environment", () => {
  let registry: PrivateRegistry;
  let world: World;

  before(async () => {
    await ensureImages(BUSYBOX_IMAGE, DOCKER_CLIENT_IMAGE);
    registry = await openRegistry({ base: DOCKER_CLIENT_IMAGE, small: BUSYBOX_IMAGE, second: BUSYBOX_IMAGE });
  });
  after(() => registry.stop());
  beforeEach(async () => {
    world = await World.create();
  });
  afterEach(async () => {
    await world.close();
    await registry.forget();
  });

  const up = async (args: readonly string[] = [], variables: Variables = registry.variables()) => {
    const result = await world.cli(["up", world.workspace, ...args], variables);
    assert.equal(result.code, 0, result.stderr + result.stdout);
    return result;
  };

  it("from a private image, whose postCreateCommand pulls another one; nothing else is changed or left", async () => {
    const config = world.dockerConfig('{\n\t"auths": {},\n  "detachKeys": "ctrl-p"\n}\n\n');
    utimesSync(config, new Date(2020, 1, 1), new Date(2020, 1, 1));
    const before = { text: world.read(config), ...picked(config) };
    await world.devcontainer({
      image: registry.image("base"),
      mounts: [SOCKET],
      remoteUser: "root",
      postCreateCommand: `docker pull --quiet ${registry.image("second")} > /tmp/pulled.txt`,
    });

    const { stdout, stderr } = await up();
    assert.match(stdout, /^Created [0-9a-f]{12} for \//);
    assert.match(stderr, /• Starting the container\n/);
    assert.match(stderr, new RegExp(`✓ \\S+: logged in to ${registry.address}`));
    const id = await world.container();
    assert.equal((await inside(id, ["cat", "/tmp/pulled.txt"])).stdout.trim(), registry.image("second"));
    const { stdout: status } = await inside(id, ["registry-login", "status", "--json"]);
    assert.deepEqual(
      (JSON.parse(status) as { hosts: { host: string; state: string; source: string }[] }).hosts.map(
        ({ host, state, source }) => ({ host, state, source }),
      ),
      [{ host: registry.address, state: "applied", source: "cli" }],
    );

    assert.equal(await world.gitStatus(), "");
    assert.deepEqual({ text: world.read(config), ...picked(config) }, before);
    assert.deepEqual(readdirSync(join(world.home, ".docker")), ["config.json"]);
    assert.deepEqual(world.leftovers(), []);
    await world.quiet();
  });

  for (const builder of ["the classic builder", "BuildKit"]) {
    it(`from a Dockerfile on a private image, by ${builder}`, async function () {
      const client = builder === "BuildKit" ? await clientWithBuildKit() : "docker";
      if (client === undefined) return this.skip();
      const variables = { DOCKER_BUILDKIT: builder === "BuildKit" ? "1" : "0", REGISTRY_SECRETS_DOCKER: client };
      world.write(
        join(world.workspace, ".devcontainer/Dockerfile"),
        `ARG BASE=${registry.image("small")}\nFROM $BASE\nRUN echo built > /built.txt\n`,
      );
      await world.devcontainer({ build: { dockerfile: "Dockerfile" }, remoteUser: "root" });
      const { stderr } = await up([], { ...registry.variables(), ...variables });
      assert.match(stderr, /• Building the image\n/);
      const id = await world.container();
      assert.equal((await inside(id, ["cat", "/built.txt"])).stdout, "built\n");
      assert.equal((await helperAnswer(id, registry.address))?.Secret, PASSWORD);
      assert.equal(await world.gitStatus(), "");
    });
  }

  it("in /dev/shm where the person has no runtime folder, and leaves nothing there", async () => {
    await world.devcontainer({ image: registry.image("small"), remoteUser: "root" });
    const running = world.start(["up", world.workspace], { ...registry.variables(), XDG_RUNTIME_DIR: undefined });
    const ours = () =>
      readdirSync("/dev/shm")
        .filter((name) => name.startsWith("registry-secrets-"))
        .filter((name) => ownerOf(name, world) === running.pid);
    await running.until(/• Starting/);
    const during = ours();
    const { code, stderr } = await running.ended;
    assert.equal(code, 0, stderr);
    assert.equal(during.length, 1, "the private config of the run is in memory");
    assert.deepEqual(ours(), []);
    assert.deepEqual(world.leftovers(), []);
  });

  it("a second time only starts it, and --recreate makes another one", async () => {
    await world.devcontainer({
      image: registry.image("small"),
      remoteUser: "root",
      postCreateCommand: "echo create >> /tmp/ran.txt",
      postAttachCommand: "echo attach >> /tmp/ran.txt",
    });
    await up();
    const first = await world.container();
    const ran = async (id: string) => (await inside(id, ["cat", "/tmp/ran.txt"])).stdout.trim().split("\n");
    assert.deepEqual(await ran(first), ["create", "attach"]);

    const again = await up(["--json"], registry.variables("test-password-of-second-run"));
    const { outcome, containerId, isNew } = JSON.parse(again.stdout) as Record<string, unknown>;
    assert.deepEqual({ outcome, containerId, isNew }, { outcome: "created", containerId: first, isNew: false });
    assert.deepEqual(await ran(first), ["create", "attach", "attach"]);
    assert.equal((await helperAnswer(first, registry.address))?.Secret, "test-password-of-second-run");

    await up(["--recreate"]);
    const second = await world.container();
    assert.notEqual(second, first);
    assert.deepEqual(await ran(second), ["create", "attach"]);
  });

  it("passes a secrets file on to the lifecycle commands, but not the registry triplets in it", async () => {
    const [server, user, password] = ["SERVER", "USER", "PASSWORD"].map((part) => `E2E_CONTAINER_REGISTRY_${part}`);
    const secrets = world.write("secrets.json", { ...registry.variables(), USER_VARIABLE: "user value" });
    await world.devcontainer({
      image: registry.image("small"),
      remoteUser: "root",
      postCreateCommand: "env > /tmp/env.txt; (setsid sleep 1000 < /dev/null > /dev/null 2>&1 &)",
    });
    await up(["--secrets-file", secrets], {});
    const id = await world.container();
    assert.equal((await helperAnswer(id, registry.address))?.Secret, PASSWORD);
    const { stdout: environment } = await inside(id, ["cat", "/tmp/env.txt"]);
    assert.match(environment, /^USER_VARIABLE=user value$/m);
    const script =
      'for p in /proc/[0-9]*; do echo; tr "\\0" "\\n" < $p/environ; echo; cat $p/cmdline; done 2>/dev/null';
    const { stdout: running } = await inside(id, ["sh", "-c", script]);
    assert.match(running, /sleep\0?1000/, "what the command left running is still there");
    assert.match(running, /^USER_VARIABLE=user value$/m);
    for (const text of [environment, running]) {
      for (const name of [server, user, password]) assert.ok(!text.includes(name ?? ""), `${name ?? ""} is not there`);
      assert.ok(!text.includes(PASSWORD));
    }
  });

  it("without a secret names the cause, and makes nothing", async () => {
    await world.devcontainer({ image: registry.image("small"), remoteUser: "root" });
    const { code, stdout, stderr } = await world.cli(["up", world.workspace]);
    assert.equal(code, 1);
    assert.match(stderr, new RegExp(`• Pulling ${registry.image("small")}`));
    assert.match(stdout, /The environment could not be created/);
    assert.match(stdout, /\[no-credential\]/);
    assert.match(stdout, new RegExp(`Add a registry secret for ${registry.address}`));
    assert.deepEqual(await world.containers(), []);
    assert.deepEqual(world.leftovers(), []);
  });

  describe("with our Feature from the private registry", () => {
    let feature: string;
    let digest: string;
    let removeImages: () => Promise<void>;

    before(async () => {
      removeImages = await rememberFeatureImages();
      const publisher = await World.create();
      const auth = Buffer.from(`${USER}:${PASSWORD}`).toString("base64");
      publisher.dockerConfig({ auths: { [registry.address]: { auth } } });
      const target = ["-r", registry.address, "-n", "acme/features", "devcontainer-feature/src"];
      const published = await devcontainer(["features", "publish", ...target], publisher.environment());
      await publisher.close();
      assert.equal(published.code, 0, published.stderr);
      const { "registry-login": found } = JSON.parse(published.stdout) as Record<string, { digest: string }>;
      digest = found?.digest ?? "";
      feature = `${registry.address}/acme/features/registry-login`;
    });

    after(() => removeImages());

    const config = () => ({
      image: registry.image("small"),
      remoteUser: "root",
      features: { [`${feature}:0`]: {} },
      postCreateCommand: "registry-login status > /tmp/status.txt",
    });

    it("runs its lifecycle commands, and writes no lock file", async () => {
      await world.devcontainer(config());
      const { stderr } = await up(["--verbose"]);
      assert.match(stderr, /onCreateCommand from Feature/);
      assert.match(stderr, /postAttachCommand from Feature/);
      const id = await world.container();
      assert.match((await inside(id, ["cat", "/tmp/status.txt"])).stdout, /logged in, from cli since/);
      assert.equal((await inside(id, ["registry-login", "lifecycle", "postStart"])).code, 0);
      assert.equal((await helperAnswer(id, registry.address))?.Secret, PASSWORD);
      assert.equal(await world.gitStatus(), "");
    });

    it("is taken by its digest as well", async () => {
      await world.devcontainer({ ...config(), features: { [`${feature}@${digest}`]: {} } });
      await up();
      const id = await world.container();
      assert.match((await inside(id, ["cat", "/tmp/status.txt"])).stdout, /logged in, from cli since/);
      assert.equal(await world.gitStatus(), "");
    });

    it("keeps to an existing lock file, and leaves its bytes alone", async () => {
      const pinned = { version: "0.1.0", resolved: `${feature}@${digest}`, integrity: digest };
      const lock = world.write(
        join(world.workspace, ".devcontainer/devcontainer-lock.json"),
        `${JSON.stringify({ features: { [`${feature}:0`]: pinned } }, undefined, "\t")}\n\n`,
      );
      const before = world.read(lock);
      await world.devcontainer(config());
      await up();
      assert.equal(world.read(lock), before);
      assert.equal(await world.gitStatus(), "");
    });
  });

  describe("from a registry with a token server on another origin", () => {
    let bearer: PrivateRegistry;

    before(async () => {
      bearer = await openRegistry(
        { small: BUSYBOX_IMAGE },
        { auth: "token", users: [{ name: USER, password: PASSWORD }] },
      );
    });
    after(() => bearer.stop());
    afterEach(() => bearer.forget());

    const realmHost = () => tokenServerOf(bearer.address);

    it("is refused until the person agrees to that server by name; the credential is not sent", async () => {
      await world.devcontainer({ image: bearer.image("small"), remoteUser: "root" });
      const logins = () => bearer.log().match(new RegExp(`^token: .* by (${USER}|refused) `, "gm"))?.length;
      const before = logins();
      const { code, stderr } = await world.cli(["up", world.workspace], bearer.variables());
      const realm = await realmHost();
      assert.equal(code, 1);
      assert.ok(stderr.includes(`${bearer.address} sends its clients to ${realm} for a token`), stderr);
      assert.ok(stderr.includes(`--allow-auth-host ${bearer.address}=${realm}`), stderr);
      assert.equal(logins(), before);
      assert.deepEqual(await world.containers(), []);
    });

    it("works with --allow-auth-host", async () => {
      await world.devcontainer({ image: bearer.image("small"), remoteUser: "root" });
      await up(["--allow-auth-host", `${bearer.address}=${await realmHost()}`], bearer.variables());
      assert.equal((await helperAnswer(await world.container(), bearer.address))?.Secret, PASSWORD);
    });
  });
});

/** A client that can use BuildKit: by itself (until version 22), or by its plugin buildx. */
async function clientWithBuildKit(): Promise<string | undefined> {
  for (const client of ["docker", "/usr/bin/docker"]) {
    if ((await run(client, ["buildx", "version"])).code === 0) return client;
    const version = await run(client, ["version", "--format", "{{.Client.Version}}"]);
    if (version.code === 0 && Number.parseInt(version.stdout) < 23) return client;
  }
  return undefined;
}

function picked(file: string) {
  const { mode, mtimeMs, uid, ino } = statSync(file);
  return { mode, mtimeMs, uid, ino };
}

/** The process that a private config in /dev/shm belongs to. */
function ownerOf(name: string, world: World): number {
  try {
    return Number(world.read(join("/dev/shm", name, "owner")));
  } catch {
    return 0;
  }
}

/** Where a registry sends its clients for a token, as it says itself. */
async function tokenServerOf(address: string): Promise<string> {
  const answer = await fetch(`http://${address}/v2/`);
  const realm = /realm="([^"]+)"/.exec(answer.headers.get("www-authenticate") ?? "")?.[1] ?? "";
  return new URL(realm).host;
}
