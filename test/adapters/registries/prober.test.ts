import { strict as assert } from "node:assert";
import type { ServerResponse } from "node:http";
import { httpClient, type HttpClient, type HttpRequest, type HttpResponse } from "../../../src/adapters/http/client";
import { Unreachable } from "../../../src/adapters/http/unreachable";
import { registryProber } from "../../../src/adapters/registries/prober";
import type { Attempt, TriedCredential } from "../../../src/domain/diagnosis/evidence";
import { Failure } from "../../../src/domain/failure";
import { parseImageReference } from "../../../src/domain/image/reference";
import { Redacted } from "../../../src/domain/redacted";
import { failureWith } from "../../fakes/failures";
import { LoopbackServer, type Seen } from "../../fakes/loopbackServer";

const GOOD: TriedCredential = { username: "octocat", password: new Redacted("kT9-canary") };
const STALE: TriedCredential = { username: "octocat", password: new Redacted("stale-canary") };
const TOKEN: TriedCredential = { identityToken: new Redacted("identity-canary") };
const basicOf = (user: string, value: string) => `Basic ${Buffer.from(`${user}:${value}`).toString("base64")}`;

function json(response: ServerResponse, status: number, body: unknown, headers: Record<string, string> = {}): void {
  response.writeHead(status, { "Content-Type": "application/json", ...headers }).end(JSON.stringify(body));
}

const error = (code: string, message = "") => ({ errors: [{ code, message }] });

const MANIFEST = { schemaVersion: 2, config: {}, layers: [] };

/** What a registry holds: repositories by who may pull them, each with the tag 1.0. */
interface Options {
  readonly scheme: "basic" | "bearer" | "none";
  /** Where its token server stands, if not beside it. */
  readonly realm?: string;
  /** It says "manifest unknown" for a repository that it does not have, and lists no tags. */
  readonly vague?: boolean;
}

type Answer = readonly [status: number, body: unknown, headers?: Record<string, string>];

/** A registry on this machine that behaves as CNCF Distribution does: `open/…` for all, `mine/…` for octocat alone. */
function distribution(options: Options) {
  return (seen: Seen, response: ServerResponse): void => {
    const [status, body, headers] = answerOf(seen, options);
    json(response, status, body, headers);
  };
}

function answerOf(seen: Seen, { scheme, realm, vague = false }: Options): Answer {
  const url = new URL(seen.url, "http://x");
  const mayLogIn = seen.authorization === basicOf("octocat", "kT9-canary");
  if (url.pathname === "/token") return tokenFor(seen, url, mayLogIn);

  const token = /^Bearer token-of-(\w+)-/.exec(seen.authorization ?? "")?.[1];
  const who = scheme === "bearer" ? token : mayLogIn ? "octocat" : undefined;
  const tokenServer = realm ?? `http://${String(seen.headers.host)}/token`;
  const challenge = scheme === "basic" ? 'Basic realm="x"' : `Bearer realm="${tokenServer}",service="unit"`;
  const login: Answer = [401, error("UNAUTHORIZED", "authentication required"), { "WWW-Authenticate": challenge }];
  if (scheme !== "none" && who === undefined) return login;

  const [, repository = "", kind, name] = /^\/v2\/(.+)\/(manifests|tags)\/(.+)$/.exec(url.pathname) ?? [];
  if (repository === "") return [200, {}];
  const isHidden = repository.startsWith("theirs/") || (repository.startsWith("mine/") && who !== "octocat");
  if (isHidden) return scheme === "bearer" ? login : [403, error("DENIED", "requested access is denied")];
  if (!repository.endsWith("/app")) return [404, error(vague ? "MANIFEST_UNKNOWN" : "NAME_UNKNOWN", "not known")];
  if (kind === "tags") {
    return vague ? [404, {}] : [200, { name: repository, tags: ["1.0", "latest", "\u001b[2J", 5, "x".repeat(200)] }];
  }
  const exists = name === "1.0" || name?.startsWith("sha256:") === true;
  return exists ? [200, MANIFEST] : [404, error("MANIFEST_UNKNOWN", "manifest unknown")];
}

