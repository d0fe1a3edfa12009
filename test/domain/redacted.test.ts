import { strict as assert } from "node:assert";
import { Console } from "node:console";
import { Writable } from "node:stream";
import { format, inspect } from "node:util";
import fc from "fast-check";
import { Failure } from "../../src/domain/failure";
import { base64, Redacted, redactText } from "../../src/domain/redacted";
import { readFileSync } from "node:fs";

const VALUE = "kT9-canary/+=% & é";
const secret = new Redacted(VALUE);

describe("a redacted value", () => {
  const ways: [name: string, text: () => string][] = [
    ["a template", () => `<${secret as unknown as string}>`],
    ["String()", () => String(secret)],
    ["String() in a sentence", () => `x${String(secret)}`],
    ["concatenation of the object itself", () => "x" + (secret as unknown as string)],
    ["joining an array", () => [secret].join()],
    ["JSON", () => JSON.stringify({ secret, list: [secret] })],
    ["inspect", () => inspect({ secret }, { depth: 9, showHidden: true })],
    ["inspect of itself", () => inspect(secret, { showHidden: true })],
    ["inspect without custom functions", () => inspect(secret, { customInspect: false, showHidden: true })],
    ["format", () => format("%s %o %O %j", secret, secret, secret, secret)],
    [
      "its keys and values",
      () => JSON.stringify([Object.keys(secret), Object.values(secret), Object.assign({}, secret)]),
    ],
    ["an error's message, facts and cause", () => inspect(new Failure("cancelled", String(secret), {}, { secret }))],
    ["the console", () => printed((console) => console.log(secret, { secret }, "%s", secret))],
    ["the console as a table", () => printed((console) => console.table([{ secret }]))],
    ["a locale's form", () => secret.toLocaleString()],
  ];
  for (const [name, text] of ways) {
    it(`is not shown by ${name}`, () => assert.ok(!text().includes("canary"), text()));
  }

  it("says what it is where it stands", () => {
    assert.equal(String(secret), "[redacted]");
    assert.equal(JSON.stringify({ secret }), '{"secret":"[redacted]"}');
    assert.equal(inspect({ secret }), "{ secret: [redacted] }");
  });

  it("is not copied by structuredClone", () => {
    assert.ok(!inspect(structuredClone(secret)).includes("canary"));
  });

  it("gives its value only when asked to", () => assert.equal(secret.reveal(), VALUE));

  it("is compared and asked for emptiness without being shown", () => {
    assert.equal(secret.equals(new Redacted(VALUE)), true);
    assert.equal(secret.equals(new Redacted("other")), false);
    assert.equal(secret.isEmpty, false);
    assert.equal(new Redacted("").isEmpty, true);
  });
});

function printed(print: (console: Console) => void): string {
  let text = "";
  const stream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      text += chunk.toString();
      done();
    },
  });
  print(new Console(stream, stream));
  return text;
}

