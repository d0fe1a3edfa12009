import type { Dispatcher, request as undiciRequest } from "undici";
import { Failure } from "../../domain/failure";
import { isLoopback } from "../../domain/registry/host";

export interface HttpRequest {
  readonly url: string;
  readonly method?: "GET" | "POST";
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly signal?: AbortSignal | undefined;
}

export interface HttpResponse {
  readonly status: number;
  /** Names in lower case; a field that came several times has several values. */
  readonly headers: ReadonlyMap<string, readonly string[]>;
  /** At most `LARGEST_BODY` characters of it. */
  readonly body: string;
}

/** Why no answer came. */
export class Unreachable extends Error {
  readonly reason: "dns" | "refused" | "timeout" | "closed" | "tls" | "other";

  constructor(reason: Unreachable["reason"], message: string, cause: unknown) {
    super(message, { cause });
    this.reason = reason;
  }
}

export interface HttpClient {
  /** One request, redirects not followed. Throws `Unreachable`, or the failure `cancelled`. */
  send(request: HttpRequest): Promise<HttpResponse>;
}

const LARGEST_BODY = 1024 * 1024;

/** A client with a limit on time and size for each request; loads its library with the first one. */
export function httpClient(timeoutMs: number): HttpClient {
  let loaded: Promise<{ request: typeof undiciRequest; direct: Dispatcher; proxied: Dispatcher }> | undefined;
  const load = async () => {
    const { request, Agent, EnvHttpProxyAgent } = await import("undici");
    const options = { connect: { timeout: timeoutMs }, headersTimeout: timeoutMs, bodyTimeout: timeoutMs };
    return { request, direct: new Agent(options), proxied: new EnvHttpProxyAgent(options) };
  };

  return {
    async send({ url, method = "GET", headers = {}, body, signal }) {
      const { request, direct, proxied } = await (loaded ??= load());
      const limit = AbortSignal.timeout(timeoutMs);
      try {
        const response = await request(url, {
          method,
          headers: { "user-agent": "registry-secrets", ...headers },
          ...(body === undefined ? {} : { body }),
          dispatcher: isLoopback(new URL(url).host) ? direct : proxied,
          signal: signal === undefined ? limit : AbortSignal.any([limit, signal]),
        });
        let text = "";
        const decoder = new TextDecoder();
        for await (const chunk of response.body) {
          text += decoder.decode(chunk as Uint8Array, { stream: true });
          if (text.length < LARGEST_BODY) continue;
          text = text.slice(0, LARGEST_BODY);
          break; // which destroys the rest of it
        }
        return { status: response.statusCode, headers: fields(response.headers), body: text };
      } catch (error) {
        if (signal?.aborted === true) throw new Failure("cancelled", "Cancelled.", {}, error);
        throw unreachable(error, new URL(url).host, timeoutMs);
      }
    },
  };
}

function fields(headers: Record<string, string | string[] | undefined>): Map<string, readonly string[]> {
  return new Map(
    Object.entries(headers).map(([name, value]) => [
      name.toLowerCase(),
      value === undefined ? [] : Array.isArray(value) ? value : [value],
    ]),
  );
}

function unreachable(error: unknown, host: string, timeoutMs: number): Unreachable {
  const found = firstWithCode(error);
  const code = found?.code ?? "";
  const message = found?.message ?? (error instanceof Error ? error.message : String(error));
  if (code === "ENOTFOUND" || code === "EAI_AGAIN")
    return new Unreachable("dns", `the name ${host} was not found`, error);
  if (code === "ECONNREFUSED") return new Unreachable("refused", `nothing listens at ${host}`, error);
  if (/TIMEOUT|ETIMEDOUT/.test(code) || (error instanceof Error && error.name === "TimeoutError")) {
    return new Unreachable("timeout", `no answer from ${host} within ${timeoutMs / 1000} s`, error);
  }
  if (/CERT|ERR_TLS|ERR_SSL|EPROTO|SELF_SIGNED|UNABLE_TO/.test(code)) return new Unreachable("tls", message, error);
  if (/ECONNRESET|EPIPE|UND_ERR_SOCKET|HPE_/.test(code)) {
    return new Unreachable("closed", `${host} closed the connection without an answer`, error);
  }
  return new Unreachable("other", message, error);
}

/** The error with a code, which undici and Node wrap in others. */
function firstWithCode(error: unknown): { code: string; message: string } | undefined {
  for (let at = error, depth = 0; at instanceof Error && depth < 5; depth++) {
    if (at instanceof AggregateError && at.errors.length > 0) at = at.errors[0];
    if (!(at instanceof Error)) break;
    const { code } = at as NodeJS.ErrnoException;
    if (typeof code === "string" && code !== "UND_ERR_ABORTED" && !/^\d+$/.test(code))
      return { code, message: at.message };
    at = at.cause;
  }
  return undefined;
}
