import { Failure, isFailure } from "../failure";
import type { Redacted } from "../redacted";
import type { RegistryHost } from "../registry/host";
import { isInScope, type RegistrySecrets, type SecretDraft } from "./registrySecrets";
import { nameFor, suggestSecretName, type RegistrySecret } from "./secret";

/** A credential on its way in. */
export interface ImportedCredential {
  readonly host: RegistryHost;
  readonly username: string;
  readonly password: Redacted;
  /** The name that it has where it comes from. */
  readonly name?: string;
}

/** What became of one: the secret, and whether it was there before and has another credential now. */
export type ImportOutcome =
  | { readonly kind: "created" | "replaced"; readonly secret: RegistrySecret }
  | { readonly kind: "failed"; readonly host: RegistryHost; readonly failure: Failure };

/** The secret of a scope that an import for `host` would give another credential. */
export function secretToReplace(
  secrets: readonly RegistrySecret[],
  { scope, project }: Pick<SecretDraft, "scope" | "project">,
  host: RegistryHost,
): RegistrySecret | undefined {
  return secrets.find((secret) => isInScope(secret, scope, project) && secret.host.key === host.key);
}

/**
 * Saves credentials as registry secrets of a scope, one after the other: a secret that is there for the host gets the
 * credential, and there is a new one for every other host. Of several credentials for one host the first is saved, and the
 * others fail: a scope has one secret for a host. What fails stops nothing else. Throws `storage-unavailable`.
 */
export async function importCredentials(
  credentials: readonly ImportedCredential[],
  place: Pick<SecretDraft, "scope" | "project">,
  secrets: RegistrySecrets,
): Promise<ImportOutcome[]> {
  const outcomes: ImportOutcome[] = [];
  // read once: a store of a hundred secrets takes a while, and would be read for each of them
  const known = await secrets.list();
  const saved = new Set<string>();
  for (const { host, username, password, name } of credentials) {
    const twin = secretToReplace(known, place, host);
    const taken = known.filter((secret) => isInScope(secret, place.scope, place.project)).map((secret) => secret.name);
    const own = name === undefined ? undefined : nameFor(name);
    const free = own === undefined || taken.includes(own) ? suggestSecretName(host, taken) : own;
    try {
      if (twin && saved.has(host.key)) throw takenByImport(twin);
      const secret = twin
        ? await secrets.edit(twin.id, { username, password }, twin.updatedAt)
        : await secrets.create({ ...place, name: free, host, username, password }, known);
      if (twin) known[known.indexOf(twin)] = secret;
      else known.push(secret);
      saved.add(host.key);
      outcomes.push({ kind: twin ? "replaced" : "created", secret });
    } catch (error) {
      if (!isFailure(error) || error.code === "storage-unavailable") throw error;
      outcomes.push({ kind: "failed", host, failure: error });
    }
  }
  return outcomes;
}

function takenByImport({ name, scope, host }: RegistrySecret): Failure {
  const message = `The secret ${name} got another credential for ${host.key} in this import: it has room for one.`;
  return new Failure("secret-host-taken", message, { name, scope, host: host.key });
}
