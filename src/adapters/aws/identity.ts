import * as z from "zod/mini";
import { Redacted } from "../../domain/redacted";
import {
  type IdentitySource,
  type NativeIdentity,
  type NativeIdentityInfo,
  type NativeLogin,
  type NativeRequest,
} from "../../domain/secret/nativeIdentity";
import type { HttpClient } from "../http/client";
import type * as Sdk from "./awsSdk";
import { watchSignIn } from "./signInServices";
import { awsTransport } from "./transport";
import { awsTrouble, type Whose } from "./trouble";

export interface AwsOptions {
  /** Where the profile is read from; AWS's own library reads that of the process. */
  readonly env: NodeJS.ProcessEnv;
  readonly http: HttpClient;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** An instance that is slow to answer is waited for, and a machine that is none is not waited for long. */
const METADATA = { timeout: 1_500, maxRetries: 1 };
/** The one region whose API gives tokens for public.ecr.aws (ECR public user guide, "Registry authentication"). */
const PUBLIC_REGION = "us-east-1";

const Authorization = z.object({ authorizationToken: z.string(), expiresAt: z.date() });

/**
 * AWS's identity on this machine, by the default chain of its SDK (environment, profiles with SSO, roles and processes,
 * web identity, container, instance), or by the access key of a secret. Config files are read anew each time.
 */
export function awsIdentity(given: AwsOptions): NativeIdentity {
  const { http, unreached } = watchSignIn(given.http, given.now);
  const options = { ...given, http };
  const troubleOf = async (error: unknown, { accessKey }: NativeRequest) => {
    const whose: Whose = accessKey ? { keysIn: "secret", accessKey } : await whoseHere(options.env);
    return awsTrouble(error, { ...whose, unreached: unreached() }, options.now());
  };
  return {
    async login(request, signal) {
      try {
        return await login(request, options, signal);
      } catch (error) {
        return await troubleOf(error, request);
      }
    },
    async describe(request, signal) {
      try {
        return await whoIs(request, options, signal);
      } catch (error) {
        return await troubleOf(error, request);
      }
    },
  };
}

async function login(request: NativeRequest, options: AwsOptions, abortSignal?: AbortSignal): Promise<NativeLogin> {
  const sdk = await import("./awsSdk");
  const config = clientConfig(sdk, request, options);
  const stop = abortSignal ? { abortSignal } : {};
  if (request.registry.kind === "ecr-public") {
    const client = new sdk.ECRPUBLICClient(config);
    const { authorizationData } = await client.send(new sdk.GetPublicAuthorizationTokenCommand({}), stop);
    return loginOf(authorizationData, options.now() + client.config.systemClockOffset);
  }
  const client = new sdk.ECRClient(config);
  const { authorizationData } = await client.send(new sdk.GetAuthorizationTokenCommand({}), stop);
  return loginOf(authorizationData?.[0], options.now() + client.config.systemClockOffset);
}

/** `now` is the cloud's. */
function loginOf(data: unknown, now: number): NativeLogin {
  const { authorizationToken, expiresAt } = Authorization.parse(data);
  const [, username, password] = /^([^:]+):(.+)$/s.exec(Buffer.from(authorizationToken, "base64").toString()) ?? [];
  if (username === undefined || password === undefined) throw new Error("AWS sent a token that is none");
  return { kind: "login", username, password: new Redacted(password), lifeMs: expiresAt.getTime() - now };
}

function clientConfig(sdk: typeof Sdk, { registry, host, accessKey }: NativeRequest, options: AwsOptions) {
  const isEcr = registry.kind === "ecr";
  const region = isEcr ? registry.region : PUBLIC_REGION;
  // the SDK goes by the region alone, and takes one that it does not know for one of the partition aws
  if (isEcr && sdk.partition(region).name !== registry.partition)
    throw new Error(
      `This version of AWS's SDK does not know the region ${region} of the partition ${registry.partition}.`,
    );
  const requestHandler = awsTransport(options.http);
  return {
    region,
    maxAttempts: 3,
    useFipsEndpoint: isEcr && registry.fips,
    // a host of this form is asked for where there is IPv6 alone
    useDualstackEndpoint: isEcr && /^\d+\.dkr-ecr/.test(host.key),
    requestHandler,
    credentials: accessKey
      ? { accessKeyId: accessKey.id, secretAccessKey: accessKey.secret.reveal() }
      : sdk.defaultProvider({ ...METADATA, ignoreCache: true, clientConfig: { requestHandler }, logger: SILENT }),
  };
}

/** The SDK would warn on the console. */
const SILENT = { debug() {}, info() {}, warn() {}, error() {} };

async function whoIs(
  request: NativeRequest,
  options: AwsOptions,
  abortSignal?: AbortSignal,
): Promise<NativeIdentityInfo> {
  const sdk = await import("./awsSdk");
  const config = clientConfig(sdk, request, options);
  const client = new sdk.STSClient({ ...config, useDualstackEndpoint: false });
  const credentials = await client.config.credentials();
  const { $source: marks = {}, accountId } = credentials as { $source?: Record<string, string>; accountId?: string };
  const source = request.accessKey ? "access-key" : sourceOf(Object.keys(marks));
  const profile = FROM_PROFILE.has(source) ? (profileOf(options.env) ?? "default") : undefined;
  const answer = await client.send(new sdk.GetCallerIdentityCommand({}), abortSignal ? { abortSignal } : {});
  const account = answer.Account ?? accountId;
  return {
    kind: "identity",
    cloud: "aws",
    source,
    ...(answer.Arn === undefined ? {} : { name: answer.Arn }),
    ...(account === undefined ? {} : { account }),
    ...(profile === undefined ? {} : { profile }),
  };
}

function profileOf(env: NodeJS.ProcessEnv): string | undefined {
  const profile = env["AWS_PROFILE"];
  return profile === "" ? undefined : profile;
}

/** Whose login it was to be without an access key: the SDK's chain takes the first of these. */
async function whoseHere(env: NodeJS.ProcessEnv): Promise<Whose> {
  const isSet = (name: string) => (env[name] ?? "") !== "";
  const named = profileOf(env);
  if (named !== undefined) return { profile: named };
  if (KEYS.every(isSet)) return { keysIn: "variables" };
  if (await saysWho("default")) return { profile: "default" };
  return { hasNothing: ![...KEYS, ...PLACES].some(isSet) };
}

/** The variables that hold keys, and those that say where an identity comes from (SDKs reference guide, "Environment variables"). */
const KEYS = ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"];
const PLACES = [
  "AWS_WEB_IDENTITY_TOKEN_FILE",
  "AWS_CONTAINER_CREDENTIALS_FULL_URI",
  "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
];
/** The settings that do so in a profile (SDKs reference guide, "Settings reference"). */
const SETTINGS =
  /^(?:aws_(?:access_key_id|secret_access_key)|role_arn|credential_(?:process|source)|source_profile|web_identity_token_file|sso_.+|login_session)$/;

async function saysWho(profile: string): Promise<boolean> {
  const { loadSharedConfigFiles } = await import("./awsSdk");
  const { configFile, credentialsFile } = await loadSharedConfigFiles({ ignoreCache: true });
  return Object.keys({ ...configFile[profile], ...credentialsFile[profile] }).some((name) => SETTINGS.test(name));
}

const FROM_PROFILE: ReadonlySet<IdentitySource> = new Set(["profile", "sso", "assumed-role", "process"]);

/** The SDK notes where credentials come from for its user agent (@aws-sdk/types, `AwsSdkCredentialsFeatures`). */
function sourceOf(marks: readonly string[]): IdentitySource {
  const has = (pattern: RegExp) => marks.some((mark) => pattern.test(mark));
  if (has(/SSO/)) return "sso";
  if (has(/WEB_ID_TOKEN/)) return "web-identity";
  if (has(/ASSUME_ROLE/)) return "assumed-role";
  if (has(/PROCESS/)) return "process";
  if (has(/ENV_VARS/)) return "environment";
  if (has(/LOGIN/)) return "user-login";
  if (has(/PROFILE/)) return "profile";
  if (has(/HTTP/)) return "container";
  if (has(/IMDS/)) return "instance";
  // the provider for instances leaves no mark in every version
  return marks.length === 0 ? "instance" : "other";
}
