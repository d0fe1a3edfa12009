import type { RegistrySecret } from "../../src/domain/secret/secret";
import type { SecretStore } from "../../src/domain/secret/store";

/** A store in memory; `broken` is thrown by every call while it is set. */
export class FakeSecretStore implements SecretStore {
  readonly entries = new Map<string, RegistrySecret>();
  readonly writes: string[] = [];
  broken: Error | undefined;
  readonly #listeners = new Set<() => void>();

  constructor(secrets: readonly RegistrySecret[] = []) {
    for (const secret of secrets) this.entries.set(secret.id, secret);
  }

  list() {
    if (this.broken) return Promise.reject(this.broken);
    return Promise.resolve({ secrets: [...this.entries.values()], unreadable: [] });
  }

  save(secret: RegistrySecret) {
    return this.#write(`save ${secret.id}`, () => this.entries.set(secret.id, secret));
  }

  remove(id: string) {
    return this.#write(`remove ${id}`, () => this.entries.delete(id));
  }

  startAnew() {
    this.broken = undefined;
    return Promise.resolve();
  }

  onDidChange(listener: () => void) {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  #write(what: string, change: () => void): Promise<void> {
    if (this.broken) return Promise.reject(this.broken);
    this.writes.push(what);
    change();
    for (const listener of this.#listeners) listener();
    return Promise.resolve();
  }
}
