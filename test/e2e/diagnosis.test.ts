import assert from "node:assert/strict";
import { join } from "node:path";
import { triplet } from "../../scripts/testbed/cli";
import { startBrokenRegistry, type BrokenRegistry, type Trouble } from "../../scripts/testbed/brokenRegistry";
import { BUSYBOX_IMAGE, ensureImages } from "../../scripts/testbed/images";
import { freePort } from "../../scripts/testbed/loopback";
import { openRegistry, PASSWORD, USER, type PrivateRegistry } from "./support/privateRegistry";
import { World, type Variables } from "./support/world";

interface Finding {
  readonly code: string;
  readonly image: string;
  readonly registry: string;
  readonly place: { readonly file: string; readonly role: string; readonly range?: { start: number; end: number } };
  readonly credential: { readonly kind: string; readonly username?: string };
  readonly remedies: readonly string[];
  readonly tags?: readonly string[];
  readonly reason?: string;
  readonly status?: number;
  readonly retryAfter?: string;
}

const LIMITED = { name: "bob", password: "test-password-of-bob" };

describe("registry-secrets diagnose, against real registries", () => {
  let basic: PrivateRegistry;
  let bearer: PrivateRegistry;
  let broken: BrokenRegistry;
  let world: World;

  before(async () => {
    await ensureImages(BUSYBOX_IMAGE);
    basic = await openRegistry({ app: BUSYBOX_IMAGE });
    bearer = await openRegistry(
      { app: BUSYBOX_IMAGE, open: BUSYBOX_IMAGE },
      {
        auth: "token",
        users: [
          { name: USER, password: PASSWORD },
          { ...LIMITED, pull: ["acme/other"], push: [] },
        ],
        public: ["acme/open"],
      },
    );
    broken = await startBrokenRegistry("html");
  });
  after(async () => {
    await basic.stop();
    await bearer.stop();
    await broken.stop();
  });
  beforeEach(async () => {
    world = await World.create();
  });
  afterEach(() => world.close());

  const diagnose = async (args: readonly string[], variables: Variables = {}) => {
    const { code, stdout, stderr } = await world.cli(["diagnose", world.workspace, "--json", ...args], variables);
    assert.doesNotMatch(stdout + stderr, new RegExp(PASSWORD));
    const { findings, problems } = JSON.parse(stdout) as { findings: Finding[]; problems: unknown[] };
    return { code, findings, problems };
  };
  /** The one finding for a devcontainer.json that names this image; asserts the exit code that belongs to it. */
  const findingFor = async (image: string, args: readonly string[] = [], variables: Variables = {}) => {
    await world.devcontainer({ image });
    const { code, findings, problems } = await diagnose(args, variables);
    const [finding] = findings;
    assert.ok(finding && findings.length === 1);
    assert.deepEqual(problems, []);
    assert.equal(code, finding.code === "fine" ? 0 : 1);
    assert.equal(finding.image, image);
    return finding;
  };
  const agreement = async () => {
    const answer = await fetch(`http://${bearer.address}/v2/`);
    const realm = /realm="([^"]+)"/.exec(answer.headers.get("www-authenticate") ?? "")?.[1] ?? "";
    return ["--allow-auth-host", `${bearer.address}=${new URL(realm).host}`];
  };

  const kinds = [
    ["Basic", () => basic, () => Promise.resolve<string[]>([])],
    ["Bearer", () => bearer, agreement],
  ] as const;
  for (const [scheme, registryOf, agreed] of kinds) {
    it(`${scheme}: no secret`, async () => {
      const finding = await findingFor(registryOf().image("app"), await agreed());
      assert.equal(finding.code, "no-credential");
      assert.equal(finding.remedies[0], "add-secret");
    });

    it(`${scheme}: a wrong password, which is tried once`, async () => {
      const registry = registryOf();
      const before = registry.log();
      const finding = await findingFor(registry.image("app"), await agreed(), registry.variables("not-the-password"));
      assert.equal(finding.code, "wrong-credential");
      assert.deepEqual(finding.remedies, ["edit-secret"]);
      assert.equal(finding.credential.username, USER);
      const tries = (log: string) =>
        log.match(/invalid authorization credential|htpasswd.*failure|by refused/g)?.length;
      assert.equal((tries(registry.log()) ?? 0) - (tries(before) ?? 0), 1);
    });

    it(`${scheme}: an unknown tag, with those that there are`, async () => {
      const registry = registryOf();
      const finding = await findingFor(registry.image("app", "2"), await agreed(), registry.variables());
      assert.equal(finding.code, "unknown-tag");
      assert.deepEqual(finding.tags, ["1"]);
    });

    it(`${scheme}: an unknown repository`, async () => {
      const registry = registryOf();
      const finding = await findingFor(registry.image("nothing"), await agreed(), registry.variables());
      assert.equal(finding.code, "unknown-repository");
      assert.equal(finding.remedies[0], "fix-repository");
    });

    it(`${scheme}: all is well`, async () => {
      const registry = registryOf();
      const finding = await findingFor(registry.image("app"), await agreed(), registry.variables());
      assert.equal(finding.code, "fine");
      assert.equal(finding.credential.kind, "secret");
    });

    it(`${scheme}: all is well with Docker's own login`, async () => {
      const registry = registryOf();
      const auth = Buffer.from(`${USER}:${PASSWORD}`).toString("base64");
      world.dockerConfig({ auths: { [registry.address]: { auth } } });
      const finding = await findingFor(registry.image("app"), await agreed());
      assert.equal(finding.code, "fine");
      assert.deepEqual(finding.credential, { kind: "docker-config", username: USER });
    });
  }

  it("Bearer: no right on the repository", async () => {
    const variables = triplet(bearer.address, LIMITED.name, LIMITED.password);
    const finding = await findingFor(bearer.image("app"), await agreement(), variables);
    assert.equal(finding.code, "no-right-on-repository");
    assert.equal(finding.remedies[0], "grant-access");
  });

  it("Bearer: a public image needs no credential", async () => {
    const finding = await findingFor(bearer.image("open"), await agreement());
    assert.equal(finding.code, "fine");
    assert.equal(finding.credential.kind, "none");
  });

  it("Bearer: a stale credential blocks a public image", async () => {
    const finding = await findingFor(bearer.image("open"), await agreement(), bearer.variables("an-old-password"));
    assert.equal(finding.code, "stale-credential-blocks-public-image");
  });

  it("Bearer: a token server that nobody agreed to gets no credential", async () => {
    const logins = () => bearer.log().match(new RegExp(`^token: .* by (${USER}|refused) `, "gm"))?.length;
    const before = logins();
    const finding = await findingFor(bearer.image("app"), [], bearer.variables());
    assert.equal(finding.code, "unknown-token-realm");
    assert.deepEqual(finding.remedies, ["agree-to-realm"]);
    assert.equal(logins(), before);
  });

  it("Docker's own login cannot be read", async () => {
    world.dockerConfig({ credsStore: "e2e-is-not-installed" });
    const finding = await findingFor(basic.image("app"));
    assert.equal(finding.code, "helper-missing");
  });

  it("a port where nobody listens", async () => {
    const finding = await findingFor(`localhost:${await freePort()}/acme/app:1`);
    assert.equal(finding.code, "connection-refused");
    assert.equal(finding.reason, "refused");
  });

  const troubles: [Trouble, Partial<Finding>][] = [
    ["html", { code: "not-a-registry" }],
    ["hang", { code: "timeout", reason: "timeout" }],
    ["close", { code: "unreachable", reason: "closed" }],
    ["error500", { code: "server-error", status: 500 }],
    ["tooManyRequests", { code: "rate-limited", retryAfter: "60" }],
  ];
  for (const [trouble, expected] of troubles) {
    it(`a registry in trouble: ${trouble}`, async () => {
      broken.become(trouble);
      const variables = triplet(broken.address, USER, PASSWORD);
      const finding = await findingFor(`${broken.address}/acme/app:1`, ["--timeout", "1"], variables);
      const { code, reason, status, retryAfter } = finding;
      assert.deepEqual({ ...expected }, JSON.parse(JSON.stringify({ code, reason, status, retryAfter })));
    });
  }

  it("several images of a Dockerfile at once", async () => {
    const dockerfile = [
      `ARG VERSION=1`,
      `FROM ${basic.image("app")} AS one`,
      `FROM ${basic.address}/acme/app:\${VERSION}9 AS two`,
      "FROM one",
      `COPY --from=${basic.image("nothing")} /x /x`,
      "COPY --from=two /y /y",
    ].join("\n");
    const file = world.write(join(world.workspace, ".devcontainer/Dockerfile"), dockerfile);
    await world.devcontainer({ build: { dockerfile: "Dockerfile" } });
    const { code, findings } = await diagnose([], basic.variables());
    assert.equal(code, 1);
    assert.deepEqual(
      findings.map(({ place, code: found }) => [dockerfile.slice(place.range?.start, place.range?.end), found]),
      [
        [basic.image("app"), "fine"],
        [`${basic.address}/acme/app:\${VERSION}9`, "unknown-tag"],
        [basic.image("nothing"), "unknown-repository"],
      ],
    );
    assert.ok(findings.every(({ place }) => place.file === file && place.role === "build"));
  });

  it("several images of a Compose file, and of the Dockerfile of one of its services, at once", async () => {
    const services = {
      app: { build: { context: "." } },
      data: { image: basic.image("app", "none") },
      other: { image: bearer.image("app") },
    };
    world.write(join(world.workspace, ".devcontainer/compose.yaml"), { services });
    world.write(join(world.workspace, ".devcontainer/Dockerfile"), `FROM ${basic.image("app")}\n`);
    await world.devcontainer({ dockerComposeFile: "compose.yaml", service: "app" });
    const variables = { ...basic.variables(), ...bearer.variables("not-the-password", "OTHER") };
    const { code, findings, problems } = await diagnose(await agreement(), variables);
    assert.equal(code, 1);
    assert.deepEqual(problems, []);
    assert.deepEqual(
      findings.map(({ image, place, code: found }) => [image, place.role, found]),
      [
        [basic.image("app"), "build", "fine"],
        [basic.image("app", "none"), "service", "unknown-tag"],
        [bearer.image("app"), "service", "wrong-credential"],
      ],
    );
  });

  it("says the same in words: the cause, what to do, where it is written", async () => {
    await world.devcontainer({ image: basic.image("app") });
    const { code, stdout } = await world.cli(["diagnose", world.workspace], basic.variables("not-the-password"));
    assert.equal(code, 1);
    assert.match(stdout, /\[wrong-credential\]/);
    assert.match(stdout, /refuses the user secret E2E \(as alice\): the username or password is wrong/);
    assert.match(stdout, /→ Edit the user secret E2E/);
    assert.match(stdout, /named as image in \.devcontainer\/devcontainer\.json$/m);
  });
});
