import { runTests } from "@vscode/test-electron";
import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { ROOT, temporaryFolder } from "../../scripts/testbed/folders";
import { listen } from "../../scripts/testbed/loopback";
import { createServer } from "node:net";

/**
 * Runs the tests beside this file inside a real VS Code: in the testbed's host, or, with VSCODE=download, in Microsoft's
 * build. TESTBED_COUNTS names the file for the counts.
 */
async function main(): Promise<void> {
  const folder = temporaryFolder("inhost");
  const workspace = join(folder, "workspace");
  mkdirSync(workspace);
  // The extension host's own console comes mixed with the workbench's log; the report has a connection to itself.
  const report = createServer((socket) => void socket.pipe(process.stdout, { end: false }));
  const { port, stop } = await listen(report);
  try {
    await runTests({
      ...(process.env["VSCODE"] === "download"
        ? {}
        : { vscodeExecutablePath: join(ROOT, ".build/scripts/testbed/vscodeHost/code.js") }),
      extensionDevelopmentPath: ROOT,
      extensionTestsPath: join(ROOT, ".build/test/inhost/index.js"),
      launchArgs: [
        workspace,
        `--user-data-dir=${join(folder, "user-data")}`,
        `--extensions-dir=${join(folder, "extensions")}`,
      ],
      extensionTestsEnv: { TESTBED_REPORT_PORT: String(port) },
    });
  } finally {
    await stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
