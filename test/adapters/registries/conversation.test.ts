import { strict as assert } from "node:assert";
import { httpClient } from "../../../src/adapters/http/client";
import { isInsecureRegistry } from "../../../src/adapters/registries/insecure";
import { registryProber } from "../../../src/adapters/registries/prober";
import { sharing } from "../../../src/adapters/registries/sharing";
import type { TriedCredential } from "../../../src/domain/diagnosis/evidence";
import { parseImageReference } from "../../../src/domain/image/reference";
import { Redacted } from "../../../src/domain/redacted";
import { failureWith } from "../../fakes/failures";
import { LoopbackServer, type Seen } from "../../fakes/loopbackServer";

const IDENTITY: TriedCredential = { identityToken: new Redacted("identity-canary") };
const MANIFEST = { schemaVersion: 2, config: {}, layers: [] };
const PASSWORD: TriedCredential = { username: "me", password: new Redacted("canary") };

describe("one conversation with a registry", () => {
  const servers: LoopbackServer[] = [];
  afterEach(() => Promise.all(servers.splice(0).map((server) => server.stop())));

  type Say = [status: number, body?: unknown, headers?: Record<string, string>];
  /** A registry that wants a token; the answers of the token server and to a manifest are given. */
  async function start(
    challenge: (authority: string) => string[],
    token: (seen: Seen) => Say,
    manifest: (seen: Seen) => Say = () => [200, MANIFEST],
  ) {
    const server = await LoopbackServer.start((seen, response) => {
      const isToken = seen.url.startsWith("/token");
      const fields = { "WWW-Authenticate": challenge(String(seen.headers.host)) };
      const said = isToken
        ? token(seen)
        : seen.authorization === undefined
          ? ([401, {}, fields] as const)
          : manifest(seen);
      response.writeHead(said[0], said[2]).end(JSON.stringify(said[1] ?? {}));
    });
    servers.push(server);
    return server;
  }
  const bearer =
    (parameters = "") =>
    (authority: string) => [`Bearer realm="http://${authority}/token"${parameters}`];
  const granted: Say = [200, { token: "t" }];
  const probe = async (
    server: LoopbackServer,
    credential?: TriedCredential,
    image = "acme/app:1",
    prober = registryProber(httpClient(3_000), []),
  ) => await prober.probe(parseImageReference(`${server.authority}/${image}`), credential);
  const tokenQueries = (server: LoopbackServer) =>
    server.seen.filter(({ url }) => url.startsWith("/token")).map(({ url }) => new URL(url, "http://x").searchParams);

  const scopes: [what: string, parameters: string, want: string[], service: string | null][] = [
    ["none in the challenge", ',service="s"', ["repository:acme/app:pull"], "s"],
    ["the same", ',service="s",scope="repository:acme/app:pull"', ["repository:acme/app:pull"], "s"],
    [
      "others, too",
      ',scope="repository:acme/app:pull registry:catalog:* aws"',
      ["aws", "registry:catalog:*", "repository:acme/app:pull"],
      null,
    ],
    ["of another repository", ',scope="repository:other/app:pull"', ["repository:acme/app:pull"], null],
    ["no service", "", ["repository:acme/app:pull"], null],
  ];
  for (const [what, parameters, want, service] of scopes) {
    it(`the scope is that of the challenge and the pull, once each and sorted: ${what}`, async () => {
      const server = await start(bearer(parameters), () => granted);
      assert.equal((await probe(server)).anonymous.kind, "ok");
      const [query] = tokenQueries(server);
      assert.ok(query);
      assert.deepEqual(query.getAll("scope"), want);
      assert.equal(query.get("service"), service);
    });
  }

  const several: [what: string, fields: (authority: string) => string[]][] = [
    ["in two fields", (authority) => ['Basic realm="x"', ...bearer()(authority)]],
    ["in one field", (authority) => [`Basic realm="x", ${bearer()(authority)[0] ?? ""}`]],
    ["one of which is not known", (authority) => ["Negotiate", ...bearer()(authority)]],
  ];
  for (const [what, fields] of several) {
    it(`of several challenges Bearer is answered: ${what}`, async () => {
      const server = await start(fields, () => granted);
      const { authenticated } = await probe(server, PASSWORD);
      assert.equal(authenticated?.kind, "ok");
      const sent = server.seen.filter(({ authorization }) => authorization?.startsWith("Basic"));
      assert.deepEqual(
        sent.map(({ url }) => url.split("?")[0]),
        ["/token"],
      );
    });
  }

  for (const body of [
    { token: "t" },
    { access_token: "t" },
    { token: "", access_token: "t" },
    { token: "t", expires_in: 300, issued_at: "x" },
  ]) {
    it(`a token server's answer ${JSON.stringify(body)} is one`, async () => {
      const server = await start(bearer(), () => [200, body]);
      assert.equal((await probe(server)).anonymous.kind, "ok");
      assert.equal(server.seen.at(-1)?.authorization, "Bearer t");
    });
  }

  for (const status of [404, 405]) {
    it(`an identity token goes by GET where POST is answered ${status}`, async () => {
      const server = await start(bearer(), ({ method }) => (method === "POST" ? [status] : granted));
      assert.equal((await probe(server, IDENTITY)).authenticated?.kind, "ok");
      const last = server.seen.filter(({ url }) => url.startsWith("/token")).at(-1);
      assert.equal(last?.authorization, `Basic ${Buffer.from(":identity-canary").toString("base64")}`);
    });
  }

  it("a refused identity token is sent once", async () => {
    const server = await start(bearer(), ({ method }) => (method === "POST" ? [401] : granted));
    assert.equal((await probe(server, IDENTITY)).authenticated?.kind, "refused");
    assert.equal(server.seen.filter(({ method }) => method === "POST").length, 1);
    assert.ok(server.seen.every(({ authorization }) => authorization?.startsWith("Basic") !== true));
  });

  it("a token is used again until it ends", async () => {
    const server = await start(bearer(), () => [200, { token: "t", expires_in: 120 }]);
    let now = 0;
    const prober = registryProber(httpClient(3_000), [], { now: () => now });
    const tokens = () => tokenQueries(server).length;
    await probe(server, undefined, "acme/app:1", prober);
    await probe(server, undefined, "acme/app:2", prober);
    assert.equal(tokens(), 1);
    now = 119_000;
    await probe(server, undefined, "acme/app:3", prober);
    assert.equal(tokens(), 1);
    now = 121_000;
    await probe(server, undefined, "acme/app:4", prober);
    assert.equal(tokens(), 2);
  });

  it("a registry that shows its manifests to all, and asks for a login at /v2/, is asked with the credential as Docker would", async () => {
    const server = await LoopbackServer.start((seen, response) => {
      if (seen.url.startsWith("/token"))
        response.writeHead(seen.authorization === undefined ? 200 : 401).end('{"token":"t"}');
      else if (seen.url === "/v2/")
        response.writeHead(401, { "WWW-Authenticate": bearer()(String(seen.headers.host)) }).end();
      else response.writeHead(200).end(JSON.stringify(MANIFEST));
    });
    servers.push(server);
    const { anonymous, authenticated } = await probe(server, PASSWORD);
    assert.deepEqual([anonymous.kind, authenticated?.kind], ["ok", "refused"]);
    assert.equal(server.seen.length, 3);
  });

  it("a refused credential is not sent again, whatever the tag and repository; another one is", async () => {
    const server = await start(
      bearer(),
      ({ authorization }) => (authorization === undefined ? granted : [401]),
      () => [401],
    );
    const prober = registryProber(httpClient(3_000), []);
    await Promise.all(["acme/a:1", "acme/a:2", "acme/b:1"].map((image) => probe(server, PASSWORD, image, prober)));
    const sent = () => server.seen.filter(({ authorization }) => authorization?.startsWith("Basic")).length;
    assert.equal(sent(), 1);
    await probe(server, { username: "me", password: new Redacted("canary") }, "acme/c:1", prober);
    assert.equal(sent(), 1);
    await probe(server, { username: "me", password: new Redacted("another") }, "acme/a:1", prober);
    assert.equal(sent(), 2);
  });

  const refusals: [text: string, sent: number][] = [
    [
      "HTTP Basic: Access denied. The provided password or token is incorrect or your account has 2FA enabled and you must use a personal access token instead of a password.",
      1,
    ],
    ["please use personal access token to login", 1],
    ["access token has insufficient scopes", 3],
  ];
  for (const [message, sent] of refusals) {
    it(`of three repositories the credential goes to ${sent} where the token server says: ${message.slice(0, 60)}`, async () => {
      const server = await start(bearer(), ({ authorization }) =>
        authorization === undefined ? granted : [401, { errors: [{ code: "UNAUTHORIZED", message }] }],
      );
      const prober = registryProber(httpClient(3_000), []);
      const images = ["acme/a:1", "acme/b:1", "acme/c:1"];
      await Promise.all(images.map((image) => probe(server, PASSWORD, image, prober)));
      assert.equal(server.seen.filter(({ authorization }) => authorization?.startsWith("Basic")).length, sent);
    });
  }

  it("where one tag is refused without a credential, the others are not asked for", async () => {
    const server = await start(
      bearer(),
      () => granted,
      () => [401],
    );
    const prober = registryProber(httpClient(3_000), []);
    const found = await Promise.all(["1", "2", "3"].map((tag) => probe(server, undefined, `acme/a:${tag}`, prober)));
    assert.deepEqual(
      found.map(({ anonymous }) => anonymous.kind),
      ["refused", "refused", "refused"],
    );
    assert.equal(server.seen.length, 3);
    assert.ok(found.every(({ anonymous }) => anonymous.exchanges.length === 3));
  });

  it("who waits for another's work is not cancelled with it", async () => {
    const server = await start(bearer(), () => granted);
    const prober = registryProber(httpClient(3_000), []);
    const stop = new AbortController();
    const image = parseImageReference(`${server.authority}/acme/app:1`);
    const first = prober.probe(image, undefined, stop.signal);
    const second = prober.probe(image, undefined, new AbortController().signal);
    stop.abort();
    await assert.rejects(first, failureWith("cancelled"));
    assert.equal((await second).anonymous.kind, "ok");
  });
});

