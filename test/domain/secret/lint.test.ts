import { strict as assert } from "node:assert";
import fc from "fast-check";
import { Redacted } from "../../../src/domain/redacted";
import { parseRegistryHost } from "../../../src/domain/registry/host";
import { lintCredential, type LintCode, type LintInput } from "../../../src/domain/secret/lint";
import { lintText } from "../../../src/presentation/lintText";
import { checkField } from "../../../src/presentation/secretForm";

const NOW = Date.UTC(2026, 0, 1);
const HUB = "docker.io";
const GHCR = "ghcr.io";
const GITLAB = "registry.gitlab.com";
const ACR = "acme.azurecr.io";
const GAR = "europe-west1-docker.pkg.dev";
const ECR = "123456789012.dkr.ecr.eu-west-1.amazonaws.com";
const NULL_USER = "00000000-0000-0000-0000-000000000000";
const GUID = "3f2504e0-4f89-11d3-9a0c-0305e82c3301";

const b64 = (text: string): string => Buffer.from(text).toString("base64");
const b64url = (text: string): string => Buffer.from(text).toString("base64url");
// forms of tokens, of letters that are no secret
const FILL = "q".repeat(36);
const CLASSIC = `ghp_${FILL}`;
const FINE = `github_pat_${FILL}`;
const ecrToken = (at: number) =>
  b64(JSON.stringify({ payload: "p", datakey: "d", version: "2", type: "DATA_KEY", expiration: at / 1000 }));
const jwt = (at: number) => `${b64url('{"alg":"RS256"}')}.${b64url(JSON.stringify({ exp: at / 1000 }))}.sig`;
const KEY_FILE = JSON.stringify({ type: "service_account", private_key: "not-one" });
const SP_SECRET = `abc8Q~${"q".repeat(34)}`;
const LATER = NOW + 90 * 86_400_000;
const SOON = NOW + 3 * 3_600_000;

/** Every code: the compiler sees to it that none is missing. */
const CODES: Record<LintCode, true> = {
  "host-with-path": true,
  "host-unlike-image": true,
  "white-space": true,
  quotes: true,
  placeholder: true,
  "login-command": true,
  "runner-native-once": true,
  "runner-native-elsewhere": true,
  "swapped-fields": true,
  "email-for-docker-id": true,
  "ecr-username": true,
  "ecr-access-key": true,
  "ecr-temporary-key": true,
  "acr-username": true,
  "acr-null-username": true,
  "gar-access-token-username": true,
  "gar-key-username": true,
  "authorization-header": true,
  "base64-of-login": true,
  "fine-grained-token": true,
  "no-token": true,
  "token-of-other-registry": true,
  "gitlab-token-scope": true,
  "job-token": true,
  "ecr-no-token": true,
  "ecr-token": true,
  "access-token": true,
  "json-key-no-json": true,
  "json-key-is-base64": true,
  "json-key-not-base64": true,
  "null-user-without-token": true,
  expired: true,
  expires: true,
};

function lint(host: string, username?: string, password?: string, images?: string[]): LintInput & { now: number } {
  return {
    host: parseRegistryHost(host),
    username,
    password: password === undefined ? undefined : new Redacted(password),
    ...(images ? { images } : {}),
    now: NOW,
  };
}

/** What is remarked, as `field severity code`. */
function codes(input: LintInput): string {
  return lintCredential(input)
    .map(({ field, severity, code }) => `${field} ${severity} ${code}`)
    .join(", ");
}

