import * as vscode from "vscode";
import type { DeliveryRound } from "../domain/delivery/deliverer";
import { isFailure, messageOf } from "../domain/failure";
import { t } from "../presentation/words";
import { CONTEXT } from "./commandIds";
import type { ExtensionPorts } from "./ports";
import { tick } from "./reached";

/** Changes that come together (an import, two windows) are one delivery. */
const SETTLE_MS = 150;
/** How long to wait before the engine is asked again after it went away: doubling, up to the last. */
const RETRY_MS = [1_000, 2_000, 5_000, 15_000, 60_000];

/** How often this window asks whether it is the one that delivers, and looks for what is to be tried again. */
const BEAT_MS = 2_000;

/**
 * Keeps running environments logged in while a window is open. Of several windows one does; when it is closed or killed, the
 * next beat of another one takes over, and delivers what may have changed meanwhile. The only place with timers.
 */
export class Background implements vscode.Disposable {
  readonly #ports: ExtensionPorts;
  readonly #log: vscode.LogOutputChannel;
  readonly #stopped = new AbortController();
  readonly #onContainers: () => void;
  readonly #stopListening: () => void;
  readonly #beat: NodeJS.Timeout;
  /** While this window delivers. */
  #term: AbortController | undefined;
  #isBeating = false;
  #settle: NodeJS.Timeout | undefined;
  #reconnect: NodeJS.Timeout | undefined;
  #failures = 0;

  /** `onSecrets` is called when the secrets are others, `onContainers` when something happened to a container. */
  constructor(
    ports: ExtensionPorts,
    log: vscode.LogOutputChannel,
    { onSecrets, onContainers }: { readonly onSecrets: () => void; readonly onContainers: () => void },
  ) {
    this.#ports = ports;
    this.#log = log;
    this.#onContainers = onContainers;
    this.#stopListening = ports.store.onDidChange(() => {
      onSecrets();
      clearTimeout(this.#settle);
      this.#settle = setTimeout(() => {
        if (this.#term) void this.#quietly(this.deliverNow(this.#term.signal));
      }, SETTLE_MS);
    });
    this.#beat = setInterval(() => void this.#onBeat(), BEAT_MS);
    void this.#onBeat();
  }

  /** Delivers to every running environment now and says to how many. Throws what stood in the way. */
  async deliverNow(signal = this.#stopped.signal): Promise<DeliveryRound> {
    const round = await this.#ports.deliverer.deliver({}, signal);
    await this.#tell(round);
    return round;
  }

  async #onBeat(): Promise<void> {
    if (this.#isBeating) return;
    this.#isBeating = true;
    const delivers = await this.#ports.delivers().catch((error: unknown) => {
      // two windows that deliver are better than none
      if (!this.#term) this.#log.warn(t("Other windows may deliver, too: {0}", messageOf(error)));
      return true;
    });
    this.#isBeating = false;
    if (this.#stopped.signal.aborted) return;
    if (!delivers) {
      this.#term?.abort();
      this.#term = undefined;
    } else if (!this.#term) {
      this.#term = new AbortController();
      void this.#follow(this.#term.signal);
    } else {
      const round = this.#ports.deliverer.retry({}, this.#term.signal);
      void this.#quietly(round.then((made) => this.#tell(made)));
    }
  }

  /** An engine that is off has no running environments, and they are delivered to when they start. */
  async #quietly(work: Promise<unknown>): Promise<void> {
    try {
      await work;
    } catch (error) {
      if (!isFailure(error, "cancelled")) this.#log.warn(t("Nothing was delivered: {0}", messageOf(error)));
    }
  }

  async #follow(term: AbortSignal): Promise<void> {
    const began = Date.now();
    try {
      // side by side, so that no start falls between the two
      const follow = this.#ports.deliverer.follow((round) => void this.#tell(round), term, {
        onEvent: this.#onContainers,
      });
      await Promise.all([follow, this.#quietly(this.deliverNow(term))]);
    } catch (error) {
      if (!isFailure(error)) this.#log.error(messageOf(error));
    }
    if (term.aborted) return;
    this.#failures = Date.now() - began > 60_000 ? 0 : this.#failures + 1;
    const delay = RETRY_MS[Math.min(this.#failures, RETRY_MS.length) - 1] ?? 1_000;
    this.#reconnect = setTimeout(() => void this.#follow(term), delay);
  }

  async #tell({ deliveries, candidates }: DeliveryRound): Promise<void> {
    const { candidateLine, deliveryLines } = await import("../presentation/deliveryText");
    for (const line of deliveries.flatMap(deliveryLines)) this.#log.info(line);
    for (const { container, recognition } of candidates) this.#log.info(candidateLine(container.name, recognition.why));
    const delivered = deliveries.filter(({ outcome }) => outcome.kind === "delivered").length;
    const failed = deliveries.filter(({ outcome }) => outcome.kind === "failed").length;
    if (delivered > 0) {
      void tick(CONTEXT.delivered);
      const text =
        delivered === 1
          ? t("Registry secrets delivered to 1 environment")
          : t("Registry secrets delivered to {0} environments", delivered);
      vscode.window.setStatusBarMessage(`$(key) ${text}`, 5_000);
    }
    if (failed > 0) {
      const text =
        failed === 1
          ? t("Registry secrets not delivered to 1 environment: see the log")
          : t("Registry secrets not delivered to {0} environments: see the log", failed);
      vscode.window.setStatusBarMessage(`$(warning) ${text}`, 15_000);
    }
  }

  dispose(): void {
    this.#stopListening();
    clearInterval(this.#beat);
    clearTimeout(this.#settle);
    clearTimeout(this.#reconnect);
    this.#term?.abort();
    this.#stopped.abort();
  }
}

/** Calls `run` every minute, for texts that tell how long ago something was. */
export function everyMinute(run: () => void): vscode.Disposable {
  const timer = setInterval(run, 60_000);
  return new vscode.Disposable(() => clearInterval(timer));
}
