import * as vscode from "vscode";
import { combineFindings, isAbout } from "../domain/diagnosis/combine";
import { explainText } from "../domain/diagnosis/explain";
import type { Finding } from "../domain/diagnosis/finding";
import { formatReference } from "../domain/image/reference";
import { redactText } from "../domain/redacted";
import { ago } from "../presentation/marks";
import { explanationReport } from "../presentation/report";
import { t } from "../presentation/words";
import { checkConfig, configsOf, knownSecrets } from "./checks";
import { offerRemedy, type EnvironmentContext } from "./environmentCommands";
import { withCancel } from "./show";
import { fileOf } from "./workspace";

/** A text that may tell why a pull failed. */
interface Source {
  /** As the report calls it. */
  readonly name: string;
  readonly icon: string;
  readonly text: string;
}

/**
 * *Explain Pull Error…*: the selection in the active editor if it tells of a failed pull, else the clipboard or the log of
 * a failed creation; the person chooses where there are several.
 */
export async function explainCommand(context: EnvironmentContext): Promise<readonly Finding[]> {
  const selected = selection();
  if (selected && explainText(selected.text).length > 0) return await explain(selected, context);
  const sources = [...(selected ? [selected] : []), await clipboard(), ...logs(context)].filter(isText);
  if (sources.length === 0) {
    void vscode.window.showInformationMessage(
      t("There is no text to explain. Select or copy the error of a failed pull, and try again."),
    );
    return [];
  }
  const source = sources.length === 1 ? sources[0] : await choose(sources);
  return source ? await explain(source, context) : [];
}

/** The same for what is selected in the terminal, which only its own command can read. */
export async function explainTerminalSelection(context: EnvironmentContext): Promise<readonly Finding[]> {
  await vscode.commands.executeCommand("workbench.action.terminal.copySelection");
  const text = await vscode.env.clipboard.readText();
  return text.trim() === ""
    ? []
    : await explain({ name: t("Selection in the terminal"), icon: "terminal", text }, context);
}

async function explain({ name, text }: Source, context: EnvironmentContext): Promise<readonly Finding[]> {
  const told = explainText(text, await knownSecrets(context.ports));
  const named = (await context.references.all()).filter(
    ({ image: { reference } }) => reference && told.some((finding) => isAbout(finding, formatReference(reference))),
  );
  const configs = configsOf(named);
  const probed: Finding[] = [];
  if (configs.length > 0) {
    const title = t("Asking the registries about what the text names");
    await withCancel(title, async (signal) => {
      for (const config of configs) {
        const result = await checkConfig(context, config, signal, (image) =>
          named.some(({ image: { file, range } }) => file === image.file && range.start === image.range.start),
        );
        probed.push(...result.findings);
      }
    });
  }
  const findings = combineFindings(told, probed);
  if (findings.length === 0) {
    void vscode.window.showInformationMessage(t("The text tells of no failed pull."));
    return findings;
  }
  const [config] = configs;
  await context.reports.show(explanationReport(name, config?.folder, findings));
  void offerRemedy(findings, context, config);
  return findings;
}

function selection(): Source | undefined {
  const editor = vscode.window.activeTextEditor;
  if (!editor || editor.selection.isEmpty) return undefined;
  const name = t("Selection in {0}", fileOf(editor.document.uri).replace(/^.*\//, ""));
  return { name, icon: "list-selection", text: editor.document.getText(editor.selection) };
}

async function clipboard(): Promise<Source> {
  return { name: t("Clipboard"), icon: "clippy", text: await vscode.env.clipboard.readText() };
}

/** A single word is no error text, but may well be a password on its way from one place to another. */
function isText({ text }: Source): boolean {
  return /\S\s+\S/.test(text);
}

function logs({ failedCreations }: EnvironmentContext): Source[] {
  return [...failedCreations.values()]
    .sort((a, b) => b.at - a.at)
    .map(({ config, at, log }) => {
      const file = config.configFile.slice(config.folder.length + 1);
      const name = t("Log of the creation of {0} that failed {1} ({2})", config.name, ago(Date.now() - at), file);
      return { name, icon: "output", text: log };
    });
}

async function choose(sources: readonly Source[]): Promise<Source | undefined> {
  const items = sources.map((source) => ({
    label: `$(${source.icon}) ${source.name}`,
    detail: firstLine(source.text),
    source,
  }));
  const choice = await vscode.window.showQuickPick(items, {
    title: t("Explain Pull Error"),
    placeHolder: t("Which text?"),
    matchOnDetail: true,
  });
  return choice?.source;
}

function firstLine(text: string): string {
  const line = text.split(/\r?\n/).find((candidate) => candidate.trim() !== "") ?? "";
  return redactText(line.trim()).slice(0, 120);
}

/** Shows the page of a finding's code, rendered. */
export async function showPage(page: vscode.Uri): Promise<void> {
  try {
    await vscode.commands.executeCommand("markdown.showPreview", page);
  } catch {
    await vscode.window.showTextDocument(page, { preview: true }); // the built-in Markdown extension is switched off
  }
}
