import { BlockList, isIP } from "node:net";
import { isLoopback } from "../../domain/registry/host";

/** Where proxies are told of. */
export interface ProxySettings {
  readonly env: NodeJS.ProcessEnv;
  /** A proxy for everything, which beats those of the environment: VS Code's `http.proxy`. */
  readonly proxy?: string | undefined;
  /** Hosts that are reached without a proxy, besides those of `NO_PROXY`: VS Code's `http.noProxy`. */
  readonly noProxy?: readonly string[];
}

/** The proxy's URL cannot be read. It may hold a password, so it is not repeated. */
export class UnusableProxy extends Error {}

/** Of AWS, Azure and Google (their documents on the metadata of instances). */
const METADATA_SERVICES = ["169.254.0.0/16", "metadata.google.internal", "metadata.google.internal."];

/**
 * The proxy for a request to `url`, or undefined if it goes straight there. The rules are those of Go's
 * golang.org/x/net/http/httpproxy, by which Docker and containerd go: variables in upper case first, a proxy without a
 * scheme is an http one, this machine is never reached by proxy, and `NO_PROXY` as in `isExempt`. Beyond them: neither is
 * what tells a cloud's machine who it is, since a proxy would answer for itself.
 * Throws `UnusableProxy`.
 */
export function proxyFor(url: URL, { env, proxy, noProxy = [] }: ProxySettings): URL | undefined {
  const read = (name: string) => nonEmpty(env[name]) ?? nonEmpty(env[name.toLowerCase()]);
  const chosen = nonEmpty(proxy) ?? read(url.protocol === "https:" ? "HTTPS_PROXY" : "HTTP_PROXY");
  if (chosen === undefined || isLoopback(url.host)) return undefined;
  if (isExempt(url, [...METADATA_SERVICES, ...(read("NO_PROXY") ?? "").split(","), ...noProxy])) return undefined;
  const text = /^[a-z][a-z0-9+.-]*:\/\//i.test(chosen) ? chosen : `http://${chosen}`;
  if (!URL.canParse(text)) throw new UnusableProxy("the address of the proxy cannot be read");
  const parsed = new URL(text);
  if (parsed.protocol !== "http:" && parsed.protocol !== "https:") {
    throw new UnusableProxy(`proxies of the kind ${parsed.protocol}// are not supported here`);
  }
  return parsed;
}

/** A proxy as people read it: without its user and password. */
export function proxyName(proxy: URL): string {
  return `${proxy.protocol}//${proxy.host}`;
}

/** The value of `Proxy-Authorization` for the user and password in the proxy's URL (RFC 9110, section 11.7). */
export function proxyAuthorization(proxy: URL): string | undefined {
  if (proxy.username === "" && proxy.password === "") return undefined;
  const [user, password] = [proxy.username, proxy.password].map(decoded);
  return `Basic ${Buffer.from(`${user ?? ""}:${password ?? ""}`).toString("base64")}`;
}

/**
 * True if an entry names the host: `*`, an address, a network in CIDR notation, a domain (which names its subdomains,
 * too), `.domain` or `*.domain` (only those), each with a port if it is for that port alone.
 */
function isExempt(url: URL, entries: readonly string[]): boolean {
  const host = url.hostname.replace(/^\[|\]$/g, "").toLowerCase();
  const port = url.port || (url.protocol === "https:" ? "443" : "80");
  return entries.some((entry) => {
    const text = entry.trim().toLowerCase();
    if (text === "") return false;
    if (text === "*") return true;
    if (text.includes("/")) return isInNetwork(host, text);
    const [, name = "", only] = /^(\[[^\]]*\]|[^:]*|[^[\]]*:[^[\]]*:[^[\]]*)(?::(\d+))?$/.exec(text) ?? [];
    if (only !== undefined && only !== port) return false;
    const bare = name.replace(/^\[|\]$/g, "").replace(/^\*(?=\.)/, "");
    if (bare === "") return false;
    if (bare.startsWith(".")) return host.endsWith(bare);
    return host === bare || (isIP(bare) === 0 && host.endsWith(`.${bare}`));
  });
}

/** True if `host` is an address inside the network `cidr`; false for names and for what is no network. */
export function isInNetwork(host: string, cidr: string): boolean {
  const [network = "", bits = ""] = cidr.split("/");
  const version = isIP(network);
  if (version === 0 || isIP(host) !== version || !/^\d{1,3}$/.test(bits)) return false;
  if (Number(bits) > (version === 4 ? 32 : 128)) return false;
  const family = version === 4 ? "ipv4" : "ipv6";
  const list = new BlockList();
  list.addSubnet(network, Number(bits), family);
  return list.check(host, family);
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text; // a lone percent sign
  }
}

function nonEmpty(text: string | undefined): string | undefined {
  return text === undefined || text.trim() === "" ? undefined : text.trim();
}
