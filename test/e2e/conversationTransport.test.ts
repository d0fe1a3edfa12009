import assert from "node:assert/strict";
import { copyFileSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { join } from "node:path";
import { makeAuthority, type Authority, type Certificate } from "../../scripts/testbed/certificates";
import { temporaryFolder } from "../../scripts/testbed/folders";
import { startMappingProxy, startTinyproxy, type ForwardProxy } from "../../scripts/testbed/forwardProxy";
import { freePort, listen } from "../../scripts/testbed/loopback";
import { ALICE, ghcr, gitlab } from "../../scripts/testbed/standIns";
import { triplet } from "../../scripts/testbed/cli";
import { startRegistry } from "../../scripts/testbed/registry";
import { serveStandIns, type StandInServer } from "../../scripts/testbed/standInServer";
import { httpClient, type HttpOptions } from "../../src/adapters/http/client";
import { systemTrust } from "../../src/adapters/http/trust";
import { registryProber } from "../../src/adapters/registries/prober";
import { diagnose } from "../../src/domain/diagnosis/diagnose";
import type { Finding } from "../../src/domain/diagnosis/finding";
import { parseImageReference } from "../../src/domain/image/reference";
import { Redacted } from "../../src/domain/redacted";
import { World } from "./support/world";

const NAME = "registry.corp.test";
const SECRET = { username: "alice", password: new Redacted(ALICE.password) };

type Options = HttpOptions & { readonly insecure?: readonly string[]; readonly credential?: typeof SECRET };

/** The finding for one image, with the production client and prober. */
async function findingFor(image: string, { insecure = [], credential, ...http }: Options): Promise<Finding> {
  const reference = parseImageReference(image);
  const client = httpClient(3_000, http);
  const prober = registryProber(client, [], { insecureRegistries: () => Promise.resolve(insecure) });
  const probed = await prober.probe(reference, credential);
  const evidence = credential ? ({ kind: "docker-config", username: "alice" } as const) : ({ kind: "none" } as const);
  return diagnose({ place: { file: "x", role: "image" }, text: image, reference, credential: evidence, ...probed });
}

/** A real registry that speaks https, without authentication but for its clients' certificates if asked to. */
const startTlsRegistry = (certificate: Certificate, clientAuthority?: string) =>
  startRegistry({ auth: "none", tls: { certificate, clientAuthority } });

describe("the way to a registry", () => {
  const folder = temporaryFolder("transport");
  let ours: Authority;
  let strangers: Authority;
  const certificates: Record<string, Certificate> = {};

  before(async () => {
    ours = await makeAuthority(join(folder, "ours"), "Corp Root");
    strangers = await makeAuthority(join(folder, "strangers"), "Strangers Root");
    certificates["good"] = await ours.issue([NAME, "localhost", ...ghcr.hosts, ...gitlab.hosts]);
    certificates["expired"] = await ours.issue([NAME], { from: -30, to: -2 });
    certificates["early"] = await ours.issue([NAME], { from: 2, to: 30 });
    certificates["wrong-name"] = await ours.issue(["other.corp.test", "third.corp.test"]);
    certificates["stranger"] = await strangers.issue([NAME]);
  });
  after(() => rmSync(folder, { recursive: true }));

  const believing = (...authorities: Authority[]) => {
    const certs = mkdtempSync(join(folder, "certs-"));
    mkdirSync(join(certs, NAME));
    authorities.forEach(({ certificateFile }, index) =>
      copyFileSync(certificateFile, join(certs, NAME, `${index}.crt`)),
    );
    return { folder: certs, trust: systemTrust({ SSL_CERT_FILE: "/nonexistent" }, [certs]) };
  };
  const to = (port: number) => ({ reach: () => ({ host: "127.0.0.1", port }) });

  describe("certificates, with real registries", () => {
    const day = (days: number) => new Date(Date.now() + days * 24 * 3600 * 1000).toISOString().slice(0, 10);
    const cases: [what: string, certificate: string, code: string, detail: string | undefined][] = [
      ["a known authority", "good", "unknown-repository", undefined],
      ["an unknown authority", "stranger", "unknown-authority", "Strangers Root"],
      ["an expired one", "expired", "certificate-invalid", `it expired on ${day(-2)}`],
      ["one of the future", "early", "certificate-invalid", `it is valid only from ${day(2)} on`],
      [
        "one for other names",
        "wrong-name",
        "certificate-invalid",
        `it is for other.corp.test, third.corp.test, not for ${NAME}`,
      ],
    ];
    for (const [what, name, code, detail] of cases) {
      it(`${what}: ${code}`, async () => {
        const registry = await startTlsRegistry(certificates[name]!);
        try {
          const finding = await findingFor(`${NAME}/acme/app:1`, {
            ...to(registry.port),
            trust: believing(ours).trust,
          });
          assert.deepEqual([finding.code, finding.detail], [code, detail], JSON.stringify(finding));
        } finally {
          await registry.stop();
        }
      });
    }

    it("names one that is signed by itself", async () => {
      const self = {
        ...certificates["good"]!,
        certificateFile: ours.certificateFile,
        keyFile: join(folder, "ours/ca.key"),
      };
      const registry = await startTlsRegistry(self);
      try {
        const finding = await findingFor(`${NAME}/acme/app:1`, {
          ...to(registry.port),
          trust: believing(strangers).trust,
        });
        assert.deepEqual([finding.code, finding.detail], ["unknown-authority", "Corp Root, signed by itself"]);
      } finally {
        await registry.stop();
      }
    });

    it("believes the authorities of SSL_CERT_FILE, of NODE_EXTRA_CA_CERTS and of certs.d", async () => {
      const registry = await startTlsRegistry(certificates["good"]!);
      const trusts = [
        systemTrust({ SSL_CERT_FILE: ours.certificateFile }, []),
        systemTrust({ NODE_EXTRA_CA_CERTS: ours.certificateFile }, []),
        believing(strangers, ours).trust,
      ];
      try {
        for (const trust of trusts) {
          const { code } = await findingFor(`${NAME}/acme/app:1`, { ...to(registry.port), trust });
          assert.equal(code, "unknown-repository");
        }
        // those of one registry do not count for another
        const other = believing(ours);
        const elsewhere = await findingFor(`other.corp.test/acme/app:1`, { ...to(registry.port), trust: other.trust });
        assert.equal(elsewhere.code, "unknown-authority");
      } finally {
        await registry.stop();
      }
    });

    it("shows the client certificate of certs.d", async () => {
      const registry = await startTlsRegistry(certificates["good"]!, ours.certificateFile);
      const { folder: certs } = believing(ours);
      try {
        const reach = to(registry.port);
        const without = await findingFor(`${NAME}/acme/app:1`, { ...reach, trust: systemTrust({}, [certs]) });
        assert.deepEqual(
          [without.code, without.detail],
          ["unreachable", `${NAME} wants a client certificate that it accepts`],
        );
        copyFileSync(certificates["wrong-name"]!.certificateFile, join(certs, NAME, "me.cert"));
        copyFileSync(certificates["wrong-name"]!.keyFile, join(certs, NAME, "me.key"));
        const shown = await findingFor(`${NAME}/acme/app:1`, { ...reach, trust: systemTrust({}, [certs]) });
        assert.equal(shown.code, "unknown-repository");
        copyFileSync(certificates["good"]!.keyFile, join(certs, NAME, "me.key"));
        const unusable = await findingFor(`${NAME}/acme/app:1`, { ...reach, trust: systemTrust({}, [certs]) });
        assert.match(unusable.detail ?? "", /certs\.d cannot be used/);
      } finally {
        await registry.stop();
      }
    });

    it("takes any certificate on this machine, as Docker does", async () => {
      const registry = await startTlsRegistry(certificates["stranger"]!);
      try {
        assert.equal((await findingFor(`localhost:${registry.port}/acme/app:1`, {})).code, "unknown-repository");
      } finally {
        await registry.stop();
      }
    });
  });

  describe("plain http", () => {
    let server: { port: number; stop(): Promise<void> };
    const seen: (string | undefined)[] = [];

    before(async () => {
      const plain: Server = createServer((request, response) => {
        seen.push(request.headers.authorization);
        if (request.url?.includes("/open/") === true)
          response.writeHead(200).end('{"schemaVersion":2,"config":{},"layers":[]}');
        else response.writeHead(401, { "WWW-Authenticate": 'Basic realm="x"' }).end();
      });
      server = await listen(plain);
    });
    after(() => server.stop());
    beforeEach(() => void (seen.length = 0));

    const cases: [what: string, insecure: string[], image: string, credential: boolean, code: string][] = [
      ["of a registry that the engine knows as secure", [], "acme/app:1", true, "http-instead-of-https"],
      ["of one that it knows as insecure", [`${NAME}:5000`], "open/app:1", false, "fine"],
      ["of one in an insecure network", ["127.0.0.0/8", "10.0.0.0/8"], "acme/app:1", true, "http-instead-of-https"],
      ["of an insecure one: the credential is not sent", [`${NAME}:5000`], "acme/app:1", true, "credential-withheld"],
      ["of an insecure one, a public image", [`${NAME}:5000`], "open/app:1", true, "fine"],
      ["of another port than the insecure one", [`${NAME}:5001`, NAME], "acme/app:1", false, "http-instead-of-https"],
    ];
    for (const [what, insecure, image, withCredential, code] of cases) {
      it(`${what}: ${code}`, async () => {
        const finding = await findingFor(`${NAME}:5000/${image}`, {
          ...to(server.port),
          insecure,
          ...(withCredential ? { credential: SECRET } : {}),
        });
        assert.equal(finding.code, code, JSON.stringify(finding));
        assert.ok(seen.every((authorization) => authorization === undefined));
        if (code === "credential-withheld") assert.deepEqual(finding.remedies, ["ask-for-https"]);
      });
    }

    it("of an address in a network that the engine knows as insecure", async () => {
      const options = { ...to(server.port), insecure: ["192.0.2.0/24"] };
      assert.equal((await findingFor("192.0.2.9:5000/open/app:1", options)).code, "fine");
      assert.equal((await findingFor("198.51.100.9:5000/open/app:1", options)).code, "http-instead-of-https");
    });

    it("forbids that a creation gets the credential", async () => {
      const insecureRegistries = () => Promise.resolve([`${NAME}:5000`]);
      const prober = registryProber(httpClient(3_000, to(server.port)), [], { insecureRegistries });
      assert.deepEqual(await prober.realm(`${NAME}:5000`), { kind: "withheld", transport: "plain" });
      assert.deepEqual(await prober.realm(`localhost:${server.port}`), { kind: "none" });
    });

    it("on this machine takes the credential, too", async () => {
      const finding = await findingFor(`localhost:${server.port}/acme/app:1`, { credential: SECRET });
      assert.equal(finding.code, "wrong-credential");
      assert.deepEqual(
        seen.map((authorization) => authorization !== undefined),
        [false, true],
      );
    });
  });

  it("an unverifiable certificate of an insecure registry is taken, without the credential", async () => {
    const server = await serveStandIns([{ ...gitlab, hosts: [NAME] }], certificates["stranger"]!);
    try {
      const options = { ...to(server.port), trust: believing(ours).trust, credential: SECRET };
      assert.equal(
        (await findingFor(`${NAME}/acme/app:1`, { ...options, insecure: [NAME] })).code,
        "credential-withheld",
      );
      assert.ok(server.seen.length > 0 && server.seen.every(({ authorization }) => authorization !== "Basic"));
    } finally {
      await server.stop();
    }
  });

  const faults: [what: string, image: () => Promise<string>, code: string, detail: RegExp][] = [
    ["a name that does not exist", () => Promise.resolve("registry.invalid/acme/app:1"), "dns", /was not found/],
    [
      "a port where nobody listens",
      async () => `localhost:${await freePort()}/acme/app:1`,
      "connection-refused",
      /nothing listens/,
    ],
  ];
  for (const [what, image, code, detail] of faults) {
    it(`${what}: ${code}`, async () => {
      const finding = await findingFor(await image(), {});
      assert.equal(finding.code, code);
      assert.match(finding.detail ?? "", detail);
    });
  }

  describe("through a real forward proxy that wants a login", () => {
    const LOGIN = { user: "proxyuser", password: "proxy-canary" };
    let standIns: StandInServer;
    let mapping: Awaited<ReturnType<typeof startMappingProxy>>;
    let proxy: ForwardProxy & { log(): string };
    const base = () => ({ SSL_CERT_FILE: ours.certificateFile });
    const via = (login = `${LOGIN.user}:${LOGIN.password}@`) => `http://${login}127.0.0.1:${proxy.port}`;
    const name = () => `http://127.0.0.1:${proxy.port}`;

    before(async () => {
      standIns = await serveStandIns([ghcr, gitlab], certificates["good"]!);
      const hosts = [...ghcr.hosts, ...gitlab.hosts];
      mapping = await startMappingProxy((host) => (hosts.includes(host) ? standIns.port : undefined));
      proxy = await startTinyproxy(LOGIN, mapping.port);
    });
    after(async () => {
      await proxy.stop();
      await mapping.stop();
      await standIns.stop();
    });
    beforeEach(() => void (mapping.asked.length = 0));

    it("pulls through it, with the login of the variable", async () => {
      const finding = await findingFor("ghcr.io/acme/app:1", {
        env: { ...base(), HTTPS_PROXY: via() },
        credential: SECRET,
      });
      assert.equal(finding.code, "fine", JSON.stringify(finding));
      assert.ok(mapping.asked.every((target) => target === "ghcr.io:443") && mapping.asked.length > 0);
      assert.match(proxy.log(), /CONNECT ghcr\.io:443/);
    });

    const refused: [what: string, login: string, words: RegExp][] = [
      ["no login", "", /wants a login \(407\)$/],
      ["a wrong login", "proxyuser:not-the-canary@", /refuses its username or password \(40[17]\)$/],
    ];
    for (const [what, login, words] of refused) {
      it(`${what}: the proxy is named, and no login`, async () => {
        const finding = await findingFor("ghcr.io/acme/app:1", { env: { ...base(), HTTPS_PROXY: via(login) } });
        assert.deepEqual([finding.code, finding.remedies], ["proxy", ["check-proxy"]], JSON.stringify(finding));
        assert.match(finding.detail ?? "", words);
        assert.ok(finding.detail?.startsWith(name()));
        assert.ok(!JSON.stringify(finding).includes("canary"));
        assert.deepEqual(mapping.asked, []);
      });
    }

    it("a host that the proxy cannot reach", async () => {
      const finding = await findingFor("registry.elsewhere.test/acme/app:1", {
        env: { ...base(), HTTPS_PROXY: via() },
      });
      assert.equal(finding.code, "proxy");
      assert.match(finding.detail ?? "", /^http:\/\/127\.0\.0\.1:\d+ answered 50\d$/);
    });

    it("a proxy that is not there", async () => {
      const port = await freePort();
      const env = { ...base(), HTTPS_PROXY: `http://u:proxy-canary@127.0.0.1:${port}` };
      const finding = await findingFor("ghcr.io/acme/app:1", { env });
      assert.deepEqual([finding.code, finding.detail], ["proxy", `nothing listens at http://127.0.0.1:${port}`]);
      assert.ok(!JSON.stringify(finding).includes("canary"));
    });

    it("the explicit proxy beats the variable", async () => {
      const finding = await findingFor("ghcr.io/acme/open:1", {
        env: { ...base(), HTTPS_PROXY: via("") },
        chosenProxy: () => ({ proxy: via() }),
      });
      assert.equal(finding.code, "fine");
    });

    it("plain http goes to it without a tunnel", async () => {
      const env = { ...base(), HTTP_PROXY: via("") };
      const options = { env, insecure: [`${NAME}:5000`], reach: () => ({ host: "127.0.0.1", port: mapping.port }) };
      const finding = await findingFor(`${NAME}:5000/acme/app:1`, options);
      assert.equal(finding.code, "proxy", JSON.stringify(finding));
      assert.match(finding.detail ?? "", /wants a login/);
    });

    it("neither this machine nor what NO_PROXY names is reached by it", async () => {
      const env = {
        ...base(),
        HTTPS_PROXY: via(""),
        HTTP_PROXY: via(""),
        NO_PROXY: "example.test,.ghcr.io,ghcr.io:443",
      };
      const straight = {
        env,
        reach: (host: string) => ({ host: "127.0.0.1", port: host === "ghcr.io" ? standIns.port : 1 }),
      };
      assert.equal((await findingFor("ghcr.io/acme/open:1", straight)).code, "fine");
      assert.equal((await findingFor(`localhost:${await freePort()}/acme/open:1`, { env })).code, "connection-refused");
    });

    it("the command line, as it is, names the cause behind it", async () => {
      const world = await World.create();
      try {
        const expected: [image: string, variables: Record<string, string>, code: string][] = [
          ["ghcr.io/acme/app:1", triplet("ghcr.io", ALICE.username, ALICE.password), "fine"],
          ["ghcr.io/acme/app:1", {}, "no-credential"],
          [
            "registry.gitlab.com/acme/theirs:1",
            triplet("registry.gitlab.com", "bob", ALICE.password),
            "no-right-on-repository",
          ],
        ];
        for (const [image, variables, code] of expected) {
          await world.devcontainer({ image });
          const environment = {
            ...variables,
            ...base(),
            HTTPS_PROXY: via(),
            HTTP_PROXY: undefined,
            NO_PROXY: undefined,
          };
          const { stdout, stderr } = await world.cli(["diagnose", world.workspace, "--json"], environment);
          const { findings } = JSON.parse(stdout) as { findings: Finding[] };
          assert.equal(findings[0]?.code, code, stdout);
          assert.doesNotMatch(stdout + stderr, /canary|a-good-token/);
        }
      } finally {
        await world.close();
      }
    });
  });
});
