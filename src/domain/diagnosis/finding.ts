import type { RegistryError } from "../registry/protocol";
import type { CredentialEvidence, Exchange, Place } from "./evidence";

/** The named causes. `fine` is one, too: a person who asks wants to hear it. */
export type FindingCode =
  | "fine"
  | "no-credential"
  | "wrong-credential"
  | "no-right-on-repository"
  | "stale-credential-blocks-public-image"
  | "unknown-repository"
  | "unknown-tag"
  | "rate-limited"
  | "locked-out"
  | "unknown-token-realm"
  | "not-a-registry"
  | "server-error"
  | "unreachable"
  | "credential-unavailable"
  | "runner-native-unanswered"
  | "invalid-reference"
  | "unresolved-variable";

/** What a person can do about it, in the order in which it is likely to help. */
export type Remedy =
  | "add-secret"
  | "edit-secret"
  | "log-out"
  | "grant-access"
  | "fix-tag"
  | "fix-repository"
  | "fix-host"
  | "fix-reference"
  | "set-variable"
  | "wait"
  | "try-later"
  | "check-network"
  | "agree-to-realm"
  | "repair-docker-config"
  | "sign-in-to-cloud";

/** One image, one cause, the evidence for it and what to do. Squiggle, message, report and JSON are views of it. */
export interface Finding {
  readonly code: FindingCode;
  readonly place: Place;
  /** As the file writes it. */
  readonly image: string;
  /** As Docker spells it; empty where the image cannot be parsed. */
  readonly registry: string;
  readonly credential: CredentialEvidence;
  readonly confidence: "certain" | "likely";
  readonly remedies: readonly Remedy[];
  readonly evidence: readonly Exchange[];
  /** What the registry itself said, in its own words. */
  readonly errors: readonly RegistryError[];
  readonly tags?: readonly string[];
  readonly realm?: string;
  readonly reason?: string;
  readonly detail?: string;
  readonly status?: number;
  readonly retryAfter?: string;
}

/** True if the finding says that something is wrong. */
export function isTrouble(finding: Finding): boolean {
  return finding.code !== "fine";
}
