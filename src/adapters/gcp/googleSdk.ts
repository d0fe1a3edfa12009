/** What of Google's library is used; a file of its own in the bundle, loaded when a registry of Google is first asked for. */
import { gaxios } from "google-auth-library";
import { setBackend } from "google-logging-utils";

export {
  BaseExternalAccountClient,
  Compute,
  GoogleAuth,
  Impersonated,
  JWT,
  UserRefreshClient,
} from "google-auth-library";

// with GOOGLE_SDK_NODE_LOGGING in the environment the library would print each answer with its token
setBackend(null);

const requests = gaxios.Gaxios.prototype;
// eslint-disable-next-line @typescript-eslint/unbound-method -- it is called with its object below
const { request } = requests;

/**
 * Has all requests of the library made by `transport`. It makes clients in many places (for STS, for a source of
 * impersonation, for the metadata server), and has no one place to be told.
 */
export function sendBy(transport: typeof fetch): void {
  requests.request = function (options) {
    return request.call(this, { ...options, fetchImplementation: transport }) as never;
  };
}
