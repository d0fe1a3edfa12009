import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startDockerd } from "./engine";
import { temporaryFolder } from "./folders";
import { run, runOrThrow } from "./run";
import { untilReady } from "./service";

/** An engine of its own beside the one that is there already. */
export interface SecondEngine {
  /** For `DOCKER_HOST`. */
  readonly address: string;
  stop(): Promise<void>;
}

const BRIDGE = "rs-test-bridge";
/** Where a containerd of the system serves both engines, neither may see the other's containers. */
const NAMESPACE = "registry-secrets-test";

/**
 * Starts a second engine that reaches registries by what `variables` say: `HTTPS_PROXY`, `SSL_CERT_FILE` (Go,
 * crypto/x509/root_unix.go). Wants root. All that it made is gone when it stops.
 */
export async function startSecondEngine(variables: Readonly<Record<string, string>>): Promise<SecondEngine> {
  const folder = temporaryFolder("engine");
  const sockets = mkdtempSync(join(tmpdir(), "engine-"));
  const address = `unix://${join(sockets, "docker.sock")}`;
  await run("ip", ["link", "delete", BRIDGE]); // a killed run has left it
  await runOrThrow("ip", ["link", "add", "name", BRIDGE, "type", "bridge"]);
  const dockerd = await startDockerd({
    folder,
    address,
    arguments: [
      `--bridge=${BRIDGE}`,
      "--iptables=false",
      "--ip-forward=false",
      `--containerd-namespace=${NAMESPACE}`,
      `--containerd-plugins-namespace=${NAMESPACE}-plugins`,
    ],
    environment: { ...process.env, ...variables },
  });
  const stop = async () => {
    await dockerd.stop();
    await run("ip", ["link", "delete", BRIDGE]);
    for (const made of [folder, sockets]) rmSync(made, { recursive: true, force: true });
  };
  const environment = { ...process.env, DOCKER_HOST: address };
  const answers = async () => ((await run("docker", ["version"], { environment })).code === 0 ? true : undefined);
  await untilReady("a second dockerd", dockerd, answers).catch(async (error: unknown) => {
    await stop();
    throw error;
  });
  return { address, stop };
}
