import { parse, printParseErrorCode, type ParseError } from "jsonc-parser";
import * as z from "zod/mini";
import { Failure, isFailure, type FailureFacts } from "../../domain/failure";
import { Redacted } from "../../domain/redacted";
import { DOCKER_HUB_KEY, type RegistryHost } from "../../domain/registry/host";

/**
 * What Docker sends for a registry. With an identity token, that is used and the password is not; else a registry
 * token, if there is one, goes out as it is.
 */
export interface DockerCredential {
  readonly username?: string;
  readonly password?: Redacted;
  readonly identityToken?: Redacted;
  readonly registryToken?: Redacted;
  /** Where it was found: the helper's name, or the key in `auths`, or the variable `DOCKER_AUTH_CONFIG`. */
  readonly source: { readonly helper: string } | { readonly authsKey: string } | { readonly environmentKey: string };
}

/**
 * Runs `docker-credential-NAME ACTION` with `serverUrl` on stdin. Throws `Failure("helper-missing")` if there is no such
 * program, and what else went wrong in running it.
 */
export type RunHelper = (
  name: string,
  action: "get" | "list",
  serverUrl: string,
) => Promise<{ readonly stdout: string; readonly exitCode: number }>;

/** What of Docker's config decides which credential is used. */
export interface DockerConfig {
  readonly auths: ReadonlyMap<string, AuthEntry>;
  readonly credHelpers: ReadonlyMap<string, string>;
  /** "" if there is none. */
  readonly credsStore: string;
}

/** An entry of `auths`, with `auth` taken apart. Empty strings are what Docker has for absent. */
export interface AuthEntry {
  readonly username: string;
  readonly password: Redacted;
  readonly identityToken: Redacted;
  readonly registryToken: Redacted;
}

const LONGEST_CONFIG = 1_048_576;
const LONGEST_ANSWER = 1_048_576;
const NOT_FOUND = "credentials not found in native keychain";
const TOKEN_USERNAME = "<token>";

/** Real complaints of real helpers (research/peers.md, section 3, rows 48 and 54 to 58). */
const COMPLAINTS: readonly { readonly pattern: RegExp; readonly meaning: string; readonly signedOut?: boolean }[] = [
  { pattern: /do not currently have an active account|gcloud auth login/i, meaning: "not signed in", signedOut: true },
  {
    pattern: /NoCredentialProviders|no EC2 IMDS role|expired.*token|ExpiredToken/i,
    meaning: "no valid AWS identity",
    signedOut: true,
  },
  { pattern: /az login|AADSTS\d+/i, meaning: "not signed in to Azure", signedOut: true },
  { pattern: /autolaunch D-Bus|org\.freedesktop\.secrets/i, meaning: "there is no desktop session with a keyring" },
  { pattern: /pass not initialized|password store is empty/i, meaning: "the password store is not initialized" },
  { pattern: /decryption failed|No secret key|gpg: /i, meaning: "GnuPG cannot decrypt the entry" },
  { pattern: /keychain.*(?:locked|cannot be accessed|user interaction)/i, meaning: "the keychain is locked" },
  { pattern: /no usernames for|no credentials server URL/i, meaning: "the entry is damaged" },
];

/**
 * The credential that Docker itself would use for `host`, or undefined if none.
 *
 * In Docker's order: `DOCKER_AUTH_CONFIG` (if given), then `credHelpers[host]`, else `credsStore`, else `auths`. A store
 * that does not know the host ends the search: `auths` behind it are ignored. Rules: docker/cli
 * cli/config/configfile/file.go and cli/config/credentials, docker-credential-helpers client/client.go.
 *
 * @param config the text of config.json (an empty one is a config without entries), or what was read from it
 * @param host Docker's key for the registry. A text is looked up as it is (`docker.io` and `index.docker.io` mean Docker
 * Hub), so for the question what Docker would send for an image, give the registry of its reference: Docker asks for
 * `ghcr.io:443` and `registry-1.docker.io` by exactly these names
 * @throws Failure("invalid-docker-config") where Docker refuses the file; Failure("helper-failed") where a helper fails
 * or answers something else, and what `runHelper` throws: a chain of credentials stops at broken. (`docker pull` goes on
 * without a word, with the entry in `auths` if there is one; BuildKit and Compose stop.)
 */
