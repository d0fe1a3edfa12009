import type { Redacted } from "../redacted";
import { isRecord } from "../record";
import { identifyRegistry, supportsRunnerNative, type RegistryIdentity } from "../registry/catalog";
import { parseRegistryHost, type RegistryHost } from "../registry/host";
import { nearMissHost, type Likeness } from "../registry/nearMiss";
import { isFailure } from "../failure";
import { isJwt, jsonOf, textOfBase64 } from "./encoded";
import { expiryOf, isEcrToken } from "./expiry";
import { isAccessKeyId } from "./nativeLogins";
import { RUNNER_NATIVE } from "./secret";

/** What can be seen of a credential without any network. */
export type LintCode =
  // the host
  | "host-with-path"
  | "host-unlike-image"
  // either field
  | "white-space"
  | "quotes"
  | "placeholder"
  | "login-command"
  | "runner-native-once"
  | "runner-native-elsewhere"
  | "swapped-fields"
  // the username
  | "email-for-docker-id"
  | "ecr-username"
  | "ecr-access-key"
  | "ecr-temporary-key"
  | "acr-username"
  | "acr-null-username"
  | "gar-access-token-username"
  | "gar-key-username"
  // the password
  | "authorization-header"
  | "base64-of-login"
  | "fine-grained-token"
  | "no-token"
  | "token-of-other-registry"
  | "gitlab-token-scope"
  | "job-token"
  | "ecr-no-token"
  | "ecr-token"
  | "access-token"
  | "json-key-no-json"
  | "json-key-is-base64"
  | "json-key-not-base64"
  | "null-user-without-token"
  | "expired"
  | "expires";

/** One remark. `facts` are what its sentence may name; nothing secret is among them. */
export interface LintRemark {
  readonly code: LintCode;
  readonly field: "host" | "username" | "password";
  /** An error cannot work; a warning very likely does not; an info is worth knowing. */
  readonly severity: "error" | "warning" | "info";
  readonly facts: Readonly<Record<string, string | number>>;
}

/** What is known so far, while it is typed. */
export interface LintInput {
  readonly host: RegistryHost;
  readonly username?: string | undefined;
  readonly password?: Redacted | undefined;
  /** Registries of the workspace's images, as Docker spells them. */
  readonly images?: readonly string[];
  /** Milliseconds since the epoch; without it nothing is said of expiry. */
  readonly now?: number;
}

const NULL_USER = "00000000-0000-0000-0000-000000000000";
const GUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const SHORTEST_GUESS = 12;
const SOON = 24 * 3_600_000;

/** Prefixes by which tokens tell whose they are (each vendor's own documentation of its token formats). */
const TOKENS: readonly { readonly pattern: RegExp; readonly of: string; readonly kinds: readonly string[] }[] = [
  { pattern: /^(?:gh[pousr]_|github_pat_)\w{10,}$/, of: "GitHub", kinds: ["ghcr"] },
  { pattern: /^gl(?:pat|dt|cbt|oas|rt)-[\w.-]{10,}$/, of: "GitLab", kinds: ["gitlab", "other"] },
  { pattern: /^dckr_[a-z]{3}_[\w-]{10,}$/, of: "Docker Hub", kinds: ["docker-hub"] },
  { pattern: /^ya29\.[\w.-]{10,}$/, of: "Google", kinds: ["gar", "gcr"] },
];

/**
 * Remarks on a registry secret while it is typed: those on the host first, the worst of a field first. What is not given
 * yet is not remarked on. Pure, without network, never throws. Sources: research/peers.md, sections 3 and 5 (item 7).
 */
export function lintCredential(input: LintInput): LintRemark[] {
  const identity = identifyRegistry(input.host);
  const remarks = [...lintHost(input), ...lintUsername(input, identity), ...lintPassword(input, identity)];
  const field = ["host", "username", "password"];
  const severity = ["error", "warning", "info"];
  return remarks.sort(
    (a, b) =>
      field.indexOf(a.field) - field.indexOf(b.field) || severity.indexOf(a.severity) - severity.indexOf(b.severity),
  );
}

