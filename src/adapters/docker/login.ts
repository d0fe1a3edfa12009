import { join } from "node:path";
import { isFailure, type Failure } from "../../domain/failure";
import type { DockerAnswer, DockerLogin } from "../../domain/diagnosis/credentials";
import type { DockerView, HelperView, LoginSource } from "../../domain/diagnosis/dockerEvidence";
import { redactText } from "../../domain/redacted";
import {
  dockerKey,
  helperFor,
  parseDockerAuthConfig,
  parseDockerConfig,
  resolveDockerCredential,
  type DockerConfig,
  type DockerCredential,
} from "./config";
import { configFolder, readConfigText } from "./configFile";
import { helperRunner, type RunHelper } from "./helper";
import { isOnPath, loginsElsewhere, otherHosts, readsAuthConfig, SYSTEM, type SystemPlaces } from "./view";

const NOTHING: DockerConfig = { auths: new Map(), credHelpers: new Map(), credsStore: "" };

/**
 * What the docker client at `path` would send with this environment: its config, its helpers, `DOCKER_AUTH_CONFIG`.
 * Where a file or helper is broken the answer is what `docker pull` goes on with, and the view says what is broken.
 */
export function dockerLogin(
  env: NodeJS.ProcessEnv,
  path = "docker",
  { system = SYSTEM, helperMs }: { readonly system?: SystemPlaces; readonly helperMs?: number } = {},
): DockerLogin {
  let reads: Promise<boolean> | undefined;
  return async (registry, signal): Promise<DockerAnswer> => {
    const runHelper = helperRunner(env, helperMs, signal);
    const { config, hasDefaultStore, seen } = await readConfig(env);
    const given = env["DOCKER_AUTH_CONFIG"] ?? "";
    const isRead = given !== "" && (await (reads ??= readsAuthConfig(path, env)));
    const { found, failure } = await resolve(config, registry, runHelper, isRead ? given : "");

    const source = found && sourceOf(found);
    const helper = source?.kind === "environment" ? undefined : helperFor(config, dockerKey(registry));
    const view: DockerView = {
      config: seen,
      ...(source === undefined ? {} : { source }),
      ...(helper === undefined
        ? {}
        : { helper: helperView(helper, config, registry, hasDefaultStore, source, failure) }),
      ...(given === "" ? {} : { authConfig: isRead ? stateOf(given) : "not-read-by-this-client" }),
      hosts: found ? [] : await otherHosts(config, failure ? undefined : runHelper, isRead ? given : ""),
      elsewhere: found ? [] : await loginsElsewhere(registry, seen.file, env, system),
    };
    const login = found && loginOf(found);
    return login === undefined ? { view } : { login, view };
  };
}

export interface ReadConfig {
  readonly config: DockerConfig;
  readonly hasDefaultStore: boolean;
  readonly seen: DockerView["config"];
}

/** The config; where it holds no login at all, with the platform's own store (docker/cli `LoadDefaultConfigFile`). */
export async function readConfig(env: NodeJS.ProcessEnv): Promise<ReadConfig> {
  const { config, seen } = await readFileOf(env);
  const { auths, credHelpers, credsStore } = config;
  if (auths.size > 0 || credHelpers.size > 0 || credsStore !== "") return { config, hasDefaultStore: false, seen };
  const platforms = await defaultStore(env);
  return { config: { ...config, credsStore: platforms }, hasDefaultStore: platforms !== "", seen };
}

async function readFileOf(env: NodeJS.ProcessEnv): Promise<Omit<ReadConfig, "hasDefaultStore">> {
  const file = join(configFolder(env), "config.json");
  const from = env["DOCKER_CONFIG"] === undefined || env["DOCKER_CONFIG"] === "" ? "home" : "DOCKER_CONFIG";
  let text: string | undefined;
  try {
    text = await readConfigText(env);
    if (text === undefined) return { config: NOTHING, seen: { file, from, state: "absent" } };
    return { config: parseDockerConfig(text), seen: { file, from, state: "read" } };
  } catch (error) {
    if (!isFailure(error, "invalid-docker-config")) throw error;
    const state = text === undefined ? "unreadable" : "invalid";
    return { config: NOTHING, seen: { file, from, state, problem: redactText(error.message) } };
  }
}

/** docker/cli, cli/config/credentials/default_store*.go. Empty where the helper is not on PATH. */
async function defaultStore(env: NodeJS.ProcessEnv): Promise<string> {
  const linux = async () => ((await isOnPath("pass", env)) ? "pass" : "secretservice");
  const name = process.platform === "darwin" ? "osxkeychain" : process.platform === "win32" ? "wincred" : await linux();
  return (await isOnPath(`docker-credential-${name}`, env)) ? name : "";
}

/** As `docker pull` does it: a helper that fails is passed over, for what `auths` holds. */
async function resolve(
  config: DockerConfig,
  registry: string,
  runHelper: RunHelper,
  dockerAuthConfig: string,
): Promise<{ readonly found?: DockerCredential | undefined; readonly failure?: Failure }> {
  try {
    return { found: await resolveDockerCredential(config, registry, runHelper, dockerAuthConfig) };
  } catch (error) {
    if (!isFailure(error) || error.code === "cancelled") throw error;
    return {
      failure: error,
      found: await resolveDockerCredential({ ...NOTHING, auths: config.auths }, registry, runHelper),
    };
  }
}

function helperView(
  name: string,
  config: DockerConfig,
  registry: string,
  isDefault: boolean,
  source: LoginSource | undefined,
  failure: Failure | undefined,
): HelperView {
  const leftBy = name.startsWith("dev-containers-") ? "Dev Containers" : name === "devpod" ? "DevPod" : undefined;
  const from = config.credHelpers.has(dockerKey(registry)) ? "credHelpers" : isDefault ? "default" : "credsStore";
  if (!failure) return { name, from, state: source?.kind === "helper" ? "answered" : "knows-none" };
  return {
    name,
    from,
    state: failure.code === "helper-missing" ? "missing" : failure.code === "timed-out" ? "hanging" : "failing",
    problem: redactText(failure.message),
    ...(failure.facts["signedOut"] === true ? { signedOut: true } : {}),
    // one that answers is in use: only a name without its program is a leftover
    ...(leftBy === undefined ? {} : { leftBy }),
  };
}

function sourceOf({ source }: DockerCredential): LoginSource {
  if ("helper" in source) return { kind: "helper", name: source.helper };
  return "authsKey" in source
    ? { kind: "auths", key: source.authsKey }
    : { kind: "environment", key: source.environmentKey };
}

function stateOf(dockerAuthConfig: string): "read" | "invalid" {
  try {
    parseDockerAuthConfig(dockerAuthConfig);
    return "read";
  } catch (error) {
    if (isFailure(error, "invalid-docker-config")) return "invalid";
    throw error;
  }
}

function loginOf(found: DockerCredential): DockerAnswer["login"] {
  if (found.identityToken) return { username: found.username ?? "<token>", identityToken: found.identityToken };
  if (found.username === undefined || found.password === undefined) return undefined;
  return { username: found.username, password: found.password };
}
