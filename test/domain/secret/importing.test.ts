import { strict as assert } from "node:assert";
import { Failure } from "../../../src/domain/failure";
import { Redacted } from "../../../src/domain/redacted";
import { parseRegistryHost } from "../../../src/domain/registry/host";
import { importCredentials, secretToReplace, type ImportedCredential } from "../../../src/domain/secret/importing";
import { RegistrySecrets } from "../../../src/domain/secret/registrySecrets";
import { failureWith } from "../../fakes/failures";
import { FakeSecretStore } from "../../fakes/fakeSecretStore";
import { aSecret } from "../../fakes/samples";

function over(store: FakeSecretStore) {
  let next = 0;
  return new RegistrySecrets(
    store,
    () => 5_000,
    () => `new-${++next}`,
  );
}

function login(host: string, change: { username?: string; password?: string; name?: string } = {}): ImportedCredential {
  const { username = "alice", password = "imported", name } = change;
  return {
    host: parseRegistryHost(host),
    username,
    password: new Redacted(password),
    ...(name === undefined ? {} : { name }),
  };
}

describe("importing credentials", () => {
  it("makes a secret of each, with a name of its own or one made from the host", async () => {
    const store = new FakeSecretStore([aSecret({ id: "u", name: "QUAY_IO", host: "other.example.com" })]);
    const outcomes = await importCredentials(
      [login("ghcr.io", { name: "TEAM" }), login("quay.io"), login("docker.io", { name: "TEAM" })],
      { scope: "user" },
      over(store),
    );
    assert.deepEqual(
      outcomes.map((outcome) => outcome.kind !== "failed" && `${outcome.kind} ${outcome.secret.name}`),
      ["created TEAM", "created QUAY_IO_2", "created DOCKER_HUB"],
    );
  });

  it("gives a secret that is there the credential, and keeps its name and id", async () => {
    const store = new FakeSecretStore([
      aSecret({ id: "p", name: "MINE", scope: "project", project: "one", password: "old" }),
      aSecret({ id: "u", name: "USER" }),
    ]);
    const [outcome] = await importCredentials([login("ghcr.io")], { scope: "project", project: "one" }, over(store));
    assert.ok(outcome?.kind === "replaced" && outcome.secret.id === "p" && outcome.secret.name === "MINE");
    const saved = store.entries.get("p")?.credential;
    assert.ok(saved?.kind === "password" && saved.username === "alice" && saved.password.reveal() === "imported");
    assert.deepEqual(store.writes, ["save p"]);
  });

  it("goes on after one that fails, and says which", async () => {
    const store = new FakeSecretStore();
    const outcomes = await importCredentials(
      [login("ghcr.io", { password: "" }), login("quay.io", { name: "a b" }), login("gcr.io")],
      { scope: "user" },
      over(store),
    );
    assert.deepEqual(
      outcomes.map((outcome) => (outcome.kind === "failed" ? [outcome.host.key, outcome.failure.code] : outcome.kind)),
      [["ghcr.io", "empty-password"], ["quay.io", "invalid-secret-name"], "created"],
    );
  });

  it("stops where the store cannot be used", async () => {
    const store = new FakeSecretStore();
    store.broken = new Failure("storage-unavailable", "The keyring is locked.");
    await assert.rejects(
      importCredentials([login("ghcr.io")], { scope: "user" }, over(store)),
      failureWith("storage-unavailable"),
    );
  });

  it("saves the first of several logins for one host, and says of the others that there is room for one", async () => {
    const store = new FakeSecretStore([aSecret({ id: "old", name: "OLD", host: "gcr.io" })]);
    const twice = ["quay.io", "gcr.io"].flatMap((host) => [
      login(host, { username: "team-a" }),
      login(host, { username: "team-b" }),
    ]);
    const outcomes = await importCredentials(twice, { scope: "user" }, over(store));
    assert.deepEqual(
      outcomes.map((outcome) => (outcome.kind === "failed" ? outcome.failure.code : outcome.kind)),
      ["created", "secret-host-taken", "replaced", "secret-host-taken"],
    );
    assert.deepEqual(
      [...store.entries.values()].map(({ credential }) => credential.kind === "password" && credential.username),
      ["team-a", "team-a"],
    );
  });

  it("gives a name that is too short for a secret an ending", async () => {
    const [outcome] = await importCredentials(
      [login("ghcr.io", { name: "GH" })],
      { scope: "user" },
      over(new FakeSecretStore()),
    );
    assert.ok(outcome?.kind === "created" && outcome.secret.name === "GH_REGISTRY");
  });

  it("reads the store once, however many there are", async () => {
    const store = new FakeSecretStore();
    let reads = 0;
    const list = store.list.bind(store);
    store.list = () => {
      reads++;
      return list();
    };
    const many = Array.from({ length: 20 }, (_, index) => login(`registry${index}.example.com`));
    const outcomes = await importCredentials(many, { scope: "user" }, over(store));
    assert.deepEqual([outcomes.length, reads, store.entries.size], [20, 1, 20]);
  });

  it("looks for the secret to replace in its own scope only", () => {
    const secrets = [aSecret({ id: "u" }), aSecret({ id: "p", scope: "project", project: "one" })];
    const host = parseRegistryHost("https://GHCR.io/");
    assert.equal(secretToReplace(secrets, { scope: "user" }, host)?.id, "u");
    assert.equal(secretToReplace(secrets, { scope: "project", project: "one" }, host)?.id, "p");
    assert.equal(secretToReplace(secrets, { scope: "project", project: "two" }, host), undefined);
  });
});
