import * as vscode from "vscode";
import { positionAt } from "../domain/image/range";
import type { Mark } from "../presentation/marks";
import { isReal, openDocument, shownFiles } from "./marksFiles";
import { type ChosenConfig, fileOf, uriInWindow } from "./workspace";

/** What a diagnosis of one configuration found, and the texts of the files as they were then. */
export interface Checked {
  readonly config: ChosenConfig;
  readonly marks: readonly Mark[];
  readonly texts: ReadonlyMap<string, string>;
  /** False if only some images were asked for: what is known of the others stays. */
  readonly whole: boolean;
}

/** A mark, and when and for which configuration it was found. */
export interface Shown {
  readonly mark: Mark;
  readonly config: ChosenConfig;
  readonly checkedAt: number;
}

interface FileMarks {
  readonly text: string;
  readonly shown: readonly Shown[];
}

/**
 * What is known of the references in documents. It vanishes with the first change of the text that it was found for:
 * a mark that is there is never stale.
 */
export class Marks implements vscode.Disposable {
  readonly #files = new Map<string, FileMarks>();
  readonly #pageFor: (mark: Mark) => vscode.Uri;
  #published: ReadonlySet<string> = new Set();
  readonly #busy = new Set<string>();
  readonly #diagnostics = vscode.languages.createDiagnosticCollection("registry-secrets");
  readonly #changed = new vscode.EventEmitter<undefined>();
  readonly onDidChange = this.#changed.event;
  readonly #listeners: readonly { dispose(): unknown }[];

  /** `pageFor` gives the page that explains a mark. */
  constructor(pageFor: (mark: Mark) => vscode.Uri) {
    this.#pageFor = pageFor;
    this.#listeners = [
      this.#diagnostics,
      this.#changed,
      vscode.workspace.onDidChangeTextDocument(({ document, contentChanges }) => {
        if (contentChanges.length > 0 && isReal(document.uri)) this.drop(fileOf(document.uri));
      }),
    ];
  }

  /** Takes in what was found. A file that has changed meanwhile gets no marks. */
  show({ config, marks, texts, whole }: Checked, now = Date.now()): void {
    const same = ({ config: { configFile } }: Shown) => configFile === config.configFile;
    if (whole) this.#keep((shown) => !same(shown));
    for (const mark of marks) {
      const text = texts.get(mark.file) ?? "";
      if (text !== (openDocument(mark.file)?.getText() ?? text)) continue;
      const known = this.#files.get(mark.file);
      const others = known?.text === text ? known.shown : [];
      const kept = others.filter((shown) => !(same(shown) && overlaps(shown.mark, mark) && shown.checkedAt !== now));
      this.#files.set(mark.file, { text, shown: [...kept, { mark, config, checkedAt: now }] });
    }
    this.#publish();
  }

  /** The marks of a document, in the order of the text; none if they were found for another text. */
  in(document: vscode.TextDocument): readonly Shown[] {
    const known = this.#files.get(fileOf(document.uri));
    return known?.text === document.getText() ? inOrder(known.shown) : [];
  }

  /** The marks on the reference that starts there. */
  at(file: string, start: number): readonly Shown[] {
    return (this.#files.get(file)?.shown ?? []).filter(({ mark }) => mark.range.start === start);
  }

  /** The findings of one configuration, as far as they are still true. */
  findingsOf({ configFile }: ChosenConfig): readonly Shown[] {
    return [...this.#files.values()].flatMap(({ shown }) =>
      inOrder(shown).filter(({ config }) => config.configFile === configFile),
    );
  }

  all(): readonly Shown[] {
    return [...this.#files.values()].flatMap(({ shown }) => shown);
  }

  /** Forgets what is known of a file. */
  drop(file: string): void {
    if (this.#files.delete(file)) this.#publish();
  }

  /** Forgets what is known of a file that has changed on the disk. */
  async dropIfChanged(file: string): Promise<void> {
    const known = this.#files.get(file);
    if (known && (await shownFiles.read(file)) !== known.text && this.#files.get(file) === known) this.drop(file);
  }

  /** Forgets what `isOver` says of. */
  dropWhere(isOver: (shown: Shown) => boolean): void {
    this.#keep((shown) => !isOver(shown));
    this.#publish();
  }

  isBusy(file: string, start: number): boolean {
    return this.#busy.has(`${file}|${start}`);
  }

  /** Shows the reference as being asked for while `work` goes on. */
  async whileBusy<T>(file: string, start: number, work: () => Promise<T>): Promise<T> {
    const key = `${file}|${start}`;
    this.#busy.add(key);
    this.#changed.fire(undefined);
    try {
      return await work();
    } finally {
      this.#busy.delete(key);
      this.#changed.fire(undefined);
    }
  }

  #keep(holds: (shown: Shown) => boolean): void {
    for (const [file, { text, shown }] of this.#files) {
      const kept = shown.filter(holds);
      if (kept.length === 0) this.#files.delete(file);
      else this.#files.set(file, { text, shown: kept });
    }
  }

  #publish(): void {
    const now = new Map([...this.#files].map(([file, marks]) => [file, this.#diagnosticsOf(marks)]));
    const gone = [...this.#published].filter((file) => !now.has(file));
    this.#diagnostics.set([
      ...gone.map((file): [vscode.Uri, undefined] => [uriOf(file), undefined]),
      ...[...now].map(([file, diagnostics]): [vscode.Uri, vscode.Diagnostic[]] => [uriOf(file), diagnostics]),
    ]);
    this.#published = new Set(now.keys());
    this.#changed.fire(undefined);
  }

  #diagnosticsOf({ text, shown }: FileMarks): vscode.Diagnostic[] {
    const diagnostics = new Map<string, vscode.Diagnostic>();
    for (const { mark } of inOrder(shown)) {
      // two configurations may name the same file
      if (mark.severity !== "none")
        diagnostics.set(`${mark.range.start} ${mark.message}`, this.diagnosticOf(mark, text));
    }
    return [...diagnostics.values()];
  }

  /** The squiggle of a mark. Its code leads to a file, since VS Code follows no link to a command there. */
  diagnosticOf(mark: Mark, text: string): vscode.Diagnostic {
    const severity = mark.severity === "error" ? vscode.DiagnosticSeverity.Error : vscode.DiagnosticSeverity.Warning;
    const diagnostic = new vscode.Diagnostic(rangeOf(mark, text), mark.message, severity);
    diagnostic.source = "registry-secrets";
    diagnostic.code = { value: mark.code, target: this.#pageFor(mark) };
    return diagnostic;
  }

  dispose(): void {
    for (const listener of this.#listeners) listener.dispose();
  }
}

/** The range of a mark in the text that it was found for. */
export function rangeOf({ range }: Pick<Mark, "range">, text: string): vscode.Range {
  const start = positionAt(text, range.start);
  const end = positionAt(text, range.end);
  return new vscode.Range(start.line, start.character, end.line, end.character);
}

/** A link that runs a command, for places that allow it. */
export function commandUri(command: string, ...args: unknown[]): vscode.Uri {
  return vscode.Uri.parse(`command:${command}?${encodeURIComponent(JSON.stringify(args))}`);
}

export function uriOf(file: string): vscode.Uri {
  return openDocument(file)?.uri ?? uriInWindow(file);
}

function overlaps(one: Mark, other: Mark): boolean {
  return one.range.start < other.range.end && other.range.start < one.range.end;
}

function inOrder(shown: readonly Shown[]): Shown[] {
  return [...shown].sort((a, b) => a.mark.range.start - b.mark.range.start);
}
