import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { Failure, isFailure } from "../../domain/failure";
import { parseRegistryHost } from "../../domain/registry/host";
import type { FoundLogin, OtherLogins } from "../../domain/secret/otherLogins";
import {
  hostnameOfKey,
  parseDockerAuthConfig,
  parseDockerConfig,
  resolveDockerCredential,
  type DockerConfig,
  type DockerCredential,
} from "./config";
import { homeFolder, readLimited } from "./configFile";
import { helperRunner, type RunHelper } from "./helper";
import { readConfig } from "./login";
import { hasLogin, listedBy, podmanFiles } from "./view";

const VARIABLE = "DOCKER_AUTH_CONFIG";
/** Docker Desktop and the login of Docker Hub by browser keep these beside the login itself; no registry takes them. */
const TOKENS_OF_HUB = /\/(?:access-token|refresh-token)$/;

/** A place of logins: a config as Docker writes it, wherever it lies. */
interface Place {
  readonly name: string;
  readonly config: DockerConfig;
}

/**
 * The logins of Docker (its config, its helpers, `DOCKER_AUTH_CONFIG`) and of Podman (every place of
 * containers-auth.json(5)), as they are for this environment.
 */
export function otherLogins(env: NodeJS.ProcessEnv, { helperMs }: { readonly helperMs?: number } = {}): OtherLogins {
  const helpers: Helpers = (signal) => helperRunner(env, helperMs, signal);
  return {
    ...loginsAt(() => readPlaces(env), helpers),
    ofText: (name, text) => Promise.resolve(loginsAt(() => Promise.resolve(placesOfText(name, text)), helpers)),
  };
}

type Helpers = (signal: AbortSignal | undefined) => RunHelper;

function loginsAt(readAll: () => ReturnType<typeof readPlaces>, helpers: Helpers): Omit<OtherLogins, "ofText"> {
  return {
    async list(signal) {
      const runHelper = helpers(signal);
      const { places, problems } = await readAll();
      const logins: FoundLogin[] = [];
      for (const place of places) {
        const found = await loginsIn(place, runHelper);
        problems.push(...found.problems);
        logins.push(...found.logins);
      }
      return { logins, problems };
    },
    async read(login, signal) {
      const { places } = await readAll();
      const runHelper = helpers(signal);
      const found = valueIn(places, login) ?? (await valueFrom(places, login, runHelper));
      const facts = { host: login.host.key, place: login.place, display: login.host.display };
      const { display } = login.host;
      if (found?.identityToken ?? found?.registryToken) {
        throw new Failure(
          "identity-token",
          `${login.place} is logged in to ${display} with a token that only it can use.`,
          facts,
        );
      }
      if (found?.username === undefined || found.password === undefined || found.password.isEmpty)
        throw new Failure("login-not-found", `${login.place} has no login for ${display} any more.`, facts);
      return { username: found.username, password: found.password };
    },
  };
}

type Value = Pick<DockerCredential, "username" | "password" | "identityToken" | "registryToken">;

/** The value that stands in the file itself. */
function valueIn(places: readonly Place[], { place, key }: FoundLogin): Value | undefined {
  const entry = places.find(({ name }) => name === place)?.config.auths.get(key);
  if (!entry) return undefined;
  const { username, password, identityToken, registryToken } = entry;
  return {
    username,
    password,
    ...(identityToken.isEmpty ? {} : { identityToken }),
    ...(registryToken.isEmpty ? {} : { registryToken }),
  };
}

/** The value that the helper gives which a file names. The key is given as the list has it: Podman's is `docker.io`. */
async function valueFrom(
  places: readonly Place[],
  { place, key, host }: FoundLogin,
  runHelper: RunHelper,
): Promise<Value | undefined> {
  const named = places.flatMap(({ config }) => helpersOf(config));
  const helper = named.find((name) => programOf(name) === place);
  if (helper === undefined) return undefined;
  const config = { auths: new Map(), credHelpers: new Map(), credsStore: helper };
  return await resolveDockerCredential(config, { ...host, key }, runHelper);
}

