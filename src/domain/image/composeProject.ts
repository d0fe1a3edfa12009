import { isFailure } from "../failure";
import { isRemote, readComposeFile, type ComposeFile, type ComposeInclude, type ComposeService } from "./composeFile";
import { mergeModels, mergeServices, type ComposeServices } from "./composeMerge";
import { readDotenv, type ComposeVariables } from "./interpolation";
import { join, parentOf } from "./paths";
import { noFile, type WorkspaceProblem } from "./problems";
import type { TextRange } from "./range";

/** A Compose project: its services with everything that other files add to them. */
export interface ComposeProject {
  readonly services: ComposeServices;
  /** Of the environment and of `.env`. */
  readonly variables: ComposeVariables;
  readonly problems: readonly ComposeProblem[];
}

export type ComposeProblem = WorkspaceProblem;

/** A file, and where it is named; its absence is reported there. */
export interface NamedFile {
  readonly path: string;
  readonly from?: { readonly file: string; readonly range: TextRange };
}

/** Reads a file; undefined if there is none. */
export type ReadFile = (path: string) => Promise<string | undefined>;

const MOST_FILES = 200;
const MOST_TEXT = 2_097_152;
const LONGEST_CHAIN = 100;

/**
 * Reads the Compose files of a project as `docker compose -f … -f …` does: paths count from the folder of the first one,
 * the `.env` there fills in for the environment, `include` and `extends` are followed, later files win. What cannot be read
 * is a problem; the rest is used. Rules: the Compose specification (13-merge, 14-include, `extends`) as
 * compose-spec/compose-go applies it (loader/loader.go, include.go, extends.go).
 */
export async function readComposeProject(
  files: readonly NamedFile[],
  environment: ComposeVariables,
  read: ReadFile,
): Promise<ComposeProject> {
  const loader = new Loader(read);
  const folder = parentOf(files[0]?.path ?? "/");
  const variables = await loader.variables([`${folder}/.env`], environment);
  const services = await loader.model(files, folder, variables, []);
  return { services, variables, problems: loader.problems };
}

/** A file whose services can be extended, each resolved at most once. */
interface Extensible {
  readonly file: string;
  readonly services: Map<string, ComposeService>;
  /** Those whose own `extends` is done. */
  readonly resolved: Set<string>;
}

class Loader {
  readonly problems: ComposeProblem[] = [];
  readonly #read: ReadFile;
  readonly #extensible = new Map<ComposeVariables, Map<string, Extensible | undefined>>();
  #files = 0;
  #text = 0;

  constructor(read: ReadFile) {
    this.#read = read;
  }

  /** `environment` filled up with what the `.env` files say; they may be missing. */
  async variables(files: readonly string[], environment: ComposeVariables): Promise<ComposeVariables> {
    let variables = environment;
    for (const file of files) {
      const text = file === "/dev/null" ? undefined : await this.#read(file);
      if (text !== undefined) variables = { ...readDotenv(text, variables), ...variables };
    }
    return variables;
  }

  /** Several files over each other, with all that they include. `open` are the files that are being read around them. */
  async model(
    files: readonly NamedFile[],
    folder: string,
    variables: ComposeVariables,
    open: readonly string[],
  ): Promise<ComposeServices> {
    let services: ComposeServices = new Map();
    for (const named of files) {
      const file = named.path;
      for (const document of await this.#documents(named, folder, variables)) {
        let own: ComposeServices = document.services;
        for (const include of document.includes) {
          own = mergeModels(await this.#included(include, file, variables, [...open, file]), own);
        }
        const extensible: Extensible = { file, services: new Map(own), resolved: new Set() };
        for (const name of own.keys()) await this.#extended(extensible, name, variables, []);
        services = mergeModels(services, extensible.services);
      }
    }
    return services;
  }

  async #included(
    include: ComposeInclude,
    file: string,
    variables: ComposeVariables,
    open: readonly string[],
  ): Promise<ComposeServices> {
    const { paths, range } = include;
    const [main = ""] = paths;
    const circle = paths.find((path) => open.includes(path));
    if (circle !== undefined) {
      this.problems.push({ file, range, message: `The files include each other in a circle: ${circle}.` });
      return new Map();
    }
    if (open.length > LONGEST_CHAIN) {
      this.problems.push({ file, range, message: "Files include others more than 100 deep." });
      return new Map();
    }
    const remote = paths.find(isRemote);
    if (remote !== undefined) {
      this.problems.push({ file, range, message: `${remote} is not on this machine, so it is not read.` });
      return new Map();
    }
    const folder = include.folder ?? parentOf(main);
    const inner = await this.variables(include.envFiles ?? [`${folder}/.env`], variables);
    const from = { file, range };
    return await this.model(
      paths.map((path) => ({ path, from })),
      folder,
      inner,
      open,
    );
  }

