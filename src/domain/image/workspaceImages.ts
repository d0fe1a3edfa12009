import { eachOnce } from "../eachOnce";
import { Failure, isFailure } from "../failure";
import type { ResolvedServices } from "./composeResolved";
import { imageSources, type Place } from "./devcontainerFile";
import { featureImages } from "./featureImages";
import { FoundImages } from "./foundImages";
import { join, parentOf } from "./paths";
import type { WorkspaceProblem } from "./problems";
import type { TextRange } from "./range";
import type { ImageReference } from "./reference";
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
   * In a block scalar or a continued line, from the first to the last character. Of a Feature that another brings in,
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
  /** Of a Feature that is not in devcontainer.json: the one there that brings it in. */
  readonly dependencyOf?: string;
  /** What it is wanted for, such as `linux/arm64`; absent for the platform of the engine. */
  readonly platform?: string;
  /**
   * True if the dev container CLI looks at it before anything is built or run, for the platform of the engine whatever the
   * file asks for (devcontainers/cli src/spec-node/utils.ts, `inspectDockerImage`: `docker pull` without a platform).
   */
  readonly isBase?: true;
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
 * Every image that creating an environment from `configFile` would pull: its `image`, those of its Dockerfile or of the
 * Compose services that the dev container CLI starts, and its Features with those that they name. Where several of `image`,
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
  const collected = new FoundImages(files);
  for (const { code, ...problem } of sources.problems) {
    if (code !== "invalid-image" && code !== "unresolved-variable")
      collected.problem({ file: configFile, code, ...problem });
  }
  const expand = ({ text: written }: Place): string => expandVariables(written, variables).text;
  const base = parentOf(configFile);

  if (sources.dockerfile) {
    const { path, target, contexts, frontend, ...given } = sources.dockerfile;
    await collected.build(
      join(base, expand(path)),
      {
        ...given,
        target: target && expand(target),
        frontend: frontend && { file: configFile, ...frontend },
        contexts: Object.fromEntries(
          Object.entries(contexts).map(([name, image]) => [name, { file: configFile, ...image }]),
        ),
      },
      { file: configFile, range: path.range },
    );
  } else if (sources.image) collected.image("image", { file: configFile, ...sources.image });
  else if (sources.compose) {
    // YAML is heavy, and most configurations name no Compose file
    const { addCompose } = await import("./composeImages");
    await addCompose(sources.compose, folder, configFile, expand, localEnv, ports, collected);
  }

  const features = await featureImages(sources.features, sources.featureOrder, {
    configFile,
    read: (path) => files.read(path),
    ...(ports.featureMetadata === undefined ? {} : { metadata: ports.featureMetadata.bind(ports) }),
  });
  for (const image of features.images) collected.image("feature", { file: configFile, ...image });
  for (const problem of features.problems) collected.problem(problem);
  const textOf = eachOnce(async (file: string) => (file === configFile ? text : await files.read(file)));
  const problems = await Promise.all(
    collected.problems.map(async (problem) => {
      const { file, range } = problem;
      const before = range && (await textOf(file))?.slice(0, range.start);
      return before === undefined ? problem : { ...problem, line: before.split("\n").length };
    }),
  );
  return { configFile, images: collected.images, problems };
}
