import { Unreachable } from "../http/unreachable";
import {
  causeOf,
  detailOf,
  nativeTrouble,
  type AccessKey,
  type CauseTexts,
  type NativeTrouble,
} from "../../domain/secret/nativeIdentity";

/** From here on AWS refuses a signature (IAM user guide, "Signature Version 4": five minutes). */
const CLOCK_LIMIT_S = 300;

/**
 * What the chain of credentials and the services say, the first that fits counts. Names of errors are those of the
 * services' API references ("Common errors"), sentences those of the SDK's providers (@aws-sdk/credential-provider-*).
 */
const TEXTS: CauseTexts = [
  [/Signature (?:expired|not yet current)|RequestTimeTooSkewed|RequestExpired/, "wrong-clock"],
  [/aws sso login|SSO session|SSO Token|Token is expired|Session token not found or invalid/i, "session-expired"],
  [/re-?authenticate using aws login/i, "session-expired"],
  [/ExpiredToken|security token included in the request is expired/i, "session-expired"],
  [/multi-factor authentication/i, "needs-person"],
  [/(?:Throttl|TooManyRequests|RequestLimitExceeded|Rate exceeded)/i, "throttled"],
  [/sts:AssumeRole|ForbiddenException|IDPRejectedClaim|ResourceNotFoundException/, "cannot-assume"],
  [/AccessDenied|not authorized to perform|OptInRequired/i, "no-right"],
  [
    /UnrecognizedClient|InvalidClientTokenId|SignatureDoesNotMatch|InvalidSignature|InvalidAccessKeyId|IncompleteSignature|InvalidIdentityToken|AuthFailure/,
    "keys-refused",
  ],
  [
    /in configuration\/credentials file|Profile .* (?:not found|could not be found|did not contain)|invalid SSO credentials|\bENOENT\b|\bEACCES\b|reading 'sso_|Unsupported credential source|Detected a cycle|Conflicting SSO|sso.*(?:missing|not valid)|credential_process/i,
    "incomplete-config",
  ],
  [/Could not load credentials from any providers|metadata access disabled/i, "no-identity"],
  [
    /\b(?:ECONNREFUSED|ECONNRESET|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|EPIPE)\b|TimeoutError|socket hang up|certificate|ServiceUnavailable|InternalFailure|InternalServerError|proxy/i,
    "unreachable",
  ],
];

/** Whose login it was to be. */
export interface Whose extends Pick<NativeTrouble, "keysIn"> {
  readonly accessKey?: AccessKey | undefined;
  /** The profile that counts. */
  readonly profile?: string | undefined;
  /** True where nothing on this machine says where an identity comes from. */
  readonly hasNothing?: boolean;
  /** What was not reached just now of the services that sessions are renewed at. */
  readonly unreached?: Unreachable | undefined;
}

/** Why AWS gives no login; `now` is the time of this machine. */
export function awsTrouble(error: unknown, whose: Whose, now: number): NativeTrouble {
  const { accessKey, keysIn, profile, unreached } = whose;
  if (error instanceof Unreachable) return unreachableTrouble(error);
  const facts = factsOf(error);
  const words = [...new Set([facts.name, facts.code, facts.message])].filter((word) => word !== "").join(": ");
  let cause = causeOf(TEXTS, words);
  if (unreached && (cause === "session-expired" || cause === "unknown-cause")) return unreachableTrouble(unreached);
  // what is set up and gives nothing is not the same as having none
  if (cause === "no-identity" && whose.hasNothing !== true) cause = "incomplete-config";
  const ahead = facts.date === undefined ? undefined : Math.round((now - facts.date) / 1000);
  if (cause === "keys-refused" && Math.abs(ahead ?? 0) > CLOCK_LIMIT_S) cause = "wrong-clock";
  const secrets = accessKey === undefined ? [] : [{ username: accessKey.id, value: accessKey.secret }];
  const isLogin = /using aws login/i.test(words);
  return nativeTrouble("aws", cause, detailOf(detailIn(facts.message || words), secrets), {
    ...(keysIn === undefined ? {} : { keysIn }),
    ...(profile === undefined ? {} : { profile }),
    ...(cause === "session-expired" && /sso/i.test(words) ? { signIn: "sso" as const } : {}),
    ...(cause === "session-expired" && isLogin ? { signIn: "login" as const } : {}),
    ...(cause === "wrong-clock" && ahead !== undefined ? { clockAheadSeconds: ahead } : {}),
  });
}

function unreachableTrouble({ reason, message }: Unreachable): NativeTrouble {
  return nativeTrouble("aws", "unreachable", `${reason}: ${message}`);
}

/** The SDK trips over an `sso_session` without its section (@aws-sdk/credential-provider-sso, `fromSSO`). */
function detailIn(message: string): string {
  return /reading 'sso_/.test(message) ? "The sso-session that it names could not be found." : message;
}

function factsOf(error: unknown): { name: string; code: string; message: string; date?: number } {
  const { name, code, message, $response } = (error ?? {}) as Readonly<Record<string, unknown>>;
  const { headers } = ($response ?? {}) as { headers?: Readonly<Record<string, unknown>> };
  const date = Date.parse(textOf(headers?.["date"]));
  return {
    name: textOf(name),
    code: textOf(code),
    message: textOf(message) || textOf((error as { errors?: readonly { message?: unknown }[] }).errors?.[0]?.message),
    ...(Number.isNaN(date) ? {} : { date }),
  };
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}
