import { Failure, isFailure } from "../failure";
import { buildImages, type Build, type BuildImage } from "./buildImages";
import { isRemote, type ComposeBuild } from "./composeFile";
import {
  activeProfiles,
  defaultComposeFiles,
  readComposeProject,
  startedServices,
  type NamedFile,
} from "./composeProject";
import { withResolved, type ResolvedServices } from "./composeResolved";
import { imageSources, type ComposePlace, type Place } from "./devcontainerFile";
import { featureImages } from "./featureImages";
import { join, parentOf } from "./paths";
import type { TextRange } from "./range";
import { formatReference, withDefaultTag, type ImageReference } from "./reference";
import { expandVariables, type DevcontainerVariables } from "./variables";

/** Files of a workspace, wherever it lies. Paths are absolute, with `/`. */
export interface WorkspaceFiles {
  /** The text of a file, or undefined if there is none. */
  read(path: string): Promise<string | undefined>;
  /** The names of the folders in a folder; empty if there is none. */
  folders(path: string): Promise<string[]>;
}

/** An image that creating the environment pulls, and where it is written. */
export interface WorkspaceImage {
  readonly file: string;
  /**
   * Of the reference alone, without quotes: offsets in the text that the file was read as (a byte order mark, if it is still
   * there, and carriage returns count).
   * In a block scalar or a continued line, from the first to the last character. Of a Feature that another depends on,
   * that of the other.
   */
  readonly range: TextRange;
  readonly role: "image" | "build" | "service" | "feature";
  /** As written. */
  readonly text: string;
  /** Undefined where the text is no image name once its variables are filled in. */
  readonly reference?: ImageReference;
  /** The names of variables that went into it without a value; what needs them sees nothing there. */
  readonly unresolved?: readonly string[];
  /** Of a Feature that is not in devcontainer.json: the one there that depends on it. */
  readonly dependencyOf?: string;
}

/** A file that is named but cannot be read or understood; what else is known is still used. */
export interface WorkspaceProblem {
  readonly file: string;
  readonly message: string;
  readonly range?: TextRange;
}

export interface WorkspaceImages {
  readonly configFile: string;
  readonly images: readonly WorkspaceImage[];
  readonly problems: readonly WorkspaceProblem[];
}

/** What workspaceImages can ask besides reading files; each may be left out. */
export interface WorkspaceImagesPorts {
  /**
   * What the engine's own Compose makes of the files, run in `cwd`; undefined if there is none, or it refuses or takes too
   * long: then the files are read by our own rules. Runs a program on the workspace's files: not for untrusted ones.
   */
  composeConfig?(
    files: readonly string[],
    cwd: string,
    env: Readonly<Record<string, string | undefined>>,
  ): Promise<ResolvedServices | undefined>;
  /** The `dev.containers.metadata` annotation of a Feature's manifest; asks the registry. */
  featureMetadata?(reference: ImageReference): Promise<string | undefined>;
}

/**
 * The devcontainer.json files of a folder, in the order of the specification (containers.dev, "devcontainer.json":
 * `.devcontainer/devcontainer.json`, `.devcontainer.json`, `.devcontainer/<folder>/devcontainer.json`, one level deep).
 * A workspace of several folders is asked folder by folder.
 */
export async function findConfigFiles(folder: string, files: WorkspaceFiles): Promise<string[]> {
  const root = folder.replace(/\/+$/, "");
  const nested = (await files.folders(`${root}/.devcontainer`)).sort();
  const candidates = [
    `${root}/.devcontainer/devcontainer.json`,
    `${root}/.devcontainer.json`,
    ...nested.map((name) => `${root}/.devcontainer/${name}/devcontainer.json`),
  ];
  const found = await Promise.all(
    candidates.map(async (path) => ((await files.read(path)) === undefined ? [] : [path])),
  );
  return found.flat();
}

/**
 * The one devcontainer.json to use: `wanted` if given, else the only one. Throws `no-devcontainer-json`, or
 * `several-devcontainer-json` (facts: files) if the person must choose.
 */
