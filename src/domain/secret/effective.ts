import type { RegistrySecret, Scope } from "./secret";

/** The one secret that counts for a host, and those it hides. */
export interface EffectiveSecret {
  readonly secret: RegistrySecret;
  readonly shadowed: readonly RegistrySecret[];
}

/** Lower counts first: user beats project beats organization (semantics: effective secret; Ona's own order). */
export const RANK: Record<Scope, number> = { user: 0, project: 1, organization: 2 };

/**
 * The effective secret of each host for one project (undefined: outside any project). Within a scope the newest wins,
 * which only a foreign store can make necessary: creation refuses a second one. Keyed by Docker's key of the host.
 */
export function effectiveSecrets(
  secrets: readonly RegistrySecret[],
  project: string | undefined,
): Map<string, EffectiveSecret> {
  const concerned = secrets
    .filter((secret) => secret.scope !== "project" || secret.project === project)
    .sort((a, b) => RANK[a.scope] - RANK[b.scope] || b.updatedAt - a.updatedAt || (a.id < b.id ? -1 : 1));
  const effective = new Map<string, { secret: RegistrySecret; shadowed: RegistrySecret[] }>();
  for (const secret of concerned) {
    const first = effective.get(secret.host.key);
    if (first) first.shadowed.push(secret);
    else effective.set(secret.host.key, { secret, shadowed: [] });
  }
  return effective;
}

/** True if the secret counts for its host in a project, and no other would count there without it. */
export function isOnlyOne(
  { id, host }: RegistrySecret,
  secrets: readonly RegistrySecret[],
  project: string | undefined,
): boolean {
  const effective = effectiveSecrets(secrets, project).get(host.key);
  return effective?.secret.id === id && effective.shadowed.length === 0;
}

/** The secrets that count for the host of a secret, in any of some projects, once it is gone: each once. */
export function successorsOf(
  secret: RegistrySecret,
  secrets: readonly RegistrySecret[],
  projects: readonly (string | undefined)[],
): RegistrySecret[] {
  const others = secrets.filter(({ id }) => id !== secret.id);
  const found = projects.flatMap((project) => effectiveSecrets(others, project).get(secret.host.key)?.secret ?? []);
  return [...new Set(found)];
}
