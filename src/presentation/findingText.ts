import { isTrouble, type Finding, type Remedy } from "../domain/diagnosis/finding";
import { isFailure } from "../domain/failure";
import { parseRegistryHost } from "../domain/registry/host";

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
    title: oneLine(titleOf(finding)),
    remedies: finding.remedies.map((remedy) => oneLine(remedyText(remedy, finding))),
    evidence: finding.evidence.map(({ asked, answered }) => oneLine(`${asked} → ${answered}`)),
  };
}

/** All findings for a terminal: a mark, the image, the cause, what to do, and the evidence where something is wrong. */
export function findingsAsLines(findings: readonly Finding[], folder: string): string[] {
  return findings.flatMap((finding) => {
    const { title, remedies, evidence } = findingText(finding);
    const { file, role } = finding.place;
    const head = `${isTrouble(finding) ? "✗" : "✓"} ${oneLine(finding.image)}  [${finding.code}]`;
    if (!isTrouble(finding)) return [head, `    ${title}`];
    return [
      head,
      `    ${title}`,
      ...remedies.map((remedy, index) => `    ${index === 0 ? "→" : "or"} ${remedy}`),
      `    named as ${role} in ${oneLine(relativeTo(folder, file))}`,
      ...evidence.map((line) => `    · ${line}`),
    ];
  });
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
  const image = finding.image || "the image";
  const registry = finding.registry || "the registry";
  const who = credentialText(finding.credential);
  switch (finding.code) {
    case "fine":
      return finding.credential.kind === "secret" || finding.credential.kind === "docker-config"
        ? `${image} can be pulled with ${who}.`
        : `${image} can be pulled without a credential.`;
    case "no-credential":
      return `${image} is private, and there is no credential for ${registry}.${elsewhereText(finding)}`;
    case "wrong-credential":
      return `${registry} refuses ${who}: the username or password is wrong, expired or revoked.`;
    case "expired-credential":
      return `${registry} refuses ${who}: it has expired${finding.detail === undefined ? "" : ` (${finding.detail})`}.`;
    case "near-miss-host":
      return `There is no credential for ${registry}, but one for ${finding.similarHost ?? "a similar host"}: to Docker these are two registries.`;
    case "token-kind-not-accepted":
      return `${registry} does not accept this kind of token${finding.detail === undefined ? "" : `: ${finding.detail}`}.`;
    case "sso-not-authorized":
      return `The organization behind ${image} enforces single sign-on, and ${who} is not authorized for it.`;
    case "ecr-identity-policy":
      return `The AWS identity that asks for ${image} lacks the right in its own IAM policy${finding.detail === undefined ? "" : ` (${finding.detail})`}.`;
    case "ecr-resource-policy":
      return `The policy of the ECR repository of ${image} does not let this AWS identity in${finding.detail === undefined ? "" : ` (${finding.detail})`}.`;
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
    case "platform-missing":
      return `${image} exists, but not for ${finding.platform ?? "this platform"}${finding.platforms?.length ? `. It exists for: ${finding.platforms.join(", ")}` : ""}.`;
    case "helper-missing":
      return `For ${registry}, ${namedBy(finding)} the credential helper ${finding.helper ?? "of some name"}, which is not there${leftByText(finding)}.`;
    case "helper-failing":
      return `Docker cannot get its login for ${registry}: ${finding.detail ?? `the credential helper ${finding.helper ?? "that it asks"} fails.`}`;
    case "docker-config-broken":
      return `Docker finds no login for ${registry}, since it cannot use ${finding.docker?.config.file ?? "its config.json"}${finding.detail === undefined ? "." : `: ${finding.detail}`}`;
    case "docker-auth-config-shadows":
      return `The variable DOCKER_AUTH_CONFIG holds a credential for ${registry}, which beats every other and is refused.`;
    case "client-firewall":
      return `${registry} does not let the address ${finding.address ?? "of this machine"} in.`;
    case "storage-full":
      return `${image} could not be stored: the disk of the container engine is full.`;
    case "dns":
      return `The name ${registry} is not known to DNS.`;
    case "connection-refused":
      return `Nothing listens at ${registry}.`;
    case "timeout":
      return `${registry} did not answer in time.`;
    case "proxy":
      return `The proxy on the way to ${registry} did not let the request through${finding.detail === undefined ? "" : `: ${finding.detail}`}.`;
    case "unknown-authority":
      return `The certificate of ${registry} is signed by an authority that is not trusted here${finding.detail === undefined ? "" : ` (${finding.detail})`}.`;
    case "certificate-invalid":
      return `The certificate of ${registry} is not valid${finding.detail === undefined ? "" : `: ${finding.detail}`}.`;
    case "http-instead-of-https":
      return `${registry} speaks plain http, and Docker asks it by https.`;
    case "rate-limited":
      return `${registry} refuses to answer for now: too many requests from this account or address${finding.retryAfter === undefined ? "" : ` (again after ${finding.retryAfter} s)`}.`;
    case "locked-out":
      return `${registry} has locked the account or address after too many failed logins. Trying again makes it last longer.`;
    case "unknown-token-realm":
      return `${registry} sends its clients to ${finding.realm ?? "another server"} for a token, which is not known to belong to it. No credential was sent.`;
    case "credential-withheld":
      return `${image} is private, and the way to ${registry} is not protected by https: ${who} was not sent, so whether it would do is not known.`;
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
      return `"${image}" has a variable that is not set${finding.detail === undefined ? "" : ` (${finding.detail})`}, so the image is not known.`;
    case "unknown":
      return finding.status === undefined
        ? `The cause is not known${finding.detail === undefined ? "" : `. The text says: ${finding.detail}`}.`
        : `${registry} refuses ${image} with ${finding.status} and asks for no credential: why is not known.`;
  }
}

