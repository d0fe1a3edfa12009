import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { createHash } from "node:crypto";
import { join } from "node:path";
import { TESTBED } from "./folders";
import { run, runOrThrow } from "./run";
import { endWithProcess, startService, untilReady, type Service } from "./service";

export interface Engine {
  /** Whether it was started here; if not, it was there before and `stop` leaves it alone. */
  started: boolean;
  stop(): Promise<void>;
}

export interface DockerdOptions {
  readonly folder: string;
  /** Its socket: `unix://…`. */
  readonly address: string;
  /**
   * More arguments. Beside another engine never `--bridge=none`: dockerd then deletes the interface docker0, which is the
   * other engine's. Give it a bridge of its own (`--bridge=NAME`) or a network namespace of its own.
   */
  readonly arguments?: readonly string[];
  readonly environment?: NodeJS.ProcessEnv;
}

/** Where the Docker client of this environment looks for its engine: `DOCKER_HOST`, else the current context. */
export async function engineAddress(): Promise<string> {
  return (await runOrThrow("docker", ["context", "inspect", "--format", "{{.Endpoints.docker.Host}}"])).trim();
}

/** The version of the engine that answers, or undefined. */
export async function engineVersion(): Promise<string | undefined> {
  const result = await run("docker", ["version", "--format", "{{.Server.Version}}"], { limit: 15_000 });
  return result.code === 0 ? result.stdout.trim() : undefined;
}

/**
 * Makes sure that a container engine answers the Docker client, and starts one where none does.
 * @throws Error when none answers and none can be started; the message says what stands in the way
 */
export async function ensureEngine(): Promise<Engine> {
  const runRecord = join(TESTBED, "dockerd.json");
  if ((await engineVersion()) !== undefined) {
    return orphan(runRecord, stateFolder(TESTBED)) ?? { started: false, stop: () => Promise.resolve() };
  }

  const address = await engineAddress();
  if (!address.startsWith("unix://")) {
    throw new Error(`No container engine answers at ${address}, and only a local one can be started from here.`);
  }
  const dockerd = await startDockerd({ folder: TESTBED, address }).catch((error: unknown) => {
    throw new Error("No container engine answers, and dockerd is not installed (Debian: docker.io).", { cause: error });
  });
  writeFileSync(runRecord, JSON.stringify({ starter: process.pid, dockerd: dockerd.pid } satisfies RunRecord));
  await untilReady("dockerd", dockerd, engineVersion);
  return {
    started: true,
    stop: async () => {
      await dockerd.stop();
      rmSync(runRecord, { force: true });
    },
  };
}

/** Starts dockerd with all that it keeps below `folder`; throws where there is none. It need not answer yet. */
export async function startDockerd({ folder, address, ...options }: DockerdOptions): Promise<Service> {
  const data = join(folder, "docker");
  const state = stateFolder(folder);
  mkdirSync(data, { recursive: true });
  mkdirSync(state, { recursive: true });
  const pidFile = join(state, "docker.pid");
  removeStalePid(pidFile);
  removeStalePid(join(state, "containerd", "containerd.pid"));
  const dockerd = await startService({
    command: "dockerd",
    arguments: [
      ["--data-root", data],
      ["--exec-root", state],
      ["--pidfile", pidFile],
      ["--host", address],
      options.arguments ?? [],
    ].flat(),
    logFile: join(folder, "dockerd.log"),
    patience: 30_000,
    ...(options.environment === undefined ? {} : { environment: options.environment }),
  });
  return {
    pid: dockerd.pid,
    get running() {
      return dockerd.running;
    },
    output: () => dockerd.output(),
    stop: async () => {
      await dockerd.stop();
      await releaseState(state);
    },
  };
}

/** dockerd leaves its network namespace mounted when it ends; the clone could not be removed then. */
async function releaseState(state: string): Promise<void> {
  await run("umount", [join(state, "netns", "default")]);
}

interface RunRecord {
  starter: number;
  dockerd: number;
}

/** An engine that an earlier run started and, killed, could not stop: this run does it in its stead. */
function orphan(runRecord: string, state: string): Engine | undefined {
  let record: RunRecord;
  try {
    record = JSON.parse(readFileSync(runRecord, "utf8")) as RunRecord;
  } catch {
    return undefined;
  }
  if (isAlive(record.starter) || commandLine(record.dockerd)?.includes("dockerd") !== true) return undefined;
  writeFileSync(runRecord, JSON.stringify({ ...record, starter: process.pid } satisfies RunRecord));
  const kill = () => {
    if (isAlive(record.dockerd)) process.kill(record.dockerd, "SIGTERM");
  };
  const stop = async () => {
    kill();
    for (let left = 300; left > 0 && isAlive(record.dockerd); left--)
      await new Promise((next) => setTimeout(next, 100));
    await releaseState(state);
    rmSync(runRecord, { force: true });
    forget();
  };
  const forget = endWithProcess({ stop, kill });
  return { started: true, stop };
}

/** Sockets live below this folder, and the system allows a socket's path some 100 characters. */
function stateFolder(folder: string): string {
  const near = join(folder, "docker-state");
  if (near.length <= 60) return near;
  return join(tmpdir(), `registry-secrets-${createHash("sha256").update(folder).digest("hex").slice(0, 12)}`);
}

/** A killed engine leaves its pid file; dockerd refuses to start if some other process has that number by now. */
function removeStalePid(file: string): void {
  let pid: number;
  try {
    pid = Number(readFileSync(file, "utf8"));
  } catch {
    return;
  }
  const command = commandLine(pid);
  if (command === undefined || !/dockerd|containerd/.test(command)) rmSync(file, { force: true });
}

function commandLine(pid: number): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8");
  } catch {
    return undefined;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
