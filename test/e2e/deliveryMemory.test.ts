import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { triplet } from "../../scripts/testbed/cli";
import { ROOT } from "../../scripts/testbed/folders";
import { BUSYBOX_IMAGE, ensureImages } from "../../scripts/testbed/images";
import { runOrThrow } from "../../scripts/testbed/run";
import { USER } from "./support/privateRegistry";
import { helperAnswer, inside, World } from "./support/world";

const HOST = "registry.example:5000";
const TMPFS = "--tmpfs=/run/user/1000:uid=1000";
const REFUSED = /no private memory-backed folder.*--tmpfs=\/run\/user\/1000:uid=1000"/;

/** Where the answers lie in real containers: in memory that is the container's own and the user's own, or nowhere. */
describe("The memory that a delivery goes to", () => {
  let world: World;

  before(() => ensureImages(BUSYBOX_IMAGE));
  beforeEach(async () => {
    world = await World.create();
  });
  afterEach(() => world.close());

  const environment = (more: readonly string[], metadata: object = {}, image: string = BUSYBOX_IMAGE) =>
    world.runEnvironment(image, { remoteUser: "dev", containerUser: "dev", ...metadata }, more);
  /** Delivers; returns what went wrong, if anything did. */
  const sync = async (password: string): Promise<string | undefined> => {
    const { stdout } = await world.cli(["sync", world.workspace, "--json"], triplet(HOST, USER, password));
    const [delivery] = (JSON.parse(stdout) as { deliveries: { outcome: { kind: string; message?: string } }[] })
      .deliveries;
    return delivery?.outcome.kind === "delivered" ? undefined : (delivery?.outcome.message ?? stdout);
  };
  const directory = async (id: string) => {
    const { stdout } = await inside(id, ["registry-login", "status", "--json"], "dev");
    return String((JSON.parse(stdout) as { directory: string | null }).directory);
  };
  const password = async (id: string) => (await helperAnswer(id, HOST, "dev"))?.Secret;
  const listing = async (id: string, folder: string) => (await inside(id, ["ls", "-A", folder], "root")).stdout;

  const places: [options: string[], place: RegExp | undefined][] = [
    [["--ipc=private"], /^\/dev\/shm\/registry-login\.[0-9a-f-]{36}$/],
    [["--ipc=shareable"], /^\/dev\/shm\/registry-login\./],
    [["--ipc=none"], undefined],
    [["--ipc=none", TMPFS], /^\/run\/user\/1000\/registry-login\./],
    [["--ipc=host", TMPFS], /^\/run\/user\/1000\/registry-login\./],
    [
      ["--ipc=none", "--mount=type=tmpfs,destination=/run/user/1000,tmpfs-mode=1777"],
      /^\/run\/user\/1000\/registry-login\./,
    ],
    [["--volume=/dev/shm:/dev/shm"], undefined],
    [["--volume=/dev/shm:/dev/shm", TMPFS], /^\/run\/user\/1000\/registry-login\./],
    // The host's memory in the place where the user's own is looked for.
    [["--ipc=host", "--volume=/dev/shm:/run/user/1000"], undefined],
  ];
  for (const [options, place] of places) {
    it(`${options.join(" ")}: ${place === undefined ? "none, and nothing is delivered" : place.source}`, async () => {
      const id = await environment(options);
      const problem = await sync("test-password-one");
      if (place === undefined) {
        assert.match(problem ?? "", REFUSED);
        assert.equal(await password(id), undefined);
        return;
      }
      assert.equal(problem, undefined);
      const folder = await directory(id);
      assert.match(folder, place);
      assert.equal(await password(id), "test-password-one");
      const mode = await runOrThrow("docker", ["exec", id, "stat", "-c", "%a %U", folder]);
      assert.equal(mode.trim(), "700 dev");
      await runOrThrow("docker", ["restart", "--time", "0", id]);
      assert.deepEqual([await password(id), await listing(id, folder)], [undefined, ""], "gone with the stop");
    });
  }

  for (const [more, what] of [
    [[], "the answers are taken out of it, and the refusal says why"],
    [[TMPFS], "the answers move to memory of its own"],
  ] as const) {
    it(`--ipc=shareable ${more.join(" ")}, then joined by another container: ${what}`, async () => {
      const id = await environment(["--ipc=shareable", ...more]);
      assert.equal(await sync("test-password-one"), undefined);
      const other = await world.runContainer([`--ipc=container:${id}`, BUSYBOX_IMAGE, "sleep", "100000"]);
      assert.match(await listing(other, "/dev/shm"), /^registry-login\./);
      const problem = await sync("test-password-two");
      assert.equal(await listing(other, "/dev/shm"), "");
      if (more.length === 0) assert.match(problem ?? "", REFUSED);
      else assert.equal(problem, undefined);
      assert.equal(await password(id), more.length === 0 ? undefined : "test-password-two");
    });
  }

  const squatted: [what: string, command: string][] = [
    ["a folder of another user", "mkdir -m 777 $F && chown nobody $F"],
    [
      "a symbolic link to a folder on disk",
      "mkdir /home/dev/disk && chown dev /home/dev/disk && ln -s /home/dev/disk $F && chown -h dev $F",
    ],
    ["a symbolic link of another user", "mkdir -m 777 /tmp/theirs && ln -s /tmp/theirs $F && chown -h nobody $F"],
    ["a file", "true >$F && chown dev $F"],
  ];
  for (const [what, command] of squatted) {
    it(`${what} in the place of the folder after a restart is not used`, async () => {
      const id = await environment([]);
      assert.equal(await sync("test-password-one"), undefined);
      const folder = await directory(id);
      await runOrThrow("docker", ["restart", "--time", "0", id]);
      await runOrThrow("docker", ["exec", id, "sh", "-ec", command.replaceAll("$F", folder)]);
      assert.equal(await password(id), undefined);
      assert.equal(await sync("test-password-two"), undefined);
      assert.notEqual(await directory(id), folder);
      assert.equal(await password(id), "test-password-two");
      const found = await inside(id, ["sh", "-c", `grep -rl test-password ${folder}/ /home/dev /tmp`], "root");
      assert.equal(found.stdout, "");
    });
  }

  it("--read-only: the refusal names a DOCKER_CONFIG that would help, and it does", async () => {
    const folder = join(ROOT, "devcontainer-feature/src/registry-login");
    const files = Object.fromEntries(readdirSync(folder).map((name) => [name, join(folder, name)]));
    const image = await world.buildImage(
      `FROM ${BUSYBOX_IMAGE}\nCOPY . /tmp/hook\nRUN sh /tmp/hook/install.sh\n`,
      files,
    );
    const id = await environment(["--read-only"], {}, image);
    const help = /"remoteEnv": \{"DOCKER_CONFIG": "([^"]+)"\}/.exec((await sync("test-password-one")) ?? "")?.[1];
    assert.equal(await password(id), undefined);
    await runOrThrow("docker", ["rm", "--force", id]);
    const helped = await environment(["--read-only"], { remoteEnv: { DOCKER_CONFIG: help } }, image);
    assert.equal(await sync("test-password-one"), undefined);
    const command = `echo ${HOST} | DOCKER_CONFIG=${help} docker-credential-registry-login get`;
    assert.match((await inside(helped, ["sh", "-c", command], "dev")).stdout, /test-password-one/);
  });
});
