import { Failure, isFailure } from "../failure";
import { composeImages } from "./composeFile";
import { imageSources, type DockerfilePlace } from "./devcontainerFile";
import { externalImages } from "./dockerfile";
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
  readonly range: TextRange;
  readonly role: "image" | "build" | "service" | "feature";
  /** As written. */
  readonly text: string;
  /** Undefined where the text is no image name, or has variables that are not set. */
  readonly reference?: ImageReference;
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

/**
 * The devcontainer.json files of a folder, in the order of the specification (containers.dev, "devcontainer.json":
 * `.devcontainer/devcontainer.json`, `.devcontainer.json`, `.devcontainer/<folder>/devcontainer.json`).
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
 * Every image that creating an environment from `configFile` would pull: its `image`, those of its Dockerfile and of its
 * Compose services, and its Features. Throws `no-devcontainer-json` or `invalid-devcontainer-json`; trouble in the files
 * that it names is a problem, not a failure.
 */
export async function workspaceImages(
  folder: string,
  configFile: string,
  files: WorkspaceFiles,
  localEnv: DevcontainerVariables["localEnv"] = {},
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

  const images: WorkspaceImage[] = [];
  const problems: WorkspaceProblem[] = sources.problems
    .filter(({ code }) => code === "syntax" || code === "wrong-type" || code === "no-image")
    .map(({ message, range }) => ({ file: configFile, message, range }));
  const expand = (written: string) => expandVariables(written, variables).text;
  const base = parentOf(configFile);

  const readBuild = async (file: string, build: Pick<DockerfilePlace, "args"> & { target?: string | undefined }) => {
    const dockerfile = await files.read(file);
    if (dockerfile === undefined) problems.push({ file, message: `There is no file ${file}.` });
    else addDockerfile(file, dockerfile, 0, build);
  };
  const addDockerfile = (
    file: string,
    dockerfile: string,
    shift: number,
    build: { args: DockerfilePlace["args"]; target?: string | undefined },
  ) => {
    try {
      const found = externalImages(dockerfile, {
        buildArgs: build.args,
        ...(build.target === undefined ? {} : { target: build.target }),
      });
      for (const { text: written, reference, range } of found) {
        images.push({
          file,
          range: { start: range.start + shift, end: range.end + shift },
          role: "build",
          text: written,
          ...(reference === undefined ? {} : { reference }),
        });
      }
    } catch (error) {
      if (!isFailure(error)) throw error;
      problems.push({ file, message: error.message });
    }
  };

  if (sources.image) images.push({ file: configFile, role: "image", ...withoutUndefined(sources.image) });
  if (sources.dockerfile) {
    const { path, args, target } = sources.dockerfile;
    await readBuild(join(base, expand(path.text)), { args, target: target && expand(target.text) });
  }
  if (sources.compose) {
    const environment = { ...localEnv, ...dotenv(await files.read(`${base}/.env`)) };
    for (const place of sources.compose.files) {
      const file = join(base, expand(place.text));
      const yaml = await files.read(file);
      if (yaml === undefined) {
        problems.push({ file, message: `There is no file ${file}.` });
        continue;
      }
      try {
        for (const service of composeImages(yaml, undefined, environment)) {
          // with a build, `image` is the name of what is built, not something to pull
          if (service.image && !service.build)
            images.push({ file, role: "service", ...withoutUndefined(service.image) });
          if (service.build?.inline) {
            addDockerfile(file, service.build.inline.text, service.build.inline.range.start, service.build);
          } else if (service.build) {
            const context = join(parentOf(file), service.build.context);
            await readBuild(join(context, service.build.dockerfile ?? "Dockerfile"), service.build);
          }
        }
      } catch (error) {
        if (!isFailure(error)) throw error;
        problems.push({ file, message: error.message });
      }
    }
  }
  for (const feature of sources.features) {
    if (feature.kind === "oci" || (feature.kind === "legacy" && feature.reference)) {
      const { kind: _, ...place } = feature;
      images.push({ file: configFile, role: "feature", ...place });
    }
  }
  return { configFile, images, problems };
}

function withoutUndefined({ text, range, reference }: { text: string; range: TextRange; reference?: ImageReference }) {
  return { text, range, ...(reference === undefined ? {} : { reference }) };
}

/** The variables of a Compose project's `.env` (Compose specification, "Interpolation"): `NAME=value` lines. */
function dotenv(text: string | undefined): Record<string, string> {
  const found: Record<string, string> = {};
  for (const line of (text ?? "").split(/\r?\n/)) {
    const [, name, value = ""] = /^\s*(?:export\s+)?([A-Za-z_]\w*)\s*=\s*(.*?)\s*$/.exec(line) ?? [];
    if (name !== undefined) found[name] = value.replace(/^(["'])(.*)\1$/, "$2");
  }
  return found;
}

function parentOf(path: string): string {
  return path.slice(0, Math.max(1, path.lastIndexOf("/")));
}

/** `path` as seen from `base`: both with `/`, the result without `.` and `..`. */
function join(base: string, path: string): string {
  const absolute = path.startsWith("/") || /^[A-Za-z]:\//.test(path);
  const parts: string[] = [];
  for (const part of (absolute ? path : `${base}/${path}`).split("/")) {
    if (part === "..") parts.pop();
    else if (part !== "." && (part !== "" || parts.length === 0)) parts.push(part);
  }
  return parts.join("/");
}
