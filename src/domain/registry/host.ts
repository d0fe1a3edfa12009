import { Failure, isFailure } from "../failure";

/** What was taken off or rewritten in what a person typed, with the text in question. */
export interface HostNote {
  readonly code: "whitespace" | "scheme" | "path" | "case" | "default-port" | "hub-spelling";
  readonly text: string;
}

/** A registry, normalised so that every spelling of it is equal. */
export interface RegistryHost {
  /** Docker's key: what stands in `auths` and `credHelpers`. A fixed point of `parseRegistryHost`. */
  readonly key: string;
  /** Host, with port if not the default, to contact for `/v2/`. */
  readonly authority: string;
  /** What a person reads. */
  readonly display: string;
  readonly notes: readonly HostNote[];
}

/** Docker's key for Docker Hub (docker/cli cli/config/configfile/file.go, `authConfigKey`). */
export const DOCKER_HUB_KEY = "https://index.docker.io/v1/";

const HUB_SPELLINGS = new Set([
  "docker.io",
  "index.docker.io",
  "registry-1.docker.io",
  "hub.docker.com",
  "www.docker.com",
]);
/**
 * What is wrong with a host, for whoever says it in another language; the facts `value` and `written` (by Docker) are what
 * it is about.
 */
export type HostProblem =
  | "far-too-long"
  | "empty"
  | "spaces"
  | "scheme"
  | "user"
  | "no-brackets"
  | "no-host"
  | "port-digits"
  | "port-range"
  | "no-name"
  | "ipv6"
  | "too-long"
  | "letters"
  | "underscore"
  | "ipv4"
  | "empty-part"
  | "part";

const EXAMPLE = 'Example: "ghcr.io" or "registry.example.com:5000".';
const LONGEST_INPUT = 2048;
const LONGEST_HOST = 253;

/**
 * The registry that `text` names: a bare host, or a pasted URL or image name of which everything but the host is
 * stripped and noted. The rules are those of semantics.md ("registry host") and, for the host itself, of
 * distribution/reference (`domain`), narrowed to ports and IPv6 addresses that exist.
 * Throws `Failure("invalid-registry-host")`; what could be a password is never repeated in it.
 */
