import { imageName, type Finding, type Remedy } from "../domain/diagnosis/finding";
import { isFailure } from "../domain/failure";
import { formatReference, parseImageReference } from "../domain/image/reference";
import { identifyRegistry, nativeRegistry, REGISTRY_PRESETS } from "../domain/registry/catalog";
import { parseRegistryHost, type RegistryHost } from "../domain/registry/host";
import type { Scope } from "../domain/secret/secret";
import { logOutKey } from "./remedyText";
import { scopeText } from "./scopeText";
import { t } from "./words";

/** Something that a person can have done with one click. Plain data: what it does is decided where it is run. */
export type Fix = FixAction & {
  /** In a list of quick fixes. */
  readonly title: string;
  /** On a button. */
  readonly button: string;
};

/** A secret by what is unique of it: each project may have one of that name. */
interface NamedSecret {
  readonly name: string;
  readonly scope: Scope;
  readonly project?: string;
}

export type FixAction =
  | { readonly kind: "add-secret"; readonly host: RegistryHost }
  | ({ readonly kind: "edit-secret" } & NamedSecret)
  /** Takes the login out of Docker's own config; `key` is what `docker logout` must be given. */
  | { readonly kind: "log-out"; readonly host: RegistryHost; readonly key: string }
  /** Writes the reference anew. */
  | { readonly kind: "replace"; readonly text: string }
  /** Asks for a default and puts it between `before` and `after`, instead of `variable` in the reference. */
  | {
      readonly kind: "set-default";
      readonly name: string;
      readonly variable: string;
      readonly before: string;
      readonly after: string;
    }
  | { readonly kind: "agree-to-realm"; readonly host: RegistryHost; readonly realmHost: string }
  /** Shows what lets an identity pull the image. */
  | { readonly kind: "show-policy"; readonly image: string }
  | { readonly kind: "open-page"; readonly url: string }
  | { readonly kind: "trust-workspace" }
  | { readonly kind: "recreate" };

export interface FixOptions {
  /** The reference as it stands in the file; without it nothing is offered that writes there. */
  readonly written?: string | undefined;
  /** The secret that counts for the registry, where the finding does not tell which credential was sent. */
  readonly secret?: NamedSecret | undefined;
  /** True if the last creation of this environment failed, so that another one may help once the image can be pulled. */
  readonly creationFailed?: boolean | undefined;
}

/**
 * What can be done about a finding with a click, best first: the remedies that have an action, then the page where the
 * provider makes tokens. Nothing is offered that does not help: logging Docker out changes nothing about a secret.
 */
export function fixesOf(finding: Finding, options: FixOptions = {}): Fix[] {
  const fixes = finding.remedies.flatMap((remedy) => fixesFor(remedy, finding, options));
  const page = tokenPage(finding);
  if (page) fixes.push(page);
  if (finding.code === "fine" && options.creationFailed === true) {
    fixes.push({ kind: "recreate", title: t("Create the environment again"), button: t("Create Environment") });
  }
  return fixes;
}

function fixesFor(remedy: Remedy, finding: Finding, { written, secret }: FixOptions): Fix[] {
  const { credential } = finding;
  const host = hostOf(finding.registry);
  switch (remedy) {
    case "add-secret":
      return host
        ? [
            {
              kind: "add-secret",
              host,
              title: t("Add a registry secret for {0}…", host.display),
              button: t("New Secret"),
            },
          ]
        : [];
    case "edit-secret": {
      const known = credential.kind === "unsaid" ? secret : credential.kind === "secret" ? credential : undefined;
      if (!known) return [];
      const { name, scope, project } = known;
      return [
        {
          kind: "edit-secret",
          name,
          scope,
          ...(project === undefined ? {} : { project }),
          title: t("Edit the {0} secret {1}…", scopeText(scope), name),
          button: t("Edit {0}", name),
        },
      ];
    }
    case "log-out":
      return host && credential.kind !== "secret" && credential.kind !== "runner-native"
        ? [
            {
              kind: "log-out",
              host,
              key: logOutKey(finding),
              title: t("Forget Docker's login for {0}…", host.display),
              button: t("Log Out…"),
            },
          ]
        : [];
    case "add-iam-policy":
    case "add-repository-policy":
    case "grant-access":
      return host && nativeRegistry(host)
        ? [
            {
              kind: "show-policy",
              image: imageName(finding),
              title: t("Show what lets an identity pull from {0}…", host.display),
              button: t("Show Policy"),
            },
          ]
        : [];
    case "trust-workspace":
      return [{ kind: "trust-workspace", title: t("Manage Workspace Trust"), button: t("Manage Workspace Trust") }];
    case "fix-tag":
      return (finding.tags ?? []).flatMap((tag) => {
        const text = withTag(written, tag);
        return text === undefined
          ? []
          : [{ kind: "replace", text, title: t('Use the tag "{0}"', tag), button: t("Use {0}", tag) }];
      });
    case "use-existing-host":
    case "fix-host": {
      const text = withHost(written, finding);
      const similar = hostOf(finding.similarHost ?? "")?.display ?? "";
      return text === undefined
        ? []
        : [{ kind: "replace", text, title: t("Write it with {0}", similar), button: t("Use {0}", similar) }];
    }
    case "fix-reference": {
      const text = corrected(written);
      return text === undefined
        ? []
        : [{ kind: "replace", text, title: t("Write it as {0}", text), button: t("Correct It") }];
    }
    case "set-variable":
      return setDefault(written);
    case "agree-to-realm": {
      const { realm } = finding;
      if (!host || realm === undefined || !URL.canParse(realm)) return [];
      const realmHost = new URL(realm).host;
      const title = t("Agree to the token server {0}…", realmHost);
      return [{ kind: "agree-to-realm", host, realmHost, title, button: t("Agree…") }];
    }
    default:
      return []; // a person must do these elsewhere
  }
}

