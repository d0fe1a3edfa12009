import type { Agent, Dispatcher } from "undici";
import { Failure } from "../../domain/failure";
import { connectorFor, proxyOf, proxyRefusal, type ConnectOptions } from "./connect";
import { proxyAuthorization, proxyName } from "./proxy";
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
  readonly proxy?: string | undefined;
  readonly noProxy?: readonly string[];
  readonly trust?: Trust;
  readonly reach?: ConnectOptions["reach"];
  readonly connectionsPerHost?: number;
  readonly requestsAtOnce?: number;
}

const LARGEST_BODY = 1024 * 1024;
const CONNECTIONS_PER_HOST = 16;
const REQUESTS_AT_ONCE = 32;

/** A client with a limit on time and size for each request; loads its library with the first one. */
export function httpClient(timeoutMs: number, options: HttpOptions = {}): HttpClient {
  const env = options.env ?? {};
  const { proxy, noProxy = [], trust = systemTrust(env), reach } = options;
  const proxies = { env, proxy, noProxy };
  const inTurn = slots(options.requestsAtOnce ?? REQUESTS_AT_ONCE);
  const agents = new Map<string, Agent>();
  let library: ReturnType<typeof loadUndici> | undefined;

  async function agentFor(registry: string, kind: "verified" | "unverified" | "proxy"): Promise<Agent> {
    const undici = await (library ??= loadUndici());
    const key = `${kind} ${registry}`;
    let agent = agents.get(key);
    if (agent === undefined) {
      const way =
        kind === "proxy"
          ? { proxies: { env: {} }, unverified: false }
          : { proxies, unverified: kind === "unverified", reach };
      agent = new undici.Agent({
        connect: connectorFor(undici, { timeoutMs, trust, registry, ...way }),
        connections: options.connectionsPerHost ?? CONNECTIONS_PER_HOST,
        headersTimeout: timeoutMs,
        bodyTimeout: timeoutMs,
      });
      agents.set(key, agent);
    }
    return agent;
  }

  async function once(request: HttpRequest, url: URL, signal: AbortSignal): Promise<HttpResponse> {
    const { method = "GET", body, unverified = false } = request;
    const headers = { "user-agent": "registry-secrets", ...request.headers };
    const common = { method, signal, ...(body === undefined ? {} : { body }) };
    const through = url.protocol === "http:" ? proxyOf(url, proxies) : undefined;
    if (through === undefined) {
      const agent = await agentFor(request.registry ?? url.host, unverified ? "unverified" : "verified");
      return await read(await agent.request({ ...common, origin: url.origin, path: pathOf(url), headers }));
    }
    // plain http is not tunnelled: the proxy is given the whole URL (RFC 9112, section 3.2.2)
    const login = proxyAuthorization(through);
    const forProxy = { ...headers, host: url.host, ...(login === undefined ? {} : { "proxy-authorization": login }) };
    const path = `${url.origin}${pathOf(url)}`;
    const name = proxyName(through);
    const agent = await agentFor(through.host, "proxy");
    const answer = await agent
      .request({ ...common, origin: through.origin, path, headers: forProxy })
      .catch((error: unknown) => {
        throw new Unreachable("proxy", unreachable(error, name, timeoutMs).message, error);
      });
    if (answer.statusCode === 407) throw proxyRefusal(name, 407, login !== undefined);
    return await read(answer);
  }

  return {
    async send(request) {
      const url = new URL(request.url);
      return await inTurn(async () => {
        const limit = AbortSignal.timeout(timeoutMs);
        try {
          request.signal?.throwIfAborted();
          return await once(request, url, request.signal ? AbortSignal.any([limit, request.signal]) : limit);
        } catch (error) {
          if (request.signal?.aborted === true) throw new Failure("cancelled", "Cancelled.", {}, error);
          throw unreachable(error, url.host, timeoutMs);
        }
      });
    },
  };
}

function loadUndici() {
  return import("undici");
}

function pathOf(url: URL): string {
  return `${url.pathname}${url.search}`;
}

async function read({ statusCode, headers, body }: Dispatcher.ResponseData): Promise<HttpResponse> {
  let text = "";
  const decoder = new TextDecoder();
  for await (const chunk of body) {
    text += decoder.decode(chunk as Uint8Array, { stream: true });
    if (text.length < LARGEST_BODY) continue;
    text = text.slice(0, LARGEST_BODY);
    break; // which destroys the rest of it
  }
  return { status: statusCode, headers: fields(headers), body: text };
}

function fields(headers: Record<string, string | string[] | undefined>): Map<string, readonly string[]> {
  return new Map(
    Object.entries(headers).map(([name, value]) => [
      name.toLowerCase(),
      value === undefined ? [] : Array.isArray(value) ? value : [value],
    ]),
  );
}
