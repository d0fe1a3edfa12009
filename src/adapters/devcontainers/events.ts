import * as z from "zod/mini";
import type { CreationEvent } from "../../domain/environment/creation";

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
  if (type === "progress") return name !== undefined && status === "running" ? { kind: "step", text: name } : undefined;
  if (level < INFO && type !== "raw") return undefined;
  if (type === "start" && text.startsWith("Run: ")) return { kind: "step", text: stepOf(text) };
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

/** The long commands in words; the others are shown as the tool runs them, cut to a line. */
function stepOf(text: string): string {
  const command = text.slice("Run: ".length);
  const [, verb, rest = ""] = /^\S*docker(?:\.exe)? (pull|build|buildx build|run|compose)\b(.*)/.exec(command) ?? [];
  if (verb === "pull") return `Pulling ${rest.trim()}`;
  if (verb === "build" || verb === "buildx build") return "Building the image";
  if (verb === "run" || verb === "compose") return "Starting the container";
  return command.split("\n")[0]?.slice(0, 120) ?? "";
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
