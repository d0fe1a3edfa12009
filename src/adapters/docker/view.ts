import { constants } from "node:fs";
import { access, readdir, readFile } from "node:fs/promises";
import { delimiter, join } from "node:path";
import * as z from "zod/mini";
import type { LoginElsewhere } from "../../domain/diagnosis/dockerEvidence";
import { Failure, isFailure } from "../../domain/failure";
import { DOCKER_HUB_KEY } from "../../domain/registry/host";
import { run } from "../process/run";
import { dockerKey, hostnameOfKey, parseDockerAuthConfig, type AuthEntry, type DockerConfig } from "./config";
import { homeFolder, readLimited } from "./configFile";
import type { RunHelper } from "./helper";

/** Where this system keeps what is nobody's variable. */
export interface SystemPlaces {
  readonly passwd: string;
  /** The home folders of Windows as WSL shows them. */
  readonly windowsUsers: string;
}

export const SYSTEM: SystemPlaces = { passwd: "/etc/passwd", windowsUsers: "/mnt/c/Users" };

const VERSION_MS = 5_000;
/** The first client that reads `DOCKER_AUTH_CONFIG` (docker/cli 28.3.0; gitlab-org/gitlab-runner#38909). */
const FIRST_READER: readonly [number, number] = [28, 3];
const MOST_WINDOWS_USERS = 20;

/**
 * True if this client reads `DOCKER_AUTH_CONFIG`. What answers otherwise than docker (podman under its name) does not;
 * where no client can be asked, what the present ones do counts.
 */
export async function readsAuthConfig(path: string, env: NodeJS.ProcessEnv): Promise<boolean> {
  try {
    const { stdout } = await run({ command: path, args: ["--version"], env, timeoutMs: VERSION_MS, maxOutput: 1_000 });
    return isReader(stdout);
  } catch (error) {
    if (isFailure(error)) return true;
    throw error;
  }
}

/** The same by what `docker --version` prints: "Docker version 28.3.0, build 38b7060". */
export function isReader(version: string): boolean {
  const [, major, minor] = /^Docker version (\d+)\.(\d+)/.exec(version) ?? [];
  if (major === undefined) return false;
  const [firstMajor, firstMinor] = FIRST_READER;
  return Number(major) > firstMajor || (Number(major) === firstMajor && Number(minor) >= firstMinor);
}

