import { readdirSync, readFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";

/** A process of this machine, as `/proc` shows it at one moment. */
export interface SeenProcess {
  readonly pid: number;
  readonly command: string;
  readonly environment: string;
}

/** The processes of this machine, at this moment: kernel threads and those that may not be looked into are left out. */
export function processesSeen(): SeenProcess[] {
  const found: SeenProcess[] = [];
  for (const name of readdirSync("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    try {
      // in this order: a child that has not become its program yet shows the arguments and the environment of its parent
      const command = readFileSync(`/proc/${name}/cmdline`, "utf8").replace(/\0/g, " ").trim();
      const environment = readFileSync(`/proc/${name}/environ`, "utf8");
      if (command !== "") found.push({ pid: Number(name), command, environment });
    } catch {
      // it has ended meanwhile
    }
  }
  return found;
}

/** Those whose environment has `mark`: a program that a test started with it, and whatever that has started. */
export function processesMarked(mark: string): SeenProcess[] {
  return processesSeen().filter(({ environment }) => environment.includes(mark));
}

/**
 * Asks `probe` until it answers something. For what has no event that could be awaited: the end of foreign processes.
 * @throws Error with `what`, after `limit` milliseconds
 */
export async function eventually<T>(
  what: string,
  probe: () => T | undefined | Promise<T | undefined>,
  limit = 15_000,
): Promise<T> {
  const end = Date.now() + limit;
  for (;;) {
    const answer = await probe();
    if (answer !== undefined) return answer;
    if (Date.now() > end) throw new Error(`After ${limit / 1000} s it is not so that ${what}.`);
    await delay(50);
  }
}
