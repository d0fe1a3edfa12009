import type { ImageReference } from "../image/reference";
import type { Redacted } from "../redacted";
import type { RegistryError } from "../registry/protocol";
import type { NativeTrouble } from "../secret/nativeIdentity";
import type { Scope } from "../secret/secret";
import type { DockerView } from "./dockerEvidence";

/** Where an image is named: a file, and the characters of it (offsets in UTF-16 units) if they are known. */
export interface Place {
  readonly file: string;
  readonly range?: { readonly start: number; readonly end: number };
  /** What names it: `image`, `FROM`, a Compose service, a Feature. */
  readonly role: string;
  /** Of a Feature that is not written there: the one that is, and brings it in. */
  readonly dependencyOf?: string;
}

/** One request that was made and what came back; nothing secret is in either. */
export interface Exchange {
  readonly asked: string;
  readonly answered: string;
}

/** What one attempt at an image's manifest met. */
export type Attempt = AttemptOutcome & { readonly exchanges: readonly Exchange[] };

export type AttemptOutcome =
  | {
      readonly kind: "ok";
      /** What an index or list offers, as `os/architecture[/variant]`; absent for an image of one platform. */
      readonly platforms?: readonly string[];
      /** Of a Feature: what it says of itself (`devcontainer-feature.json`), or the layer that would tell. */
      readonly feature?: { readonly metadata: string } | { readonly layer: string };
      /** When the credential ends, if the registry told (ISO 8601). */
      readonly expiresAt?: string;
      readonly rateLimit?: RateLimit;
    }
  /** `token`: the token server refused; `manifest`: the registry itself refused. */
  | {
      readonly kind: "refused";
      readonly stage: "token" | "manifest";
      /** How the registry authenticates its clients; `none` if it did not say. */
      readonly scheme: "basic" | "bearer" | "none";
      readonly status: number;
      readonly errors: readonly RegistryError[];
    }
  | {
      readonly kind: "not-found";
      readonly what: "repository" | "tag" | "unknown";
      readonly errors: readonly RegistryError[];
      /** Tags that do exist, if the registry told; at most a hundred. */
      readonly tags?: readonly string[];
    }
  | {
      readonly kind: "rate-limited";
      readonly errors: readonly RegistryError[];
      readonly retryAfter?: string;
      readonly rateLimit?: RateLimit;
    }
  /** The manifest is there, in schema 1 of Docker, which engines do not take any more. */
  | { readonly kind: "outdated-format" }
  | { readonly kind: "not-a-registry"; readonly status: number; readonly contentType: string }
  | { readonly kind: "server-error"; readonly status: number; readonly errors: readonly RegistryError[] }
  | {
      readonly kind: "unreachable";
      readonly reason: UnreachableReason;
      readonly detail: string;
    }
  /** The credential was not sent: the registry sends its clients to a token server that nobody agreed to. */
  | { readonly kind: "unknown-realm"; readonly realm: string }
  /** The credential was not sent: the way to the registry is not protected, though the engine would take it. */
  | { readonly kind: "withheld"; readonly transport: "plain" | "unverified" };

/** Why no answer came. `tls` is what goes wrong in TLS besides the certificate; `plain-http` answered https. */
export type UnreachableReason =
  | "dns"
  | "refused"
  | "timeout"
  | "closed"
  | "proxy"
  | "unknown-authority"
  | "certificate-invalid"
  | "plain-http"
  | "tls"
  | "other";

/** What Docker Hub tells of its pull limit (docs.docker.com, "Docker Hub pull usage and limits"). */
export interface RateLimit {
  /** Pulls in a window, and how many are left. */
  readonly limit?: number;
  readonly remaining?: number;
  readonly windowSeconds?: number;
  /** What is counted: an address or an account. */
  readonly source?: string;
}

/** What can be told of a token without showing it. */
export interface TokenTraits {
  /** GitHub's fine-grained tokens are known by their first letters. */
  readonly tokenKind?: "github-fine-grained";
  /** When it ended, if it says so itself and has ended (ISO 8601). */
  readonly expiredAt?: string;
}

/** Which credential counts for the image's registry, and where it comes from. */
export type CredentialEvidence =
  | { readonly kind: "none" }
  | ({
      readonly kind: "secret";
      readonly name: string;
      readonly scope: Scope;
      /** Of a project secret: another project may have one of the same name. */
      readonly project?: string;
      readonly username: string;
      /** The secret holds an access key of AWS, and AWS gave no token for it. */
      readonly trouble?: NativeTrouble;
    } & TokenTraits)
  | ({ readonly kind: "docker-config"; readonly username: string } & TokenTraits)
  /** The secret is runner-native: the cloud's identity answers, or `trouble` says why it does not. */
  | { readonly kind: "runner-native"; readonly name: string; readonly trouble?: NativeTrouble }
  /** Docker's config or one of its helpers could not be asked; the reason is redacted. */
  | { readonly kind: "broken"; readonly reason: string };

/** All that is known of one image before it is judged. */
export interface ImageEvidence {
  readonly place: Place;
  /** As the file writes it. */
  readonly text: string;
  readonly reference: ImageReference;
  /** The platform that the engine will ask for: `linux/amd64`. Absent: not looked at. */
  readonly platform?: string;
  readonly credential: CredentialEvidence;
  /** Docker's own side of it; absent where a secret counts, since Docker is not asked then. */
  readonly docker?: DockerView;
  /** Keys of the hosts that the person's secrets and Docker's config have a credential for. */
  readonly knownHosts?: readonly string[];
  readonly anonymous: Attempt;
  /** Only if there is a credential and it was worth sending. */
  readonly authenticated?: Attempt;
}

/** A credential to try, whatever it comes from. */
export type TriedCredential =
  { readonly username: string; readonly password: Redacted } | { readonly identityToken: Redacted };

/** Asks a registry for an image as Docker would. Never throws but for `cancelled`: trouble is an answer. */
export interface RegistryProber {
  /** The attempt without a credential, and the one with it if one is given and the first does not forbid it. */
  probe(
    reference: ImageReference,
    credential: TriedCredential | undefined,
    signal?: AbortSignal,
  ): Promise<{ readonly anonymous: Attempt; readonly authenticated?: Attempt }>;
  /** The token server that a registry sends its clients to: a URL, `none` for Basic or no authentication. */
  realm(
    authority: string,
    signal?: AbortSignal,
  ): Promise<{ kind: "realm"; url: string } | { kind: "none" } | AttemptOutcome>;
}
