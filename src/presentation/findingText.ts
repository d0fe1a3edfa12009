import { imageName, isTrouble, type Finding } from "../domain/diagnosis/finding";
import { troubleText } from "./nativeText";
import { remedyText } from "./remedyText";
import { scopeText } from "./scopeText";
import { t } from "./words";

/** A finding in words. Every sentence names the image or registry; the remedies say what to do, best first. */
export interface FindingText {
  readonly title: string;
  readonly remedies: readonly string[];
  /** The exchanges with the registry, one a line. */
  readonly evidence: readonly string[];
}

/** The finding as a person reads it. */
export function findingText(finding: Finding): FindingText {
  const { dependencyOf } = finding.place;
  const title = titleOf(finding);
  return {
    title: oneLine(dependencyOf === undefined ? title : t("{0} The Feature {1} brings it in.", title, dependencyOf)),
    remedies: finding.remedies.map((remedy) => oneLine(remedyText(remedy, finding))),
    evidence: finding.evidence.map(({ asked, answered }) => oneLine(`${asked} → ${answered}`)),
  };
}

/** All findings for a terminal: a mark, the image, the cause, what to do, and the evidence where something is wrong. */
export function findingsAsLines(findings: readonly Finding[], folder: string): string[] {
  return findings.flatMap((finding) => {
    const { title, remedies, evidence } = findingText(finding);
    const { file, role } = finding.place;
    const head = `${isTrouble(finding) ? "✗" : "✓"} ${oneLine(subjectText(finding))}  [${finding.code}]`;
    if (!isTrouble(finding)) return [head, `    ${title}`];
    return [
      head,
      `    ${title}`,
      ...remedies.map((remedy, index) => `    ${index === 0 ? "→" : t("or")} ${remedy}`),
      `    ${t("named as {0} in {1}", role, oneLine(relativeTo(folder, file)))}`,
      ...evidence.map((line) => `    · ${line}`),
    ];
  });
}

/** The image with what is written for it, where that is another text; "" for a finding that names none. */
export function subjectText(finding: Finding): string {
  const name = imageName(finding);
  return name === finding.image ? name : t("{0}, written as {1}", name, finding.image);
}

/** A file as seen from the folder of the workspace, or whole where it lies elsewhere. */
export function relativeTo(folder: string, file: string): string {
  return file.startsWith(`${folder}/`) ? file.slice(folder.length + 1) : file;
}

/** Text of files and registries in one line, without what would move a terminal's cursor or end a line of Markdown. */
export function oneLine(text: string): string {
  return text.replace(/[\p{Cc}\u2028\u2029]+/gu, " ");
}

