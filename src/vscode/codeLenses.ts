import * as vscode from "vscode";
import { rangeOf, type Marks } from "./marks";
import type { References } from "./marksReferences";
import { fileOf } from "./workspace";

/** Above each reference: what is known of it, or an offer to find out. Asks nobody by itself. */
export class CodeLenses implements vscode.CodeLensProvider, vscode.Disposable {
  readonly #marks: Marks;
  readonly #references: References;
  readonly #changed = new vscode.EventEmitter<void>();
  readonly onDidChangeCodeLenses = this.#changed.event;
  readonly #listeners: readonly { dispose(): unknown }[];

  constructor(marks: Marks, references: References) {
    this.#marks = marks;
    this.#references = references;
    const again = () => this.#changed.fire();
    this.#listeners = [this.#changed, marks.onDidChange(again), references.onDidChange(again)];
  }

  /** The lenses tell how long ago: they are made anew when that may read differently. */
  refresh(): void {
    this.#changed.fire();
  }

  async provideCodeLenses(document: vscode.TextDocument): Promise<vscode.CodeLens[]> {
    const file = fileOf(document.uri);
    const text = document.getText();
    const known = this.#marks.in(document);
    const starts = new Map<number, number>();
    for (const { image } of await this.#references.in(document)) starts.set(image.range.start, image.range.end);
    if (starts.size === 0) return []; // as in nearly every document
    const { lensesOf } = await import("./lensCommands");
    return [...starts].flatMap(([start, end]) => {
      const range = rangeOf({ range: { start, end } }, text);
      const here = known.filter(({ mark }) => mark.range.start === start);
      return lensesOf(file, start, here, this.#marks.isBusy(file, start)).map(
        (command) => new vscode.CodeLens(range, command),
      );
    });
  }

  dispose(): void {
    for (const listener of this.#listeners) listener.dispose();
  }
}
