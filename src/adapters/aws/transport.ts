import { Readable } from "node:stream";
import type { HttpClient } from "../http/client";

/** What AWS's library asks of whoever makes its requests (@smithy/types, `HttpRequest`). */
interface Asked {
  readonly method: string;
  readonly protocol: string;
  readonly hostname: string;
  readonly port?: number | undefined;
  readonly path: string;
  readonly query?: Readonly<Record<string, string | readonly string[] | null>> | undefined;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

/** The requests of AWS's library by our client: with our proxies and authorities, which it would not have itself. */
export function awsTransport(http: HttpClient) {
  return {
    async handle(request: Asked, { abortSignal }: { readonly abortSignal?: unknown } = {}) {
      const { method, headers, body } = request;
      const answer = await http.send({
        url: urlOf(request),
        method: method === "POST" ? "POST" : "GET", // it makes no others
        headers,
        ...(typeof body === "string"
          ? { body }
          : body instanceof Uint8Array
            ? { body: new TextDecoder().decode(body) }
            : {}),
        signal: abortSignal as AbortSignal | undefined,
      });
      const fields = [...answer.headers].map(([name, values]) => [name, values.join(", ")] as const);
      const answered = Readable.from([Buffer.from(answer.body)]);
      return { response: { statusCode: answer.status, headers: Object.fromEntries(fields), body: answered } };
    },
  };
}

function urlOf({ protocol, hostname, port, path, query = {} }: Asked): string {
  const url = new URL(`${protocol}//${hostname}${port === undefined ? "" : `:${port}`}${path}`);
  for (const [name, value] of Object.entries(query)) {
    for (const one of [value ?? ""].flat()) url.searchParams.append(name, one);
  }
  return url.href;
}
