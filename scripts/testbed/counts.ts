import { writeFileSync } from "node:fs";
import type { Runner, Test } from "mocha";

/** How the tests of one tier went. */
export interface Counts {
  passed: number;
  failed: number;
  skipped: number;
  /** Full titles of the tests and hooks that failed, so that the end of a long log names them. */
  failures: string[];
}

/** Counts what a mocha runner reports, hooks that fail included, and writes the counts to a file at its end. */
export function countTests(runner: Runner, file: string | undefined): void {
  const counts: Counts = { passed: 0, failed: 0, skipped: 0, failures: [] };
  runner.on("pass", () => counts.passed++);
  runner.on("fail", (test: Test, error: Error) => {
    counts.failed++;
    counts.failures.push(`${test.fullTitle()}: ${error.message.slice(0, 1000)}`);
  });
  runner.on("pending", () => counts.skipped++);
  runner.on("end", () => {
    if (file !== undefined) writeFileSync(file, JSON.stringify(counts));
  });
}
