import type { Redacted } from "../redacted";
import { parseRegistryHost } from "../registry/host";
import type { EffectiveSecret } from "../secret/effective";
import { expiryOf } from "../secret/expiry";
import { nativeRequest, type LoginSource, type SecretLogin } from "../secret/nativeLogins";
import type { RegistrySecret } from "../secret/secret";
import type { CredentialLookup } from "./diagnoseImages";
import type { DockerView } from "./dockerEvidence";
import type { CredentialEvidence, TokenTraits, TriedCredential } from "./evidence";

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
 * each diagnosis. Without `now` nobody looks whether a token has expired; without `logins` no cloud is asked.
 */
export function credentialLookup(
  secrets: ReadonlyMap<string, EffectiveSecret>,
  dockerLogin: DockerLogin,
  now?: () => number,
  logins?: LoginSource,
): CredentialLookup {
  const find: CredentialLookup = async (registry, signal) => {
    const secret = secrets.get(parseRegistryHost(registry).key)?.secret;
    if (secret) return await ofSecret(secret, now, logins, signal);
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

async function ofSecret(
  secret: RegistrySecret,
  now: (() => number) | undefined,
  logins: LoginSource | undefined,
  signal: AbortSignal | undefined,
): Promise<{ readonly evidence: CredentialEvidence; readonly credential?: TriedCredential }> {
  const { name, scope, project, credential } = secret;
  const answer = nativeRequest(secret) && logins ? await logins.loginOf(secret, signal) : undefined;
  const trouble = answer === undefined || answer.kind === "login" ? undefined : answer;
  const troubled = trouble === undefined ? {} : { trouble };
  const minted = answer?.kind === "login" ? { credential: triedOf(answer) } : {};
  if (credential.kind === "runner-native") {
    return { evidence: { kind: "runner-native", name, ...troubled }, ...minted };
  }
  const { username, password } = credential;
  const where = project === undefined ? {} : { project };
  const evidence = { kind: "secret" as const, name, scope, ...where, username, ...troubled };
  // an access key is for AWS and never for the registry
  if (answer) return { evidence, ...minted };
  return {
    evidence: { ...evidence, ...traitsOf(username, password, now?.()) },
    credential: { username, password },
  };
}

/** Docker writes `<token>` for the username of an identity token. */
function triedOf({ username, password }: SecretLogin): TriedCredential {
  return username === "<token>" ? { identityToken: password } : { username, password };
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
