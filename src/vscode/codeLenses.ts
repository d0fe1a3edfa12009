import * as vscode from "vscode";
import { isTrouble, type Finding } from "../domain/diagnosis/finding";
import { t } from "../presentation/words";
import { COMMANDS } from "./commandIds";
import { fileOf } from "./marksFiles";
import { rangeOf, type Marks, type Shown } from "./marks";
import type { References } from "./marksReferences";

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
    const { lensTitle } = await import("../presentation/marks");
    const known = this.#marks.in(document);
    const starts = new Map<number, number>();
    for (const { image } of await this.#references.in(document)) starts.set(image.range.start, image.range.end);
    return [...starts].flatMap(([start, end]) => {
      const range = rangeOf({ range: { start, end } }, text);
      const here = known.filter(({ mark }) => mark.range.start === start);
      return lensesOf(file, start, here, this.#marks.isBusy(file, start), lensTitle).map(
        (command) => new vscode.CodeLens(range, command),
      );
    });
  }

  dispose(): void {
    for (const listener of this.#listeners) listener.dispose();
  }
}

function lensesOf(
  file: string,
  start: number,
  known: readonly Shown[],
  busy: boolean,
  lensTitle: (finding: Finding, checkedAt: number, now: number) => string,
): vscode.Command[] {
  const here = { file, start };
  if (busy) return [{ command: "", title: `$(loading~spin) ${t("Asking the registry")}` }];
  if (known.length === 0) {
    const tooltip = t("Ask the registry, with the credential that counts, whether this image can be pulled");
    return [{ command: COMMANDS.checkPull, title: t("Check pull"), tooltip, arguments: [here] }];
  }
  const fixable = known.find(({ mark }) => mark.fixes.length > 0);
  const fix = fixable?.mark.fixes[0];
  return [
    ...known.map(({ mark: { finding, message, severity }, checkedAt }): vscode.Command => {
      const icon = severity === "none" ? "pass" : severity === "error" ? "error" : "warning";
      const title = `$(${icon})\u00a0${lensTitle(finding, checkedAt, Date.now())}`;
      return { command: COMMANDS.showFinding, title, tooltip: message, arguments: [here] };
    }),
    ...(fix && known.some(({ mark }) => isTrouble(mark.finding) || fix.kind === "recreate")
      ? [
          {
            command: COMMANDS.applyFix,
            title: fix.button,
            tooltip: fix.title,
            arguments: [{ ...here, fix: fix.title }],
          },
        ]
      : []),
    { command: COMMANDS.checkPull, title: t("Check again"), arguments: [here] },
  ];
}
