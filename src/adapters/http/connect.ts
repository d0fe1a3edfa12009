import { Agent, ClientRequest, type ClientRequestArgs, type IncomingMessage } from "node:http";
import * as net from "node:net";
import * as tls from "node:tls";
import { proxyAuthorization, proxyFor, proxyName, UnusableProxy, type ProxySettings } from "./proxy";
import type { Trust } from "./trust";
import { Unreachable, unreachable } from "./unreachable";

export interface ConnectOptions {
  readonly timeoutMs: number;
  readonly proxies: ProxySettings;
  readonly trust: Trust;
  /** The registry whose certificates in Docker's `certs.d` count. */
  readonly registry: string;
  /** Docker believes every certificate of a registry that it regards as insecure. */
  readonly unverified: boolean;
  /** Where a host is really to be found; tests lead real names to this machine by it. */
  readonly reach?: ((host: string, port: number) => { host: string; port: number }) | undefined;
}

/** Opens connections as Docker would: through the proxy if there is one for the host, with TLS if `protocol` asks for it. */
export class Connections extends Agent {
  readonly #protocol: string;
  readonly #options: ConnectOptions;

  constructor(protocol: string, options: ConnectOptions) {
    super({ keepAlive: true });
    this.#protocol = protocol;
    this.#options = options;
  }

  override createConnection(
    { host, port }: ClientRequestArgs,
    callback?: (error: Error | null, socket: net.Socket) => void,
  ): undefined {
    const hostname = host ?? "";
    this.#open(hostname, Number(port)).then(
      (socket) => callback?.(null, socket),
      // Node's types want a socket here, too; none is looked at beside an error
      (error: unknown) => callback?.(error as Error, undefined as never),
    );
  }

  async #open(hostname: string, port: number): Promise<net.Socket> {
    const { timeoutMs, proxies, registry, unverified, reach } = this.#options;
    const place = reach?.(hostname, port) ?? { host: hostname, port };
    if (this.#protocol === "http:") return await connected(net.connect(place), "connect", timeoutMs);
    const authority = `${hostname.includes(":") ? `[${hostname}]` : hostname}:${port}`;
    const proxy = proxyOf(new URL(`https://${authority}`), proxies);
    const context = unverified ? {} : { secureContext: await this.#contextFor(registry) };
    const way = proxy === undefined ? place : { socket: await this.#tunnel(proxy, authority) };
    return await secured({ ...way, ...context, rejectUnauthorized: !unverified }, hostname, authority, timeoutMs);
  }

  /** Asks the proxy for a way to `authority` (RFC 9110, section 9.3.6). */
  async #tunnel(proxy: URL, authority: string): Promise<net.Socket> {
    const { timeoutMs } = this.#options;
    const name = proxyName(proxy);
    try {
      const place = { host: bareHost(proxy.hostname), port: portOf(proxy) };
      const toProxy =
        proxy.protocol === "https:"
          ? await secured(
              { ...place, secureContext: await this.#contextFor(proxy.host) },
              place.host,
              proxy.host,
              timeoutMs,
            )
          : await connected(net.connect(place), "connect", timeoutMs);
      const login = proxyAuthorization(proxy);
      const status = await connectThrough(toProxy, authority, login, timeoutMs);
      if (status === 200) return toProxy;
      toProxy.destroy();
      throw proxyRefusal(name, status, login !== undefined);
    } catch (error) {
      throw new Unreachable("proxy", unreachable(error, name, timeoutMs).message, error);
    }
  }

  async #contextFor(host: string): Promise<tls.SecureContext> {
    try {
      return await this.#options.trust.contextFor(host);
    } catch (error) {
      throw new Unreachable("tls", `the certificates for ${host} in Docker's certs.d cannot be used`, error);
    }
  }
}

/**
 * A request on a connection of `connections`. Node's class itself: VS Code replaces `http.request` in extensions by one that
 * takes the connections out of our hands (its setting `http.proxySupport`), and what a registry says would be its proxy's.
 */
export function requestOn(connections: Agent, url: URL, rest: ClientRequestArgs): ClientRequest {
  return new ClientRequest({ ...rest, agent: connections, host: bareHost(url.hostname), port: portOf(url) });
}

function connectThrough(
  socket: net.Socket,
  authority: string,
  login: string | undefined,
  timeoutMs: number,
): Promise<number> {
  return new Promise((resolve, reject) => {
    const request = new ClientRequest({
      method: "CONNECT",
      path: authority,
      headers: { host: authority, ...(login === undefined ? {} : { "proxy-authorization": login }) },
      createConnection: () => socket,
    });
    const answered = ({ statusCode }: IncomingMessage) => resolve(statusCode ?? 0);
    request.once("connect", answered).once("response", answered).once("error", reject);
    request.setTimeout(timeoutMs, () => request.destroy(timedOut()));
    request.end();
  });
}

/** Why a proxy did not let a request through. */
export function proxyRefusal(name: string, status: number, hasLogin: boolean): Unreachable {
  // 401: tinyproxy, to a wrong login
  if (status !== 407 && status !== 401) return new Unreachable("proxy", `${name} answered ${status}`);
  return new Unreachable(
    "proxy",
    `${name} ${hasLogin ? "refuses its username or password" : "wants a login"} (${status})`,
  );
}

