import { identifyRegistry } from "../registry/catalog";
import { isLoopback } from "../registry/host";
import type { NativeTrouble } from "../secret/nativeIdentity";
import { distance } from "../registry/nearMiss";
import type { RegistryError } from "../registry/protocol";
import { dockerExchanges, judgeDockerView, staleLoginRemedies } from "./dockerView";
import type { Attempt, AttemptOutcome, Exchange, ImageEvidence, TokenTraits, UnreachableReason } from "./evidence";
import type { Finding, FindingCode, Remedy } from "./finding";
import { hasPlatform } from "./platform";
import { firewalledAddress, isLockedOut, refusalOf } from "./refusal";

type Common = Omit<Finding, "code" | "confidence" | "remedies">;

/** Judges one image by what was seen. Pure: the table at the end of section 3 of the research decides. */
export function diagnose(evidence: ImageEvidence): Finding {
  const { anonymous, authenticated, credential } = evidence;
  const base = {
    place: evidence.place,
    image: evidence.text,
    registry: evidence.reference.registry,
    credential,
    evidence: [
      ...exchangesOf(anonymous, authenticated),
      ...dockerExchanges(evidence.docker, evidence.reference.registry),
    ],
    ...(evidence.docker === undefined ? {} : { docker: evidence.docker }),
  };
  // the attempt that decides: with the credential if one was sent, since that is what Docker would do
  const attempt = authenticated ?? anonymous;
  const common = { ...base, errors: errorsOf(attempt) };

  const refusal = attempt.kind === "refused" ? refusalOf(attempt) : undefined;
  // a firewall stands before every credential
  if (refusal?.code === "client-firewall")
    return { ...common, ...refusal, confidence: "certain", remedies: ["allow-address"] };
  const docker = judgeDockerView(evidence);
  if (docker) return { ...common, ...docker };
  if (attempt.kind === "ok") return found(evidence, attempt, common);
  if (authenticated?.kind === "withheld" && anonymous.kind === "ok")
    return { ...found(evidence, anonymous, common), confidence: "likely" };
  if (authenticated?.kind === "refused" && anonymous.kind === "ok") {
    return {
      ...common,
      code: "stale-credential-blocks-public-image",
      confidence: "certain",
      remedies: credential.kind === "secret" ? ["edit-secret"] : staleLoginRemedies(evidence.docker),
    };
  }

  const trouble = "trouble" in credential ? credential.trouble : undefined;
  if (trouble && attempt.kind === "refused" && !isLockedOut(attempt.errors)) {
    return { ...common, ...ofTrouble(trouble), confidence: "certain", detail: trouble.detail };
  }

  switch (attempt.kind) {
    case "refused":
      if (isLockedOut(attempt.errors))
        return { ...common, code: "locked-out", confidence: "certain", remedies: ["wait"] };
      if (authenticated === undefined) return withoutCredential(evidence, attempt, common);
      return refusedCredential(evidence, attempt, common);
    case "not-found":
      if (attempt.what === "tag") {
        return {
          ...common,
          code: "unknown-tag",
          confidence: "certain",
          remedies: ["fix-tag"],
          ...(attempt.tags === undefined ? {} : { tags: nearest(evidence.reference.tag ?? "latest", attempt.tags) }),
        };
      }
      return {
        ...common,
        code: "unknown-repository",
        confidence: attempt.what === "repository" ? "certain" : "likely",
        remedies: authenticated === undefined ? ["fix-repository", "add-secret"] : ["fix-repository", "grant-access"],
      };
    case "rate-limited":
      return {
        ...common,
        code: isLockedOut(attempt.errors) ? "locked-out" : "rate-limited",
        confidence: "certain",
        remedies: credential.kind === "none" ? ["add-secret", "wait"] : ["wait"],
        ...(attempt.retryAfter === undefined ? {} : { retryAfter: attempt.retryAfter }),
      };
    case "unknown-realm":
      return {
        ...common,
        code: "unknown-token-realm",
        confidence: "certain",
        // nobody can agree to sending a credential over plain http to another machine (security, 1)
        remedies: mayBeAgreedTo(attempt.realm) ? ["agree-to-realm"] : ["ask-for-https"],
        realm: attempt.realm,
      };
    case "outdated-format":
      return { ...common, code: "outdated-format", confidence: "certain", remedies: ["publish-again"] };
    case "not-a-registry":
      return { ...common, code: "not-a-registry", confidence: "certain", remedies: ["fix-host"] };
    case "server-error":
      return {
        ...common,
        code: "server-error",
        confidence: "certain",
        remedies: ["try-later"],
        status: attempt.status,
      };
    case "unreachable":
      return {
        ...common,
        ...UNREACHABLE[attempt.reason],
        confidence: "certain",
        reason: attempt.reason,
        detail: attempt.detail,
      };
    case "withheld":
      return {
        ...common,
        errors: errorsOf(anonymous),
        code: "credential-withheld",
        confidence: "certain",
        remedies: ["ask-for-https"],
      };
  }
}

