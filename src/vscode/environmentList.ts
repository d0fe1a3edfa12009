import * as vscode from "vscode";
import { isFailure } from "../domain/failure";
import type { Environments } from "../presentation/environmentRows";
import type { ExtensionPorts } from "./ports";

/** The environments as they were when the engine was asked last; the view and the suggestion to recreate read this. */
export class EnvironmentList implements vscode.Disposable {
  readonly #ports: Pick<ExtensionPorts, "environments">;
  readonly #log: vscode.LogOutputChannel;
  readonly #changed = new vscode.EventEmitter<undefined>();
  readonly onDidChange = this.#changed.event;
  readonly #stopped = new AbortController();
  readonly #stopListening: () => void;
  #known: Environments = { kind: "asking" };
  #running: Promise<void> | undefined;
  #isDue = false;

  constructor(ports: Pick<ExtensionPorts, "environments">, log: vscode.LogOutputChannel) {
    this.#ports = ports;
    this.#log = log;
    this.#stopListening = ports.environments.onDidChange(() => void this.refresh());
    void this.refresh();
  }

  get known(): Environments {
    return this.#known;
  }

  /** Asks the engine again; while it is being asked, once more afterwards, however often this is called. */
  async refresh(): Promise<void> {
    this.#isDue = true;
    await (this.#running ??= this.#run());
  }

  async #run(): Promise<void> {
    try {
      while (this.#isDue && !this.#stopped.signal.aborted) {
        this.#isDue = false;
        this.#known = await this.#ask();
        this.#changed.fire(undefined);
      }
    } finally {
      this.#running = undefined;
    }
  }

  async #ask(): Promise<Environments> {
    try {
      return { kind: "known", entries: await this.#ports.environments.list(this.#stopped.signal) };
    } catch (error) {
      if (!isFailure(error)) throw error;
      // a secret storage that cannot be read is said where the secrets stand
      if (error.code === "storage-unavailable" || error.code === "cancelled") return this.#known;
      this.#log.warn(error.message);
      return { kind: "failed", failure: error };
    }
  }

  dispose(): void {
    this.#stopped.abort();
    this.#stopListening();
    this.#changed.dispose();
  }
}
