import { strict as assert } from "node:assert";
import fc from "fast-check";
import { Failure } from "../../../src/domain/failure";
import { parseChallenges, parseErrorBody, realmIsFollowable } from "../../../src/domain/registry/protocol";
import { fixtureRows, judge, type Row } from "../../fixtures/vectors/judge";

type ChallengeRow = Row & {
  kind?: string;
  in: { headers: string[]; realm: string; registryHost: string };
  want: {
    challenges?: { scheme: string; params?: Record<string, string> | null }[];
    partial?: boolean;
    error?: unknown;
    accept?: boolean;
  };
};

describe("registry protocol", () => {
  const cases: [name: string, fields: string[], expected: [string, Record<string, string>][]][] = [
    ["nothing", [], []],
    [
      "several fields",
      ["Basic realm=a", 'Bearer realm="b"'],
      [
        ["basic", { realm: "a" }],
        ["bearer", { realm: "b" }],
      ],
    ],
    [
      "several in one field",
      ["Negotiate, Basic realm=a, Bearer realm=b"],
      [
        ["negotiate", {}],
        ["basic", { realm: "a" }],
        ["bearer", { realm: "b" }],
      ],
    ],
    [
      "token68",
      ["Negotiate abc/+~==, Basic realm=a"],
      [
        ["negotiate", {}],
        ["basic", { realm: "a" }],
      ],
    ],
    [
      "a comma and an equals sign in quotes",
      ['Bearer scope="repository:a:pull,push=x",realm=b'],
      [["bearer", { scope: "repository:a:pull,push=x", realm: "b" }]],
    ],
    ["spaces around the equals sign", ['Bearer realm = "a" , service = b'], [["bearer", { realm: "a", service: "b" }]]],
    ["empty list elements", [",, Basic realm=a,, ,charset=UTF-8,"], [["basic", { realm: "a", charset: "UTF-8" }]]],
    ["a space before the comma", ['Basic , realm="foo"'], [["basic", { realm: "foo" }]]],
    ["a parameter given twice", ["Basic realm=a, realm=b"], [["basic", { realm: "b" }]]],
    [
      "names of built-in properties",
      ["Basic __proto__=a, constructor=b"],
      [
        [
          "basic",
          Object.fromEntries([
            ["__proto__", "a"],
            ["constructor", "b"],
          ]),
        ],
      ],
    ],
    ["HTML", ["<html>"], []],
  ];
  for (const [name, fields, expected] of cases) {
    it(`challenges: ${name}`, () => {
      assert.deepEqual(
        parseChallenges(fields).map(({ scheme, parameters }) => [scheme, parameters]),
        expected,
      );
    });
  }

  it("refuses a header that is far too long", () => {
    assert.throws(
      () => parseChallenges(["a".repeat(70_000)]),
      (error) => error instanceof Failure && error.code === "invalid-challenge",
    );
  });

  it("a challenge survives being written and read", () => {
    const token = fc.stringMatching(/^[a-z][a-z0-9_-]{0,8}$/);
    const value = fc.string({ unit: "binary-ascii" }).map((text) => text.replace(/[^\x20-\x7e\t]/g, ""));
    const parameters = fc.dictionary(token, value, { noNullPrototype: true });
    const challenge = fc.record({ scheme: token, parameters }, { noNullPrototype: true });
    fc.assert(
      fc.property(fc.array(challenge, { maxLength: 4 }), fc.boolean(), (challenges, oneField) => {
        const fields = challenges.map(({ scheme, parameters }) => {
          const written = Object.entries(parameters).map(([key, text]) => `${key}="${text.replace(/["\\]/g, "\\$&")}"`);
          return [scheme, written.join(", ")].filter((part) => part !== "").join(" ");
        });
        assert.deepEqual(parseChallenges(oneField ? [fields.join(", ")] : fields), challenges);
      }),
    );
  });

  it("no text makes a parser throw", () => {
    const hostile = fc.string({ unit: fc.constantFrom('"', "\\", ",", "=", " ", "a", "/", "\t", "é") });
    fc.assert(
      fc.property(fc.oneof(fc.string(), hostile), (text) => {
        parseChallenges([text]);
        parseErrorBody(text);
        realmIsFollowable(text, text);
      }),
      { numRuns: 1000 },
    );
  });

  describe("vectors: WWW-Authenticate", () => {
    const malformed = "what was read stays; the rest is left out";
    judge(
      fixtureRows<ChallengeRow>("www-authenticate").filter((row) => row.kind === undefined),
      {
        3: "an empty header has no challenge, not one called unknown",
        4: "an unknown scheme keeps its name",
        18: malformed,
        19: "no header is no challenge, not an error",
        29: "valid by RFC 9110: a scheme called error with token68",
        36: malformed,
        41: "a scheme without parameters, as most clients read it; the parameter belongs to nothing",
        42: malformed,
        43: "token68 by RFC 9110, and what follows belongs to nothing, as most clients read it",
        53: "another layer says what a missing header means",
        54: "another layer says which schemes it can use",
        55: "another layer says which parameters it needs",
      },
      ({ in: { headers }, want }) => {
        const found = parseChallenges(headers);
        if (want.challenges === undefined) {
          assert.deepEqual(found, [], "an error is expected");
          assert.ok(headers.length > 0, "an error is expected");
          return;
        }
        assert.deepEqual(
          found.map((challenge) => challenge.scheme),
          want.challenges.map((challenge) => challenge.scheme),
        );
        for (const [index, { params }] of want.challenges.entries()) {
          const parameters = found[index]?.parameters ?? {};
          if (params === null || params === undefined) continue;
          if (want.partial === true) assert.deepEqual({ ...parameters, ...params }, parameters);
          else assert.deepEqual(parameters, params);
        }
      },
    );
  });

  describe("vectors: realms that a client may follow", () => {
    judge(
      fixtureRows<ChallengeRow>("www-authenticate").filter((row) => row.kind === "realm-url"),
      {},
      ({ in: { realm, registryHost }, want }) => {
        assert.equal(realmIsFollowable(realm, registryHost), want.accept);
      },
    );
  });

  const realms: [realm: string, registry: string, followable: boolean][] = [
    ["https://auth.example.com/token", "registry.example.com", true],
    ["http://auth.example.com/token", "registry.example.com", false],
    ["http://localhost:5001/token", "localhost:5000", true],
    ["https://localhost/token", "registry.example.com", false],
    ["https://0x7f.1/token", "registry.example.com", false],
    ["https://[::ffff:10.0.0.1]/token", "registry.example.com", false],
    ["https://[::ffff:8.8.8.8]/token", "registry.example.com", true],
    ["https://[fd00::1]/token", "registry.example.com", false],
    ["https://[fd00::1]:8443/token", "[fd00::1]:5000", true],
    ["https://192.168.0.1/token", "10.0.0.1", false],
    ["https://user:x@auth.example.com/token", "registry.example.com", false],
    ["ftp://auth.example.com/token", "registry.example.com", false],
    ["auth.example.com", "registry.example.com", false],
  ];
  for (const [realm, registry, followable] of realms) {
    it(`${realm} for ${registry} is ${followable ? "" : "not "}followed`, () => {
      assert.equal(realmIsFollowable(realm, registry), followable);
    });
  }

  const bodies: [name: string, body: string, expected: unknown[]][] = [
    [
      "OCI",
      '{"errors":[{"code":"MANIFEST_UNKNOWN","message":"manifest unknown","detail":{"Tag":"9"}}]}',
      [{ code: "MANIFEST_UNKNOWN", message: "manifest unknown", detail: { Tag: "9" } }],
    ],
    [
      "several",
      '{"errors":[{"code":"UNAUTHORIZED","message":"a"},{"code":"DENIED","message":"b","detail":null}]}',
      [
        { code: "UNAUTHORIZED", message: "a" },
        { code: "DENIED", message: "b" },
      ],
    ],
    ["errors as texts", '{"errors":["access forbidden"]}', [{ code: "", message: "access forbidden" }]],
    [
      "details only",
      '{"details":"incorrect username or password"}',
      [{ code: "", message: "incorrect username or password" }],
    ],
    ["message only", '{"message":"toomanyrequests: slow down"}', [{ code: "", message: "toomanyrequests: slow down" }]],
    [
      "OAuth",
      '{"error":"invalid_grant","error_description":"expired"}',
      [{ code: "invalid_grant", message: "expired" }],
    ],
    ["error as a text", '{"error":"Not Found"}', [{ code: "", message: "Not Found" }]],
    ["error as an object", '{"error":{"code":404,"message":"Not found."}}', [{ code: "404", message: "Not found." }]],
    ["a byte order mark", '\uFEFF{"errors":[{"code":"DENIED","message":""}]}', [{ code: "DENIED", message: "" }]],
    ["no error", '{"token":"x"}', []],
    ["HTML", "<html><body>502</body></html>", []],
    ["nothing", "", []],
    ["a list", "[1]", []],
    ["rubbish in the list", '{"errors":[1,null,{},[]]}', []],
    ["more than 1 MB", JSON.stringify({ message: "x".repeat(1_100_000) }), []],
  ];
  for (const [name, body, expected] of bodies) {
    it(`error body: ${name}`, () => assert.deepEqual(parseErrorBody(body), expected));
  }
});