const UNREACHABLE: Readonly<Record<UnreachableReason, { code: FindingCode; remedies: readonly Remedy[] }>> = {
  dns: { code: "dns", remedies: ["fix-host", "check-network"] },
  refused: { code: "connection-refused", remedies: ["fix-host", "check-network"] },
  timeout: { code: "timeout", remedies: ["check-network", "check-proxy"] },
  proxy: { code: "proxy", remedies: ["check-proxy"] },
  "unknown-authority": { code: "unknown-authority", remedies: ["trust-authority"] },
  "certificate-invalid": { code: "certificate-invalid", remedies: ["renew-certificate", "fix-host"] },
  "plain-http": { code: "http-instead-of-https", remedies: ["allow-http", "fix-host"] },
  closed: { code: "unreachable", remedies: ["fix-host", "check-network"] },
  tls: { code: "unreachable", remedies: ["fix-host", "check-network"] },
  other: { code: "unreachable", remedies: ["fix-host", "check-network"] },
};

/** An image that can be pulled, if it is there for the platform that the engine wants. */
function found({ platform }: ImageEvidence, attempt: AttemptOutcome & { kind: "ok" }, common: Common): Finding {
  const { platforms, expiresAt } = attempt;
  const seen = {
    ...common,
    ...(platforms === undefined ? {} : { platforms }),
    ...(expiresAt === undefined ? {} : { expiresAt }),
  };
  const isFine =
    platforms === undefined || (platform === undefined ? platforms.length > 0 : hasPlatform(platforms, platform));
  if (isFine) return { ...seen, code: "fine", confidence: "certain", remedies: [] };
  const wanted = platform === undefined ? {} : { platform };
  return { ...seen, code: "platform-missing", confidence: "certain", remedies: ["choose-platform"], ...wanted };
}

/** Registries that answer for what does not exist as they do for what is hidden (research/peers.md, rows 1, 3, 29, 42). */
const HIDING: readonly string[] = ["docker-hub", "gitlab", "gar", "gcr"];

/** What GitLab adds to its refusal, whatever was wrong: with two-factor authentication it takes no password (row 30). */
const TOKEN_FOR_PASSWORD = /token instead of a password/i;

function refusedCredential(
  evidence: ImageEvidence,
  attempt: AttemptOutcome & { kind: "refused" },
  common: Common,
): Finding {
  const { code, detail } = refusalOf(attempt);
  const { credential } = evidence;
  const login = credentialRemedies(evidence);
  const told = detail === undefined ? {} : { detail };
  const { kind } = identifyRegistry(evidence.reference.registry);
  const traits: TokenTraits = credential.kind === "secret" || credential.kind === "docker-config" ? credential : {};
  // GitHub Packages takes classic tokens only, and says no more than "denied" (research/peers.md, row 27)
  const isFineGrained = kind === "ghcr" && traits.tokenKind === "github-fine-grained";
  switch (code) {
    case "wrong-credential":
    case "no-right-on-repository": {
      if (isFineGrained)
        return {
          ...common,
          code: "token-kind-not-accepted",
          confidence: "certain",
          remedies: ["make-token", ...login],
        };
      if (code === "wrong-credential" && traits.expiredAt !== undefined) {
        return {
          ...common,
          code: "expired-credential",
          confidence: "certain",
          remedies: login,
          detail: traits.expiredAt,
        };
      }
      if (code === "wrong-credential")
        return {
          ...common,
          code,
          confidence: "certain",
          remedies: detail !== undefined && TOKEN_FOR_PASSWORD.test(detail) ? [...login, "make-token"] : login,
        };
      return HIDING.includes(kind)
        ? { ...common, code, confidence: "likely", remedies: ["grant-access", "fix-repository", ...login] }
        : { ...common, code, confidence: "certain", remedies: ["grant-access", ...login] };
    }
    case "expired-credential":
      return { ...common, ...told, code, confidence: "certain", remedies: login };
    case "token-kind-not-accepted":
      return { ...common, ...told, code, confidence: "certain", remedies: ["make-token", ...login] };
    case "sso-not-authorized":
      return { ...common, ...told, code, confidence: "certain", remedies: ["authorize-sso", ...login] };
    case "ecr-identity-policy":
      return { ...common, ...told, code, confidence: "certain", remedies: ["add-iam-policy"] };
    case "ecr-resource-policy":
      return { ...common, ...told, code, confidence: "certain", remedies: ["add-repository-policy"] };
    case "client-firewall":
      return { ...common, ...told, code, confidence: "certain", remedies: ["allow-address"] };
    case "locked-out":
      return { ...common, code, confidence: "certain", remedies: ["wait"] };
  }
}

