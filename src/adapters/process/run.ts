import { spawn, type ChildProcessWithoutNullStreams } from "node:child_process";
import { Failure } from "../../domain/failure";

/** A program to run, as data: no shell ever sees it, and secrets travel on `stdin` only. */
export interface Program {
  readonly command: string;
  readonly args: readonly string[];
  readonly stdin?: string;
  readonly cwd?: string;
  /** The whole environment of the program; that of this process if left out. */
  readonly env?: NodeJS.ProcessEnv;
  readonly timeoutMs?: number;
  /** How much of each stream is kept, in bytes; what comes after is dropped. Default 4 MiB. */
  readonly maxOutput?: number;
  /** Put the program and its children into a process group of their own, so that all of them end together. */
  readonly ownGroup?: boolean;
}

export interface ProgramResult {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface ProgramOptions {
  readonly signal?: AbortSignal | undefined;
  /** Called with each complete line as it comes. */
  readonly onStdoutLine?: (line: string) => void;
  readonly onStderrLine?: (line: string) => void;
  /** Called with the process id (which is the group's id for `ownGroup`). */
  readonly onStart?: (pid: number) => void;
}

const KEEP = 4 * 1024 * 1024;
/** How long a program may take to end after it was asked to, before it is made to. */
const GRACE_MS = 3_000;

/**
 * Runs a program to its end; any exit code is a result. Throws `program-missing` if it cannot be started,
 * `timed-out` (facts: program, seconds) and `cancelled`; in both cases the program and its children have ended.
 */
export async function run(program: Program, options: ProgramOptions = {}): Promise<ProgramResult> {
  if (options.signal?.aborted === true) throw new Failure("cancelled", "Cancelled.");
  const child = start(program);
  if (child.pid !== undefined) options.onStart?.(child.pid);
  const keep = program.maxOutput ?? KEEP;
  const stdout = collect(child.stdout, keep, options.onStdoutLine);
  const stderr = collect(child.stderr, keep, options.onStderrLine);
  child.stdin.on("error", () => undefined); // the program may end without reading all of it
  child.stdin.end(program.stdin ?? "");

  return await new Promise<ProgramResult>((resolve, reject) => {
    let stopped: Failure | undefined;
    let force: NodeJS.Timeout | undefined;
    const stop = (why: Failure) => {
      if (stopped) return;
      stopped = why;
      kill(child, program, "SIGTERM");
      force = setTimeout(() => {
        kill(child, program, "SIGKILL");
        letGo();
      }, GRACE_MS);
    };
    // a process that the program left behind outside its group may hold the streams open for ever
    const letGo = () => {
      child.stdout.destroy();
      child.stderr.destroy();
    };
    let drain: NodeJS.Timeout | undefined;
    child.on("exit", () => (drain = setTimeout(letGo, GRACE_MS)));
    const onAbort = () => stop(new Failure("cancelled", "Cancelled."));
    options.signal?.addEventListener("abort", onAbort, { once: true });
    const limit =
      program.timeoutMs === undefined
        ? undefined
        : setTimeout(() => {
            const seconds = Math.round((program.timeoutMs ?? 0) / 1000);
            stop(
              new Failure("timed-out", `${program.command} did not end within ${seconds} seconds.`, {
                program: program.command,
                seconds,
              }),
            );
          }, program.timeoutMs);
    const finish = () => {
      clearTimeout(limit);
      clearTimeout(force);
      clearTimeout(drain);
      options.signal?.removeEventListener("abort", onAbort);
    };
    child.on("error", (error: NodeJS.ErrnoException) => {
      finish();
      reject(notStarted(program, error));
    });
    child.on("close", (code, signal) => {
      finish();
      if (stopped) {
        kill(child, program, "SIGKILL"); // what the program left in its group
        reject(stopped);
      } else resolve({ exitCode: code ?? (signal === null ? 1 : 128), stdout: stdout(), stderr: stderr() });
    });
  });
}

/** Node reports a few troubles of a start by an event, and throws the others. */
function start(program: Program): ChildProcessWithoutNullStreams {
  try {
    return spawn(program.command, program.args, {
      cwd: program.cwd,
      env: program.env,
      stdio: "pipe",
      windowsHide: true,
      detached: program.ownGroup === true && process.platform !== "win32",
    });
  } catch (error) {
    throw notStarted(program, error as NodeJS.ErrnoException);
  }
}

function notStarted({ command }: Program, error: NodeJS.ErrnoException): Failure {
  const missing = error.code === "ENOENT";
  return new Failure(
    "program-missing",
    `${command} could not be started: ${missing ? "it was not found" : error.message}.`,
    { program: command, missing },
    error,
  );
}

function kill(child: ChildProcessWithoutNullStreams, program: Program, signal: NodeJS.Signals): void {
  if (program.ownGroup === true && child.pid !== undefined && process.platform !== "win32") {
    try {
      process.kill(-child.pid, signal);
    } catch {
      // every member of the group has ended
    }
  } else child.kill(signal);
}

/** Keeps the first `limit` bytes of a stream and hands out its lines; returns how to read what was kept. */
function collect(
  stream: NodeJS.ReadableStream,
  limit: number,
  onLine: ((line: string) => void) | undefined,
): () => string {
  const kept: string[] = [];
  let size = 0;
  let rest = "";
  stream.setEncoding("utf8");
  stream.on("data", (chunk: string) => {
    if (size < limit) kept.push(chunk.slice(0, limit - size));
    size += chunk.length;
    if (!onLine) return;
    const lines = (rest + chunk).split("\n");
    rest = (lines.pop() ?? "").slice(-limit);
    for (const line of lines) onLine(line.replace(/\r$/, ""));
  });
  stream.on("end", () => {
    if (onLine && rest !== "") onLine(rest);
  });
  return () => kept.join("");
}
