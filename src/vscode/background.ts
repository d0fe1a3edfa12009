import * as vscode from "vscode";
import type { DeliveryRound } from "../domain/delivery/deliverer";
import { isFailure, messageOf } from "../domain/failure";
import { candidateLine, deliveryLine } from "../presentation/deliveryText";
import type { ExtensionPorts } from "./ports";

/** Changes that come together (an import, two windows) are one delivery. */
const SETTLE_MS = 150;
/** How long to wait before the engine is asked again after it went away: doubling, up to the last. */
const RETRY_MS = [1_000, 2_000, 5_000, 15_000, 60_000];

/** Keeps running environments logged in while the window is open. The only place with timers. */
export class Background implements vscode.Disposable {
  readonly #ports: ExtensionPorts;
  readonly #log: vscode.LogOutputChannel;
  readonly #stopped = new AbortController();
  readonly #stopListening: () => void;
  #settle: NodeJS.Timeout | undefined;
  #retry: NodeJS.Timeout | undefined;
  #failures = 0;

  constructor(ports: ExtensionPorts, log: vscode.LogOutputChannel, onChange: () => void) {
    this.#ports = ports;
    this.#log = log;
    this.#stopListening = ports.store.onDidChange(() => {
      onChange();
      clearTimeout(this.#settle);
      this.#settle = setTimeout(() => void this.#deliver(), SETTLE_MS);
    });
    void this.#follow();
  }

  /** Delivers to every running environment now and says to how many. Throws what stood in the way. */
  async deliverNow(): Promise<DeliveryRound> {
    const round = await this.#ports.deliverer.deliver({}, this.#stopped.signal);
    this.#tell(round);
    return round;
  }

  /** The same by itself: an engine that is off has no running environments, and they are delivered to when they start. */
  async #deliver(): Promise<void> {
    try {
      await this.deliverNow();
    } catch (error) {
      if (!isFailure(error, "cancelled")) this.#log.warn(`Nothing was delivered: ${messageOf(error)}`);
    }
  }

  async #follow(): Promise<void> {
    const began = Date.now();
    try {
      // side by side, so that no start falls between the two
      const follow = this.#ports.deliverer.followStarts((round) => this.#tell(round), this.#stopped.signal);
      await Promise.all([follow, this.#deliver()]);
    } catch (error) {
      if (!isFailure(error)) this.#log.error(messageOf(error));
    }
    if (this.#stopped.signal.aborted) return;
    this.#failures = Date.now() - began > 60_000 ? 0 : this.#failures + 1;
    const delay = RETRY_MS[Math.min(this.#failures, RETRY_MS.length) - 1] ?? 1_000;
    this.#retry = setTimeout(() => void this.#follow(), delay);
  }

  #tell({ deliveries, candidates }: DeliveryRound): void {
    for (const delivery of deliveries) this.#log.info(deliveryLine(delivery));
    for (const { container, recognition } of candidates) this.#log.info(candidateLine(container.name, recognition.why));
    const delivered = deliveries.filter(({ outcome }) => outcome.kind === "delivered").length;
    const failed = deliveries.filter(({ outcome }) => outcome.kind === "failed").length;
    if (delivered > 0) {
      const environments = delivered === 1 ? "1 environment" : `${delivered} environments`;
      vscode.window.setStatusBarMessage(`$(key) Registry secrets delivered to ${environments}`, 5_000);
    }
    if (failed > 0) {
      const environments = failed === 1 ? "1 environment" : `${failed} environments`;
      vscode.window.setStatusBarMessage(
        `$(warning) Registry secrets not delivered to ${environments}: see the log`,
        15_000,
      );
    }
  }

  dispose(): void {
    this.#stopListening();
    clearTimeout(this.#settle);
    clearTimeout(this.#retry);
    this.#stopped.abort();
  }
}

/** Calls `run` every minute, for texts that tell how long ago something was. */
export function everyMinute(run: () => void): vscode.Disposable {
  const timer = setInterval(run, 60_000);
  return new vscode.Disposable(() => clearInterval(timer));
}
