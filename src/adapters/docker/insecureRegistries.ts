import * as z from "zod/mini";
import { run } from "../process/run";
import { clientProgram, type DockerClient } from "./engine";

const RegistryConfig = z.object({
  InsecureRegistryCIDRs: z.nullish(z.array(z.string())),
  IndexConfigs: z.nullish(z.record(z.string(), z.object({ Secure: z.boolean() }))),
});
const QUICK_MS = 10_000;

/**
 * The hosts and networks of the engine's `insecure-registries`, with its own 127.0.0.0/8; none where the engine does not
 * answer: then nothing is spoken to over plain http because of it.
 */
export async function insecureRegistries(client: DockerClient): Promise<readonly string[]> {
  const args = ["info", "--format", "{{json .RegistryConfig}}"];
  const result = await run(clientProgram(client, args, { timeoutMs: QUICK_MS })).catch(() => undefined);
  const parsed = z.safeParse(RegistryConfig, tryJson(result?.stdout ?? ""));
  if (!parsed.success) return [];
  const { InsecureRegistryCIDRs, IndexConfigs } = parsed.data;
  const hosts = Object.entries(IndexConfigs ?? {}).filter(([, { Secure }]) => !Secure);
  return [...(InsecureRegistryCIDRs ?? []), ...hosts.map(([host]) => host)];
}

function tryJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
