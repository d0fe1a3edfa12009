import { chmod, readFile, realpath, rename, rm, stat, writeFile, mkdir } from "node:fs/promises";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { randomUUID } from "node:crypto";
import { Failure, isFailure, messageOf } from "../../domain/failure";

/** No config of Docker's is larger, and what is not ours may be endless (security, 6). */
const LARGEST = 1024 * 1024;

/** The folder whose `config.json` the docker client reads with this environment (docker/cli, cli/config/config.go). */
export function configFolder(env: NodeJS.ProcessEnv): string {
  const { DOCKER_CONFIG } = env;
  return DOCKER_CONFIG === undefined || DOCKER_CONFIG === "" ? join(homeFolder(env), ".docker") : DOCKER_CONFIG;
}

/** The home folder as docker finds it: by the environment, and only without that by the system's list of users. */
export function homeFolder(env: NodeJS.ProcessEnv): string {
  const home = env[process.platform === "win32" ? "USERPROFILE" : "HOME"];
  return home === undefined || home === "" ? homedir() : home;
}

/** The text of the client's `config.json`, or undefined if there is none. Throws `invalid-docker-config` if it cannot be read. */
export async function readConfigText(env: NodeJS.ProcessEnv): Promise<string | undefined> {
  try {
    return await readLimited(join(configFolder(env), "config.json"));
  } catch (error) {
    if (isFailure(error)) throw error;
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR") return undefined;
    // a file of root's, say: it is there, and must not be written over
    throw new Failure("invalid-docker-config", `Docker's config cannot be read: ${messageOf(error)}.`, {}, error);
  }
}

/**
 * The text of a file of others. Throws `invalid-docker-config` if it is larger than 1 MB or no file (a pipe would never
 * end), and the error of Node if it cannot be read.
 */
export async function readLimited(path: string): Promise<string> {
  const found = await stat(path);
  if (!found.isFile())
    throw new Failure("invalid-docker-config", `Docker's config cannot be read: ${path} is no file.`);
  if (found.size > LARGEST) throw new Failure("invalid-docker-config", "Docker's config is larger than 1 MB.");
  return await readFile(path, "utf8");
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
