import { readFile, stat } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { originOf, projectKey } from "../../domain/secret/project";

/** The key of the project of a folder on this machine: its repository's `origin`, found as git finds it, else itself. */
export async function projectOfFolder(folder: string): Promise<string> {
  for (let at = resolve(folder); ; at = dirname(at)) {
    const git = join(at, ".git");
    const found = await stat(git).catch(() => undefined);
    if (found !== undefined) {
      const directory = found.isDirectory() ? git : await linkedDirectory(git);
      const config = directory && (await readFile(join(directory, "config"), "utf8").catch(() => undefined));
      return projectKey(at, config === undefined ? undefined : originOf(config));
    }
    if (dirname(at) === at) return projectKey(resolve(folder), undefined);
  }
}

/** Worktrees and submodules have a file `.git` that names the directory; a worktree's `commondir` has the config. */
async function linkedDirectory(file: string): Promise<string | undefined> {
  const named = /^gitdir:\s*(.+?)\s*$/m.exec(await readFile(file, "utf8").catch(() => ""))?.[1];
  if (named === undefined) return undefined;
  const directory = resolve(dirname(file), named);
  const common = await readFile(join(directory, "commondir"), "utf8").catch(() => undefined);
  return common === undefined ? directory : resolve(directory, common.trim());
}
