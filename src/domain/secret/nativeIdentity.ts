import { redactText, type Redacted } from "../redacted";
import type { Cloud, NativeRegistry } from "../registry/catalog";
import type { RegistryHost } from "../registry/host";

/** What is asked for: a registry that was recognised by the whole of its host, and whose identity shall answer. */
export interface NativeRequest {
  readonly host: RegistryHost;
  readonly registry: NativeRegistry;
  /** The access key of a secret for ECR; without it this machine's own identity answers. */
  readonly accessKey?: AccessKey;
}

export interface AccessKey {
  readonly id: string;
  readonly secret: Redacted;
}

/** A short-lived login that a cloud gave to an identity. */
export interface NativeLogin {
  readonly kind: "login";
  /** `<token>` if the password is an identity token: Docker's own word (docker/cli, credentials/native_store.go). */
  readonly username: string;
  readonly password: Redacted;
  /** How long it lasts from now, in milliseconds. By the cloud's clock: this machine's may be wrong. */
  readonly lifeMs: number;
}

/** Who would answer, as far as it is known without asking for a login. */
export interface NativeIdentityInfo {
  readonly kind: "identity";
  readonly cloud: Cloud;
  /** How this machine comes to the identity. */
  readonly source: IdentitySource;
  /** The identity's own name: an ARN, an e-mail address, an application id. */
  readonly name?: string;
  /** Number of the AWS account, Google's project, Azure's tenant. */
  readonly account?: string;
  /** The profile of AWS's config files. */
  readonly profile?: string;
}

export type IdentitySource =
  | "access-key"
  | "environment"
  | "profile"
  | "sso"
  | "assumed-role"
  | "process"
  | "web-identity"
  | "container"
  | "instance"
  | "user-login"
  | "key-file"
  | "impersonation"
  | "federation"
  | "managed-identity"
  | "developer-tool"
  | "other";

/** Why there is no login. The first word is the answer: nobody is there, the cloud says no, something does not work. */
export const TROUBLE_KINDS = {
  "no-identity": "absent",
  "session-expired": "refused",
  "keys-refused": "refused",
  "no-right": "refused",
  "cannot-assume": "refused",
  "needs-person": "refused",
  "incomplete-config": "broken",
  "wrong-clock": "broken",
  throttled: "broken",
  unreachable: "broken",
  "unknown-cause": "broken",
} as const;

export type NativeCause = keyof typeof TROUBLE_KINDS;

/** *Absent*, *refused* and *broken* are three answers; each is told with its cause. */
export interface NativeTrouble {
  readonly kind: (typeof TROUBLE_KINDS)[NativeCause];
  readonly cause: NativeCause;
  readonly cloud: Cloud;
  /** The cloud's or its library's own words, redacted. */
  readonly detail: string;
  readonly profile?: string;
  /** Where the keys are that the cloud was given, if it was no sign-in of this machine. */
  readonly keysIn?: "secret" | "variables";
  /** What `profile` signs in with: `aws sso login` helps only there. */
  readonly signIn?: "sso" | "login";
  /** Seconds by which this machine's clock is ahead of the cloud's (negative: behind), if it told. */
  readonly clockAheadSeconds?: number;
}

/** What clouds and their libraries say, the first pattern that fits counts. */
export type CauseTexts = readonly (readonly [pattern: RegExp, cause: NativeCause])[];

/** Which cause these words tell of. */
export function causeOf(texts: CauseTexts, words: string): NativeCause {
  return texts.find(([pattern]) => pattern.test(words))?.[1] ?? "unknown-cause";
}

const LONGEST_DETAIL = 500;

/** A cloud's own words as they may be shown: redacted first, since half a token is recognised by nothing, then cut. */
export function detailOf(words: string, secrets: Parameters<typeof redactText>[1] = []): string {
  return redactText(words, secrets).slice(0, LONGEST_DETAIL);
}

/** Makes the trouble of a cause. */
export function nativeTrouble(
  cloud: Cloud,
  cause: NativeCause,
  detail: string,
  more: Partial<Pick<NativeTrouble, "profile" | "keysIn" | "signIn" | "clockAheadSeconds">> = {},
): NativeTrouble {
  return { kind: TROUBLE_KINDS[cause], cause, cloud, detail, ...more };
}

/** One cloud's identity on this machine. Trouble is an answer: throws only `cancelled`. */
export interface NativeIdentity {
  /** A fresh login for the registry. */
  login(request: NativeRequest, signal?: AbortSignal): Promise<NativeLogin | NativeTrouble>;
  /** Who would answer; may ask the cloud for the name, never for a login to the registry. */
  describe(request: NativeRequest, signal?: AbortSignal): Promise<NativeIdentityInfo | NativeTrouble>;
}