function tokenFor(seen: Seen, url: URL, mayLogIn: boolean): Answer {
  const form = new URLSearchParams(seen.body);
  const identity = form.get("refresh_token");
  if (identity !== null && identity !== "identity-canary") return [401, error("UNAUTHORIZED", "invalid refresh token")];
  if (seen.authorization !== undefined && !mayLogIn) {
    return [401, error("UNAUTHORIZED", `incorrect username or password for ${seen.authorization}`)];
  }
  const who = mayLogIn || identity !== null ? "octocat" : "nobody";
  return [200, { token: `token-of-${who}-for-${String(url.searchParams.get("scope") ?? form.get("scope"))}` }];
}

function hugeManifest() {
  const layer = {
    mediaType: "application/vnd.oci.image.layer.v1.tar+gzip",
    size: 1,
    digest: `sha256:${"0".repeat(64)}`,
  };
  return { schemaVersion: 2, config: {}, layers: new Array<typeof layer>(10_000).fill(layer) };
}

/** An attempt in a word or two. */
function brief(attempt: Attempt | undefined): string {
  if (attempt === undefined) return "-";
  switch (attempt.kind) {
    case "refused":
      return `refused ${attempt.stage} ${attempt.scheme} ${attempt.status}`;
    case "not-found":
      return `no ${attempt.what}${attempt.tags ? ` of ${attempt.tags.join(" ")}` : ""}`;
    case "unreachable":
      return `unreachable ${attempt.reason}`;
    default:
      return attempt.kind;
  }
}

