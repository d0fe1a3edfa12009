import { strict as assert } from "node:assert";
import type { AttemptOutcome } from "../../../src/domain/diagnosis/evidence";
import { hasPlatform, linuxPlatform } from "../../../src/domain/diagnosis/platform";
import { firewalledAddress, barsRegistry, refusalOf, type RefusalCode } from "../../../src/domain/diagnosis/refusal";

type Refused = AttemptOutcome & { kind: "refused" };

const refused = (stage: Refused["stage"], scheme: Refused["scheme"], status: number, message = ""): Refused => ({
  kind: "refused",
  stage,
  scheme,
  status,
  errors: message === "" ? [] : [{ code: "DENIED", message }],
});

describe("why a registry refuses", () => {
  // texts as registries wrote them; the places where they were seen stand beside the patterns in refusal.ts
  const texts: [text: string, code: RefusalCode, bars: boolean][] = [
    ["incorrect username or password", "wrong-credential", true],
    ["please use personal access token to login", "token-kind-not-accepted", true],
    [
      "your account must log in with a Personal Access Token (PAT) - learn more at docs.docker.com/go/access-tokens",
      "token-kind-not-accepted",
      true,
    ],
    ["access token has insufficient scopes", "token-kind-not-accepted", false],
    ["too many failed login attempts for username or IP address", "locked-out", true],
    ["permission_denied: read_package", "no-right-on-repository", false],
    ["installation not allowed to Read organization package", "no-right-on-repository", false],
    ["unauthenticated: User cannot be authenticated with the token provided.", "wrong-credential", true],
    ["permission_denied: The token provided does not match expected scopes.", "token-kind-not-accepted", false],
    [
      "Resource protected by organization SAML enforcement. You must grant your Personal Access token access to this organization.",
      "sso-not-authorized",
      false,
    ],
    ["access forbidden", "no-right-on-repository", false],
    [
      "HTTP Basic: Access denied. If a password was provided for Git authentication, the password was incorrect or you're required to use a token instead of a password.",
      "wrong-credential",
      true,
    ],
    [
      "HTTP Basic: Access denied. The provided password or token is incorrect or your account has 2FA enabled and you must use a personal access token instead of a password. See https://gitlab.com/help/user/profile/account/two_factor_authentication#troubleshooting",
      "wrong-credential",
      true,
    ],
    ["You must use a personal access token with 'api' scope for Git over HTTP.", "token-kind-not-accepted", true],
    ["Invalid clientid or client secret.", "wrong-credential", true],
    ["aad access token with sp failed client id must be guid", "token-kind-not-accepted", true],
    ["Application not registered with AAD.", "wrong-credential", true],
    [
      "client with IP '52.138.231.5' is not allowed access. Refer https://aka.ms/acr/firewall to grant access.",
      "client-firewall",
      true,
    ],
    ["client with IP '2001:db8::1' is not allowed access.", "client-firewall", true],
    [
      'Permission "artifactregistry.repositories.downloadArtifacts" denied on resource "projects/p/locations/l/repositories/r" (or it may not exist)',
      "no-right-on-repository",
      false,
    ],
    ["Caller does not have permission or the resource may not exist 'read'.", "no-right-on-repository", false],
    ["failed authentication", "wrong-credential", true],
    ["Unauthenticated request", "wrong-credential", true],
    ["Your authorization token has expired. Reauthenticate and try again.", "expired-credential", true],
    ["Your Authorization Token is invalid.", "wrong-credential", true],
    [
      "User: arn:aws:iam::1:user/x is not authorized to perform: ecr:BatchGetImage on resource: arn:aws:ecr:r:1:repository/x because no identity-based policy allows the ecr:BatchGetImage action",
      "ecr-identity-policy",
      false,
    ],
    [
      "User: arn:aws:iam::1:user/x is not authorized to perform: ecr:BatchGetImage on resource: arn:aws:ecr:r:1:repository/x because no resource-based policy allows the ecr:BatchGetImage action",
      "ecr-resource-policy",
      false,
    ],
    ["unauthorized to access repository: library/x, action: pull", "no-right-on-repository", false],
    ["The client does not have permission for manifest", "no-right-on-repository", false],
  ];
  for (const [text, code, bars] of texts) {
    it(`${code}: ${text.slice(0, 80)}`, () => {
      for (const attempt of [refused("token", "bearer", 403, text), refused("manifest", "basic", 401, text)]) {
        assert.equal(refusalOf(attempt).code, code);
        assert.equal(refusalOf(attempt).detail, text);
        assert.equal(barsRegistry(attempt), bars);
      }
    });
  }

  const silent: [stage: Refused["stage"], scheme: Refused["scheme"], status: number, code: RefusalCode][] = [
    ["token", "bearer", 401, "wrong-credential"],
    ["token", "bearer", 403, "wrong-credential"],
    ["manifest", "bearer", 401, "no-right-on-repository"],
    ["manifest", "bearer", 403, "no-right-on-repository"],
    ["manifest", "basic", 400, "wrong-credential"],
    ["manifest", "basic", 401, "wrong-credential"],
    ["manifest", "basic", 403, "no-right-on-repository"],
  ];
  for (const [stage, scheme, status, code] of silent) {
    it(`without a text: ${stage} ${scheme} ${status}: ${code}`, () => {
      assert.deepEqual(refusalOf(refused(stage, scheme, status)), { code });
    });
  }

  it("tells the address that a firewall named", () => {
    const { address } = refusalOf(
      refused("manifest", "none", 403, "client with IP '52.138.231.5' is not allowed access."),
    );
    assert.equal(address, "52.138.231.5");
  });

  it("a credential is held back after 429, and not after what is no refusal", () => {
    assert.equal(barsRegistry({ kind: "rate-limited", errors: [] }), true);
    assert.equal(barsRegistry({ kind: "ok" }), false);
    assert.equal(barsRegistry({ kind: "server-error", status: 500, errors: [] }), false);
  });
});

describe("the platform of an image", () => {
  const cases: [wanted: string, there: string[], has: boolean][] = [
    ["linux/amd64", ["linux/amd64", "linux/arm64/v8"], true],
    ["linux/arm64", ["linux/amd64", "linux/arm64/v8"], true],
    ["linux/arm64/v8", ["linux/arm64"], true],
    ["linux/x86_64", ["linux/amd64"], true],
    ["linux/arm64", ["linux/amd64"], false],
    ["linux/amd64", ["linux/arm64/v8"], false],
    ["linux/amd64", ["linux/386"], true],
    ["linux/386", ["linux/amd64"], false],
    ["linux/arm64", ["linux/arm/v7"], true],
    ["linux/arm/v7", ["linux/arm/v6"], true],
    ["linux/arm/v6", ["linux/arm/v7"], false],
    ["linux/amd64", ["windows/amd64"], false],
    ["linux/amd64", [], false],
  ];
  for (const [wanted, there, has] of cases) {
    it(`${wanted} ${has ? "is" : "is not"} among ${there.join(" ") || "nothing"}`, () => {
      assert.equal(hasPlatform(there, wanted), has);
    });
  }

  it("is named as Docker names it", () => {
    assert.deepEqual(["x64", "aarch64", "arm64", "s390x"].map(linuxPlatform), [
      "linux/amd64",
      "linux/arm64",
      "linux/arm64",
      "linux/s390x",
    ]);
  });
});

it("the address that a firewall names is found in any text, and none in others", () => {
  const text = '403: {"message":"client with IP \'203.0.113.7\' is not allowed access."}';
  assert.equal(firewalledAddress(text), "203.0.113.7");
  assert.equal(firewalledAddress("403: client is not allowed"), undefined);
});
