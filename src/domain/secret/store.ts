import type { RegistrySecret } from "./secret";

/** Where registry secrets are kept. Each secret is written alone, so that two windows never write over each other. */
export interface SecretStore {
  /**
   * All secrets. Throws `storage-unavailable` if the store cannot be read at all, or is not the one that was written to (a
   * locked keyring is not an empty list): `reason` in its facts is `out-of-reach`, `not-kept` or `discarded` then. An entry
   * that cannot be understood is in `unreadable` and never lost.
   */
  list(): Promise<{ readonly secrets: readonly RegistrySecret[]; readonly unreadable: readonly string[] }>;
  /** Writes one secret, new or changed. */
  save(secret: RegistrySecret): Promise<void>;
  /** Removes one secret; removing one that is gone is no error. */
  remove(id: string): Promise<void>;
  /** Takes the store as it is, whatever it has kept before: `list` no longer says that it is another one. */
  startAnew(): Promise<void>;
  /** Calls `listener` after any change, by this window or another. Returns how to stop. */
  onDidChange(listener: () => void): () => void;
}