describe("work that is shared", () => {
  it("is done once, forgotten when it fails, and done anew when its answer is stale", async () => {
    let count = 0;
    let fresh = true;
    const share = sharing<number>(() => fresh);
    const work = () => Promise.resolve(++count);
    assert.deepEqual(await Promise.all([share("a", work), share("a", work), share("b", work)]), [1, 1, 2]);
    await assert.rejects(
      share("c", () => Promise.reject(new Error("no"))),
      /no/,
    );
    assert.equal(await share("c", work), 3);
    fresh = false;
    assert.equal(await share("a", work), 4);
  });
});

describe("what the engine regards as insecure", () => {
  const cases: [authority: string, entries: string[], addresses: string[], want: boolean][] = [
    ["reg.test:5000", ["reg.test:5000"], [], true],
    ["reg.test", ["reg.test:5000"], [], false],
    ["reg.test:5000", ["10.0.0.0/8"], ["10.2.3.4"], true],
    ["reg.test:5000", ["10.0.0.0/8"], ["192.0.2.1", "10.2.3.4"], true],
    ["reg.test:5000", ["10.0.0.0/8"], ["192.0.2.1"], false],
    ["[2001:db8::1]:5000", ["2001:db8::/32"], ["2001:db8::1"], true],
  ];
  for (const [authority, entries, addresses, want] of cases) {
    it(`${authority} at ${addresses.join(" ")} with ${entries.join(" ")}: ${want}`, async () => {
      assert.equal(await isInsecureRegistry(authority, entries, () => Promise.resolve(addresses)), want);
    });
  }

  it("looks no name up where there is only Docker's own network", async () => {
    const entries = ["127.0.0.0/8", "::1/128", "other.test"];
    assert.equal(await isInsecureRegistry("reg.test", entries, () => assert.fail("looked up")), false);
  });
});
