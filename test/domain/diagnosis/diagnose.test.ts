import { strict as assert } from "node:assert";
import fc from "fast-check";
import { diagnose } from "../../../src/domain/diagnosis/diagnose";
import type { Attempt, AttemptOutcome, CredentialEvidence } from "../../../src/domain/diagnosis/evidence";
import { parseImageReference } from "../../../src/domain/image/reference";

const NONE: CredentialEvidence = { kind: "none" };
const SECRET: CredentialEvidence = { kind: "secret", name: "GHCR", scope: "user", username: "octocat" };
const LOGIN: CredentialEvidence = { kind: "docker-config", username: "octocat" };
const BROKEN: CredentialEvidence = { kind: "broken", reason: "docker-credential-x is missing." };
const NATIVE: CredentialEvidence = { kind: "runner-native", name: "ECR" };

const ok: AttemptOutcome = { kind: "ok" };
const refused = (
  stage: "token" | "manifest",
  scheme: "basic" | "bearer" | "none",
  status = 401,
  message = "",
): AttemptOutcome => ({
  kind: "refused",
  stage,
  scheme,
  status,
  errors: message === "" ? [] : [{ code: "DENIED", message }],
});
const missing = (what: "repository" | "tag" | "unknown", tags?: string[]): AttemptOutcome => ({
  kind: "not-found",
  what,
  errors: [],
  ...(tags ? { tags } : {}),
});
const limited = (message = "", retryAfter?: string): AttemptOutcome => ({
  kind: "rate-limited",
  errors: [{ code: "TOOMANYREQUESTS", message }],
  ...(retryAfter === undefined ? {} : { retryAfter }),
});
const unreachable: AttemptOutcome = { kind: "unreachable", reason: "dns", detail: "the name was not found" };
const page: AttemptOutcome = { kind: "not-a-registry", status: 200, contentType: "text/html" };
const realm = (url: string): AttemptOutcome => ({ kind: "unknown-realm", realm: url });

function judge(
  credential: CredentialEvidence,
  anonymous: AttemptOutcome,
  authenticated?: AttemptOutcome,
  image = "ghcr.io/acme/app:1",
) {
  const seen = (who: string, outcome: AttemptOutcome): Attempt => ({
    ...outcome,
    exchanges: [{ asked: who, answered: outcome.kind }],
  });
  return diagnose({
    place: { file: "/x/devcontainer.json", role: "image" },
    text: image,
    reference: parseImageReference(image),
    credential,
    anonymous: seen("anonymous", anonymous),
    ...(authenticated ? { authenticated: seen("with it", authenticated) } : {}),
  });
}

