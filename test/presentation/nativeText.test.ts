import { strict as assert } from "node:assert";
import {
  nativeTrouble,
  TROUBLE_KINDS,
  type IdentitySource,
  type NativeCause,
  type NativeIdentityInfo,
  type NativeTrouble,
} from "../../src/domain/secret/nativeIdentity";
import { signInCommand, troubleText, whoText, withheldText } from "../../src/presentation/nativeText";

const ECR = "123456789012.dkr.ecr.eu-central-1.amazonaws.com";
const ARN = "arn:aws:sts::123456789012:assumed-role/dev/person";

describe("who would answer for a runner-native secret", () => {
  const cases: [who: Omit<NativeIdentityInfo, "kind">, text: string][] = [
    [
      { cloud: "aws", source: "sso", profile: "dev", account: "123456789012", name: ARN },
      `profile dev via SSO, account 123456789012, ${ARN}`,
    ],
    [{ cloud: "aws", source: "instance", account: "123456789012" }, "identity of the machine, account 123456789012"],
    [
      { cloud: "google", source: "key-file", name: "p@my.iam.gserviceaccount.com", account: "my" },
      "key file of a service account, project my, p@my.iam.gserviceaccount.com",
    ],
    [{ cloud: "azure", source: "managed-identity", name: "app", account: "t" }, "managed identity, tenant t, app"],
    [{ cloud: "azure", source: "developer-tool" }, "sign-in of the command line"],
  ];
  for (const [who, text] of cases) it(text, () => assert.equal(whoText({ kind: "identity", ...who }), text));

  const sources: Record<IdentitySource, true> = {
    "access-key": true,
    environment: true,
    profile: true,
    sso: true,
    "assumed-role": true,
    process: true,
    "web-identity": true,
    container: true,
    instance: true,
    "user-login": true,
    "key-file": true,
    impersonation: true,
    federation: true,
    "managed-identity": true,
    "developer-tool": true,
    other: true,
  };
  it("has different words for every way", () => {
    const texts = Object.keys(sources).map((source) =>
      whoText({ kind: "identity", cloud: "aws", source: source as IdentitySource, profile: "dev" }),
    );
    assert.equal(new Set(texts).size, texts.length, texts.join("\n"));
  });
});

describe("why a cloud gives no login", () => {
  it("has a sentence of its own for every cause, with the registry and with what the cloud said", () => {
    const causes = Object.keys(TROUBLE_KINDS) as NativeCause[];
    const texts = causes.map((cause) => troubleText(nativeTrouble("aws", cause, "WORDS"), ECR));
    for (const text of texts) assert.ok(text.includes(ECR), text);
    assert.equal(new Set(texts).size, texts.length, texts.join("\n"));
  });

  it("names the profile, and by how much the clock is wrong", () => {
    const broken = nativeTrouble("aws", "incomplete-config", "no region", { profile: "dev" });
    assert.match(troubleText(broken, ECR), /^The profile dev is not complete/);
    const clock = nativeTrouble("aws", "wrong-clock", "", { clockAheadSeconds: -600 });
    assert.match(troubleText(clock, ECR), /clock is off by 10 minutes/);
  });

  it("keys that the cloud was given are blamed where they stand, and no sign-in is named", () => {
    const places = { secret: /access key in the secret/, variables: /keys .*in the environment variables/ };
    for (const [keysIn, words] of Object.entries(places)) {
      for (const cause of ["keys-refused", "session-expired"] as const) {
        const why = nativeTrouble("aws", cause, "WORDS", { keysIn: keysIn as keyof typeof places });
        const text = withheldText({ host: ECR, secret: "PULL", why });
        assert.match(text, words);
        assert.doesNotMatch(text, /this machine|profile|Sign in/);
      }
    }
  });

  const commands: [trouble: Pick<NativeTrouble, "cloud" | "profile" | "signIn">, command: string][] = [
    [{ cloud: "aws" }, "aws sso login"],
    [{ cloud: "aws", profile: "default" }, "aws sso login"],
    [{ cloud: "aws", profile: "dev", signIn: "sso" }, "aws sso login --profile dev"],
    [{ cloud: "aws", profile: "dev", signIn: "login" }, "aws login --profile dev"],
    [{ cloud: "google" }, "gcloud auth application-default login"],
    [{ cloud: "azure" }, "az login"],
  ];
  for (const [trouble, command] of commands) it(command, () => assert.equal(signInCommand(trouble), command));

  it("a secret that is left out is named, with the command only where signing in helps", () => {
    const of = (cause: NativeCause) =>
      withheldText({ host: ECR, secret: "PULL", why: nativeTrouble("google", cause, "WORDS") });
    assert.match(of("no-identity"), /^PULL is not used: .* Sign in: gcloud auth application-default login$/);
    assert.doesNotMatch(of("throttled"), /Sign in/);
    assert.match(withheldText({ host: ECR, secret: "PULL", why: "unreachable" }), /^PULL is not used: .* reached\.$/);
  });
});
