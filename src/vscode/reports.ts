import * as vscode from "vscode";
import { t } from "../presentation/words";
import { CONTEXT } from "./commandIds";

const SCHEME = "registry-secrets-report";
const nameOfReport = () => `${t("Pull diagnosis")}.md`;

/** The diagnosis as a document of its own: read-only, always the newest, shown rendered, and safe to paste. */
export class Reports implements vscode.TextDocumentContentProvider, vscode.Disposable {
  readonly #listeners: readonly { dispose(): unknown }[];
  #text = "";
  /** What the newest report is about. */
  #about: string | undefined;
  #count = 0;

  constructor() {
    this.#listeners = [
      vscode.workspace.registerTextDocumentContentProvider(SCHEME, this),
      vscode.window.tabGroups.onDidChangeTabs(() => void this.#tellWhetherActive()),
      vscode.window.tabGroups.onDidChangeTabGroups(() => void this.#tellWhetherActive()),
    ];
  }

  provideTextDocumentContent(): string {
    return this.#text;
  }

  /**
   * Shows the report; with VS Code's own preview where it has one.
   * @param about what `renew` knows it by, such as the path of a configuration
   */
  async show(markdown: string, about?: string): Promise<void> {
    this.#text = markdown;
    this.#about = about;
    // a document each: the preview of one that VS Code has closed meanwhile would not hear that its text changed
    const uri = vscode.Uri.from({ scheme: SCHEME, path: `/${nameOfReport()}`, query: String(++this.#count) });
    try {
      await vscode.commands.executeCommand("markdown.showPreview", uri);
    } catch {
      await vscode.window.showTextDocument(uri, { preview: true }); // the built-in Markdown extension is switched off
    }
  }

  /** Replaces what was reported about the same before, if that is in sight: what was mended is not told of as broken. */
  async renew(markdown: string, about: string): Promise<void> {
    const isInSight = vscode.window.tabGroups.all.some(({ activeTab }) => isReport(activeTab));
    if (isInSight && this.#about === about) await this.show(markdown, about);
  }

  /** Puts the newest report into the clipboard. */
  async copy(): Promise<void> {
    if (this.#text === "") return;
    await vscode.env.clipboard.writeText(this.#text);
    vscode.window.setStatusBarMessage(
      `$(clippy) ${t("Report copied: it holds no secret, and can be pasted anywhere")}`,
      5_000,
    );
  }

  async #tellWhetherActive(): Promise<void> {
    const isActive = isReport(vscode.window.tabGroups.activeTabGroup.activeTab);
    await vscode.commands.executeCommand("setContext", CONTEXT.report, isActive);
  }

  dispose(): void {
    for (const listener of this.#listeners) listener.dispose();
  }
}

/** The preview is a tab of the Markdown extension, so only its name tells that it shows our report. */
function isReport(tab: vscode.Tab | undefined): boolean {
  return tab?.input instanceof vscode.TabInputWebview && tab.label.includes(nameOfReport());
}
