import type { TokenCredential } from "@azure/identity";
import * as z from "zod/mini";
import { Redacted } from "../../domain/redacted";
import type { AzureCloud } from "../../domain/registry/catalog";
import { parseChallenges } from "../../domain/registry/protocol";
import { jsonOf, textOfBase64 } from "../../domain/secret/encoded";
import {
  nativeTrouble,
  type NativeIdentity,
  type NativeIdentityInfo,
  type NativeLogin,
  type NativeRequest,
  type NativeTrouble,
} from "../../domain/secret/nativeIdentity";
import type { HttpClient, HttpResponse } from "../http/client";
import { azureTransport } from "./transport";
import { azureTrouble, exchangeTrouble } from "./trouble";

export interface AzureOptions {
  readonly env: NodeJS.ProcessEnv;
  readonly http: HttpClient;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** Docker's name for a user who logs in with an identity token (docker/cli, credentials/native_store.go). */
const IDENTITY_TOKEN = "<token>";
/** A refresh token of ACR lives three hours (learn.microsoft.com, "Authenticate with a container registry"). */
const USUAL_LIFE_MS = 3 * 3_600_000;

/** Where each cloud signs in, and what a token must be for (learn.microsoft.com, "Compare Azure Government and global Azure"). */
const CLOUDS: Readonly<Record<AzureCloud, { readonly authority: string; readonly scope: string }>> = {
  public: {
    authority: "https://login.microsoftonline.com",
    scope: "https://containerregistry.azure.net/.default",
  },
  "us-gov": {
    authority: "https://login.microsoftonline.us",
    scope: "https://management.usgovcloudapi.net/.default",
  },
  china: {
    authority: "https://login.chinacloudapi.cn",
    scope: "https://management.chinacloudapi.cn/.default",
  },
  germany: {
    authority: "https://login.microsoftonline.de",
    scope: "https://management.microsoftazure.de/.default",
  },
};

const Exchanged = z.object({ refresh_token: z.string().check(z.minLength(1)) });
const Claims = z.looseObject({ exp: z.optional(z.number()), iat: z.optional(z.number()) });
const Person = z.looseObject({
  upn: z.optional(z.string()),
  unique_name: z.optional(z.string()),
  appid: z.optional(z.string()),
  tid: z.optional(z.string()),
  idtyp: z.optional(z.string()),
});

/**
 * Azure's identity on this machine, by the default chain of its library (environment, workload identity, managed identity,
 * the command lines of Azure), exchanged for a refresh token of the registry at the registry itself
 * (azure.github.io/acr, "AAD-OAuth").
 */
export function azureIdentity(options: AzureOptions): NativeIdentity {
  return {
    async login(request, signal) {
      try {
        return await login(request, options, signal);
      } catch (error) {
        return azureTrouble(error, options.env);
      }
    },
    async describe(request, signal) {
      try {
        return await whoIs(request, options, signal);
      } catch (error) {
        return azureTrouble(error, options.env);
      }
    },
  };
}

async function login(
  request: NativeRequest,
  options: AzureOptions,
  signal?: AbortSignal,
): Promise<NativeLogin | NativeTrouble> {
  const { host } = request;
  const { http, now } = options;
  const challenge = await http.send({ url: `https://${host.authority}/v2/`, signal });
  const { service, tenant } = asked(challenge, host.authority);
  const token = await accessToken(request, options, tenant, signal);
  if (token === undefined) return nativeTrouble("azure", "no-identity", "no token was given");
  // the host itself is asked, whatever realm it names: nobody else is given a token of this identity (security, 1)
  const answer = await http.send({
    url: `https://${host.authority}/oauth2/exchange`,
    method: "POST",
    headers: { "content-type": "application/x-www-form-urlencoded" },
    body: new URLSearchParams({
      grant_type: "access_token",
      service,
      ...(tenant === undefined ? {} : { tenant }),
      access_token: token.reveal(),
    }).toString(),
    signal,
  });
  if (answer.status !== 200) return exchangeTrouble(answer.status, answer.body, token);
  const { refresh_token: refreshToken } = Exchanged.parse(JSON.parse(answer.body));
  const { exp, iat } = claimsOf(refreshToken, Claims) ?? {};
  const seenNow = iat === undefined ? now() : iat * 1000; // both by the registry's clock
  const lifeMs = exp === undefined ? USUAL_LIFE_MS : exp * 1000 - seenNow;
  return { kind: "login", username: IDENTITY_TOKEN, password: new Redacted(refreshToken), lifeMs };
}

/** The service to name, and the tenant if the challenge tells (`tenant`, or the path of an authority's address). */
function asked(answer: HttpResponse, authority: string): { readonly service: string; readonly tenant?: string } {
  const challenges = parseChallenges(answer.headers.get("www-authenticate") ?? []);
  const bearer = challenges.find(({ scheme }) => scheme === "bearer");
  const read = (name: string) => bearer?.parameters[name];
  const address = read("authorization_uri") ?? read("authorization") ?? "";
  const tenant = read("tenant") ?? /^https:\/\/[^/]+\/([0-9a-f-]{36}|[\w.-]+\.\w+)(?:\/|$)/i.exec(address)?.[1];
  return { service: read("service") ?? authority, ...(tenant === undefined ? {} : { tenant }) };
}

async function accessToken(
  { registry }: NativeRequest,
  options: AzureOptions,
  tenantId: string | undefined,
  abortSignal: AbortSignal | undefined,
): Promise<Redacted | undefined> {
  const cloud = CLOUDS[registry.kind === "acr" ? registry.cloud : "public"];
  const credential = await credentialOf(cloud.authority, options);
  const token = await credential.getToken(cloud.scope, {
    ...(tenantId === undefined ? {} : { tenantId }),
    ...(abortSignal === undefined ? {} : { abortSignal }),
  });
  return token === null ? undefined : new Redacted(token.token);
}

async function credentialOf(authority: string, { env, http }: AzureOptions): Promise<TokenCredential> {
  const { DefaultAzureCredential } = await import("./azureSdk");
  const own = env["AZURE_AUTHORITY_HOST"];
  const chosen = own === undefined || own === "" ? authority : own;
  return new DefaultAzureCredential({
    authorityHost: chosen,
    httpClient: azureTransport(http),
    // the registry's challenge names the tenant, which need not be the one that is set up here
    additionallyAllowedTenants: ["*"],
    // an authority that is not one of Microsoft's own is not asked about there
    ...(chosen === authority ? {} : { disableInstanceDiscovery: true }),
  });
}

async function whoIs(
  request: NativeRequest,
  options: AzureOptions,
  signal?: AbortSignal,
): Promise<NativeIdentityInfo | NativeTrouble> {
  const token = await accessToken(request, options, undefined, signal);
  if (token === undefined) return nativeTrouble("azure", "no-identity", "no token was given");
  // Azure says who it is for in the token itself (learn.microsoft.com, "Access token claims reference")
  const { upn, unique_name: unique, appid, tid, idtyp } = claimsOf(token.reveal(), Person) ?? {};
  const name = upn ?? unique ?? appid;
  return {
    kind: "identity",
    cloud: "azure",
    source: sourceOf(options.env, idtyp === "app"),
    ...(name === undefined ? {} : { name }),
    ...(tid === undefined ? {} : { account: tid }),
  };
}

function sourceOf(env: NodeJS.ProcessEnv, isApplication: boolean): NativeIdentityInfo["source"] {
  const has = (name: string) => (env[name] ?? "") !== "";
  if (has("AZURE_CLIENT_SECRET") || has("AZURE_CLIENT_CERTIFICATE_PATH")) return "environment";
  if (has("AZURE_FEDERATED_TOKEN_FILE")) return "federation";
  return isApplication ? "managed-identity" : "developer-tool";
}

function claimsOf<T extends z.ZodMiniType>(token: string, schema: T): z.infer<T> | undefined {
  // a token need not be a JWT
  const parsed = schema.safeParse(jsonOf(textOfBase64(token.split(".")[1] ?? "")));
  return parsed.success ? parsed.data : undefined;
}
