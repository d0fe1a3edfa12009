import { strict as assert } from "node:assert";
import { Failure, type FailureCode } from "../../../src/domain/failure";
import { Redacted } from "../../../src/domain/redacted";
import { parseRegistryHost } from "../../../src/domain/registry/host";
import {
  isInScope,
  RegistrySecrets,
  type SecretChange,
  type SecretDraft,
} from "../../../src/domain/secret/registrySecrets";
import { failureWith } from "../../fakes/failures";
import { FakeSecretStore } from "../../fakes/fakeSecretStore";
import { aSecret } from "../../fakes/samples";

const ECR = "123456789012.dkr.ecr.eu-central-1.amazonaws.com";

function draft(change: Partial<Omit<SecretDraft, "host" | "password">> & { host?: string; password?: string } = {}) {
  const { host = "ghcr.io", password = "pw", ...rest } = change;
  const full: SecretDraft = {
    name: "GHCR",
    scope: "user",
    username: "octocat",
    ...rest,
    host: parseRegistryHost(host),
    password: new Redacted(password),
  };
  return full;
}

function secretsOver(store: FakeSecretStore, now = 5_000) {
  let next = 0;
  return new RegistrySecrets(
    store,
    () => now,
    () => `new-${++next}`,
  );
}

describe("creating a registry secret", () => {
  it("saves it with a fresh id and the time, and returns it", async () => {
    const store = new FakeSecretStore();
    const created = await secretsOver(store).create(draft());
    assert.deepEqual(store.entries.get("new-1"), created);
    const { id, name, scope, createdAt, updatedAt } = created;
    assert.deepEqual(
      { id, name, scope, createdAt, updatedAt },
      { id: "new-1", name: "GHCR", scope: "user", createdAt: 5_000, updatedAt: 5_000 },
    );
    assert.equal("project" in created, false);
  });

  it("keeps the project of a project secret, and no project of a user secret", async () => {
    const secrets = secretsOver(new FakeSecretStore());
    assert.equal(
      (await secrets.create(draft({ scope: "project", project: "github.com/acme/app" }))).project,
      "github.com/acme/app",
    );
    assert.equal("project" in (await secrets.create(draft({ project: "github.com/acme/app" }))), false);
  });

  it("stores nothing secret for runner-native", async () => {
    const store = new FakeSecretStore();
    await secretsOver(store).create(draft({ host: ECR, username: "runner-native", password: "runner-native" }));
    assert.deepEqual(store.entries.get("new-1")?.credential, { kind: "runner-native" });
  });

  const existing = [
    aSecret({ id: "u", name: "GHCR", host: "ghcr.io" }),
    aSecret({ id: "hub", name: "HUB", host: "docker.io" }),
    aSecret({ id: "p", name: "QUAY", scope: "project", project: "one", host: "quay.io" }),
    aSecret({ id: "o", name: "ORG", scope: "organization", host: "org.example.com" }),
  ];
  const refused: [what: string, draft: SecretDraft, code: FailureCode, id: string | undefined][] = [
    ["a taken name", draft({ host: "quay.io" }), "secret-name-taken", "u"],
    ["a taken host", draft({ name: "OTHER" }), "secret-host-taken", "u"],
    [
      "a taken host in another spelling",
      draft({ name: "OTHER", host: "https://GHCR.io/acme" }),
      "secret-host-taken",
      "u",
    ],
    ["Docker Hub twice", draft({ name: "OTHER", host: "registry-1.docker.io" }), "secret-host-taken", "hub"],
    ["both taken: the name is told first", draft({ name: "HUB" }), "secret-name-taken", "hub"],
    [
      "a taken name in the project",
      draft({ name: "QUAY", scope: "project", project: "one" }),
      "secret-name-taken",
      "p",
    ],
    ["a wrong name", draft({ name: "a b", host: "quay.io" }), "invalid-secret-name", undefined],
    ["an empty password", draft({ name: "NEW", host: "quay.io", password: "" }), "empty-password", undefined],
    ["an empty username", draft({ name: "NEW", host: "quay.io", username: " " }), "empty-username", undefined],
  ];
  for (const [what, wanted, code, id] of refused) {
    it(`refuses ${what}, and writes nothing`, async () => {
      const store = new FakeSecretStore(existing);
      const error: unknown = await secretsOver(store)
        .create(wanted)
        .catch((thrown: unknown) => thrown);
      failureWith(code)(error);
      if (id !== undefined) assert.equal((error as Failure).facts["id"], id);
      assert.deepEqual(store.writes, []);
    });
  }

  const allowed: [what: string, draft: SecretDraft][] = [
    ["the same name and host in another scope", draft({ scope: "project", project: "one" })],
    [
      "the same name and host in another project",
      draft({ name: "QUAY", scope: "project", project: "two", host: "quay.io" }),
    ],
    ["another port of the same host", draft({ name: "PORT", host: "ghcr.io:8443" })],
    ["a host of an organization secret", draft({ name: "ORG", host: "org.example.com" })],
    ["a name in other letters", draft({ name: "ghcr", host: "new.example.com" })],
  ];
  for (const [what, wanted] of allowed) {
    it(`allows ${what}`, async () => {
      const store = new FakeSecretStore(existing);
      await secretsOver(store).create(wanted);
      assert.deepEqual(store.writes, ["save new-1"]);
    });
  }

  it("tells before the rest is typed whether a name or a host is free", async () => {
    const secrets = secretsOver(new FakeSecretStore(existing));
    await secrets.checkFree({ scope: "user" });
    await secrets.checkFree({ scope: "user", name: "FREE" });
    await secrets.checkFree({ scope: "user", host: parseRegistryHost("free.example.com") });
    await assert.rejects(
      secrets.checkFree({ scope: "user", name: "GHCR" }),
      failureWith("secret-name-taken", /ghcr\.io/),
    );
    await assert.rejects(secrets.checkFree({ scope: "user", name: "x" }), failureWith("invalid-secret-name"));
    await assert.rejects(
      secrets.checkFree({ scope: "user", host: parseRegistryHost("index.docker.io") }),
      failureWith("secret-host-taken", /HUB/),
    );
  });

  it("passes on that the storage cannot be used", async () => {
    const store = new FakeSecretStore();
    store.broken = new Failure("storage-unavailable", "The keyring is locked.");
    await assert.rejects(secretsOver(store).create(draft()), failureWith("storage-unavailable"));
    await assert.rejects(secretsOver(store).list(), failureWith("storage-unavailable"));
  });
});

