import { isTrouble, type Finding, type Remedy } from "../domain/diagnosis/finding";
import type { CredentialEvidence } from "../domain/diagnosis/evidence";

/** A finding in words. Every sentence names the image or registry; the remedies say what to do, best first. */
export interface FindingText {
  readonly title: string;
  readonly remedies: readonly string[];
  /** The exchanges with the registry, one a line. */
  readonly evidence: readonly string[];
}

/** The finding as a person reads it. */
export function findingText(finding: Finding): FindingText {
  return {
    title: titleOf(finding),
    remedies: finding.remedies.map((remedy) => remedyText(remedy, finding)),
    evidence: finding.evidence.map(({ asked, answered }) => `${asked} → ${answered}`),
  };
}

/** All findings for a terminal: a mark, the image, the cause, what to do, and the evidence where something is wrong. */
export function findingsAsLines(findings: readonly Finding[]): string[] {
  return findings.flatMap((finding) => {
    const { title, remedies, evidence } = findingText(finding);
    const { file, role } = finding.place;
    const head = `${isTrouble(finding) ? "✗" : "✓"} ${finding.image}  [${finding.code}]`;
    if (!isTrouble(finding)) return [head, `    ${title}`];
    return [
      head,
      `    ${title}`,
      ...remedies.map((remedy, index) => `    ${index === 0 ? "→" : "or"} ${remedy}`),
      `    named as ${role} in ${file}`,
      ...evidence.map((line) => `    · ${line}`),
    ];
  });
}

function titleOf(finding: Finding): string {
  const { image, registry } = finding;
  const who = credentialText(finding.credential);
  switch (finding.code) {
    case "fine":
      return finding.credential.kind === "none"
        ? `${image} can be pulled without a credential.`
        : `${image} can be pulled with ${who}.`;
    case "no-credential":
      return `${image} is private, and there is no credential for ${registry}.`;
    case "wrong-credential":
      return `${registry} refuses ${who}: the username or password is wrong, expired or revoked.`;
    case "no-right-on-repository":
      return `${registry} accepts ${who}, but that identity has no right to pull ${image}.`;
    case "stale-credential-blocks-public-image":
      return `${image} is public, but ${who} is refused by ${registry} and blocks it.`;
    case "unknown-repository":
      return finding.confidence === "certain"
        ? `${registry} has no repository for ${image}.`
        : `${registry} does not know ${image}: it does not exist, or it is hidden from ${who}.`;
    case "unknown-tag":
      return finding.tags?.length
        ? `${registry} has no such tag of ${image}. It has: ${finding.tags.join(", ")}.`
        : `${registry} has no such tag of ${image}.`;
    case "rate-limited":
      return `${registry} refuses to answer for now: too many requests by ${who}${finding.retryAfter === undefined ? "" : ` (again after ${finding.retryAfter} s)`}.`;
    case "locked-out":
      return `${registry} has locked the account or address after too many failed logins. Trying again makes it last longer.`;
    case "unknown-token-realm":
      return `${registry} sends its clients to ${finding.realm ?? "another server"} for a token, which is not known to belong to it. The credential was not sent.`;
    case "not-a-registry":
      return `${registry} answers, but with a web page: it is not a container registry.`;
    case "server-error":
      return `${registry} failed with ${finding.status ?? "an error"} of its own.`;
    case "unreachable":
      return `${registry} cannot be reached: ${finding.detail ?? "no answer"}.`;
    case "credential-unavailable":
      return `${image} is private, and Docker's own login for ${registry} cannot be read: ${finding.detail ?? "unknown reason"}`;
    case "runner-native-unanswered":
      return `${image} is private, and the secret for ${registry} is runner-native: the cloud's identity must answer, and was not asked here.`;
    case "invalid-reference":
      return `"${image}" is not the name of an image.`;
    case "unresolved-variable":
      return `"${image}" has a variable that is not set, so the image is not known.`;
  }
}

function remedyText(remedy: Remedy, finding: Finding): string {
  const { registry, image, credential } = finding;
  switch (remedy) {
    case "add-secret":
      return `Add a registry secret for ${registry}.`;
    case "edit-secret":
      return credential.kind === "secret"
        ? `Edit the ${credential.scope} secret ${credential.name}: give it a username and password that ${registry} accepts.`
        : `Edit the secret for ${registry}.`;
    case "log-out":
      return `Log out of it: docker logout ${registry === "docker.io" ? "" : registry}`.trimEnd();
    case "grant-access":
      return `Ask an owner of the repository at ${registry} to let this identity pull it.`;
    case "fix-tag":
      return `Use a tag that exists.`;
    case "fix-repository":
      return `Check the spelling of ${image}.`;
    case "fix-host":
      return `Check the spelling of ${registry}${finding.reason === "refused" ? ", and its port" : ""}.`;
    case "fix-reference":
      return "Write it as registry/repository:tag, with the repository in lower case.";
    case "set-variable":
      return "Set the variable, or give it a default: ${localEnv:NAME:default}.";
    case "wait":
      return "Wait, and do not try again meanwhile.";
    case "try-later":
      return "Try again later: the fault is the registry's.";
    case "check-network":
      return "Check the network, VPN and proxy of this machine.";
    case "agree-to-realm":
      return `If that server is right, agree to it: --allow-auth-host ${registry}=${hostOf(finding.realm)}`;
    case "repair-docker-config":
      return "Repair Docker's config.json or the helper that it names.";
    case "sign-in-to-cloud":
      return "Sign in to the cloud on this machine, or add a secret with a username and password.";
  }
}

function credentialText(credential: CredentialEvidence): string {
  switch (credential.kind) {
    case "none":
      return "anonymous clients";
    case "secret":
      return `the ${credential.scope} secret ${credential.name} (as ${credential.username})`;
    case "docker-config":
      return `Docker's own login (as ${credential.username})`;
    case "runner-native":
      return `the runner-native secret ${credential.name}`;
    case "broken":
      return "Docker's own login";
  }
}

function hostOf(url: string | undefined): string {
  return url !== undefined && /^https?:\/\/[^/]+/.test(url) ? url.replace(/^https?:\/\/([^/]+).*$/, "$1") : "HOST";
}
