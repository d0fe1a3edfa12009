import assert from "node:assert/strict";
import { join } from "node:path";
import { BUSYBOX_IMAGE, ensureImages } from "../../scripts/testbed/images";
import { runOrThrow } from "../../scripts/testbed/run";
import { triplet } from "../../scripts/testbed/cli";
import { USER } from "./support/privateRegistry";
import { eventually } from "./support/processes";
import { inside, untilInside, World } from "./support/world";

const HOST = "registry.example:5000";
const SECRET = triplet(HOST, USER, "test-password-one");

/** Never ends, and says that it has begun. */
const HANGING = "#!/bin/busybox ash\ntouch /tmp/begun\nexec /bin/busybox sleep 100000\n";

describe("Delivery where something is wrong with a container", () => {
  let world: World;

  before(() => ensureImages(BUSYBOX_IMAGE));
  beforeEach(async () => {
    world = await World.create();
  });
  afterEach(() => world.close());

  /** An environment in which the program at `path` is one that never ends. */
  const hangingIn = async (path: string) => {
    const id = await world.runEnvironment(BUSYBOX_IMAGE);
    const write = [
      "sh",
      "-c",
      `mkdir -p /usr/local/bin && cat > /tmp/it && chmod 755 /tmp/it && mv -f /tmp/it ${path}`,
    ];
    await runOrThrow("docker", ["exec", "--interactive", id, "/bin/busybox", ...write], { input: HANGING });
    return id;
  };
  const nameOf = async (id: string) =>
    (await runOrThrow("docker", ["inspect", "--format", "{{.Name}}", id])).trim().slice(1);
  const begun = (id: string) =>
    eventually(
      "it has begun",
      async () => (await inside(id, ["/bin/busybox", "test", "-e", "/tmp/begun"])).code === 0 || undefined,
    );

  it("a hook or a shell that never ends costs its limit, and the others go on", async () => {
    const hook = await hangingIn("/usr/local/bin/registry-login");
    const shell = await hangingIn("/bin/sh");
    const fine = await world.runEnvironment(BUSYBOX_IMAGE);
    const running = world.start(["sync", world.workspace], SECRET);
    let isOver = false;
    void running.ended.then(() => (isOver = true));
    await Promise.all([begun(hook), begun(shell)]);
    await untilInside(fine, HOST, {});
    assert.equal(isOver, false, "the hanging ones are still waited for");
    const { code, stdout } = await running.ended;
    assert.equal(code, 1);
    for (const id of [hook, shell]) {
      assert.match(stdout, new RegExp(`^✗ ${await nameOf(id)}: .* within 20 seconds\\.`, "m"));
    }
    await world.quiet();
  });

  it("one that is removed half-way is no error", async () => {
    const id = await hangingIn("/usr/local/bin/registry-login");
    const name = await nameOf(id);
    const running = world.start(["sync", world.workspace], SECRET);
    await begun(id);
    await runOrThrow("docker", ["rm", "--force", id]);
    const { code, stdout } = await running.ended;
    assert.equal(code, 0, stdout);
    assert.match(stdout, new RegExp(`^– ${name}: stopped meanwhile`, "m"));
  });

  it("a start at which the engine does not answer for a moment is not missed", async () => {
    const docker = (await runOrThrow("sh", ["-c", "command -v docker"])).trim();
    const fault = join(world.folder, "fault");
    const said = "error during connect: read unix @->/var/run/docker.sock: i/o timeout";
    const variables = world.program(
      "docker",
      `#!/bin/sh
if [ "$1 $2" = "container inspect" ] && rm ${fault} 2>/dev/null; then echo "${said}" >&2; exit 1; fi
exec ${docker} "$@"
`,
    );
    const id = await world.runEnvironment(BUSYBOX_IMAGE);
    await runOrThrow("docker", ["stop", "--time", "0", id]);
    const watching = world.start(["sync", world.workspace, "--watch"], { ...SECRET, ...variables });
    await watching.until(/has no running environment/);
    world.write(fault, "");
    await runOrThrow("docker", ["start", id]);
    await watching.until(/Delivery after a start failed: .*i\/o timeout/);
    await watching.until(/✓ \S+: logged in/);
    await untilInside(id, HOST, {});
    watching.kill("SIGINT");
    assert.equal((await watching.ended).code, 130);
  });
});
