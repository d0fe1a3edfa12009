import { strict as assert } from "node:assert";
import fc from "fast-check";
import type { FailureCode } from "../../../src/domain/failure";
import { Redacted } from "../../../src/domain/redacted";
import { parseRegistryHost } from "../../../src/domain/registry/host";
import {
  checkSecretName,
  credentialOf,
  RUNNER_NATIVE,
  suggestSecretName,
  usernameOf,
} from "../../../src/domain/secret/secret";
import { failureWith } from "../../fakes/failures";

describe("the name of a secret", () => {
  for (const name of ["abc", "ABC_9", "___", "012", "a".repeat(127)]) {
    it(`may be ${name.slice(0, 20)} (${name.length})`, () => checkSecretName(name));
  }

  const wrong: [name: string, why: RegExp][] = [
    ["", /fewer than 3/],
    ["ab", /fewer than 3/],
    ["a".repeat(128), /more than 127/],
    ["a b c", /only letters/],
    ["a-bc", /only letters/],
    ["ghcr.io", /only letters/],
    ["größe", /only letters/],
    ["abc\n", /only letters/],
    ["\u0430bc", /only letters/],
  ];
  for (const [name, why] of wrong) {
    it(`may not be ${JSON.stringify(name.slice(0, 20))} (${name.length})`, () => {
      assert.throws(() => checkSecretName(name), failureWith("invalid-secret-name", why));
    });
  }
});

describe("the suggested name", () => {
  const cases: [host: string, name: string][] = [
    ["docker.io", "DOCKER_HUB"],
    ["ghcr.io", "GHCR_IO"],
    ["registry.example.com:5000", "REGISTRY_EXAMPLE_COM_5000"],
    ["[::1]:5000", "1_5000"],
    ["[::]:1", "1_REGISTRY"],
    ["123456789012.dkr.ecr.eu-central-1.amazonaws.com", "123456789012_DKR_ECR_EU_CENTRAL_1_AMAZONAWS_COM"],
  ];
  for (const [host, name] of cases) {
    it(`for ${host} is ${name}`, () => assert.equal(suggestSecretName(parseRegistryHost(host)), name));
  }

  const given: [taken: string[], name: string][] = [
    [["QUAY_IO"], "GHCR_IO"],
    [["GHCR_IO"], "GHCR_IO_2"],
    [["GHCR_IO", "GHCR_IO_2", "GHCR_IO_3"], "GHCR_IO_4"],
  ];
  for (const [taken, name] of given) {
    it(`is ${name} where ${taken.join(" and ")} is taken`, () =>
      assert.equal(suggestSecretName(parseRegistryHost("ghcr.io"), taken), name));
  }

  it("is no longer than a name may be, taken or not", () => {
    const long = parseRegistryHost(`${"a".repeat(60)}.${"b".repeat(60)}.${"c".repeat(60)}.io`);
    const first = suggestSecretName(long);
    const second = suggestSecretName(long, [first]);
    checkSecretName(second);
    assert.notEqual(second, first);
  });

  it("always passes the rule for names", () => {
    const label = fc.stringMatching(/^[a-z0-9]{1,40}$/);
    fc.assert(
      fc.property(fc.array(label, { minLength: 1, maxLength: 5 }), (labels) => {
        checkSecretName(suggestSecretName(parseRegistryHost(`${labels.join(".")}.io`)));
      }),
    );
  });
});

describe("the credential that two fields mean", () => {
  const NATIVE = RUNNER_NATIVE;
  const cases: [host: string, username: string, password: string, want: string][] = [
    ["ghcr.io", "octocat", "pw", "octocat"],
    ["ghcr.io", "octocat", " ", "octocat"],
    ["ghcr.io", NATIVE, "pw", NATIVE],
    ["ghcr.io", "octocat", NATIVE, "octocat"],
    ["123456789012.dkr.ecr.eu-central-1.amazonaws.com", NATIVE, NATIVE, "the cloud's identity"],
    ["europe-west1-docker.pkg.dev", NATIVE, NATIVE, "the cloud's identity"],
    ["eu.gcr.io", NATIVE, NATIVE, "the cloud's identity"],
    ["acme.azurecr.io", NATIVE, NATIVE, "the cloud's identity"],
    ["public.ecr.aws", NATIVE, NATIVE, "the cloud's identity"],
    ["acme.azurecr.io", NATIVE, "pw", NATIVE],
  ];
  for (const [host, username, password, want] of cases) {
    it(`${username} and ${JSON.stringify(password)} for ${host}: ${want}`, () => {
      const credential = credentialOf(parseRegistryHost(host), username, new Redacted(password));
      if (want === "the cloud's identity") {
        assert.deepEqual(credential, { kind: "runner-native" });
        assert.equal(usernameOf(credential), RUNNER_NATIVE);
        return;
      }
      assert.ok(credential.kind === "password");
      assert.deepEqual([usernameOf(credential), credential.password.reveal()], [want, password]);
    });
  }

  const wrong: [host: string, username: string, password: string, code: FailureCode][] = [
    ["ghcr.io", "", "pw", "empty-username"],
    ["ghcr.io", " \t", "pw", "empty-username"],
    ["ghcr.io", "octocat", "", "empty-password"],
    ["ghcr.io", "", "", "empty-username"],
    ["ghcr.io", NATIVE, NATIVE, "runner-native-not-supported"],
    ["docker.io", NATIVE, NATIVE, "runner-native-not-supported"],
    ["acme.azurecr.io.example.com", NATIVE, NATIVE, "runner-native-not-supported"],
    ["evil-docker.pkg.dev.example.com", NATIVE, NATIVE, "runner-native-not-supported"],
  ];
  for (const [host, username, password, code] of wrong) {
    it(`${JSON.stringify(username)} and ${JSON.stringify(password)} for ${host}: ${code}`, () => {
      const parsed = parseRegistryHost(host);
      assert.throws(() => credentialOf(parsed, username, new Redacted(password)), failureWith(code));
    });
  }
});
