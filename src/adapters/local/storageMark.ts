import * as z from "zod/mini";
import { Failure } from "../../domain/failure";

/**
 * The entry that is written beside the first secret. It is listed, and read only where a secret has gone just now: VS Code
 * deletes what it cannot decrypt.
 */
export const MARK = "registrySecretsAreKept";

/** One value that outlives a restart and is no secret. */
export interface StorageMemory {
  get(): unknown;
  set(value: object | undefined): PromiseLike<void>;
}

const Remembered = z.object({
  /** In which run of VS Code the mark was written, or first seen. */
  session: z.string(),
  /** True once a later run of VS Code has seen the mark. */
  kept: z.boolean(),
  /** True if VS Code could not decrypt the secrets, and has deleted them. */
  discarded: z.optional(z.boolean()),
});

/**
 * Notices that the secret storage is not the one that was written to. Where VS Code reaches no keyring it keeps secrets in
 * the memory of one window, and no extension is told: what was saved before is missing then, as if there had never been
 * anything. A mark in the storage, remembered outside of it, tells the two apart. Whether the keyring is locked, missing or
 * not found cannot be known: VS Code itself is told only that it cannot encrypt, once for each run.
 */
export class StorageMark {
  readonly #memory: StorageMemory;
  readonly #session: string;

  /** `session` names this run of VS Code. */
  constructor(memory: StorageMemory, session: string) {
    this.#memory = memory;
    this.#session = session;
  }

  /** Throws `storage-unavailable` if the storage, which has these keys, is another one than it was. */
  async check(keys: readonly string[]): Promise<void> {
    const remembered = this.#remembered();
    if (remembered?.discarded === true) throw discarded();
    if (keys.includes(MARK)) {
      const isLater = remembered !== undefined && remembered.session !== this.#session;
      if (!remembered) await this.written();
      else if (isLater && !remembered.kept) await this.#memory.set({ ...remembered, kept: true });
    } else if (remembered) throw remembered.kept ? outOfReach() : notKept();
  }

  /** Remembers that the mark is in the storage. */
  async written(): Promise<void> {
    if (!this.#remembered()) await this.#memory.set({ session: this.#session, kept: false });
  }

  /** Remembers that VS Code could not decrypt the secrets. Throws what `check` throws from now on. */
  async discarded(): Promise<never> {
    await this.#memory.set({ session: this.#session, kept: true, discarded: true });
    throw discarded();
  }

  /** Takes the storage as it is: `check` throws no more. */
  async accept(): Promise<void> {
    await this.#memory.set(undefined);
  }

  #remembered(): z.infer<typeof Remembered> | undefined {
    return z.safeParse(Remembered, this.#memory.get()).data;
  }
}

function outOfReach(): Failure {
  return new Failure(
    "storage-unavailable",
    "VS Code does not reach the keyring that holds the secrets: it is locked, or VS Code has not found it.",
    { reason: "out-of-reach" },
  );
}

function notKept(): Failure {
  return new Failure(
    "storage-unavailable",
    "VS Code has found no keyring: it keeps secrets in the memory of one window only, and those saved before are gone.",
    { reason: "not-kept" },
  );
}

function discarded(): Failure {
  return new Failure(
    "storage-unavailable",
    "VS Code could not decrypt the secrets with the keyring as it is now, and has deleted them.",
    { reason: "discarded" },
  );
}
