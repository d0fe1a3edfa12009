import * as z from "zod/mini";
import { isJwt, jsonOf, textOfBase64 } from "./encoded";
import type { Credential } from "./secret";

/** When a credential ends, and what says so: the token itself, or the registry in a header of its answer. */
export interface Expiry {
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly from: "ecr-token" | "jwt" | "header";
}

/** What no token means: before the registries, and so far ahead that it is no date. */
const EARLIEST = Date.UTC(2000, 0, 1);
const LATEST = Date.UTC(2200, 0, 1);

const EcrToken = z.looseObject({ payload: z.string(), expiration: z.union([z.number(), z.string()]) });
const Claims = z.looseObject({ exp: z.number() });

/**
 * When the credential expires, if its value tells: the password of ECR is base64 of JSON with `expiration`
 * (CircleCI-Public/aws-ecr-orb#265), a JWT (ACR, Google, GitLab, ..) has `exp` (RFC 7519, section 4.1.4). Undefined for
 * what tells nothing. Never throws, and keeps nothing of the value.
 */
export function expiryOf(credential: Credential): Expiry | undefined {
  if (credential.kind !== "password") return undefined;
  const value = credential.password.reveal().trim();
  return ecrExpiry(value) ?? jwtExpiry(value);
}

/**
 * The time in GitHub's header `github-authentication-token-expiration`: `2026-12-31 23:59:59 UTC`, or with an offset such
 * as `+0200` (both forms: google/go-github, github/github.go). Undefined for anything else.
 */
export function parseExpirationHeader(text: string): Expiry | undefined {
  const [, day, time, sign, hours, minutes] =
    /^(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d) (?:UTC|([+-])(\d\d):?(\d\d))$/.exec(text.trim()) ?? [];
  if (day === undefined || time === undefined) return undefined;
  const zone = sign === undefined ? "Z" : `${sign}${hours ?? ""}:${minutes ?? ""}`;
  return expiry(Date.parse(`${day}T${time}${zone}`), "header");
}

/** True if the value is a password of ECR: it is recognised by what it is made of, expired or not. */
export function isEcrToken(value: string): boolean {
  return ecrToken(value) !== undefined;
}

function ecrToken(value: string): z.infer<typeof EcrToken> | undefined {
  const text = textOfBase64(value);
  // `authorizationToken` of the API is base64 of "AWS:" and the password
  const inner = text?.startsWith("AWS:") === true ? textOfBase64(text.slice(4)) : text;
  const parsed = EcrToken.safeParse(jsonOf(inner));
  return parsed.success ? parsed.data : undefined;
}

function ecrExpiry(value: string): Expiry | undefined {
  const token = ecrToken(value);
  return token && expiry(Number(token.expiration) * 1000, "ecr-token");
}

function jwtExpiry(value: string): Expiry | undefined {
  if (!isJwt(value)) return undefined;
  const claims = Claims.safeParse(jsonOf(textOfBase64(value.split(".")[1] ?? "")));
  return claims.success ? expiry(claims.data.exp * 1000, "jwt") : undefined;
}

function expiry(at: number, from: Expiry["from"]): Expiry | undefined {
  return at >= EARLIEST && at < LATEST ? { at, from } : undefined;
}
