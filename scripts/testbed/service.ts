import { spawn } from "node:child_process";
import { closeSync, openSync, readFileSync } from "node:fs";
import { constants } from "node:os";
import { setTimeout as delay } from "node:timers/promises";

/** A program that runs in the background for as long as this process wants it. */
export interface Service {
  readonly pid: number;
  readonly running: boolean;
  /** All that it has printed so far. */
  output(): string;
  /** Ends it and every process it started; returns when it has gone. May be called twice. */
  stop(): Promise<void>;
}

interface Ending {
  /** Ends things in good order. */
  stop(): Promise<void>;
  /** Ends things at once: all that is possible while the process exits. */
  kill(): void;
}

const endings = new Set<Ending>();
let isListening = false;

function endAllNow(): void {
  for (const ending of endings) ending.kill();
}

async function endAllAndExit(signal: NodeJS.Signals): Promise<void> {
  for (const ending of [...endings].reverse()) await ending.stop().catch(() => undefined);
  process.exit(128 + constants.signals[signal]);
}

/**
 * Has `ending` called when this process is interrupted or exits before it was taken back.
 * @returns takes it back
 */
export function endWithProcess(ending: Ending): () => void {
  if (!isListening) {
    isListening = true;
    process.on("exit", endAllNow);
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
      process.once(signal, () => void endAllAndExit(signal));
    }
  }
  endings.add(ending);
  return () => void endings.delete(ending);
}

export interface ServiceOptions {
  command: string;
  arguments: readonly string[];
  /** File for all that it prints; it is emptied first. */
  logFile: string;
  environment?: NodeJS.ProcessEnv;
  /** How long to wait after SIGTERM before SIGKILL, in milliseconds. */
  patience?: number;
}

/**
 * Starts a program in a process group of its own, so that an interrupt at the terminal does not reach it before its
 * users have ended, and so that what it starts ends with it.
 * @throws Error when the program cannot be started
 */
export async function startService(options: ServiceOptions): Promise<Service> {
  const log = openSync(options.logFile, "w");
  const child = spawn(options.command, options.arguments, {
    detached: true,
    env: options.environment ?? process.env,
    stdio: ["ignore", log, log],
  });
  closeSync(log);
  await new Promise<void>((resolve, reject) => {
    child.once("spawn", resolve);
    child.once("error", reject);
  });
  const pid = child.pid ?? 0;
  const exited = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  const running = (): boolean => child.exitCode === null && child.signalCode === null;
  const signalGroup = (signal: NodeJS.Signals): void => {
    try {
      process.kill(-pid, signal);
    } catch {
      // The whole group has gone already.
    }
  };

  const stop = async (): Promise<void> => {
    if (running()) {
      signalGroup("SIGTERM");
      await Promise.race([exited, delay(options.patience ?? 10_000, undefined, { ref: false })]);
    }
    signalGroup("SIGKILL");
    await exited;
    forget();
  };
  const forget = endWithProcess({ stop, kill: () => signalGroup("SIGTERM") });
  return {
    pid,
    get running() {
      return running();
    },
    output: () => readFileSync(options.logFile, "utf8"),
    stop,
  };
}

/**
 * Asks `probe` again and again until it answers something.
 * @throws Error when the service ends before, or when `limit` milliseconds have passed; the end of its output included
 */
export async function untilReady<T>(
  name: string,
  service: Service,
  probe: () => Promise<T | undefined> | T | undefined,
  limit = 60_000,
): Promise<T> {
  const end = Date.now() + limit;
  for (;;) {
    const answer = await probe();
    if (answer !== undefined) return answer;
    const trouble = !service.running ? "ended at once" : Date.now() > end ? `is not ready after ${limit / 1000} s` : "";
    if (trouble !== "") {
      await service.stop();
      throw new Error(`${name} ${trouble}. The end of its output:\n${service.output().slice(-2000)}`);
    }
    await delay(40);
  }
}
