import { strict as assert } from "node:assert";
import { secretStorageStore, type SecretStorageLike } from "../../../src/adapters/local/secretStorage";
import { MARK, StorageMark } from "../../../src/adapters/local/storageMark";
import { isFailure } from "../../../src/domain/failure";
import { aSecret } from "../../fakes/samples";

/** What VS Code's SecretStorage does: it deletes an entry that it cannot decrypt when it is asked for it. */
class Storage implements SecretStorageLike {
  readonly entries = new Map<string, string>();
  readonly #listeners = new Set<(event: { readonly key: string }) => void>();
  canDecrypt = true;

  keys = () => Promise.resolve([...this.entries.keys()]);
  get = (key: string) => {
    const found = this.entries.get(key);
    if (!this.canDecrypt) this.entries.delete(key);
    return Promise.resolve(this.canDecrypt ? found : undefined);
  };
  store = (key: string, value: string) => {
    this.entries.set(key, value);
    this.tell(key);
    return Promise.resolve();
  };
  delete = (key: string) => Promise.resolve(void this.entries.delete(key));
  onDidChange(listener: (event: { readonly key: string }) => void) {
    this.#listeners.add(listener);
    return { dispose: () => void this.#listeners.delete(listener) };
  }
  tell = (key: string) => this.#listeners.forEach((listener) => listener({ key }));
}

/** A person's machine: a keyring on disk, and what the extension remembers beside it. */
function machine() {
  let remembered: unknown;
  const memory = {
    get: () => remembered,
    set: (value: object | undefined) => Promise.resolve(void (remembered = value)),
  };
  return {
    keyring: new Storage(),
    /** A window of one run of VS Code; one that reaches no keyring keeps secrets in its own memory. */
    window: (session: string, storage = new Storage()) => secretStorageStore(storage, new StorageMark(memory, session)),
  };
}

const count = async (store: ReturnType<ReturnType<typeof machine>["window"]>) => (await store.list()).secrets.length;
const unavailable = (reason: string) => (error: unknown) =>
  isFailure(error, "storage-unavailable") && error.facts["reason"] === reason;

describe("a secret storage that is another one than it was", () => {
  it("is not suspected where nothing was ever saved", async () => {
    assert.equal(await count(machine().window("run 1")), 0);
  });

  it("is the same one over a restart, also after the last secret is deleted", async () => {
    const { window, keyring } = machine();
    await window("run 1", keyring).save(aSecret());
    assert.equal(await count(window("run 2", keyring)), 1);
    await window("run 2", keyring).remove("id-1");
    assert.equal(await count(window("run 3", keyring)), 0);
  });

  it("is out of reach if it was kept over a restart before: the keyring is locked, and back once it is not", async () => {
    const { window, keyring } = machine();
    await window("run 1", keyring).save(aSecret());
    await window("run 2", keyring).list();
    await assert.rejects(window("run 3").list(), unavailable("out-of-reach"));
    assert.equal(await count(window("run 4", keyring)), 1);
  });

  it("was never kept if the first restart has lost it: there is no keyring", async () => {
    const { window } = machine();
    const first = window("run 1");
    await first.save(aSecret());
    assert.equal(await count(first), 1);
    await assert.rejects(window("run 2").list(), unavailable("not-kept"));
  });

  it("proves nothing within one run: the extension host may start anew without the window", async () => {
    const { window } = machine();
    const memoryOfTheWindow = new Storage();
    await window("run 1", memoryOfTheWindow).save(aSecret());
    assert.equal(await count(window("run 1", memoryOfTheWindow)), 1);
    await assert.rejects(window("run 2").list(), unavailable("not-kept"));
  });

  it("goes on with an empty list once the person agrees, and loses nothing that the keyring holds", async () => {
    const { window, keyring } = machine();
    await window("run 1", keyring).save(aSecret());
    await window("run 2", keyring).list();
    const locked = window("run 3");
    let told = 0;
    locked.onDidChange(() => told++);
    await assert.rejects(locked.list());
    await locked.startAnew();
    assert.deepEqual([await count(locked), told], [0, 1]);
    await locked.save(aSecret({ id: "other" }));
    assert.equal(await count(locked), 1);
    assert.deepEqual(
      (await window("run 4", keyring).list()).secrets.map(({ id }) => id),
      ["id-1"],
    );
  });

  it("says that VS Code has deleted what it could not decrypt, until the person agrees", async () => {
    const { window, keyring } = machine();
    await window("run 1", keyring).save(aSecret());
    keyring.canDecrypt = false;
    const store = window("run 2", keyring);
    await assert.rejects(store.list(), unavailable("discarded"));
    await assert.rejects(window("run 3", keyring).list(), unavailable("discarded"));
    await store.startAnew();
    assert.equal(await count(window("run 3", keyring)), 0);
  });

  it("is known again to a profile that remembers nothing of it", async () => {
    const [one, other] = [machine(), machine()];
    await one.window("run 1", one.keyring).save(aSecret());
    assert.equal(await count(other.window("run 2", one.keyring)), 1);
    await other.window("run 3", one.keyring).list();
    await assert.rejects(other.window("run 4").list(), unavailable("out-of-reach"));
  });

  it("tells of the mark, once, where a list was refused for want of it", async () => {
    const { window, keyring } = machine();
    await window("run 1", keyring).save(aSecret());
    const late = new Storage();
    const store = window("run 1", late);
    let told = 0;
    store.onDidChange(() => told++);
    await late.store(MARK, "1");
    assert.equal(told, 0);
    late.entries.clear();
    await assert.rejects(store.list());
    await late.store(MARK, "1");
    assert.equal(told, 1);
  });
});
