import * as z from "zod/mini";
import { Failure, isFailure } from "../failure";
import type { Engine } from "../environment/container";
import type { Environment, EnvironmentUser } from "../environment/environment";
import { deliveryMessage, type DesiredSet } from "./desiredSet";

/** How a delivery to one environment went. */
export type DeliveryOutcome =
  | { readonly kind: "delivered"; readonly hosts: readonly string[]; readonly skipped: readonly string[] }
  /** The image has no shell, so nothing can be installed in it and nothing there could log in. Not an error. */
  | { readonly kind: "no-shell" }
  /** The container stopped or was removed meanwhile. Not an error: it is delivered to when it starts again. */
  | { readonly kind: "gone" }
  | { readonly kind: "failed"; readonly failure: Failure };

export interface DeliveryPorts {
  readonly engine: Engine;
  /** A shell script that installs the hook's files; it is run as root on stdin where the feature is absent. */
  installScript(): Promise<string>;
  /** Who delivers, for the hook's status: `vscode` or `cli`. */
  readonly source: string;
}

const HOOK = "/usr/local/bin/registry-login";
const TIME_LIMIT_MS = 20_000;

/** The last line that `registry-login apply --json` prints. */
const HookAnswer = z.union([
  z.object({ outcome: z.literal("applied"), hosts: z.array(z.string()) }),
  z.object({ outcome: z.literal("refused"), code: z.string(), message: z.string() }),
]);

/**
 * Brings the desired set to one environment, for each of its users, through stdin of `docker exec`; installs the hook
 * first where it is absent or too old. Never throws but for `cancelled`.
 */
export async function deliver(
  environment: Environment,
  set: DesiredSet,
  ports: DeliveryPorts,
  signal?: AbortSignal,
): Promise<DeliveryOutcome> {
  try {
    for (const user of environment.users) await applyFor(user, environment, set, ports, signal);
    return {
      kind: "delivered",
      hosts: set.logins.map(({ host }) => host),
      skipped: set.skipped.map(({ host }) => host),
    };
  } catch (error) {
    if (!isFailure(error)) throw error;
    if (error.code === "cancelled") throw error;
    if (error.code === "container-gone") return { kind: "gone" };
    if (error.code === "no-shell") return { kind: "no-shell" };
    return { kind: "failed", failure: error };
  }
}

async function applyFor(
  user: EnvironmentUser,
  environment: Environment,
  set: DesiredSet,
  ports: DeliveryPorts,
  signal: AbortSignal | undefined,
): Promise<void> {
  const { id, name } = environment.container;
  const apply = async () => {
    const result = await ports.engine.exec(
      id,
      {
        command: [HOOK, "apply", "--json"],
        user: user.name,
        ...(user.dockerConfig === undefined ? {} : { environment: { DOCKER_CONFIG: user.dockerConfig } }),
        stdin: deliveryMessage(set, environment, ports.source).reveal(),
        timeoutMs: TIME_LIMIT_MS,
      },
      signal,
    );
    return { ...result, answer: parseAnswer(result.stdout) };
  };

  let result = await apply();
  const absent = result.answer === undefined && (result.exitCode === 126 || result.exitCode === 127);
  const tooOld = result.answer?.outcome === "refused" && result.answer.code === "unsupported-protocol";
  if (absent || tooOld) {
    await install(environment, ports, signal);
    result = await apply();
  }
  const { answer, exitCode } = result;
  if (answer?.outcome === "applied") return;
  const reason = answer?.code ?? `exit-${exitCode}`;
  const message =
    answer?.message ?? `The login hook in ${name} ended with ${exitCode} and said nothing that can be read.`;
  throw new Failure("delivery-failed", message, { reason, container: name, user: user.name, detail: message });
}

async function install(environment: Environment, ports: DeliveryPorts, signal: AbortSignal | undefined): Promise<void> {
  const { id, name } = environment.container;
  const { exitCode, stderr } = await ports.engine.exec(
    id,
    { command: ["/bin/sh", "-s"], user: "root", stdin: await ports.installScript(), timeoutMs: TIME_LIMIT_MS },
    signal,
  );
  if (exitCode === 0) return;
  if (exitCode === 126 || exitCode === 127) throw new Failure("no-shell", `The image of ${name} has no /bin/sh.`);
  const detail = stderr.trim().split("\n").at(-1) || `install.sh ended with ${exitCode}`;
  throw new Failure("delivery-failed", `The login hook could not be installed in ${name}: ${detail}`, {
    reason: "install-failed",
    container: name,
    detail,
  });
}

function parseAnswer(stdout: string) {
  const line = stdout.trim().split("\n").at(-1) ?? "";
  try {
    const parsed = z.safeParse(HookAnswer, JSON.parse(line));
    return parsed.success ? parsed.data : undefined;
  } catch {
    return undefined;
  }
}