describe("the cause of a failed pull", () => {
  const cases: [
    what: string,
    credential: CredentialEvidence,
    anonymous: AttemptOutcome,
    authenticated: AttemptOutcome | undefined,
    code: string,
    remedies: string,
  ][] = [
    ["public, no credential", NONE, ok, undefined, "fine", ""],
    ["public, with a credential that works", SECRET, ok, ok, "fine", ""],
    ["public, with a credential that was not asked for", SECRET, ok, undefined, "fine", ""],
    ["private, with a credential that works", SECRET, refused("manifest", "bearer"), ok, "fine", ""],
    ["public, but Docker's config is broken", BROKEN, ok, undefined, "fine", ""],
    [
      "public, a stale secret",
      SECRET,
      ok,
      refused("token", "bearer"),
      "stale-credential-blocks-public-image",
      "edit-secret",
    ],
    [
      "public, a stale login of Docker's",
      LOGIN,
      ok,
      refused("manifest", "basic"),
      "stale-credential-blocks-public-image",
      "log-out add-secret",
    ],
    ["no credential for Bearer", NONE, refused("manifest", "bearer"), undefined, "no-credential", "add-secret"],
    [
      "no credential for Bearer: no anonymous token",
      NONE,
      refused("token", "bearer"),
      undefined,
      "no-credential",
      "add-secret",
    ],
    ["no credential for Basic", NONE, refused("manifest", "basic"), undefined, "no-credential", "add-secret"],
    [
      "no credential, and a registry that does not ask for one",
      NONE,
      refused("manifest", "none", 403),
      undefined,
      "unknown",
      "add-secret check-network",
    ],
    [
      "a credential that the registry does not ask for",
      SECRET,
      refused("manifest", "none", 403),
      undefined,
      "unknown",
      "grant-access check-network",
    ],
    [
      "Docker's config is broken",
      BROKEN,
      refused("manifest", "bearer"),
      undefined,
      "credential-unavailable",
      "repair-docker-config add-secret",
    ],
    ["runner-native", NATIVE, refused("manifest", "basic"), undefined, "runner-native-unanswered", "sign-in-to-cloud"],
    [
      "the token server refuses (401)",
      SECRET,
      refused("manifest", "bearer"),
      refused("token", "bearer"),
      "wrong-credential",
      "edit-secret",
    ],
    [
      "the token server refuses (403)",
      SECRET,
      refused("manifest", "bearer"),
      refused("token", "bearer", 403),
      "wrong-credential",
      "edit-secret",
    ],
    [
      "Basic refuses",
      SECRET,
      refused("manifest", "basic"),
      refused("manifest", "basic"),
      "wrong-credential",
      "edit-secret",
    ],
    [
      "a wrong login of Docker's",
      LOGIN,
      refused("manifest", "basic"),
      refused("manifest", "basic"),
      "wrong-credential",
      "add-secret",
    ],
    [
      "Basic lets in, and forbids",
      SECRET,
      refused("manifest", "basic"),
      refused("manifest", "basic", 403),
      "no-right-on-repository",
      "grant-access edit-secret",
    ],
    [
      "a token without the right (401)",
      SECRET,
      refused("manifest", "bearer"),
      refused("manifest", "bearer"),
      "no-right-on-repository",
      "grant-access edit-secret",
    ],
    [
      "a token without the right (403)",
      SECRET,
      refused("manifest", "bearer"),
      refused("manifest", "bearer", 403),
      "no-right-on-repository",
      "grant-access edit-secret",
    ],
    [
      "an expired token of ECR",
      SECRET,
      refused("manifest", "basic"),
      refused("manifest", "basic", 403, "Your authorization token has expired. Reauthenticate and try again."),
      "expired-credential",
      "edit-secret",
    ],
    [
      "a password that a token server takes, and the registry names wrong",
      SECRET,
      refused("manifest", "bearer"),
      refused("manifest", "bearer", 401, "incorrect username or password"),
      "wrong-credential",
      "edit-secret",
    ],
    [
      "GitLab, where a password does not do with two-factor authentication",
      SECRET,
      refused("manifest", "bearer"),
      refused(
        "token",
        "bearer",
        401,
        "HTTP Basic: Access denied. The provided password or token is incorrect or your account has 2FA enabled and you must use a personal access token instead of a password.",
      ),
      "wrong-credential",
      "edit-secret make-token",
    ],
    ["unknown tag, public", NONE, missing("tag"), undefined, "unknown-tag", "fix-tag"],
    ["unknown tag, private", SECRET, refused("manifest", "bearer"), missing("tag"), "unknown-tag", "fix-tag"],
    [
      "unknown repository, public",
      NONE,
      missing("repository"),
      undefined,
      "unknown-repository",
      "fix-repository add-secret",
    ],
    [
      "unknown repository, or hidden",
      SECRET,
      refused("manifest", "bearer"),
      missing("repository"),
      "unknown-repository",
      "fix-repository grant-access",
    ],
    [
      "nobody knows what is unknown",
      SECRET,
      refused("manifest", "bearer"),
      missing("unknown"),
      "unknown-repository",
      "fix-repository grant-access",
    ],
    ["too many requests", NONE, limited(), undefined, "rate-limited", "add-secret wait"],
    ["too many requests, and there is a secret already", SECRET, limited(), undefined, "rate-limited", "wait"],
    ["too many requests with the credential", SECRET, refused("manifest", "bearer"), limited(), "rate-limited", "wait"],
    [
      "locked out",
      SECRET,
      refused("manifest", "bearer"),
      limited("too many failed login attempts for username or IP address"),
      "locked-out",
      "wait",
    ],
    [
      "locked out, told with 401",
      SECRET,
      refused("manifest", "bearer"),
      refused("token", "bearer", 401, "too many failed login attempts for username or IP address"),
      "locked-out",
      "wait",
    ],
    [
      "a token server that nobody agreed to",
      SECRET,
      realm("https://login.example.net/token"),
      realm("https://login.example.net/token"),
      "unknown-token-realm",
      "agree-to-realm",
    ],
    [
      "a token server over plain http",
      SECRET,
      realm("http://login.example.net/token"),
      realm("http://login.example.net/token"),
      "unknown-token-realm",
      "ask-for-https",
    ],
    [
      "a token server over plain http on this machine",
      SECRET,
      realm("http://localhost:1/token"),
      realm("http://localhost:1/token"),
      "unknown-token-realm",
      "agree-to-realm",
    ],
    ["a manifest of schema 1", NONE, { kind: "outdated-format" }, undefined, "outdated-format", "publish-again"],
    ["a web page", NONE, page, undefined, "not-a-registry", "fix-host"],
    [
      "a registry that is down",
      NONE,
      { kind: "server-error", status: 503, errors: [] },
      undefined,
      "server-error",
      "try-later",
    ],
    ["a name that is not found", SECRET, unreachable, undefined, "dns", "fix-host check-network"],
    [
      "one that goes away in between",
      SECRET,
      refused("manifest", "bearer"),
      unreachable,
      "dns",
      "fix-host check-network",
    ],
  ];
  for (const [what, credential, anonymous, authenticated, code, remedies] of cases) {
    it(`${what}: ${code}`, () => {
      const finding = judge(credential, anonymous, authenticated);
      assert.equal(finding.code, code);
      assert.equal(finding.remedies.join(" "), remedies);
      assert.equal(finding.evidence.length, authenticated ? 2 : 1);
      assert.deepEqual(
        [finding.registry, finding.image, finding.credential],
        ["ghcr.io", "ghcr.io/acme/app:1", credential],
      );
    });
  }

  it("is only likely where the registry does not tell a repository from a tag", () => {
    assert.equal(judge(NONE, missing("unknown")).confidence, "likely");
    assert.equal(judge(NONE, missing("repository")).confidence, "certain");
  });

  it("carries what the sentence needs", () => {
    assert.equal(judge(NONE, limited("", "60")).retryAfter, "60");
    assert.equal(judge(NONE, realm("https://x.example/t")).realm, "https://x.example/t");
    assert.deepEqual(
      [judge(NONE, unreachable).reason, judge(NONE, unreachable).detail],
      ["dns", "the name was not found"],
    );
    assert.equal(judge(NONE, { kind: "server-error", status: 503, errors: [] }).status, 503);
    assert.equal(judge(BROKEN, refused("manifest", "basic")).detail, "docker-credential-x is missing.");
    assert.deepEqual(judge(SECRET, ok, refused("token", "bearer", 401, "no")).errors, [
      { code: "DENIED", message: "no" },
    ]);
  });

  const tags: [wanted: string, known: string[], nearest: string[]][] = [
    ["1.2.4", ["1.2.3", "2.0.0", "latest", "1.2.30"], ["1.2.3", "1.2.30", "2.0.0", "latest"]],
    ["lates", ["1", "2", "latest"], ["latest", "1", "2"]],
    ["bookworm-slm", ["bookworm", "bullseye", "bookworm-slim"], ["bookworm-slim", "bookworm", "bullseye"]],
    ["x", [], []],
    ["b", ["f", "e", "d", "c", "a", "b1"], ["a", "b1", "c", "d", "e"]],
  ];
  for (const [wanted, known, nearest] of tags) {
    it(`of the tags ${known.join(" ")} for ${wanted}: ${nearest.join(" ")}`, () => {
      assert.deepEqual(judge(NONE, missing("tag", known), undefined, `ghcr.io/acme/app:${wanted}`).tags, nearest);
    });
  }

  it("has no tags to show where the registry told none", () => {
    assert.equal("tags" in judge(NONE, missing("tag")), false);
  });

  it("is always one with a next step, unless all is fine", () => {
    const outcome = fc.oneof(
      fc.constantFrom(
        ok,
        unreachable,
        page,
        realm("https://x.example/t"),
        realm("no url"),
        limited(),
        missing("tag"),
        missing("unknown"),
        missing("repository", ["a"]),
      ),
      fc
        .tuple(
          fc.constantFrom("token" as const, "manifest" as const),
          fc.constantFrom("basic" as const, "bearer" as const, "none" as const),
          fc.integer({ min: 400, max: 499 }),
          fc.string(),
        )
        .map((parts) => refused(...parts)),
    );
    fc.assert(
      fc.property(
        fc.constantFrom(NONE, SECRET, LOGIN, BROKEN, NATIVE),
        outcome,
        fc.option(outcome, { nil: undefined }),
        (credential, anonymous, authenticated) => {
          const finding = judge(credential, anonymous, authenticated);
          assert.equal(finding.remedies.length === 0, finding.code === "fine");
          assert.equal(finding.code === "fine", (authenticated ?? anonymous).kind === "ok");
        },
      ),
    );
  });
});
