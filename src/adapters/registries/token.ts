import type { AttemptOutcome, TriedCredential } from "../../domain/diagnosis/evidence";
import { base64 } from "../../domain/redacted";
import type { HttpClient, HttpRequest } from "../http/client";
import { notARegistry, tokenOf, troubleOf, type Challenge } from "./judge";
import { follow, type Talk, type Transport } from "./requests";

export type BearerChallenge = Challenge & { readonly scheme: "bearer" };

/** A token for one repository, and for how many seconds it holds. */
export interface Token {
  readonly token: string;
  readonly seconds: number;
}

/**
 * Asks a token server as docker does: by GET, with Basic if there is a password (Distribution, spec/auth/token.md); an
 * identity token by POST (spec/auth/oauth.md). Where POST is not known (404, 405) the identity token goes by GET, as
 * the password of nobody (containerd, core/remotes/docker/authorizer.go). Throws `Unreachable`.
 */
export async function requestToken(
  http: HttpClient,
  transport: Transport,
  challenge: BearerChallenge,
  repository: string,
  credential: TriedCredential | undefined,
  talk: Talk,
): Promise<Token | AttemptOutcome> {
  const scopes = scopesFor(challenge, repository);
  const send = async (request: HttpRequest) => await follow(http, request, transport, talk);
  let response =
    credential !== undefined && "identityToken" in credential
      ? await send(byPost(challenge, scopes, credential.identityToken.reveal()))
      : await send(byGet(challenge, scopes, credential));
  if (credential !== undefined && "identityToken" in credential && [404, 405].includes(response.status)) {
    response = await send(byGet(challenge, scopes, { username: "", password: credential.identityToken }));
  }
  const issued = response.status === 200 ? tokenOf(response.body) : undefined;
  return issued ?? troubleOf(response, "token", "bearer") ?? notARegistry(response);
}

/** The header for Basic; none without a password. */
export function basic(credential: TriedCredential | undefined): Record<string, string> {
  if (credential === undefined || "identityToken" in credential) return {};
  return { authorization: `Basic ${base64(`${credential.username}:${credential.password.reveal()}`)}` };
}

/** What the registry asked for and what a pull needs. A challenge that came for another repository names that one. */
function scopesFor({ scopes }: BearerChallenge, repository: string): string[] {
  const own = `repository:${repository}:`;
  const asked = scopes.filter((scope) => scope.startsWith(own) || !/^repository[:(]/.test(scope));
  return [...new Set([...asked, `${own}pull`])].sort();
}

function byPost({ realm, service }: BearerChallenge, scopes: readonly string[], identityToken: string): HttpRequest {
  const form = new URLSearchParams({
    grant_type: "refresh_token",
    refresh_token: identityToken,
    service,
    scope: scopes.join(" "),
    client_id: "registry-secrets",
  });
  const headers = { "content-type": "application/x-www-form-urlencoded" };
  return { url: realm, method: "POST", headers, body: form.toString() };
}

function byGet(
  { realm, service }: BearerChallenge,
  scopes: readonly string[],
  credential: TriedCredential | undefined,
): HttpRequest {
  const url = new URL(realm);
  if (service !== "") url.searchParams.set("service", service);
  for (const scope of scopes) url.searchParams.append("scope", scope);
  if (credential && "username" in credential && credential.username !== "")
    url.searchParams.set("account", credential.username);
  return { url: url.href, headers: basic(credential) };
}
