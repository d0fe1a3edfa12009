import { run } from "../process/run";
import type { DockerClient } from "./engine";

const QUICK_MS = 5_000;

/**
 * The platform that the engine asks registries for, such as `linux/amd64`: the engine may be another machine. Asked once;
 * undefined where the engine does not answer.
 */
export function enginePlatform({ path, env }: DockerClient): () => Promise<string | undefined> {
  let asked: Promise<string | undefined> | undefined;
  const ask = async () => {
    const args = ["version", "--format", "{{.Server.Os}}/{{.Server.Arch}}"];
    const result = await run({ command: path, args, env, timeoutMs: QUICK_MS }).catch(() => undefined);
    return /^[a-z0-9]+\/[a-z0-9]+$/.exec(result?.stdout.trim() ?? "")?.[0];
  };
  return () => (asked ??= ask());
}
