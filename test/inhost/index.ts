import { once } from "node:events";
import { readdirSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { join } from "node:path";
import { format } from "node:util";
import type { Runner } from "mocha";
import { countTests } from "../../scripts/testbed/counts";

/**
 * VS Code calls this inside the extension host: every `*.test.js` beside this file, the report to the port
 * TESTBED_REPORT_PORT, the counts to the file TESTBED_COUNTS.
 * @throws Error when a test failed, so that VS Code ends with 1
 */
export async function run(): Promise<void> {
  const { default: Mocha } = await import("mocha");
  const report = await connectReport();
  if (report) Mocha.reporters.Base.consoleLog = (...parts: unknown[]) => void report.write(`${format(...parts)}\n`);
  const mocha = new Mocha({
    timeout: 30_000,
    color: process.env["FORCE_COLOR"] !== undefined,
    ...(process.env["TESTBED_GREP"] !== undefined && { grep: process.env["TESTBED_GREP"] }),
  });
  const tests = readdirSync(__dirname).filter((name) => name.endsWith(".test.js"));
  for (const name of tests.sort()) mocha.addFile(join(__dirname, name));

  let failed = 0;
  await new Promise<void>((finish) => {
    const runner: Runner = mocha.run((failures) => {
      failed = failures;
      finish();
    });
    countTests(runner, process.env["TESTBED_COUNTS"]);
  });
  if (report) {
    report.end();
    await once(report, "close");
  }
  if (failed > 0) throw new Error(`${failed} failed`);
}

async function connectReport(): Promise<Socket | undefined> {
  const port = process.env["TESTBED_REPORT_PORT"];
  if (port === undefined) return undefined;
  const socket = connect(Number(port), "127.0.0.1");
  await once(socket, "connect");
  return socket;
}
