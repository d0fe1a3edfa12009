import type { Deliverer, DeliveryRound } from "../domain/delivery/deliverer";
import { isFailure } from "../domain/failure";
import { failureLine } from "../presentation/failureText";
import type { CliArguments } from "./arguments";
import type { CliPorts } from "./ports";

/** A timer may be early by the clock. */
const MOMENT_MS = 50;
/** How long to wait before the engine is asked again after it went away: doubling, up to the last. */
const RECONNECT_MS = [500, 1_000, 2_000, 5_000, 10_000];

/**
 * Keeps the folder's environments logged in until it is ended: when one starts, when the secrets file changes, when the
 * engine is back, and again where a delivery failed. Each round goes to `onRound`, which is told whether it was for all.
 */
export async function watch(
  deliverer: Pick<Deliverer, "deliver" | "retry" | "retryAt" | "follow">,
  folder: string,
  onRound: (round: DeliveryRound, isWhole: boolean) => Promise<void>,
  { secretsFile }: CliArguments,
  ports: CliPorts,
): Promise<void> {
  const quietly = (work: Promise<unknown>) =>
    work.catch((error: unknown) => {
      if (!isFailure(error)) throw error;
      if (error.code !== "cancelled") ports.tell(`! ${failureLine(error)}`);
    });
  let rounds = 0;
  /** Waits for what is due and tries it again, until a later round begins to wait: something may be due sooner then. */
  const retry = async () => {
    const mine = ++rounds;
    for (let at = deliverer.retryAt; at !== undefined && !ports.signal.aborted; at = deliverer.retryAt) {
      await ports.sleep(Math.max(MOMENT_MS, at - ports.now()));
      if (mine !== rounds) return;
      await quietly(deliverer.retry({ folder }, ports.signal).then(tell));
    }
  };
  const tell = async (round: DeliveryRound) => {
    if (round.deliveries.length + round.candidates.length > 0) await onRound(round, false);
  };
  const deliver = async () => {
    await quietly(deliverer.deliver({ folder }, ports.signal).then((round) => onRound(round, true)));
    void retry();
  };
  const following = { folder, onEvent: () => void retry() };

  const stop =
    secretsFile === undefined ? () => undefined : ports.watchFile(ports.pathAt(secretsFile), () => void deliver());
  ports.tell("Watching: environments are logged in when they start. End with Ctrl+C.");
  try {
    for (let failed = 0; !ports.signal.aborted; failed++) {
      const started = ports.now();
      // each on its own: a secrets file that is broken for a moment must not end the following of starts
      await Promise.all([deliver(), quietly(deliverer.follow(tell, ports.signal, following))]);
      if (ports.now() - started > 60_000) failed = 0;
      await ports.sleep(RECONNECT_MS[Math.min(failed, RECONNECT_MS.length - 1)] ?? 0);
    }
  } finally {
    stop();
  }
}
