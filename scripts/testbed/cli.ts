import { join } from "node:path";
import { ROOT } from "./folders";
import { run, type RunResult } from "./run";

/** The variables of one registry secret in Codespaces' convention. */
export function triplet(server: string, user: string, password: string, prefix = "DEMO"): Record<string, string> {
  return {
    [`${prefix}_CONTAINER_REGISTRY_SERVER`]: server,
    [`${prefix}_CONTAINER_REGISTRY_USER`]: user,
    [`${prefix}_CONTAINER_REGISTRY_PASSWORD`]: password,
  };
}

/** Runs the command line that users get, in an environment of its own: a home without any login, and `variables`. */
export function registrySecrets(
  args: readonly string[],
  options: { readonly home: string; readonly variables?: Record<string, string> },
): Promise<RunResult> {
  const { DOCKER_CONFIG: _, ...env } = process.env;
  return run(process.execPath, [join(ROOT, "dist/cli.js"), ...args], {
    environment: { ...env, HOME: options.home, ...options.variables },
  });
}
