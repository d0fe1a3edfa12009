import { imageName, type Finding, type Remedy } from "../domain/diagnosis/finding";
import { isFailure } from "../domain/failure";
import { cloudOf, nativeRegistry } from "../domain/registry/catalog";
import { parseRegistryHost } from "../domain/registry/host";
import { signInCommand } from "./nativeText";
import { scopeText } from "./scopeText";
import { t } from "./words";

/** What to do about a finding, as a sentence. */
export function remedyText(remedy: Remedy, finding: Finding): string {
  const { credential } = finding;
  const image = imageName(finding) || t("the image");
  const registry = finding.registry || t("the registry");
  switch (remedy) {
    case "add-secret":
      return t("Add a registry secret for {0}.", registry);
    case "edit-secret":
      return credential.kind === "secret"
        ? t(
            "Edit the {0} secret {1}: give it a username and password that {2} accepts.",
            scopeText(credential.scope),
            credential.name,
            registry,
          )
        : t("Edit the secret for {0}.", registry);
    case "log-out":
      return t("Log out of it: {0}", logOutCommand(finding));
    case "grant-access":
      return t("Ask an owner of the repository at {0} to let this identity pull it.", registry);
    case "fix-tag":
      return t("Use a tag that exists.");
    case "fix-repository":
      return t("Check the spelling of {0}.", image);
    case "fix-host":
      return finding.reason === "refused"
        ? t("Check the spelling of {0}, and its port.", registry)
        : t("Check the spelling of {0}.", registry);
    case "fix-reference":
      return t("Write it as registry/repository:tag, with the repository in lower case.");
    case "set-variable":
      return setVariableText(finding);
    case "trust-workspace":
      return t("If you trust this folder, say so: then your secrets are used.");
    case "choose-platform":
      return t(
        "Have the image published for this platform, or create the environment with DOCKER_DEFAULT_PLATFORM={0}: it is emulated then.",
        finding.platforms?.[0] ?? "linux/amd64",
      );
    case "publish-again":
      return t("Use a newer tag, or have the image published again in today's format.");
    case "make-token":
      return t("Make a token of the kind that {0} accepts, and put it into the secret.", registry);
    case "authorize-sso":
      return t("Authorize the token for the organization: on the page of the token, Configure SSO.");
    case "add-iam-policy":
      return t(
        "Allow ecr:GetAuthorizationToken on *, and the pull actions on the repository, in the policy of this identity.",
      );
    case "add-repository-policy":
      return t("Allow this identity to pull in the policy of the repository.");
    case "use-existing-host":
      return t("Write the image with {0}, or add a secret for {1}.", finding.similarHost ?? t("that host"), registry);
    case "check-proxy":
      return t("Check HTTPS_PROXY, NO_PROXY and the proxy's own login.");
    case "trust-authority":
      return t(
        "Install that authority for Docker: /etc/docker/certs.d/{0}/ca.crt, or the system's own certificates.",
        registry,
      );
    case "renew-certificate":
      return t("Ask whoever runs {0} for a certificate that is valid for this name and date.", registry);
    case "allow-address":
      return t("Ask whoever runs {0} to let this address in, or go through its private network.", registry);
    case "free-space":
      return t("Free space on the engine's disk: docker system prune.");
    case "allow-http":
      return t('Let the registry speak https, or list it under "insecure-registries" of the engine.');
    case "install-helper":
      return t("Install that helper, or take its name out of Docker's config.json.");
    case "unset-docker-auth-config":
      return t("Unset DOCKER_AUTH_CONFIG, or correct it.");
    case "wait":
      return t("Wait, and do not try again meanwhile.");
    case "try-later":
      return t("Try again later: the fault is the registry's.");
    case "check-network":
      return t("Check the network, VPN and proxy of this machine.");
    case "agree-to-realm":
      return t(
        "If that server is right, agree to it: --allow-auth-host {0}={1}",
        authorityOf(registry),
        hostOf(finding.realm),
      );
    case "ask-for-https":
      return finding.code === "credential-withheld"
        ? t("Ask whoever runs {0} to let it speak https with a certificate that this machine believes.", registry)
        : t("Ask whoever runs {0} to give out its tokens over https.", registry);
    case "repair-docker-config":
      return t("Repair Docker's config.json or the helper that it names.");
    case "sign-in-to-cloud":
      return signInText(finding);
    case "repair-cloud-config":
      return "trouble" in credential && credential.trouble.keysIn === "variables"
        ? t("Set new keys in AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN, or unset these variables.")
        : t("Repair what is set up for the cloud on this machine: its profiles, variables and key files.");
    case "set-clock":
      return t("Set the clock of this machine.");
  }
}

/** A default in the syntax of the file: devcontainer.json, a Compose file, or a Dockerfile. */
function setVariableText({ place: { file } }: Finding): string {
  if (/\.jsonc?$/.test(file)) return t("Set the variable, or give it a default: ${localEnv:NAME:default}.");
  if (/\.ya?ml$/.test(file)) return t("Set the variable, or give it a default: ${NAME:-default}.");
  return t("Set the variable, or give it a default: ARG NAME=default.");
}

function signInText({ credential, registry, code }: Finding): string {
  const native = nativeRegistry(registry);
  if (!native) return t("Sign in to the cloud on this machine, or add a secret with a username and password.");
  const trouble = "trouble" in credential ? credential.trouble : undefined;
  const command = signInCommand(trouble ?? { cloud: cloudOf(native) });
  return code === "cloud-sign-in-expired"
    ? t("Sign in again: {0}", command)
    : t("Sign in on this machine: {0}", command);
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
  return source?.kind === "helper" ? t("{0} (docker-credential-{1} holds it)", command, source.name) : command;
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
