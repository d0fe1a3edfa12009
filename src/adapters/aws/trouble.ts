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
  [/sts:AssumeRole|ForbiddenException|IDPRejectedClaim/, "cannot-assume"],
  [/AccessDenied|not authorized to perform|OptInRequired/i, "no-right"],
  [
    /UnrecognizedClient|InvalidClientTokenId|SignatureDoesNotMatch|InvalidSignature|InvalidAccessKeyId|IncompleteSignature|InvalidIdentityToken|AuthFailure/,
    "keys-refused",
  ],
  [
    /in configuration\/credentials file|Profile .* (?:not found|could not be found|did not contain)|invalid SSO credentials|ENOENT|EACCES|Unsupported credential source|Detected a cycle|Conflicting SSO|sso.*(?:missing|not valid)|credential_process/i,
    "incomplete-config",
  ],
  [/Could not load credentials from any providers|metadata access disabled/i, "no-identity"],
  [
    /ECONNREFUSED|ECONNRESET|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|EPIPE|TimeoutError|socket hang up|certificate|ServiceUnavailable|InternalFailure|InternalServerError|proxy/i,
    "unreachable",
  ],
];

/** Whose login it was to be. */
interface Whose {
  readonly accessKey?: AccessKey | undefined;
  /** The profile that the person chose by name. */
  readonly profile?: string | undefined;
  /** Whether something on this machine says where an identity comes from. */
  readonly isSetUp: boolean;
}

/** Why AWS gives no login; `now` is the time of this machine. */
export function awsTrouble(error: unknown, { accessKey, profile, isSetUp }: Whose, now: number): NativeTrouble {
  if (error instanceof Unreachable) return nativeTrouble("aws", "unreachable", `${error.reason}: ${error.message}`);
  const facts = factsOf(error);
  const words = [...new Set([facts.name, facts.code, facts.message])].filter((word) => word !== "").join(": ");
  let cause = causeOf(TEXTS, words);
  // what is set up and gives nothing is not the same as having none
  if (cause === "no-identity" && isSetUp) cause = "incomplete-config";
  const ahead = facts.date === undefined ? undefined : Math.round((now - facts.date) / 1000);
  if (cause === "keys-refused" && Math.abs(ahead ?? 0) > CLOCK_LIMIT_S) cause = "wrong-clock";
  const secrets = accessKey === undefined ? [] : [{ username: accessKey.id, value: accessKey.secret }];
  const isLogin = /using aws login/i.test(words);
  return nativeTrouble("aws", cause, detailOf(facts.message || words, secrets), {
    ...(cause === "session-expired" ? { profile: profile ?? "default" } : profile === undefined ? {} : { profile }),
    ...(cause === "session-expired" && /sso/i.test(words) ? { signIn: "sso" as const } : {}),
    ...(cause === "session-expired" && isLogin ? { signIn: "login" as const } : {}),
    ...(cause === "wrong-clock" && ahead !== undefined ? { clockAheadSeconds: ahead } : {}),
  });
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
