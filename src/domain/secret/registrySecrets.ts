import { Failure } from "../failure";
import { compareNames } from "../nameOrder";
import type { Redacted } from "../redacted";
import type { RegistryHost } from "../registry/host";
import { checkSecretName, credentialOf, usernameOf, type RegistrySecret, type Scope } from "./secret";
import type { SecretStore } from "./store";

/** What a person fills in for a new secret. */
export interface SecretDraft {
  readonly name: string;
  readonly scope: Exclude<Scope, "organization">;
  /** Needed for scope `project`. */
  readonly project?: string;
  readonly host: RegistryHost;
  readonly username: string;
  readonly password: Redacted;
}

/** What *Edit* may change: the host is fixed (semantics: registry secret). What is left out stays. */
export interface SecretChange {
  readonly username?: string;
  readonly password?: Redacted;
}

/** The rules around the store: names, hosts and credentials as the specification wants them. */
export class RegistrySecrets {
  readonly #store: SecretStore;
  readonly #now: () => number;
  readonly #newId: () => string;

  /** `now` gives milliseconds since the epoch, `newId` a fresh unique id. */
  constructor(store: SecretStore, now: () => number, newId: () => string) {
    this.#store = store;
    this.#now = now;
    this.#newId = newId;
  }

  /** All secrets, by name. Throws `storage-unavailable`. */
  async list(): Promise<RegistrySecret[]> {
    const { secrets } = await this.#store.list();
    return [...secrets].sort((a, b) => compareNames(a.name, b.name));
  }

  /** Throws the failure that creating such a secret would meet, before the person has typed the rest. */
  async checkFree(
    wanted: Pick<SecretDraft, "scope" | "project"> & { name?: string; host?: RegistryHost },
    known?: readonly RegistrySecret[],
  ): Promise<void> {
    if (wanted.name !== undefined) checkSecretName(wanted.name);
    const inScope = (known ?? (await this.list())).filter((secret) => isInScope(secret, wanted.scope, wanted.project));
    const sameName = inScope.find((secret) => secret.name === wanted.name);
    if (sameName) {
      throw new Failure(
        "secret-name-taken",
        `A ${wanted.scope} secret named ${sameName.name} exists already (for ${sameName.host.key}).`,
        { name: sameName.name, scope: wanted.scope, host: sameName.host.key, id: sameName.id },
      );
    }
    const sameHost = inScope.find((secret) => secret.host.key === wanted.host?.key);
    if (sameHost) {
      throw new Failure(
        "secret-host-taken",
        `The ${wanted.scope} secret ${sameHost.name} is for ${sameHost.host.key} already: edit that one.`,
        { name: sameHost.name, scope: wanted.scope, host: sameHost.host.key, id: sameHost.id },
      );
    }
  }

  /**
   * Creates a secret and returns it. Throws `invalid-secret-name`, `secret-name-taken`, `secret-host-taken`,
   * `empty-username`, `empty-password`, `runner-native-not-supported` or `storage-unavailable`; nothing is written then.
   * `known` are all secrets, from who has just read them.
   */
  async create(draft: SecretDraft, known?: readonly RegistrySecret[]): Promise<RegistrySecret> {
    checkSecretName(draft.name);
    const credential = credentialOf(draft.host, draft.username, draft.password);
    await this.checkFree(draft, known);
    const now = this.#now();
    const secret: RegistrySecret = {
      id: this.#newId(),
      name: draft.name,
      scope: draft.scope,
      ...(draft.scope === "project" && draft.project !== undefined ? { project: draft.project } : {}),
      host: draft.host,
      credential,
      createdAt: now,
      updatedAt: now,
    };
    await this.#store.save(secret);
    return secret;
  }

  /**
   * Changes username, password or both, and returns the changed secret. `seen` is the secret's `updatedAt` as the person
   * saw it. Throws `secret-not-found` if it is gone, and `secret-changed` if it is another one since: two windows lose
   * nothing to each other.
   */
  async edit(id: string, change: SecretChange, seen?: number): Promise<RegistrySecret> {
    const secret = await this.#find(id);
    if (seen !== undefined && secret.updatedAt !== seen) {
      throw new Failure("secret-changed", `The secret ${secret.name} was changed in another window meanwhile.`, {
        name: secret.name,
        updatedAt: secret.updatedAt,
      });
    }
    const { credential } = secret;
    const password = change.password ?? (credential.kind === "password" ? credential.password : undefined);
    if (password === undefined) {
      throw new Failure("empty-password", `The registry password for ${secret.host.key} is empty.`, {
        host: secret.host.key,
      });
    }
    const changed: RegistrySecret = {
      ...secret,
      credential: credentialOf(secret.host, change.username ?? usernameOf(credential), password),
      updatedAt: this.#now(),
    };
    await this.#store.save(changed);
    return changed;
  }

  /**
   * Gives a secret to another scope, or to another project, and returns it. Its value and its time stay. Throws
   * `secret-name-taken` or `secret-host-taken` if there is one like it, and `secret-not-found` if it is gone.
   */
  async move(id: string, to: Pick<SecretDraft, "scope" | "project">): Promise<RegistrySecret> {
    const { project: _, ...secret } = await this.#find(id);
    await this.checkFree({ ...to, name: secret.name, host: secret.host });
    const moved: RegistrySecret = {
      ...secret,
      scope: to.scope,
      ...(to.scope === "project" && to.project !== undefined ? { project: to.project } : {}),
    };
    await this.#store.save(moved);
    return moved;
  }

  /** Deletes a secret and returns what it was. Throws `secret-not-found` if it is gone already. */
  async delete(id: string): Promise<RegistrySecret> {
    const secret = await this.#find(id);
    await this.#store.remove(id);
    return secret;
  }

  async #find(id: string): Promise<RegistrySecret> {
    const { secrets } = await this.#store.list();
    const secret = secrets.find((candidate) => candidate.id === id);
    if (secret) return secret;
    throw new Failure("secret-not-found", "That secret does not exist any more: it was deleted in another window.");
  }
}

/** True if the secret belongs to this scope, and for `project` to this project. */
export function isInScope(secret: RegistrySecret, scope: Scope, project: string | undefined): boolean {
  return secret.scope === scope && (scope !== "project" || secret.project === project);
}