function remedyText(remedy: Remedy, finding: Finding): string {
  const { credential } = finding;
  const image = finding.image || "the image";
  const registry = finding.registry || "the registry";
  switch (remedy) {
    case "add-secret":
      return `Add a registry secret for ${registry}.`;
    case "edit-secret":
      return credential.kind === "secret"
        ? `Edit the ${credential.scope} secret ${credential.name}: give it a username and password that ${registry} accepts.`
        : `Edit the secret for ${registry}.`;
    case "log-out":
      return `Log out of it: ${logOutCommand(finding)}`;
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
    case "choose-platform":
      return 'Ask for a platform that exists ("runArgs": ["--platform=linux/amd64"]), or publish the image for this one.';
    case "make-token":
      return `Make a token of the kind that ${registry} accepts, and put it into the secret.`;
    case "authorize-sso":
      return "Authorize the token for the organization: on the page of the token, Configure SSO.";
    case "add-iam-policy":
      return "Allow ecr:GetAuthorizationToken on *, and the pull actions on the repository, in the policy of this identity.";
    case "add-repository-policy":
      return "Allow this identity to pull in the policy of the repository.";
    case "use-existing-host":
      return `Write the image with ${finding.similarHost ?? "that host"}, or add a secret for ${registry}.`;
    case "check-proxy":
      return "Check HTTPS_PROXY, NO_PROXY and the proxy's own login.";
    case "trust-authority":
      return `Install that authority for Docker: /etc/docker/certs.d/${registry}/ca.crt, or the system's own certificates.`;
    case "renew-certificate":
      return `Ask whoever runs ${registry} for a certificate that is valid for this name and date.`;
    case "allow-address":
      return `Ask whoever runs ${registry} to let this address in, or go through its private network.`;
    case "free-space":
      return "Free space on the engine's disk: docker system prune.";
    case "allow-http":
      return `Let the registry speak https, or list it in the engine's "insecure-registries".`;
    case "install-helper":
      return "Install that helper, or take its name out of Docker's config.json.";
    case "unset-docker-auth-config":
      return "Unset DOCKER_AUTH_CONFIG, or correct it.";
    case "wait":
      return "Wait, and do not try again meanwhile.";
    case "try-later":
      return "Try again later: the fault is the registry's.";
    case "check-network":
      return "Check the network, VPN and proxy of this machine.";
    case "agree-to-realm":
      return `If that server is right, agree to it: --allow-auth-host ${authorityOf(registry)}=${hostOf(finding.realm)}`;
    case "ask-for-https":
      return finding.code === "credential-withheld"
        ? `Ask whoever runs ${registry} to let it speak https with a certificate that this machine believes.`
        : `Ask whoever runs ${registry} to give out its tokens over https.`;
    case "repair-docker-config":
      return "Repair Docker's config.json or the helper that it names.";
    case "sign-in-to-cloud":
      return "Sign in to the cloud on this machine, or add a secret with a username and password.";
  }
}

/** What `docker logout` must be given to take away just the login that Docker finds for the finding's registry. */
export function logOutKey({ registry, docker }: Finding): string {
  const source = docker?.source;
  // a key with a path is found only by its own spelling (docker/cli, cli/command/registry/logout.go)
  return source?.kind === "auths" && !source.key.includes("index.docker.io") ? source.key : registry;
}

/** The command that does so. */
export function logOutCommand(finding: Finding): string {
  const source = finding.docker?.source;
  const key = logOutKey(finding);
  const command = key === "docker.io" ? "docker logout" : `docker logout ${key}`;
  return source?.kind === "helper" ? `${command} (docker-credential-${source.name} holds it)` : command;
}

function elsewhereText({ docker }: Finding): string {
  const [first] = docker?.elsewhere ?? [];
  if (!first) return "";
  const whose = {
    podman: "Podman has a login for it that docker does not see",
    "sudo-user": "Under sudo docker reads root's config, and the login lies in your own",
    windows: "Windows has a login for it that docker does not see in WSL",
    home: "DOCKER_CONFIG points docker to another folder, and the login lies in the home folder",
  };
  return ` ${whose[first.of]}: ${first.file}.`;
}

function namedBy({ docker }: Finding): string {
  return docker?.helper?.from === "default" ? "Docker by default asks" : "Docker's config names";
}

function leftByText({ docker }: Finding): string {
  const leftBy = docker?.helper?.leftBy;
  return leftBy === undefined ? "" : `: ${leftBy} left it behind`;
}

function credentialText(credential: Finding["credential"]): string {
  switch (credential.kind) {
    case "unsaid":
      return "the credential that was used";
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

/** The registry as agreements name it. */
function authorityOf(registry: string): string {
  try {
    return parseRegistryHost(registry).authority;
  } catch (error) {
    if (isFailure(error)) return registry;
    throw error;
  }
}

function hostOf(url: string | undefined): string {
  return url !== undefined && /^https?:\/\/[^/]+/.test(url) ? url.replace(/^https?:\/\/([^/]+).*$/, "$1") : "HOST";
}
