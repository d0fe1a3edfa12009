import { Failure } from "../failure";
import type { WorkspaceImage } from "../image/workspaceImages";
import type { Redacted } from "../redacted";
import { knownTokenRealm } from "../registry/catalog";
import { hostOfReference, isLoopback, type RegistryHost } from "../registry/host";
import type { EffectiveSecret } from "../secret/effective";
import type { NativeTrouble } from "../secret/nativeIdentity";
import type { LoginSource } from "../secret/nativeLogins";

/** Reads which token server a registry sends its clients to, without a credential. */
export interface RealmReader {
  realm(
    authority: string,
    signal?: AbortSignal,
  ): Promise<{ readonly kind: "realm"; readonly url: string } | { readonly kind: string }>;
}

/** What a creation may use, and what it goes without although there is a secret. */
export interface PullCredentials {
  /** By Docker's key of the host. */
  readonly credentials: ReadonlyMap<string, { readonly username: string; readonly password: Redacted }>;
  /** `<registry host>=<realm host>` for realms on other origins that the person agreed to. */
  readonly allowedRealms: readonly string[];
  readonly withheld: readonly Withheld[];
}

/** A secret that is not used: its registry cannot be reached, or its cloud gives no login. */
export interface Withheld {
  readonly host: string;
  readonly secret: string;
  readonly why: "unreachable" | NativeTrouble;
}

/**
 * The credentials that a creation hands to the engine: those of the registries that the configuration names. Engines
 * follow whatever token server a registry names, so it is asked first, anonymously; one that is not known for that
 * registry needs the person's agreement, by name (security, 1). Throws `unknown-token-realm` if that is refused, or if
 * it is plain http on another machine, to which nobody can agree; `invalid-registry-host` for a host that cannot be.
 */
export async function pullCredentials(
  images: readonly WorkspaceImage[],
  secrets: ReadonlyMap<string, EffectiveSecret>,
  realms: RealmReader,
  agree: (host: RegistryHost, realmHost: string) => Promise<boolean>,
  logins: LoginSource,
  signal?: AbortSignal,
): Promise<PullCredentials> {
  const hosts = new Map<string, RegistryHost>();
  for (const { reference } of images) {
    if (!reference) continue;
    const host = hostOfReference(reference);
    hosts.set(host.key, host);
  }
  const credentials = new Map<string, { username: string; password: Redacted }>();
  const allowedRealms: string[] = [];
  const withheld: Withheld[] = [];
  for (const host of hosts.values()) {
    const secret = secrets.get(host.key)?.secret;
    if (!secret) continue;
    const answer = await realms.realm(host.authority, signal);
    if ("url" in answer) {
      const { host: realmHost, protocol } = new URL(answer.url);
      if (protocol !== "https:" && !isLoopback(realmHost)) throw plainRealm(host, realmHost);
      if (!knownTokenRealm(host, answer.url)) {
        if (!(await agree(host, realmHost))) throw unknownRealm(host, realmHost);
        allowedRealms.push(`${host.authority}=${realmHost}`);
      }
    } else if (answer.kind !== "none") {
      withheld.push({ host: host.key, secret: secret.name, why: "unreachable" });
      continue;
    }
    const login = await logins.loginOf(secret, signal);
    if (login.kind === "login") credentials.set(host.key, { username: login.username, password: login.password });
    else withheld.push({ host: host.key, secret: secret.name, why: login });
  }
  return { credentials, allowedRealms, withheld };
}

function plainRealm(host: RegistryHost, realmHost: string): Failure {
  return new Failure(
    "unknown-token-realm",
    `${host.display} sends its clients to ${realmHost} for a token over plain http, where anyone on the way can read it. ` +
      "The credential was not sent.",
    { host: host.key, display: host.display, realm: realmHost },
  );
}

function unknownRealm(host: RegistryHost, realmHost: string): Failure {
  return new Failure(
    "unknown-token-realm",
    `${host.display} sends its clients to ${realmHost} for a token, which is not known to belong to it. ` +
      "The credential was not sent.",
    { host: host.key, display: host.display, realm: realmHost, agreement: `${host.authority}=${realmHost}` },
  );
}
