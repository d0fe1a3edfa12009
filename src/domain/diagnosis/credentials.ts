import type { Redacted } from "../redacted";
import { parseRegistryHost } from "../registry/host";
import type { EffectiveSecret } from "../secret/effective";
import { expiryOf } from "../secret/expiry";
import type { CredentialLookup } from "./diagnoseImages";
import type { DockerView } from "./dockerEvidence";
import type { TokenTraits } from "./evidence";

/** What Docker itself would send for a registry, if anything, and how it comes to it. */
export interface DockerAnswer {
  readonly login?:
    | { readonly username: string; readonly password: Redacted }
    | { readonly username: string; readonly identityToken: Redacted };
  readonly view: DockerView;
}

/**
 * Asks Docker's config and helpers for the registry of a reference, as Docker spells it (`docker.io`, `ghcr.io:443`).
 * Trouble is an answer: throws only `cancelled`.
 */
export type DockerLogin = (registry: string, signal?: AbortSignal) => Promise<DockerAnswer>;

/**
 * The credential that counts for a registry: the effective secret, else Docker's own login. *Absent* and *broken* are
 * two answers: a broken helper does not mean that there is no credential. Each registry is looked up once: make one for
 * each diagnosis. Without `now` nobody looks whether a token has expired.
 */
export function credentialLookup(
  secrets: ReadonlyMap<string, EffectiveSecret>,
  dockerLogin: DockerLogin,
  now?: () => number,
): CredentialLookup {
  const find: CredentialLookup = async (registry, signal) => {
    const secret = secrets.get(parseRegistryHost(registry).key)?.secret;
    if (secret?.credential.kind === "runner-native") {
      return { evidence: { kind: "runner-native", name: secret.name } };
    }
    if (secret) {
      const { username, password } = secret.credential;
      return {
        evidence: {
          kind: "secret",
          name: secret.name,
          scope: secret.scope,
          username,
          ...traitsOf(username, password, now?.()),
        },
        credential: { username, password },
      };
    }
    const { login, view } = await dockerLogin(registry, signal);
    const seen = { docker: view, knownHosts: [...secrets.keys(), ...view.hosts] };
    if (login) {
      const { username } = login;
      const traits = "password" in login ? traitsOf(username, login.password, now?.()) : {};
      return { evidence: { kind: "docker-config", username, ...traits }, credential: login, ...seen };
    }
    const reason = view.config.problem ?? view.helper?.problem;
    return { evidence: reason === undefined ? { kind: "none" } : { kind: "broken", reason }, ...seen };
  };
  const found = new Map<string, ReturnType<CredentialLookup>>(); // a helper is asked once for a registry
  return (registry, signal) => {
    const known = found.get(registry) ?? find(registry, signal);
    found.set(registry, known);
    return known;
  };
}

function traitsOf(username: string, password: Redacted, now: number | undefined): TokenTraits {
  const expiry = now === undefined ? undefined : expiryOf({ kind: "password", username, password });
  return {
    ...(password.reveal().startsWith("github_pat_") ? { tokenKind: "github-fine-grained" } : {}),
    ...(expiry !== undefined && now !== undefined && expiry.at <= now
      ? { expiredAt: new Date(expiry.at).toISOString() }
      : {}),
  };
}