export async function resolveDockerCredential(
  config: string | DockerConfig,
  host: string | RegistryHost,
  runHelper: RunHelper,
  dockerAuthConfig?: string,
): Promise<DockerCredential | undefined> {
  const { auths, ...helpers } = typeof config === "string" ? parseDockerConfig(config) : config;
  const key = dockerKey(host);
  const given = fromEnvironment(dockerAuthConfig, key);
  if (given !== undefined) return given;

  const entry = findEntry(auths, key);
  const helper = helperFor(helpers, key);
  if (helper !== undefined) return askHelper(helper, key, entry?.auth, runHelper);
  return entry === undefined ? undefined : toCredential(entry.auth, { authsKey: entry.key });
}

/** The name of the helper that Docker asks for `host` (a Docker key), or undefined if it reads `auths`. */
export function helperFor(config: Omit<DockerConfig, "auths">, host: string): string | undefined {
  const helper = config.credHelpers.get(host) ?? config.credsStore;
  return helper === "" ? undefined : helper;
}

/**
 * Reads the text of Docker's config.json as docker/cli does: the first JSON value counts, names of fields match in any
 * case, an `auth` that is not base64 of `user:password` spoils the whole file. Throws `Failure("invalid-docker-config")`.
 */
export function parseDockerConfig(configText: string): DockerConfig {
  const value = firstJsonValue(configText);
  if (value === undefined || value === null) return { auths: new Map(), credHelpers: new Map(), credsStore: "" };
  const parsed = ConfigSchema.safeParse(foldNames(value, ["auths", "credHelpers", "credsStore"]));
  if (!parsed.success) throw invalid(describe(parsed.error));
  const { auths, credHelpers, credsStore } = parsed.data;
  return {
    auths: new Map(Object.entries(auths ?? {}).map(([key, entry]) => [key, toEntry(entry ?? {}, key)])),
    credHelpers: new Map(Object.entries(credHelpers ?? {}).map(([key, name]) => [key, name ?? ""])),
    credsStore: credsStore ?? "",
  };
}

/**
 * The entries of `DOCKER_AUTH_CONFIG`: stricter than the file (only `auth`, nothing behind the object).
 * Throws `Failure("invalid-docker-config")`; Docker then prints a warning and goes on without it.
 */
export function parseDockerAuthConfig(text: string): ReadonlyMap<string, AuthEntry> {
  const json = text.trim();
  if (json === "") return new Map();
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    throw invalid("DOCKER_AUTH_CONFIG is not a single JSON object");
  }
  const parsed = EnvironmentSchema.safeParse(value);
  if (!parsed.success) throw invalid(`DOCKER_AUTH_CONFIG: ${describe(parsed.error)}`);
  return new Map(
    Object.entries(parsed.data.auths ?? {}).map(([key, { auth }]) => {
      if (auth === "") throw invalid(`DOCKER_AUTH_CONFIG has no "auth" for "${key}"`);
      return [key, toEntry({ auth }, key)];
    }),
  );
}

