/**
 * Everything that can go wrong, by literal code. The code decides the sentence and the next step that a person
 * reads (`presentation/failureText.ts`); `facts` are what those sentences name.
 */
export type FailureCode =
  // words that a person typed or a file holds
  | "invalid-image-reference"
  | "invalid-registry-host"
  | "invalid-secret-name"
  | "secret-name-taken"
  | "secret-host-taken"
  | "secret-not-found"
  | "secret-changed"
  | "empty-username"
  | "empty-password"
  | "runner-native-not-supported"
  | "invalid-policy-value"
  | "incomplete-triplet"
  | "invalid-secrets-file"
  | "invalid-devcontainer-json"
  | "no-devcontainer-json"
  | "several-devcontainer-json"
  | "invalid-dockerfile"
  | "invalid-compose-file"
  | "invalid-docker-config"
  | "invalid-challenge"
  | "wrong-use"
  // the world outside
  | "storage-unavailable"
  | "storage-corrupt"
  | "identity-token"
  | "login-not-found"
  | "helper-missing"
  | "helper-failed"
  | "engine-missing"
  | "engine-unreachable"
  | "container-gone"
  | "no-shell"
  | "delivery-failed"
  | "unknown-token-realm"
  | "creation-failed"
  | "program-failed"
  | "program-missing"
  | "timed-out"
  | "too-large"
  | "cancelled"
  | "untrusted-workspace";

/** Facts are what the sentence may name. Never a secret: those are `Redacted` and stay out of errors. */
export type FailureFacts = Readonly<Record<string, string | number | boolean | readonly string[] | undefined>>;

/**
 * The one error class. `message` is a complete English sentence of its own (a log or a library user sees only that);
 * what a person reads in the editor or on the terminal is made from `code` and `facts`.
 */
export class Failure extends Error {
  override readonly name = "Failure";
  readonly code: FailureCode;
  readonly facts: FailureFacts;

  constructor(code: FailureCode, message: string, facts: FailureFacts = {}, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
    this.facts = facts;
  }
}

/** True if `error` is a `Failure` (with one of `codes`, when given). */
export function isFailure(error: unknown, ...codes: FailureCode[]): error is Failure {
  return error instanceof Failure && (codes.length === 0 || codes.includes(error.code));
}

/** What was thrown, as text: the message of an error, or the value itself. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