export async function chooseConfigFile(
  folder: string,
  wanted: string | undefined,
  files: WorkspaceFiles,
): Promise<string> {
  if (wanted !== undefined) {
    if ((await files.read(wanted)) !== undefined) return wanted;
    throw new Failure("no-devcontainer-json", `There is no file ${wanted}.`, { folder, file: wanted });
  }
  const found = await findConfigFiles(folder, files);
  const [first] = found;
  if (first === undefined) {
    throw new Failure("no-devcontainer-json", `${folder} has no devcontainer.json.`, { folder });
  }
  if (found.length > 1) {
    throw new Failure(
      "several-devcontainer-json",
      `${folder} has several devcontainer.json files: ${found.join(", ")}.`,
      {
        folder,
        files: found,
      },
    );
  }
  return first;
}

/**
 * Every image that creating an environment from `configFile` would pull: its `image`, those of its Dockerfile or of the
 * Compose services that the dev container CLI starts, and its Features with their dependencies. Where several of `image`,
 * Dockerfile and Compose files are named, the Dockerfile wins, then the image, as in the CLI. `cacheFrom` is left out: a
 * build goes on without it. Throws `no-devcontainer-json` or `invalid-devcontainer-json`, and `cancelled` if a port does;
 * trouble in the files that it names is a problem, not a failure.
 */
export async function workspaceImages(
  folder: string,
  configFile: string,
  files: WorkspaceFiles,
  localEnv: NonNullable<DevcontainerVariables["localEnv"]> = {},
  ports: WorkspaceImagesPorts = {},
): Promise<WorkspaceImages> {
  const text = await files.read(configFile);
  if (text === undefined)
    throw new Failure("no-devcontainer-json", `There is no file ${configFile}.`, { folder, file: configFile });
  const variables: DevcontainerVariables = { localEnv, localWorkspaceFolder: folder };
  let sources;
  try {
    sources = imageSources(text, variables);
  } catch (error) {
    if (!isFailure(error)) throw error;
    throw new Failure(error.code, `${configFile}: ${error.message}`, { ...error.facts, file: configFile }, error);
  }
  const collected = new Collection(files);
  for (const { code, message, range } of sources.problems) {
    if (code === "syntax" || code === "wrong-type" || code === "no-image" || code === "invalid-feature")
      collected.problem({ file: configFile, message, range });
  }
  const expand = ({ text: written }: Place): string => expandVariables(written, variables).text;
  const base = parentOf(configFile);

  if (sources.dockerfile) {
    const { path, target, contexts, ...given } = sources.dockerfile;
    await collected.build(
      join(base, expand(path)),
      {
        ...given,
        target: target && expand(target),
        contexts: Object.fromEntries(
          Object.entries(contexts).map(([name, image]) => [name, { file: configFile, ...image }]),
        ),
      },
      { file: configFile, range: path.range },
    );
  } else if (sources.image) collected.image("image", { file: configFile, ...sources.image });
  else if (sources.compose) await addCompose(sources.compose, folder, configFile, expand, localEnv, ports, collected);

  const features = await featureImages(sources.features, {
    configFile,
    read: (path) => files.read(path),
    ...(ports.featureMetadata === undefined ? {} : { metadata: ports.featureMetadata.bind(ports) }),
  });
  for (const image of features.images) collected.image("feature", { file: configFile, ...image });
  for (const problem of features.problems) collected.problem(problem);
  return { configFile, images: collected.images, problems: collected.problems };
}

