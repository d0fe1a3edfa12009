/** Two ways to one end, in turns, so that both meet the same machine: what a case of the bench measures. */
export interface Contest {
  readonly name: string;
  /** Ours must take at most this many times the other's median. */
  readonly limit: number;
  readonly runs: number;
  readonly ours: () => Promise<void>;
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
  const holds = ratio <= limit;
  const show = (value: number) => `${value.toFixed(value < 10 ? 2 : 0)} ms`;
  console.log(
    `${holds ? "✔" : "✘"} ${name}: ${show(a)}; ${otherName}: ${show(b)}; ratio ${ratio.toFixed(3)} (at most ${limit}; ` +
      `${runs} runs each, ours ${show(Math.min(...times.ours))} to ${show(Math.max(...times.ours))})`,
  );
  return { name, ours: a, other: b, ratio, holds };
}

async function timed(work: () => Promise<void>): Promise<number> {
  const began = performance.now();
  await work();
  return performance.now() - began;
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? (sorted[middle] ?? 0) : ((sorted[middle - 1] ?? 0) + (sorted[middle] ?? 0)) / 2;
}