export function parseRegistryHost(text: string): RegistryHost {
  if (text.length > LONGEST_INPUT) throw invalid("The registry host is far too long", undefined, "far-too-long");
  const notes: HostNote[] = [];
  const trimmed = text.trim();
  if (trimmed === "") throw invalid("The registry host is empty", undefined, "empty");
  if (trimmed === DOCKER_HUB_KEY) return hub([]);
  if (trimmed !== text) notes.push({ code: "whitespace", text: "" });
  if (/[\s\p{Cc}]/u.test(trimmed))
    throw invalid("A registry host cannot contain spaces or line breaks", undefined, "spaces");

  const scheme = /^[a-z][a-z0-9+.-]*:\/\//i.exec(trimmed)?.[0] ?? "";
  if (scheme !== "" && !/^(?:https?|oci|docker):\/\/$/i.test(scheme)) {
    throw invalid(`"${scheme}" does not start the address of a container registry`, undefined, "scheme", scheme);
  }
  const rest = trimmed.slice(scheme.length);
  const end = rest.search(scheme === "" ? /\// : /[/?#]/);
  const written = end < 0 ? rest : rest.slice(0, end);
  const path = end < 0 ? "" : rest.slice(end);
  // A digest is the one harmless "@"; any other may follow a password, wherever the slash happens to stand.
  if (/@(?!sha\d{3}:[0-9a-f]+$)/i.test(rest) || written.includes("@")) {
    throw invalid('A registry host cannot contain a user name or password (the part before "@")', undefined, "user");
  }
  if (scheme !== "") notes.push({ code: "scheme", text: scheme });
  if (path !== "") notes.push({ code: "path", text: path.replace(/[?#].*$/s, "") });

  const host = written.toLowerCase();
  if (host !== written) notes.push({ code: "case", text: written });
  const { name, port } = splitPort(host);
  checkName(name);

  // A name of one label is a registry for Docker only with a port, so its port is never stripped.
  const strip = port === 443 && (name.includes(".") || name === "localhost" || name.startsWith("["));
  if (strip) notes.push({ code: "default-port", text: `:${String(port)}` });
  const key = port === undefined || strip ? name : `${name}:${String(port)}`;

  if (HUB_SPELLINGS.has(key)) return hub([{ code: "hub-spelling", text: key }]);
  return { key, authority: key, display: key, notes };
}

/**
 * The registry of an image reference (as `parseImageReference` gives it).
 * Throws `Failure("invalid-registry-host")` for what Docker's grammar allows but no network has (port 75050).
 */
export function hostOfReference(reference: { readonly registry: string }): RegistryHost {
  return parseRegistryHost(reference.registry);
}

/** The same, and undefined for what no network has. */
export function hostIfAny(reference: { readonly registry: string }): RegistryHost | undefined {
  try {
    return hostOfReference(reference);
  } catch (error) {
    if (isFailure(error, "invalid-registry-host")) return undefined;
    throw error;
  }
}

/**
 * True if the authority (`host`, `host:port`, bare IPv6 included) is this machine: `localhost`, a name below it
 * (RFC 6761, section 6.3), 127.0.0.0/8 or ::1. Only there may a credential travel over plain http.
 */
export function isLoopback(authority: string): boolean {
  const bare = /^[^:]*:[^:]*$/.test(authority) ? authority.replace(/:\d*$/, "") : authority;
  const name = bare.replace(/^\[|\](?::\d*)?$/g, "").toLowerCase();
  return (
    name === "localhost" ||
    name.endsWith(".localhost") ||
    /^127(?:\.\d{1,3}){3}$/.test(name) ||
    /^(?:0{0,4}:){2,7}0{0,3}1$/.test(name)
  );
}

function hub(notes: readonly HostNote[]): RegistryHost {
  return { key: DOCKER_HUB_KEY, authority: "registry-1.docker.io", display: "docker.io", notes };
}

function splitPort(host: string): { name: string; port: number | undefined } {
  const match = /^(\[[^\]]*\]|[^:[\]]*)(?::(.*))?$/s.exec(host);
  if (match === null || match[2]?.includes(":") === true) {
    throw /^[0-9a-f:.]+$/.test(host)
      ? invalid(
          `"${host}" looks like an IPv6 address, which must stand in brackets, as in "[2001:db8::1]:5000"`,
          host,
          "no-brackets",
          host,
        )
      : invalid("This is not a host name with an optional port", undefined, "no-host");
  }
  const [, name = "", digits] = match;
  if (digits === undefined) return { name, port: undefined };
  // What is no number may be a password: it is not repeated.
  if (!/^\d+$/.test(digits)) throw invalid("What follows the colon is not a port number", name, "port-digits");
  const port = digits.length > 5 ? 0 : Number(digits);
  if (port < 1 || port > 65535)
    throw invalid(`"${digits}" is not a port: ports go from 1 to 65535`, name, "port-range", digits);
  return { name, port };
}

function checkName(name: string): void {
  if (name === "") throw invalid("The registry host has no name before its port or path", undefined, "no-name");
  if (name.startsWith("[")) {
    if (!URL.canParse(`http://${name}/`)) throw invalid(`"${name}" is not an IPv6 address`, name, "ipv6", name);
    return;
  }
  if (name.length > LONGEST_HOST)
    throw invalid("The registry host is longer than 253 characters", undefined, "too-long");
  if (/[^\x20-\x7e]/.test(name)) {
    const url = `http://${name}/`;
    const punycode = URL.canParse(url) ? new URL(url).hostname : "";
    const hint = punycode.startsWith("xn--") || punycode.includes(".xn--") ? `; Docker writes it "${punycode}"` : "";
    throw invalid(
      `"${name}" contains letters that are not ASCII${hint}`,
      name,
      "letters",
      name,
      hint === "" ? undefined : punycode,
    );
  }
  if (name.includes("_"))
    throw invalid(`"${name}" contains an underscore, which Docker does not accept in a host`, name, "underscore", name);
  if (/^[\d.]+$/.test(name) && !/^(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)(?:\.|$)){4}$/.test(name)) {
    throw invalid(`"${name}" is not an IPv4 address`, name, "ipv4", name);
  }
  const wrong = name.split(".").find((label) => !/^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/.test(label));
  if (wrong === undefined) return;
  throw wrong === ""
    ? invalid(`"${name}" has an empty part between its dots`, name, "empty-part", name)
    : invalid(`"${wrong}" cannot be part of a host`, name, "part", wrong);
}

function invalid(what: string, host: string | undefined, problem: HostProblem, value?: string, written?: string) {
  return new Failure("invalid-registry-host", `${what}. ${EXAMPLE}`, { host, problem, value, written });
}