describe("redactText", () => {
  const value = 'p&ss w"rd\\/+é';
  const given = [{ username: "octocat", value: new Redacted(value) }];
  const forms: [name: string, form: string][] = [
    ["plain", value],
    ["base64", base64(value)],
    ["base64 without padding", base64(value).replace(/=+$/, "")],
    ["URL-safe base64", Buffer.from(value).toString("base64url")],
    ["user:value in base64", base64(`octocat:${value}`)],
    ["URL-encoded", encodeURIComponent(value)],
    ["URL-encoded with lower-case digits", encodeURIComponent(value).replace(/%../g, (hex) => hex.toLowerCase())],
    ["form-encoded", new URLSearchParams({ p: value }).toString().slice(2)],
    ["JSON-escaped", JSON.stringify(value).slice(1, -1)],
    ["JSON-escaped by Go", JSON.stringify(value).slice(1, -1).replaceAll("&", "\\u0026")],
  ];
  for (const [name, form] of forms) {
    it(`removes the value ${name}`, () => {
      assert.equal(redactText(`before ${form} after`, given), "before [redacted] after");
    });
  }

  const foreign: [name: string, text: string, want: string][] = [
    ["a Basic header", "> Authorization: Basic dXNlcjpwdw==", "> Authorization: Basic [redacted]"],
    ["a Bearer header in JSON", '{"authorization":"Bearer abc.def"}', '{"authorization":"Bearer [redacted]"}'],
    ["a proxy's header", "Proxy-Authorization: Basic dXNlcjpwdw==", "Proxy-Authorization: Basic [redacted]"],
    ["a header without a scheme", "authorization: 0123456789abcdef", "authorization: [redacted]"],
    ["a Digest header", 'Authorization: Digest username="u", response="0f"', "Authorization: Digest [redacted]"],
    [
      "a signed AWS request",
      "Authorization: AWS4-HMAC-SHA256 Credential=AKIA/x, Signature=0f",
      "Authorization: AWS4-HMAC-SHA256 [redacted]",
    ],
    ["the engine's registry header", "X-Registry-Auth: eyJ1c2VybmFtZSI6InUifQ==", "X-Registry-Auth: [redacted]"],
    [
      "the session token in what AWS would have signed",
      "'GET\n/\n\nx-amz-security-token:IQoJb3JpZ2luX2VjEA//x==\nhost' or x-amz-security-token: FwoGZXIv",
      "'GET\n/\n\nx-amz-security-token:[redacted]\nhost' or x-amz-security-token: [redacted]",
    ],
    [
      "tokens and a client secret of Google",
      "ya29.a0Af_B-x1 of 1//0gAbc-dEf_9 and GOCSPX-a1B2c3D4",
      "[redacted] of [redacted] and [redacted]",
    ],
    ["a bearer token in words", "sent bearer abcdef0123456789", "sent bearer [redacted]"],
    ["a JWT after a dash and a line", "id_-eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJ4In0.c2ln", "id_-[redacted]"],
    ["a JWT at the end of a name", "a.b-c.eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJ4In0.c2ln.d", "a.b-c.[redacted].d"],
    ["a JWT", "got eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJ4In0.c2ln end", "got [redacted] end"],
    ["userinfo", "fatal: https://user:pw@git.example.com/x", "fatal: https://[redacted]@git.example.com/x"],
    ["userinfo with an @ in it", "https://user:p@w@git.example.com/x", "https://[redacted]@git.example.com/x"],
    ["a token as userinfo", "https://ghp_x@github.com/a", "https://[redacted]@github.com/a"],
    ["userinfo of a proxy", "socks5://u:pw@proxy.example:1080", "socks5://[redacted]@proxy.example:1080"],
    [
      "userinfo after a long word",
      `${"a.".repeat(99)}://u:pw@registry.example/x`,
      `${"a.".repeat(99)}://[redacted]@registry.example/x`,
    ],
    ["a header in lines of JSON", '{\n  "x-auth-token": "abc"\n}', '{\n  "x-auth-token": "[redacted]"\n}'],
    ["a header with spaces before it and after it", "{  X-Auth-Token: abc  ", "{  X-Auth-Token: [redacted]  "],
    [
      "a signed URL of S3",
      "GET https://s3.example/x?X-Amz-Credential=AK%2Fx&X-Amz-Signature=0f&keep=1",
      "GET https://s3.example/x?X-Amz-Credential=[redacted]&X-Amz-Signature=[redacted]&keep=1",
    ],
    ["one of Azure", "https://a.example/x?sv=2&sig=a%2Bb%3D", "https://a.example/x?sv=2&sig=[redacted]"],
    [
      "one of Google, escaped in JSON",
      '"https://g.example/x?a=1\\u0026X-Goog-Signature=0f"',
      '"https://g.example/x?a=1\\u0026X-Goog-Signature=[redacted]"',
    ],
    [
      "one of CloudFront",
      "https://c.example/x?Policy=ey_&Signature=a~b&Key-Pair-Id=K",
      "https://c.example/x?Policy=[redacted]&Signature=[redacted]&Key-Pair-Id=[redacted]",
    ],
    [
      "Docker's config",
      '{"auths":{"ghcr.io":{"auth":"dTpw","identitytoken": "x"}}}',
      '{"auths":{"ghcr.io":{"auth":"[redacted]","identitytoken": "[redacted]"}}}',
    ],
    [
      "an answer with tokens",
      '{"token":"abc","access_token":"a\\"b","expires_in":3}',
      '{"token":"[redacted]","access_token":"[redacted]","expires_in":3}',
    ],
  ];
  for (const [name, text, want] of foreign) {
    it(`removes ${name} whoever it belongs to`, () => assert.equal(redactText(text), want));
  }

  const innocent = [
    "ghcr.io/acme/app:1.2.3",
    `registry.example.com:5000/a/b@sha256:${"0123456789abcdef".repeat(4)}`,
    "pull access denied, repository does not exist or may require authorization: server message: insufficient_scope: authorization failed",
    "pull access denied for x, repository does not exist or may require 'docker login': denied: requested access to the resource is denied",
    'Www-Authenticate: Bearer realm="https://auth.docker.io/token",service="registry.docker.io",scope="repository:a/b:pull"',
    "failed to fetch oauth token: unexpected status: 401 Unauthorized",
    "failed to fetch anonymous token",
    "[httpOci] ERR: Failed to fetch Bearer token from registry.",
    "the registry wants Bearer authentication",
    'Head "https://123456789012.dkr.ecr.eu-central-1.amazonaws.com/v2/x/manifests/1": no basic auth credentials',
    'Get "http://registry.example.com/v2/": dial tcp 192.0.2.1:80: connect: connection refused',
    "no identity-based policy allows the ecr:BatchGetImage action for arn:aws:iam::123456789012:role/x",
    "ssh://git@github.com/acme/app.git",
    "https://ghcr.io/v2/acme/app/manifests/latest?n=100&last=x",
    "Step 3/7 : RUN echo $TOKEN",
    "",
  ];
  for (const text of innocent) {
    it(`leaves alone: ${text.slice(0, 60)}`, () => {
      assert.equal(redactText(text), text);
      assert.equal(redactText(text, [{ username: "u", value: new Redacted("kT9-canary") }]), text);
    });
  }

  it("leaves nothing of a secret that begins with another one", () => {
    const both = [{ value: new Redacted("abc") }, { value: new Redacted("abcdef") }];
    assert.equal(redactText("x abcdef abc", both), "x [redacted] [redacted]");
    assert.equal(redactText("x abcdef abc", [...both].reverse()), "x [redacted] [redacted]");
  });

  it("stays readable when a secret is one letter, or half of a surrogate pair", () => {
    assert.equal(redactText("read", [{ value: new Redacted("e") }]), "r[redacted]ad");
    assert.equal(redactText("x \ud800 y", [{ value: new Redacted("\ud800") }]), "x [redacted] y");
  });

  it("ignores an empty secret", () =>
    assert.equal(redactText("abc", [{ username: "", value: new Redacted("") }]), "abc"));

  it("leaves no form of any secret", () => {
    const around = fc.string({ maxLength: 30 });
    // shorter ones are parts of "[redacted]", or of a form's surroundings, by chance
    const value = fc.string({ minLength: 9, maxLength: 60, unit: "binary" }).filter((text) => text.trim() === text);
    fc.assert(
      fc.property(value, fc.string(), around, around, (plain, username, before, after) => {
        const written = [
          plain,
          JSON.stringify(plain),
          base64(plain),
          base64(`${username}:${plain}`),
          Buffer.from(plain).toString("base64url"),
          encodeURIComponent(plain),
          new URLSearchParams({ x: plain }).toString(),
        ];
        const text = redactText([before, ...written, after].join(" "), [{ username, value: new Redacted(plain) }]);
        for (const form of [plain, base64(plain), encodeURIComponent(plain)]) assert.ok(!text.includes(form), text);
        assert.ok(text.split("[redacted]").length > written.length, text);
      }),
      { numRuns: 300 },
    );
  });

  it("changes no text without a credential in it, of those that real tools print", () => {
    const lines = readFileSync("test/fixtures/devcontainers/pull-refused.jsonl", "utf8");
    assert.equal(redactText(lines, [{ username: "octocat", value: new Redacted("kT9-canary") }]), lines);
  });

  it("takes time in proportion to a hostile text: a megabyte is nothing", () => {
    const pieces = [
      ...["a", "-", ".", "+", "_", " ", "\n", "\r\n", "\t", ",", '"', ":", "/", "://", "@", "\\", "&", "="],
      ...["https://", "a://", "authorization", ": basic ", "proxy-", "x-registry-auth: ", "eyJaaaaaaaa", "bearer "],
      ...['"token":"', "?sig=", "docker-credential-", "\u2028"],
    ];
    const repeated = fc
      .array(fc.constantFrom(...pieces), { minLength: 1, maxLength: 4 })
      .map((chosen) => chosen.join(""))
      .map((piece) => piece.repeat(Math.ceil(1_000_000 / piece.length)));
    const secrets = [{ value: new Redacted("kT9-canary") }];
    fc.assert(
      fc.property(repeated, (text) => redactText(text, secrets).length > 0),
      {
        examples: ["a-", "a.", "-eyJaaaaaaaa", "\n"].map((piece) => [piece.repeat(500_000)]),
        numRuns: 40,
      },
    );
  });
});
