import * as vscode from "vscode";
import { isFailure, messageOf } from "../domain/failure";
import type { FindingCode } from "../domain/diagnosis/finding";
import { t } from "../presentation/words";
import type { CheckContext } from "./checks";
import { SETTINGS } from "./commandIds";
import { isReal } from "./marksFiles";
import { fileOf } from "./workspace";

/** When registries are asked without a command of the person. */
export type Automatic = "never" | "afterFailure" | "onOpen";

export function automatic(): Automatic {
  return vscode.workspace.getConfiguration("registrySecrets").get<Automatic>(SETTINGS.automatically) ?? "afterFailure";
}

/** A registry that said one of these is not asked again by itself: Docker Hub locks accounts (semantics, "Diagnosis"). */
const LEAVE_ALONE: ReadonlySet<FindingCode> = new Set([
  "wrong-credential",
  "expired-credential",
  "stale-credential-blocks-public-image",
  "docker-auth-config-shadows",
  "locked-out",
  "rate-limited",
]);

interface AutomaticContext extends CheckContext {
  readonly log: vscode.LogOutputChannel;
}

/** With `onOpen`, checks the configurations of a file when it is opened or saved; otherwise does nothing. */
export class AutomaticChecks implements vscode.Disposable {
  readonly #context: AutomaticContext;
  readonly #listeners: readonly { dispose(): unknown }[];
  readonly #stopped = new AbortController();
  readonly #leaveAlone = new Set<string>();
  readonly #running = new Set<string>();

  constructor(context: AutomaticContext) {
    this.#context = context;
    const check = (document: vscode.TextDocument) => void this.#check(document);
    const checkOpen = () => vscode.workspace.textDocuments.forEach(check);
    this.#listeners = [
      vscode.workspace.onDidOpenTextDocument(check),
      vscode.workspace.onDidSaveTextDocument(check),
      vscode.workspace.onDidChangeConfiguration((event) => {
        if (event.affectsConfiguration(`registrySecrets.${SETTINGS.automatically}`)) checkOpen();
      }),
      { dispose: context.ports.store.onDidChange(() => this.#leaveAlone.clear()) },
    ];
    checkOpen();
  }

  async #check(document: vscode.TextDocument): Promise<void> {
    if (automatic() !== "onOpen" || !isReal(document.uri)) return;
    const { marks, log } = this.#context;
    for (const config of await this.#context.references.configsOf(fileOf(document.uri))) {
      if (this.#running.has(config.configFile)) continue;
      this.#running.add(config.configFile);
      try {
        const known = new Set(marks.findingsOf(config).map(({ mark }) => `${mark.file} ${mark.finding.image}`));
        const { checkConfig } = await import("./checks");
        const { findings } = await checkConfig(
          this.#context,
          config,
          this.#stopped.signal,
          ({ file, text, reference }) =>
            !known.has(`${file} ${text}`) && !this.#leaveAlone.has(reference?.registry ?? ""),
        );
        for (const { code, registry } of findings) if (LEAVE_ALONE.has(code)) this.#leaveAlone.add(registry);
      } catch (error) {
        if (!isFailure(error)) throw error;
        if (error.code !== "cancelled") log.warn(t("Not checked: {0}", messageOf(error)));
      } finally {
        this.#running.delete(config.configFile);
      }
    }
  }

  dispose(): void {
    this.#stopped.abort();
    for (const listener of this.#listeners) listener.dispose();
  }
}
