import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import type { Program } from "./run";

/**
 * The lines of a program that runs until `signal` ends it, as they come. The iteration ends when the program does;
 * a program that cannot be started ends it at once.
 */
export async function* follow(program: Program, signal: AbortSignal): AsyncGenerator<string> {
  if (signal.aborted) return;
  const child = spawn(program.command, program.args, {
    env: program.env,
    stdio: ["ignore", "pipe", "ignore"],
    windowsHide: true,
  });
  child.on("error", () => undefined); // readline ends with the closed stream
  const end = () => child.kill();
  signal.addEventListener("abort", end, { once: true });
  try {
    for await (const line of createInterface({ input: child.stdout })) yield line;
  } finally {
    signal.removeEventListener("abort", end);
    child.kill();
  }
}
