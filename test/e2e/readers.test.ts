import assert from "node:assert/strict";
import { BUSYBOX_IMAGE, DEBIAN_IMAGE, ensureImages } from "../../scripts/testbed/images";
import { run, runOrThrow } from "../../scripts/testbed/run";
import { openRegistry, PASSWORD, USER, type PrivateRegistry } from "./support/privateRegistry";
import { helperAnswer, World } from "./support/world";

const OTHER_USER = { name: "bob", password: "test-password-of-bob" };
/** Storage that needs no file system of its own kind. */
const PLAIN = "--storage-driver=vfs";
const FROM = `echo "FROM $IMAGE" |`;
const SERVICE = `echo "services: {one: {image: $IMAGE}}" | docker-compose --project-name $NAME --file -`;
const BUILT_SERVICE = `mkdir -p /tmp/$NAME && echo "FROM $IMAGE" > /tmp/$NAME/Dockerfile &&
  echo "services: {one: {image: $IMAGE-built, build: /tmp/$NAME}}" | docker-compose --project-name $NAME --file -`;

/** By the image's name, which is each one's own: what a reader has pulled, no other finds already there. */
const READERS: Readonly<Record<string, string>> = {
  "docker-pull": "docker pull --quiet $IMAGE",
  "docker-build-classic": `${FROM} DOCKER_BUILDKIT=0 docker build --tag $IMAGE-built -`,
  "docker-build-buildkit": `${FROM} DOCKER_BUILDKIT=1 docker build --tag $IMAGE-built -`,
  "compose-pull": `${SERVICE} pull`,
  "compose-build-classic": `export DOCKER_BUILDKIT=0; ${BUILT_SERVICE} build`,
  "compose-build-buildkit": `export DOCKER_BUILDKIT=1; ${BUILT_SERVICE} build`,
  "podman-pull": `podman ${PLAIN} pull --tls-verify=false $IMAGE`,
  "podman-build": `${FROM} podman ${PLAIN} build --tls-verify=false --file -`,
  "buildah-from": `buildah ${PLAIN} from --tls-verify=false $IMAGE`,
  "buildah-build": `${FROM} buildah ${PLAIN} build --tls-verify=false --file -`,
  "skopeo-inspect": "skopeo inspect --tls-verify=false --raw docker://$IMAGE",
  "skopeo-copy": "skopeo copy --src-tls-verify=false docker://$IMAGE dir:/tmp/$NAME",
};

/**
 * The clients that people and their tools pull with, as real programs inside containers: the Debian image with this
 * machine's own /usr, so that nothing has to be packed.
 */
describe("Readers of the login inside, with no editor attached", () => {
  let registry: PrivateRegistry;
  let world: World;
  let loggedIn: string;
  let stranger: string;

  before(async () => {
    await ensureImages(BUSYBOX_IMAGE, DEBIAN_IMAGE);
    const images = Object.fromEntries([...Object.keys(READERS), "by-hand"].map((name) => [name, BUSYBOX_IMAGE]));
    registry = await openRegistry(images, {
      auth: "htpasswd",
      users: [{ name: USER, password: PASSWORD }, OTHER_USER],
    });
    world = await World.create();
    loggedIn = await world.runEnvironment(DEBIAN_IMAGE, {}, WITH_CLIENTS);
    stranger = await world.runContainer([...WITH_CLIENTS, DEBIAN_IMAGE, "sleep", "100000"]);
    await sync(PASSWORD);
  });
  after(async () => {
    await world.close();
    await registry.stop();
  });

  const sync = async (password: string) => {
    const { code, stdout, stderr } = await world.cli(["sync", world.workspace], registry.variables(password));
    assert.equal(code, 0, stdout + stderr);
  };
  const read = async (container: string, name: string, script: string) => {
    const image = registry.image(name);
    const variables = ["--env", `IMAGE=${image}`, "--env", `NAME=${name}`];
    const { code, stdout, stderr } = await run("docker", ["exec", ...variables, container, "/bin/sh", "-c", script]);
    return { code, said: stdout + stderr };
  };

  for (const [name, script] of Object.entries(READERS)) {
    it(`${name} is refused without the login, and works with it`, async () => {
      const without = await read(stranger, name, script);
      assert.notEqual(without.code, 0, without.said);
      assert.match(without.said, /unauthorized|no basic auth|authorization failed|authentication required/i);
      const { code, said } = await read(loggedIn, name, script);
      assert.equal(code, 0, said);
    });
  }

  it("a credsStore whose helper is gone, as VS Code leaves it, stops only who asks every store", async () => {
    const attached = await world.runEnvironment(DEBIAN_IMAGE, {}, WITH_CLIENTS);
    const exec = ["exec", "--interactive", attached, "/bin/sh", "-c"];
    await sync(PASSWORD);
    const config = JSON.parse(await runOrThrow("docker", [...exec, "cat ~/.docker/config.json"])) as object;
    const written = JSON.stringify({ ...config, credsStore: "dev-containers-gone" });
    await runOrThrow("docker", [...exec, "cat > ~/.docker/config.json"], { input: written });

    const stopped: string[] = [];
    for (const [name, script] of Object.entries(READERS)) {
      await run("docker", ["rmi", "--force", registry.image(name), `${registry.image(name)}-built`]);
      const { code } = await read(attached, name, script);
      if (code !== 0) stopped.push(name);
    }
    assert.deepEqual(stopped, ["docker-build-classic", "compose-build-classic"]);
    await runOrThrow("docker", [...exec, "registry-login repair"]);
    for (const name of stopped) {
      const { code, said } = await read(attached, name, READERS[name] ?? "");
      assert.equal(code, 0, said);
    }
  });

  it("docker login and logout by hand hold until the secret changes", async () => {
    const pull = async () => {
      await run("docker", ["rmi", "--force", registry.image("by-hand")]);
      return await read(loggedIn, "by-hand", "docker pull --quiet $IMAGE");
    };
    const login = ["login", "--username", OTHER_USER.name, "--password-stdin", registry.address];
    await runOrThrow("docker", ["exec", "-i", loggedIn, "docker", ...login], { input: OTHER_USER.password });
    await registry.setPassword(USER, "test-password-two");
    assert.equal((await helperAnswer(loggedIn, registry.address))?.Username, OTHER_USER.name);
    assert.equal((await pull()).code, 0, "the delivered password is wrong by now, the other user's is not");
    await sync(PASSWORD);
    assert.equal((await pull()).code, 0, "the same secret again is no change");

    await runOrThrow("docker", ["exec", loggedIn, "docker", "logout", registry.address]);
    assert.match((await pull()).said, /no basic auth|unauthorized/);

    await sync("test-password-two");
    assert.equal((await helperAnswer(loggedIn, registry.address))?.Username, USER);
    assert.equal((await pull()).code, 0);
  });
});

/** The client programs in a container: Docker's by the engine's socket; podman and buildah work by themselves. */
const WITH_CLIENTS = [
  ...[
    "--network=host",
    "--cap-add=SYS_ADMIN",
    "--security-opt=seccomp=unconfined",
    "--security-opt=apparmor=unconfined",
  ],
  ...["--volume=/usr:/usr:ro", "--volume=/usr/local", "--volume=/etc/containers:/etc/containers:ro"],
  ...["--volume=/var/lib/containers", "--volume=/var/run/docker.sock:/var/run/docker.sock"],
];
