import { isFailure } from "../failure";
import type { Redacted } from "../redacted";
import { parseRegistryHost, type RegistryHost } from "../registry/host";
import type { EffectiveSecret } from "../secret/effective";
import type { CredentialLookup } from "./diagnoseImages";

/** What Docker itself would send, from its config and helpers; undefined if nothing. Throws a `Failure` if broken. */
export type DockerLogin = (
  host: RegistryHost,
) => Promise<
  | { readonly username: string; readonly password: Redacted }
  | { readonly username: string; readonly identityToken: Redacted }
  | undefined
>;

/**
 * The credential that counts for a registry: the effective secret, else Docker's own login. *Absent* and *broken* are
 * two answers: a broken helper does not mean that there is no credential.
 */
export function credentialLookup(
  secrets: ReadonlyMap<string, EffectiveSecret>,
  dockerLogin: DockerLogin,
): CredentialLookup {
  return async (registry) => {
    const host = parseRegistryHost(registry);
    const secret = secrets.get(host.key)?.secret;
    if (secret?.credential.kind === "runner-native") {
      return { evidence: { kind: "runner-native", name: secret.name } };
    }
    if (secret) {
      const { username, password } = secret.credential;
      return {
        evidence: { kind: "secret", name: secret.name, scope: secret.scope, username },
        credential: { username, password },
      };
    }
    try {
      const login = await dockerLogin(host);
      if (!login) return { evidence: { kind: "none" } };
      return { evidence: { kind: "docker-config", username: login.username }, credential: login };
    } catch (error) {
      if (!isFailure(error)) throw error;
      return { evidence: { kind: "broken", reason: error.message } };
    }
  };
}
