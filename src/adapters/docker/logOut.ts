import { Failure } from "../../domain/failure";
import { redactText } from "../../domain/redacted";
import { run } from "../process/run";
import type { DockerClient } from "./engine";

const LIMIT_MS = 20_000;

/**
 * Takes Docker's own login for a registry out of its config or helper (docker/cli cli/command/registry/logout.go), by
 * its key there; `docker.io` is Docker Hub. Throws `program-missing`, `program-failed`, `timed-out`.
 */
export function dockerLogOut({ path, env }: DockerClient): (key: string) => Promise<void> {
  return async (key) => {
    // without a server the client means Docker Hub
    const args = key === "docker.io" ? ["logout"] : ["logout", "--", key];
    const { exitCode, stderr } = await run({ command: path, args, env, timeoutMs: LIMIT_MS });
    if (exitCode === 0) return;
    const said = redactText(stderr.trim()).slice(0, 300);
    throw new Failure("program-failed", `Docker could not log out of ${key}: ${said}`, { program: path });
  };
}
