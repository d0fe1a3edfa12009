import { strict as assert } from "node:assert";
import { diagnose } from "../../../src/domain/diagnosis/diagnose";
import type { DockerView, HelperView, LoginSource } from "../../../src/domain/diagnosis/dockerEvidence";
import { dockerExchanges } from "../../../src/domain/diagnosis/dockerView";
import type { AttemptOutcome, CredentialEvidence, ImageEvidence } from "../../../src/domain/diagnosis/evidence";
import { parseImageReference } from "../../../src/domain/image/reference";
import { findingText } from "../../../src/presentation/findingText";
import { aDockerView } from "../../fakes/dockerLogin";

const NONE: CredentialEvidence = { kind: "none" };
const BROKEN: CredentialEvidence = { kind: "broken", reason: "x" };
const LOGIN: CredentialEvidence = { kind: "docker-config", username: "octocat" };
const ok: AttemptOutcome = { kind: "ok" };
const refused = (
  stage: "token" | "manifest",
  scheme: "basic" | "bearer" | "none" = "bearer",
  message = "no",
): AttemptOutcome => ({
  kind: "refused",
  stage,
  scheme,
  status: 401,
  errors: [{ code: "DENIED", message }],
});
const helper = (change: Partial<HelperView>): DockerView =>
  aDockerView({
    helper: {
      name: "x",
      from: "credsStore",
      state: "missing",
      problem: "docker-credential-x is not on PATH.",
      ...change,
    },
  });
const config = (state: DockerView["config"]["state"]): DockerView =>
  aDockerView({
    config: {
      file: "/root/.docker/config.json",
      from: "home",
      state,
      problem: "Docker's config is not valid JSON (line 3).",
    },
  });
const from = (source: LoginSource): DockerView => aDockerView({ source });

function judge(
  evidence: Partial<Omit<ImageEvidence, "anonymous" | "authenticated">> & {
    anonymous?: AttemptOutcome;
    authenticated?: AttemptOutcome;
    image?: string;
    role?: string;
    exchanges?: number;
  },
) {
  const {
    image = "ghcr.io/acme/app:1",
    role = "image",
    exchanges = 3,
    anonymous = refused("manifest"),
    authenticated,
    ...rest
  } = evidence;
  const made = Array.from({ length: exchanges }, () => ({ asked: "a", answered: "b" }));
  return diagnose({
    place: { file: "/x/devcontainer.json", role },
    text: image,
    reference: parseImageReference(image),
    credential: NONE,
    ...rest,
    anonymous: { ...anonymous, exchanges: made },
    ...(authenticated ? { authenticated: { ...authenticated, exchanges: made } } : {}),
  });
}

