import { Unreachable } from "../http/unreachable";
import type { Redacted } from "../../domain/redacted";
import {
  causeOf,
  detailOf,
  nativeTrouble,
  type CauseTexts,
  type NativeCause,
  type NativeTrouble,
} from "../../domain/secret/nativeIdentity";

/**
 * What Azure's library and Entra ID say, the first that fits counts: codes of Entra (learn.microsoft.com, "Microsoft Entra
 * authentication and authorization error codes"), sentences of @azure/identity.
 */
const TEXTS: CauseTexts = [
  [
    /AADSTS(?:700082|50173|700084|50078|70043|70044|50133|50158)\b|token has expired|refresh token.*expired/i,
    "session-expired",
  ],
  [/AADSTS(?:50076|50079|53003|65001|50105|530003)\b|interaction_required|interaction is required/i, "needs-person"],
  [/AADSTS700024\b/i, "wrong-clock"],
  [/AADSTS(?:7000215|7000222|700016|700027|50034|90002|70021|700211|700212|700213)\b|invalid_client/i, "keys-refused"],
  [/AADSTS(?:50196|90055)\b|Too Many Requests|\b429\b|throttl/i, "throttled"],
  [/az login|azd auth login|Connect-AzAccount/i, "no-identity"],
  [
    /ECONNREFUSED|ECONNRESET|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|network|endpoints_resolution|certificate|timed? ?out|cannot be reached|does not answer/i,
    "unreachable",
  ],
  [/AADSTS\d+/, "keys-refused"],
  [/unavailable|DefaultAzureCredential failed/i, "no-identity"],
];

/** Why Azure gives no token. */
export function azureTrouble(error: unknown): NativeTrouble {
  const words = wordsOf(error);
  if (error instanceof Unreachable) return nativeTrouble("azure", "unreachable", `${error.reason}: ${words}`);
  const cause = causeOf(TEXTS, words);
  return nativeTrouble("azure", cause, detailOf(words));
}

/** Why the registry does not take the token that Entra ID gave. */
export function exchangeTrouble(status: number, body: string, token: Redacted): NativeTrouble {
  const cause: NativeCause =
    status === 429 ? "throttled" : status >= 500 ? "unreachable" : status === 404 ? "unreachable" : "no-right";
  const words = detailOf(body, [{ value: token }]);
  return nativeTrouble("azure", cause, `${status}${words === "" ? "" : `: ${words}`}`);
}

/** All that the chain met: an identity that is there and refused counts more than those that are not there. */
function wordsOf(error: unknown): string {
  const { message, errors } = (error ?? {}) as { message?: unknown; errors?: unknown };
  const refused = Array.isArray(errors)
    ? (errors as readonly { name?: unknown; message?: unknown }[]).find(({ name }) => name === "AuthenticationError")
    : undefined;
  return [refused?.message, message].find((words) => typeof words === "string") ?? "";
}