/** True if a program of this name can be run. */
export async function isOnPath(program: string, env: NodeJS.ProcessEnv): Promise<boolean> {
  const endings = process.platform === "win32" ? [".exe", ".cmd", ".bat"] : [""];
  const folders = (env["PATH"] ?? env["Path"] ?? "").split(delimiter).filter((folder) => folder !== "");
  const files = folders.flatMap((folder) => endings.map((ending) => join(folder, program + ending)));
  for (const file of files) {
    const runs = await access(file, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (runs) return true;
  }
  return false;
}

const List = z.record(z.string(), z.string());

/**
 * The keys that Docker has a login for: of the file, the variable, and the store's own list (without `runHelper` that is
 * not asked). Never throws but for `cancelled`.
 */
export async function otherHosts(
  config: DockerConfig,
  runHelper: RunHelper | undefined,
  dockerAuthConfig: string,
): Promise<string[]> {
  const hosts = new Set([...config.credHelpers.keys()]);
  const takeFrom = (auths: ReadonlyMap<string, AuthEntry>) => {
    for (const [key, entry] of auths) if (hasLogin(entry)) hosts.add(key);
  };
  takeFrom(config.auths);
  try {
    takeFrom(parseDockerAuthConfig(dockerAuthConfig));
  } catch (error) {
    if (!isFailure(error, "invalid-docker-config")) throw error;
  }
  try {
    if (runHelper) for (const [host] of await listedBy(config.credsStore, runHelper)) hosts.add(host);
  } catch (error) {
    if (!isFailure(error) || error.code === "cancelled") throw error;
  }
  return [...hosts];
}

/**
 * What a config's store lists: keys with their usernames; nothing where there is none. Throws `helper-failed` for one that
 * gives no list, and what running it throws.
 */
export async function listedBy(store: string, runHelper: RunHelper): Promise<[key: string, username: string][]> {
  // asking the helper of Dev Containers for its list cuts VS Code off (microsoft/vscode-remote-release#9603)
  if (store === "" || store.startsWith("dev-containers-")) return [];
  const { stdout, exitCode } = await runHelper(store, "list", "");
  let answer: unknown;
  try {
    answer = JSON.parse(stdout);
  } catch {
    answer = undefined;
  }
  const parsed = z.safeParse(List, exitCode === 0 ? answer : undefined);
  if (!parsed.success)
    throw new Failure("helper-failed", `docker-credential-${store} did not list its logins.`, { helper: store });
  return Object.entries(parsed.data);
}

/** The configs that name this registry and that this docker client does not read. Never throws. */
export async function loginsElsewhere(
  registry: string,
  ownFile: string,
  env: NodeJS.ProcessEnv,
  system: SystemPlaces = SYSTEM,
): Promise<LoginElsewhere[]> {
  const places: LoginElsewhere[] = [
    { file: join(homeFolder(env), ".docker", "config.json"), of: "home" },
    ...(await sudoUserFile(env, system)),
    ...(await windowsFiles(env, system)),
    ...podmanFiles(env).map((file) => ({ file, of: "podman" as const })),
  ];
  const found: LoginElsewhere[] = [];
  for (const place of places) {
    if (place.file === ownFile || found.some(({ file }) => file === place.file)) continue;
    if (await names(place.file, registry)) found.push(place);
  }
  return found;
}

/** containers-auth.json(5), and containers/image pkg/docker/config for a session without XDG_RUNTIME_DIR. */
export function podmanFiles(env: NodeJS.ProcessEnv): string[] {
  const given = (name: string) => (env[name] === undefined || env[name] === "" ? undefined : env[name]);
  const runtime = given("XDG_RUNTIME_DIR");
  const uid = process.getuid?.();
  const own = given("REGISTRY_AUTH_FILE");
  return [
    ...(own === undefined ? [] : [own]),
    ...(runtime === undefined ? [] : [join(runtime, "containers", "auth.json")]),
    ...(runtime === undefined && uid !== undefined ? [`/run/containers/${String(uid)}/auth.json`] : []),
    join(given("XDG_CONFIG_HOME") ?? join(homeFolder(env), ".config"), "containers", "auth.json"),
  ];
}

/** Under sudo docker reads root's config; the person's login lies in their own. */
async function sudoUserFile({ SUDO_USER }: NodeJS.ProcessEnv, system: SystemPlaces): Promise<LoginElsewhere[]> {
  if (SUDO_USER === undefined || SUDO_USER === "") return [];
  const users = await readFile(system.passwd, "utf8").catch(() => "");
  const home = users
    .split("\n")
    .map((line) => line.split(":"))
    .find(([name]) => name === SUDO_USER)?.[5];
  return home === undefined || home === "" ? [] : [{ file: join(home, ".docker", "config.json"), of: "sudo-user" }];
}

/** In WSL there are two: the one of Linux, which docker reads here, and that of Windows. */
async function windowsFiles(env: NodeJS.ProcessEnv, system: SystemPlaces): Promise<LoginElsewhere[]> {
  if (env["WSL_DISTRO_NAME"] === undefined && env["WSL_INTEROP"] === undefined) return [];
  const users = await readdir(system.windowsUsers).catch(() => []);
  return users.slice(0, MOST_WINDOWS_USERS).map((user) => ({
    file: join(system.windowsUsers, user, ".docker", "config.json"),
    of: "windows",
  }));
}

/** What is needed of a config that another tool may have written: keys only, no value is taken out of it. */
const Foreign = z.looseObject({
  auths: z.optional(z.nullable(z.record(z.string(), z.unknown()))),
  credHelpers: z.optional(z.nullable(z.record(z.string(), z.unknown()))),
});

/** With a store, docker leaves an empty entry in `auths` for each host that it is logged in to; podman's may have a path. */
async function names(file: string, registry: string): Promise<boolean> {
  try {
    const parsed = z.safeParse(Foreign, JSON.parse(await readLimited(file)));
    if (!parsed.success) return false;
    const keys = [...Object.keys(parsed.data.auths ?? {}), ...Object.keys(parsed.data.credHelpers ?? {})];
    const wanted = dockerKey(registry);
    return keys.some(
      (key) =>
        key === wanted || hostnameOfKey(key) === registry || (wanted === DOCKER_HUB_KEY && dockerKey(key) === wanted),
    );
  } catch {
    return false; // absent, unreadable or no JSON: nothing is known of it
  }
}

/** True if an entry of `auths` is a login of its own, and not the empty one that a store leaves behind. */
export function hasLogin({ username, password, identityToken, registryToken }: AuthEntry): boolean {
  return username !== "" || !password.isEmpty || !identityToken.isEmpty || !registryToken.isEmpty;
}
