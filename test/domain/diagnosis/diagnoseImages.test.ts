import { strict as assert } from "node:assert";
import { credentialLookup, type DockerLogin } from "../../../src/domain/diagnosis/credentials";
import { diagnoseImages, type CredentialLookup } from "../../../src/domain/diagnosis/diagnoseImages";
import { isTrouble } from "../../../src/domain/diagnosis/finding";
import { Failure } from "../../../src/domain/failure";
import { parseImageReference } from "../../../src/domain/image/reference";
import type { WorkspaceImage } from "../../../src/domain/image/workspaceImages";
import { Redacted } from "../../../src/domain/redacted";
import { effectiveSecrets } from "../../../src/domain/secret/effective";
import { parseRegistryHost } from "../../../src/domain/registry/host";
import { aDockerView, fakeDockerLogin, noDockerLogin } from "../../fakes/dockerLogin";
import { FakeProber } from "../../fakes/fakeProber";
import { failureWith } from "../../fakes/failures";
import { aSecret } from "../../fakes/samples";

function image(text: string, start = 0): WorkspaceImage {
  const place = {
    file: "/x/devcontainer.json",
    range: { start, end: start + text.length },
    role: "image" as const,
    text,
  };
  try {
    return { ...place, reference: parseImageReference(text) };
  } catch {
    return place;
  }
}

const nothing: CredentialLookup = () => Promise.resolve({ evidence: { kind: "none" } });

describe("diagnosing the images of a workspace", () => {
  it("asks once for an image that is named twice, in whatever spelling, and finds it in both places", async () => {
    const prober = new FakeProber();
    const images = [image("debian", 0), image("docker.io/library/debian:latest", 50), image("debian:12", 99)];
    const findings = await diagnoseImages(images, { prober, lookUp: nothing });
    assert.deepEqual(
      prober.probes.map(({ image: asked }) => asked),
      ["docker.io/library/debian:latest", "docker.io/library/debian:12"],
    );
    assert.deepEqual(
      findings.map(({ image: text, place }) => `${text} ${place.range?.start}`),
      ["debian 0", "docker.io/library/debian:latest 50", "debian:12 99"],
    );
  });

  it("tells which image a text means that does not say so itself", async () => {
    const written = (text: string, means: string) => ({ ...image(text), reference: parseImageReference(means) });
    const images = [
      written("${BASE}", "reg.example.com/acme/app:7"),
      written("debian", "docker.io/library/debian"),
      written("docker.io/library/debian:12", "debian:12"),
      written("$HUB/debian", "docker.io/library/debian"),
      written("${BAD}", "reg.example.com:99999/x"),
    ];
    const findings = await diagnoseImages(images, { prober: new FakeProber(), lookUp: nothing });
    assert.deepEqual(
      findings.map(({ image: text, resolved }) => [text, resolved]),
      [
        ["${BASE}", "reg.example.com/acme/app:7"],
        ["debian", undefined],
        ["docker.io/library/debian:12", undefined],
        ["$HUB/debian", "debian"],
        ["${BAD}", "reg.example.com:99999/x"],
      ],
    );
  });

  it("looks up and sends no credential in an untrusted workspace", async () => {
    const prober = new FakeProber();
    prober.answers = () => ({
      anonymous: { kind: "refused", stage: "manifest", scheme: "basic", errors: [], exchanges: [], status: 401 },
    });
    const lookUp = () => Promise.reject(new Error("nobody may ask"));
    const [finding] = await diagnoseImages([image("ghcr.io/a/b")], { prober, lookUp }, { anonymousOnly: true });
    assert.deepEqual(prober.probes, [{ image: "ghcr.io/a/b:latest", credential: undefined }]);
    assert.deepEqual(finding?.credential, { kind: "none" });
    assert.deepEqual(
      [finding.code, finding.reason, finding.remedies],
      ["no-credential", "untrusted", ["trust-workspace"]],
    );
  });

  it("sends the credential that counts", async () => {
    const prober = new FakeProber();
    const credential = { username: "octocat", password: new Redacted("x") };
    const asked: string[] = [];
    const lookUp: CredentialLookup = (registry) => {
      asked.push(registry);
      return Promise.resolve({ evidence: { kind: "docker-config", username: "octocat" }, credential });
    };
    await diagnoseImages([image("acme/app")], { prober, lookUp });
    assert.deepEqual(asked, ["docker.io"]);
    assert.equal(prober.probes[0]?.credential, credential);
  });

  const unusable: [text: string, code: string, remedy: string][] = [
    ["${localEnv:IMAGE}", "unresolved-variable", "set-variable"],
    ["ghcr.io/acme/app:$TAG", "unresolved-variable", "set-variable"],
    ["ghcr.io/UPPER/case", "invalid-reference", "fix-reference"],
    ["", "invalid-reference", "fix-reference"],
    ["localhost:99999/a/b", "invalid-reference", "fix-reference"],
    ["a_b.example.com/x/y", "invalid-reference", "fix-reference"],
  ];
  for (const [text, code, remedy] of unusable) {
    it(`calls ${JSON.stringify(text)} ${code}, and goes on`, async () => {
      const lookUp = credentialLookup(new Map(), noDockerLogin);
      const unresolved = code === "unresolved-variable" ? { unresolved: ["IMAGE"] } : {};
      const findings = await diagnoseImages([{ ...image(text), ...unresolved }, image("ghcr.io/a/b")], {
        prober: new FakeProber(),
        lookUp,
      });
      assert.deepEqual(
        findings.map((finding) => finding.code),
        [code, "fine"],
      );
      assert.deepEqual(findings[0]?.remedies, [remedy]);
      assert.deepEqual(findings.map(isTrouble), [true, false]);
    });
  }

  it("is ended by a cancellation", async () => {
    const prober = new FakeProber();
    prober.answers = () => {
      throw new Failure("cancelled", "Cancelled.");
    };
    await assert.rejects(diagnoseImages([image("ghcr.io/a/b")], { prober, lookUp: nothing }), failureWith("cancelled"));
  });
});