  /** The service `name` with what it extends. */
  async #extended(
    within: Extensible,
    name: string,
    variables: ComposeVariables,
    chain: readonly string[],
  ): Promise<ComposeService | undefined> {
    const service = within.services.get(name);
    const from = service?.extends;
    if (service === undefined || from === undefined || within.resolved.has(name)) return service;
    const link = `${within.file}\n${name}`;
    const done = (result: ComposeService): ComposeService => {
      const { extends: _, ...rest } = result;
      within.services.set(name, rest);
      within.resolved.add(name);
      return rest;
    };
    const trouble = (message: string): ComposeService => {
      this.problems.push({ file: service.file, range: service.range, message });
      return done(service);
    };
    if (chain.includes(link)) return trouble(`"${name}" extends itself in a circle.`);
    if (chain.length >= LONGEST_CHAIN) return trouble(`What "${name}" extends goes on for more than 100 services.`);
    const other = from.file === undefined ? within : await this.#extensibleFile(from.file, variables);
    if (other === undefined) return trouble(`${from.file ?? ""}, which "${name}" extends, cannot be read.`);
    if (!other.services.has(from.service))
      return trouble(`"${name}" extends "${from.service}", which is not in ${other.file}.`);
    const base = await this.#extended(other, from.service, variables, [...chain, link]);
    // a service that turned out to extend itself has been set meanwhile
    if (base === undefined || within.resolved.has(name)) return within.services.get(name);
    return done(mergeServices(base, service));
  }

  /** A file that another's service extends: its paths count from its own folder, and what it includes does not matter. */
  async #extensibleFile(file: string, variables: ComposeVariables): Promise<Extensible | undefined> {
    if (isRemote(file)) return undefined;
    const known = this.#extensible.get(variables) ?? new Map<string, Extensible | undefined>();
    this.#extensible.set(variables, known);
    if (known.has(file)) return known.get(file);
    const documents = await this.#documents({ path: file }, parentOf(file), variables);
    const services = documents.reduce<ComposeServices>((all, one) => mergeModels(all, one.services), new Map());
    const found =
      documents.length === 0 ? undefined : { file, services: new Map(services), resolved: new Set<string>() };
    known.set(file, found);
    return found;
  }

  async #documents(
    { path: file, from }: NamedFile,
    folder: string,
    variables: ComposeVariables,
  ): Promise<readonly ComposeFile[]> {
    if (++this.#files > MOST_FILES) {
      if (this.#files === MOST_FILES + 1)
        this.problems.push({ file, message: "The Compose project has more than 200 files; the others are not read." });
      return [];
    }
    const text = await this.#read(file);
    if (text === undefined) {
      if (from !== undefined) this.problems.push({ ...from, ...noFile(file) });
      return [];
    }
    this.#text += text.length;
    if (this.#text > MOST_TEXT) {
      this.problems.push({
        ...(from ?? { file }),
        message: "The Compose project is larger than 2 MB; the rest is not read.",
      });
      return [];
    }
    try {
      const documents = readComposeFile(text, { file, folder, variables });
      this.problems.push(...documents.flatMap(({ problems }) => problems));
      return documents;
    } catch (error) {
      if (!isFailure(error)) throw error;
      this.problems.push({ file, message: error.message });
      return [];
    }
  }
}

