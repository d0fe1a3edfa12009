import type { HttpClient } from "../http/client";

/** The requests of Google's library by our client: with our proxies and authorities, which it would not have itself. */
export function googleTransport(http: HttpClient): typeof fetch {
  return async (input, { method, headers, body, signal } = {}) => {
    const answer = await http.send({
      url: input instanceof Request ? input.url : String(input),
      method: method === "POST" ? "POST" : "GET", // it makes no others
      headers: Object.fromEntries(new Headers(headers)),
      ...(typeof body === "string" || body instanceof URLSearchParams ? { body: String(body) } : {}),
      signal: signal ?? undefined,
    });
    const fields = [...answer.headers].flatMap(([name, values]) =>
      values.map((value): [string, string] => [name, value]),
    );
    return new Response(answer.body === "" ? null : answer.body, { status: answer.status, headers: fields });
  };
}
