import type { ClientRequest, IncomingMessage } from "node:http";
import { Failure } from "../../domain/failure";
import { Connections, proxyOf, proxyRefusal, requestOn, type ConnectOptions } from "./connect";
import { proxyAuthorization, proxyName, type ProxySettings } from "./proxy";
import { slots } from "./slots";
import { systemTrust, type Trust } from "./trust";
import { Unreachable, unreachable } from "./unreachable";

export interface HttpRequest {
  readonly url: string;
  readonly method?: "GET" | "POST";
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly signal?: AbortSignal | undefined;
  /** The registry on whose behalf it is made: what Docker's `certs.d` holds for it counts. Default: the URL's host. */
  readonly registry?: string | undefined;
  /** Believe any certificate, as Docker does of registries that it regards as insecure. */
  readonly unverified?: boolean;
}

export interface HttpResponse {
  readonly status: number;
  /** Names in lower case; a field that came several times has several values. */
  readonly headers: ReadonlyMap<string, readonly string[]>;
  /** At most `LARGEST_BODY` characters of it. */
  readonly body: string;
}

export interface HttpClient {
  /** One request, redirects not followed. Throws `Unreachable`, or the failure `cancelled`. */
  send(request: HttpRequest): Promise<HttpResponse>;
}

export interface HttpOptions {
  /** Where the variables for proxies and certificates are read from. */
  readonly env?: NodeJS.ProcessEnv;
  /** The proxy that counts before those of the variables, asked with every request: a setting changes while we run. */
  readonly chosenProxy?: () => Omit<ProxySettings, "env">;
  readonly trust?: Trust;
  readonly reach?: ConnectOptions["reach"];
  readonly connectionsPerHost?: number;
  readonly requestsAtOnce?: number;
}

/** In characters: what comes after is not read. */
export const LARGEST_BODY = 1024 * 1024;
const CONNECTIONS_PER_HOST = 32;
const REQUESTS_AT_ONCE = 64;

/** A client with a limit on time and size for each request. */
export function httpClient(timeoutMs: number, options: HttpOptions = {}): HttpClient {
  const env = options.env ?? {};
  const { chosenProxy = () => ({}), trust = systemTrust(env), reach } = options;
  const inTurn = slots(options.requestsAtOnce ?? REQUESTS_AT_ONCE);
  const hosts = new Map<string, ReturnType<typeof slots>>();
  const agents = new Map<string, Connections>();

  function connectionsFor(
    protocol: string,
    registry: string,
    kind: "verified" | "unverified" | "proxy",
    proxies: ProxySettings,
  ): Connections {
    const key = JSON.stringify([protocol, kind, registry, proxies.proxy, proxies.noProxy]);
    let connections = agents.get(key);
    if (connections === undefined) {
      const way =
        kind === "proxy"
          ? { proxies: { env: {} }, unverified: false }
          : { proxies, unverified: kind === "unverified", reach };
      connections = new Connections(protocol, { timeoutMs, trust, registry, ...way });
      agents.set(key, connections);
    }
    return connections;
  }

  function inTurnAt(authority: string): ReturnType<typeof slots> {
    const turns = hosts.get(authority) ?? slots(options.connectionsPerHost ?? CONNECTIONS_PER_HOST);
    hosts.set(authority, turns);
    return turns;
  }

  async function once(request: HttpRequest, url: URL, signal: AbortSignal): Promise<HttpResponse> {
    const { method = "GET", body, unverified = false } = request;
    const headers = { "user-agent": "registry-secrets", ...request.headers, host: url.host };
    const proxies = { env, ...chosenProxy() };
    const through = url.protocol === "http:" ? proxyOf(url, proxies) : undefined;
    if (through === undefined) {
      const kind = unverified ? "unverified" : "verified";
      const connections = connectionsFor(url.protocol, request.registry ?? url.host, kind, proxies);
      const path = `${url.pathname}${url.search}`;
      return await read(
        await answerTo(() => requestOn(connections, url, { method, path, headers }), body, signal),
        signal,
      );
    }
    // plain http is not tunnelled: the proxy is given the whole URL (RFC 9112, section 3.2.2)
    const login = proxyAuthorization(through);
    const forProxy = { ...headers, ...(login === undefined ? {} : { "proxy-authorization": login }) };
    const path = `${url.origin}${url.pathname}${url.search}`;
    const name = proxyName(through);
    const connections = connectionsFor(through.protocol, through.host, "proxy", proxies);
    const make = () => requestOn(connections, through, { method, path, headers: forProxy });
    const answer = await answerTo(make, body, signal).catch((error: unknown) => {
      throw new Unreachable("proxy", unreachable(error, name, timeoutMs).message, error);
    });
    if (answer.statusCode === 407) {
      answer.destroy();
      throw proxyRefusal(name, 407, login !== undefined);
    }
    return await read(answer, signal);
  }

  return {
    async send(request) {
      const url = new URL(request.url);
      // a host's own turn first: who waits for a slow one must hold no place of the others
      return await inTurnAt(url.host)(() =>
        inTurn(async () => {
          const limit = AbortSignal.timeout(timeoutMs);
          try {
            request.signal?.throwIfAborted();
            return await once(request, url, request.signal ? AbortSignal.any([limit, request.signal]) : limit);
          } catch (error) {
            if (request.signal?.aborted === true) throw new Failure("cancelled", "Cancelled.", {}, error);
            throw unreachable(limit.aborted ? limit.reason : error, url.host, timeoutMs);
          }
        }),
      );
    },
  };
}

/** Sends a request, and waits for the head of its answer. */
function answerTo(make: () => ClientRequest, body: string | undefined, signal: AbortSignal): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const request = make();
    const abort = () => {
      // without a connection yet the request would tell of its end only when it has one
      reject(signal.reason as Error);
      request.destroy();
    };
    const done = () => signal.removeEventListener("abort", abort);
    signal.addEventListener("abort", abort, { once: true });
    request.once("close", done);
    request.once("response", resolve);
    request.on("error", (error: NodeJS.ErrnoException) => {
      done();
      // the server may end a kept connection at the moment when it is used again (Node, `request.reusedSocket`)
      if (request.reusedSocket && error.code === "ECONNRESET" && !signal.aborted) resolve(answerTo(make, body, signal));
      else reject(error);
    });
    request.end(body);
  });
}

async function read(answer: IncomingMessage, signal: AbortSignal): Promise<HttpResponse> {
  let text = "";
  const decoder = new TextDecoder();
  for await (const chunk of answer) {
    text += decoder.decode(chunk as Uint8Array, { stream: true });
    if (text.length < LARGEST_BODY) continue;
    text = text.slice(0, LARGEST_BODY);
    break; // which destroys the rest of it
  }
  signal.throwIfAborted();
  const headers = Object.entries(answer.headersDistinct).map(([name, values]) => [name, values ?? []] as const);
  return { status: answer.statusCode ?? 0, headers: new Map(headers), body: text };
}
