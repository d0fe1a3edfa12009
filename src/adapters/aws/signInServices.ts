import { Unreachable } from "../http/unreachable";
import type { HttpClient } from "../http/client";

/** Where a session is had and renewed: IAM Identity Center (portal, oidc) and `aws login` (signin). */
const SERVICES = /^https:\/\/(?:(?:portal\.sso|oidc)[.-]|(?:[a-z0-9.-]+\.)?signin\.)/;
/** For so long the SDK does not try again to renew a session (@aws-sdk/token-providers, `fromSso`). */
const PAUSE_MS = 30_000;

/**
 * `http`, and what it did not reach of those services: the SDK keeps that to itself, and says that the session has expired.
 * `now` gives milliseconds since the epoch.
 */
export function watchSignIn(http: HttpClient, now: () => number) {
  let lost: { readonly why: Unreachable; readonly at: number } | undefined;
  const watched: HttpClient = {
    async send(request) {
      if (!SERVICES.test(request.url)) return await http.send(request);
      try {
        const answer = await http.send(request);
        lost = undefined;
        return answer;
      } catch (error) {
        if (error instanceof Unreachable) lost = { why: error, at: now() };
        throw error;
      }
    },
  };
  return { http: watched, unreached: () => (lost && now() - lost.at < PAUSE_MS ? lost.why : undefined) };
}
