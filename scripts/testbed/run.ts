import { spawn } from "node:child_process";

export interface RunOptions {
  /** What the program reads on stdin; nothing if absent. */
  input?: string;
  environment?: NodeJS.ProcessEnv;
  /** Milliseconds after which the program is ended. */
  limit?: number;
}

export interface RunResult {
  code: number;
  stdout: string;
  stderr: string;
}

/** Runs a program to its end without a shell. Never throws for what the program does; a missing program has the code 127. */
export function run(command: string, args: readonly string[], options: RunOptions = {}): Promise<RunResult> {
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      env: options.environment ?? process.env,
      stdio: "pipe",
      timeout: options.limit ?? 120_000,
    });
    let stdout = "";
    let stderr = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
    child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
    child.stdin.on("error", () => undefined); // a program that ends before it has read everything
    child.stdin.end(options.input ?? "");
    child.once("error", (error) => resolve({ code: 127, stdout, stderr: stderr + error.message }));
    child.once("close", (code) => resolve({ code: code ?? 128, stdout, stderr }));
  });
}

/**
 * Runs a program and returns what it printed.
 * @throws Error with what the program said, when it does not end with 0
 */
export async function runOrThrow(command: string, args: readonly string[], options: RunOptions = {}): Promise<string> {
  const result = await run(command, args, options);
  if (result.code === 0) return result.stdout;
  throw new Error(`${command} ${args.join(" ")} ended with ${result.code}: ${(result.stderr || result.stdout).trim()}`);
}
