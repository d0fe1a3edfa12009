import type { Finding, Remedy } from "../domain/diagnosis/finding";
import { isFailure } from "../domain/failure";
import { formatReference, parseImageReference } from "../domain/image/reference";
import { identifyRegistry, REGISTRY_PRESETS } from "../domain/registry/catalog";
import { parseRegistryHost, type RegistryHost } from "../domain/registry/host";
import type { Scope } from "../domain/secret/secret";
import { logOutKey } from "./findingText";

/** Something that a person can have done with one click. Plain data: what it does is decided where it is run. */
export type Fix = FixAction & {
  /** In a list of quick fixes. */
  readonly title: string;
  /** On a button. */
  readonly button: string;
};

export type FixAction =
  | { readonly kind: "add-secret"; readonly host: RegistryHost }
  | { readonly kind: "edit-secret"; readonly name: string; readonly scope: Scope }
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
  | { readonly kind: "open-page"; readonly url: string }
  | { readonly kind: "recreate" };

export interface FixOptions {
  /** The reference as it stands in the file; without it nothing is offered that writes there. */
  readonly written?: string | undefined;
  /** The secret that counts for the registry, where the finding does not tell which credential was sent. */
  readonly secret?: { readonly name: string; readonly scope: Scope } | undefined;
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
    fixes.push({ kind: "recreate", title: "Create the environment again", button: "Create Environment" });
  }
  return fixes;
}

function fixesFor(remedy: Remedy, finding: Finding, { written, secret }: FixOptions): Fix[] {
  const { credential } = finding;
  const host = hostOf(finding.registry);
  switch (remedy) {
    case "add-secret":
      return host
        ? [{ kind: "add-secret", host, title: `Add a registry secret for ${host.display}…`, button: "New Secret" }]
        : [];
    case "edit-secret": {
      const known = credential.kind === "unsaid" ? secret : credential.kind === "secret" ? credential : undefined;
      if (!known) return [];
      const { name, scope } = known;
      return [{ kind: "edit-secret", name, scope, title: `Edit the ${scope} secret ${name}…`, button: `Edit ${name}` }];
    }
    case "log-out":
      return host && credential.kind !== "secret" && credential.kind !== "runner-native"
        ? [
            {
              kind: "log-out",
              host,
              key: logOutKey(finding),
              title: `Forget Docker's login for ${host.display}…`,
              button: "Log Out…",
            },
          ]
        : [];
    case "fix-tag":
      return (finding.tags ?? []).flatMap((tag) => {
        const text = withTag(written, tag);
        return text === undefined
          ? []
          : [{ kind: "replace", text, title: `Use the tag "${tag}"`, button: `Use ${tag}` }];
      });
    case "use-existing-host":
    case "fix-host": {
      const text = withHost(written, finding);
      const similar = hostOf(finding.similarHost ?? "")?.display ?? "";
      return text === undefined
        ? []
        : [{ kind: "replace", text, title: `Write it with ${similar}`, button: `Use ${similar}` }];
    }
    case "fix-reference": {
      const text = corrected(written);
      return text === undefined ? [] : [{ kind: "replace", text, title: `Write it as ${text}`, button: "Correct It" }];
    }
    case "set-variable":
      return setDefault(written);
    case "agree-to-realm": {
      const { realm } = finding;
      if (!host || realm === undefined || !URL.canParse(realm)) return [];
      const realmHost = new URL(realm).host;
      const title = `Agree to the token server ${realmHost}…`;
      return [{ kind: "agree-to-realm", host, realmHost, title, button: "Agree…" }];
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

function tokenPage({ code, registry }: Finding): Fix | undefined {
  if (!NEEDS_TOKEN.has(code) || registry === "") return undefined;
  const { kind } = identifyRegistry(registry);
  const preset = REGISTRY_PRESETS.find((known) => known.kind === kind);
  if (preset?.tokenPage === undefined) return undefined;
  const { label, tokenPage: url } = preset;
  return { kind: "open-page", url, title: `Make a token at ${label}`, button: "Make a Token" };
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
      title: `Give ${name} a default…`,
      button: "Give a Default…",
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
