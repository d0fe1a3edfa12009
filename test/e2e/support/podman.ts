import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { run, runOrThrow } from "../../../scripts/testbed/run";
import { startService, untilReady } from "../../../scripts/testbed/service";
import { processesMarked } from "./processes";

/** podman with storage and configuration of its own, so that containers of this machine's podman are never met. */
export interface Podman {
  /** What the environment of a `podman` must say to be this one. */
  readonly variables: Readonly<Record<string, string>>;
  /** Runs a command of it to its end. Throws with what it said if it fails. */
  run(args: readonly string[], input?: string): Promise<string>;
  /** Serves docker's protocol until `stop`; returns the address for `DOCKER_HOST`. */
  serve(): Promise<string>;
  /** Removes its containers, images and folders. */
  stop(): Promise<void>;
}

/** Makes a podman that has the engine's image `image`, under the same name. */
export async function preparePodman(image: string): Promise<Podman> {
  // the path of a socket may have some 100 characters only
  const folder = mkdtempSync(join(tmpdir(), "e2e-podman-"));
  const place = (name: string) => join(folder, name);
  writeFileSync(place("containers.conf"), CONFIGURATION.replace("FOLDER", folder));
  writeFileSync(place("storage.conf"), STORAGE.replaceAll("FOLDER", folder));
  const variables = {
    CONTAINERS_CONF: place("containers.conf"),
    CONTAINERS_STORAGE_CONF: place("storage.conf"),
    REGISTRY_SECRETS_DOCKER: "podman",
  };
  const environment = { ...process.env, ...variables };
  const podman = (args: readonly string[], input = "") => runOrThrow("podman", args, { environment, input });
  await runOrThrow("docker", ["save", "--output", place("image.tar"), image]);
  await podman(["load", "--input", place("image.tar")]);

  const endings: (() => Promise<void>)[] = [];
  return {
    variables,
    run: podman,
    serve: async () => {
      const address = `unix://${place("podman.sock")}`;
      const service = await startService({
        command: "podman",
        arguments: ["system", "service", "--time=0", address],
        logFile: place("service.log"),
        environment,
      });
      endings.push(() => service.stop());
      await untilReady("podman", service, async () => {
        const { code } = await run("docker", ["--host", address, "version"]);
        return code === 0 || undefined;
      });
      return address;
    },
    stop: async () => {
      for (const end of endings) await end();
      await podman(["rm", "--all", "--force", "--time=0"]);
      // whoever watches an exec lives on for five minutes, and would make the folders anew then
      for (const { pid } of processesMarked(folder)) process.kill(pid, "SIGKILL");
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** What works inside a container, too, where neither systemd nor a bridge is there and limits cannot be raised. */
const CONFIGURATION = `[engine]
cgroup_manager = "cgroupfs"
events_logger = "file"
lock_type = "file"
tmp_dir = "FOLDER/tmp"

[containers]
netns = "host"
default_ulimits = ["nofile=1024:1024", "nproc=1024:1024"]
`;
const STORAGE = `[storage]
driver = "vfs"
graphroot = "FOLDER/root"
runroot = "FOLDER/run"
`;
