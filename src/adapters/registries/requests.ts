import type { Exchange } from "../../domain/diagnosis/evidence";
import { redactText } from "../../domain/redacted";
import { isLoopback } from "../../domain/registry/host";
import { parseErrorBody, realmIsFollowable } from "../../domain/registry/protocol";
import type { HttpClient, HttpRequest, HttpResponse } from "../http/client";
import { Unreachable } from "../http/unreachable";
import { expirationOf } from "./judge";

/** How a registry is spoken to. Docker takes the second and third only of registries that it regards as insecure. */
export type Transport = "verified" | "unverified" | "plain";

/** One attempt while it goes on: whom it asks, as whom, and what was said. */
export interface Talk {
  /** The registry: host, with port if not the default. */
  readonly authority: string;
  readonly who: "anonymous" | "with the credential";
  readonly log: Exchange[];
  readonly signal?: AbortSignal | undefined;
  /** When the credential ends, if some answer told. */
  expiresAt?: string | undefined;
}

const MOST_REDIRECTS = 3;

/** Asks a registry. Throws `Unreachable`. */
export async function askRegistry(
  http: HttpClient,
  transport: Transport,
  path: string,
  headers: Record<string, string>,
  talk: Talk,
): Promise<HttpResponse> {
  const scheme = transport === "plain" ? "http" : "https";
  return await follow(http, { url: `${scheme}://${talk.authority}${path}`, headers }, transport, talk);
}

/**
 * Sends a request to the registry or its token server and follows redirects: elsewhere without the credential, and never
 * into a private network. Throws `Unreachable`.
 */
export async function follow(
  http: HttpClient,
  request: HttpRequest,
  transport: Transport,
  talk: Talk,
): Promise<HttpResponse> {
  const { host } = new URL(request.url);
  // an insecure registry is asked anonymously only, and its token server may be as it is
  const isOwn = host === talk.authority || isLoopback(host) || talk.who === "anonymous";
  const unverified = transport !== "verified" && isOwn;
  let next: HttpRequest = { ...request, registry: talk.authority, unverified, signal: talk.signal };
  for (let redirects = 0; ; redirects++) {
    const response = await exchange(http, next, talk);
    const location =
      response.status >= 300 && response.status < 400 ? response.headers.get("location")?.[0] : undefined;
    if (location === undefined || redirects === MOST_REDIRECTS) return response;
    const from = new URL(next.url);
    if (!URL.canParse(location, next.url)) return response;
    const target = new URL(location, next.url);
    const sameOrigin = target.origin === from.origin;
    // a body holds an identity token; what is not followed is judged as it stands
    if (!sameOrigin && (next.body !== undefined || !realmIsFollowable(target.href, from.host))) return response;
    if (sameOrigin) {
      next = { ...next, url: target.href };
    } else {
      const { authorization: _, ...headers } = next.headers ?? {};
      next = { url: target.href, headers, signal: talk.signal };
    }
  }
}

async function exchange(http: HttpClient, request: HttpRequest, talk: Talk): Promise<HttpResponse> {
  const asked = `${request.method ?? "GET"} ${redactText(request.url)} (${talk.who})`;
  try {
    const response = await http.send(request);
    const [first] = parseErrorBody(response.body);
    const said = first === undefined ? "" : ` ${[first.code, first.message].filter((part) => part !== "").join(": ")}`;
    talk.log.push({ asked, answered: `${response.status}${said}` });
    talk.expiresAt ??= expirationOf(response);
    return response;
  } catch (error) {
    if (error instanceof Unreachable) talk.log.push({ asked, answered: error.message });
    throw error;
  }
}