describe("asking a registry for an image", () => {
  const servers: LoopbackServer[] = [];
  async function start(answer: Parameters<typeof LoopbackServer.start>[0]): Promise<LoopbackServer> {
    const server = await LoopbackServer.start(answer);
    servers.push(server);
    return server;
  }
  afterEach(async () => {
    await Promise.all(servers.splice(0).map((server) => server.stop()));
  });

  async function probe(
    server: LoopbackServer,
    image: string,
    credential?: TriedCredential,
    realms: string[] = [],
    timeoutMs = 8_000,
  ) {
    const prober = registryProber(httpClient(timeoutMs), realms);
    const found = await prober.probe(parseImageReference(`${server.authority}/${image}`), credential);
    assert.ok(!JSON.stringify(found).includes("canary"), "a secret stands in the evidence");
    return `${brief(found.anonymous)} / ${brief(found.authenticated)}`;
  }

  const cases: [
    what: string,
    options: Options,
    image: string,
    credential: TriedCredential | undefined,
    want: string,
    most: number,
  ][] = [
    ["no authentication", { scheme: "none" }, "open/app:1.0", undefined, "ok / -", 3],
    [
      "no authentication, with a credential that nobody asked for",
      { scheme: "none" },
      "open/app:1.0",
      STALE,
      "ok / -",
      3,
    ],
    ["no authentication, unknown tag", { scheme: "none" }, "open/app:2", undefined, "no tag of 1.0 latest / -", 3],
    ["no authentication, unknown repository", { scheme: "none" }, "open/nothing:2", undefined, "no repository / -", 3],
    ["a digest", { scheme: "none" }, `open/app@sha256:${"a".repeat(64)}`, undefined, "ok / -", 3],
    ["Basic, no credential", { scheme: "basic" }, "mine/app:1.0", undefined, "refused manifest basic 401 / -", 3],
    ["Basic", { scheme: "basic" }, "mine/app:1.0", GOOD, "refused manifest basic 401 / ok", 5],
    [
      "Basic, a stale credential",
      { scheme: "basic" },
      "mine/app:1.0",
      STALE,
      "refused manifest basic 401 / refused manifest basic 401",
      5,
    ],
    [
      "Basic, no right",
      { scheme: "basic" },
      "theirs/app:1.0",
      GOOD,
      "refused manifest basic 401 / refused manifest basic 403",
      5,
    ],
    [
      "Basic, unknown tag",
      { scheme: "basic" },
      "mine/app:2",
      GOOD,
      "refused manifest basic 401 / no tag of 1.0 latest",
      5,
    ],
    [
      "Basic, unknown repository",
      { scheme: "basic" },
      "mine/nothing:1.0",
      GOOD,
      "refused manifest basic 401 / no repository",
      5,
    ],
    ["Bearer, public", { scheme: "bearer" }, "open/app:1.0", undefined, "ok / -", 3],
    ["Bearer, public, with a good credential", { scheme: "bearer" }, "open/app:1.0", GOOD, "ok / ok", 5],
    [
      "Bearer, public, with a stale one",
      { scheme: "bearer" },
      "open/app:1.0",
      STALE,
      "ok / refused token bearer 401",
      5,
    ],
    [
      "Bearer, private, no credential",
      { scheme: "bearer" },
      "mine/app:1.0",
      undefined,
      "refused manifest bearer 401 / -",
      3,
    ],
    ["Bearer, private", { scheme: "bearer" }, "mine/app:1.0", GOOD, "refused manifest bearer 401 / ok", 5],
    [
      "Bearer, private, a stale one",
      { scheme: "bearer" },
      "mine/app:1.0",
      STALE,
      "refused manifest bearer 401 / refused token bearer 401",
      5,
    ],
    [
      "Bearer, no right",
      { scheme: "bearer" },
      "theirs/app:1.0",
      GOOD,
      "refused manifest bearer 401 / refused manifest bearer 401",
      5,
    ],
    ["Bearer, an identity token", { scheme: "bearer" }, "mine/app:1.0", TOKEN, "refused manifest bearer 401 / ok", 5],
    ["Bearer, unknown tag", { scheme: "bearer" }, "open/app:2", undefined, "no tag of 1.0 latest / -", 4],
    [
      "Bearer, private, unknown tag",
      { scheme: "bearer" },
      "mine/app:2",
      GOOD,
      "refused manifest bearer 401 / no tag of 1.0 latest",
      6,
    ],
    ["Bearer, unknown repository", { scheme: "bearer" }, "open/nothing", undefined, "no repository / -", 4],
    ["a vague registry", { scheme: "bearer", vague: true }, "open/nothing", undefined, "no unknown / -", 4],
  ];
  for (const [what, options, image, credential, want, most] of cases) {
    it(`${what}: ${want}`, async () => {
      const server = await start(distribution(options));
      assert.equal(await probe(server, image, credential), want);
      assert.ok(server.seen.length <= most, server.log.join("\n"));
    });
  }

  it("asks as docker does: manifest, token, manifest; anonymously first", async () => {
    const server = await start(distribution({ scheme: "bearer" }));
    await probe(server, "mine/app:1.0", GOOD);
    const scope = "service=unit&scope=repository%3Amine%2Fapp%3Apull";
    assert.deepEqual(server.log, [
      "GET /v2/mine/app/manifests/1.0",
      `GET /token?${scope}`,
      "GET /v2/mine/app/manifests/1.0*",
      `GET /token?${scope}&account=octocat*`,
      "GET /v2/mine/app/manifests/1.0*",
    ]);
    const manifests = server.seen.filter(({ url }) => url.includes("manifests"));
    for (const { headers } of manifests) assert.match(headers.accept ?? "", /oci\.image\.index.*manifest\.list/);
    // the password goes to the token server alone
    const told = server.seen.filter(({ authorization }) => authorization === basicOf("octocat", "kT9-canary"));
    assert.deepEqual(
      told.map(({ url }) => url.split("?")[0]),
      ["/token"],
    );
  });

  it("sends an identity token in a form, not in a URL", async () => {
    const server = await start(distribution({ scheme: "bearer" }));
    await probe(server, "mine/app:1.0", TOKEN);
    const post = server.seen.find(({ method }) => method === "POST");
    assert.equal(new URLSearchParams(post?.body).get("grant_type"), "refresh_token");
    assert.ok(server.seen.every(({ url }) => !url.includes("canary")));
  });

  const broken: [what: string, answer: (response: ServerResponse) => void, want: string][] = [
    [
      "a web page",
      (response) => void response.writeHead(200, { "Content-Type": "text/html" }).end("<!DOCTYPE html><html></html>"),
      "not-a-registry / -",
    ],
    [
      "a web page that is not there",
      (response) => void response.writeHead(404, { "Content-Type": "text/html" }).end("<html>"),
      "not-a-registry / -",
    ],
    [
      "a page that asks for a login",
      (response) =>
        void response
          .writeHead(401, { "Content-Type": "text/html", "WWW-Authenticate": 'Basic realm="nginx"' })
          .end("<html>401</html>"),
      "refused manifest basic 401 / refused manifest basic 401",
    ],
    ["one that says OK", (response) => void response.writeHead(200).end("OK"), "not-a-registry / -"],
    ["one that says nothing", (response) => void response.writeHead(200).end(), "not-a-registry / -"],
    ["one that has no content", (response) => void response.writeHead(204).end(), "not-a-registry / -"],
    ["another service", (response) => json(response, 200, { hello: "world" }), "not-a-registry / -"],
    ["a list of something else", (response) => json(response, 200, { manifests: [] }), "not-a-registry / -"],
    ["a list as such", (response) => json(response, 200, [{ schemaVersion: 2 }]), "not-a-registry / -"],
    ["a manifest without an image", (response) => json(response, 200, { schemaVersion: 2 }), "not-a-registry / -"],
    [
      "a manifest of schema 1",
      (response) => json(response, 200, { schemaVersion: 1, name: "mine/app", tag: "1.0", fsLayers: [] }),
      "outdated-format / -",
    ],
    ["a manifest larger than what is read", (response) => json(response, 200, hugeManifest()), "ok / -"],
    [
      "a larger one that does not say what it is",
      (response) =>
        json(response, 200, hugeManifest().layers, { "Content-Type": "application/vnd.oci.image.index.v1+json" }),
      "ok / -",
    ],
    ["endless JSON of another service", (response) => json(response, 200, hugeManifest().layers), "not-a-registry / -"],
    ["a registry that fails", (response) => void response.writeHead(500).end("oops"), "server-error / -"],
    [
      "a proxy that fails with a page",
      (response) => void response.writeHead(502, { "Content-Type": "text/html" }).end("<html>"),
      "server-error / -",
    ],
    ["one that hangs", () => undefined, "unreachable timeout / -"],
    ["one that closes", (response) => void response.destroy(), "unreachable closed / -"],
    [
      "a redirect without an end",
      (response) => void response.writeHead(307, { Location: "/v2/x" }).end(),
      "not-a-registry / -",
    ],
    [
      "a redirect to nowhere",
      (response) => void response.writeHead(307, { Location: "https://[" }).end(),
      "not-a-registry / -",
    ],
    [
      "a refusal without a challenge",
      (response) => json(response, 403, error("DENIED")),
      "refused manifest none 403 / -",
    ],
    [
      "a challenge without a realm",
      (response) => json(response, 401, {}, { "WWW-Authenticate": "Bearer" }),
      "refused manifest none 401 / -",
    ],
    [
      "a challenge with a realm that is no URL",
      (response) => json(response, 401, {}, { "WWW-Authenticate": 'Bearer realm="/token"' }),
      "refused manifest none 401 / -",
    ],
    [
      "a body without an end",
      (response) => {
        response.writeHead(200);
        const pour = () => {
          while (!response.destroyed && response.write("x".repeat(65_536)));
        };
        response.on("drain", pour);
        pour();
      },
      "not-a-registry / -",
    ],
  ];
  for (const [what, answer, want] of broken) {
    it(`${what}: ${want}`, async () => {
      const server = await start((_, response) => answer(response));
      assert.equal(await probe(server, "open/app:1.0", GOOD, [], 500), want);
    });
  }

  it("429: the credential is not sent, and the wait is told", async () => {
    const server = await start((_, response) =>
      json(response, 429, error("TOOMANYREQUESTS", "You have reached your pull rate limit."), {
        "Retry-After": "60",
        "WWW-Authenticate": 'Basic realm="x"',
      }),
    );
    const { anonymous, authenticated } = await registryProber(httpClient(3_000), []).probe(
      parseImageReference(`${server.authority}/open/app`),
      GOOD,
    );
    assert.ok(anonymous.kind === "rate-limited");
    assert.deepEqual(
      [anonymous.retryAfter, anonymous.errors[0]?.message, authenticated],
      ["60", "You have reached your pull rate limit.", undefined],
    );
    assert.deepEqual(server.log, ["GET /v2/open/app/manifests/latest"]);
  });

  it("429 of the token server: the credential is not sent either", async () => {
    const server = await start((seen, response) =>
      seen.url.startsWith("/token") ? json(response, 429, {}) : distribution({ scheme: "bearer" })(seen, response),
    );
    assert.equal(await probe(server, "mine/app:1.0", GOOD), "rate-limited / -");
    assert.ok(server.seen.every(({ authorization }) => authorization === undefined));
  });

  for (const body of ["", "null", "[]", '"x"', "{}", '{"token":""}', '{"token":5}', "<html>"]) {
    it(`a token server that answers ${JSON.stringify(body)} is none`, async () => {
      const server = await start((seen, response) =>
        seen.url.startsWith("/token") ? void response.end(body) : distribution({ scheme: "bearer" })(seen, response),
      );
      assert.equal(await probe(server, "mine/app:1.0"), "not-a-registry / -");
    });
  }

  it("a token with a line break in it breaks nothing", async () => {
    const server = await start((seen, response) =>
      seen.url.startsWith("/token")
        ? json(response, 200, { token: "a\r\nX-Evil: 1" })
        : distribution({ scheme: "bearer" })(seen, response),
    );
    assert.match(await probe(server, "mine/app:1.0"), /^unreachable other/);
    assert.ok(server.seen.every(({ headers }) => headers["x-evil"] === undefined));
  });

  it("keeps what a registry says to one line, and without the credential that it repeats", async () => {
    const words = `no\r\n\u001b[2J${basicOf("octocat", "kT9-canary")} kT9-canary ${"long ".repeat(1000)}`;
    const server = await start((seen, response) =>
      seen.authorization === undefined
        ? distribution({ scheme: "basic" })(seen, response)
        : json(response, 401, error("UNAUTHORIZED", words)),
    );
    const found = await registryProber(httpClient(3_000), []).probe(
      parseImageReference(`${server.authority}/mine/app`),
      GOOD,
    );
    const text = JSON.stringify(found);
    assert.ok(!text.includes("canary"));
    assert.doesNotMatch(text, /\\u001b|\\r|\\n/);
    assert.ok(found.authenticated?.exchanges.every(({ answered }) => answered.length < 1200));
  });

  const indexes: [what: string, manifests: unknown[], platforms: string[] | undefined][] = [
    ["names its platforms", [{ platform: { os: "linux", architecture: "arm64", variant: "v8" } }], ["linux/arm64/v8"]],
    ["holds attestations, too", [{ platform: { os: "unknown", architecture: "unknown" } }], []],
    ["names none, which other files do", [{ digest: "sha256:0" }], undefined],
    ["is empty", [], []],
  ];
  for (const [what, manifests, platforms] of indexes) {
    it(`an index that ${what}`, async () => {
      const server = await start((_, response) => json(response, 200, { schemaVersion: 2, manifests }));
      const reference = parseImageReference(`${server.authority}/mine/app`);
      const { anonymous } = await registryProber(httpClient(3_000), []).probe(reference, undefined);
      assert.ok(anonymous.kind === "ok");
      assert.deepEqual(anonymous.platforms, platforms);
    });
  }

  it("keeps the first of endlessly many errors", async () => {
    const server = await start((_, response) =>
      json(response, 403, { errors: new Array(10_000).fill({ code: "DENIED", message: "no" }) }),
    );
    const { anonymous } = await registryProber(httpClient(3_000), []).probe(
      parseImageReference(`${server.authority}/mine/app`),
      undefined,
    );
    assert.ok("errors" in anonymous && anonymous.errors.length === 50);
  });

  it("a redirect to another origin goes without the credential; the server there sees none", async () => {
    const other = await start((_, response) => json(response, 200, MANIFEST));
    const server = await start((seen, response) => {
      if (seen.authorization === undefined) {
        distribution({ scheme: "basic" })(seen, response);
        return;
      }
      response.writeHead(307, { Location: `http://${other.authority}/stored` }).end();
    });
    assert.equal(await probe(server, "mine/app:1.0", GOOD), "refused manifest basic 401 / ok");
    assert.deepEqual(other.log, ["GET /stored"]);
  });

  it("a redirect on the same origin keeps it", async () => {
    const server = await start((seen, response) => {
      if (seen.authorization !== undefined && seen.url.includes("manifests"))
        response.writeHead(308, { Location: "/moved" }).end();
      else if (seen.url === "/moved") json(response, seen.authorization === undefined ? 401 : 200, MANIFEST);
      else distribution({ scheme: "basic" })(seen, response);
    });
    assert.equal(await probe(server, "mine/app:1.0", GOOD), "refused manifest basic 401 / ok");
    assert.equal(server.log.at(-1), "GET /moved*");
  });

  it("a redirect of the token server takes no identity token along", async () => {
    const other = await start((_, response) => json(response, 200, { token: "stolen" }));
    const server = await start((seen, response) => {
      if (seen.method === "POST") response.writeHead(307, { Location: `http://${other.authority}/steal` }).end();
      else distribution({ scheme: "bearer" })(seen, response);
    });
    assert.equal(await probe(server, "mine/app:1.0", TOKEN), "refused manifest bearer 401 / not-a-registry");
    assert.deepEqual(other.seen, []);
  });

  it("an unknown token server never sees the credential, unless it was agreed to", async () => {
    const tokens = await start(distribution({ scheme: "bearer" }));
    const server = await start(distribution({ scheme: "bearer", realm: `http://${tokens.authority}/token` }));
    assert.equal(await probe(server, "mine/app:1.0", GOOD), "refused manifest bearer 401 / unknown-realm");
    assert.equal(await probe(server, "mine/app:1.0", TOKEN), "refused manifest bearer 401 / unknown-realm");
    assert.ok(tokens.seen.every(({ authorization, body }) => authorization === undefined && body === ""));

    assert.equal(
      await probe(server, "mine/app:1.0", GOOD, [`127.0.0.1:1=${tokens.authority}`]),
      "refused manifest bearer 401 / unknown-realm",
    );
    assert.equal(
      await probe(server, "mine/app:1.0", GOOD, [`${server.authority}=${tokens.authority}`]),
      "refused manifest bearer 401 / ok",
    );
    assert.ok(tokens.seen.some(({ authorization }) => authorization === basicOf("octocat", "kT9-canary")));
  });

  it("is ended by a cancellation, and by nothing else", async () => {
    const stop = new AbortController();
    const server = await start(() => stop.abort());
    const prober = registryProber(httpClient(3_000), []);
    await assert.rejects(
      prober.probe(parseImageReference(`${server.authority}/a/b`), undefined, stop.signal),
      failureWith("cancelled"),
    );
    await assert.rejects(prober.realm(server.authority, AbortSignal.abort()), failureWith("cancelled"));
  });

  it("tells which token server a registry names, without a credential", async () => {
    const bearer = await start(distribution({ scheme: "bearer" }));
    const basic = await start(distribution({ scheme: "basic" }));
    const open = await start(distribution({ scheme: "none" }));
    const page = await start(
      (_, response) => void response.writeHead(200, { "Content-Type": "text/html" }).end("<html>"),
    );
    const prober = registryProber(httpClient(3_000), []);
    assert.deepEqual(await prober.realm(bearer.authority), { kind: "realm", url: `http://${bearer.authority}/token` });
    assert.deepEqual(await prober.realm(basic.authority), { kind: "none" });
    assert.deepEqual(await prober.realm(open.authority), { kind: "none" });
    assert.equal((await prober.realm(page.authority)).kind, "not-a-registry");
    assert.deepEqual(bearer.log, ["GET /v2/"]);
    const gone = page.authority;
    await page.stop();
    assert.equal((await registryProber(httpClient(3_000), []).realm(gone)).kind, "unreachable");
    servers.splice(servers.indexOf(page), 1);
  });
});

