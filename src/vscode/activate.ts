import * as vscode from "vscode";
import { messageOf } from "../domain/failure";
import type { RegistryHost } from "../domain/registry/host";
import { t } from "../presentation/words";
import { AgreedRealms } from "./agreedRealms";
import { Background, everyMinute } from "./background";
import { deliverCommand } from "./deliverCommand";
import { AutomaticChecks } from "./checksAutomatic";
import { CodeLenses } from "./codeLenses";
import { COMMANDS, CONTEXT } from "./commandIds";
import type { EnvironmentContext } from "./environmentCommands";
import { environmentCommands } from "./environmentRegistration";
import { EnvironmentList } from "./environmentList";
import { hoverProvider } from "./hovers";
import { Marks } from "./marks";
import { placeOf } from "./place";
import { References } from "./marksReferences";
import type { NewSecretStart } from "./newSecret";
import type { ExtensionPorts } from "./ports";
import { quickFixProvider } from "./quickFixes";
import { reached } from "./reached";
import { RecreateSuggestion } from "./recreateSuggestion";
import { Reports } from "./reports";
import { openImage, placesOf, subjectOf } from "./rowCommands";
import { secretCommands } from "./secretCommands";
import { SecretsView } from "./secretsView";
import { offerReload } from "./settingsReadOnce";
import { showTrouble, withCancel } from "./show";

// A start loads what it shows; what a command does comes with its first use.
const environments = () => import("./environmentCommands");
const explanations = () => import("./explainCommand");
const checks = () => import("./checks");

/** Puts the view and the commands in place. */
export function registerAll(
  context: vscode.ExtensionContext,
  ports: ExtensionPorts,
  log: vscode.LogOutputChannel,
): void {
  const reports = new Reports();
  const environment: EnvironmentContext = {
    ports,
    log,
    reports,
    agreedRealms: new AgreedRealms(context.globalState),
    marks: new Marks(({ page }) => vscode.Uri.joinPath(context.extensionUri, page)),
    references: new References(ports),
    failedCreations: new Map(),
    creating: new Set(),
  };
  const list = new EnvironmentList(ports, log);
  const view = new SecretsView({ ...environment, list, place: placeOf(context.extension.extensionKind) });
  const background = new Background(ports, log, {
    onSecrets: () => view.refresh(),
    onContainers: () => void list.refresh(),
  });

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
    list,
    view,
    offerReload(),
    everyMinute(() => view.refresh()),
    environment.references.onDidChangeFile(() => void list.refresh()),
    new RecreateSuggestion(list, context.workspaceState, reports, () => environment.creating.size > 0),
    ...secretCommands(environment, startOf, command),
    vscode.workspace.onDidGrantWorkspaceTrust(async () => {
      view.refresh();
      // environments of this folder were left alone until now
      await background.deliverNow().catch((error: unknown) => log.warn(messageOf(error)));
      await list.refresh();
    }),
    command(COMMANDS.refresh, async () => {
      view.refresh();
      await list.refresh();
    }),
    command(COMMANDS.startAnew, async () => {
      if (await (await import("./startAnew")).startAnew(ports)) view.refresh();
    }),
    command(COMMANDS.openImage, openImage),
    ...environmentCommands({ ...environment, list }, background, command),
    command(COMMANDS.diagnose, async (file) =>
      reached(CONTEXT.diagnosed, (await environments()).diagnoseCommand(environment, file)),
    ),
    command(COMMANDS.explain, async () =>
      reached(CONTEXT.explained, (await explanations()).explainCommand(environment)),
    ),
    command(COMMANDS.explainTerminalSelection, async () =>
      reached(CONTEXT.explained, (await explanations()).explainTerminalSelection(environment)),
    ),
    command(COMMANDS.showPolicy, async (argument) =>
      (await import("./policyCommand")).policyCommand(environment, argument),
    ),
    command(COMMANDS.copyReport, () => reports.copy()),
    command(COMMANDS.deliver, () => deliverCommand(ports, background)),
    command(COMMANDS.collectDiagnostics, async () => {
      const { collectDiagnostics } = await import("./diagnosticsCommand");
      const { extension, logUri } = context;
      return await collectDiagnostics({ ports, references: environment.references, extension, logFolder: logUri });
    }),
    command(COMMANDS.getStarted, async () => {
      await vscode.commands.executeCommand("workbench.action.openWalkthrough", `${context.extension.id}#start`);
    }),
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
    const places = placesOf(argument);
    const { checkReference } = await checks();
    return await withCancel(t("Asking the registry"), async (signal) => {
      const found = places.map(({ file, start }) => checkReference(environment, file, start, signal));
      return (await Promise.all(found)).flat();
    });
  };
  const stopListening = ports.store.onDidChange(() => {
    if (marks.all().length === 0) return;
    const dropped = checks().then(({ dropOutdated }) => dropOutdated(environment));
    dropped.catch((error: unknown) => showTrouble(error, log));
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
    command(COMMANDS.checkPull, (argument) => reached(CONTEXT.diagnosed, check(argument))),
    command(COMMANDS.applyFix, async (argument) => {
      const { findFix, runFix } = await import("./quickFixActions");
      const found = findFix(argument, marks);
      if (!found) {
        vscode.window.setStatusBarMessage(t("The file or its check has changed since: check the pull again."), 5_000);
        return;
      }
      const { mark, config } = found.shown;
      const { file, range, finding } = mark;
      if (await runFix(found.fix, finding, environment, config)) await check({ file, start: range.start });
    }),
    command(COMMANDS.showFinding, async (argument) => {
      const { file, start } = (argument ?? {}) as { file?: string; start?: number };
      const [shown] = marks.at(file ?? "", start ?? -1);
      if (!shown) return;
      const findings = marks.findingsOf(shown.config).map(({ mark: { finding } }) => finding);
      const { diagnosisReport } = await import("../presentation/report");
      const { folder, configFile } = shown.config;
      await reports.show(diagnosisReport(folder, configFile, findings, []), configFile);
    }),
    command(COMMANDS.showPage, async (argument) => {
      const { FINDING_CODES, pageOf } = await import("../presentation/marks");
      const code = FINDING_CODES.find((known) => known === argument);
      if (code !== undefined) await (await explanations()).showPage(vscode.Uri.joinPath(extension, pageOf(code)));
    }),
  ];
}

/** Where the form starts: in the group whose button was pressed, or at the registry of a row or a finding. */
function startOf(argument: unknown): NewSecretStart {
  const subject = subjectOf(argument);
  if (subject?.kind === "secrets" && subject.scope !== "organization") {
    const { scope, project, name } = subject;
    return { scope, ...(project === undefined ? {} : { project }), ...(name === undefined ? {} : { name }) };
  }
  if (subject?.kind === "registry") return { host: subject.host, project: subject.project };
  const { host, project } = (argument ?? {}) as { readonly host?: RegistryHost; readonly project?: string };
  return host === undefined ? {} : { host, ...(project === undefined ? {} : { project }) };
}
