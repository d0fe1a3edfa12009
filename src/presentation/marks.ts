import { isTrouble, type Finding, type FindingCode } from "../domain/diagnosis/finding";
import { isFailure } from "../domain/failure";
import type { TextRange } from "../domain/image/range";
import { parseRegistryHost } from "../domain/registry/host";
import type { EffectiveSecret } from "../domain/secret/effective";
import { findingText, oneLine } from "./findingText";
import { fixesOf, type Fix } from "./fixes";
import { fenced } from "./report";
import { escapeMarkdown } from "./secretRows";

/** What stands on one reference in a document: squiggle, CodeLens, hover and quick fixes are views of it. */
export interface Mark {
  readonly file: string;
  /** Exactly the reference. */
  readonly range: TextRange;
  /** By how certain the finding is; what is fine has a lens and no squiggle. */
  readonly severity: "error" | "warning" | "none";
  /** Shown after its source, as `registry-secrets(no-credential)`. */
  readonly code: string;
  /** The page that explains the finding, as seen from the extension's folder. */
  readonly page: string;
  readonly message: string;
  readonly fixes: readonly Fix[];
  readonly finding: Finding;
}

/** What each finding is called in the few words of a lens. */
const SHORT: Readonly<Record<FindingCode, string>> = {
  fine: "pull ok",
  "no-credential": "private",
  "wrong-credential": "login refused",
  "expired-credential": "login expired",
  "no-right-on-repository": "no right to pull",
  "stale-credential-blocks-public-image": "public, but the login is refused",
  "near-miss-host": "the secret is for a similar host",
  "token-kind-not-accepted": "wrong kind of token",
  "sso-not-authorized": "token not authorized for SSO",
  "ecr-identity-policy": "IAM policy lacks the right",
  "ecr-resource-policy": "repository policy lacks the right",
  "runner-native-unanswered": "runner-native, not asked here",
  "unknown-token-realm": "unknown token server",
  "credential-withheld": "credential not sent",
  "unknown-repository": "no such repository",
  "unknown-tag": "no such tag",
  "platform-missing": "not for this platform",
  "invalid-reference": "not the name of an image",
  "unresolved-variable": "variable not set",
  "helper-missing": "credential helper missing",
  "helper-failing": "credential helper fails",
  "docker-config-broken": "Docker's config.json is broken",
  "docker-auth-config-shadows": "DOCKER_AUTH_CONFIG is refused",
  "credential-unavailable": "Docker's login cannot be read",
  "rate-limited": "rate limit reached",
  "locked-out": "locked out",
  "client-firewall": "blocked by its firewall",
  "storage-full": "disk full",
  dns: "host not found",
  "connection-refused": "connection refused",
  timeout: "no answer",
  proxy: "stopped by the proxy",
  "unknown-authority": "certificate not trusted",
  "certificate-invalid": "certificate not valid",
  "http-instead-of-https": "speaks plain http",
  "not-a-registry": "not a registry",
  "server-error": "server error",
  unreachable: "not reachable",
  unknown: "refused, cause unknown",
};

/** Every code there is: each has its page in `docs/findings`. */
export const FINDING_CODES = Object.keys(SHORT) as readonly FindingCode[];

/** The page that explains a code, as seen from the extension's folder. */
export function pageOf(code: FindingCode): string {
  return `docs/findings/${code}.md`;
}

/**
 * The marks of the findings whose place is known. `texts` are the files as they were read: offsets are theirs, and a
 * fix that writes is offered only if the finding's words stand there.
 */
export function marksOf(
  findings: readonly Finding[],
  texts: ReadonlyMap<string, string>,
  options: { readonly creationFailed?: boolean } = {},
): Mark[] {
  return findings.flatMap((finding) => {
    const { file, range } = finding.place;
    const text = texts.get(file);
    if (range === undefined || text === undefined || range.end > text.length) return [];
    const written = text.slice(range.start, range.end);
    return [
      {
        file,
        range,
        severity: severityOf(finding),
        code: finding.code,
        page: pageOf(finding.code),
        message: findingText(finding).title,
        fixes: fixesOf(finding, { ...options, written: written === finding.image ? written : undefined }),
        finding,
      },
    ];
  });
}

function severityOf(finding: Finding): Mark["severity"] {
  if (!isTrouble(finding)) return "none";
  return finding.confidence === "certain" ? "error" : "warning";
}

/** `ghcr.io · as alice · pull ok · 2 min ago`, `ghcr.io · no secret · private`. */
export function lensTitle(finding: Finding, checkedAt: number, now: number): string {
  const parts = [
    finding.registry,
    finding.registry === "" ? "" : credentialWord(finding),
    SHORT[finding.code],
    isTrouble(finding) ? "" : ago(now - checkedAt),
  ];
  return oneLine(parts.filter((part) => part !== "").join(" · "));
}

function credentialWord({ code, credential }: Finding): string {
  switch (credential.kind) {
    case "secret":
    case "docker-config":
      return `as ${credential.username}`;
    case "runner-native":
      return "runner-native";
    case "broken":
    case "unsaid":
      return "";
    case "none":
      return code === "no-credential" || code === "near-miss-host" ? "no secret" : "anonymous";
  }
}

/** How long something is past, in the coarsest words that are true. */
export function ago(milliseconds: number): string {
  const minutes = Math.floor(milliseconds / 60_000);
  if (minutes < 1) return "just now";
  if (minutes < 60) return `${minutes} min ago`;
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? `${hours} h ago` : `${Math.floor(hours / 24)} d ago`;
}

/**
 * True if a finding still holds with the secrets there are now, by Docker's key of their host: the same one counts for
 * its registry as when it was found, unchanged.
 */
export function outlives(
  { registry, credential }: Finding,
  checkedAt: number,
  secrets: ReadonlyMap<string, EffectiveSecret>,
): boolean {
  if (registry === "") return true;
  const key = hostKey(registry);
  const secret = key === undefined ? undefined : secrets.get(key)?.secret;
  if (credential.kind !== "secret" && credential.kind !== "runner-native") return secret === undefined;
  return secret?.name === credential.name && secret.updatedAt <= checkedAt;
}

function hostKey(registry: string): string | undefined {
  try {
    return parseRegistryHost(registry).key;
  } catch (error) {
    if (isFailure(error)) return undefined;
    throw error;
  }
}

/**
 * The hover in Markdown: what to do, the links (Markdown of the caller's), what was asked and answered. The message is
 * left out where a squiggle has it already. Foreign text cannot break out of it.
 */
export function hoverText(
  { finding, message, severity }: Mark,
  links: readonly string[],
  checkedAt: number,
  now: number,
): string {
  const { remedies, evidence } = findingText(finding);
  const certainty = severity === "warning" ? "Likely, not certain · " : "";
  return [
    ...(severity === "none" ? [`$(pass) ${escapeMarkdown(message)}`, ""] : []),
    ...remedies.map((text, index) => `${index + 1}. ${escapeMarkdown(text)}`),
    "",
    links.join("&nbsp;&nbsp;·&nbsp;&nbsp;"),
    "",
    ...(evidence.length > 0 ? [...fenced(evidence), ""] : []),
    `${certainty}Checked ${ago(now - checkedAt)}`,
  ].join("\n");
}

/** Line and column of an offset, both from 0, where lines end as they do in an editor. */
export function positionAt(text: string, offset: number): { readonly line: number; readonly character: number } {
  const before = text.slice(0, offset).split(/\r\n|\r|\n/);
  return { line: before.length - 1, character: before.at(-1)?.length ?? 0 };
}
