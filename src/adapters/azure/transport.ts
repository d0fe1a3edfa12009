import type { TokenCredentialOptions } from "@azure/identity";
import type { HttpClient, HttpResponse } from "../http/client";

type Transport = NonNullable<TokenCredentialOptions["httpClient"]>;
type Answer = Awaited<ReturnType<Transport["sendRequest"]>>;

/** The requests of Azure's library by our client: with our proxies and authorities, which it would not have itself. */
export function azureTransport(http: HttpClient): Transport {
  return {
    async sendRequest(request) {
      const { url, method, headers, body, abortSignal, timeout } = request;
      const limits = [abortSignal as AbortSignal | undefined, timeout > 0 ? AbortSignal.timeout(timeout) : undefined];
      const answer = await http.send({
        url,
        method: method === "POST" ? "POST" : "GET", // it makes no others
        headers: headers.toJSON(),
        ...(typeof body === "string" ? { body } : {}),
        signal: AbortSignal.any(limits.filter((limit) => limit !== undefined)),
      });
      return { request, status: answer.status, headers: headersOf(answer), bodyAsText: answer.body };
    },
  };
}

function headersOf({ headers }: HttpResponse): Answer["headers"] {
  const fields = new Map([...headers].map(([name, values]) => [name, values.join(", ")]));
  return {
    get: (name) => fields.get(name.toLowerCase()),
    has: (name) => fields.has(name.toLowerCase()),
    set: (name, value) => void fields.set(name.toLowerCase(), String(value)),
    delete: (name) => void fields.delete(name.toLowerCase()),
    toJSON: () => Object.fromEntries(fields),
    [Symbol.iterator]: () => fields.entries(),
  };
}
