import * as z from "zod/mini";
import type { CreationEvent, CreationStep } from "../../domain/environment/creation";

/** A line of the dev container CLI's JSON log on stderr (devcontainers/cli, src/spec-utils/log.ts, `LogEvent`). */
const LogEvent = z.object({
  type: z.enum(["text", "raw", "start", "stop", "progress"]),
  text: z.optional(z.string()),
  name: z.optional(z.string()),
  status: z.optional(z.string()),
  level: z.optional(z.number()),
});

/** What it prints on stdout when it ends. */
const Outcome = z.union([
  z.object({
    outcome: z.literal("success"),
    containerId: z.optional(z.string()),
    remoteUser: z.optional(z.string()),
    remoteWorkspaceFolder: z.optional(z.string()),
    result: z.optional(z.string()),
  }),
  z.object({
    outcome: z.literal("error"),
    message: z.optional(z.string()),
    description: z.optional(z.string()),
    containerId: z.optional(z.string()),
  }),
]);
export type ToolOutcome = z.infer<typeof Outcome>;

/** Levels below this one are the tool's own tracing (`LogLevel.Info` is 3). */
const INFO = 3;

/** One line of the log as what a person follows; undefined for tracing and for what is no event. */
export function parseLogLine(line: string): CreationEvent | undefined {
  const parsed = z.safeParse(LogEvent, tryJson(line));
  if (!parsed.success) return line.trim() === "" || line.startsWith("{") ? undefined : { kind: "output", text: line };
  const { type, text = "", name, status, level = INFO } = parsed.data;
  if (type === "progress") return name !== undefined && status === "running" ? progressStep(name) : undefined;
  if (type === "start" && text.startsWith("Run: ")) {
    const long = longStepOf(text); // the tool writes a pull at the level of its tracing
    if (long !== undefined || level >= INFO) return long ?? stepOf(text);
  }
  if (level < INFO && type !== "raw") return undefined;
  if (type === "raw" || type === "text") return text.trim() === "" ? undefined : { kind: "output", text: plain(text) };
  return undefined;
}

/** What the tool said at the end: the last line of stdout that is its outcome. */
export function parseOutcome(stdout: string): ToolOutcome | undefined {
  for (const line of stdout.trim().split("\n").reverse()) {
    const parsed = z.safeParse(Outcome, tryJson(line));
    if (parsed.success) return parsed.data;
  }
  return undefined;
}

/**
 * Why a run failed, from the lines that it wrote: the last one that tells of an error. The tool repeats the command that
 * failed, retries, and looks the image up locally, which all tell nothing (devcontainers/cli, src/spec-node/utils.ts).
 */
export function reasonOf(lines: readonly string[]): string | undefined {
  const noise =
    /Command failed: |^Retrying|no such image|Error fetching image details|No manifest found|An error occurred setting up|^\s*(?:at\s|message: )/i;
  const trouble = /error|denied|unauthorized|not found|failed|refused|timeout|unable to|cannot|no space/i;
  return lines
    .flatMap((line) => line.split("\n"))
    .filter((line) => trouble.test(line) && !noise.test(line))
    .at(-1)
    ?.trim();
}

/** What the tool says while a lifecycle command runs. */
function progressStep(name: string): CreationStep {
  const [, command] = /^Running (\w+)\.\.\.$/.exec(name) ?? [];
  return { kind: "step", text: name, ...(command === undefined ? {} : { code: "running", detail: command }) };
}

/** The commands that take long, in words. */
function longStepOf(text: string): CreationStep | undefined {
  const [, verb, rest = ""] = /^Run: \S+ (pull|build|buildx build)\b(.*)/.exec(text) ?? [];
  if (verb === undefined) return undefined;
  if (verb !== "pull") return { kind: "step", code: "building", text: "Building the image" };
  const image = rest.trim();
  return { kind: "step", code: "pulling", detail: image, text: `Pulling ${image}` };
}

/** Any other command: shown as the tool runs it, cut to a line. */
function stepOf(text: string): CreationStep {
  const command = text.slice("Run: ".length);
  if (!/^\S*docker(?:\.exe)? (run|compose)\b|^\S*docker-compose\b/.test(command))
    return { kind: "step", text: command.split("\n")[0]?.slice(0, 120) ?? "" };
  const [, composeProject] = /\bcompose --project-name (\S+)/.exec(command) ?? [];
  return {
    kind: "step",
    code: "starting",
    text: "Starting the container",
    ...(composeProject === undefined ? {} : { composeProject }),
  };
}

/** Without the escape sequences of a terminal. */
function plain(text: string): string {
  return text
    .replace(/\u001b\[[0-9;?]*[A-Za-z]/g, "")
    .replace(/\r\n?/g, "\n")
    .replace(/\n+$/, "");
}

function tryJson(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
