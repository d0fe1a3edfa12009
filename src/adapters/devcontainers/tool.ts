import { readFile, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { Failure } from "../../domain/failure";
import type { CreationEvent, CreationRequest, DevContainerTool } from "../../domain/environment/creation";
import { redactText } from "../../domain/redacted";
import { run, type ProgramResult } from "../process/run";
import { parseLogLine, parseOutcome, reasonOf, type ToolOutcome } from "./events";

/** A Docker config for one run, made by whoever puts the adapters together. */
export interface RunConfig {
  readonly env: NodeJS.ProcessEnv;
  readonly folder: string;
  guard(group: number): () => void;
  close(): Promise<void>;
}

export interface DevContainerToolOptions {
  /** Node, or VS Code's Electron, which runs as Node. */
  readonly node: string;
  /** `devcontainer.js` of @devcontainers/cli. */
  readonly script: string;
  readonly dockerPath: string;
  openConfig(request: CreationRequest): Promise<RunConfig>;
}

/** The last lines of output that a failure keeps: enough for the reason, which the tool repeats on every retry. */
const KEPT_LINES = 400;

/** @devcontainers/cli as a child process of its own group. */
export function devContainerTool(options: DevContainerToolOptions): DevContainerTool {
  return {
    async begin(request) {
      const config = await options.openConfig(request);
      const run: ToolRun = { request, options, config };
      return {
        up: (onEvent, signal) => up(run, onEvent, signal),
        runUserCommands: (containerId, onEvent, signal) => runUserCommands(run, containerId, onEvent, signal),
        close: () => config.close(),
      };
    },
  };
}

type Listener = (event: CreationEvent) => void;

/** One creation: what is asked for, and the Docker config that all its steps share. */
interface ToolRun {
  readonly request: CreationRequest;
  readonly options: DevContainerToolOptions;
  readonly config: RunConfig;
}

async function up(run: ToolRun, onEvent: Listener, signal: AbortSignal | undefined) {
  const { request, options } = run;
  const lock = await rememberLockFile(request.configFile);
  const args = [
    "up",
    ...common(request, options),
    "--skip-post-create",
    ...(request.recreate ? ["--remove-existing-container"] : []),
    // without a lock file the tool would write one into the workspace; with one, its pins must count
    ...(lock.existed ? [] : ["--no-lockfile"]),
  ];
  try {
    const { containerId, remoteUser = "root", remoteWorkspaceFolder = "/" } = await runTool(args, run, onEvent, signal);
    if (containerId === undefined)
      throw new Failure("creation-failed", "The dev container CLI named no container.", { step: "up" });
    return { containerId, remoteUser, workspaceFolder: remoteWorkspaceFolder };
  } finally {
    await lock.restore();
  }
}

async function runUserCommands(
  toolRun: ToolRun,
  containerId: string,
  onEvent: Listener,
  signal: AbortSignal | undefined,
): Promise<void> {
  const { request, options, config } = toolRun;
  const args = ["run-user-commands", ...common(request, options), "--container-id", containerId];
  const variables = request.lifecycleVariables ?? {};
  const secretsFile = join(config.folder, "lifecycle-variables.json");
  const takesVariables = Object.keys(variables).length > 0;
  if (takesVariables) await writeFile(secretsFile, JSON.stringify(variables), { mode: 0o600 });
  await runTool([...args, ...(takesVariables ? ["--secrets-file", secretsFile] : [])], toolRun, onEvent, signal);
}

function common(request: CreationRequest, { dockerPath }: DevContainerToolOptions): string[] {
  return [
    "--workspace-folder",
    request.folder,
    "--config",
    request.configFile,
    "--docker-path",
    dockerPath,
    "--log-format",
    "json",
    "--oci-auth-hardening",
    ...request.allowedRealms.flatMap((realm) => ["--allow-cross-origin-auth-host", realm]),
  ];
}

async function runTool(
  args: readonly string[],
  { request, options, config }: ToolRun,
  onEvent: Listener,
  signal: AbortSignal | undefined,
): Promise<ToolOutcome & { outcome: "success" }> {
  const secrets = [...request.credentials.values()].map(({ username, password }) => ({ username, value: password }));
  const clean = (text: string) => redactText(text, secrets);
  const log: string[] = [];
  let forget: (() => void) | undefined;
  try {
    const result = await run(
      {
        command: options.node,
        args: [options.script, ...args],
        cwd: request.folder,
        env: { ...config.env, ELECTRON_RUN_AS_NODE: "1" },
        ownGroup: true,
      },
      {
        signal,
        onStart: (pid) => (forget = config.guard(pid)),
        onStderrLine: (line) => {
          const event = parseLogLine(line);
          if (!event) return;
          const cleaned = cleanEvent(event, clean);
          if (log.push(cleaned.text) > KEPT_LINES) log.shift();
          onEvent(cleaned);
        },
      },
    );
    return successOf(result, args[0] ?? "", log, clean);
  } finally {
    forget?.();
  }
}

function cleanEvent(event: CreationEvent, clean: (text: string) => string): CreationEvent {
  const text = clean(event.text);
  return event.kind === "step" && event.detail !== undefined
    ? { ...event, text, detail: clean(event.detail) }
    : { ...event, text };
}

function successOf(
  { stdout, exitCode }: ProgramResult,
  step: string,
  log: readonly string[],
  clean: (text: string) => string,
) {
  const outcome = parseOutcome(stdout);
  if (outcome?.outcome === "success") return outcome;
  const said = outcome?.message ?? outcome?.description ?? `it ended with ${exitCode}`;
  // the outcome only names the command that failed; the reason stands in the log (devcontainers/cli, dockerUtils.ts)
  const reason = reasonOf(log);
  throw new Failure("creation-failed", `The environment could not be created: ${clean(said)}`, {
    step,
    said: clean(said),
    ...(reason === undefined ? {} : { reason }),
    log,
  });
}

/** The lock file beside the configuration: its bytes are the same after the run as before (security, 7). */
async function rememberLockFile(configFile: string) {
  const name = basename(configFile).startsWith(".") ? ".devcontainer-lock.json" : "devcontainer-lock.json";
  const path = join(dirname(configFile), name);
  const before = await readFile(path).catch(() => undefined);
  return {
    existed: before !== undefined,
    async restore() {
      const after = await readFile(path).catch(() => undefined);
      if (before === undefined) {
        if (after !== undefined) await rm(path, { force: true });
      } else if (after === undefined || !before.equals(after)) await writeFile(path, before);
    },
  };
}
