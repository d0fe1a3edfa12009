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

describe("two windows that edit one secret", () => {
  it("the second is told, with nothing written, and may decide to replace it", async () => {
    const store = new FakeSecretStore([aSecret({ id: "u", updatedAt: 1_000 })]);
    await secretsOver(store, 2_000).edit("u", { password: new Redacted("one") }, 1_000);
    const other = secretsOver(store, 3_000);
    await assert.rejects(
      other.edit("u", { password: new Redacted("two") }, 1_000),
      failureWith("secret-changed", /GHCR/),
    );
    assert.deepEqual(store.writes, ["save u"]);
    const { credential } = await other.edit("u", { password: new Redacted("two") });
    assert.ok(credential.kind === "password" && credential.password.reveal() === "two");
  });

  it("one that moves it and one that edits it both have their way", async () => {
    const store = new FakeSecretStore([aSecret({ id: "u" })]);
    await secretsOver(store).move("u", { scope: "project", project: "one" });
    const edited = await secretsOver(store).edit("u", { username: "hubot" }, 1_000);
    assert.deepEqual([edited.scope, edited.project], ["project", "one"]);
  });
});

describe("moving a registry secret", () => {
  const user = aSecret({ id: "u", name: "GHCR", host: "ghcr.io" });
  const project = aSecret({ id: "p", name: "QUAY", host: "quay.io", scope: "project", project: "one" });
  const cases: [what: string, id: string, to: Pick<SecretDraft, "scope" | "project">][] = [
    ["to a project", "u", { scope: "project", project: "one" }],
    ["to another project", "p", { scope: "project", project: "two" }],
    ["to the person's own", "p", { scope: "user" }],
  ];
  for (const [what, id, to] of cases) {
    it(`${what} changes nothing else, not its time either`, async () => {
      const store = new FakeSecretStore([user, project]);
      const before = id === "u" ? user : project;
      const { scope, project: key, ...rest } = await secretsOver(store).move(id, to);
      const { scope: _scope, project: _project, ...restBefore } = before;
      assert.deepEqual(rest, restBefore);
      assert.deepEqual([scope, key], [to.scope, to.project]);
      assert.deepEqual(store.writes, [`save ${id}`]);
    });
  }

  const twin = (change: Parameters<typeof aSecret>[0]) =>
    aSecret({ id: "t", scope: "project", project: "one", ...change });
  const refused: [what: string, there: ReturnType<typeof aSecret>, code: FailureCode][] = [
    ["one of that name", twin({ name: "GHCR", host: "quay.io" }), "secret-name-taken"],
    ["one for that host", twin({ name: "OTHER", host: "ghcr.io" }), "secret-host-taken"],
  ];
  for (const [what, there, code] of refused) {
    it(`is refused where there is ${what}`, async () => {
      const store = new FakeSecretStore([user, there]);
      await assert.rejects(secretsOver(store).move("u", { scope: "project", project: "one" }), failureWith(code));
      assert.deepEqual(store.writes, []);
    });
  }

  it("tells when it is gone", async () => {
    await assert.rejects(
      secretsOver(new FakeSecretStore()).move("u", { scope: "user" }),
      failureWith("secret-not-found"),
    );
  });
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
