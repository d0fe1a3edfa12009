import { Unreachable } from "../http/unreachable";
import {
  causeOf,
  detailOf,
  nativeTrouble,
  type CauseTexts,
  type NativeTrouble,
} from "../../domain/secret/nativeIdentity";

/**
 * What Google's library and services say, the first that fits counts: OAuth's errors (RFC 6749, section 5.2; RFC 8693),
 * Google's descriptions of them, and the sentences of google-auth-library. It says "unable to impersonate" of whatever goes
 * wrong on the way: with a status of Google's before it if the account refuses, without one if its source fails.
 */
const TEXTS: CauseTexts = [
  [/Could not load the default credentials|Unable to detect a Project Id/i, "no-identity"],
  [/reasonable timeframe|iat and exp|issued in the future/i, "wrong-clock"],
  [
    /invalid_rapt|reauth related|Token has been expired or revoked|ID Token .*(?:stale|expired)|invalid_grant: Bad Request/i,
    "session-expired",
  ],
  [/RESOURCE_EXHAUSTED|rateLimitExceeded|rate_limit|Too Many Requests|HTTP 429/i, "throttled"],
  [
    /HTTP 5\d\d|ETIMEDOUT|ECONNREFUSED|ECONNRESET|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|EPIPE|within the timeout|socket hang up|fetch failed/i,
    "unreachable",
  ],
  [/getAccessToken|iam\.serviceAccounts|IAM_PERMISSION_DENIED/i, "cannot-assume"],
  [/invalid_target|unauthorized_client|access_denied|rejected by the attribute condition/i, "cannot-assume"],
  [/Gaia id not found|(?:NOT_FOUND|INVALID_ARGUMENT): unable to impersonate/i, "incomplete-config"],
  [/[A-Z_]{4,}: unable to impersonate/, "cannot-assume"],
  [
    /invalid_grant|invalid_client|deleted_client|Invalid JWT Signature|account not found|UNAUTHENTICATED/i,
    "keys-refused",
  ],
  [/without the correct permission scopes|Forbidden|PERMISSION_DENIED|HTTP 403/i, "no-right"],
  [
    /does not exist, or it is not a file|Unable to read the credential file|JSON|does not contain|must contain|is not (?:a )?valid|credential_source|Invalid.*credential|Unexpected token|key must be|DECODER|PEM/i,
    "incomplete-config",
  ],
  [/no service account|Not Found|HTTP 404/i, "no-identity"],
  [/unable to impersonate/i, "cannot-assume"],
];

/** Why Google gives no login. */
export function googleTrouble(error: unknown): NativeTrouble {
  const { reason, message } = unreachableIn(error) ?? {};
  if (reason !== undefined) return nativeTrouble("google", "unreachable", `${reason}: ${message ?? ""}`);
  const words = wordsOf(error);
  const cause = causeOf(TEXTS, words);
  return nativeTrouble("google", cause, detailOf(words));
}

/** Why no answer came, if that is the cause: the library wraps the error. */
function unreachableIn(error: unknown): Unreachable | undefined {
  for (let at = error, depth = 0; at instanceof Error && depth < 5; at = at.cause, depth++)
    if (at instanceof Unreachable) return at;
  return undefined;
}

/** The message, with the service's own answer and its status if there is one (gaxios keeps them beside the message). */
function wordsOf(error: unknown): string {
  const { message, code, response } = (error ?? {}) as Readonly<Record<string, unknown>>;
  const { data, status } = (response ?? {}) as { data?: unknown; status?: unknown };
  const all = [typeof status === "number" ? `HTTP ${status}` : "", textOf(code), textOf(message), ...answerOf(data)];
  const parts = all.filter((part) => part !== "");
  return parts.filter((part, index) => !parts.slice(0, index).some((earlier) => earlier.includes(part))).join(": ");
}

function answerOf(data: unknown): string[] {
  if (typeof data === "string") return [detailOf(data)];
  if (typeof data !== "object" || data === null) return [];
  const { error, error_description: description, error_subtype: subtype } = data as Readonly<Record<string, unknown>>;
  const { message, status } = (typeof error === "object" && error !== null ? error : {}) as Record<string, unknown>;
  return [textOf(error), textOf(subtype), textOf(description), textOf(status), textOf(message)];
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}
