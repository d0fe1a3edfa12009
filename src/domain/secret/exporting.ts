import { base64, Redacted } from "../redacted";
import { RANK } from "./effective";
import { nativeRequest } from "./nativeLogins";
import { freeName, type Credential, type RegistrySecret } from "./secret";

/** One variable of Codespaces' convention; the password alone is secret. */
export interface ExportedVariable {
  readonly name: string;
  readonly value: Redacted;
  readonly isSecret: boolean;
}

/** A secret that holds a value: what is runner-native has nothing to export. */
export type SecretWithPassword = RegistrySecret & { readonly credential: Credential & { readonly kind: "password" } };

/** True unless the cloud's own identity stands for it. */
export function hasPassword(secret: RegistrySecret): secret is SecretWithPassword {
  return secret.credential.kind === "password";
}

/**
 * What the variables of a secret begin with. GitHub wants capitals, digits and underscores, no digit first and not its own
 * name (github/docs, "Naming your secrets").
 */
export function variablePrefix({ name }: Pick<RegistrySecret, "name">): string {
  const capitals = name.toUpperCase();
  return /^(?:\d|GITHUB_)/.test(capitals) ? `REGISTRY_${capitals}` : capitals;
}

/** The names of the three variables of a prefix, in the order in which a person fills them in. */
export function variableNames(prefix: string): readonly [server: string, user: string, password: string] {
  const name = (part: string) => `${prefix}_CONTAINER_REGISTRY_${part}`;
  return [name("SERVER"), name("USER"), name("PASSWORD")];
}

/** The same for several secrets at once, in their order: secrets of different scopes may have one name. */
export function variablePrefixes(secrets: readonly Pick<RegistrySecret, "name">[]): string[] {
  const taken = new Set<string>();
  return secrets.map((secret) => {
    const free = freeName(variablePrefix(secret), (prefix) => taken.has(prefix));
    taken.add(free);
    return free;
  });
}

/** A secret as the three variables that Codespaces logs in by (see `triplets.ts`). */
export function codespacesVariables(secret: SecretWithPassword, prefix = variablePrefix(secret)): ExportedVariable[] {
  const [server, user, password] = variableNames(prefix);
  return [
    { name: server, value: new Redacted(secret.host.key), isSecret: false },
    { name: user, value: new Redacted(secret.credential.username), isSecret: false },
    { name: password, value: secret.credential.password, isSecret: true },
  ];
}

/** A Kubernetes manifest, and the secrets that are not in it. */
export interface PullSecretManifest {
  readonly yaml: Redacted;
  /** Another of them is for the same registry. */
  readonly leftOut: readonly RegistrySecret[];
  /** Access keys of AWS: a registry takes only the tokens that they are swapped for, and never gets to see the key. */
  readonly accessKeys: readonly RegistrySecret[];
}

/**
 * A Secret of type `kubernetes.io/dockerconfigjson` with all of `secrets` (kubernetes.io, "Pull an Image from a Private
 * Registry"). A registry is in it once: user beats project, as everywhere.
 */
export function pullSecretManifest(secrets: readonly SecretWithPassword[]): PullSecretManifest {
  const accessKeys = secrets.filter((secret) => nativeRequest(secret) !== undefined);
  const logins = secrets.filter((secret) => !accessKeys.includes(secret));
  const ranked = [...logins].sort((a, b) => RANK[a.scope] - RANK[b.scope] || b.updatedAt - a.updatedAt);
  const chosen = new Map<string, SecretWithPassword>();
  for (const secret of ranked) if (!chosen.has(secret.host.key)) chosen.set(secret.host.key, secret);
  const auths = Object.fromEntries(
    [...chosen].map(([key, { credential }]) => {
      const { username } = credential;
      const password = credential.password.reveal();
      return [key, { username, password, auth: base64(`${username}:${password}`) }];
    }),
  );
  const yaml = [
    "apiVersion: v1",
    "kind: Secret",
    "metadata:",
    `  name: ${JSON.stringify(kubernetesName([...chosen.values()]))}`,
    "type: kubernetes.io/dockerconfigjson",
    "data:",
    `  .dockerconfigjson: ${base64(JSON.stringify({ auths }))}`,
    "",
  ].join("\n");
  const leftOut = logins.filter((secret) => chosen.get(secret.host.key) !== secret);
  return { yaml: new Redacted(yaml), leftOut, accessKeys };
}

const LONGEST_NAME = 253;

/** A DNS subdomain (RFC 1123), as names of Kubernetes' objects are. */
function kubernetesName(secrets: readonly RegistrySecret[]): string {
  const [only, ...others] = secrets;
  if (!only || others.length > 0) return "registry-secrets";
  return (
    only.name
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, "-")
      .slice(0, LONGEST_NAME)
      .replace(/^-+|-+$/g, "") || "registry-secrets"
  );
}