describe("remarks on a secret while it is typed", () => {
  const cases: [
    what: string,
    host: string,
    username: string | undefined,
    password: string | undefined,
    want: string,
    images?: string[],
  ][] = [
    ["nothing typed yet", GHCR, undefined, undefined, ""],
    ["empty fields", GHCR, "", "", ""],
    ["all in order on GHCR", GHCR, "octocat", CLASSIC, ""],
    ["all in order on Docker Hub", HUB, "octocat", `dckr_pat_${FILL}`, ""],
    ["a password on Docker Hub", HUB, "octocat", "correct horse battery", ""],
    ["all in order on ACR: a token's name", ACR, "pull-token", "q".repeat(52), ""],
    ["all in order on ACR: a service principal", ACR, GUID, SP_SECRET, ""],
    ["all in order on Google", GAR, "_json_key", KEY_FILE, ""],
    ["all in order on Google, in base64", GAR, "_json_key_base64", b64(KEY_FILE), ""],
    ["all in order on another registry", "registry.example.com:5000", "dev", "any password", ""],
    ["runner-native in both fields", ECR, "runner-native", "runner-native", ""],

    ["a URL with a path in the host", "https://ghcr.io/acme/app", undefined, undefined, "host info host-with-path"],
    ["a URL without a path", "https://ghcr.io/", undefined, undefined, ""],
    [
      "another region than the image's",
      ECR,
      undefined,
      undefined,
      "host warning host-unlike-image",
      [ECR.replace("eu-west-1", "us-east-1")],
    ],
    [
      "another account than the image's",
      ECR,
      undefined,
      undefined,
      "host warning host-unlike-image",
      [ECR.replace("123456789012", "210987654321")],
    ],
    [
      "another region than the image's at Google",
      GAR,
      undefined,
      undefined,
      "host warning host-unlike-image",
      ["us-docker.pkg.dev"],
    ],
    [
      "another port than the image's",
      "registry.example.com",
      undefined,
      undefined,
      "host warning host-unlike-image",
      ["registry.example.com:5000"],
    ],
    ["the host of one of the images", ECR, undefined, undefined, "", [ECR.replace("eu-west-1", "us-east-1"), ECR]],
    ["Docker Hub, and an image of it", HUB, undefined, undefined, "", ["docker.io"]],
    ["images of other registries", GHCR, undefined, undefined, "", ["quay.io", HUB]],

    ["an e-mail instead of the Docker ID", HUB, "me@example.com", undefined, "username warning email-for-docker-id"],
    ["an e-mail elsewhere", "registry.example.com", "me@example.com", undefined, ""],
    ["white space around a username", GHCR, " octocat\n", undefined, "username info white-space"],
    ["a pasted newline", GHCR, "octocat", `${CLASSIC}\r\n`, "password info white-space"],
    ["quotes around a value", GHCR, "octocat", `"${CLASSIC}"`, "password warning quotes, password warning no-token"],
    ["quotes around a username", GHCR, "'octocat'", undefined, "username warning quotes"],
    ["a placeholder <token>", HUB, "octocat", "<token>", "password warning placeholder"],
    ["a placeholder changeme", HUB, "octocat", "changeme", "password warning placeholder"],
    ["a variable that nobody expanded", HUB, "octocat", "${DOCKER_TOKEN}", "password warning placeholder"],
    ["a CI expression", HUB, "octocat", "${{ secrets.TOKEN }}", "password warning placeholder"],
    ["stars instead of the value", HUB, "octocat", "********", "password warning placeholder"],
    ["a placeholder for the username", HUB, "your-username", undefined, "username warning placeholder"],
    [
      "a docker login command as password",
      HUB,
      "octocat",
      "docker login -u octocat -p x ghcr.io",
      "password error login-command",
    ],
    [
      "a docker login command as username",
      HUB,
      "docker login -u octocat ghcr.io",
      undefined,
      "username error login-command",
    ],
    [
      "a command with a pipe",
      HUB,
      "octocat",
      "echo x | podman login ghcr.io --password-stdin",
      "password error login-command",
    ],
    ["swapped fields", GHCR, CLASSIC, "octocat", "username warning swapped-fields, password warning no-token"],
    [
      "runner-native as username only",
      ECR,
      "runner-native",
      ecrToken(LATER),
      "username error runner-native-once, password warning ecr-token, password info expires",
    ],
    ["runner-native as password only", ECR, "AWS", "runner-native", "password error runner-native-once"],
    ["runner-native as username, nothing else yet", ECR, "runner-native", undefined, ""],

    ["a fine-grained token on GHCR", GHCR, "octocat", FINE, "password warning fine-grained-token"],
    ["a password on GHCR", GHCR, "octocat", "correct horse", "password warning no-token"],
    ["a classic token of the old form on GHCR", GHCR, "octocat", "0123456789abcdef0123456789abcdef01234567", ""],
    ["GitHub's token on GitLab", GITLAB, "octocat", CLASSIC, "password warning token-of-other-registry"],
    ["GitLab's token on GHCR", GHCR, "octocat", `glpat-${FILL}`, "password warning token-of-other-registry"],
    ["Docker Hub's token on Azure", ACR, "pull-token", `dckr_pat_${FILL}`, "password warning token-of-other-registry"],
    ["GitLab's token on GitLab", GITLAB, "octocat", `glpat-${FILL}`, "password info gitlab-token-scope"],
    ["GitLab's token on a registry that may be GitLab's", "registry.example.com", "octocat", `glpat-${FILL}`, ""],
    ["GitLab's job token by its user", GITLAB, "gitlab-ci-token", "q".repeat(20), "password warning job-token"],
    ["GitLab's job token by its form", GITLAB, "octocat", `glcbt-64_${FILL}`, "password warning job-token"],
    ["base64 of user:password", HUB, "octocat", b64("octocat:hunter2222"), "password warning base64-of-login"],
    ["base64 of another user's", HUB, undefined, b64("someone:hunter2222"), "password warning base64-of-login"],
    ["base64 of something else", HUB, "octocat", b64("\u0001\u0002:\u0003 and so on"), ""],
    ["a whole header", HUB, "octocat", `Basic ${b64("octocat:hunter2222")}`, "password warning authorization-header"],

    ["AWS with a value that is no token", ECR, "AWS", "q".repeat(40), "password warning ecr-no-token"],
    [
      "AWS with a token of 12 hours",
      ECR,
      "AWS",
      ecrToken(SOON),
      "password warning ecr-token, password warning expires",
    ],
    [
      "AWS with a token that has ended",
      ECR,
      "AWS",
      ecrToken(NOW - 1),
      "password warning ecr-token, password warning expired",
    ],
    ["an access key", ECR, `AKIA${"X".repeat(16)}`, "q".repeat(40), "username info ecr-access-key"],
    ["a temporary key", ECR, `ASIA${"X".repeat(16)}`, "q".repeat(40), "username warning ecr-temporary-key"],
    ["runner-native at GHCR", GHCR, "runner-native", undefined, "username error runner-native-elsewhere"],
    [
      "runner-native at a look-alike",
      `${ECR}.example.com`,
      "runner-native",
      undefined,
      "username error runner-native-elsewhere",
    ],
    ["another user on ECR", ECR, "octocat", undefined, "username warning ecr-username"],

    ["an access token of Google", GAR, "oauth2accesstoken", `ya29.${FILL}`, "password warning access-token"],
    [
      "an access token with another user",
      GAR,
      "octocat",
      `ya29.${FILL}`,
      "username warning gar-access-token-username, password warning access-token",
    ],
    ["_json_key with text that is no JSON", GAR, "_json_key", "not a key", "password warning json-key-no-json"],
    ["_json_key with the file in base64", GAR, "_json_key", b64(KEY_FILE), "password warning json-key-is-base64"],
    [
      "_json_key_base64 with the file itself",
      GAR,
      "_json_key_base64",
      KEY_FILE,
      "username warning gar-key-username, password warning json-key-not-base64",
    ],
    ["a key file with another user", GAR, "octocat", KEY_FILE, "username warning gar-key-username"],
    ["the old registry of Google", "eu.gcr.io", "_json_key", "not a key", "password warning json-key-no-json"],

    ["a service principal's secret without its GUID", ACR, "acme", SP_SECRET, "username warning acr-username"],
    ["an e-mail on ACR", ACR, "me@example.com", undefined, "username warning acr-username"],
    [
      "an access token on ACR with another user",
      ACR,
      "acme",
      jwt(SOON),
      "username warning acr-null-username, password warning access-token, password warning expires",
    ],
    [
      "an access token on ACR with its user",
      ACR,
      NULL_USER,
      jwt(SOON),
      "password warning access-token, password warning expires",
    ],
    ["the null user without a token", ACR, NULL_USER, "q".repeat(52), "password warning null-user-without-token"],
    ["a JWT that lives long", "registry.example.com", "dev", jwt(LATER), "password info expires"],
  ];
  for (const [what, host, username, password, want, images] of cases) {
    it(`${what}: ${want || "nothing"}`, () => assert.equal(codes(lint(host, username, password, images)), want));
  }

  it("are each in the table, and each a sentence with nothing of the value", () => {
    const seen = new Map<LintCode, string>();
    for (const [, host, username, password, , images] of cases) {
      for (const remark of lintCredential(lint(host, username, password, images))) {
        const text = lintText(remark, NOW);
        seen.set(remark.code, text);
        assert.match(text, /^[A-Z_r].*\S$/);
        assert.doesNotMatch(text, /undefined|NaN|\[object/);
        if (password !== undefined && password.length > 13) {
          assert.ok(!JSON.stringify(remark).includes(password.trim()) && !text.includes(password.trim()));
        }
      }
    }
    assert.deepEqual([...seen.keys()].sort(), Object.keys(CODES).sort());
    assert.equal(new Set(seen.values()).size, seen.size, "no two say the same");
  });

  it("never throw, and never repeat the password", () => {
    const host = fc.constantFrom(
      HUB,
      GHCR,
      GITLAB,
      ACR,
      GAR,
      ECR,
      "eu.gcr.io",
      "public.ecr.aws",
      "registry.example.com:5000",
    );
    const text = fc.oneof(
      fc.string(),
      fc.string({ unit: "binary" }),
      fc.base64String(),
      fc.constantFrom("AWS", "_json_key", "runner-native", CLASSIC, KEY_FILE, b64(KEY_FILE)),
    );
    fc.assert(
      fc.property(
        host,
        text,
        text,
        fc.string({ minLength: 8, maxLength: 20, unit: "grapheme-ascii" }),
        (registry, username, password, canary) => {
          for (const remark of lintCredential(lint(registry, username, `${password}kT9${canary}`, [username]))) {
            assert.ok(!JSON.stringify(remark.facts).includes(`kT9${canary}`) || username.includes(`kT9${canary}`));
          }
        },
      ),
    );
  });
});

describe("remarks under an input", () => {
  const cases: [
    what: string,
    field: "host" | "username" | "password",
    input: ReturnType<typeof lint>,
    want: object | undefined,
  ][] = [
    ["nothing", "password", lint(GHCR, "octocat", CLASSIC), undefined],
    [
      "a warning does not forbid to go on",
      "password",
      lint(GHCR, "octocat", FINE),
      {
        text: "GitHub's registry takes no fine-grained token: make a classic one with read:packages.",
        isError: false,
        isWarning: true,
      },
    ],
    [
      "an error does",
      "username",
      lint(HUB, "docker login ghcr.io"),
      { text: "This is a whole login command: paste only the username.", isError: true, isWarning: false },
    ],
    [
      "an info",
      "password",
      lint(GHCR, "octocat", `${CLASSIC}\n`),
      { text: "The white space around it is removed: Docker would send it.", isError: false, isWarning: false },
    ],
    [
      "what the password says of the username",
      "password",
      lint(GAR, "octocat", KEY_FILE),
      { text: "The username for a key file of Google is _json_key.", isError: false, isWarning: true },
    ],
    [
      "what was said at the username is not repeated",
      "password",
      lint(HUB, "me@example.com", "correct horse"),
      undefined,
    ],
    [
      "several",
      "password",
      lint(ECR, "AWS", ecrToken(SOON)),
      {
        text: "A token of ECR lives 12 hours. With runner-native there is nothing to renew. This token expires in 3 h.",
        isError: false,
        isWarning: true,
      },
    ],
  ];
  for (const [what, field, input, want] of cases) {
    it(what, () => assert.deepEqual(checkField(field, input), want));
  }
});
