import { Failure, isFailure } from "../failure";
import { Redacted } from "../redacted";
import { parseRegistryHost } from "../registry/host";
import { credentialOf, type RegistrySecret } from "./secret";

/**
 * Codespaces' convention: `<X>_CONTAINER_REGISTRY_SERVER`, `_USER` and `_PASSWORD` are one credential
 * (github/docs, content/codespaces/reference/allowing-your-codespace-to-access-a-private-registry.md).
 */
const PART = /^([A-Z_][A-Z0-9_]*)_CONTAINER_REGISTRY_(SERVER|USER|PASSWORD)$/i;

/** What the variables say: complete triplets as secrets, and a failure for each that cannot be used. */
export interface Triplets {
  readonly secrets: readonly RegistrySecret[];
  readonly problems: readonly Failure[];
}

/**
 * Reads the triplets among `variables`. Names are compared without regard to case, as GitHub does; later variables win
 * over earlier ones of the same name, and of two triplets for one host the first by name counts (the other is a problem).
 * `now` (milliseconds since the epoch) becomes the secrets' time. Never throws.
 */
export function readTriplets(variables: Readonly<Record<string, string | undefined>>, now: number): Triplets {
  const parts = new Map<string, Partial<Record<"SERVER" | "USER" | "PASSWORD", string>>>();
  for (const [name, value] of Object.entries(variables)) {
    const match = PART.exec(name);
    if (match?.[1] === undefined || match[2] === undefined || value === undefined) continue;
    const prefix = match[1].toUpperCase();
    parts.set(prefix, { ...parts.get(prefix), [match[2].toUpperCase()]: value });
  }

  const secrets: RegistrySecret[] = [];
  const problems: Failure[] = [];
  for (const [prefix, { SERVER, USER, PASSWORD }] of [...parts].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const missing = Object.entries({ SERVER, USER, PASSWORD })
      .filter(([, value]) => value === undefined || value === "")
      .map(([part]) => `${prefix}_CONTAINER_REGISTRY_${part}`);
    if (SERVER === undefined || USER === undefined || PASSWORD === undefined || missing.length > 0) {
      problems.push(
        new Failure(
          "incomplete-triplet",
          `${missing.join(" and ")} ${missing.length > 1 ? "are" : "is"} missing or empty: ` +
            "a registry credential needs _SERVER, _USER and _PASSWORD.",
          { prefix, missing },
        ),
      );
      continue;
    }
    try {
      const host = parseRegistryHost(SERVER);
      const twin = secrets.find((secret) => secret.host.key === host.key);
      if (twin) {
        problems.push(
          new Failure(
            "secret-host-taken",
            `${prefix}_CONTAINER_REGISTRY_SERVER names ${host.key}, for which ${twin.name}_CONTAINER_REGISTRY_* is used already.`,
            { prefix, name: twin.name, host: host.key, scope: "user" },
          ),
        );
        continue;
      }
      const credential = credentialOf(host, USER, new Redacted(PASSWORD));
      secrets.push({
        id: `variable:${prefix}`,
        name: prefix,
        scope: "user",
        host,
        credential,
        createdAt: now,
        updatedAt: now,
      });
    } catch (error) {
      if (!isFailure(error)) throw error;
      const message = `${prefix}_CONTAINER_REGISTRY_* cannot be used: ${error.message}`;
      problems.push(new Failure(error.code, message, { ...error.facts, prefix }, error));
    }
  }
  return { secrets, problems };
}

/** The prefixes of which all three variables are among `names`, in capitals and in order. */
export function readPrefixes(names: readonly string[]): string[] {
  const parts = new Map<string, Set<string>>();
  for (const name of names) {
    const [, prefix, part] = PART.exec(name) ?? [];
    if (prefix === undefined || part === undefined) continue;
    const key = prefix.toUpperCase();
    parts.set(key, (parts.get(key) ?? new Set()).add(part.toUpperCase()));
  }
  return [...parts]
    .filter(([, found]) => found.size === 3)
    .map(([prefix]) => prefix)
    .sort();
}

/** The same variables without any part of a triplet: what other programs may be given. */
export function withoutTriplets<T>(variables: Readonly<Record<string, T>>): Record<string, T> {
  return Object.fromEntries(Object.entries(variables).filter(([name]) => !PART.test(name)));
}