async function addCompose(
  compose: ComposePlace,
  folder: string,
  configFile: string,
  expand: (place: Place) => string,
  localEnv: NonNullable<DevcontainerVariables["localEnv"]>,
  ports: WorkspaceImagesPorts,
  collected: Collection,
): Promise<void> {
  const read = (path: string) => collected.read(path);
  const base = parentOf(configFile);
  const named: NamedFile[] =
    compose.files.length === 0
      ? (await defaultComposeFiles(folder, localEnv, read)).map((path) => ({ path }))
      : compose.files.map((place) => ({
          path: join(base, expand(place)),
          from: { file: configFile, range: place.range },
        }));
  const project = await readComposeProject(named, localEnv, read);
  const paths = named.map(({ path }) => path);
  const resolved = await ports.composeConfig?.(paths, folder, localEnv).catch((error: unknown) => {
    if (isFailure(error, "cancelled")) throw error;
    return undefined;
  });
  const place = { file: configFile, range: compose.files[0]?.range ?? { start: 0, end: 0 } };
  const services = resolved === undefined ? project.services : withResolved(project.services, resolved, place);
  // what the engine's Compose accepts is no problem
  if (resolved === undefined) for (const problem of project.problems) collected.problem(problem);

  const service = compose.service && expand(compose.service);
  if (compose.service === undefined)
    collected.problem({
      ...place,
      message: "No service is named, so the dev container CLI would not know which to use.",
    });
  const started = startedServices(
    services,
    service,
    compose.runServices.map(expand),
    activeProfiles(project.variables),
  );
  for (const message of started.problems)
    collected.problem({ file: configFile, range: compose.service?.range ?? place.range, message });

  const chosen = [...services].filter(([name]) => started.names.has(name));
  const built = new Set(
    chosen.flatMap(([, { build, image }]) => (build && image?.reference ? [fullName(image.reference)] : [])),
  );
  const isPulled = ({ reference }: BuildImage): boolean => !(reference && built.has(fullName(reference)));
  for (const [name, { image, build, others, pullPolicy }] of chosen) {
    // The CLI itself pulls the image of its own service if it is not there, whatever Compose's policy for it.
    const mayPull = name === service || (pullPolicy !== "never" && pullPolicy !== "build");
    if (build) {
      const at = { file: services.get(name)?.file ?? configFile, range: services.get(name)?.range ?? place.range };
      await collected.composeBuild(build, parentOf(paths[0] ?? configFile), at, isPulled);
    } else if (image && mayPull && isPulled(image)) collected.image("service", image);
    for (const other of others) {
      const isService = other.value !== undefined && services.has(other.value);
      if (!isService && isPulled(other)) collected.image("service", other);
    }
  }
}

function fullName(reference: ImageReference): string {
  return formatReference(withDefaultTag(reference));
}

/** The images and problems found so far. */
class Collection {
  readonly images: WorkspaceImage[] = [];
  readonly problems: WorkspaceProblem[] = [];
  readonly #seen = new Set<string>();
  readonly #files: WorkspaceFiles;

  constructor(files: WorkspaceFiles) {
    this.#files = files;
  }

  read(path: string): Promise<string | undefined> {
    return this.#files.read(path);
  }

  /** What two services or builds have at the same place counts once. */
  image(role: WorkspaceImage["role"], image: Omit<WorkspaceImage, "role">): void {
    const { file, range, text, reference, unresolved, dependencyOf } = image;
    const key = JSON.stringify([file, range.start, range.end, text, reference]);
    if (this.#seen.has(key)) return;
    this.#seen.add(key);
    this.images.push({
      file,
      range,
      role,
      text,
      ...(reference === undefined ? {} : { reference }),
      ...(unresolved === undefined || unresolved.length === 0 ? {} : { unresolved }),
      ...(dependencyOf === undefined ? {} : { dependencyOf }),
    });
  }

  problem({ file, message, range }: WorkspaceProblem): void {
    const key = JSON.stringify([file, message]);
    if (this.#seen.has(key)) return;
    this.#seen.add(key);
    this.problems.push({ file, message, ...(range === undefined ? {} : { range }) });
  }

  /** The images of a Dockerfile; if there is none, that is a problem where it is named. */
  async build(
    file: string,
    build: Omit<Build, "file" | "text">,
    from: Pick<WorkspaceProblem, "file" | "range">,
    isPulled: (image: BuildImage) => boolean = () => true,
  ): Promise<void> {
    const text = await this.read(file);
    if (text === undefined) this.problem({ ...from, message: `There is no file ${file}.` });
    else this.#build({ ...build, file, text }, isPulled);
  }

  async composeBuild(
    build: ComposeBuild,
    folder: string,
    from: Pick<WorkspaceProblem, "file" | "range">,
    isPulled: (image: BuildImage) => boolean,
  ): Promise<void> {
    const { context = folder, dockerfile = "Dockerfile", inline, ...given } = build;
    if (inline !== undefined) this.#build({ ...given, ...inline }, isPulled);
    else if (isRemote(context)) {
      this.problem({ ...from, message: `The Dockerfile at ${context} is not on this machine, so it is not read.` });
    } else await this.build(join(context, dockerfile), given, from, isPulled);
  }

  #build(build: Build, isPulled: (image: BuildImage) => boolean): void {
    try {
      for (const image of buildImages(build)) if (isPulled(image)) this.image("build", image);
    } catch (error) {
      if (!isFailure(error)) throw error;
      this.problem({ file: build.file, message: error.message });
    }
  }
}