describe("asking a registry on another machine", () => {
  /** Answers by URL; everything else is unreachable. Notes each request. */
  class Net implements HttpClient {
    readonly asked: string[] = [];
    constructor(
      readonly answers: Record<
        string,
        { status: number; headers?: Record<string, string>; body?: string } | Unreachable
      >,
    ) {}

    send({ url, headers }: HttpRequest): Promise<HttpResponse> {
      this.asked.push(`${url.split("?")[0]}${headers?.["authorization"] === undefined ? "" : "*"}`);
      const answer = this.answers[url.split("?")[0] ?? ""] ?? new Unreachable("refused", "nothing listens", undefined);
      if (answer instanceof Unreachable) return Promise.reject(answer);
      const { status, headers: fields = {}, body = "" } = answer;
      return Promise.resolve({
        status,
        headers: new Map(Object.entries(fields).map(([name, value]) => [name, [value]])),
        body,
      });
    }
  }
  const MANIFEST_URL = "https://reg.example.com/v2/a/b/manifests/1";
  const IMAGE = parseImageReference("reg.example.com/a/b:1");
  const bearer = (realm: string) => ({ status: 401, headers: { "www-authenticate": `Bearer realm="${realm}"` } });
  const probed = async (net: Net, credential: TriedCredential | undefined, realms: string[] = []) => {
    const { anonymous, authenticated } = await registryProber(net, realms).probe(IMAGE, credential);
    return `${brief(anonymous)} / ${brief(authenticated)}`;
  };

  for (const reason of ["tls", "closed", "refused", "timeout"] as const) {
    it(`never falls back to plain http (${reason})`, async () => {
      const net = new Net({
        [MANIFEST_URL]: new Unreachable(reason, "x", undefined),
        [MANIFEST_URL.replace("https", "http")]: { status: 200 },
      });
      assert.equal(await probed(net, GOOD), `unreachable ${reason} / -`);
      assert.deepEqual(net.asked, [MANIFEST_URL]);
    });
  }

  const TOKEN_BODY = { status: 200, body: '{"access_token":"t"}' };
  const realms: [realm: string, agreed: string[], want: string, told: boolean][] = [
    ["https://reg.example.com/token", [], "refused manifest bearer 401 / refused manifest bearer 401", true],
    ["https://login.example.net/token", [], "refused manifest bearer 401 / unknown-realm", false],
    [
      "https://login.example.net/token",
      ["reg.example.com=login.example.net"],
      "refused manifest bearer 401 / refused manifest bearer 401",
      true,
    ],
    [
      "https://login.example.net/token",
      ["other.example.com=login.example.net"],
      "refused manifest bearer 401 / unknown-realm",
      false,
    ],
    [
      "https://login.example.net/token",
      ["reg.example.com=example.net"],
      "refused manifest bearer 401 / unknown-realm",
      false,
    ],
    ["http://login.example.net/token", ["reg.example.com=login.example.net"], "unknown-realm / unknown-realm", false],
    ["http://reg.example.com/token", [], "unknown-realm / unknown-realm", false],
    ["https://reg.example.com:8443/token", [], "refused manifest bearer 401 / unknown-realm", false],
    ["https://reg.example.com@evil.example/token", [], "unknown-realm / unknown-realm", false],
    ["https://169.254.169.254/token", [], "unknown-realm / unknown-realm", false],
    ["http://localhost:1/token", [], "unknown-realm / unknown-realm", false],
  ];
  for (const [realm, agreed, want, told] of realms) {
    it(`the token server ${realm} (agreed: ${agreed.join() || "none"}): ${want}`, async () => {
      const net = new Net({ [MANIFEST_URL]: bearer(realm), [realm]: TOKEN_BODY });
      assert.equal(await probed(net, GOOD, agreed), want);
      assert.equal(net.asked.includes(`${realm}*`), told, net.asked.join("\n"));
    });
  }

  it("knows Docker Hub's token server, and asks registry-1.docker.io", async () => {
    const manifest = "https://registry-1.docker.io/v2/library/debian/manifests/latest";
    const net = new Net({
      [manifest]: bearer("https://auth.docker.io/token"),
      "https://auth.docker.io/token": TOKEN_BODY,
    });
    await registryProber(net, []).probe(parseImageReference("debian"), GOOD);
    assert.deepEqual(net.asked, [
      manifest,
      "https://auth.docker.io/token",
      `${manifest}*`,
      "https://auth.docker.io/token*",
      `${manifest}*`,
    ]);
  });

  const redirects: [location: string, followed: boolean][] = [
    ["https://cdn.example.net/x", true],
    ["http://cdn.example.net/x", false],
    ["http://reg.example.com/x", false],
    ["http://localhost:8080/x", false],
    ["https://10.0.0.1/x", false],
    ["https://[::1]/x", false],
    ["file:///etc/passwd", false],
    ["https://u:p@cdn.example.net/x", false],
  ];
  for (const [location, followed] of redirects) {
    it(`${followed ? "follows" : "does not follow"} a redirect to ${location}`, async () => {
      const net = new Net({
        [MANIFEST_URL]: { status: 307, headers: { location } },
        [location]: { status: 200, body: JSON.stringify(MANIFEST) },
      });
      assert.equal(await probed(net, undefined), `${followed ? "ok" : "not-a-registry"} / -`);
      assert.deepEqual(net.asked, followed ? [MANIFEST_URL, location] : [MANIFEST_URL]);
    });
  }

  it("passes on what is no answer of a network", async () => {
    const net: HttpClient = { send: () => Promise.reject(new Failure("cancelled", "Cancelled.")) };
    await assert.rejects(registryProber(net, []).probe(IMAGE, undefined), failureWith("cancelled"));
  });
});
