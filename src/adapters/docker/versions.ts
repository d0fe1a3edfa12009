import { isFailure, messageOf } from "../../domain/failure";
import { run } from "../process/run";
import { clientProgram, type DockerClient } from "./engine";

const QUICK_MS = 5_000;
/** One line each; a client without an engine prints its own line before it fails. */
const FORMAT =
  "client {{.Client.Version}} (API {{.Client.APIVersion}}, {{.Client.Os}}/{{.Client.Arch}})\n" +
  "{{if .Server}}server {{.Server.Version}} (API {{.Server.APIVersion}}, {{.Server.Os}}/{{.Server.Arch}}){{end}}";

/**
 * What client and engine say of themselves, a line each, and what stands in the way where one does not answer. Never
 * throws for a failing program.
 */
export async function dockerVersions(client: DockerClient, signal?: AbortSignal): Promise<string[]> {
  const ask = async (args: readonly string[]): Promise<string[]> => {
    try {
      const program = clientProgram(client, args, { timeoutMs: QUICK_MS, maxOutput: 20_000 });
      const result = await run(program, { signal });
      const lines = `${result.stdout}\n${result.exitCode === 0 ? "" : result.stderr}`.split(/\r?\n/);
      return lines.map((line) => line.trim()).filter((line) => line !== "");
    } catch (error) {
      if (isFailure(error, "cancelled") || !isFailure(error)) throw error;
      return [messageOf(error)];
    }
  };
  const [context, versions] = await Promise.all([ask(["context", "show"]), ask(["version", "--format", FORMAT])]);
  return [...versions, `context ${context[0] ?? "unknown"}`];
}
