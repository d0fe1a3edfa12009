import type { AuthClient } from "google-auth-library";
import { Redacted } from "../../domain/redacted";
import { googleUniverse } from "../../domain/registry/catalog";
import {
  nativeTrouble,
  type IdentitySource,
  type NativeIdentity,
  type NativeIdentityInfo,
  type NativeLogin,
  type NativeRequest,
  type NativeTrouble,
} from "../../domain/secret/nativeIdentity";
import type { HttpClient } from "../http/client";
import type * as Sdk from "./googleSdk";
import { googleTransport } from "./transport";
import { googleTrouble } from "./trouble";

export interface GoogleOptions {
  readonly http: HttpClient;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** The library would look for a project at services that may not be there, seconds long; a token needs none. */
const NO_PROJECT = "none";
const SCOPES = ["https://www.googleapis.com/auth/cloud-platform"];
/** Access tokens of Google live for an hour (cloud.google.com, "Token types"), where the answer does not tell. */
const USUAL_LIFE_MS = 3_600_000;

/**
 * Google's identity on this machine, by Application Default Credentials: the file of `GOOGLE_APPLICATION_CREDENTIALS`
 * (service account, impersonation, workload identity federation), `gcloud auth application-default login`, the metadata
 * server. Read anew each time.
 */
export function googleIdentity({ http, now }: GoogleOptions): NativeIdentity {
  let clockAheadMs = 0;
  const transport = googleTransport(http, (time) => (clockAheadMs = now() - time));
  const sdkOverHttp = async () => {
    const sdk = await import("./googleSdk");
    sdk.sendBy(transport);
    return sdk;
  };
  return {
    async login(request) {
      try {
        return await login(request, await sdkOverHttp(), { here: now, atGoogle: () => now() - clockAheadMs });
      } catch (error) {
        return googleTrouble(error);
      }
    },
    async describe(request) {
      try {
        return await whoIs(request, await sdkOverHttp());
      } catch (error) {
        return googleTrouble(error);
      }
    },
  };
}

/** The time by this machine's clock, and by Google's as far as its answers told; milliseconds since the epoch. */
interface Clocks {
  here(): number;
  atGoogle(): number;
}

/** Application Default Credentials. */
function authOf(sdk: typeof Sdk): Sdk.GoogleAuth {
  return new sdk.GoogleAuth({ scopes: SCOPES, projectId: NO_PROJECT });
}

/** What is wrong if the identity is of another cloud than the registry: no token is asked for then. */
async function otherCloud(
  { host }: NativeRequest,
  sdk: typeof Sdk,
  auth: Sdk.GoogleAuth,
  client: AuthClient,
): Promise<NativeTrouble | undefined> {
  const isMachine = client instanceof sdk.Compute; // of which its metadata server tells
  const own = isMachine ? await auth.getUniverseDomainFromMetadataServer() : client.universeDomain;
  const wanted = googleUniverse(host);
  if (own === wanted) return undefined;
  const words = `the identity belongs to the cloud ${own}, and ${host.key} to ${wanted}`;
  return nativeTrouble("google", "incomplete-config", words);
}

async function login(request: NativeRequest, sdk: typeof Sdk, clocks: Clocks): Promise<NativeLogin | NativeTrouble> {
  const auth = authOf(sdk);
  const client = await auth.getClient();
  const other = await otherCloud(request, sdk, auth, client);
  if (other) return other;
  const { token } = await client.getAccessToken();
  if (token === null || token === undefined || token === "") throw new Error("Google sent no access token");
  const { expiry_date: expiresAt } = client.credentials;
  // others are told a number of seconds, to which the library adds this machine's time
  const seenNow = isImpersonated(sdk, client) ? clocks.atGoogle() : clocks.here();
  const lifeMs = typeof expiresAt === "number" ? expiresAt - seenNow : USUAL_LIFE_MS;
  return { kind: "login", username: "oauth2accesstoken", password: new Redacted(token), lifeMs };
}

/** True if the token is one of a service account that another identity stands in for: Google tells the hour when it ends. */
function isImpersonated(sdk: typeof Sdk, client: AuthClient): boolean {
  if (client instanceof sdk.Impersonated) return true;
  return client instanceof sdk.BaseExternalAccountClient && client.getServiceAccountEmail() !== null;
}

async function whoIs(request: NativeRequest, sdk: typeof Sdk): Promise<NativeIdentityInfo | NativeTrouble> {
  const auth = authOf(sdk);
  const client = await auth.getClient();
  const other = await otherCloud(request, sdk, auth, client);
  if (other) return other;
  const source = sourceOf(sdk, client);
  const name = await nameOf(sdk, client, auth);
  const account = [client.projectId, client.quotaProjectId].find((id) => (id ?? NO_PROJECT) !== NO_PROJECT);
  return {
    kind: "identity",
    cloud: "google",
    source,
    ...(name === undefined ? {} : { name }),
    ...(typeof account === "string" ? { account } : {}),
  };
}

function sourceOf(sdk: typeof Sdk, client: AuthClient): IdentitySource {
  if (client instanceof sdk.Impersonated) return "impersonation";
  if (client instanceof sdk.JWT) return "key-file";
  if (client instanceof sdk.UserRefreshClient) return "user-login";
  if (client instanceof sdk.BaseExternalAccountClient) return "federation";
  return client instanceof sdk.Compute ? "instance" : "other";
}

async function nameOf(sdk: typeof Sdk, client: AuthClient, auth: Sdk.GoogleAuth): Promise<string | undefined> {
  if (client instanceof sdk.JWT) return client.email ?? undefined;
  if (client instanceof sdk.Impersonated) return client.getTargetPrincipal();
  if (client instanceof sdk.BaseExternalAccountClient) return client.getServiceAccountEmail() ?? undefined;
  if (client instanceof sdk.Compute) return (await auth.getCredentials()).client_email;
  if (client instanceof sdk.UserRefreshClient) {
    const { token } = await client.getAccessToken();
    // a login without the scope for the address has no name, and is none the worse for it
    return typeof token === "string" ? (await client.getTokenInfo(token)).email : undefined;
  }
  return undefined;
}