/** Keys that the cloud was given are changed where they stand: signing in changes nothing about them. */
const OF_KEYS: Readonly<Record<NonNullable<NativeTrouble["keysIn"]>, readonly Remedy[]>> = {
  secret: ["edit-secret"],
  variables: ["repair-cloud-config"],
};

/** The cause that the cloud's own answer names (research/peers.md, rows 34 to 49, 62 and 69). */
function ofTrouble({ cause, cloud, detail, keysIn }: NativeTrouble): Pick<Finding, "code" | "remedies" | "address"> {
  // ACR's firewall stands before its exchange of tokens, too
  const address = firewalledAddress(detail);
  if (address !== undefined) return { code: "client-firewall", remedies: ["allow-address"], address };
  const ofKeys = keysIn && OF_KEYS[keysIn];
  switch (cause) {
    case "no-identity":
      return { code: "runner-native-unanswered", remedies: ["sign-in-to-cloud", "add-secret"] };
    case "session-expired":
      return { code: "cloud-sign-in-expired", remedies: ofKeys ?? ["sign-in-to-cloud"] };
    case "no-right":
      return cloud === "aws"
        ? { code: "ecr-identity-policy", remedies: ["add-iam-policy"] }
        : { code: "cloud-identity-refused", remedies: ["grant-access", "sign-in-to-cloud"] };
    case "keys-refused":
    case "cannot-assume":
    case "needs-person":
      return { code: "cloud-identity-refused", remedies: ofKeys ?? ["repair-cloud-config", "sign-in-to-cloud"] };
    case "incomplete-config":
      return { code: "cloud-identity-broken", remedies: ["repair-cloud-config"] };
    case "wrong-clock":
      return { code: "cloud-identity-broken", remedies: ["set-clock"] };
    case "throttled":
      return { code: "cloud-identity-broken", remedies: ["wait"] };
    case "unreachable":
      return { code: "cloud-identity-broken", remedies: ["check-network", "check-proxy"] };
    case "unknown-cause":
      return { code: "cloud-identity-broken", remedies: ofKeys ?? ["sign-in-to-cloud", "repair-cloud-config"] };
  }
}

function mayBeAgreedTo(realm: string): boolean {
  return URL.canParse(realm) && (new URL(realm).protocol === "https:" || isLoopback(new URL(realm).host));
}

function withoutCredential(
  evidence: ImageEvidence,
  attempt: AttemptOutcome & { kind: "refused" },
  common: Common,
): Finding {
  switch (evidence.credential.kind) {
    case "broken":
      return {
        ...common,
        code: "credential-unavailable",
        confidence: "likely",
        remedies: ["repair-docker-config", "add-secret"],
        detail: evidence.credential.reason,
      };
    case "runner-native":
      return { ...common, code: "runner-native-unanswered", confidence: "certain", remedies: ["sign-in-to-cloud"] };
    case "none":
      return attempt.scheme === "none"
        ? {
            ...common,
            code: "unknown",
            confidence: "likely",
            remedies: ["add-secret", "check-network"],
            status: attempt.status,
          }
        : { ...common, code: "no-credential", confidence: "certain", remedies: ["add-secret"] };
    case "secret":
    case "docker-config":
      // there is a credential, and the registry did not ask for it
      return {
        ...common,
        code: "unknown",
        confidence: "likely",
        remedies: ["grant-access", "check-network"],
        status: attempt.status,
      };
  }
}

function credentialRemedies({ credential }: ImageEvidence): Remedy[] {
  if (credential.kind === "runner-native") return ["sign-in-to-cloud"];
  return credential.kind === "secret" ? ["edit-secret"] : ["add-secret"];
}

function errorsOf(attempt: Attempt): readonly RegistryError[] {
  return "errors" in attempt ? attempt.errors : [];
}

function exchangesOf(...attempts: (Attempt | undefined)[]): Exchange[] {
  return attempts.flatMap((attempt) => attempt?.exchanges ?? []);
}

/** The tags most like the wanted one, best first, at most five. */
function nearest(wanted: string, tags: readonly string[]): string[] {
  return tags
    .map((tag) => ({ tag, distance: distance(wanted, tag) }))
    .sort((a, b) => a.distance - b.distance || (a.tag < b.tag ? -1 : 1))
    .slice(0, 5)
    .map(({ tag }) => tag);
}
