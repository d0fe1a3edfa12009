import { writeFileSync } from "node:fs";
import type { Runner } from "mocha";

/** How the tests of one tier went. */
export interface Counts {
  passed: number;
  failed: number;
  skipped: number;
}

/** Counts what a mocha runner reports, hooks that fail included, and writes the counts to a file at its end. */
export function countTests(runner: Runner, file: string | undefined): void {
  const counts: Counts = { passed: 0, failed: 0, skipped: 0 };
  runner.on("pass", () => counts.passed++);
  runner.on("fail", () => counts.failed++);
  runner.on("pending", () => counts.skipped++);
  runner.on("end", () => {
    if (file !== undefined) writeFileSync(file, JSON.stringify(counts));
  });
}
