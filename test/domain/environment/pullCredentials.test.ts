import { strict as assert } from "node:assert";
import { pullCredentials } from "../../../src/domain/environment/pullCredentials";
import { isFailure, type FailureCode } from "../../../src/domain/failure";
import { parseImageReference } from "../../../src/domain/image/reference";
import type { WorkspaceImage } from "../../../src/domain/image/workspaceImages";
import { effectiveSecrets } from "../../../src/domain/secret/effective";
import type { RegistrySecret } from "../../../src/domain/secret/secret";
import type { RegistryHost } from "../../../src/domain/registry/host";
import { nativeTrouble, type NativeTrouble } from "../../../src/domain/secret/nativeIdentity";
import { FakeNativeIdentity, fakeLogins } from "../../fakes/fakeNativeIdentity";
import { FakeProber } from "../../fakes/fakeProber";
import { aSecret } from "../../fakes/samples";

type Realm = FakeProber["realms"][string];
const ECR = "123456789012.dkr.ecr.eu-west-1.amazonaws.com";
const realm = (url: string): Realm => ({ kind: "realm", url });

function image(text: string): WorkspaceImage {
  const place = { file: "/x/devcontainer.json", range: { start: 0, end: 1 }, role: "image" as const, text };
  return text.includes("$") ? place : { ...place, reference: parseImageReference(text) };
}

interface Case {
  readonly images: readonly string[];
  readonly secrets?: readonly RegistrySecret[];
  readonly realms?: Readonly<Record<string, Realm>>;
  readonly agrees?: boolean;
  readonly trouble?: NativeTrouble;
  /** `host user` for each credential. */
  readonly want?: readonly string[];
  readonly allowed?: readonly string[];
  readonly withheld?: readonly string[];
  readonly failure?: FailureCode;
  readonly asked?: readonly string[];
}

const GHCR = aSecret();
const HUB = aSecret({ id: "hub", name: "HUB", host: "docker.io", username: "whale" });
const OWN = aSecret({ id: "own", name: "OWN", host: "reg.example.com:5000", username: "me" });

