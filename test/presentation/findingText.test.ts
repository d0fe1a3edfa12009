import { strict as assert } from "node:assert";
import type { CredentialEvidence } from "../../src/domain/diagnosis/evidence";
import type { Finding, FindingCode, Remedy } from "../../src/domain/diagnosis/finding";
import { findingsAsLines, findingText } from "../../src/presentation/findingText";
import { aFinding } from "../fakes/samples";

const CREDENTIALS: CredentialEvidence[] = [
  { kind: "none" },
  { kind: "secret", name: "GHCR", scope: "project", username: "octocat" },
  { kind: "docker-config", username: "octocat" },
  { kind: "runner-native", name: "ECR" },
  { kind: "broken", reason: "it is missing" },
];

/** Every code: its remedies, what else it carries, and words of its sentence. */
const CODES: Record<FindingCode, [change: Partial<Finding>, words: RegExp]> = {
  fine: [{ remedies: [] }, /can be pulled/],
  "no-credential": [{ remedies: ["add-secret"] }, /private/],
  "wrong-credential": [{ remedies: ["edit-secret"] }, /wrong, expired or revoked/],
  "no-right-on-repository": [{ remedies: ["grant-access", "add-secret"] }, /no right to pull/],
  "stale-credential-blocks-public-image": [{ remedies: ["edit-secret", "log-out"] }, /is public, but/],
  "unknown-repository": [{ remedies: ["fix-repository", "grant-access"] }, /no repository/],
  "unknown-tag": [{ remedies: ["fix-tag"], tags: ["1", "2"] }, /It has: 1, 2\./],
  "rate-limited": [{ remedies: ["add-secret", "wait"], retryAfter: "60" }, /again after 60 s/],
  "locked-out": [{ remedies: ["wait"] }, /locked/],
  "unknown-token-realm": [
    { remedies: ["agree-to-realm"], realm: "https://login.example.net/t" },
    /https:\/\/login\.example\.net\/t/,
  ],
  "outdated-format": [{ remedies: ["publish-again"] }, /manifest schema 1/],
  "not-a-registry": [{ remedies: ["fix-host"] }, /web page/],
  "server-error": [{ remedies: ["try-later"], status: 503 }, /503/],
  unreachable: [
    { remedies: ["fix-host", "check-network"], reason: "refused", detail: "nothing listens" },
    /nothing listens/,
  ],
  "credential-unavailable": [
    { remedies: ["repair-docker-config", "add-secret"], detail: "it is missing." },
    /it is missing/,
  ],
  "runner-native-unanswered": [{ remedies: ["sign-in-to-cloud"] }, /runner-native/],
  "cloud-sign-in-expired": [{ remedies: ["sign-in-to-cloud"] }, /gives no login/],
  "cloud-identity-refused": [{ remedies: ["repair-cloud-config"] }, /gives no login/],
  "cloud-identity-broken": [{ remedies: ["set-clock"] }, /gives no login/],
  "invalid-reference": [{ remedies: ["fix-reference"], registry: "" }, /not the name of an image/],
  "unresolved-variable": [{ remedies: ["set-variable"], registry: "" }, /variable that is not set/],
  "expired-credential": [{ remedies: ["edit-secret"], detail: "since yesterday" }, /has expired \(since yesterday\)/],
  "near-miss-host": [{ remedies: ["use-existing-host"], similarHost: "ghcr.io:443" }, /one for ghcr\.io:443/],
  "token-kind-not-accepted": [{ remedies: ["make-token"] }, /kind of token/],
  "sso-not-authorized": [{ remedies: ["authorize-sso"] }, /single sign-on/],
  "ecr-identity-policy": [{ remedies: ["add-iam-policy"] }, /IAM policy/],
  "ecr-resource-policy": [{ remedies: ["add-repository-policy"] }, /policy of the ECR repository/],
  "credential-withheld": [{ remedies: ["ask-for-https"] }, /was not sent/],
  "platform-missing": [
    { remedies: ["choose-platform"], platform: "linux/arm64", platforms: ["linux/amd64"] },
    /not for linux\/arm64\. It exists for: linux\/amd64\./,
  ],
  "helper-missing": [{ remedies: ["install-helper"], helper: "docker-credential-pass" }, /docker-credential-pass/],
  "helper-failing": [
    { remedies: ["repair-docker-config"], helper: "docker-credential-pass" },
    /docker-credential-pass/,
  ],
  "docker-config-broken": [{ remedies: ["repair-docker-config"], detail: "it is not JSON." }, /it is not JSON/],
  "docker-auth-config-shadows": [{ remedies: ["unset-docker-auth-config"] }, /DOCKER_AUTH_CONFIG/],
  "client-firewall": [{ remedies: ["allow-address"], address: "192.0.2.1" }, /192\.0\.2\.1/],
  "storage-full": [{ remedies: ["free-space"] }, /disk/],
  dns: [{ remedies: ["fix-host"] }, /DNS/],
  "connection-refused": [{ remedies: ["fix-host"], reason: "refused" }, /Nothing listens/],
  timeout: [{ remedies: ["check-network"] }, /in time/],
  proxy: [{ remedies: ["check-proxy"], detail: "it answered 502" }, /it answered 502/],
  "unknown-authority": [{ remedies: ["trust-authority"], detail: "Example CA" }, /Example CA/],
  "certificate-invalid": [{ remedies: ["renew-certificate"], detail: "it expired" }, /it expired/],
  "http-instead-of-https": [{ remedies: ["allow-http"] }, /plain http/],
  unknown: [{ remedies: ["grant-access", "check-network"], status: 403 }, /403/],
};

