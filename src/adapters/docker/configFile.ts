import { readFile, realpath, rename, rm, stat, writeFile, mkdir } from "node:fs/promises";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { randomUUID } from "node:crypto";

/** The folder whose `config.json` the docker client reads with this environment. */
export function configFolder(env: NodeJS.ProcessEnv): string {
  const { DOCKER_CONFIG } = env;
  return DOCKER_CONFIG === undefined || DOCKER_CONFIG === "" ? join(homedir(), ".docker") : DOCKER_CONFIG;
}

/** The text of the client's `config.json`, or undefined if there is none. */
export async function readConfigText(env: NodeJS.ProcessEnv): Promise<string | undefined> {
  try {
    return await readFile(join(configFolder(env), "config.json"), "utf8");
  } catch {
    return undefined;
  }
}

/** Replaces a file in one step; its mode and the target of a symbolic link survive. A new file is 0600. */
export async function replaceFile(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const target = await realpath(path).catch(() => path);
  const mode = await stat(target).then(
    (found) => found.mode & 0o777,
    () => 0o600,
  );
  const fresh = `${target}.${randomUUID()}`;
  try {
    await writeFile(fresh, text, { mode });
    await rename(fresh, target);
  } catch (error) {
    await rm(fresh, { force: true });
    throw error;
  }
}