describe("the credentials for a creation", () => {
  const cases: Record<string, Case> = {
    "only those of the registries that are named": {
      images: ["ghcr.io/acme/app:1"],
      secrets: [GHCR, HUB, OWN],
      want: ["ghcr.io octocat"],
      asked: ["ghcr.io"],
    },
    "each registry is asked once, whatever its spelling": {
      images: ["debian", "docker.io/acme/app", "index.docker.io/acme/tool", "ghcr.io/a/b", "ghcr.io/c/d"],
      secrets: [GHCR, HUB],
      want: ["ghcr.io octocat", "https://index.docker.io/v1/ whale"],
      asked: ["ghcr.io", "registry-1.docker.io"],
    },
    "none without a secret, and nothing is asked": {
      images: ["ghcr.io/acme/app", "quay.io/x/y"],
      secrets: [HUB],
      want: [],
      asked: [],
    },
    "none for an image whose variables are not set": {
      images: ["${localEnv:IMAGE}"],
      secrets: [GHCR],
      want: [],
      asked: [],
    },
    "another port is another registry": { images: ["reg.example.com:5001/a/b"], secrets: [OWN], want: [], asked: [] },
    "Basic, or no login at all": {
      images: ["reg.example.com:5000/a/b"],
      secrets: [OWN],
      realms: { "reg.example.com:5000": { kind: "none" } },
      want: ["reg.example.com:5000 me"],
    },
    "a token server of its own": {
      images: ["ghcr.io/a/b"],
      secrets: [GHCR],
      realms: { "ghcr.io": realm("https://ghcr.io/token") },
      want: ["ghcr.io octocat"],
    },
    "the known token server of Docker Hub": {
      images: ["acme/app"],
      secrets: [HUB],
      realms: { "registry-1.docker.io": realm("https://auth.docker.io/token") },
      want: ["https://index.docker.io/v1/ whale"],
    },
    "an unknown token server that was agreed to": {
      images: ["reg.example.com:5000/a/b"],
      secrets: [OWN],
      realms: { "reg.example.com:5000": realm("https://login.example.net:8443/token?x=1") },
      agrees: true,
      want: ["reg.example.com:5000 me"],
      allowed: ["reg.example.com:5000=login.example.net:8443"],
    },
    "an unknown token server that was refused": {
      images: ["reg.example.com:5000/a/b"],
      secrets: [OWN],
      realms: { "reg.example.com:5000": realm("https://evil.example.net/token") },
      failure: "unknown-token-realm",
    },
    "the token server of another registry is unknown, too": {
      images: ["ghcr.io/a/b"],
      secrets: [GHCR],
      realms: { "ghcr.io": realm("https://auth.docker.io/token") },
      failure: "unknown-token-realm",
    },
    "plain http to another machine cannot even be agreed to": {
      images: ["ghcr.io/a/b"],
      secrets: [GHCR],
      realms: { "ghcr.io": realm("http://ghcr.io/token") },
      agrees: true,
      failure: "unknown-token-realm",
    },
    "plain http on this machine": {
      images: ["localhost:5000/a/b"],
      secrets: [aSecret({ host: "localhost:5000" })],
      realms: { "localhost:5000": realm("http://localhost:5000/token") },
      want: ["localhost:5000 octocat"],
    },
    "withheld where the registry cannot be reached; the others are used": {
      images: ["ghcr.io/a/b", "reg.example.com:5000/a/b"],
      secrets: [GHCR, OWN],
      realms: { "ghcr.io": { kind: "unreachable", reason: "dns", detail: "x" } },
      want: ["reg.example.com:5000 me"],
      withheld: ["ghcr.io GHCR unreachable"],
    },
    "withheld where a web page answers": {
      images: ["ghcr.io/a/b"],
      secrets: [GHCR],
      realms: { "ghcr.io": { kind: "not-a-registry", status: 200, contentType: "text/html" } },
      want: [],
      withheld: ["ghcr.io GHCR unreachable"],
    },
    "runner-native: the cloud answers": {
      images: [`${ECR}/a/b`],
      secrets: [aSecret({ host: ECR, name: "ECR", runnerNative: true })],
      realms: { [ECR]: { kind: "none" } },
      want: [`${ECR} AWS`],
      asked: [ECR],
    },
    "an access key of AWS: a token instead of it": {
      images: [`${ECR}/a/b`],
      secrets: [aSecret({ host: ECR, name: "ECR", username: `AKIA${"X".repeat(16)}` })],
      realms: { [ECR]: { kind: "none" } },
      want: [`${ECR} AWS`],
    },
    "withheld where the cloud gives no login": {
      images: [`${ECR}/a/b`],
      secrets: [aSecret({ host: ECR, name: "ECR", runnerNative: true })],
      realms: { [ECR]: { kind: "none" } },
      trouble: nativeTrouble("aws", "session-expired", "x"),
      want: [],
      withheld: [`${ECR} ECR session-expired`],
    },
    "the effective one": {
      images: ["ghcr.io/a/b"],
      secrets: [aSecret({ id: "p", scope: "project", project: "one", username: "bot" }), GHCR],
      want: ["ghcr.io octocat"],
    },
  };
  for (const [what, { images, secrets = [], realms = {}, agrees = false, trouble, ...wanted }] of Object.entries(
    cases,
  )) {
    it(what, async () => {
      const prober = new FakeProber();
      prober.realms = { ...realms };
      const asked: string[] = [];
      const agree = (host: RegistryHost, realmHost: string) => {
        asked.push(`${host.key} ${realmHost}`);
        return Promise.resolve(agrees);
      };
      const cloud = new FakeNativeIdentity();
      if (trouble) cloud.answer = () => trouble;
      const effective = effectiveSecrets(secrets, "one");
      const result = pullCredentials(images.map(image), effective, prober, agree, fakeLogins(cloud));
      if (wanted.failure !== undefined) {
        const error: unknown = await result.catch((thrown: unknown) => thrown);
        assert.ok(isFailure(error, wanted.failure));
        assert.match(error.message, /was not sent/);
        assert.ok(!JSON.stringify([error.message, error.facts]).includes("s3cret-value"));
        // nobody is asked to agree to what cannot be agreed to
        assert.equal(asked.length, "agreement" in error.facts ? 1 : 0);
        return;
      }
      const { credentials, allowedRealms, withheld } = await result;
      assert.deepEqual([...credentials].map(([key, { username }]) => `${key} ${username}`).sort(), wanted.want);
      assert.deepEqual(allowedRealms, wanted.allowed ?? []);
      assert.deepEqual(
        withheld.map(({ host, secret, why }) => `${host} ${secret} ${why === "unreachable" ? why : why.cause}`),
        wanted.withheld ?? [],
      );
      if (wanted.asked) assert.deepEqual(prober.realmsAsked.sort(), [...wanted.asked]);
    });
  }
});
