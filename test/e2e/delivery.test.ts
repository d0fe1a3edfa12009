import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { chown } from "node:fs/promises";
import { join } from "node:path";
import { BUSYBOX_IMAGE, DEBIAN_IMAGE, ensureImages, SKOPEO_IMAGE } from "../../scripts/testbed/images";
import { run, runOrThrow } from "../../scripts/testbed/run";
import { triplet } from "../../scripts/testbed/cli";
import { devcontainer } from "./support/devcontainerCli";
import { openRegistry, PASSWORD, USER, type PrivateRegistry } from "./support/privateRegistry";
import { eventually } from "./support/processes";
import { helperAnswer, inside, untilInside, World } from "./support/world";

const HOST = "registry.example:5000";
const OTHER = "other.example";

describe("Delivery to running environments", () => {
  let world: World;

  before(() => ensureImages(BUSYBOX_IMAGE, DEBIAN_IMAGE, SKOPEO_IMAGE));
  beforeEach(async () => {
    world = await World.create();
  });
  afterEach(() => world.close());

  const secret = (password: string) => triplet(HOST, USER, password);
  const label = () => ["--label", `devcontainer.local_folder=${world.workspace}`];
  const mount = () => ["--volume", `${world.workspace}:/workspaces/e2e`];
  const environment = (image: string, metadata?: object, more?: readonly string[]) =>
    world.runEnvironment(image, metadata, more);
  const sync = async (variables: Record<string, string>, ...args: string[]) => {
    const result = await world.cli(["sync", world.workspace, ...args], variables);
    assert.doesNotMatch(result.stdout + result.stderr, /^ +at /m);
    return result;
  };
  const synced = async (variables: Record<string, string>, ...args: string[]) => {
    const result = await sync(variables, ...args);
    assert.equal(result.code, 0, result.stdout + result.stderr);
    return result.stdout;
  };

  for (const image of [BUSYBOX_IMAGE, DEBIAN_IMAGE]) {
    for (const user of ["root", "dev"]) {
      it(`${image} as ${user}: logs in, rotates, and is as before when the secret has gone`, async () => {
        const id = await environment(image, { remoteUser: user, containerUser: user });
        const home = user === "root" ? "/root" : "/home/dev";

        assert.match(await synced(secret("test-password-one")), new RegExp(`^✓ \\S+: logged in to ${HOST}$`, "m"));
        const answer = { ServerURL: HOST, Username: USER, Secret: "test-password-one" };
        assert.deepEqual(await helperAnswer(id, HOST, user), answer);
        const config = (await inside(id, ["cat", `${home}/.docker/config.json`])).stdout;
        assert.deepEqual(JSON.parse(config), { credHelpers: { [HOST]: "registry-login" } });
        assert.equal((await inside(id, ["stat", "-c", "%U", `${home}/.docker/config.json`])).stdout.trim(), user);

        await synced(secret("test-password-two"));
        assert.equal((await helperAnswer(id, HOST, user))?.Secret, "test-password-two");

        assert.match(await synced({}, "--log-out-all"), /logged out of everything/);
        assert.equal(await helperAnswer(id, HOST, user), undefined);
        assert.notEqual((await inside(id, ["ls", `${home}/.docker`])).code, 0);
      });
    }
  }

  it("reaches remoteUser and containerUser where they differ", async () => {
    const metadata = { remoteUser: "dev", containerUser: "root" };
    const id = await environment(BUSYBOX_IMAGE, metadata);
    await synced(secret(PASSWORD));
    for (const user of ["dev", "root"]) assert.equal((await helperAnswer(id, HOST, user))?.Secret, PASSWORD);
  });

  it("uses the DOCKER_CONFIG of the configuration's remoteEnv", async () => {
    const id = await environment(BUSYBOX_IMAGE, { remoteUser: "dev", remoteEnv: { DOCKER_CONFIG: "/tmp/config" } });
    await synced(secret(PASSWORD));
    assert.match((await inside(id, ["cat", "/tmp/config/config.json"])).stdout, /registry-login/);
  });

  it("takes a deleted secret away and leaves the others and the person's own entries", async () => {
    const id = await environment(BUSYBOX_IMAGE, { remoteUser: "dev" });
    const own = '{\n    "auths": {"own.example": {"auth": "dTpw"}},\n    "psFormat": "x"\n}\n';
    const write = "mkdir -p ~/.docker && cat > ~/.docker/config.json";
    await runOrThrow("docker", ["exec", "-i", "-u", "dev", "-e", "HOME=/home/dev", id, "sh", "-c", write], {
      input: own,
    });
    const config = async () => (await inside(id, ["cat", "/home/dev/.docker/config.json"])).stdout;

    await synced({ ...secret(PASSWORD), ...triplet(OTHER, USER, "test-other-password", "OTHER") });
    assert.equal((await helperAnswer(id, OTHER, "dev"))?.Secret, "test-other-password");
    await synced(secret(PASSWORD));
    assert.equal(await helperAnswer(id, OTHER, "dev"), undefined);
    assert.equal((await helperAnswer(id, HOST, "dev"))?.Secret, PASSWORD);
    assert.deepEqual(JSON.parse(await config()), {
      ...(JSON.parse(own) as object),
      credHelpers: { [HOST]: "registry-login" },
    });
    await synced({}, "--log-out-all");
    assert.equal(await config(), own);
  });

  it("without any secret changes nothing, and says how to log out", async () => {
    const id = await environment(BUSYBOX_IMAGE);
    await synced(secret(PASSWORD));
    const { code, stderr } = await sync({});
    assert.equal(code, 2);
    assert.match(stderr, /No registry secret is given.*--log-out-all/);
    assert.equal((await helperAnswer(id, HOST))?.Secret, PASSWORD);
  });

  it("--watch delivers when the container starts and when the secrets file changes", async () => {
    const id = await environment(BUSYBOX_IMAGE, { remoteUser: "dev" });
    const restart = () => runOrThrow("docker", ["restart", "--time", "0", id]);
    // not by counting deliveries: the engine's events of the last second are told again, and one more does no harm
    const secondIsInside = () => untilInside(id, HOST, { Secret: "test-password-two" }, { user: "dev" });
    await synced(secret(PASSWORD));
    await restart();
    assert.equal(await helperAnswer(id, HOST, "dev"), undefined, "memory is empty after a restart");

    const file = world.write("secrets.json", secret("test-password-one"));
    const watching = world.start(["sync", world.workspace, "--watch", "--secrets-file", file]);
    await watching.until(/✓ \S+: logged in/);
    assert.equal((await helperAnswer(id, HOST, "dev"))?.Secret, "test-password-one");

    world.write(file, secret("test-password-two"));
    await secondIsInside();

    await restart();
    await secondIsInside();

    world.write(file, "{ this is not JSON");
    await watching.until(/The secrets file \S+ cannot be used/);
    assert.equal((await helperAnswer(id, HOST, "dev"))?.Secret, "test-password-two", "the last delivered set stays");

    watching.kill("SIGINT");
    assert.equal((await watching.ended).code, 130);
    await world.quiet();
  });

  it("reaches a container that devcontainer up made itself", async () => {
    await world.devcontainer({ image: BUSYBOX_IMAGE, remoteUser: "dev", updateRemoteUserUID: false });
    const up = await devcontainer(["up", "--workspace-folder", world.workspace], world.environment());
    assert.equal(up.code, 0, up.stderr);
    assert.match(await synced(secret(PASSWORD)), /logged in to/);
    assert.equal((await helperAnswer(await world.container(), HOST, "dev"))?.Secret, PASSWORD);
  });

  describe("as devcontainer.json is written", () => {
    const WHO = { E2E_WHO: "dev" };
    const config = { image: BUSYBOX_IMAGE, updateRemoteUserUID: false };
    /** What `devcontainer exec` gives, as a person would run it who does not know of us. */
    const exec = async (script: string, variables: Record<string, string> = {}) => {
      const args = ["exec", "--workspace-folder", world.workspace, "sh", "-c", script];
      return await devcontainer(args, world.environment(variables));
    };
    const GET = `echo ${HOST} | docker-credential-registry-login get`;

    it("logs the remoteUser in that a variable of this machine names", async () => {
      await world.devcontainer({ ...config, remoteUser: "${localEnv:E2E_WHO}" });
      const up = await world.cli(["up", world.workspace], { ...secret("test-password-one"), ...WHO });
      assert.equal(up.code, 0, up.stderr);
      assert.match(up.stderr, /✓ \S+: logged in to/);
      const id = await world.container();
      assert.equal((await helperAnswer(id, HOST, "dev"))?.Secret, "test-password-one");
      assert.match(await synced({ ...secret("test-password-two"), ...WHO }), /^✓ \S+: logged in to \S+$/m);
      assert.equal((await helperAnswer(id, HOST, "dev"))?.Secret, "test-password-two");
      assert.match((await exec(`id -un; ${GET}`, WHO)).stdout, /^dev\s.*test-password-two/s);
      // the tools take it for empty, and so for the container's own user
      const said = await synced(secret(PASSWORD));
      assert.match(said, /^! \S+: remoteUser is "\$\{localEnv:E2E_WHO\}", and E2E_WHO has no value here: root is /m);
    });

    it("logs it in where devcontainer up made the container itself", async () => {
      await world.devcontainer({ ...config, remoteUser: "${localEnv:E2E_WHO}" });
      const up = await devcontainer(["up", "--workspace-folder", world.workspace], world.environment(WHO));
      assert.equal(up.code, 0, up.stderr);
      await synced({ ...secret(PASSWORD), ...WHO });
      assert.equal((await helperAnswer(await world.container(), HOST, "dev"))?.Secret, PASSWORD);
    });

    for (const written of ["${containerWorkspaceFolder}/.dc", "${localEnv:E2E_NOPE:/tmp}/dcx"]) {
      it(`keeps the logins where devcontainer exec looks for them: ${written}`, async () => {
        await world.devcontainer({ ...config, remoteEnv: { DOCKER_CONFIG: written, XDG_STATE_HOME: "/tmp/state" } });
        const up = await world.cli(["up", world.workspace], secret(PASSWORD));
        assert.equal(up.code, 0, up.stderr);
        const { stdout } = await exec(`cat "$DOCKER_CONFIG/config.json"; ls "$XDG_STATE_HOME"; ${GET}`);
        assert.match(stdout, new RegExp(`"${HOST}": "registry-login".*^registry-login\\b.*${PASSWORD}`, "ms"));
      });
    }

    it("says so where nobody knows where devcontainer exec looks", async () => {
      await environment(BUSYBOX_IMAGE, { remoteUser: "dev", remoteEnv: { DOCKER_CONFIG: "/tmp/${nobody}" } });
      const { code, stdout } = await sync(secret(PASSWORD));
      assert.equal(code, 1);
      assert.match(stdout, /^✗ \S+: remoteEnv\.DOCKER_CONFIG is "\/tmp\/\$\{nobody\}", and what nobody stands for/m);
    });
  });

  it("says in the engine's words that there is no such user", async () => {
    const id = await environment(BUSYBOX_IMAGE, { remoteUser: "e2e-nobody" });
    const { code, stdout } = await sync(secret(PASSWORD));
    assert.equal(code, 1);
    assert.match(stdout, /^✗ \S+: \S+ has no user e2e-nobody: unable to find user e2e-nobody: .*remoteUser/m);
    assert.match(stdout, /^– \S+: only root is logged in$/m);
    assert.equal((await helperAnswer(id, HOST))?.Secret, PASSWORD);
  });

  it("logs the remoteUser in where the container's own user cannot be, and says both", async () => {
    const id = await environment(BUSYBOX_IMAGE, { remoteUser: "dev", containerUser: "1234" });
    const said = await synced(secret(PASSWORD));
    assert.match(said, /^✓ \S+: logged in to \S+\n! \S+: 1234 is not logged in: /m);
    assert.equal((await helperAnswer(id, HOST, "dev"))?.Secret, PASSWORD);
  });

  it("in a Compose project reaches the service, and says which others it leaves alone", async () => {
    const service = { image: BUSYBOX_IMAGE, command: ["sleep", "100000"] };
    const services = { app: { ...service, volumes: [".:/workspaces/e2e"] }, db: service, cache: service };
    const file = world.write(join(world.workspace, "compose.yaml"), { services });
    const config = { dockerComposeFile: "../compose.yaml", service: "app", remoteUser: "dev" };
    await world.devcontainer({ ...config, updateRemoteUserUID: false });
    const up = await world.cli(["up", world.workspace], secret(PASSWORD));
    assert.equal(up.code, 0, up.stderr);
    const id = await world.container();
    const format = '{{index .Config.Labels "com.docker.compose.project"}}';
    const project = (await runOrThrow("docker", ["inspect", "--format", format, id])).trim();
    try {
      assert.equal((await helperAnswer(id, HOST, "dev"))?.Secret, PASSWORD);
      const said = await synced(secret("test-password-two"));
      assert.match(said, /^– \S+: nothing is delivered to the other services of its Compose project: cache, db$/m);
      assert.equal((await helperAnswer(id, HOST, "dev"))?.Secret, "test-password-two");
      const filter = ["--filter", `label=com.docker.compose.project=${project}`];
      const all = (await runOrThrow("docker", ["ps", "--no-trunc", "--quiet", ...filter])).trim().split("\n");
      assert.equal(all.length, 3);
      for (const other of all.filter((one) => one !== id)) {
        assert.equal((await inside(other, ["test", "-e", "/usr/local/bin/registry-login"])).code, 1);
      }
    } finally {
      const down = ["--project-name", project, "--file", file, "down", "--timeout", "0"];
      await runOrThrow("docker-compose", down, { environment: world.environment() });
    }
  });

  it("gives nothing to a container that is the folder's only by the word of its image", async () => {
    const image = await world.buildImage(`FROM ${BUSYBOX_IMAGE}\nLABEL devcontainer.local_folder=${world.workspace}\n`);
    const id = await world.runContainer([...mount(), image, "sleep", "100000"]);
    const said = await synced(secret(PASSWORD));
    assert.match(said, /is not delivered to: only its image says that it belongs to this folder/);
    assert.equal((await inside(id, ["test", "-e", "/usr/local/bin/registry-login"])).code, 1);
  });

  it("gives nothing to a container with the folder's label that does not mount it", async () => {
    const id = await world.runContainer([...label(), BUSYBOX_IMAGE, "sleep", "100000"]);
    const said = await synced(secret(PASSWORD));
    assert.match(said, /it says that it belongs to this folder, but does not mount it/);
    assert.equal((await inside(id, ["test", "-e", "/usr/local/bin/registry-login"])).code, 1);
  });

  it("delivers to such a container once the person has confirmed it by name, and remembers that", async () => {
    const id = await world.runContainer([...label(), BUSYBOX_IMAGE, "sleep", "100000"]);
    const name = (await runOrThrow("docker", ["inspect", "--format", "{{.Name}}", id])).trim().replace("/", "");
    const wrong = await world.cli(["sync", "--confirm", "no-such-one", world.workspace], secret(PASSWORD));
    assert.equal(wrong.code, 2);
    assert.match(wrong.stderr, new RegExp(`is called "no-such-one"\\. There are: ${name}\\.`));
    const confirmed = await world.cli(["sync", "--confirm", name, world.workspace], secret(PASSWORD));
    assert.equal(confirmed.code, 0, confirmed.stderr);
    assert.equal((await helperAnswer(id, HOST, "root"))?.Secret, PASSWORD);
    await synced(secret("test-password-two"));
    assert.equal((await helperAnswer(id, HOST, "root"))?.Secret, "test-password-two");
  });

  const others: [what: string, prepare: (other: World) => Promise<unknown>][] = [
    [
      "another clone of the same repository",
      async (other) => {
        for (const { workspace } of [world, other]) {
          const origin = ["remote", "add", "origin", "https://git.example/acme/app.git"];
          await runOrThrow("git", ["-C", workspace, ...origin]);
        }
      },
    ],
    ["another user's folder", (other) => chown(other.workspace, 1000, 1000)],
  ];
  for (const [what, prepare] of others) {
    it(`gives nothing to the container of ${what}`, async () => {
      const other = await World.create();
      try {
        await prepare(other);
        const id = await other.runEnvironment(BUSYBOX_IMAGE);
        assert.match(await synced(secret(PASSWORD)), /has no running environment/);
        assert.equal((await inside(id, ["test", "-e", "/usr/local/bin/registry-login"])).code, 1);
      } finally {
        await other.close();
      }
    });
  }

  it("says of a stopped container only that nothing runs", async () => {
    const id = await environment(BUSYBOX_IMAGE);
    await runOrThrow("docker", ["stop", "--time", "0", id]);
    assert.match(await synced(secret(PASSWORD)), /has no running environment/);
  });

  it("says of an image without a shell that nothing in it could log in, which is no error", async () => {
    const dockerfile = 'FROM scratch\nCOPY busybox /busybox\nCMD ["/busybox", "sleep", "100000"]\n';
    const image = await world.buildImage(dockerfile, { busybox: "/bin/busybox" });
    await world.runContainer([...label(), ...mount(), image]);
    assert.match(await synced(secret(PASSWORD)), /– \S+: the image has no shell, so nothing in it could log in/);
  });

  it("gives nothing to a container that shares its memory with the host, and says what would help", async () => {
    const id = await environment(BUSYBOX_IMAGE, { remoteUser: "dev" }, ["--ipc=host"]);
    const { code, stdout } = await sync(secret(PASSWORD), "--json");
    assert.equal(code, 1);
    const [delivery] = (JSON.parse(stdout) as { deliveries: { containerId: string; outcome: unknown }[] }).deliveries;
    const { kind, code: failure, message, facts } = delivery?.outcome as Record<string, string> & { facts: object };
    assert.equal(delivery?.containerId, id);
    assert.deepEqual({ kind, failure }, { kind: "failed", failure: "delivery-failed" });
    assert.match(message ?? "", /no private memory-backed folder.*--tmpfs=\/run\/user\/\d+:uid=\d+/);
    assert.equal((facts as { reason?: string }).reason, "no-private-memory");
    assert.equal(await helperAnswer(id, HOST, "dev"), undefined);
  });

  it("leaves a Docker config alone that is the host's, and says what would help", async () => {
    const own = { auths: { "own.example": { auth: "dTpw" } } };
    const file = world.write("hosts/config.json", own);
    for (const path of [join(world.folder, "hosts"), file]) await chown(path, 1000, 1000);
    const mounted = ["--volume", `${join(world.folder, "hosts")}:/home/dev/.docker`];
    const id = await environment(BUSYBOX_IMAGE, { remoteUser: "dev", containerUser: "dev" }, mounted);
    const { code, stdout } = await sync(secret(PASSWORD));
    assert.equal(code, 1);
    const [, help] =
      /config\.json was left alone, because it is the host's: \/home\/dev\/\.docker is mounted.*"remoteEnv": (\{[^}]+\})/.exec(
        stdout,
      ) ?? [];
    assert.ok(help !== undefined, stdout);
    assert.deepEqual(JSON.parse(readFileSync(file, "utf8")), own);
    await runOrThrow("docker", ["rm", "--force", id]);

    const remoteEnv = JSON.parse(help) as Record<string, string>;
    const helped = await environment(BUSYBOX_IMAGE, { remoteUser: "dev", containerUser: "dev", remoteEnv }, mounted);
    await synced(secret(PASSWORD));
    assert.equal((await helperAnswer(helped, HOST, "dev"))?.Secret, PASSWORD);
    assert.match(
      (await inside(helped, ["cat", `${String(remoteEnv["DOCKER_CONFIG"])}/config.json`])).stdout,
      /registry-login/,
    );
    assert.deepEqual(JSON.parse(readFileSync(file, "utf8")), own);
  });

  describe("with a registry and a client inside", () => {
    let registry: PrivateRegistry;

    before(async () => {
      const users = [{ name: USER, password: PASSWORD }];
      registry = await openRegistry({ base: BUSYBOX_IMAGE }, { auth: "htpasswd", users });
    });
    after(() => registry.stop());

    it("a rotation reaches a real client of a user who is not root", async () => {
      const id = await environment(SKOPEO_IMAGE, { remoteUser: "dev" }, ["--network=host"]);
      const reference = `docker://${registry.image("base")}`;
      const ask = async () => {
        const skopeo = ["skopeo", "inspect", "--tls-verify=false", "--raw", reference];
        const { code, stderr } = await run("docker", ["exec", "-u", "dev", "-e", "HOME=/home/dev", id, ...skopeo]);
        return { code, stderr };
      };
      assert.notEqual((await ask()).code, 0, "private");
      await synced(registry.variables());
      assert.deepEqual(await ask(), { code: 0, stderr: "" });
      await registry.setPassword(USER, "test-password-rotated");
      await eventually("the old password is refused", async () => (await ask()).code !== 0 || undefined);
      await synced(registry.variables("test-password-rotated"));
      assert.deepEqual(await ask(), { code: 0, stderr: "" });
      await registry.setPassword(USER, PASSWORD);
    });
  });
});
