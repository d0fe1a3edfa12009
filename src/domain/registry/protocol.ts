import { isRecord } from "../record";
import { Failure } from "../failure";
import { isLoopback } from "./host";

/** One way in which a server offers to authenticate (RFC 9110, section 11.3). */
export interface Challenge {
  /** Lower case: `basic`, `bearer`. */
  readonly scheme: string;
  /** Names in lower case; of a name given twice the last value, as in the majority of registry clients. */
  readonly parameters: Readonly<Record<string, string>>;
}

const LONGEST_HEADERS = 65_536;
const LONGEST_BODY = 1_048_576;

/**
 * The challenges in the `WWW-Authenticate` fields of one response, in order; one field may hold several.
 * The grammar is that of RFC 9110 (sections 5.6 and 11.3), read as leniently as most registry clients do: unquoted
 * values may hold any character, what cannot be read is left out, and what was read before it stays.
 * Throws `Failure("invalid-challenge")` only for more than 64 kB.
 */
export function parseChallenges(headerValues: readonly string[]): Challenge[] {
  if (headerValues.reduce((sum, value) => sum + value.length, 0) > LONGEST_HEADERS) {
    throw new Failure("invalid-challenge", "The registry's WWW-Authenticate header is larger than 64 kB.");
  }
  return headerValues.flatMap(parseField);
}

const TOKEN = /[!#$%&'*+.^_`|~0-9A-Za-z-]+/y;
const TOKEN68 = /[A-Za-z0-9._~+/-]+=*[ \t]*(?=,|$)/y;
const EQUALS = /[ \t]*=[ \t]*/y;
const QUOTED = /"(?:[^"\\]|\\[^])*"/y;
const UNQUOTED = /[^\s,"][^\s,]*/y;
const SPACES = /[ \t]*/y;
const TO_COMMA = /[^,"]*(?:"(?:[^"\\]|\\[^])*"?[^,"]*)*/y;

function parseField(field: string): Challenge[] {
  const challenges: { scheme: string; parameters: Record<string, string> }[] = [];
  let parameters: Record<string, string> | undefined;
  let at = 0;
  const take = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = at;
    const found = pattern.exec(field)?.[0];
    if (found !== undefined) at += found.length;
    return found;
  };

  while (at < field.length) {
    take(SPACES);
    if (field[at] === ",") {
      at++;
      continue;
    }
    let name = take(TOKEN);
    if (name !== undefined && field[at] !== "=" && !/^[ \t]+=/.test(field.slice(at, at + 64))) {
      challenges.push({ scheme: name.toLowerCase(), parameters: {} });
      // A parameter can only follow after a space: in `Basic, realm="x"` it belongs to nothing.
      parameters = field[at] === " " || field[at] === "\t" ? challenges.at(-1)?.parameters : undefined;
      take(SPACES);
      if (parameters !== undefined && take(TOKEN68) !== undefined) parameters = undefined;
      if (at >= field.length || field[at] === ",") continue;
      name = take(TOKEN);
    }
    if (name !== undefined && take(EQUALS) !== undefined) {
      const quoted = take(QUOTED);
      const value = quoted === undefined ? take(UNQUOTED) : quoted.slice(1, -1).replace(/\\([^])/g, "$1");
      if (value !== undefined && parameters !== undefined) setOwn(parameters, name.toLowerCase(), value);
    }
    take(TO_COMMA);
  }
  return challenges;
}

/** Sets also a name such as `__proto__` as an ordinary property. */
function setOwn(target: Record<string, string>, name: string, value: string): void {
  Object.defineProperty(target, name, { value, enumerable: true, configurable: true, writable: true });
}

/**
 * True if a client may ask `realm` for a token without a credential: an https URL that does not lead into this
 * machine or a private network, unless the registry itself is there. Over http only from loopback to loopback.
 * Guards against a registry that makes us call inner services (go-containerregistry, `transport` package).
 */
export function realmIsFollowable(realm: string, registryAuthority = ""): boolean {
  if (!URL.canParse(realm)) return false;
  const url = new URL(realm);
  if (url.username !== "" || url.password !== "") return false;
  if (url.protocol === "http:") return isLoopback(url.host) && isLoopback(registryAuthority);
  if (url.protocol !== "https:") return false;
  const own = URL.canParse(`https://${registryAuthority}`) ? new URL(`https://${registryAuthority}`).hostname : "";
  if (url.hostname === own) return true;
  if (isLoopback(url.host)) return isLoopback(registryAuthority);
  return !isInnerAddress(url.hostname);
}

/** For a hostname as `URL` normalises it: an address that is unspecified, private, link-local, shared or multicast. */
function isInnerAddress(hostname: string): boolean {
  if (hostname.startsWith("[")) {
    const mapped = /^\[::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})\]$/.exec(hostname);
    if (mapped !== null) {
      const number = parseInt(mapped[1] ?? "", 16) * 65536 + parseInt(mapped[2] ?? "", 16);
      return isInnerAddress([24, 16, 8, 0].map((shift) => (number >>> shift) & 255).join("."));
    }
    return /^\[(?:::1?\]|f[cd][0-9a-f]{2}:|fe[89ab][0-9a-f]:|ff[0-9a-f]{2}:)/.test(hostname);
  }
  const parts = /^(\d+)\.(\d+)\.\d+\.\d+$/.exec(hostname);
  if (parts === null) return false;
  const [first, second] = [Number(parts[1]), Number(parts[2])];
  return (
    first === 0 ||
    first === 10 ||
    first === 127 ||
    first >= 224 ||
    (first === 100 && second >= 64 && second < 128) ||
    (first === 169 && second === 254) ||
    (first === 172 && second >= 16 && second < 32) ||
    (first === 192 && second === 168)
  );
}

/** One error that a registry reported. */
export interface RegistryError {
  /** As sent (`MANIFEST_UNKNOWN`), or "" where the body has only a text. */
  readonly code: string;
  readonly message: string;
  readonly detail?: unknown;
}

/**
 * The errors in the body of a registry's answer: the JSON of the OCI distribution specification ("Error Codes"), and
 * the forms `{"message"}`, `{"details"}`, `{"error"}` (with `error_description`) of token servers and proxies.
 * Anything else (HTML, nothing, more than 1 MB) gives []. Never throws.
 */
export function parseErrorBody(text: string): RegistryError[] {
  if (text.length > LONGEST_BODY) return [];
  let body: unknown;
  try {
    body = JSON.parse(text.replace(/^\uFEFF/, ""));
  } catch {
    return [];
  }
  if (!isRecord(body)) return [];
  if (Array.isArray(body["errors"])) return body["errors"].flatMap(toError);
  return toError(isRecord(body["error"]) ? body["error"] : body);
}

function toError(entry: unknown): RegistryError[] {
  if (typeof entry === "string") return [{ code: "", message: entry }];
  if (!isRecord(entry)) return [];
  const word = (name: string): string | undefined => {
    const value = entry[name];
    return typeof value === "string" ? value : typeof value === "number" ? String(value) : undefined;
  };
  const code = word("code") ?? (word("error_description") === undefined ? undefined : word("error")) ?? "";
  const message = word("message") ?? word("details") ?? word("error_description") ?? word("error") ?? "";
  if (code === "" && message === "") return [];
  const detail = entry["detail"];
  return [detail === undefined || detail === null ? { code, message } : { code, message, detail }];
}
