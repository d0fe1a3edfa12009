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
  [/(?:ENOENT|EACCES|EPERM|EISDIR): .*\b(?:open|read)\b|PEM-encoded|AADSTS(?:90013|900023)\b/, "incomplete-config"],
  [
    /AADSTS(?:700082|50173|700084|50078|70043|70044|50133|50158)\b|token has expired|refresh token.*expired/i,
    "session-expired",
  ],
  [/AADSTS(?:50076|50079|53003|65001|50105|530003)\b|interaction_required|interaction is required/i, "needs-person"],
  [/AADSTS700024\b/i, "wrong-clock"],
  [/AADSTS(?:90006|90012|90024|90033)\b|temporarily_unavailable|server_error|HTTP 5\d\d/, "unreachable"],
  [/AADSTS(?:7000215|7000222|700016|700027|50034|90002|70021|700211|700212|700213)\b|invalid_client/i, "keys-refused"],
  [/AADSTS(?:50196|90055)\b|Too Many Requests|\b429\b|throttl/i, "throttled"],
  [/az login|azd auth login|Connect-AzAccount/i, "no-identity"],
  [
    /ECONNREFUSED|ECONNRESET|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|network_error|endpoints_resolution|certificate verify failed|self.signed certificate|Max retries exceeded|name resolution|timed? ?out|cannot be reached|does not answer/i,
    "unreachable",
  ],
  [/AADSTS\d+/, "keys-refused"],
  [/unavailable|DefaultAzureCredential failed/i, "no-identity"],
];

/** Why Azure gives no token, of which `env` tells if something is set up by half. */
export function azureTrouble(error: unknown, env: NodeJS.ProcessEnv): NativeTrouble {
  const words = wordsOf(error);
  if (error instanceof Unreachable) return nativeTrouble("azure", "unreachable", `${error.reason}: ${words}`);
  const cause = causeOf(TEXTS, words);
  const half = cause === "no-identity" ? setUpByHalf(env) : undefined;
  if (half !== undefined) return nativeTrouble("azure", "incomplete-config", half);
  return nativeTrouble("azure", cause, detailOf(words));
}

const APPLICATION = ["AZURE_TENANT_ID", "AZURE_CLIENT_ID"];
const PROOFS = ["AZURE_CLIENT_SECRET", "AZURE_CLIENT_CERTIFICATE_PATH", "AZURE_FEDERATED_TOKEN_FILE", "AZURE_PASSWORD"];

/** What the variables of an application lack (@azure/identity, `EnvironmentCredential`), which the library passes over. */
function setUpByHalf(env: NodeJS.ProcessEnv): string | undefined {
  const isSet = (name: string) => (env[name] ?? "") !== "";
  const proof = PROOFS.find(isSet);
  const lacking = APPLICATION.filter((name) => !isSet(name));
  if (proof === undefined) {
    return lacking.length === 0 ? `${APPLICATION.join(" and ")} are set, and none of ${PROOFS.join(", ")}` : undefined;
  }
  return lacking.length === 0 ? undefined : `${proof} is set without ${lacking.join(" and ")}`;
}

/** Why the registry does not take the token that Entra ID gave. */
export function exchangeTrouble(status: number, body: string, token: Redacted): NativeTrouble {
  const cause: NativeCause =
    status === 429 ? "throttled" : status >= 500 ? "unreachable" : status === 404 ? "unreachable" : "no-right";
  const words = detailOf(body, [{ value: token }]);
  return nativeTrouble("azure", cause, `${status}${words === "" ? "" : `: ${words}`}`);
}

interface Met {
  readonly name?: unknown;
  readonly message?: unknown;
  readonly cause?: unknown;
}

/** All that the chain met: what is there and fails counts more than what is not there. */
function wordsOf(error: unknown): string {
  const { message, errors } = (error ?? {}) as { message?: unknown; errors?: unknown };
  const met = Array.isArray(errors) ? (errors as readonly Met[]) : [];
  const refused = met.find(({ name }) => name === "AuthenticationError");
  const unreadable = met.find(({ message: text }) => /\b(?:ENOENT|EACCES): .*, open/.test(String(text)));
  const failing = met.find(({ cause }) => statusOf(cause) >= 429);
  const { message: told, cause } = refused ?? unreadable ?? failing ?? { message };
  if (typeof told !== "string") return "";
  return statusOf(cause) >= 429 ? `HTTP ${statusOf(cause)}: ${told}` : told;
}

/** Of the answer of a managed identity, which MSAL keeps beside its message; 0 if there was none. */
function statusOf(cause: unknown): number {
  const { status } = (cause ?? {}) as { status?: unknown };
  return typeof status === "number" ? status : 0;
}
