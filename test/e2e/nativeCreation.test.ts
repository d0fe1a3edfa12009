import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { triplet } from "../../scripts/testbed/cli";
import { AWS_KEYS, awsError, HOSTS, type Clouds } from "../../scripts/testbed/clouds";
import { BUSYBOX_IMAGE, ensureImages, pushImage } from "../../scripts/testbed/images";
import { startRegistry, type Registry } from "../../scripts/testbed/registry";
import { run } from "../../scripts/testbed/run";
import { startSecondEngine, type SecondEngine } from "../../scripts/testbed/secondEngine";
import { AWS_BY_VARIABLES, googleKeyFile, startCloudMachine, type CloudMachine } from "./support/cloudMachine";
import { eventually } from "./support/processes";
import { filesBelow, helperAnswer, inside, World, type Variables } from "./support/world";

/**
 * The clouds' real libraries get a token from stand-ins; a real engine pulls with it, under the real name of the registry,
 * from a real registry that takes this token and no other. The engine is one of its own, since it must be told of the proxy.
 */
describe("Creating an environment by this machine's identity at a cloud", () => {
  const registries = new Map<string, { readonly registry: Registry; readonly user: string }>();
  const ownEngine = process.env["DOCKER_HOST"];
  let machine: CloudMachine;
  let clouds: Clouds;
  let engine: SecondEngine | undefined;
  let world: World;

  before(async function () {
    if (process.getuid?.() !== 0) {
      assert.ok(process.env["CI"] !== "true", "a second engine wants root, and CI skips nothing");
      return this.skip();
    }
    await ensureImages(BUSYBOX_IMAGE);
    machine = await startCloudMachine((host) => registries.get(host)?.registry.port);
    ({ clouds } = machine);
    for (const [host, user] of [
      [HOSTS.ecr, "AWS"],
      [HOSTS.gar, "oauth2accesstoken"],
    ] as const) {
      const credential = { username: user, password: "of-the-push" };
      const users = [{ name: user, password: credential.password }];
      const registry = await startRegistry({ auth: "htpasswd", users, tls: { certificate: machine.certificate } });
      await pushImage(BUSYBOX_IMAGE, `${registry.address}/acme/app:1`, credential);
      registries.set(host, { registry, user });
    }
    clouds.onToken = async (host, token) => {
      const { registry, user = "" } = registries.get(host) ?? {};
      await registry?.setPassword(user, token);
    };
    engine = await startSecondEngine(machine.wayOut);
    process.env["DOCKER_HOST"] = engine.address;
  });
  after(async () => {
    if (ownEngine === undefined) delete process.env["DOCKER_HOST"];
    else process.env["DOCKER_HOST"] = ownEngine;
    await engine?.stop();
    for (const { registry } of registries.values()) await registry.stop();
    await (machine as CloudMachine | undefined)?.stop();
  });
  beforeEach(async () => {
    machine.reset();
    world = await World.create();
  });
  afterEach(async () => {
    await world.close();
    // the next pull is a real one
    await run("docker", ["rmi", "--force", ...[...registries.keys()].map((host) => `${host}/acme/app:1`)]);
  });

  const variables = (secret: Variables, identity: Variables): Variables => ({
    ...machine.variables(world.home),
    ...secret,
    ...identity,
  });
  const native = (host: string) => triplet(host, "runner-native", "runner-native");
  const up = async (host: string, identity: Variables, secret = native(host), ...options: string[]) => {
    await world.devcontainer({
      image: `${host}/acme/app:1`,
      remoteUser: "root",
      postCreateCommand: "registry-login status > /tmp/status.txt",
    });
    return await world.cli(["up", world.workspace, ...options], variables(secret, identity));
  };
  const keys = AWS_BY_VARIABLES;
  const keyFile = (): Variables => ({
    GOOGLE_APPLICATION_CREDENTIALS: world.write("google.json", googleKeyFile(), 0o600),
  });

  const cases: [host: string, service: string, identity: () => Variables, inside: RegExp][] = [
    [HOSTS.ecr, "ecr", () => keys, /aws ecr get-login-password --region eu-central-1 \| docker login/],
    [HOSTS.gar, "google", keyFile, /gcloud auth configure-docker europe-west1-docker\.pkg\.dev/],
  ];
  for (const [host, service, identity, how] of cases) {
    it(`${host}: from one token, with nothing stored, and not logged in inside`, async () => {
      const { code, stdout, stderr } = await up(host, identity());
      assert.equal(code, 0, stderr + stdout);
      assert.match(stdout, /^Created [0-9a-f]{12} for \//);
      const id = await world.container();
      assert.equal((await inside(id, ["ls", "/bin/busybox"])).code, 0, "the image is the one that was pushed");

      assert.equal(clouds.asked.get(service), 1, "one token did for the check and for the pull");
      const { registry, user } = registries.get(host)!;
      assert.match(registry.log(), new RegExp(`auth\\.user\\.name=${user} .*blobs`), "the engine pulled with it");
      assert.ok(machine.asked.includes(`${host}:443`));

      const name = host.replaceAll(".", "\\.");
      assert.match(stderr, new RegExp(`✓ \\S+: not logged in to ${name} \\(runner-native\\)\n`));
      assert.match(stderr, new RegExp(`Log in to ${name} inside with --deliver-native, .*${how.source}`));
      assert.equal(await helperAnswer(id, host), undefined);
      const { stdout: status } = await inside(id, ["cat", "/tmp/status.txt"]);
      assert.match(status, new RegExp(`${name}.*runner-native`));

      const kept = filesBelow(world.home).concat(filesBelow(world.temporary), filesBelow(world.runtime));
      for (const file of kept) assert.doesNotMatch(readFileSync(file, "utf8"), /ecr-token-|ya29\./, file);
      assert.doesNotMatch(stdout + stderr, /ecr-token-|ya29\./);
      assert.deepEqual(world.leftovers(), []);
      assert.equal(await world.gitStatus(), "");
    });
  }

  it("--deliver-native logs in inside with the token of the pull, and sync --watch renews it before it ends", async () => {
    const { code, stderr } = await up(HOSTS.ecr, keys, native(HOSTS.ecr), "--deliver-native");
    assert.equal(code, 0, stderr);
    assert.ok(stderr.includes(`: logged in to ${HOSTS.ecr}\n`), stderr);
    assert.equal(clouds.asked.get("ecr"), 1);
    const id = await world.container();
    const { Username: user, Secret: first } = (await helperAnswer(id, HOSTS.ecr)) ?? {};
    assert.deepEqual([user, first?.replace(/\d+$/, "")], ["AWS", "ecr-token-"]);

    clouds.lifeMs = 4_000;
    const args = ["sync", world.workspace, "--watch", "--deliver-native"];
    const watching = world.start(args, variables(native(HOSTS.ecr), keys));
    const seen = new Set<string>();
    await eventually("two more tokens have come, and the last one is inside", async () => {
      const { Secret: now } = (await helperAnswer(id, HOSTS.ecr)) ?? {};
      assert.ok(now !== undefined, "in between nobody is logged out");
      seen.add(now);
      return seen.size >= 3 || undefined;
    });
    clouds.faults.ecr = awsError("ThrottlingException", "Rate exceeded");
    await watching.until(/DEMO is not used: AWS gives no login/);
    assert.equal(await helperAnswer(id, HOSTS.ecr), undefined, "a token that has ended is not left inside");
    watching.kill("SIGINT");
    assert.equal((await watching.ended).code, 130);
    assert.doesNotMatch(watching.output(), /ecr-token-/);
  });

  it("an access key as username and password: AWS has it, the registry and the environment a token", async () => {
    const { code, stderr } = await up(HOSTS.ecr, {}, triplet(HOSTS.ecr, AWS_KEYS.id, AWS_KEYS.secret));
    assert.equal(code, 0, stderr);
    const id = await world.container();
    assert.match((await helperAnswer(id, HOSTS.ecr))?.Secret ?? "", /^ecr-token-\d+$/);
    assert.doesNotMatch(registries.get(HOSTS.ecr)!.registry.log(), new RegExp(AWS_KEYS.id));
    assert.ok(stderr.includes(`: logged in to ${HOSTS.ecr}\n`), stderr);
  });

  it("sync says that another role answers than the one that pulled the image", async () => {
    const { code, stderr } = await up(HOSTS.ecr, keys);
    assert.equal(code, 0, stderr);
    const sync = async () => {
      const result = await world.cli(["sync", world.workspace], variables(native(HOSTS.ecr), keys));
      assert.equal(result.code, 0, result.stderr);
      return result.stdout;
    };
    assert.doesNotMatch(await sync(), /!/);
    clouds.role = "other";
    assert.match(
      await sync(),
      /! \S+: Recreate the environment: .* answers for 123456789012\.dkr\.ecr\.\S+ in another way now/,
    );
  });

  it("an identity without the right makes nothing, and is told what it lacks", async () => {
    const message = "User: arn:aws:iam::123456789012:user/dev is not authorized to perform: ecr:GetAuthorizationToken";
    clouds.faults.ecr = awsError("AccessDeniedException", message);
    const { code, stdout, stderr } = await up(HOSTS.ecr, keys);
    assert.equal(code, 1);
    assert.match(stderr, /! \S+ is not used: AWS knows this machine's identity, which may not get a login/);
    assert.match(stdout, /\[ecr-identity-policy\]/);
    assert.deepEqual(await world.containers(), []);
  });
});
