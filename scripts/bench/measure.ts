/** Two ways to one end, in turns, so that both meet the same machine: what a case of the bench measures. */
export interface Contest {
  readonly name: string;
  /** Ours must take at most this many times the other's median; told only, if there is none. */
  readonly limit?: number;
  readonly runs: number;
  /** May say how many milliseconds count, where it has work to finish that the comparison is not about. */
  readonly ours: () => Promise<number | undefined> | Promise<void>;
  readonly other: () => Promise<void>;
  readonly otherName: string;
}

export interface Outcome {
  readonly name: string;
  readonly ours: number;
  readonly other: number;
  readonly ratio: number;
  readonly holds: boolean;
}

/** Runs both in turns after one unmeasured round, and compares the medians (milliseconds). */
export async function contest({ name, limit, runs, ours, other, otherName }: Contest): Promise<Outcome> {
  await ours();
  await other();
  const times = { ours: [] as number[], other: [] as number[] };
  for (let run = 0; run < runs; run++) {
    times.ours.push(await timed(ours));
    times.other.push(await timed(other));
  }
  const [a, b] = [median(times.ours), median(times.other)];
  const ratio = a / b;
  const holds = limit === undefined || ratio <= limit;
  const show = (value: number) => `${value.toFixed(value < 10 ? 2 : 0)} ms`;
  console.log(
    `${limit === undefined ? "–" : holds ? "✔" : "✘"} ${name}: ${show(a)}; ${otherName}: ${show(b)}; ` +
      `ratio ${ratio.toFixed(3)} (${limit === undefined ? "no limit" : `at most ${limit}`}; ` +
      `${runs} runs each, ours ${show(Math.min(...times.ours))} to ${show(Math.max(...times.ours))})`,
  );
  return { name, ours: a, other: b, ratio, holds };
}

async function timed(work: Contest["ours"]): Promise<number> {
  const began = performance.now();
  const counted = await work();
  return counted ?? performance.now() - began;
}

/** The middle of several values. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? (sorted[middle] ?? 0) : ((sorted[middle - 1] ?? 0) + (sorted[middle] ?? 0)) / 2;
}

/** What `work` costs in CPU time, the median of `RUNS` after three unmeasured ones, against a limit of its own. */
export function cpuCost(name: string, limitMs: number, work: () => void): Outcome {
  for (let warm = 0; warm < 3; warm++) work();
  const times = Array.from({ length: RUNS }, () => {
    const before = process.cpuUsage();
    work();
    const { user, system } = process.cpuUsage(before);
    return (user + system) / 1000;
  });
  const ours = median(times);
  const holds = ours <= limitMs;
  console.log(
    `${holds ? "✔" : "✘"} ${name}: ${ours.toFixed(1)} ms of CPU (at most ${limitMs} ms; ` +
      `${RUNS} runs, ${Math.min(...times).toFixed(1)} to ${Math.max(...times).toFixed(1)} ms)`,
  );
  return { name, ours, other: limitMs, ratio: ours / limitMs, holds };
}

const RUNS = 11;

/** One figure against a limit of its own, where there is no other way to measure against. */
export function absolute(name: string, ours: number, unit: string, limit: number): Outcome {
  const holds = ours <= limit;
  console.log(`${holds ? "✔" : "✘"} ${name}: ${ours.toFixed(ours < 10 ? 2 : 0)} ${unit} (at most ${limit})`);
  return { name, ours, other: limit, ratio: ours / limit, holds };
}
