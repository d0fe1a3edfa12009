import { throwIfCancelled } from "../cancellation";
import { Failure, isFailure, messageOf } from "../failure";
import type { Log } from "../log";
import type { Redacted } from "../redacted";
import type { Engine } from "./container";

/** What to create. Paths are absolute paths of this machine. */
export interface CreationRequest {
  readonly folder: string;
  /** The devcontainer.json, where the folder has several. */
  readonly configFile: string;
  /** Remove the existing container first. */
  readonly recreate: boolean;
  /** Credentials for this run, by Docker's key of the host. */
  readonly credentials: ReadonlyMap<string, { readonly username: string; readonly password: Redacted }>;
  /** Token realms on other origins that the person agreed to, as `<registry host>=<realm host>`. */
  readonly allowedRealms: readonly string[];
  /** The user's own variables for lifecycle commands, without the registry triplets taken from them. */
  readonly lifecycleVariables?: Readonly<Record<string, string>>;
}

/** What the tool reports while it works. */
export type CreationEvent =
  { readonly kind: "step"; readonly text: string } | { readonly kind: "output"; readonly text: string };

export interface CreatedEnvironment {
  readonly containerId: string;
  readonly remoteUser: string;
  readonly workspaceFolder: string;
  /** False if a container of this folder existed and was only started. */
  readonly isNew: boolean;
}

/** The dev container CLI, as creation needs it. Every method ends its processes when `signal` is aborted. */
export interface DevContainerTool {
  /** Creates or starts the container without its lifecycle commands. Throws `creation-failed` with the tool's output. */
  up(
    request: CreationRequest,
    onEvent: (event: CreationEvent) => void,
    signal?: AbortSignal,
  ): Promise<Omit<CreatedEnvironment, "isNew">>;
  /** Runs the lifecycle commands of the configuration in the container. Throws `creation-failed`. */
  runUserCommands(
    request: CreationRequest,
    containerId: string,
    onEvent: (event: CreationEvent) => void,
    signal?: AbortSignal,
  ): Promise<void>;
}

export interface CreationPorts {
  readonly tool: DevContainerTool;
  readonly engine: Engine;
  /** Notes that this container is ours (security, 3), and whether its creation has come to an end. */
  remember(containerId: string, creation: "unfinished" | "finished"): Promise<void>;
  /** The containers whose creation never came to an end: this program was killed meanwhile. */
  unfinished(): Promise<ReadonlySet<string>>;
  /** Logs in inside; says how it went, and never throws for what the person can do without. */
  deliver(containerId: string, signal?: AbortSignal): Promise<void>;
  readonly log: Log;
}

/**
 * Creates an environment in the three steps of the login hook's design: the container, the login inside, and only then
 * the configuration's own lifecycle commands, so that these are logged in already. When it is cancelled no container
 * that it made stays behind; one that a killed creation left is made anew (security, 8). Throws `creation-failed`, `cancelled`, `engine-unreachable`, `engine-missing`.
 */
export async function createEnvironment(
  request: CreationRequest,
  ports: CreationPorts,
  onEvent: (event: CreationEvent) => void,
  signal?: AbortSignal,
): Promise<CreatedEnvironment> {
  const before = new Set(await containersOf(request.folder, ports.engine));
  const unfinished = await ports.unfinished();
  const isInterrupted = !request.recreate && [...before].some((id) => unfinished.has(id));
  if (isInterrupted) onEvent({ kind: "step", text: "The last creation was interrupted: starting over" });
  let created: CreatedEnvironment;
  try {
    throwIfCancelled(signal);
    const up = await ports.tool.up(isInterrupted ? { ...request, recreate: true } : request, onEvent, signal);
    created = { ...up, isNew: !before.has(up.containerId) };
    if (created.isNew) await ports.remember(created.containerId, "unfinished");
    throwIfCancelled(signal);
    onEvent({ kind: "step", text: "Logging in inside the environment" });
    await ports.deliver(created.containerId, signal);
    throwIfCancelled(signal);
    try {
      await ports.tool.runUserCommands(request, created.containerId, onEvent, signal);
    } finally {
      // a command that failed was said: the container is there to look at
      if (created.isNew) await ports.remember(created.containerId, "finished");
    }
    throwIfCancelled(signal);
  } catch (error) {
    if (signal?.aborted !== true) {
      if (isFailure(error, "creation-failed")) await throwIfEngineIsGone(ports.engine);
      throw error;
    }
    await removeHalfMade(request.folder, before, ports);
    throw new Failure("cancelled", "The creation of the environment was cancelled; nothing of it is left.", {}, error);
  }
  return created;
}

async function containersOf(folder: string, engine: Engine): Promise<string[]> {
  const containers = await engine.containers();
  return containers
    .filter((container) => container.labels["devcontainer.local_folder"] === folder)
    .map((container) => container.id);
}

/** The tool names the command that failed; where the engine does not answer any more, that is what to say instead. */
async function throwIfEngineIsGone(engine: Engine): Promise<void> {
  try {
    await engine.containers();
  } catch (error) {
    if (isFailure(error, "engine-unreachable")) throw error;
  }
}

async function removeHalfMade(folder: string, before: ReadonlySet<string>, ports: CreationPorts): Promise<void> {
  try {
    for (const id of await containersOf(folder, ports.engine)) {
      if (!before.has(id)) await ports.engine.remove(id);
    }
  } catch (error) {
    ports.log.warn(`What the cancelled creation left could not be removed: ${messageOf(error)}`);
  }
}