async function readPlaces(env: NodeJS.ProcessEnv): Promise<{ places: Place[]; problems: Failure[] }> {
  const places: Place[] = [];
  const problems: Failure[] = [];
  const { config, seen } = await readConfig(env);
  if (seen.problem !== undefined)
    problems.push(new Failure("invalid-docker-config", `${seen.file}: ${seen.problem}`, { file: seen.file }));
  places.push({ name: seen.file, config });
  const add = async (name: string, read: () => DockerConfig | Promise<DockerConfig>) => {
    if (places.some((place) => place.name === name)) return;
    try {
      places.push({ name, config: await read() });
    } catch (error) {
      if (isFailure(error))
        problems.push(new Failure(error.code, `${name}: ${error.message}`, { ...error.facts, file: name }, error));
      // Node's own: the file is not there, or not for us
    }
  };
  const variable = env[VARIABLE] ?? "";
  if (variable !== "") await add(VARIABLE, () => ({ ...NO_HELPERS, auths: parseDockerAuthConfig(variable) }));
  for (const file of podmanFiles(env)) await add(file, async () => parseDockerConfig(await readLimited(file)));
  // what Docker wrote before 1.7, and Podman still reads
  const legacy = join(homeFolder(env), ".dockercfg");
  await add(legacy, async () => parseDockerConfig(`{"auths":${await readFile(legacy, "utf8")}}`));
  return { places, problems };
}

/** A text with `auths`; the helpers that it names are those of the machine that it comes from, and are not asked. */
function placesOfText(name: string, text: string): { places: Place[]; problems: Failure[] } {
  const body = text.replace(/^\uFEFF/, "");
  if (!/^\s*\{[^]*"auths"/i.test(body)) return { places: [], problems: [] };
  try {
    return { places: [{ name, config: { ...NO_HELPERS, auths: parseDockerConfig(body).auths } }], problems: [] };
  } catch (error) {
    if (!isFailure(error)) throw error;
    return { places: [], problems: [new Failure(error.code, `${name}: ${error.message}`, error.facts, error)] };
  }
}

const NO_HELPERS = { credHelpers: new Map<string, string>(), credsStore: "" };

function helpersOf({ credHelpers, credsStore }: DockerConfig): string[] {
  return [...credHelpers.values(), credsStore].filter((name) => name !== "");
}

function programOf(helper: string): string {
  return `docker-credential-${helper}`;
}

async function loginsIn(
  { name, config }: Place,
  runHelper: RunHelper,
): Promise<{ readonly logins: FoundLogin[]; readonly problems: Failure[] }> {
  const byPart = new Map<string, FoundLogin>();
  const problems: Failure[] = [];
  const add = (place: string, key: string, username: string) => {
    const login = loginOf(place, key, username);
    const part = login?.path ?? login?.host.key;
    if (login && part !== undefined && !byPart.has(part)) byPart.set(part, login);
  };
  for (const [key, helper] of config.credHelpers) add(programOf(helper), key, "");
  const { credsStore } = config;
  try {
    for (const [key, username] of await listedBy(credsStore, runHelper)) add(programOf(credsStore), key, username);
  } catch (error) {
    if (!isFailure(error) || error.code === "cancelled") throw error;
    problems.push(error);
  }
  // with a store, Docker itself does not look here; what an older login left is found all the same
  for (const [key, entry] of config.auths) if (hasLogin(entry)) add(name, key, entry.username);
  // of one registry the login for all of it comes first: that is what a secret is for
  const all = [...byPart.values()];
  const hosts = [...new Set(all.map(({ host }) => host.key))];
  const logins = hosts.flatMap((key) => wholeFirst(all.filter(({ host }) => host.key === key)));
  return { logins, problems };
}

function wholeFirst(logins: readonly FoundLogin[]): FoundLogin[] {
  return [...logins].sort((a, b) => Number(a.path !== undefined) - Number(b.path !== undefined));
}

function loginOf(place: string, key: string, username: string): FoundLogin | undefined {
  if (TOKENS_OF_HUB.test(key)) return undefined;
  try {
    const host = parseRegistryHost(key);
    const path = host.notes.find(({ code }) => code === "path")?.text.replace(/\/$/, "");
    const isOfApi = path === undefined || /^(?:\/v[12])?$/.test(path);
    return {
      place,
      key,
      host,
      ...(username === "" || username === "<token>" ? {} : { username }),
      ...(isOfApi ? {} : { path: hostnameOfKey(key) + path }),
    };
  } catch (error) {
    if (isFailure(error)) return undefined; // a name that is no registry's, such as that of another program's entry
    throw error;
  }
}