describe("a cause in Docker's own config", () => {
  const ENVIRONMENT = from({ kind: "environment", key: "ghcr.io" });
  const cases: [what: string, evidence: Parameters<typeof judge>[0], code: string, remedies: string][] = [
    ["nothing wrong with it", { docker: aDockerView(), knownHosts: ["quay.io"] }, "no-credential", "add-secret"],
    [
      "a credential for another port",
      { docker: aDockerView(), knownHosts: ["ghcr.io:5000"] },
      "near-miss-host",
      "add-secret use-existing-host",
    ],
    [
      "a key with a scheme in credHelpers",
      { docker: aDockerView(), knownHosts: ["https://ghcr.io"] },
      "near-miss-host",
      "add-secret",
    ],
    [
      "docker.io as a key",
      { docker: aDockerView(), knownHosts: ["docker.io"], image: "acme/app" },
      "near-miss-host",
      "add-secret",
    ],
    [
      "a helper that is missing",
      { docker: helper({}), credential: BROKEN },
      "helper-missing",
      "install-helper add-secret",
    ],
    [
      "one that an editor left behind",
      { docker: helper({ name: "dev-containers-0", leftBy: "Dev Containers" }), credential: BROKEN },
      "helper-missing",
      "repair-docker-config add-secret",
    ],
    [
      "one that fails",
      { docker: helper({ state: "failing" }), credential: BROKEN },
      "helper-failing",
      "repair-docker-config add-secret",
    ],
    [
      "one that hangs",
      { docker: helper({ state: "hanging" }), credential: BROKEN },
      "helper-failing",
      "repair-docker-config add-secret",
    ],
    [
      "one whose cloud has nobody signed in",
      { docker: helper({ state: "failing", signedOut: true }), credential: BROKEN },
      "helper-failing",
      "sign-in-to-cloud add-secret",
    ],
    [
      "one that is missing, rather than a near miss",
      { docker: helper({}), credential: BROKEN, knownHosts: ["ghcr.io:5000"] },
      "helper-missing",
      "install-helper add-secret",
    ],
    ["one that knows nothing", { docker: helper({ state: "knows-none" }) }, "no-credential", "add-secret"],
    [
      "a file that is broken",
      { docker: config("invalid"), credential: BROKEN },
      "docker-config-broken",
      "repair-docker-config add-secret",
    ],
    [
      "a file that cannot be read",
      { docker: config("unreadable"), credential: BROKEN },
      "docker-config-broken",
      "repair-docker-config add-secret",
    ],
    ["a file that is not there", { docker: config("absent") }, "no-credential", "add-secret"],
    ["a broken file and a public image", { docker: config("invalid"), credential: BROKEN, anonymous: ok }, "fine", ""],
    [
      "a missing helper and a public image that docker pulls",
      { docker: helper({}), credential: BROKEN, anonymous: ok },
      "fine",
      "",
    ],
    [
      "a missing helper and a public image that is built on",
      { docker: helper({}), credential: BROKEN, anonymous: ok, role: "build" },
      "helper-missing",
      "install-helper add-secret",
    ],
    [
      "the same at a registry that asks for no token",
      { docker: helper({}), credential: BROKEN, anonymous: ok, role: "build", exchanges: 1 },
      "fine",
      "",
    ],
    [
      "an image that is built on, and nothing wrong",
      { docker: helper({ state: "knows-none" }), anonymous: ok, role: "build" },
      "fine",
      "",
    ],
    [
      "a missing helper, and a registry that is down",
      { docker: helper({}), credential: BROKEN, anonymous: { kind: "server-error", status: 500, errors: [] } },
      "server-error",
      "try-later",
    ],
    [
      "a login in DOCKER_AUTH_CONFIG that is refused",
      { docker: ENVIRONMENT, credential: LOGIN, authenticated: refused("token") },
      "docker-auth-config-shadows",
      "unset-docker-auth-config add-secret",
    ],
    [
      "one that blocks a public image",
      { docker: ENVIRONMENT, credential: LOGIN, anonymous: ok, authenticated: refused("token") },
      "docker-auth-config-shadows",
      "unset-docker-auth-config add-secret",
    ],
    [
      "one that is locked out",
      {
        docker: ENVIRONMENT,
        credential: LOGIN,
        authenticated: refused("token", "bearer", "too many failed login attempts"),
      },
      "locked-out",
      "wait",
    ],
    ["one that works", { docker: ENVIRONMENT, credential: LOGIN, authenticated: ok }, "fine", ""],
    [
      "a refused login of the file",
      {
        docker: from({ kind: "auths", key: "ghcr.io" }),
        credential: LOGIN,
        anonymous: ok,
        authenticated: refused("token"),
      },
      "stale-credential-blocks-public-image",
      "log-out add-secret",
    ],
    [
      "a refused login of a helper",
      {
        docker: from({ kind: "helper", name: "pass" }),
        credential: LOGIN,
        anonymous: ok,
        authenticated: refused("token"),
      },
      "stale-credential-blocks-public-image",
      "log-out add-secret",
    ],
    [
      "a refused login of a helper that makes its own",
      {
        docker: from({ kind: "helper", name: "ecr-login" }),
        credential: LOGIN,
        anonymous: ok,
        authenticated: refused("token"),
      },
      "stale-credential-blocks-public-image",
      "sign-in-to-cloud repair-docker-config",
    ],
    [
      "a secret of ours, where Docker is not asked",
      {
        credential: { kind: "secret", name: "S", scope: "user", username: "u" },
        authenticated: refused("token", "basic"),
        knownHosts: ["ghcr.io:5000"],
      },
      "wrong-credential",
      "edit-secret",
    ],
  ];
  for (const [what, evidence, code, remedies] of cases) {
    it(`${what}: ${code}`, () => {
      const finding = judge(evidence);
      assert.equal(finding.code, code);
      assert.equal(finding.remedies.join(" "), remedies);
      assert.equal(finding.docker, evidence.docker);
      const { title } = findingText(finding);
      assert.ok(title.includes(finding.image) || title.includes(finding.registry), title);
      assert.doesNotMatch(title, /undefined|\.\./);
    });
  }

  it("is certain only of what cannot be otherwise", () => {
    const known = (...knownHosts: string[]) => judge({ docker: aDockerView(), knownHosts }).confidence;
    assert.deepEqual(
      [known("https://ghcr.io"), known("ghcr.io:1"), known("ghrc.io")],
      ["certain", "certain", "likely"],
    );
    const shadowed = (stage: "token" | "manifest") =>
      judge({ docker: ENVIRONMENT, credential: LOGIN, authenticated: refused(stage) }).confidence;
    assert.deepEqual([shadowed("token"), shadowed("manifest")], ["certain", "likely"]);
  });

  const sentences: [what: string, evidence: Parameters<typeof judge>[0], words: RegExp, remedy: string][] = [
    [
      "a near miss",
      { docker: aDockerView(), knownHosts: ["ghcr.io:5000"] },
      /no credential for ghcr\.io, but one for ghcr\.io:5000/,
      "Add a registry secret for ghcr.io.",
    ],
    [
      "a leftover",
      { docker: helper({ name: "devpod", leftBy: "DevPod" }), credential: BROKEN },
      /names the credential helper devpod, which is not there: DevPod left it behind\./,
      "Repair Docker's config.json or the helper that it names.",
    ],
    [
      "the platform's default",
      { docker: helper({ from: "default", state: "failing", problem: "It fails." }), credential: BROKEN },
      /Docker cannot get its login for ghcr\.io: It fails\./,
      "Repair Docker's config.json or the helper that it names.",
    ],
    [
      "a broken file",
      { docker: config("invalid"), credential: BROKEN },
      /cannot use \/root\/\.docker\/config\.json: .*line 3/,
      "Repair Docker's config.json or the helper that it names.",
    ],
    [
      "podman's login",
      { docker: aDockerView({ elsewhere: [{ file: "/run/user/1/containers/auth.json", of: "podman" }] }) },
      /Podman has a login for it that docker does not see: \/run\/user\/1\/containers\/auth\.json\./,
      "Add a registry secret for ghcr.io.",
    ],
    [
      "root's config",
      { docker: aDockerView({ elsewhere: [{ file: "/home/dev/.docker/config.json", of: "sudo-user" }] }) },
      /Under sudo/,
      "Add a registry secret for ghcr.io.",
    ],
    [
      "a login of the file",
      {
        docker: from({ kind: "auths", key: "ghcr.io" }),
        credential: LOGIN,
        anonymous: ok,
        authenticated: refused("token"),
      },
      /is public/,
      "Log out of it: docker logout ghcr.io",
    ],
    [
      "under a key with a path",
      {
        docker: from({ kind: "auths", key: "https://ghcr.io/v2/" }),
        credential: LOGIN,
        anonymous: ok,
        authenticated: refused("token"),
      },
      /is public/,
      "Log out of it: docker logout https://ghcr.io/v2/",
    ],
    [
      "of Docker Hub",
      {
        image: "acme/app",
        docker: from({ kind: "auths", key: "https://index.docker.io/v1/" }),
        credential: LOGIN,
        anonymous: ok,
        authenticated: refused("token"),
      },
      /is public/,
      "Log out of it: docker logout",
    ],
    [
      "of a helper",
      {
        docker: from({ kind: "helper", name: "pass" }),
        credential: LOGIN,
        anonymous: ok,
        authenticated: refused("token"),
      },
      /is public/,
      "Log out of it: docker logout ghcr.io (docker-credential-pass holds it)",
    ],
  ];
  for (const [what, evidence, words, remedy] of sentences) {
    it(`${what} in words`, () => {
      const { title, remedies } = findingText(judge(evidence));
      assert.match(title, words);
      assert.equal(remedies[0], remedy);
    });
  }

  const lines: [what: string, docker: DockerView | undefined, want: string[]][] = [
    ["nothing where Docker was not asked", undefined, []],
    ["the file", aDockerView(), ["Docker's /home/dev/.docker/config.json for r.io → has no login"]],
    [
      "a login in it",
      from({ kind: "auths", key: "https://r.io" }),
      ["Docker's /home/dev/.docker/config.json for r.io → has a login under https://r.io"],
    ],
    [
      "none, by a variable",
      aDockerView({ config: { file: "/x/config.json", from: "DOCKER_CONFIG", state: "absent" } }),
      ["Docker's /x/config.json (set by DOCKER_CONFIG) for r.io → does not exist"],
    ],
    [
      "a helper",
      helper({ state: "hanging" }),
      ["docker-credential-x (credsStore of /home/dev/.docker/config.json) for r.io → did not answer in time"],
    ],
    [
      "a leftover",
      helper({ leftBy: "DevPod" }),
      [
        "docker-credential-x (credsStore of /home/dev/.docker/config.json) for r.io → is not on PATH (left behind by DevPod)",
      ],
    ],
    [
      "the variable",
      aDockerView({ authConfig: "not-read-by-this-client" }),
      [
        "DOCKER_AUTH_CONFIG for r.io → is not read by this docker client (28.3.0 and newer read it)",
        "Docker's /home/dev/.docker/config.json for r.io → has no login",
      ],
    ],
    [
      "other files",
      aDockerView({ elsewhere: [{ file: "/a", of: "podman" }] }),
      [
        "Docker's /home/dev/.docker/config.json for r.io → has no login",
        "podman's /a → names r.io, and docker does not read it here",
      ],
    ],
  ];
  for (const [what, docker, want] of lines) {
    it(`shows ${what} as evidence`, () => {
      assert.deepEqual(
        dockerExchanges(docker, "r.io").map(({ asked, answered }) => `${asked} → ${answered}`),
        want,
      );
    });
  }
});
