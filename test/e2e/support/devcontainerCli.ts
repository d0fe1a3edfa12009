import { join } from "node:path";
import { ROOT } from "../../../scripts/testbed/folders";
import { run, type RunResult } from "../../../scripts/testbed/run";

/** Runs @devcontainers/cli itself, as a person would who does not know of us. */
export async function devcontainer(args: readonly string[], environment: NodeJS.ProcessEnv): Promise<RunResult> {
  const script = join(ROOT, "node_modules/@devcontainers/cli/devcontainer.js");
  return await run(process.execPath, [script, ...args], { environment });
}
