import { Failure } from "../failure";
import type { WorkspaceFiles } from "./workspaceImages";

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

/** The folder that a devcontainer.json is of, wherever it lies; undefined for a file that is none. */
export function folderOfConfigFile(file: string): string | undefined {
  const [, inside, beside] =
    /^(.+)\/\.devcontainer\/(?:[^/]+\/)?devcontainer\.json$|^(.+)\/\.devcontainer\.json$/.exec(file) ?? [];
  return inside ?? beside;
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
