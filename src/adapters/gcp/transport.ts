import { Redacted, redactText } from "../../domain/redacted";
import type { HttpClient } from "../http/client";
import { Unreachable } from "../http/unreachable";

/** What is secret in a request for a token (RFC 6749, 7523 and 8693). */
const SECRET_FIELDS = ["client_secret", "refresh_token", "assertion", "subject_token", "actor_token"];
/** What is shorter stands in many words, and is no secret of Google's. */
const SHORTEST_SECRET = 6;

/**
 * The requests of Google's library by our client: with our proxies and authorities, which it would not have itself.
 * `onDate` is told what time it is at the service that answered, in milliseconds since the epoch.
 */
export function googleTransport(http: HttpClient, onDate: (time: number) => void): typeof fetch {
  return async (input, { method, headers, body, signal } = {}) => {
    const sent = typeof body === "string" || body instanceof URLSearchParams ? String(body) : undefined;
    const url = input instanceof Request ? input.url : String(input);
    const fieldsSent = Object.fromEntries(new Headers(headers));
    const sending = http.send({
      url,
      method: method === "POST" ? "POST" : "GET", // it makes no others
      headers: fieldsSent,
      ...(sent === undefined ? {} : { body: sent }),
      signal: signal ?? undefined,
    });
    const answer = await sending.catch((error: unknown) => {
      // the library waits three seconds for the metadata server, and stops the request itself
      if (!isTimeout(signal?.reason)) throw error;
      const who = "metadata-flavor" in fieldsSent ? "Google's metadata server at " : "";
      throw new Unreachable("timeout", `no answer in time from ${who}${new URL(url).host}`, error);
    });
    const fields = [...answer.headers].flatMap(([name, values]) =>
      values.map((value): [string, string] => [name, value]),
    );
    const time = Date.parse(answer.headers.get("date")?.[0] ?? "");
    if (!Number.isNaN(time)) onDate(time);
    // a refusal may repeat what it refuses, and its words are shown
    const text = answer.status < 400 ? answer.body : redactText(answer.body, secretsIn(sent));
    return new Response(text === "" ? null : text, { status: answer.status, headers: fields });
  };
}

function secretsIn(sent = ""): { value: Redacted }[] {
  const fields = new URLSearchParams(sent);
  return SECRET_FIELDS.flatMap((name) => fields.getAll(name))
    .filter((value) => value.length >= SHORTEST_SECRET)
    .map((value) => ({ value: new Redacted(value) }));
}

function isTimeout(reason: unknown): boolean {
  return reason instanceof Error && reason.name === "TimeoutError";
}