describe("a finding in words", () => {
  for (const [code, [change, words]] of Object.entries(CODES) as [FindingCode, [Partial<Finding>, RegExp]][]) {
    for (const credential of CREDENTIALS) {
      it(`${code} with ${credential.kind}: names the image or registry, and ends with a next step`, () => {
        const finding = aFinding({ code, credential, ...change });
        const { title, remedies } = findingText(finding);
        assert.match(title, words);
        assert.ok(title.includes(finding.image) || title.includes(finding.registry), title);
        assert.equal(remedies.length === 0, code === "fine");
        for (const text of [title, ...remedies]) {
          assert.doesNotMatch(text, /undefined|null|NaN|\[object|`/);
          assert.match(text, /^\S.*\S$/);
        }
      });
    }
  }

  it("says less where less is known", () => {
    const titles = [
      aFinding({ code: "unknown-tag" }),
      aFinding({ code: "rate-limited" }),
      aFinding({ code: "server-error" }),
      aFinding({ code: "unreachable" }),
      aFinding({ code: "credential-unavailable" }),
      aFinding({ code: "unknown-token-realm" }),
      aFinding({ code: "unknown" }),
      aFinding({ code: "unknown-repository", confidence: "likely" }),
    ].map((finding) => findingText(finding).title);
    for (const title of titles) assert.doesNotMatch(title, /undefined|\[object/);
  });

  it("does not say that a credential was used which was not", () => {
    for (const kind of ["broken", "runner-native", "none"] as const) {
      const credential = CREDENTIALS.find((one) => one.kind === kind);
      assert.ok(credential);
      assert.match(findingText(aFinding({ credential })).title, /without a credential/);
    }
  });

  const remedies: [remedy: Remedy, change: Partial<Finding>, text: string][] = [
    ["log-out", { registry: "ghcr.io" }, "Log out of it: docker logout ghcr.io"],
    ["log-out", { registry: "docker.io" }, "Log out of it: docker logout"],
    [
      "agree-to-realm",
      { realm: "https://login.example.net:8443/t?x" },
      "If that server is right, agree to it: --allow-auth-host ghcr.io=login.example.net:8443",
    ],
    [
      "agree-to-realm",
      { registry: "Reg.Example.com:443", realm: "https://l.example/t" },
      "If that server is right, agree to it: --allow-auth-host reg.example.com=l.example",
    ],
    [
      "agree-to-realm",
      { registry: "docker.io", realm: "https://l.example/t" },
      "If that server is right, agree to it: --allow-auth-host registry-1.docker.io=l.example",
    ],
    ["fix-host", { reason: "refused" }, "Check the spelling of ghcr.io, and its port."],
    ["fix-host", { reason: "dns" }, "Check the spelling of ghcr.io."],
    [
      "edit-secret",
      { credential: { kind: "secret", name: "GHCR", scope: "user", username: "u" } },
      "Edit the user secret GHCR: give it a username and password that ghcr.io accepts.",
    ],
    ["ask-for-https", {}, "Ask whoever runs ghcr.io to give out its tokens over https."],
  ];
  for (const [remedy, change, text] of remedies) {
    it(`${remedy} ${JSON.stringify(change)}`, () => {
      assert.deepEqual(findingText(aFinding({ ...change, remedies: [remedy] })).remedies, [text]);
    });
  }
});

describe("a finding of an image that is written with variables", () => {
  const finding = aFinding({
    code: "no-credential",
    image: "${BASE}",
    resolved: "reg.example.com/acme/app:7",
    registry: "reg.example.com",
  });

  it("names the image that is meant, and what is written once beside it", () => {
    assert.equal(
      findingText(finding).title,
      "reg.example.com/acme/app:7 is private, and there is no credential for reg.example.com.",
    );
    const [head] = findingsAsLines([finding], "/home/dev/app");
    assert.equal(head, "✗ reg.example.com/acme/app:7, written as ${BASE}  [no-credential]");
  });

  const syntaxes: [file: string, text: string][] = [
    [".devcontainer/devcontainer.json", "${localEnv:NAME:default}."],
    ["compose.yaml", "${NAME:-default}."],
    ["docker-compose.yml", "${NAME:-default}."],
    ["Dockerfile", "ARG NAME=default."],
    ["docker/dev.Dockerfile", "ARG NAME=default."],
  ];
  for (const [file, text] of syntaxes) {
    it(`a variable is given a default in the syntax of ${file}`, () => {
      const place = { file: `/home/dev/app/${file}`, role: "build" };
      const { remedies } = findingText(aFinding({ code: "unresolved-variable", place, remedies: ["set-variable"] }));
      assert.deepEqual(remedies, [`Set the variable, or give it a default: ${text}`]);
    });
  }
});

describe("findings on a terminal", () => {
  it("are a mark, the image and the cause; what to do and the evidence only where something is wrong", () => {
    const lines = findingsAsLines(
      [
        aFinding(),
        aFinding({
          code: "wrong-credential",
          credential: { kind: "secret", name: "GHCR", scope: "user", username: "octocat" },
          remedies: ["edit-secret", "log-out"],
          evidence: [{ asked: "GET x (anonymous)", answered: "401" }],
        }),
      ],
      "/home/dev/app",
    );
    assert.deepEqual(lines, [
      "✓ ghcr.io/acme/app:1  [fine]",
      "    ghcr.io/acme/app:1 can be pulled without a credential.",
      "✗ ghcr.io/acme/app:1  [wrong-credential]",
      "    ghcr.io refuses the user secret GHCR (as octocat): the username or password is wrong, expired or revoked.",
      "    → Edit the user secret GHCR: give it a username and password that ghcr.io accepts.",
      "    or Log out of it: docker logout ghcr.io",
      "    named as image in .devcontainer/devcontainer.json",
      "    · GET x (anonymous) → 401",
    ]);
  });

  it("cannot move the cursor, nor forge a line", () => {
    const evil = "x\u001b[2J\u009b1A\r\n✓ all is well\u2028";
    const finding = aFinding({
      code: "invalid-reference",
      image: evil,
      registry: "",
      place: { file: `/home/dev/app/${evil}`, role: "image" },
      remedies: ["fix-reference"],
      evidence: [{ asked: evil, answered: evil }],
    });
    for (const line of findingsAsLines(
      [finding, aFinding({ code: "unknown-tag", tags: [evil], remedies: ["fix-tag"] })],
      "/home/dev/app",
    )) {
      assert.doesNotMatch(line, /[\p{Cc}\u2028\u2029]/u);
    }
  });
});