/** The host that a key of `auths` stands for: without http:// or https://, up to the first slash (docker/cli `ConvertToHostname`). */
export function hostnameOfKey(key: string): string {
  return key.replace(/^https?:\/\//, "").replace(/\/.*$/s, "");
}

const optional = <T extends z.ZodMiniType>(type: T) => z.optional(z.nullable(type));

const AuthSchema = z.pipe(
  z.transform((value: unknown) => foldNames(value, ["username", "password", "auth", "identitytoken", "registrytoken"])),
  z.looseObject({
    username: optional(z.string()),
    password: optional(z.string()),
    auth: optional(z.string()),
    identitytoken: optional(z.string()),
    registrytoken: optional(z.string()),
  }),
);
type Auth = z.infer<typeof AuthSchema>;

const ConfigSchema = z.looseObject({
  auths: optional(z.record(z.string(), z.nullable(AuthSchema))),
  credHelpers: optional(z.record(z.string(), z.nullable(z.string()))),
  credsStore: optional(z.string()),
});

const EnvironmentSchema = z.strictObject({
  auths: z.optional(z.record(z.string(), z.strictObject({ auth: z._default(z.string(), "") }))),
});

const AnswerSchema = z.looseObject({ Username: optional(z.string()), Secret: optional(z.string()) });

/** What Docker looks a registry up by: the host as the reference has it, or the long key of Docker Hub. */
export function dockerKey(host: string | RegistryHost): string {
  if (typeof host !== "string") return host.key;
  return host === "docker.io" || host === "index.docker.io" ? DOCKER_HUB_KEY : host;
}

function fromEnvironment(dockerAuthConfig: string | undefined, key: string): DockerCredential | undefined {
  if (dockerAuthConfig === undefined || dockerAuthConfig === "") return undefined;
  try {
    const entry = findEntry(parseDockerAuthConfig(dockerAuthConfig), key);
    return entry === undefined ? undefined : toCredential(entry.auth, { environmentKey: entry.key });
  } catch (error) {
    // As Docker does: a variable that cannot be read counts as not set.
    if (isFailure(error, "invalid-docker-config")) return undefined;
    throw error;
  }
}

/** The entry whose key is `host`, else the first one whose key stands for that host. */
function findEntry(auths: ReadonlyMap<string, AuthEntry>, host: string): { key: string; auth: AuthEntry } | undefined {
  const exact = auths.get(host);
  if (exact !== undefined) return { key: host, auth: exact };
  for (const [key, auth] of auths) if (hostnameOfKey(key) === host) return { key, auth };
  return undefined;
}

async function askHelper(
  helper: string,
  host: string,
  stored: AuthEntry | undefined,
  runHelper: RunHelper,
): Promise<DockerCredential | undefined> {
  const { stdout, exitCode } = await runHelper(helper, "get", host);
  const failed = (what: string, facts: FailureFacts = {}): Failure =>
    new Failure("helper-failed", `docker-credential-${helper} ${what} when asked for ${host}.`, {
      helper,
      host,
      ...facts,
    });
  if (stdout.length >= LONGEST_ANSWER) throw failed("answered 1 MB or more"); // no more is kept of it
  const source = { helper };
  // Docker takes everything from the store but this.
  const registryToken = stored?.registryToken ?? EMPTY;
  if (exitCode !== 0) {
    // The output may hold anything, so it is not repeated: only what is recognised is said.
    if (stdout.trim() !== NOT_FOUND) {
      const complaint = COMPLAINTS.find(({ pattern }) => pattern.test(stdout));
      throw failed(`ended with exit code ${String(exitCode)}${complaint ? ` (${complaint.meaning})` : ""}`, {
        signedOut: complaint?.signedOut,
      });
    }
    return toCredential({ ...NO_AUTH, registryToken }, source);
  }
  const answer = AnswerSchema.safeParse(jsonOrUndefined(stdout));
  if (!answer.success) throw failed("answered something that is no credential");
  const username = answer.data.Username ?? "";
  const secret = new Redacted(answer.data.Secret ?? "");
  return username === TOKEN_USERNAME
    ? toCredential({ ...NO_AUTH, identityToken: secret, registryToken }, source)
    : toCredential({ ...NO_AUTH, username, password: secret, registryToken }, source);
}

const EMPTY = new Redacted("");
const NO_AUTH: AuthEntry = { username: "", password: EMPTY, identityToken: EMPTY, registryToken: EMPTY };

function toCredential(auth: AuthEntry, source: DockerCredential["source"]): DockerCredential | undefined {
  const { username, password, identityToken, registryToken } = auth;
  if (username === "" && password.isEmpty && identityToken.isEmpty && registryToken.isEmpty) return undefined;
  return {
    ...(username === "" && password.isEmpty ? {} : { username, password }),
    ...(identityToken.isEmpty ? {} : { identityToken }),
    ...(registryToken.isEmpty ? {} : { registryToken }),
    source,
  };
}

function toEntry(entry: Auth, key: string): AuthEntry {
  const given = { username: entry.username ?? "", password: new Redacted(entry.password ?? "") };
  const { username, password } = decodeAuth(entry.auth ?? "", key) ?? given;
  const identityToken = new Redacted(entry.identitytoken ?? "");
  return { username, password, identityToken, registryToken: new Redacted(entry.registrytoken ?? "") };
}

/** `auth`: standard base64 with padding (line breaks allowed, as in Go) of `user:password`, NULs around the password dropped. */
function decodeAuth(auth: string, key: string): { username: string; password: Redacted } | undefined {
  if (auth === "") return undefined;
  const base64 = auth.replace(/[\r\n]/g, "");
  if (base64.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(base64)) {
    throw invalid(`"auth" of "${key}" is not base64`);
  }
  const decoded = Buffer.from(base64, "base64").toString("utf8");
  const colon = decoded.indexOf(":");
  if (colon < 1) throw invalid(`"auth" of "${key}" is not base64 of user:password`);
  return {
    username: decoded.slice(0, colon),
    password: new Redacted(decoded.slice(colon + 1).replace(/^\0+|\0+$/g, "")),
  };
}

/** Go's decoder takes the first value of a file and looks at nothing behind it. Undefined for an empty text. */
function firstJsonValue(text: string): unknown {
  if (text.length > LONGEST_CONFIG) throw invalid("Docker's config is larger than 1 MB");
  if (text.trim() === "") return undefined;
  const value = jsonOrUndefined(text) ?? jsonOrUndefined(text.slice(0, endOfObject(text)));
  if (value === undefined) throw invalid(`Docker's config is not valid JSON${mistakeIn(text)}`);
  return value;
}

/** Where the first mistake is and, if it is a frequent one, which; never what stands there. */
function mistakeIn(text: string): string {
  if (text.startsWith("\uFEFF")) return ": it starts with a byte order mark";
  if (text.includes("\0")) return ": it is not UTF-8";
  const errors: ParseError[] = [];
  parse(text, errors, { disallowComments: true });
  const [first] = errors;
  if (!first) return "";
  const line = text.slice(0, first.offset).split("\n").length;
  const comment = printParseErrorCode(first.error) === "InvalidCommentToken" ? ", a comment" : "";
  return ` (line ${String(line)}${comment})`;
}

function endOfObject(text: string): number {
  let depth = 0;
  for (const match of text.matchAll(/"(?:[^"\\]|\\[^])*"?|[{}]/g)) {
    if (match[0] === "{") depth++;
    else if (match[0] === "}" && --depth <= 0) return match.index + 1;
  }
  return 0;
}

function jsonOrUndefined(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/** Go matches the names of fields in any case; of several, the last counts. */
function foldNames(value: unknown, names: readonly string[]): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, field]) => [
      names.find((name) => name.toLowerCase() === key.toLowerCase()) ?? key,
      field as unknown,
    ]),
  );
}

/** Where the first mistake is; never what stands there. */
function describe(error: z.core.$ZodError): string {
  const issue = error.issues[0];
  const place = issue?.path.map(String).join(".") ?? "";
  return `${place === "" ? "Docker's config" : `"${place}" in Docker's config`} is not what Docker expects (${issue?.code ?? "unknown"})`;
}

function invalid(what: string): Failure {
  return new Failure("invalid-docker-config", `${what}.`);
}
