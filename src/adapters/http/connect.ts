import { isIP } from "node:net";
import type { DetailedPeerCertificate, TLSSocket } from "node:tls";
import type { buildConnector, Client } from "undici";
import { proxyAuthorization, proxyFor, proxyName, UnusableProxy, type ProxySettings } from "./proxy";
import type { Trust } from "./trust";
import { Unreachable, unreachable } from "./unreachable";

type Connector = buildConnector.connector;
type Target = buildConnector.Options;
type Socket = NonNullable<Parameters<buildConnector.Callback>[1]>;

/** What of undici is needed here: it is loaded only with the first request. */
interface Library {
  readonly buildConnector: typeof buildConnector;
  readonly Client: typeof Client;
}

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

/** Opens connections as Docker would: through the proxy if there is one for the host, with TLS if the URL asks for it. */
export function connectorFor(library: Library, options: ConnectOptions): Connector {
  const { timeoutMs, proxies, trust, registry, unverified, reach } = options;

  async function open(target: Target): Promise<Socket> {
    const { protocol, hostname } = target;
    const port = Number(target.port) || (protocol === "https:" ? 443 : 80);
    const authority = `${hostname.includes(":") ? `[${hostname}]` : hostname}:${port}`;
    const proxy = protocol === "https:" ? proxyOf(new URL(`https://${authority}`), proxies) : undefined;
    const secureContext =
      protocol === "https:" && !unverified ? { secureContext: await contextFor(registry) } : undefined;
    const connect = library.buildConnector({ timeout: timeoutMs, rejectUnauthorized: !unverified, ...secureContext });
    if (proxy !== undefined) {
      const httpSocket = await tunnel(proxy, authority);
      return await opened(connect, { ...target, httpSocket, ...serverName(hostname) }, authority);
    }
    const place = reach?.(hostname, port) ?? { host: hostname, port };
    const there = { ...target, hostname: place.host, port: String(place.port) };
    return await opened(connect, { ...there, ...serverName(hostname) }, authority);
  }

  /** Asks the proxy for a way to `authority` (RFC 9110, section 9.3.6). */
  async function tunnel(proxy: URL, authority: string): Promise<Socket> {
    const name = proxyName(proxy);
    const authorization = proxyAuthorization(proxy);
    const client = new library.Client(proxy.origin, {
      connect: {
        timeout: timeoutMs,
        ...(proxy.protocol === "https:" ? { secureContext: await contextFor(proxy.host) } : {}),
      },
      headersTimeout: timeoutMs,
    });
    try {
      const { statusCode, socket } = await client.connect({
        path: authority,
        headers: { host: authority, ...(authorization === undefined ? {} : { "proxy-authorization": authorization }) },
        signal: AbortSignal.timeout(timeoutMs),
      });
      if (statusCode === 200) return socket as Socket;
      socket.on("error", () => undefined).destroy();
      throw proxyRefusal(name, statusCode, authorization !== undefined);
    } catch (error) {
      void client.destroy();
      throw new Unreachable("proxy", unreachable(error, name, timeoutMs).message, error);
    }
  }

  async function contextFor(host: string) {
    try {
      return await trust.contextFor(host);
    } catch (error) {
      throw new Unreachable("tls", `the certificates for ${host} in Docker's certs.d cannot be used`, error);
    }
  }

  return (target, callback) => {
    open(target).then(
      (socket) => callback(null, socket),
      (error: unknown) => callback(unreachable(error, target.host ?? target.hostname, timeoutMs), null),
    );
  };
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

function opened(connect: Connector, target: Target, authority: string): Promise<Socket> {
  return new Promise((resolve, reject) => {
    let certificate: DetailedPeerCertificate | undefined;
    // undici's types hide that its connector returns the socket at once
    const begin = connect as (...given: Parameters<Connector>) => TLSSocket;
    const socket = begin(target, (...[error, made]) => {
      if (error === null) resolve(made);
      else reject(badCertificate(error, certificate, authority) ?? error);
    });
    if (target.protocol !== "https:") return;
    // an alert that comes after the handshake is what ended the connection, not the end that follows it
    socket.prependListener("error", (error: NodeJS.ErrnoException) => {
      if (error.code?.startsWith("ERR_SSL_") === true) socket.destroy(error);
    });
    // when the refusal is known, the certificate is gone: it is read at the moment before Node judges it
    socket.prependOnceListener("secure", () => {
      certificate = socket.getPeerCertificate(true);
    });
  });
}

const NO_AUTHORITY =
  /^(?:UNABLE_TO_VERIFY_LEAF_SIGNATURE|SELF_SIGNED_CERT_IN_CHAIN|DEPTH_ZERO_SELF_SIGNED_CERT|UNABLE_TO_GET_ISSUER_CERT(?:_LOCALLY)?|CERT_UNTRUSTED)$/;
const BAD_CERTIFICATE = /^(?:CERT_|ERR_TLS_CERT|INVALID_CA|INVALID_PURPOSE|HOSTNAME_MISMATCH|PATH_LENGTH)/;

function badCertificate(
  error: Error,
  certificate: DetailedPeerCertificate | undefined,
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
function issuerOf(certificate: DetailedPeerCertificate | undefined): string {
  let at = certificate;
  for (let depth = 0; at !== undefined && depth < 10; depth++) {
    const next = at.issuerCertificate as DetailedPeerCertificate | undefined;
    if (next === undefined || next === at || next.fingerprint256 === at.fingerprint256) break;
    at = next;
  }
  const issuer = at?.issuer as Partial<Record<"CN" | "O" | "OU", string | string[]>> | undefined;
  const name = [issuer?.CN ?? issuer?.O ?? issuer?.OU ?? []].flat().join(", ");
  if (name === "") return "it does not say which";
  return at === certificate && at?.subject.CN === at?.issuer.CN ? `${name}, signed by itself` : name;
}

function namesOf(certificate: DetailedPeerCertificate | undefined): string {
  const names = (certificate?.subjectaltname ?? "").split(", ").map((entry) => entry.replace(/^[^:]*:/, ""));
  const known = names.filter((name) => name !== "");
  const shown = known.length > 0 ? known : [certificate?.subject.CN ?? "another name"];
  return shown.length > 3 ? `${shown.slice(0, 3).join(", ")} and others` : shown.join(", ");
}

/** An address has no server name (RFC 6066, section 3); Node checks it against the certificate by itself. */
function serverName(hostname: string): { servername?: string } {
  return isIP(hostname.replace(/^\[|\]$/g, "")) === 0 ? { servername: hostname } : {};
}
