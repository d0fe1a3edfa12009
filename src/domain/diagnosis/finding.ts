import type { RegistryError } from "../registry/protocol";
import type { DockerView } from "./dockerEvidence";
import type { CredentialEvidence, Exchange, Place } from "./evidence";

/** The named causes. `fine` is one, too: a person who asks wants to hear it. Each has a page of its name in `docs/`. */
export type FindingCode =
  | "fine"
  // the credential
  | "no-credential"
  | "wrong-credential"
  | "expired-credential"
  | "no-right-on-repository"
  | "stale-credential-blocks-public-image"
  | "near-miss-host"
  | "token-kind-not-accepted"
  | "sso-not-authorized"
  | "ecr-identity-policy"
  | "ecr-resource-policy"
  | "runner-native-unanswered"
  | "cloud-sign-in-expired"
  | "cloud-identity-refused"
  | "cloud-identity-broken"
  | "unknown-token-realm"
  | "credential-withheld"
  // the image
  | "unknown-repository"
  | "unknown-tag"
  | "platform-missing"
  | "outdated-format"
  | "invalid-reference"
  | "unresolved-variable"
  // Docker's own config
  | "helper-missing"
  | "helper-failing"
  | "docker-config-broken"
  | "docker-auth-config-shadows"
  | "credential-unavailable"
  // the registry's limits
  | "rate-limited"
  | "locked-out"
  | "client-firewall"
  | "storage-full"
  // the way there
  | "dns"
  | "connection-refused"
  | "timeout"
  | "proxy"
  | "unknown-authority"
  | "certificate-invalid"
  | "http-instead-of-https"
  | "not-a-registry"
  | "server-error"
  | "unreachable"
  /** Not recognised, or refused without a reason: honest, and shown with what was seen. */
  | "unknown";

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
  | "choose-platform"
  | "publish-again"
  | "make-token"
  | "authorize-sso"
  | "add-iam-policy"
  | "add-repository-policy"
  | "use-existing-host"
  | "wait"
  | "try-later"
  | "check-network"
  | "check-proxy"
  | "trust-authority"
  | "trust-workspace"
  | "renew-certificate"
  | "allow-address"
  | "free-space"
  | "agree-to-realm"
  | "ask-for-https"
  | "allow-http"
  | "install-helper"
  | "repair-docker-config"
  | "unset-docker-auth-config"
  | "sign-in-to-cloud"
  | "repair-cloud-config"
  | "set-clock";

/** One image, one cause, the evidence for it and what to do. Squiggle, message, report and JSON are views of it. */
export interface Finding {
  readonly code: FindingCode;
  readonly place: Place;
  /** As the file writes it. */
  readonly image: string;
  /** The image that this means, where that is another text: with its variables filled in. */
  readonly resolved?: string;
  /** As Docker spells it; empty where the image cannot be parsed. */
  readonly registry: string;
  /** `unsaid`: the finding is of a text, which does not tell which credential was sent, or whether one was. */
  readonly credential: CredentialEvidence | { readonly kind: "unsaid" };
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
  /** For `platform-missing`: what was asked for, and what there is. */
  readonly platform?: string;
  readonly platforms?: readonly string[];
  /** The host that a credential exists for, where the image's own host is only like it. */
  readonly similarHost?: string;
  /** The credential helper that is missing or fails. */
  readonly helper?: string;
  /** What Docker's own config and helpers said, where they were asked. */
  readonly docker?: DockerView;
  /** When the credential ends, if the registry told (ISO 8601). */
  readonly expiresAt?: string;
  /** The address that a firewall does not let in. */
  readonly address?: string;
}

/** The name of the image that a finding is about; "" where a text names none. */
export function imageName({ resolved, image }: Finding): string {
  return resolved ?? image;
}

/** True if the finding says that something is wrong. */
export function isTrouble(finding: Finding): boolean {
  return finding.code !== "fine";
}
