import * as vscode from "vscode";
import type { Suggestion } from "../presentation/suggestion";
import { t } from "../presentation/words";
import { COMMANDS } from "./commandIds";
import type { EnvironmentList } from "./environmentList";
import type { Reports } from "./reports";
import { openFolders } from "./workspace";

const SAID = "saidSuggestions";
const MOST = 200;

/**
 * Suggests to create an environment anew exactly while that helps: an item in the status bar as long as it does, and one
 * notification for each reason (semantics, "What an event means for an environment").
 */
export class RecreateSuggestion implements vscode.Disposable {
  readonly #list: EnvironmentList;
  readonly #state: vscode.Memento;
  readonly #reports: Reports;
  readonly #isCreating: () => boolean;
  readonly #item = vscode.window.createStatusBarItem("registrySecrets.recreate", vscode.StatusBarAlignment.Left);
  readonly #listener: vscode.Disposable;
  /** A notification stands there: one at a time. */
  #isAsking = false;

  /** `isCreating` tells whether a creation goes on that will answer the suggestion by itself. */
  constructor(list: EnvironmentList, state: vscode.Memento, reports: Reports, isCreating: () => boolean) {
    this.#list = list;
    this.#state = state;
    this.#reports = reports;
    this.#isCreating = isCreating;
    this.#item.name = t("Registry Secrets: Recreate Environment");
    this.#listener = list.onDidChange(() => void this.#update());
  }

  async #now(): Promise<Suggestion[]> {
    const { known } = this.#list;
    if (known.kind !== "known" || known.entries.length === 0) return [];
    const { suggestions } = await import("../presentation/suggestion");
    return suggestions(known.entries, { folders: openFolders(), isTrusted: vscode.workspace.isTrusted });
  }

  async #update(): Promise<void> {
    const due = this.#isCreating() ? [] : await this.#now();
    const [first] = due;
    if (!first) {
      this.#item.hide();
      return;
    }
    this.#item.text = `$(debug-restart) ${
      first.action === "recreate" ? t("Recreate {0}", first.name) : t("Create {0} again", first.name)
    }`;
    this.#item.tooltip = due.flatMap(({ reasons }) => reasons).join("\n");
    this.#item.command = commandOf(first);
    this.#item.accessibilityInformation = { label: `${first.name}. ${first.reasons.join(" ")}`, role: "button" };
    this.#item.show();
    const said = this.#state.get<string[]>(SAID, []);
    const fresh = due.find(({ key }) => !said.includes(key));
    if (!fresh || this.#isAsking) return;
    this.#isAsking = true;
    try {
      await this.#state.update(SAID, [...said, fresh.key].slice(-MOST));
      await this.#ask(fresh);
    } finally {
      this.#isAsking = false;
    }
    await this.#update(); // the next one, if there is one
  }

  async #ask(suggestion: Suggestion): Promise<void> {
    const act = suggestion.action === "recreate" ? t("Recreate") : t("Create");
    const why = t("Why");
    const text = `${suggestion.name}: ${suggestion.reasons.join(" ")}`;
    const choice = await vscode.window.showInformationMessage(text, act, t("Not Now"), why);
    if (choice === why) {
      const { whyReport } = await import("../presentation/suggestion");
      await this.#reports.show(whyReport(suggestion));
      return;
    }
    if (choice !== act) return;
    await this.#list.refresh(); // the notification may have stood there for a long time
    const still = (await this.#now()).find(({ key }) => key === suggestion.key);
    if (!still) {
      void vscode.window.showInformationMessage(t("Nothing to do: {0} is up to date by now.", suggestion.name));
      return;
    }
    const { command, arguments: given } = commandOf(still);
    await vscode.commands.executeCommand(command, ...given);
  }

  dispose(): void {
    this.#listener.dispose();
    this.#item.dispose();
  }
}

function commandOf({ action, subject }: Suggestion) {
  return {
    command: action === "recreate" ? COMMANDS.recreateEnvironment : COMMANDS.createEnvironment,
    title: action === "recreate" ? t("Recreate") : t("Create"),
    arguments: [{ subject }],
  };
}