const NEEDS_TOKEN: ReadonlySet<Finding["code"]> = new Set([
  "no-credential",
  "wrong-credential",
  "expired-credential",
  "token-kind-not-accepted",
  "sso-not-authorized",
]);

function tokenPage({ code, registry, reason }: Finding): Fix | undefined {
  if (!NEEDS_TOKEN.has(code) || registry === "" || reason === "untrusted") return undefined;
  const { kind } = identifyRegistry(registry);
  const preset = REGISTRY_PRESETS.find((known) => known.kind === kind);
  if (preset?.tokenPage === undefined) return undefined;
  const { label, tokenPage: url } = preset;
  return { kind: "open-page", url, title: t("Make a token at {0}", label), button: t("Make a Token") };
}

function hostOf(registry: string): RegistryHost | undefined {
  if (registry === "") return undefined;
  try {
    return parseRegistryHost(registry);
  } catch (error) {
    if (isFailure(error)) return undefined;
    throw error;
  }
}

/** The reference with another tag; undefined where it has variables or a digest, which a tag would not change. */
function withTag(written: string | undefined, tag: string): string | undefined {
  if (written === undefined || !isReference(written) || written.includes("@")) return undefined;
  // a registry that says its tag is "0/a" would turn "debian" into an image of the host "debian:0"
  if (!/^\w[\w.-]{0,127}$/.test(tag)) return undefined;
  const colon = written.indexOf(":", written.lastIndexOf("/") + 1);
  const text = `${colon < 0 ? written : written.slice(0, colon)}:${tag}`;
  return isReference(text) ? text : undefined;
}

function withHost(written: string | undefined, { similarHost, registry }: Finding): string | undefined {
  const host = similarHost === undefined ? undefined : hostOf(similarHost);
  if (written === undefined || !host || !isReference(written) || !written.startsWith(`${registry}/`)) return undefined;
  const text = `${host.display}${written.slice(registry.length)}`;
  return isReference(text) ? text : undefined;
}

/** The nearest text that is a reference: without the scheme of a URL, spaces around it and upper case in its path. */
function corrected(written: string | undefined): string | undefined {
  if (written === undefined || written.includes("$")) return undefined;
  const bare = written.trim().replace(/^[a-z]+:\/\//i, "");
  const colon = bare.indexOf(":", bare.lastIndexOf("/") + 1);
  const name = colon < 0 ? bare : bare.slice(0, colon);
  const text = name.toLowerCase() + bare.slice(name.length);
  return text !== written && isReference(text) ? text : undefined;
}

/** For the first variable without a default, in the syntax that the file has (devcontainer.json; Compose, Dockerfile). */
function setDefault(written: string | undefined): Fix[] {
  const [variable, local, braced, bare] = /\$\{((?:localEnv|env):\w+)\}|\$\{(\w+)\}|\$(\w+)/.exec(written ?? "") ?? [];
  if (variable === undefined) return [];
  const name = local === undefined ? (braced ?? bare ?? "") : local.replace(/^\w+:/, "");
  const before = local === undefined ? `\${${name}:-` : `\${${local}:`;
  return [
    {
      kind: "set-default",
      name,
      variable,
      before,
      after: "}",
      title: t("Give {0} a default…", name),
      button: t("Give a Default…"),
    },
  ];
}

function isReference(text: string): boolean {
  try {
    return formatReference(parseImageReference(text)) !== "";
  } catch (error) {
    if (isFailure(error)) return false;
    throw error;
  }
}
