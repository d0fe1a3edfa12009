import type { Withheld } from "../domain/environment/pullCredentials";
import { logInCommand, type Cloud, type NativeRegistry } from "../domain/registry/catalog";
import type { IdentitySource, NativeIdentityInfo, NativeTrouble } from "../domain/secret/nativeIdentity";
import { t } from "./words";

/** Who would answer for a runner-native secret: "profile dev via SSO, account 123456789012". */
export function whoText({ cloud, source, name, account, profile }: NativeIdentityInfo): string {
  const place = accountText(cloud, account);
  const parts = [sourceText(source, profile), place, name].filter((part) => part !== undefined && part !== "");
  return parts.join(", ");
}

/** Why a creation goes without a secret that there is, and what to do. */
export function withheldText({ host, secret, why }: Withheld): string {
  if (why === "unreachable") return t("{0} is not used: {1} cannot be reached.", secret, host);
  const reason = troubleText(why, host).replace(/[.:]?$/, ".");
  return why.keysIn === undefined && (why.cause === "no-identity" || why.cause === "session-expired")
    ? t("{0} is not used: {1} Sign in: {2}", secret, reason, signInCommand(why))
    : t("{0} is not used: {1}", secret, reason);
}

/** The cloud as people call it. */
export function cloudName(cloud: Cloud): string {
  return { aws: "AWS", google: "Google Cloud", azure: "Azure" }[cloud];
}

/** Why the cloud gives no login for `registry`, in one sentence. */
export function troubleText(trouble: NativeTrouble, registry: string): string {
  const { cause, cloud, profile, detail, clockAheadSeconds } = trouble;
  const name = cloudName(cloud);
  const ofKeys = keysText(trouble, registry);
  if (ofKeys !== undefined) return ofKeys;
  switch (cause) {
    case "no-identity":
      return t("Nobody on this machine is signed in to {0}, so no login for {1} can be had.", name, registry);
    case "session-expired":
      return profile === undefined
        ? t("The sign-in to {0} has expired, so no login for {1} can be had.", name, registry)
        : t(
            "The sign-in of the profile {0} to {1} has expired, so no login for {2} can be had.",
            profile,
            name,
            registry,
          );
    case "keys-refused":
      return t("{0} does not know the keys of this machine's identity, which {1} needs: {2}", name, registry, detail);
    case "no-right":
      return t("{0} knows this machine's identity, which may not get a login for {1}: {2}", name, registry, detail);
    case "cannot-assume":
      return t(
        "This machine's identity at {0} may not become the one that is set up for {1}: {2}",
        name,
        registry,
        detail,
      );
    case "needs-person":
      return t("{0} wants a person to confirm the sign-in before {1} can be used: {2}", name, registry, detail);
    case "incomplete-config":
      return profile === undefined
        ? t("What is set up for {0} on this machine is not complete, and {1} needs it: {2}", name, registry, detail)
        : t("The profile {0} is not complete, and {1} needs it: {2}", profile, registry, detail);
    case "wrong-clock":
      return clockAheadSeconds === undefined
        ? t("{0} gives no login for {1}, since this machine's clock is wrong.", name, registry)
        : t(
            "{0} gives no login for {1}, since this machine's clock is off by {2} minutes.",
            name,
            registry,
            Math.round(Math.abs(clockAheadSeconds) / 60),
          );
    case "throttled":
      return t("{0} gives no login for {1} for now: too many requests.", name, registry);
    case "unreachable":
      return t("{0} cannot be asked for a login to {1}: {2}", name, registry, detail);
    case "unknown-cause":
      return t("{0} gives no login for {1}: {2}", name, registry, detail);
  }
}

/** What is wrong with keys that the cloud was given, where it is about them: a sign-in is not meant then. */
function keysText({ cause, cloud, detail, keysIn }: NativeTrouble, registry: string): string | undefined {
  const name = cloudName(cloud);
  const isOfSecret = keysIn === "secret";
  if (keysIn === undefined) return undefined;
  switch (cause) {
    case "keys-refused":
      return isOfSecret
        ? t("{0} refuses the access key in the secret for {1}: {2}", name, registry, detail)
        : t("{0} refuses the keys in the environment variables, which {1} needs: {2}", name, registry, detail);
    case "session-expired":
      return isOfSecret
        ? t("The access key in the secret for {0} has expired: {1}", registry, detail)
        : t(
            "The keys for {0} in the environment variables have expired, so no login for {1} can be had.",
            name,
            registry,
          );
    case "no-right":
      return isOfSecret
        ? t("{0} knows the access key in the secret for {1}, which may not get a login: {2}", name, registry, detail)
        : undefined;
    default:
      return undefined;
  }
}

/** The command that signs in, for the cloud and the profile in question. */
export function signInCommand({ cloud, profile, signIn }: Pick<NativeTrouble, "cloud" | "profile" | "signIn">): string {
  const ofProfile = profile === undefined || profile === "default" ? [] : ["--profile", profile];
  const words = {
    aws: ["aws", ...(signIn === "login" ? [] : ["sso"]), "login", ...ofProfile],
    google: ["gcloud", "auth", "application-default", "login"],
    azure: ["az", "login"],
  };
  return words[cloud].join(" ");
}

/** How whoever works in an environment logs in to a registry of a cloud that nobody is logged in to there. */
export function signInInsideText(host: string, registry: NativeRegistry): string {
  const command = logInCommand(registry, host);
  return t(
    "Log in to {0} inside with --deliver-native, or there with the cloud's own means (OIDC, for example): {1}",
    host,
    command,
  );
}

function accountText(cloud: Cloud, account: string | undefined): string | undefined {
  if (account === undefined) return undefined;
  switch (cloud) {
    case "aws":
      return t("account {0}", account);
    case "google":
      return t("project {0}", account);
    case "azure":
      return t("tenant {0}", account);
  }
}

function sourceText(source: IdentitySource, profile = ""): string {
  switch (source) {
    case "access-key":
      return t("access key of the secret");
    case "environment":
      return t("environment variables");
    case "profile":
      return t("profile {0}", profile);
    case "sso":
      return t("profile {0} via SSO", profile);
    case "assumed-role":
      return t("profile {0} with its role", profile);
    case "process":
      return t("profile {0} via its program", profile);
    case "web-identity":
      return t("web identity");
    case "container":
      return t("identity of the container");
    case "instance":
      return t("identity of the machine");
    case "user-login":
      return t("your own sign-in");
    case "key-file":
      return t("key file of a service account");
    case "impersonation":
      return t("impersonated service account");
    case "federation":
      return t("workload identity federation");
    case "managed-identity":
      return t("managed identity");
    case "developer-tool":
      return t("sign-in of the command line");
    case "other":
      return t("this machine's identity");
  }
}
