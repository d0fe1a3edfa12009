import { strict as assert } from "node:assert";
import { answeringIdentities } from "../../../src/domain/environment/identities";
import { effectiveSecrets } from "../../../src/domain/secret/effective";
import { nativeTrouble, type NativeIdentityInfo, type NativeTrouble } from "../../../src/domain/secret/nativeIdentity";
import { FakeNativeIdentity, fakeLogins } from "../../fakes/fakeNativeIdentity";
import { aSecret } from "../../fakes/samples";

const ECR = "123456789012.dkr.ecr.eu-central-1.amazonaws.com";
const GAR = "europe-docker.pkg.dev";
const secrets = effectiveSecrets(
  [
    aSecret({ id: "n", host: ECR, runnerNative: true }),
    aSecret({ id: "g", host: GAR, username: "_json_key" }),
    aSecret({ id: "p", host: "ghcr.io" }),
  ],
  undefined,
);

describe("who answers for the images of an environment", () => {
  const aws = (name?: string): NativeIdentityInfo => ({
    kind: "identity",
    cloud: "aws",
    source: "sso",
    ...(name === undefined ? {} : { name }),
  });
  const cases: [what: string, who: NativeIdentityInfo | NativeTrouble, name: string | undefined][] = [
    [
      "a role, whatever its session is called",
      aws("arn:aws:sts::123456789012:assumed-role/dev/i-0123456789"),
      "arn:aws:sts::123456789012:assumed-role/dev",
    ],
    ["a user", aws("arn:aws:iam::123456789012:user/dev"), "arn:aws:iam::123456789012:user/dev"],
    ["somebody without a name", aws(), undefined],
    ["nobody", nativeTrouble("aws", "no-identity", ""), undefined],
  ];
  for (const [what, who, name] of cases) {
    it(what, async () => {
      const cloud = new FakeNativeIdentity();
      cloud.who = who;
      const images = [`${ECR}/app:1`, `${ECR}/other:2`, `${GAR}/p/app:1`, "ghcr.io/acme/app:1"];
      const found = await answeringIdentities(images, secrets, fakeLogins(cloud));
      assert.deepEqual([...found], name === undefined ? [] : [[ECR, name]]);
    });
  }
});
