import { chmod, readFile, realpath, rename, rm, stat, writeFile, mkdir } from "node:fs/promises";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { randomUUID } from "node:crypto";
import { Failure, messageOf } from "../../domain/failure";

/** The folder whose `config.json` the docker client reads with this environment. */
export function configFolder(env: NodeJS.ProcessEnv): string {
  const { DOCKER_CONFIG } = env;
  return DOCKER_CONFIG === undefined || DOCKER_CONFIG === "" ? join(homedir(), ".docker") : DOCKER_CONFIG;
}

/** The text of the client's `config.json`, or undefined if there is none. Throws `invalid-docker-config` if it cannot be read. */
export async function readConfigText(env: NodeJS.ProcessEnv): Promise<string | undefined> {
  try {
    return await readFile(join(configFolder(env), "config.json"), "utf8");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR") return undefined;
    // a file of root's, say: it is there, and must not be written over
    throw new Failure("invalid-docker-config", `Docker's config cannot be read: ${messageOf(error)}.`, {}, error);
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
    await writeFile(fresh, text, { mode: 0o600 });
    await chmod(fresh, mode); // what a umask would take away
    await rename(fresh, target);
  } catch (error) {
    await rm(fresh, { force: true });
    throw error;
  }
}
