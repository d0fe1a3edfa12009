import * as vscode from "vscode";
import { t } from "../presentation/words";
import { CONTEXT } from "./commandIds";

const SCHEME = "registry-secrets-report";
const nameOfReport = () => `${t("Pull diagnosis")}.md`;

/** The diagnosis as a document of its own: read-only, always the newest, shown rendered, and safe to paste. */
export class Reports implements vscode.TextDocumentContentProvider, vscode.Disposable {
  readonly #listeners: readonly { dispose(): unknown }[];
  #text = "";
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

  /** Shows the report; with VS Code's own preview where it has one. */
  async show(markdown: string): Promise<void> {
    this.#text = markdown;
    // a document each: the preview of one that VS Code has closed meanwhile would not hear that its text changed
    const uri = vscode.Uri.from({ scheme: SCHEME, path: `/${nameOfReport()}`, query: String(++this.#count) });
    try {
      await vscode.commands.executeCommand("markdown.showPreview", uri);
    } catch {
      await vscode.window.showTextDocument(uri, { preview: true }); // the built-in Markdown extension is switched off
    }
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

  /** The preview is a tab of the Markdown extension, so only its name tells that it shows our report. */
  async #tellWhetherActive(): Promise<void> {
    const tab = vscode.window.tabGroups.activeTabGroup.activeTab;
    const isPreview = tab?.input instanceof vscode.TabInputWebview && tab.label.includes(nameOfReport());
    await vscode.commands.executeCommand("setContext", CONTEXT.report, isPreview);
  }

  dispose(): void {
    for (const listener of this.#listeners) listener.dispose();
  }
}
