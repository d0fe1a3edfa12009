import * as vscode from "vscode";

const SCHEME = "registry-secrets-report";
const URI = vscode.Uri.from({ scheme: SCHEME, path: "/Pull diagnosis.md" });

/** The diagnosis as a document of its own: read-only, always the newest, shown rendered. */
export class Reports implements vscode.TextDocumentContentProvider, vscode.Disposable {
  readonly #changed = new vscode.EventEmitter<vscode.Uri>();
  readonly onDidChange = this.#changed.event;
  readonly #registration: vscode.Disposable;
  #text = "";

  constructor() {
    this.#registration = vscode.workspace.registerTextDocumentContentProvider(SCHEME, this);
  }

  provideTextDocumentContent(): string {
    return this.#text;
  }

  /** Shows the report; with VS Code's own preview where it has one. */
  async show(markdown: string): Promise<void> {
    this.#text = markdown;
    this.#changed.fire(URI);
    try {
      await vscode.commands.executeCommand("markdown.showPreview", URI);
    } catch {
      await vscode.window.showTextDocument(URI, { preview: true }); // the built-in Markdown extension is switched off
    }
  }

  dispose(): void {
    this.#registration.dispose();
    this.#changed.dispose();
  }
}
