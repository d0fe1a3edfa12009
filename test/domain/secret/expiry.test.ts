import { strict as assert } from "node:assert";
import fc from "fast-check";
import { Redacted } from "../../../src/domain/redacted";
import { expiryOf, isEcrToken, parseExpirationHeader } from "../../../src/domain/secret/expiry";

const b64 = (text: string): string => Buffer.from(text).toString("base64");
const b64url = (text: string): string => Buffer.from(text).toString("base64url");
/** As `aws ecr get-login-password` prints it (aws-ecr-orb#265, amazon-ecr-credential-helper's tests); the parts are made up. */
const ecr = (change: object = {}): string =>
  b64(
    JSON.stringify({
      payload: "cGF5bG9hZA==",
      datakey: "a2V5",
      version: "2",
      type: "DATA_KEY",
      expiration: 1_767_225_600,
      ...change,
    }),
  );
const jwt = (claims: object): string =>
  `${b64url('{"alg":"RS256","typ":"JWT"}')}.${b64url(JSON.stringify(claims))}.c2ln`;
const of = (value: string) => expiryOf({ kind: "password", username: "u", password: new Redacted(value) });

const AT = Date.UTC(2026, 0, 1);

describe("when a credential expires", () => {
  const cases: [what: string, value: string, want: string | undefined][] = [
    ["a password of ECR", ecr(), "ecr-token"],
    ["with a line break at its end", `${ecr()}\n`, "ecr-token"],
    ["with the time as text", ecr({ expiration: "1767225600" }), "ecr-token"],
    ["the API's token, with AWS: in front", b64(`AWS:${ecr()}`), "ecr-token"],
    ["base64 of other JSON", b64('{"expiration": 1767225600}'), undefined],
    ["a password of ECR without a time", ecr({ expiration: undefined }), undefined],
    ["with a time that is none", ecr({ expiration: "soon" }), undefined],
    ["with a time in another age", ecr({ expiration: 1e15 }), undefined],
    ["an access token of Azure, a JWT", jwt({ aud: "acme.azurecr.io", exp: 1_767_225_600 }), "jwt"],
    ["a JWT with a fraction of a second", jwt({ exp: 1_767_225_600.5 }), "jwt"],
    ["a JWT without exp", jwt({ sub: "x" }), undefined],
    ["a JWT with exp as text", jwt({ exp: "1767225600" }), undefined],
    ["a JWT with exp 0", jwt({ exp: 0 }), undefined],
    ["three words with dots", "a.b.c", undefined],
    ["a personal access token", "ghp_0123456789abcdefghijABCDEFGHIJ012345", undefined],
    ["nothing", "", undefined],
  ];
  for (const [what, value, want] of cases) {
    it(`${what}: ${want ?? "not known"}`, () => {
      const found = of(value);
      assert.equal(found?.from, want);
      if (found) assert.ok(Math.abs(found.at - AT) < 1_000);
    });
  }

  it("is not known of runner-native", () => {
    assert.equal(expiryOf({ kind: "runner-native" }), undefined);
  });

  it("of ECR's password is recognised apart from the time", () => {
    assert.deepEqual(
      [isEcrToken(ecr({ expiration: 1 })), isEcrToken("AWS"), isEcrToken(jwt({ exp: 1 }))],
      [true, false, false],
    );
  });

  const headers: [text: string, want: string | undefined][] = [
    ["2026-12-31 23:59:59 UTC", "2026-12-31T23:59:59.000Z"],
    ["2026-12-31 23:59:59 +0000", "2026-12-31T23:59:59.000Z"],
    ["2026-12-31 23:59:59 -0800", "2027-01-01T07:59:59.000Z"],
    [" 2026-12-31 23:59:59 +02:00 ", "2026-12-31T21:59:59.000Z"],
    ["2026-13-31 23:59:59 UTC", undefined],
    ["2026-12-31", undefined],
    ["2026-12-31 23:59:59 CET", undefined],
    ["never", undefined],
    ["", undefined],
  ];
  for (const [text, want] of headers) {
    it(`GitHub's header ${JSON.stringify(text)}: ${want ?? "not known"}`, () => {
      const found = parseExpirationHeader(text);
      assert.equal(found && new Date(found.at).toISOString(), want);
      assert.equal(found?.from, want && "header");
    });
  }

  it("never throws, and gives a time that is one, with nothing of the value", () => {
    const text = fc.oneof(
      fc.string(),
      fc.string({ unit: "binary" }),
      fc.base64String(),
      fc.json().map(b64),
      fc.jsonValue().map((value) => jwt({ exp: value })),
      fc.jsonValue().map((value) => ecr({ expiration: value })),
      fc.tuple(fc.base64String(), fc.base64String()).map(([head, body]) => `eyJ${head}.eyJ${body}.x`),
    );
    fc.assert(
      fc.property(text, (value) => {
        for (const found of [of(value), parseExpirationHeader(value)]) {
          if (!found) continue;
          assert.deepEqual(Object.keys(found), ["at", "from"]);
          assert.ok(Number.isFinite(new Date(found.at).getTime()));
        }
      }),
      { numRuns: 500 },
    );
  });
});
