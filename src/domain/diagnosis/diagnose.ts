import { isLoopback } from "../registry/host";
import type { RegistryError } from "../registry/protocol";
import type { Attempt, AttemptOutcome, Exchange, ImageEvidence } from "./evidence";
import type { Finding, Remedy } from "./finding";

/** Judges one image by what was seen. Pure: the table at the end of section 3 of the research decides. */
export function diagnose(evidence: ImageEvidence): Finding {
  const { anonymous, authenticated, credential } = evidence;
  const base = {
    place: evidence.place,
    image: evidence.text,
    registry: evidence.reference.registry,
    credential,
    evidence: exchangesOf(anonymous, authenticated),
  };
  // the attempt that decides: with the credential if one was sent, since that is what Docker would do
  const attempt = authenticated ?? anonymous;
  const common = { ...base, errors: errorsOf(attempt) };

  if (attempt.kind === "ok") {
    return { ...common, code: "fine", confidence: "certain", remedies: [] };
  }
  if (authenticated?.kind === "refused" && anonymous.kind === "ok") {
    return {
      ...common,
      code: "stale-credential-blocks-public-image",
      confidence: "certain",
      remedies: [...credentialRemedies(evidence), "log-out"],
    };
  }

  switch (attempt.kind) {
    case "refused":
      if (isLockedOut(attempt.errors))
        return { ...common, code: "locked-out", confidence: "certain", remedies: ["wait"] };
      if (authenticated === undefined) return withoutCredential(evidence, attempt, common);
      return attempt.stage === "token" || isBadLogin(attempt)
        ? { ...common, code: "wrong-credential", confidence: "certain", remedies: credentialRemedies(evidence) }
        : {
            ...common,
            code: "no-right-on-repository",
            confidence: "certain",
            remedies: ["grant-access", ...credentialRemedies(evidence)],
          };
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
        code: "unreachable",
        confidence: "certain",
        remedies: ["fix-host", "check-network"],
        reason: attempt.reason,
        detail: attempt.detail,
      };
  }
}

function mayBeAgreedTo(realm: string): boolean {
  return URL.canParse(realm) && (new URL(realm).protocol === "https:" || isLoopback(new URL(realm).host));
}

function withoutCredential(
  evidence: ImageEvidence,
  attempt: AttemptOutcome & { kind: "refused" },
  common: Omit<Finding, "code" | "confidence" | "remedies">,
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
  return credential.kind === "secret" ? ["edit-secret"] : ["add-secret"];
}

/**
 * A registry that answers Basic says with 401 that the login is wrong; one that issued a token and then answers 401 or
 * 403 says that the identity has no right here. The exception is a body that names the login itself.
 */
function isBadLogin(attempt: AttemptOutcome & { kind: "refused" }): boolean {
  if (attempt.scheme === "basic" && attempt.status === 401) return true;
  return attempt.errors.some(({ message }) =>
    /incorrect username or password|authorization token has expired/i.test(message),
  );
}

function isLockedOut(errors: readonly RegistryError[]): boolean {
  return errors.some(({ message }) => /too many failed login/i.test(message));
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

/** Levenshtein's distance: how many letters differ. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (const [i, left] of Array.from(a).entries()) {
    const next = [i + 1];
    for (let j = 0; j < b.length; j++) {
      const change = (row[j] ?? 0) + (left === b[j] ? 0 : 1);
      next.push(Math.min(change, (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
