import { strict as assert } from "node:assert";
import { secretStorageStore as storeOver, type SecretStorageLike } from "../../../src/adapters/local/secretStorage";
import { MARK, StorageMark } from "../../../src/adapters/local/storageMark";
import { failureWith } from "../../fakes/failures";
import { aSecret } from "../../fakes/samples";

/** VS Code's SecretStorage in memory; two stores over one are two windows. */
class Keyring implements SecretStorageLike {
  readonly entries = new Map<string, string>();
  readonly #listeners = new Set<(event: { readonly key: string }) => void>();
  broken: unknown;

  keys = () => this.#work(() => [...this.entries.keys()]);
  get = (key: string) => this.#work(() => this.entries.get(key));
  store = (key: string, value: string) =>
    this.#work(() => {
      this.entries.set(key, value);
      this.#tell(key);
    });
  delete = (key: string) =>
    this.#work(() => {
      this.entries.delete(key);
      this.#tell(key);
    });
  onDidChange(listener: (event: { readonly key: string }) => void) {
    this.#listeners.add(listener);
    return { dispose: () => void this.#listeners.delete(listener) };
  }

  #work<T>(work: () => T): Promise<T> {
    // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- a host may reject with anything
    return this.broken === undefined ? Promise.resolve(work()) : Promise.reject(this.broken);
  }

  #tell(key: string): void {
    for (const listener of this.#listeners) listener({ key });
  }
}

/** What the extension remembers outside of the keyring. */
class Memory {
  value: unknown;
  get = () => this.value;
  set = (value: object | undefined) => {
    this.value = value;
    return Promise.resolve();
  };
}

/** The store of a window that remembers nothing yet. */
const secretStorageStore = (keyring: Keyring, memory = new Memory(), session = "run 1") =>
  storeOver(keyring, new StorageMark(memory, session));

describe("the default store", () => {
  const cases = [
    aSecret(),
    aSecret({ id: "2", scope: "project", project: "github.com/acme/app", host: "docker.io" }),
    aSecret({ id: "3", host: "123456789012.dkr.ecr.eu-west-1.amazonaws.com", runnerNative: true }),
    aSecret({ id: "4", host: "[::1]:5000", username: "ü", password: 'a"\\\n🔑' }),
  ];
  for (const secret of cases) {
    it(`gives back what it was given: ${secret.host.key}`, async () => {
      const keyring = new Keyring();
      await secretStorageStore(keyring).save(secret);
      const { secrets, unreadable } = await secretStorageStore(keyring).list();
      assert.deepEqual([secrets.length, unreadable], [1, []]);
      const { credential, ...rest } = secrets[0]!;
      const { credential: before, ...restBefore } = secret;
      assert.deepEqual({ ...rest, host: rest.host.key }, { ...restBefore, host: restBefore.host.key });
      assert.equal(credential.kind, before.kind);
      if (credential.kind === "password" && before.kind === "password") {
        assert.deepEqual(
          [credential.username, credential.password.reveal()],
          [before.username, before.password.reveal()],
        );
      }
    });
  }

  it("writes one entry a secret, in a form that does not change", async () => {
    const keyring = new Keyring();
    await secretStorageStore(keyring).save(aSecret({ scope: "project", project: "p" }));
    await secretStorageStore(keyring).save(cases[2]!);
    assert.deepEqual(
      Object.fromEntries([...keyring.entries].map(([key, text]) => [key, JSON.parse(text) as unknown])),
      {
        [MARK]: 1,
        "registrySecret/id-1": {
          version: 1,
          name: "GHCR",
          scope: "project",
          project: "p",
          host: "ghcr.io",
          username: "octocat",
          password: "s3cret-value",
          createdAt: 1000,
          updatedAt: 1000,
        },
        "registrySecret/3": {
          version: 1,
          name: "GHCR",
          scope: "user",
          host: "123456789012.dkr.ecr.eu-west-1.amazonaws.com",
          runnerNative: true,
          createdAt: 1000,
          updatedAt: 1000,
        },
      },
    );
  });

  const unreadable: [what: string, text: string][] = [
    ["no JSON", "{"],
    ["nothing", ""],
    ["a newer version", '{"version":2,"name":"X"}'],
    [
      "no password",
      '{"version":1,"name":"X","scope":"user","host":"ghcr.io","username":"u","createdAt":1,"updatedAt":1}',
    ],
    [
      "another scope",
      '{"version":1,"name":"X","scope":"team","host":"ghcr.io","username":"u","password":"p","createdAt":1,"updatedAt":1}',
    ],
    [
      "a host that is none",
      '{"version":1,"name":"X","scope":"user","host":"a b","username":"u","password":"p","createdAt":1,"updatedAt":1}',
    ],
  ];
  for (const [what, text] of unreadable) {
    it(`keeps an entry with ${what}, names it, and reads the others`, async () => {
      const keyring = new Keyring();
      keyring.entries.set("registrySecret/odd", text);
      const store = secretStorageStore(keyring);
      await store.save(aSecret());
      const found = await store.list();
      assert.deepEqual([found.secrets.map(({ id }) => id), found.unreadable], [["id-1"], ["odd"]]);
      assert.equal(keyring.entries.get("registrySecret/odd"), text);
    });
  }

  it("does not touch what others of this extension keep there", async () => {
    const keyring = new Keyring();
    keyring.entries.set("something-else", "x");
    const store = secretStorageStore(keyring);
    assert.deepEqual(await store.list(), { secrets: [], unreadable: [] });
    await store.remove("something-else");
    assert.equal(keyring.entries.get("something-else"), "x");
  });

  it("lets two windows write beside each other", async () => {
    const keyring = new Keyring();
    const [one, two] = [secretStorageStore(keyring), secretStorageStore(keyring)];
    await Promise.all([
      one.save(aSecret({ id: "a" })),
      two.save(aSecret({ id: "b" })),
      one.save(aSecret({ id: "c" })),
      two.remove("a"),
    ]);
    assert.deepEqual((await one.list()).secrets.map(({ id }) => id).sort(), ["b", "c"]);
  });

  it("leaves out an entry that is deleted while it reads", async () => {
    const keyring = new Keyring();
    await secretStorageStore(keyring).save(aSecret());
    keyring.get = (key) => Promise.resolve(key === MARK ? "1" : undefined);
    assert.deepEqual(await secretStorageStore(keyring).list(), { secrets: [], unreadable: [] });
  });

  it("removes, and removing again is no error", async () => {
    const keyring = new Keyring();
    const store = secretStorageStore(keyring);
    await store.save(aSecret());
    await store.remove("id-1");
    await store.remove("id-1");
    assert.deepEqual([...keyring.entries.keys()], [MARK]);
  });

  for (const broken of [new Error("The keyring is locked"), "locked"]) {
    it(`says that it cannot be used, which is not the same as empty: ${String(broken)}`, async () => {
      const keyring = new Keyring();
      keyring.broken = broken;
      const store = secretStorageStore(keyring);
      for (const work of [store.list(), store.save(aSecret()), store.remove("x")]) {
        await assert.rejects(work, failureWith("storage-unavailable", /locked/));
      }
    });
  }

  it("tells of changes by any window, of its own entries only, until nobody listens", async () => {
    const keyring = new Keyring();
    let told = 0;
    const stop = secretStorageStore(keyring).onDidChange(() => told++);
    await secretStorageStore(keyring).save(aSecret());
    await secretStorageStore(keyring).remove("id-1");
    await keyring.store("something-else", "x");
    assert.equal(told, 2);
    stop();
    await secretStorageStore(keyring).save(aSecret());
    assert.equal(told, 2);
  });
});