/** The proxy for a URL. Throws `Unreachable` where it cannot be used. */
export function proxyOf(url: URL, settings: ProxySettings): URL | undefined {
  try {
    return proxyFor(url, settings);
  } catch (error) {
    if (error instanceof UnusableProxy) throw new Unreachable("proxy", error.message, error);
    throw error;
  }
}

/** Waits for a socket to be ready. */
function connected<Socket extends net.Socket>(
  socket: Socket,
  ready: "connect" | "secureConnect",
  timeoutMs: number,
): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const tooLate = () => socket.destroy(timedOut());
    socket.setTimeout(timeoutMs, tooLate);
    socket.once("error", reject);
    socket.once("close", () => reject(Object.assign(new Error("closed"), { code: "ECONNRESET" })));
    socket.once(ready, () => {
      socket.setTimeout(0).off("timeout", tooLate).off("error", reject);
      resolve(socket);
    });
  });
}

async function secured(
  options: tls.ConnectionOptions,
  hostname: string,
  authority: string,
  timeoutMs: number,
): Promise<tls.TLSSocket> {
  const socket = tls.connect({ ...options, ...serverName(hostname) });
  // an alert that comes after the handshake is what ended the connection, not the end that follows it
  socket.prependListener("error", (error: NodeJS.ErrnoException) => {
    if (error.code?.startsWith("ERR_SSL_") === true) socket.destroy(error);
  });
  // when the refusal is known, the certificate is gone: it is read at the moment before Node judges it
  let certificate: tls.DetailedPeerCertificate | undefined;
  socket.prependOnceListener("secure", () => {
    certificate = socket.getPeerCertificate(true);
  });
  try {
    return await connected(socket, "secureConnect", timeoutMs);
  } catch (error) {
    throw badCertificate(error as Error, certificate, authority) ?? error;
  }
}

function timedOut(): Error {
  return Object.assign(new Error("timed out"), { code: "ETIMEDOUT" });
}

/** Of a URL: without the brackets of an address. */
function bareHost(hostname: string): string {
  return hostname.replace(/^\[|\]$/g, "");
}

function portOf(url: URL): number {
  return Number(url.port) || (url.protocol === "https:" ? 443 : 80);
}

const NO_AUTHORITY =
  /^(?:UNABLE_TO_VERIFY_LEAF_SIGNATURE|SELF_SIGNED_CERT_IN_CHAIN|DEPTH_ZERO_SELF_SIGNED_CERT|UNABLE_TO_GET_ISSUER_CERT(?:_LOCALLY)?|CERT_UNTRUSTED)$/;
const BAD_CERTIFICATE = /^(?:CERT_|ERR_TLS_CERT|INVALID_CA|INVALID_PURPOSE|HOSTNAME_MISMATCH|PATH_LENGTH)/;

function badCertificate(
  error: Error,
  certificate: tls.DetailedPeerCertificate | undefined,
  authority: string,
): Unreachable | undefined {
  const { code = "" } = error as NodeJS.ErrnoException;
  if (NO_AUTHORITY.test(code)) return new Unreachable("unknown-authority", issuerOf(certificate), error);
  if (!BAD_CERTIFICATE.test(code)) return undefined;
  const day = (text: string | undefined) => (text === undefined ? "?" : new Date(text).toISOString().slice(0, 10));
  const says: Record<string, string> = {
    CERT_HAS_EXPIRED: `it expired on ${day(certificate?.valid_to)}`,
    CERT_NOT_YET_VALID: `it is valid only from ${day(certificate?.valid_from)} on`,
    ERR_TLS_CERT_ALTNAME_INVALID: `it is for ${namesOf(certificate)}, not for ${authority.replace(/:443$/, "")}`,
  };
  return new Unreachable("certificate-invalid", says[code] ?? error.message, error);
}

/** The last authority of the chain that the server showed. */
function issuerOf(certificate: tls.DetailedPeerCertificate | undefined): string {
  let at = certificate;
  for (let depth = 0; at !== undefined && depth < 10; depth++) {
    const next = at.issuerCertificate as tls.DetailedPeerCertificate | undefined;
    if (next === undefined || next === at || next.fingerprint256 === at.fingerprint256) break;
    at = next;
  }
  const issuer = at?.issuer as Partial<Record<"CN" | "O" | "OU", string | string[]>> | undefined;
  const name = [issuer?.CN ?? issuer?.O ?? issuer?.OU ?? []].flat().join(", ");
  if (name === "") return "it does not say which";
  return at === certificate && at?.subject.CN === at?.issuer.CN ? `${name}, signed by itself` : name;
}

function namesOf(certificate: tls.DetailedPeerCertificate | undefined): string {
  const names = (certificate?.subjectaltname ?? "").split(", ").map((entry) => entry.replace(/^[^:]*:/, ""));
  const known = names.filter((name) => name !== "");
  const shown = known.length > 0 ? known : [certificate?.subject.CN ?? "another name"];
  return shown.length > 3 ? `${shown.slice(0, 3).join(", ")} and others` : shown.join(", ");
}

/** An address has no server name (RFC 6066, section 3); Node checks it against the certificate by itself. */
function serverName(hostname: string): { servername?: string } {
  return net.isIP(hostname) === 0 ? { servername: hostname } : {};
}
