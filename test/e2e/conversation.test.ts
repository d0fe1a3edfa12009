import assert from "node:assert/strict";
import { rmSync } from "node:fs";
import { makeAuthority } from "../../scripts/testbed/certificates";
import { temporaryFolder } from "../../scripts/testbed/folders";
import * as standIns from "../../scripts/testbed/standIns";
import { ALICE, BOB, PLATFORMS, TAGS, WRONG } from "../../scripts/testbed/standIns";
import { serveStandIns, type StandInServer } from "../../scripts/testbed/standInServer";
import { httpClient, type HttpOptions } from "../../src/adapters/http/client";
import { systemTrust, type Trust } from "../../src/adapters/http/trust";
import { registryProber } from "../../src/adapters/registries/prober";
import { diagnose } from "../../src/domain/diagnosis/diagnose";
import type { CredentialEvidence, TokenTraits, TriedCredential } from "../../src/domain/diagnosis/evidence";
import type { FindingCode } from "../../src/domain/diagnosis/finding";
import { parseImageReference } from "../../src/domain/image/reference";
import { Redacted } from "../../src/domain/redacted";
import { as, CASES, ECR, type Login } from "./support/registryCases";

describe("talking to well-known registries, by stand-ins over TLS", () => {
  const folder = temporaryFolder("conversation");
  let server: StandInServer;
  let slow: StandInServer;
  let trust: Trust;

  before(async () => {
    const authority = await makeAuthority(folder, "Testbed Authority");
    const all = Object.values(standIns).filter((one) => typeof one === "object" && "answer" in one);
    const certificate = await authority.issue(all.flatMap(({ hosts }) => [...hosts]));
    server = await serveStandIns(all, certificate);
    slow = await serveStandIns(all, certificate, 100);
    trust = systemTrust({ SSL_CERT_FILE: authority.certificateFile }, []);
  });
  after(async () => {
    await server.stop();
    await slow.stop();
    rmSync(folder, { recursive: true });
  });
  beforeEach(() => {
    server.seen.length = 0;
  });

  const client = (to: StandInServer, options: HttpOptions = {}) =>
    httpClient(5_000, { trust, reach: () => ({ host: "127.0.0.1", port: to.port }), ...options });
  const tried = (login: Login | undefined): TriedCredential | undefined =>
    login && { username: login.username, password: new Redacted(login.password) };
  const evidenceOf = (login: Login | undefined, traits: TokenTraits = {}): CredentialEvidence =>
    login ? { kind: "docker-config", username: login.username, ...traits } : { kind: "none" };

  async function findingFor(
    image: string,
    login: Login | undefined,
    platform?: string,
    prober = registryProber(client(server), []),
  ) {
    const reference = parseImageReference(image);
    const fine = login?.password.startsWith("github_pat_") === true;
    const probed = await prober.probe(reference, tried(login));
    return diagnose({
      place: { file: "devcontainer.json", role: "image" },
      text: image,
      reference,
      credential: evidenceOf(login, fine ? { tokenKind: "github-fine-grained" } : {}),
      ...(platform === undefined ? {} : { platform }),
      ...probed,
    });
  }

  for (const [name, cases] of Object.entries(CASES)) {
    for (const [what, image, login, code, requests] of cases) {
      it(`${name}: ${what}: ${code} (${requests} requests)`, async () => {
        const finding = await findingFor(image, login);
        assert.equal(finding.code, code, JSON.stringify(finding, undefined, 2));
        assert.equal(server.seen.length, requests, JSON.stringify(server.seen.map(({ path }) => path)));
        const words = JSON.stringify(finding);
        if (login)
          assert.ok(!words.includes(login.password) && !words.includes(btoa(`${login.username}:${login.password}`)));
        if (code === "unknown-tag") assert.deepEqual([...(finding.tags ?? [])].sort(), [...TAGS].sort());
        const sent = server.seen.filter(({ authorization }) => authorization === "Basic");
        assert.ok(sent.length <= (code === "unknown-tag" ? 2 : 1), "the credential was sent more than once");
      });
    }
  }

  it("tells the address that a firewall does not let in", async () => {
    assert.equal((await findingFor("walled.azurecr.io/app:1", ALICE)).address, "203.0.113.7");
  });

  it("tells when GitHub's token ends, the platforms, and Docker Hub's limit", async () => {
    const { expiresAt, platforms } = await findingFor("ghcr.io/acme/app:1", ALICE);
    assert.equal(expiresAt, "2031-05-06T07:08:09.000Z");
    assert.deepEqual(platforms, PLATFORMS);
    const { anonymous } = await registryProber(client(server), []).probe(parseImageReference("acme/open:1"), undefined);
    assert.ok(anonymous.kind === "ok");
    assert.deepEqual(anonymous.rateLimit, { limit: 100, remaining: 76, windowSeconds: 21600, source: "192.0.2.1" });
    const busy = await registryProber(client(server), []).probe(parseImageReference("acme/busy:1"), undefined);
    assert.ok(busy.anonymous.kind === "rate-limited");
    assert.deepEqual([busy.anonymous.retryAfter, busy.anonymous.rateLimit?.remaining], ["3600", 0]);
  });

  const platforms: [wanted: string, code: FindingCode][] = [
    ["linux/amd64", "fine"],
    ["linux/arm64", "fine"],
    ["linux/arm64/v8", "fine"],
    ["linux/s390x", "platform-missing"],
    ["windows/amd64", "platform-missing"],
  ];
  for (const [wanted, code] of platforms) {
    it(`an image for ${PLATFORMS.join(" and ")}, wanted for ${wanted}: ${code}`, async () => {
      const finding = await findingFor("ghcr.io/acme/open:1", undefined, wanted);
      assert.equal(finding.code, code);
      if (code !== "fine") assert.deepEqual([finding.platform, finding.platforms], [wanted, PLATFORMS]);
    });
  }

  it("takes ACR's identity token by POST", async () => {
    const credential = { identityToken: new Redacted("refresh-of-alice") };
    const { authenticated } = await registryProber(client(server), []).probe(
      parseImageReference("acme.azurecr.io/app:1"),
      credential,
    );
    assert.equal(authenticated?.kind, "ok");
    const post = server.seen.find(({ method }) => method === "POST");
    const form = Object.fromEntries(new URLSearchParams(post?.body));
    assert.deepEqual(
      [form["grant_type"], form["service"], form["scope"]],
      ["refresh_token", "acme.azurecr.io", "repository:app:pull"],
    );
  });

  it("shares challenge and tokens among references side by side", async () => {
    const prober = registryProber(client(server), []);
    const found = await Promise.all(TAGS.map((tag) => findingFor(`ghcr.io/acme/app:${tag}`, ALICE, undefined, prober)));
    assert.deepEqual(
      found.map(({ code }) => code),
      ["fine", "fine", "fine"],
    );
    const tokens = server.seen.filter(({ path }) => path === "/token");
    assert.deepEqual(
      tokens.map(({ authorization }) => authorization),
      [undefined, "Basic"],
    );
    // one challenge, two tokens, and a manifest for each
    assert.equal(server.seen.length, 1 + 2 + TAGS.length);
    for (const { evidence } of found) assert.ok(evidence.some(({ asked }) => asked.includes("/token?")));
  });

  const barring: [what: string, image: (name: string) => string, login: Login, code: FindingCode, sent: number][] = [
    ["GHCR refuses the login", (name) => `ghcr.io/acme/${name}:1`, WRONG, "wrong-credential", 1],
    ["Docker Hub refuses the login", (name) => `acme/${name}:1`, WRONG, "wrong-credential", 1],
    ["Docker Hub has locked the account", (name) => `acme/${name}:1`, as("locked"), "locked-out", 1],
    ["ECR refuses the login", (name) => `${ECR}/${name}:1`, WRONG, "wrong-credential", 1],
    [
      "GitLab refuses one project only",
      (name) => `registry.gitlab.com/acme/${name}:1`,
      BOB,
      "no-right-on-repository",
      6,
    ],
  ];
  for (const [what, image, login, code, sent] of barring) {
    it(`${what}: for six references the credential is sent ${sent} times`, async () => {
      const prober = registryProber(client(server), []);
      const names = ["app", "theirs", "one", "two", "three", "four"];
      const found = await Promise.all(names.map((name) => findingFor(image(name), login, undefined, prober)));
      assert.deepEqual(
        found.map((finding) => finding.code),
        names.map(() => code),
      );
      assert.equal(server.seen.filter(({ authorization }) => authorization === "Basic").length, sent);
      for (const { evidence } of found)
        assert.ok(evidence.some(({ asked }) => asked.includes("(with the credential)")));
      // nor later
      await findingFor(image("five"), login, undefined, prober);
      assert.equal(
        server.seen.filter(({ authorization }) => authorization === "Basic").length,
        sent === 1 ? 1 : sent + 1,
      );
    });
  }

  it("has at most 32 connections to a host", async () => {
    const prober = registryProber(client(slow), []);
    const names = Array.from({ length: 40 }, (_, index) => `ghcr.io/acme/x${index}/app:1`);
    const found = await Promise.all(names.map((name) => findingFor(name, ALICE, undefined, prober)));
    assert.ok(found.every(({ code }) => code === "fine"));
    assert.ok(slow.mostConnections() <= 32, String(slow.mostConnections()));
  });
});