function titleOf(finding: Finding): string {
  const image = imageName(finding) || t("the image");
  const registry = finding.registry || t("the registry");
  const who = credentialText(finding.credential);
  const { detail } = finding;
  switch (finding.code) {
    case "fine":
      return finding.credential.kind === "secret" || finding.credential.kind === "docker-config"
        ? t("{0} can be pulled with {1}.", image, who)
        : t("{0} can be pulled without a credential.", image);
    case "no-credential":
      if (finding.reason === "untrusted")
        return t("{0} is private. It was asked for without a credential, since this workspace is not trusted.", image);
      return `${t("{0} is private, and there is no credential for {1}.", image, registry)}${elsewhereText(finding)}`;
    case "wrong-credential":
      return t("{0} refuses {1}: the username or password is wrong, expired or revoked.", registry, who);
    case "expired-credential":
      return detail === undefined
        ? t("{0} refuses {1}: it has expired.", registry, who)
        : t("{0} refuses {1}: it has expired ({2}).", registry, who, detail);
    case "near-miss-host":
      return t(
        "There is no credential for {0}, but one for {1}: to Docker these are two registries.",
        registry,
        finding.similarHost ?? t("a similar host"),
      );
    case "token-kind-not-accepted":
      return detail === undefined
        ? t("{0} does not accept this kind of token.", registry)
        : t("{0} does not accept this kind of token: {1}.", registry, detail);
    case "sso-not-authorized":
      return t("The organization behind {0} enforces single sign-on, and {1} is not authorized for it.", image, who);
    case "ecr-identity-policy":
      return detail === undefined
        ? t("The AWS identity that asks for {0} lacks the right in its own IAM policy.", image)
        : t("The AWS identity that asks for {0} lacks the right in its own IAM policy ({1}).", image, detail);
    case "ecr-resource-policy":
      return detail === undefined
        ? t("The policy of the ECR repository of {0} does not let this AWS identity in.", image)
        : t("The policy of the ECR repository of {0} does not let this AWS identity in ({1}).", image, detail);
    case "no-right-on-repository":
      return t("{0} accepts {1}, but that identity has no right to pull {2}.", registry, who, image);
    case "stale-credential-blocks-public-image":
      return t("{0} is public, but {1} is refused by {2} and blocks it.", image, who, registry);
    case "unknown-repository":
      return finding.confidence === "certain"
        ? t("{0} has no repository for {1}.", registry, image)
        : t("{0} does not know {1}: it does not exist, or it is hidden from {2}.", registry, image, who);
    case "unknown-tag":
      return finding.tags?.length
        ? t("{0} has no such tag of {1}. It has: {2}.", registry, image, finding.tags.join(", "))
        : t("{0} has no such tag of {1}.", registry, image);
    case "platform-missing": {
      const platform = finding.platform ?? t("this platform");
      return finding.platforms?.length
        ? t("{0} exists, but not for {1}. It exists for: {2}.", image, platform, finding.platforms.join(", "))
        : t("{0} exists, but not for {1}.", image, platform);
    }
    case "outdated-format":
      return t("{0} is there, but in a format that Docker does not take any more (manifest schema 1).", image);
    case "helper-missing":
      return helperMissingText(registry, finding);
    case "helper-failing":
      if (detail !== undefined) return t("Docker cannot get its login for {0}: {1}", registry, detail);
      return finding.helper === undefined
        ? t("Docker cannot get its login for {0}: the credential helper that it asks fails.", registry)
        : t("Docker cannot get its login for {0}: the credential helper {1} fails.", registry, finding.helper);
    case "docker-config-broken": {
      const file = finding.docker?.config.file ?? t("its config.json");
      return detail === undefined
        ? t("Docker finds no login for {0}, since it cannot use {1}.", registry, file)
        : t("Docker finds no login for {0}, since it cannot use {1}: {2}", registry, file, detail);
    }
    case "docker-auth-config-shadows":
      return t(
        "The variable DOCKER_AUTH_CONFIG holds a credential for {0}, which beats every other and is refused.",
        registry,
      );
    case "client-firewall":
      return finding.address === undefined
        ? t("{0} does not let the address of this machine in.", registry)
        : t("{0} does not let the address {1} in.", registry, finding.address);
    case "storage-full":
      return t("{0} could not be stored: the disk of the container engine is full.", image);
    case "dns":
      return t("The name {0} is not known to DNS.", registry);
    case "connection-refused":
      return t("Nothing listens at {0}.", registry);
    case "timeout":
      return t("{0} did not answer in time.", registry);
    case "proxy":
      return detail === undefined
        ? t("The proxy on the way to {0} did not let the request through.", registry)
        : t("The proxy on the way to {0} did not let the request through: {1}.", registry, detail);
    case "unknown-authority":
      return detail === undefined
        ? t("The certificate of {0} is signed by an authority that is not trusted here.", registry)
        : t("The certificate of {0} is signed by an authority that is not trusted here ({1}).", registry, detail);
    case "certificate-invalid":
      return detail === undefined
        ? t("The certificate of {0} is not valid.", registry)
        : t("The certificate of {0} is not valid: {1}.", registry, detail);
    case "http-instead-of-https":
      return t("{0} speaks plain http, and Docker asks it by https.", registry);
    case "rate-limited":
      return finding.retryAfter === undefined
        ? t("{0} refuses to answer for now: too many requests from this account or address.", registry)
        : t(
            "{0} refuses to answer for now: too many requests from this account or address (again after {1} s).",
            registry,
            finding.retryAfter,
          );
    case "locked-out":
      return t(
        "{0} has locked the account or address after too many failed logins. Trying again makes it last longer.",
        registry,
      );
    case "unknown-token-realm":
      return t(
        "{0} sends its clients to {1} for a token, which is not known to belong to it. No credential was sent.",
        registry,
        finding.realm ?? t("another server"),
      );
    case "credential-withheld":
      return t(
        "{0} is private, and the way to {1} is not protected by https: {2} was not sent, so whether it would do is not known.",
        image,
        registry,
        who,
      );
    case "not-a-registry":
      return t("{0} answers, but as a web page or another service does: it is not a container registry.", registry);
    case "server-error":
      return finding.status === undefined
        ? t("{0} failed with an error of its own.", registry)
        : t("{0} failed with {1} of its own.", registry, finding.status);
    case "unreachable":
      return detail === undefined
        ? t("{0} cannot be reached: no answer.", registry)
        : t("{0} cannot be reached: {1}.", registry, detail);
    case "credential-unavailable":
      return t(
        "{0} is private, and Docker's own login for {1} cannot be read: {2}",
        image,
        registry,
        detail ?? t("unknown reason"),
      );
    case "runner-native-unanswered":
      return t(
        "{0} is private, and the secret for {1} is runner-native: nobody on this machine is signed in to answer.",
        image,
        registry,
      );
    case "cloud-sign-in-expired":
    case "cloud-identity-refused":
    case "cloud-identity-broken": {
      const trouble = "trouble" in finding.credential ? finding.credential.trouble : undefined;
      return trouble
        ? troubleText(trouble, registry)
        : t("The cloud's identity of this machine gives no login for {0}.", registry);
    }
    case "invalid-reference":
      return t('"{0}" is not the name of an image.', image);
    case "unresolved-variable":
      return detail === undefined
        ? t('"{0}" has a variable that is not set, so the image is not known.', image)
        : t('"{0}" has a variable that is not set ({1}), so the image is not known.', image, detail);
    case "unknown":
      if (finding.status !== undefined) {
        return t(
          "{0} refuses {1} with {2} and asks for no credential: why is not known.",
          registry,
          image,
          finding.status,
        );
      }
      return detail === undefined
        ? t("The cause is not known.")
        : t("The cause is not known. The text says: {0}.", detail);
  }
}

