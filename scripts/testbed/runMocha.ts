// Runs the test files named on the command line in this one process: the report goes to stdout, the counts to the file
// TESTBED_COUNTS. TESTBED_TIMEOUT: milliseconds for one test; TESTBED_GREP: only tests whose title matches.
import { resolve } from "node:path";
import { countTests } from "./counts";

async function main(): Promise<void> {
  process.setMaxListeners(0); // each test file is a bundle of its own, and each listens for the end
  const { default: Mocha } = await import("mocha");
  const grep = process.env["TESTBED_GREP"];
  const mocha = new Mocha({
    timeout: Number(process.env["TESTBED_TIMEOUT"] ?? 10_000),
    forbidOnly: process.env["CI"] === "true",
    ...(grep !== undefined && { grep }),
  });
  for (const file of process.argv.slice(2)) mocha.addFile(resolve(file));
  const failures = await new Promise<number>((finish) => {
    countTests(mocha.run(finish), process.env["TESTBED_COUNTS"]);
  });
  // A tier ends when its tests do: what they left running is ended by `endWithProcess`.
  process.exit(failures > 0 ? 1 : 0);
}

void main();