function remark(
  code: LintCode,
  field: LintRemark["field"],
  severity: LintRemark["severity"],
  facts: LintRemark["facts"] = {},
): LintRemark {
  return { code, field, severity, facts };
}

function lintHost({ host, images = [] }: LintInput): LintRemark[] {
  const remarks: LintRemark[] = [];
  const path = host.notes.find(({ code }) => code === "path")?.text ?? "/";
  if (path !== "/") remarks.push(remark("host-with-path", "host", "info", { host: host.key, path }));
  if (!images.some((image) => keyOf(image) === host.key)) {
    const near = nearMissHost(host.key, images);
    if (near)
      remarks.push(remark("host-unlike-image", "host", "warning", differing(host.key, near.host, near.likeness)));
  }
  return remarks;
}

function differing(host: string, image: string, likeness: Likeness): LintRemark["facts"] {
  return { host, image, likeness };
}

function lintUsername({ username, password }: LintInput, identity: RegistryIdentity): LintRemark[] {
  if (username === undefined || username === "") return [];
  const found = common(username, "username");
  const name = username.trim();
  const value = password?.reveal().trim() ?? "";
  const { kind } = identity;
  if (TOKENS.some(({ pattern }) => pattern.test(name)) || isJwt(name))
    found.push(remark("swapped-fields", "username", "warning"));
  if (name === RUNNER_NATIVE) {
    if (!supportsRunnerNative(kind)) found.push(remark("runner-native-elsewhere", "username", "error"));
    else if (value !== "" && value !== RUNNER_NATIVE) found.push(remark("runner-native-once", "username", "error"));
    return found;
  }
  if (kind === "docker-hub" && name.includes("@")) found.push(remark("email-for-docker-id", "username", "warning"));
  if (kind === "ecr" && isAccessKeyId(name)) found.push(remark("ecr-access-key", "username", "info"));
  else if (kind === "ecr" && /^ASIA[A-Z0-9]{12,}$/.test(name))
    found.push(remark("ecr-temporary-key", "username", "warning"));
  else if (kind === "ecr" && name !== "AWS") found.push(remark("ecr-username", "username", "warning"));
  if (kind === "gar" || kind === "gcr") {
    if (value.startsWith("ya29.") && name !== "oauth2accesstoken") {
      found.push(remark("gar-access-token-username", "username", "warning"));
    }
    if (isKeyFile(value) && name !== "_json_key") found.push(remark("gar-key-username", "username", "warning"));
  }
  if (kind === "acr") {
    if (isJwt(value) && name !== NULL_USER) found.push(remark("acr-null-username", "username", "warning"));
    // the secret of a service principal, by its form
    else if (!GUID.test(name) && (name.includes("@") || /^[\w.~-]{3}\dQ~[\w.~-]{31,34}$/.test(value))) {
      found.push(remark("acr-username", "username", "warning"));
    }
  }
  return found;
}

function lintPassword(input: LintInput, identity: RegistryIdentity): LintRemark[] {
  const { host, password, now } = input;
  const raw = password?.reveal() ?? "";
  if (password === undefined || raw === "") return [];
  const found = common(raw, "password");
  const value = raw.trim();
  const name = input.username?.trim();
  const { kind } = identity;

  if (value === RUNNER_NATIVE) {
    if (name !== undefined && name !== "" && name !== RUNNER_NATIVE) {
      found.push(remark("runner-native-once", "password", "error"));
    }
    return found;
  }
  if (/^(?:basic|bearer)\s+\S/i.test(value)) found.push(remark("authorization-header", "password", "warning"));
  if (isBase64OfLogin(value, name)) found.push(remark("base64-of-login", "password", "warning"));
  const owner = TOKENS.find(({ pattern }) => pattern.test(value));
  if (owner && !owner.kinds.includes(kind) && kind !== "other") {
    found.push(remark("token-of-other-registry", "password", "warning", { owner: owner.of, host: host.key }));
  }
  if (name === "gitlab-ci-token" || value.startsWith("glcbt-")) found.push(remark("job-token", "password", "warning"));

  switch (kind) {
    case "ghcr":
      if (value.startsWith("github_pat_")) found.push(remark("fine-grained-token", "password", "warning"));
      // the form before 2021 is 40 hexadecimal digits
      else if (!owner && !/^[0-9a-f]{40}$/.test(value) && !isJwt(value))
        found.push(remark("no-token", "password", "warning"));
      break;
    case "gitlab":
      if (value.startsWith("glpat-")) found.push(remark("gitlab-token-scope", "password", "info"));
      break;
    case "ecr":
      if (isEcrToken(value)) found.push(remark("ecr-token", "password", "warning"));
      else if (name === "AWS") found.push(remark("ecr-no-token", "password", "warning"));
      break;
    case "gar":
    case "gcr":
      found.push(...lintGoogle(value, name));
      break;
    case "acr":
      if (name === NULL_USER && !isJwt(value)) found.push(remark("null-user-without-token", "password", "warning"));
      else if (isJwt(value)) found.push(remark("access-token", "password", "warning", { hours: 3 }));
      break;
    case "docker-hub":
    case "ecr-public":
    case "other":
  }

  const expiry = now === undefined ? undefined : expiryOf({ kind: "password", username: name ?? "", password });
  if (expiry && now !== undefined) {
    if (expiry.at <= now) found.push(remark("expired", "password", "warning", { at: expiry.at }));
    else found.push(remark("expires", "password", expiry.at - now < SOON ? "warning" : "info", { at: expiry.at }));
  }
  return found;
}

