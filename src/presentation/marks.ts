import { isTrouble, type Finding, type FindingCode } from "../domain/diagnosis/finding";
import { isFailure } from "../domain/failure";
import type { TextRange } from "../domain/image/range";
import { parseRegistryHost } from "../domain/registry/host";
import type { EffectiveSecret } from "../domain/secret/effective";
import { findingText, oneLine } from "./findingText";
import { fixesOf, type Fix } from "./fixes";
import { fenced } from "./report";
import { t } from "./words";
import { escapeMarkdown } from "./markdown";

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
const SHORT: Readonly<Record<FindingCode, () => string>> = {
  fine: () => t("pull ok"),
  "no-credential": () => t("private"),
  "wrong-credential": () => t("login refused"),
  "expired-credential": () => t("login expired"),
  "no-right-on-repository": () => t("no right to pull"),
  "stale-credential-blocks-public-image": () => t("public, but the login is refused"),
  "near-miss-host": () => t("the secret is for a similar host"),
  "token-kind-not-accepted": () => t("wrong kind of token"),
  "sso-not-authorized": () => t("token not authorized for SSO"),
  "ecr-identity-policy": () => t("IAM policy lacks the right"),
  "ecr-resource-policy": () => t("repository policy lacks the right"),
  "runner-native-unanswered": () => t("nobody is signed in to the cloud"),
  "cloud-sign-in-expired": () => t("sign-in to the cloud expired"),
  "cloud-identity-refused": () => t("the cloud refuses the identity"),
  "cloud-identity-broken": () => t("the cloud cannot be asked"),
  "unknown-token-realm": () => t("unknown token server"),
  "credential-withheld": () => t("credential not sent"),
  "unknown-repository": () => t("no such repository"),
  "unknown-tag": () => t("no such tag"),
  "platform-missing": () => t("not for this platform"),
  "outdated-format": () => t("outdated format"),
  "invalid-reference": () => t("not the name of an image"),
  "unresolved-variable": () => t("variable not set"),
  "helper-missing": () => t("credential helper missing"),
  "helper-failing": () => t("credential helper fails"),
  "docker-config-broken": () => t("Docker's config.json is broken"),
  "docker-auth-config-shadows": () => t("DOCKER_AUTH_CONFIG is refused"),
  "credential-unavailable": () => t("Docker's login cannot be read"),
  "rate-limited": () => t("rate limit reached"),
  "locked-out": () => t("locked out"),
  "client-firewall": () => t("blocked by its firewall"),
  "storage-full": () => t("disk full"),
  dns: () => t("host not found"),
  "connection-refused": () => t("connection refused"),
  timeout: () => t("no answer"),
  proxy: () => t("stopped by the proxy"),
  "unknown-authority": () => t("certificate not trusted"),
  "certificate-invalid": () => t("certificate not valid"),
  "http-instead-of-https": () => t("speaks plain http"),
  "not-a-registry": () => t("not a registry"),
  "server-error": () => t("server error"),
  unreachable: () => t("not reachable"),
  unknown: () => t("refused, cause unknown"),
};

/** A finding in the few words of a lens or a row. */
export function findingWord(code: FindingCode): string {
  return SHORT[code]();
}

/** Every code there is: each has its page in `docs/findings`. */
export const FINDING_CODES = Object.keys(SHORT) as readonly FindingCode[];

/** The page that explains a code, as seen from the extension's folder. The folder belongs to the language. */
export function pageOf(code: FindingCode): string {
  return t("docs/findings/{0}.md", code);
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
    findingWord(finding.code),
    isTrouble(finding) ? "" : ago(now - checkedAt),
  ];
  return oneLine(parts.filter((part) => part !== "").join(" · "));
}

function credentialWord({ code, credential, reason }: Finding): string {
  switch (credential.kind) {
    case "secret":
    case "docker-config":
      return t("as {0}", credential.username);
    case "runner-native":
      return "runner-native";
    case "broken":
    case "unsaid":
      return "";
    case "none":
      if (reason === "untrusted") return t("Restricted Mode");
      return code === "no-credential" || code === "near-miss-host" ? t("no secret") : t("anonymous");
  }
}

/** How long something is past, in the coarsest words that are true. */
export function ago(milliseconds: number): string {
  const minutes = Math.floor(milliseconds / 60_000);
  if (minutes < 1) return t("just now");
  if (minutes < 60) return t("{0} min ago", minutes);
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? t("{0} h ago", hours) : t("{0} d ago", Math.floor(hours / 24));
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
  return [
    ...(severity === "none" ? [`$(pass) ${escapeMarkdown(message)}`, ""] : []),
    ...remedies.map((text, index) => `${index + 1}. ${escapeMarkdown(text)}`),
    "",
    links.join("&nbsp;&nbsp;·&nbsp;&nbsp;"),
    "",
    ...(evidence.length > 0 ? [...fenced(evidence), ""] : []),
    severity === "warning"
      ? t("Likely, not certain · Checked {0}", ago(now - checkedAt))
      : t("Checked {0}", ago(now - checkedAt)),
  ].join("\n");
}
