import { basename } from "node:path";
import { BUSYBOX_IMAGE } from "../../../scripts/testbed/images";
import { run, runOrThrow } from "../../../scripts/testbed/run";

/** The whole ids of the containers that say that they belong to a folder; stopped ones, too, with `--all`. */
export async function containersOf(folder: string, ...options: string[]): Promise<string[]> {
  const label = `label=devcontainer.local_folder=${folder}`;
  const found = await runOrThrow("docker", ["ps", "--quiet", "--no-trunc", "--filter", label, ...options]);
  return found.split("\n").filter((line) => line !== "");
}

/** Starts a container of a folder, as another tool would have made it, and gives its id. The busybox image has to be there. */
export async function startContainerOf(folder: string, ...options: string[]): Promise<string> {
  const label = ["--label", `devcontainer.local_folder=${folder}`];
  const mount = ["--volume", `${folder}:/workspaces/${basename(folder)}`];
  const args = ["run", "--detach", "--init", ...label, ...mount, ...options, BUSYBOX_IMAGE, "sleep", "100000"];
  return (await runOrThrow("docker", args)).trim();
}

/** Removes all of them, with their volumes. */
export async function removeContainersOf(folder: string): Promise<void> {
  const ids = await containersOf(folder, "--all");
  if (ids.length > 0) await run("docker", ["rm", "--force", "--volumes", ...ids]);
}