function lintGoogle(value: string, name: string | undefined): LintRemark[] {
  if (name === "oauth2accesstoken" || value.startsWith("ya29.")) {
    return [remark("access-token", "password", "warning", { hours: 1 })];
  }
  if (name === "_json_key" && !isKeyFile(value)) {
    const code = isKeyFile(textOfBase64(value.replace(/\s+/g, "")) ?? "") ? "json-key-is-base64" : "json-key-no-json";
    return [remark(code, "password", "warning")];
  }
  if (name === "_json_key_base64" && !isKeyFile(textOfBase64(value.replace(/\s+/g, "")) ?? "")) {
    return [remark("json-key-not-base64", "password", "warning")];
  }
  return [];
}

/** What goes wrong in both fields: pasting. */
function common(raw: string, field: "username" | "password"): LintRemark[] {
  const found: LintRemark[] = [];
  const value = raw.trim();
  if (value !== raw) found.push(remark("white-space", field, "info"));
  if (
    /\b(?:docker|podman|nerdctl|buildah|skopeo|crane|helm|oras)\s+(?:registry\s+|auth\s+)?login(?:\s|$)/.test(value)
  ) {
    found.push(remark("login-command", field, "error"));
  } else if (/^(["'`]).+\1$/s.test(value)) found.push(remark("quotes", field, "warning"));
  else if (isPlaceholder(value)) found.push(remark("placeholder", field, "warning"));
  return found;
}

function isPlaceholder(value: string): boolean {
  return (
    /^<[^<>]*>$|^\$\{?[A-Z_][A-Z0-9_]*\}?$|^\$\{\{.*\}\}$|^\{\{.*\}\}$|^%[A-Z_]+%$/i.test(value) ||
    /^(?:change[-_]?me|your[-_ ](?:[a-z]+[-_ ])*(?:user(?:name)?|password|token|pat|secret|key)|\[redacted\]|redacted|[x*.•…]{3,}|todo|tbd|replace[-_]?me)$/i.test(
      value,
    )
  );
}

function isBase64OfLogin(value: string, name: string | undefined): boolean {
  if (value.length < SHORTEST_GUESS) return false;
  const text = textOfBase64(value);
  const colon = text?.indexOf(":") ?? -1;
  if (text === undefined || colon < 1 || colon === text.length - 1 || !/^[\x20-\x7e]+$/.test(text)) return false;
  const user = text.slice(0, colon);
  return user === name || (/^[\w.+@-]{2,}$/.test(user) && user !== "AWS");
}

/** A key file of a Google service account, or at least a JSON object. */
function isKeyFile(text: string): boolean {
  return isRecord(jsonOf(text));
}

function keyOf(registry: string): string | undefined {
  try {
    return parseRegistryHost(registry).key;
  } catch (error) {
    if (isFailure(error)) return undefined;
    throw error;
  }
}
