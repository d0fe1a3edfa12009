import { strict as assert } from "node:assert";
import { readFileSync } from "node:fs";
import { cancelledCreation } from "../../src/domain/environment/creation";
import { Failure, isFailure } from "../../src/domain/failure";
import { workspaceImages } from "../../src/domain/image/workspaceImages";
import { parseRegistryHost } from "../../src/domain/registry/host";
import { refusedBeforeCreation } from "../../src/domain/diagnosis/preflight";
import { Redacted } from "../../src/domain/redacted";
import { credentialOf, checkSecretName } from "../../src/domain/secret/secret";
import { RegistrySecrets } from "../../src/domain/secret/registrySecrets";
import { StorageMark } from "../../src/adapters/local/storageMark";
import { failureMessage } from "../../src/presentation/failureMessages";
import { useTranslations } from "../../src/presentation/words";
import { FakeSecretStore } from "../fakes/fakeSecretStore";
import { aSecret } from "../fakes/samples";

const HOSTS: [problem: string, text: string][] = [
  ["far too long", "a".repeat(10_000)],
  ["empty", " "],
  ["a space", "ghcr .io"],
  ["another scheme", "ftp://ghcr.io"],
  ["a password", "alice:secret@ghcr.io"],
  ["no brackets", "2001:db8::1"],
  ["no host", "gh[cr:1:2"],
  ["a port of letters", "ghcr.io:http"],
  ["a port too high", "ghcr.io:70000"],
  ["no name", ":5000"],
  ["no IPv6 address", "[::zz]"],
  ["too long", `${"a.".repeat(130)}io`],
  ["letters", "müller.example"],
  ["an underscore", "a_b.example.com"],
  ["no IPv4 address", "999.1.1.1"],
  ["an empty part", "ghcr..io"],
  ["a wrong part", "-a.example.com"],
];

const host = parseRegistryHost("ghcr.io");
const password = new Redacted("p");
const secrets = () => new RegistrySecrets(new FakeSecretStore([aSecret({ scope: "user" })]), Date.now, () => "new");
const twin = (change: object) =>
  secrets().create({ name: "OTHER", scope: "user", host, username: "u", password, ...change });
const imagesOf = (text: string) =>
  workspaceImages("/app", "/app/devcontainer.json", {
    read: () => Promise.resolve(text),
    folders: () => Promise.resolve([]),
  });
const mark = (remembered: object) =>
  new StorageMark({ get: () => remembered, set: () => Promise.resolve() }, "run 2").check([]);

/** Failures as they are made, by what went wrong. */
const FAILURES: [what: string, make: () => unknown][] = [
  ...HOSTS.map(([problem, text]): [string, () => unknown] => [`a host: ${problem}`, () => parseRegistryHost(text)]),
  ["a short name", () => checkSecretName("x")],
  ["a long name", () => checkSecretName("x".repeat(200))],
  ["a name with a dash", () => checkSecretName("a-b")],
  ["no username", () => credentialOf(host, "", password)],
  ["no password", () => credentialOf(host, "u", new Redacted(""))],
  ["a name that is taken", () => twin({ name: "GHCR" })],
  ["a host that is taken", () => twin({})],
  ["a secret that is gone", () => secrets().edit("gone", {})],
  ["a secret that was changed", () => secrets().edit("id-1", {}, 1)],
  ["a keyring out of reach", () => mark({ session: "run 1", kept: true })],
  ["secrets that were not kept", () => mark({ session: "run 1", kept: false })],
  ["secrets that were discarded", () => mark({ session: "run 1", kept: true, discarded: true })],
  ["a devcontainer.json without an object", () => imagesOf("[]")],
  ["a devcontainer.json that is far too long", () => imagesOf(" ".repeat(2_000_000))],
  ["a credential refused before the creation", () => Promise.reject(refusedBeforeCreation([]))],
  ["a cancelled creation that leaves something", () => Promise.reject(cancelledCreation(["network app_default"]))],
  ["a cancelled creation that may leave something", () => Promise.reject(cancelledCreation(undefined))],
];

describe("what failed, in words", () => {
  afterEach(() => useTranslations(undefined));

  for (const [what, make] of FAILURES) {
    it(`is the same in English, and has German words: ${what}`, async () => {
      const failure = await failureOf(make);
      assert.equal(failureMessage(failure), failure.message);
      useTranslations(JSON.parse(readFileSync("l10n/bundle.l10n.de.json", "utf8")) as Record<string, string>);
      assert.notEqual(failureMessage(failure), failure.message);
    });
  }

  it("is the failure's own sentence where the facts do not tell it", () => {
    for (const code of ["wrong-use", "invalid-registry-host", "engine-unreachable", "delivery-failed"] as const)
      assert.equal(failureMessage(new Failure(code, "It is so.")), "It is so.");
  });
});

async function failureOf(make: () => unknown): Promise<Failure> {
  try {
    await make();
  } catch (error) {
    assert.ok(isFailure(error), String(error));
    return error;
  }
  throw new Error("It did not fail.");
}
