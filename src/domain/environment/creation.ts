import { throwIfCancelled } from "../cancellation";
import { Failure, isFailure, messageOf } from "../failure";
import type { Log } from "../log";
import type { Redacted } from "../redacted";
import { containersOf, presentBefore, removeHalfMade, type Named, type Present } from "./halfMade";
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

/** What is reported while it works: a step in an English sentence, or what the tool and its programs print. */
export type CreationEvent = CreationStep | { readonly kind: "output"; readonly text: string };

export interface CreationStep {
  readonly kind: "step";
  readonly text: string;
  /** Which sentence it is, and what varies in it, where it can be said in another language. */
  readonly code?: "starting-over" | "logging-in" | "pulling" | "building" | "starting" | "running";
  readonly detail?: string;
  /** The Compose project that is started in it. */
  readonly composeProject?: string;
}

export interface CreatedEnvironment {
  readonly containerId: string;
  readonly remoteUser: string;
  readonly workspaceFolder: string;
  /** False if a container of this folder existed and was only started. */
  readonly isNew: boolean;
}

/** The dev container CLI, as creation needs it. */
export interface DevContainerTool {
  /** Makes what the steps of one creation need, such as a Docker config of its own. */
  begin(request: CreationRequest): Promise<CreationSteps>;
}

/** The steps of one creation. Each ends its processes when `signal` is aborted. */
export interface CreationSteps {
  /** Creates or starts the container without its lifecycle commands. Throws `creation-failed` with the tool's output. */
  up(onEvent: (event: CreationEvent) => void, signal?: AbortSignal): Promise<Omit<CreatedEnvironment, "isNew">>;
  /** Runs the lifecycle commands of the configuration in the container. Throws `creation-failed`. */
  runUserCommands(containerId: string, onEvent: (event: CreationEvent) => void, signal?: AbortSignal): Promise<void>;
  /** Takes away what `begin` has made. */
  close(): Promise<void>;
}

/** How a creation ended: there is a container now, or there is none. */
export type CreationOutcome =
  { readonly outcome: "created"; readonly containerId: string } | { readonly outcome: "failed" };

export interface CreationPorts {
  readonly tool: DevContainerTool;
  readonly engine: Engine;
  /** Notes that this container is ours (security, 3), and whether its creation has come to an end. */
  remember(containerId: string, creation: "unfinished" | "finished"): Promise<void>;
  /** The containers whose creation never came to an end: this program was killed meanwhile. */
  unfinished(): Promise<ReadonlySet<string>>;
  /** Notes what the environment was made from, or that it could not be made (advice, later on). */
  record(outcome: CreationOutcome): Promise<void>;
  /** Logs in inside; says how it went, and never throws for what the person can do without. */
  deliver(containerId: string, signal?: AbortSignal): Promise<void>;
  readonly log: Log;
}

/**
 * Creates an environment in the three steps of the login hook's design: the container, the login inside, and only then
 * the configuration's own lifecycle commands, so that these are logged in already. When it is cancelled nothing that it
 * made stays behind, or the failure names it; a container that a killed creation left is made anew (security, 8). Throws `creation-failed`, `cancelled`, `engine-unreachable`, `engine-missing`.
 */
export async function createEnvironment(
  request: CreationRequest,
  ports: CreationPorts,
  onEvent: (event: CreationEvent) => void,
  signal?: AbortSignal,
): Promise<CreatedEnvironment> {
  const before = await presentBefore(request, ports.engine);
  const unfinished = await ports.unfinished();
  const isInterrupted = !request.recreate && [...before.containers].some((id) => unfinished.has(id));
  if (isInterrupted) onEvent(STARTING_OVER);
  let created: CreatedEnvironment | undefined;
  const projects = new Set<string>();
  const listener = (event: CreationEvent) => {
    if (event.kind === "step" && event.composeProject !== undefined) projects.add(event.composeProject);
    onEvent(event);
  };
  const steps = await ports.tool.begin(isInterrupted ? { ...request, recreate: true } : request);
  try {
    throwIfCancelled(signal);
    const up = await steps.up(listener, signal);
    created = { ...up, isNew: !before.containers.has(up.containerId) };
    if (created.isNew) {
      await ports.remember(created.containerId, "unfinished");
      await note({ outcome: "created", containerId: created.containerId }, ports);
    }
    throwIfCancelled(signal);
    onEvent(LOGGING_IN);
    await ports.deliver(created.containerId, signal);
    throwIfCancelled(signal);
    try {
      await steps.runUserCommands(created.containerId, listener, signal);
    } finally {
      // a command that failed was said: the container is there to look at
      if (created.isNew) await ports.remember(created.containerId, "finished");
    }
    throwIfCancelled(signal);
  } catch (error) {
    if (signal?.aborted !== true) {
      if (isFailure(error, "creation-failed")) {
        const isGone = await hasNoneOf(before.containers, request, ports.engine);
        if (created === undefined && isGone) await note({ outcome: "failed" }, ports);
      }
      throw error;
    }
    throw cancelledCreation(await leftOf(request, before, projects, ports), error);
  } finally {
    await steps.close();
  }
  return created;
}

const STARTING_OVER: CreationStep = {
  kind: "step",
  code: "starting-over",
  text: "The last creation was interrupted: starting over",
};
const LOGGING_IN: CreationStep = { kind: "step", code: "logging-in", text: "Logging in inside the environment" };

/** The failure of a creation that was cancelled; `left` is what it made and could not be removed, as far as that is known. */
export function cancelledCreation(left: readonly string[] | undefined, cause?: unknown): Failure {
  const text = "The creation of the environment was cancelled; ";
  if (left === undefined)
    return new Failure("cancelled", `${text}what is left of it could not be removed.`, { left: true }, cause);
  return left.length === 0
    ? new Failure("cancelled", `${text}nothing of it is left.`, {}, cause)
    : new Failure("cancelled", `${text}this is left of it: ${left.join(", ")}.`, { left }, cause);
}

/**
 * True if a failed creation left the configuration without a container that it had. Where the engine does not answer any more,
 * that is what to say instead of the command that the tool names.
 */
async function hasNoneOf(before: ReadonlySet<string>, named: Named, engine: Engine): Promise<boolean> {
  try {
    return (await containersOf(named, engine)).every(({ id }) => !before.has(id));
  } catch (error) {
    if (isFailure(error, "engine-unreachable")) throw error;
    return false;
  }
}

/** Notes a creation that was refused before it began as failed, unless the configuration has an environment already. */
export async function noteRefusal(named: Named, ports: Pick<CreationPorts, "engine" | "record" | "log">) {
  const isThere = (await containersOf(named, ports.engine)).length > 0;
  if (!isThere) await note({ outcome: "failed" }, ports);
}

/** What cannot be noted is no reason to make no environment. */
async function note(outcome: CreationOutcome, ports: Pick<CreationPorts, "record" | "log">): Promise<void> {
  try {
    await ports.record(outcome);
  } catch (error) {
    ports.log.warn(`What the environment was made from could not be noted: ${messageOf(error)}`);
  }
}

/** Removes what a cancelled creation has made; gives what could not be removed, and undefined if that is not known. */
async function leftOf(
  named: Named,
  before: Present,
  projects: ReadonlySet<string>,
  { engine, log }: CreationPorts,
): Promise<readonly string[] | undefined> {
  try {
    return await removeHalfMade(named, before, projects, engine);
  } catch (error) {
    log.warn(`What the cancelled creation left could not be removed: ${messageOf(error)}`);
    return undefined;
  }
}