/** Which services the dev container CLI builds and starts, and what stands against it. */
export interface StartedServices {
  readonly names: ReadonlySet<string>;
  readonly problems: readonly Pick<WorkspaceProblem, "code" | "message" | "detail">[];
}

/**
 * The services of a project that creating the dev container starts: `service` and `runServices`, or all of the active
 * profiles if `runServices` is empty, and what they depend on. Naming a service activates its profiles. Rules:
 * devcontainers/cli src/spec-node/dockerCompose.ts; compose-spec/compose-go types/project.go.
 */
export function startedServices(
  services: ComposeServices,
  service: string | undefined,
  runServices: readonly string[],
  activeProfiles: readonly string[],
): StartedServices {
  const problems: StartedServices["problems"][number][] = [];
  const named = [...new Set([...(service === undefined ? [] : [service]), ...runServices])].filter((name) => {
    if (services.has(name)) return true;
    problems.push({ code: "no-service", message: `The Compose files have no service "${name}".`, detail: name });
    return false;
  });
  const profiles = new Set([
    ...activeProfiles,
    ...(runServices.length === 0 ? [] : named.flatMap((name) => services.get(name)?.profiles ?? [])),
  ]);
  const isActive = (one: ComposeService): boolean =>
    one.profiles.length === 0 || profiles.has("*") || one.profiles.some((profile) => profiles.has(profile));
  const active = [...services].filter(([, one]) => isActive(one)).map(([name]) => name);
  // The CLI needs its own service's image, whether Compose starts it or not.
  const names = new Set(runServices.length === 0 ? [...active, ...named] : named);
  const open = [...names];
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    for (const [needed, required] of dependenciesOf(services.get(name))) {
      const other = services.get(needed);
      if (names.has(needed)) continue;
      if (other !== undefined && isActive(other)) {
        names.add(needed);
        open.push(needed);
      } else if (required) {
        problems.push({
          message:
            other === undefined
              ? `"${name}" depends on "${needed}", which the Compose files do not have.`
              : `"${name}" depends on "${needed}", whose profile is not active.`,
        });
      }
    }
  }
  return { names, problems };
}

function dependenciesOf(service: ComposeService | undefined): [name: string, required: boolean][] {
  const contexts = Object.values(service?.build?.contexts ?? {}).flatMap(({ value }): [string, boolean][] => {
    const name = /^service:(.+)$/.exec(value ?? "")?.[1];
    return name === undefined ? [] : [[name, true]];
  });
  return [...Object.entries(service?.dependsOn ?? {}), ...contexts];
}

/** The profiles that `COMPOSE_PROFILES` activates. */
export function activeProfiles(variables: ComposeVariables): string[] {
  const text = Object.hasOwn(variables, "COMPOSE_PROFILES") ? variables["COMPOSE_PROFILES"] : undefined;
  return (text ?? "").split(",").flatMap((name) => (name.trim() === "" ? [] : [name.trim()]));
}

/** The files that the dev container CLI takes where `dockerComposeFile` is an empty list. */
export async function defaultComposeFiles(
  folder: string,
  environment: ComposeVariables,
  read: ReadFile,
): Promise<string[]> {
  const dotenv = /^COMPOSE_FILE=(.+)$/m.exec((await read(`${folder}/.env`)) ?? "")?.[1]?.trim();
  const list = environment["COMPOSE_FILE"] ?? "";
  const given = list === "" ? (dotenv ?? "") : list;
  if (given !== "") return given.split(/^[A-Za-z]:\//.test(folder) ? ";" : ":").map((path) => join(folder, path));
  const override = `${folder}/docker-compose.override.yml`;
  return [`${folder}/docker-compose.yml`, ...((await read(override)) === undefined ? [] : [override])];
}
