import assert from "node:assert/strict";
import { join } from "node:path";
import { engineAddress } from "../../scripts/testbed/engine";
import { BUSYBOX_IMAGE, ensureImages } from "../../scripts/testbed/images";
import { runOrThrow } from "../../scripts/testbed/run";
import { triplet } from "../../scripts/testbed/cli";
import { preparePodman, type Podman } from "./support/podman";
import { USER } from "./support/privateRegistry";
import { eventually } from "./support/processes";
import { startEngineProxy, type EngineProxy } from "./support/proxies";
import { helperAnswer, World, type Variables } from "./support/world";

const HOST = "registry.example:5000";
const SECRET = triplet(HOST, USER, "test-password-one");

describe("Delivery through whatever engine the docker client is told", () => {
  let world: World;

  before(() => ensureImages(BUSYBOX_IMAGE));
  beforeEach(async () => {
    world = await World.create();
  });
  afterEach(() => world.close());

  describe("by an address of its own", () => {
    let proxy: EngineProxy;
    afterEach(() => proxy.stop());

    /** Points the world's docker client at the address, in one of the ways that there are. */
    const createContext = async (address: string) => {
      const create = ["context", "create", "elsewhere", "--docker", `host=${address}`];
      await runOrThrow("docker", create, { environment: world.environment({ DOCKER_HOST: undefined }) });
    };
    const ways: [what: string, socket: boolean, point: (address: string) => Promise<Variables>][] = [
      ["DOCKER_HOST, a socket", true, (address) => Promise.resolve({ DOCKER_HOST: address })],
      ["DOCKER_HOST, a port", false, (address) => Promise.resolve({ DOCKER_HOST: address })],
      [
        "DOCKER_CONTEXT",
        true,
        async (address) => {
          await createContext(address);
          return { DOCKER_HOST: undefined, DOCKER_CONTEXT: "elsewhere" };
        },
      ],
      [
        "the current context of Docker's config",
        false,
        async (address) => {
          await createContext(address);
          world.dockerConfig({ currentContext: "elsewhere" });
          return { DOCKER_HOST: undefined };
        },
      ],
    ];
    for (const [what, socket, point] of ways) {
      it(`${what}: delivers there`, async () => {
        const id = await world.runEnvironment(BUSYBOX_IMAGE);
        proxy = await startEngineProxy(await engineAddress(), socket ? join(world.runtime, "e.sock") : undefined);
        const variables = { ...(await point(proxy.address)), ...SECRET };
        const { code, stdout, stderr } = await world.cli(["sync", world.workspace], variables);
        assert.equal(code, 0, stdout + stderr);
        assert.ok(proxy.connections() > 2, "all of it went that way");
        assert.equal((await helperAnswer(id, HOST))?.Secret, "test-password-one");
      });
    }
  });

  describe("podman", () => {
    let podman: Podman;
    beforeEach(async () => {
      podman = await preparePodman(BUSYBOX_IMAGE);
    });
    afterEach(() => podman.stop());

    const start = async (...more: string[]) => {
      const label = ["--label", `devcontainer.local_folder=${world.workspace}`];
      const mount = ["--volume", `${world.workspace}:/workspaces/e2e`];
      return (await podman.run(["run", "--detach", ...label, ...mount, ...more, "sleep", "100000"])).trim();
    };
    const password = async (id: string) => {
      const get = ["exec", "--interactive", id, "docker-credential-registry-login", "get"];
      const said = await podman.run(get, HOST).catch(() => "{}");
      return (JSON.parse(said) as { Secret?: string }).Secret;
    };
    const loggedIn = (id: string) =>
      eventually("it is logged in", async () => (await password(id)) === "test-password-one" || undefined);

    const ways: [what: string, point: () => Promise<Variables>][] = [
      ["its socket, asked by docker's client", async () => ({ DOCKER_HOST: await podman.serve() })],
      ["itself in docker's stead", () => Promise.resolve({ ...podman.variables, DOCKER_HOST: undefined })],
    ];
    for (const [what, point] of ways) {
      it(`${what}: logs in what runs and what starts, and believes no image`, async () => {
        const variables = { ...(await point()), ...SECRET };
        const before = await start(BUSYBOX_IMAGE);
        const watching = world.start(["sync", world.workspace, "--watch"], variables);
        await watching.until(/✓ \S+: logged in/);
        assert.equal(await password(before), "test-password-one");

        await podman.run(["stop", "--time=0", before]);
        await podman.run(["start", before]);
        await loggedIn(before);
        const later = await start(BUSYBOX_IMAGE);
        await loggedIn(later);
        watching.kill("SIGINT");
        assert.equal((await watching.ended).code, 130);

        const dockerfile = `FROM ${BUSYBOX_IMAGE}\nLABEL devcontainer.local_folder=${world.workspace}\n`;
        const forged = world.write("Dockerfile", dockerfile);
        await podman.run(["build", "--quiet", "--tag", "forged", "--file", forged, world.runtime]);
        const liar = await start("forged");
        const { stdout } = await world.cli(["sync", world.workspace], variables);
        assert.match(stdout, /is not delivered to: only its image says that it belongs to this folder/);
        assert.equal(await password(liar), undefined);
        await world.quiet();
      });
    }
  });
});