/** A sentence on where else a login lies, with a space before it, or nothing. */
function elsewhereText({ docker }: Finding): string {
  const [first] = docker?.elsewhere ?? [];
  if (!first) return "";
  const whose = {
    podman: () => t("Podman has a login for it that docker does not see: {0}.", first.file),
    "sudo-user": () => t("Under sudo docker reads root's config, and the login lies in your own: {0}.", first.file),
    windows: () => t("Windows has a login for it that docker does not see in WSL: {0}.", first.file),
    home: () =>
      t("DOCKER_CONFIG points docker to another folder, and the login lies in the home folder: {0}.", first.file),
  };
  return ` ${whose[first.of]()}`;
}

function helperMissingText(registry: string, finding: Finding): string {
  const helper = finding.helper ?? t("of some name");
  const asked = finding.docker?.helper;
  if (asked?.from === "default")
    return t("For {0}, Docker by default asks the credential helper {1}, which is not there.", registry, helper);
  return asked?.leftBy === undefined
    ? t("For {0}, Docker's config names the credential helper {1}, which is not there.", registry, helper)
    : t(
        "For {0}, Docker's config names the credential helper {1}, which is not there: {2} left it behind.",
        registry,
        helper,
        asked.leftBy,
      );
}

function credentialText(credential: Finding["credential"]): string {
  switch (credential.kind) {
    case "unsaid":
      return t("the credential that was used");
    case "none":
      return t("anonymous clients");
    case "secret":
      return t("the {0} secret {1} (as {2})", scopeText(credential.scope), credential.name, credential.username);
    case "docker-config":
      return t("Docker's own login (as {0})", credential.username);
    case "runner-native":
      return t("the runner-native secret {0}", credential.name);
    case "broken":
      return t("Docker's own login");
  }
}
