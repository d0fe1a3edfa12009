import * as vscode from "vscode";
import type { RegistryHost } from "../domain/registry/host";
import { FINDING_CODES, pageOf } from "../presentation/marks";
import { diagnosisReport } from "../presentation/report";
import { AgreedRealms } from "./agreedRealms";
import { Background, everyMinute } from "./background";
import { deliverCommand } from "./deliverCommand";
import { checkReference, dropOutdated } from "./checks";
import { AutomaticChecks } from "./checksAutomatic";
import { CodeLenses } from "./codeLenses";
import { COMMANDS, VIEW } from "./commandIds";
import { createCommand, diagnoseCommand, type EnvironmentContext } from "./environmentCommands";
import { explainCommand, explainTerminalSelection, showPage } from "./explainCommand";
import { hoverProvider } from "./hovers";
import { Marks } from "./marks";
import { References } from "./marksReferences";
import type { ExtensionPorts } from "./ports";
import { findFix, runFix } from "./quickFixActions";
import { quickFixProvider } from "./quickFixes";
import { Reports } from "./reports";
import { deleteSecret, editSecret, newSecret, secretOf, type NewSecretStart } from "./secretCommands";
import { SecretsView, type Row } from "./secretsView";
import { showTrouble } from "./show";

/** Puts the view and the commands in place. */
export function registerAll(
  context: vscode.ExtensionContext,
  ports: ExtensionPorts,
  log: vscode.LogOutputChannel,
): void {
  const view = new SecretsView(ports, log);
  const reports = new Reports();
  const background = new Background(ports, log, () => view.refresh());
  const environment: EnvironmentContext = {
    ports,
    log,
    reports,
    agreedRealms: new AgreedRealms(context.globalState),
    marks: new Marks(({ page }) => vscode.Uri.joinPath(context.extensionUri, page)),
    references: new References(ports),
    failedCreations: new Map(),
  };

  const command = (id: string, run: (argument?: unknown) => Promise<unknown>) =>
    vscode.commands.registerCommand(id, async (argument?: unknown) => {
      try {
        return await run(argument);
      } catch (error) {
        showTrouble(error, log);
        return undefined;
      }
    });

  context.subscriptions.push(
    log,
    reports,
    background,
    vscode.window.createTreeView(VIEW, { treeDataProvider: view, showCollapseAll: false }),
    vscode.workspace.onDidChangeWorkspaceFolders(() => view.refresh()),
    command(COMMANDS.newSecret, (argument) => newSecret(ports, startOf(argument))),
    command(COMMANDS.editSecret, async (row) => {
      const secret = await secretOf(ports, row, "Edit Secret");
      return secret && (await editSecret(ports, secret));
    }),
    command(COMMANDS.deleteSecret, async (row) => {
      const secret = await secretOf(ports, row, "Delete Secret");
      return secret && (await deleteSecret(ports, secret));
    }),
    command(COMMANDS.refresh, () => {
      view.refresh();
      return Promise.resolve();
    }),
    command(COMMANDS.createEnvironment, () => createCommand(environment, false)),
    command(COMMANDS.recreateEnvironment, () => createCommand(environment, true)),
    command(COMMANDS.diagnose, (file) => diagnoseCommand(environment, file)),
    command(COMMANDS.explain, () => explainCommand(environment)),
    command(COMMANDS.explainTerminalSelection, () => explainTerminalSelection(environment)),
    command(COMMANDS.copyReport, () => reports.copy()),
    command(COMMANDS.deliver, () => deliverCommand(ports, background)),
    command(COMMANDS.showLog, () => {
      log.show();
      return Promise.resolve();
    }),
    ...marksInEditors(context.extensionUri, environment, command),
  );
}

/** The places in a document where findings are seen and mended; see `Marks`. */
function marksInEditors(
  extension: vscode.Uri,
  environment: EnvironmentContext,
  command: (id: string, run: (argument?: unknown) => Promise<unknown>) => vscode.Disposable,
): { dispose(): unknown }[] {
  const { ports, log, marks, references, reports } = environment;
  const everywhere: vscode.DocumentSelector = [{ scheme: "file" }, { scheme: "vscode-remote" }];
  const lenses = new CodeLenses(marks, references);
  const check = async (argument: unknown) => {
    const { file, start } = (argument ?? {}) as { file?: unknown; start?: unknown };
    if (typeof file !== "string" || typeof start !== "number") return [];
    return await vscode.window.withProgress(
      { location: vscode.ProgressLocation.Window, title: "Asking the registry" },
      () => checkReference(environment, file, start),
    );
  };
  const stopListening = ports.store.onDidChange(() => {
    dropOutdated(environment).catch((error: unknown) => showTrouble(error, log));
  });
  return [
    marks,
    references,
    lenses,
    { dispose: stopListening },
    everyMinute(() => lenses.refresh()),
    new AutomaticChecks(environment),
    references.onDidChangeFile((file) => void marks.dropIfChanged(file)),
    vscode.languages.registerCodeLensProvider(everywhere, lenses),
    vscode.languages.registerHoverProvider(everywhere, hoverProvider(marks)),
    vscode.languages.registerCodeActionsProvider(everywhere, quickFixProvider(marks), {
      providedCodeActionKinds: [vscode.CodeActionKind.QuickFix],
    }),
    command(COMMANDS.checkPull, check),
    command(COMMANDS.applyFix, async (argument) => {
      const found = findFix(argument, marks);
      if (!found) {
        vscode.window.setStatusBarMessage("The file or its check has changed since: check the pull again.", 5_000);
        return;
      }
      const { file, range, finding } = found.shown.mark;
      if (await runFix(found.fix, finding, environment)) await check({ file, start: range.start });
    }),
    command(COMMANDS.showFinding, async (argument) => {
      const { file, start } = (argument ?? {}) as { file?: string; start?: number };
      const [shown] = marks.at(file ?? "", start ?? -1);
      if (!shown) return;
      const findings = marks.findingsOf(shown.config).map(({ mark: { finding } }) => finding);
      await reports.show(diagnosisReport(shown.config.folder, shown.config.configFile, findings, []));
    }),
    command(COMMANDS.showPage, async (argument) => {
      const code = FINDING_CODES.find((known) => known === argument);
      if (code !== undefined) await showPage(vscode.Uri.joinPath(extension, pageOf(code)));
    }),
  ];
}

/** Where the form starts: in the group whose button was pressed, or at the registry that a finding named. */
function startOf(argument: unknown): NewSecretStart {
  const row = argument as Row | { readonly host?: RegistryHost } | undefined;
  if (row === undefined) return {};
  if ("kind" in row) {
    if (row.kind !== "group") return {};
    const { scope, project } = row.group;
    return { scope, ...(project === undefined ? {} : { project }) };
  }
  return row.host === undefined ? {} : { host: row.host };
}