describe("editing a registry secret", () => {
  const before = aSecret({ id: "u", username: "octocat", password: "old" });
  const native = aSecret({ id: "n", name: "ECR", host: ECR, runnerNative: true });
  const cases: [what: string, id: string, change: SecretChange, username: string, password: string | undefined][] = [
    ["the password alone", "u", { password: new Redacted("new") }, "octocat", "new"],
    ["the username alone", "u", { username: "hubot" }, "hubot", "old"],
    ["both", "u", { username: "hubot", password: new Redacted("new") }, "hubot", "new"],
    ["nothing", "u", {}, "octocat", "old"],
    ["a runner-native one to a login", "n", { username: "AWS", password: new Redacted("t") }, "AWS", "t"],
    [
      "a runner-native one to the same",
      "n",
      { username: "runner-native", password: new Redacted("runner-native") },
      "runner-native",
      undefined,
    ],
  ];
  for (const [what, id, change, username, password] of cases) {
    it(`changes ${what}, and keeps the rest`, async () => {
      const store = new FakeSecretStore([before, native]);
      const { credential, updatedAt, ...rest } = await secretsOver(store).edit(id, change);
      const { credential: _credential, updatedAt: _updatedAt, ...restBefore } = id === "u" ? before : native;
      assert.deepEqual(rest, restBefore);
      assert.equal(updatedAt, 5_000);
      assert.equal(credential.kind === "password" ? credential.username : "runner-native", username);
      assert.equal(credential.kind === "password" ? credential.password.reveal() : undefined, password);
      assert.equal(store.entries.get(id)?.updatedAt, 5_000);
    });
  }

  const refused: [what: string, id: string, change: SecretChange, code: FailureCode][] = [
    ["an empty password", "u", { password: new Redacted("") }, "empty-password"],
    ["an empty username", "u", { username: "" }, "empty-username"],
    [
      "runner-native where there is none",
      "u",
      { username: "runner-native", password: new Redacted("runner-native") },
      "runner-native-not-supported",
    ],
    ["a username for a runner-native one, without a password", "n", { username: "AWS" }, "empty-password"],
    ["a secret that is gone", "x", { username: "hubot" }, "secret-not-found"],
  ];
  for (const [what, id, change, code] of refused) {
    it(`refuses ${what}, and writes nothing`, async () => {
      const store = new FakeSecretStore([before, native]);
      await assert.rejects(secretsOver(store).edit(id, change), failureWith(code));
      assert.deepEqual(store.writes, []);
    });
  }
});

describe("listing and deleting registry secrets", () => {
  it("lists them by name, in any letters", async () => {
    const store = new FakeSecretStore(["b_1", "A_1", "c_1", "a_0"].map((name) => aSecret({ id: name, name })));
    assert.deepEqual(
      (await secretsOver(store).list()).map(({ name }) => name),
      ["a_0", "A_1", "b_1", "c_1"],
    );
  });

  it("returns what it deleted", async () => {
    const store = new FakeSecretStore([aSecret({ id: "u" })]);
    assert.equal((await secretsOver(store).delete("u")).name, "GHCR");
    assert.equal(store.entries.size, 0);
  });

  it("tells when it was deleted already", async () => {
    const store = new FakeSecretStore();
    await assert.rejects(secretsOver(store).delete("u"), failureWith("secret-not-found"));
    assert.deepEqual(store.writes, []);
  });

  const scopes: [
    secret: Parameters<typeof aSecret>[0],
    scope: "user" | "project",
    project: string | undefined,
    want: boolean,
  ][] = [
    [{ scope: "user" }, "user", undefined, true],
    [{ scope: "user" }, "user", "one", true],
    [{ scope: "user" }, "project", "one", false],
    [{ scope: "project", project: "one" }, "project", "one", true],
    [{ scope: "project", project: "one" }, "project", "two", false],
    [{ scope: "project", project: "one" }, "project", undefined, false],
  ];
  for (const [secret, scope, project, want] of scopes) {
    it(`${JSON.stringify(secret)} is ${want ? "" : "not "}in ${scope} ${String(project)}`, () => {
      assert.equal(isInScope(aSecret(secret), scope, project), want);
    });
  }
});