describe("the credential that counts for a registry", () => {
  const ECR = "123456789012.dkr.ecr.eu-west-1.amazonaws.com";
  const secrets = effectiveSecrets(
    [
      aSecret(),
      aSecret({ id: "h", name: "HUB", host: "docker.io" }),
      aSecret({ id: "e", name: "ECR", host: ECR, runnerNative: true }),
      aSecret({ id: "t", name: "TEAM", host: "team.example.com", scope: "project", project: "p" }),
    ],
    "p",
  );
  const others = fakeDockerLogin({
    "quay.io": { username: "quay", password: new Redacted("q") },
    "token.example.com": { username: "<token>", identityToken: new Redacted("t") },
  });
  const problem = "docker-credential-x is not on PATH.";
  const broken = aDockerView({ helper: { name: "x", from: "credsStore", state: "missing", problem }, hosts: ["x.io"] });
  const login: DockerLogin = (registry) =>
    registry === "broken.example.com" ? Promise.resolve({ view: broken }) : others(registry);
  const cases: [registry: string, evidence: object, sent: string | undefined][] = [
    ["ghcr.io", { kind: "secret", name: "GHCR", scope: "user", username: "octocat" }, "octocat"],
    ["docker.io", { kind: "secret", name: "HUB", scope: "user", username: "octocat" }, "octocat"],
    [
      "team.example.com",
      { kind: "secret", name: "TEAM", scope: "project", project: "p", username: "octocat" },
      "octocat",
    ],
    [ECR, { kind: "runner-native", name: "ECR" }, undefined],
    ["quay.io", { kind: "docker-config", username: "quay" }, "quay"],
    ["token.example.com", { kind: "docker-config", username: "<token>" }, "<token>"],
    ["broken.example.com", { kind: "broken", reason: "docker-credential-x is not on PATH." }, undefined],
    ["none.example.com", { kind: "none" }, undefined],
  ];
  for (const [registry, evidence, sent] of cases) {
    it(`${registry}: ${JSON.stringify(evidence)}`, async () => {
      const found = await credentialLookup(secrets, login)(registry);
      assert.deepEqual(found.evidence, evidence);
      assert.equal(found.credential && ("username" in found.credential ? found.credential.username : ""), sent);
    });
  }

  it("comes with what Docker's side shows and the hosts that have one, and is looked up once", async () => {
    let asked = 0;
    const lookUp = credentialLookup(secrets, (registry) => {
      asked++;
      return login(registry);
    });
    const [found] = await Promise.all([lookUp("broken.example.com"), lookUp("broken.example.com")]);
    assert.equal(asked, 1);
    assert.equal(found.docker, broken);
    assert.deepEqual(found.knownHosts, [...secrets.keys(), "x.io"]);
  });

  it("does not ask Docker where there is a secret", async () => {
    const found = await credentialLookup(secrets, () => Promise.reject(new Error("not to be asked")))("ghcr.io");
    assert.equal(found.evidence.kind, "secret");
    assert.ok(secrets.has(parseRegistryHost("ghcr.io").key));
  });

  describe("of which the registry tells the platforms", () => {
    const arm = { kind: "ok" as const, platforms: ["linux/arm64"], exchanges: [] };
    const ask = async (role: WorkspaceImage["role"], wanted?: string, isBase = false) => {
      let asked = 0;
      const prober = new FakeProber();
      prober.answers = () => ({ anonymous: arm });
      const lookUp = credentialLookup(new Map(), noDockerLogin);
      const enginePlatform = () => {
        asked++;
        return Promise.resolve("linux/amd64");
      };
      const [finding] = await diagnoseImages(
        [
          {
            ...image("ghcr.io/a/b"),
            role,
            ...(wanted === undefined ? {} : { platform: wanted }),
            ...(isBase ? { isBase } : {}),
          },
        ],
        { prober, lookUp, enginePlatform },
      );
      return [finding?.code, finding?.platform ?? finding?.platforms, asked];
    };

    it("says that it is not there for the engine's", async () => {
      assert.deepEqual(await ask("image"), ["platform-missing", "linux/amd64", 1]);
    });

    for (const role of ["build", "service"] as const) {
      it(`judges that of a ${role} by what is asked for there, and else by the engine's`, async () => {
        assert.deepEqual(await ask(role), ["platform-missing", "linux/amd64", 1]);
        assert.deepEqual(await ask(role, "linux/arm64"), ["fine", ["linux/arm64"], 0]);
        assert.deepEqual(await ask(role, "linux/s390x"), ["platform-missing", "linux/s390x", 0]);
      });
    }

    it("judges what the environment begins with by both, as the dev container CLI looks at it for the engine", async () => {
      assert.deepEqual(await ask("build", "linux/arm64", true), ["platform-missing", "linux/amd64", 1]);
      assert.deepEqual(await ask("service", "linux/s390x", true), ["platform-missing", "linux/amd64", 1]);
      arm.platforms.push("linux/amd64");
      assert.deepEqual(await ask("service", "linux/s390x", true), ["platform-missing", "linux/s390x", 1]);
      assert.deepEqual(await ask("build", "linux/arm64", true), ["fine", ["linux/arm64", "linux/amd64"], 1]);
      arm.platforms.pop();
    });

    it("does not judge a Feature, which has none", async () => {
      assert.deepEqual(await ask("feature"), ["fine", ["linux/arm64"], 0]);
    });
  });
});
