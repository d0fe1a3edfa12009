import { run } from "../process/run";
import { clientProgram, type DockerClient } from "./engine";

const QUICK_MS = 5_000;

/**
 * The platform that registries are asked for, such as `linux/amd64`: `DOCKER_DEFAULT_PLATFORM`, else the engine's own, which
 * may be another machine. Asked once; undefined where the engine does not answer.
 */
export function enginePlatform(client: DockerClient): () => Promise<string | undefined> {
  let asked: Promise<string | undefined> | undefined;
  const ask = async () => {
    const chosen = client.env["DOCKER_DEFAULT_PLATFORM"] ?? "";
    if (chosen !== "") return chosen;
    const args = ["version", "--format", "{{.Server.Os}}/{{.Server.Arch}}"];
    const result = await run(clientProgram(client, args, { timeoutMs: QUICK_MS })).catch(() => undefined);
    return /^[a-z0-9]+\/[a-z0-9]+$/.exec(result?.stdout.trim() ?? "")?.[0];
  };
  return () => (asked ??= ask());
}
