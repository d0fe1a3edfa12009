import * as vscode from "vscode";
import { combineFindings } from "../domain/diagnosis/combine";
import { explainText } from "../domain/diagnosis/explain";
import { isTrouble, type Finding } from "../domain/diagnosis/finding";
import { refusedBeforeCreation, refusedCredentials } from "../domain/diagnosis/preflight";
import { createEnvironment, type CreationEvent } from "../domain/environment/creation";
import { pullCredentials } from "../domain/environment/pullCredentials";
import { Failure, isFailure } from "../domain/failure";
import { workspaceImages } from "../domain/image/workspaceImages";
import { parseRegistryHost, type RegistryHost } from "../domain/registry/host";
import { effectiveSecrets } from "../domain/secret/effective";
import { failureLine } from "../presentation/failureText";
import { fixesOf, type Fix } from "../presentation/fixes";
import { diagnosisReport, diagnosisSummary } from "../presentation/report";
import { checkConfig, knownSecrets, type CheckContext } from "./checks";
import { automatic } from "./checksAutomatic";
import { COMMANDS } from "./commandIds";
import { fileOf } from "./marksFiles";
import { runFix } from "./quickFixActions";
import type { Reports } from "./reports";
import { showTrouble, signalOf } from "./show";
import { chooseConfig, type ChosenConfig } from "./workspace";

const LONGEST_CHECK_MS = 60_000;

export interface EnvironmentContext extends CheckContext {
  readonly log: vscode.LogOutputChannel;
  readonly reports: Reports;
}

/**
 * *Diagnose Pull Failure*: asks the registries about every image of the configuration and shows what was found. Started
 * from a file (`argument` is its URI), it is about the configuration that this file is part of.
 */
export async function diagnoseCommand(context: EnvironmentContext, argument: unknown): Promise<readonly Finding[]> {
  const own = argument instanceof vscode.Uri ? await context.references.configsOf(fileOf(argument)) : [];
  const config = await chooseConfig("Diagnose Pull Failure", own);
  if (!config) return [];
  const { findings, problems } = await vscode.window.withProgress(
    { location: vscode.ProgressLocation.Notification, title: "Asking the registries", cancellable: true },
    (_, token) => checkConfig(context, config, signalOf(token)),
  );
  await context.reports.show(diagnosisReport(config.folder, config.configFile, findings, problems));
  void offerRemedy(findings, context, config);
  return findings;
}

const MOST_BUTTONS = 2;

/** Names the cause, with what can be done about it first as buttons, and asks again when that was done. */
export async function offerRemedy(
  findings: readonly Finding[],
  context: EnvironmentContext,
  config: ChosenConfig | undefined,
): Promise<void> {
  const summary = diagnosisSummary(findings);
  const first = findings.find(isTrouble);
  if (!first) {
    const failed = config !== undefined && context.failedCreations.has(config.configFile);
    const again = failed ? ["Create Environment"] : [];
    const choice = await vscode.window.showInformationMessage(summary, ...again);
    if (choice !== undefined) await vscode.commands.executeCommand(COMMANDS.createEnvironment);
    return;
  }
  const mark = context.marks.all().find(({ mark: { finding } }) => finding === first)?.mark;
  const fixes = mark?.fixes ?? fixesOf(first, { secret: await secretFor(first.registry, config, context) });
  const actions: { readonly title: string; run(): Promise<boolean> }[] = fixes
    .filter(({ kind }, index) => kind !== "replace" || fixes.findIndex((fix) => fix.kind === kind) === index)
    .slice(0, MOST_BUTTONS)
    .map((fix) => {
      const alternatives = fixes.filter(({ kind }) => kind === "replace");
      return fix.kind === "replace" && alternatives.length > 1
        ? { title: "Choose a Tag…", run: () => chooseReplacement(alternatives, first, context) }
        : { title: fix.button, run: () => runFix(fix, first, context) };
    });
  const copy = {
    title: "Copy Report",
    run: async () => {
      await context.reports.copy();
      return false;
    },
  };
  const choice = await vscode.window.showErrorMessage(summary, ...actions, copy);
  try {
    if ((await choice?.run()) !== true || !config) return;
    const { findings: now } = await checkConfig(context, config, AbortSignal.timeout(LONGEST_CHECK_MS));
    await offerRemedy(now, context, config);
  } catch (error) {
    showTrouble(error, context.log);
  }
}

/** The secret that counts for a registry; texts name the registry and not the secret. */
async function secretFor(registry: string, config: ChosenConfig | undefined, { ports }: EnvironmentContext) {
  if (registry === "") return undefined;
  const project = config && (await ports.projectOf(config.folder));
  try {
    return effectiveSecrets(await ports.secrets.list(), project).get(parseRegistryHost(registry).key)?.secret;
  } catch (error) {
    if (isFailure(error, "invalid-registry-host")) return undefined;
    throw error;
  }
}

async function chooseReplacement(fixes: readonly Fix[], finding: Finding, context: EnvironmentContext) {
  const items = fixes.map((fix) => ({ label: fix.kind === "replace" ? fix.text : fix.title, fix }));
  const choice = await vscode.window.showQuickPick(items, {
    title: "Choose a Tag",
    placeHolder: "What shall the file say instead?",
  });
  return choice ? await runFix(choice.fix, finding, context) : false;
}

/** *Create Environment* and *Recreate Environment*: in three steps, with progress that can be cancelled. */
export async function createCommand(context: EnvironmentContext, recreate: boolean): Promise<void> {
  const { ports, log, agreedRealms } = context;
  if (!vscode.workspace.isTrusted) {
    throw new Failure("untrusted-workspace", "This workspace is not trusted, so no environment is created from it.");
  }
  const title = recreate ? "Recreating the environment" : "Creating the environment";
  const config = await chooseConfig(recreate ? "Recreate Environment" : "Create Environment");
  if (!config) return;

  let refused: readonly Finding[] = [];
  try {
    await vscode.window.withProgress(
      { location: vscode.ProgressLocation.Notification, title, cancellable: true },
      async (progress, token) => {
        const signal = signalOf(token);
        progress.report({ message: "reading the configuration" });
        const { images } = await workspaceImages(
          config.folder,
          config.configFile,
          ports.files,
          ports.env,
          ports.imagePorts,
        );
        const secrets = effectiveSecrets(await ports.secrets.list(), await ports.projectOf(config.folder));
        const agree = (host: RegistryHost, realmHost: string) => agreedRealms.ask(host, realmHost);
        const prober = ports.prober(agreedRealms.list());
        const pull = await pullCredentials(images, secrets, prober, agree, signal);
        for (const { host, secret, why } of pull.withheld) log.warn(`${secret} is not used for ${host}: ${why}`);
        progress.report({ message: "trying the credentials" });
        const hasImage = (name: string) => ports.engine.hasImage(name);
        const preflight = { prober, lookUp: ports.lookUp(secrets), hasImage };
        refused = await refusedCredentials(images, new Set(pull.credentials.keys()), preflight, signal);
        if (refused.length > 0) throw refusedBeforeCreation(refused);
        const onEvent = ({ kind, text }: CreationEvent) => {
          log.info(text);
          if (kind === "step") progress.report({ message: text });
        };
        const request = { folder: config.folder, configFile: config.configFile, recreate, ...pull };
        await createEnvironment(
          request,
          {
            ...ports,
            log,
            remember: (id, creation) => ports.rememberContainer(id, creation),
            unfinished: () => ports.unfinishedContainers(),
            deliver: async (id, stop) => {
              await ports.deliverer.deliver({ ids: [id] }, stop);
            },
          },
          onEvent,
          signal,
        );
      },
    );
  } catch (error) {
    if (!isFailure(error, "creation-failed")) throw error;
    log.error(failureLine(error));
    if (refused.length > 0) {
      await context.reports.show(diagnosisReport(config.folder, config.configFile, refused, []));
      void offerRemedy(refused, context, config);
    } else await explainFailedCreation(error, context, config);
    return;
  }
  context.failedCreations.delete(config.configFile);
  context.marks.dropWhere(({ mark }) => mark.fixes.some(({ kind }) => kind === "recreate"));
  await offerReopen(config);
}

/**
 * A failed creation leads straight to its cause: what the registries answer, and what the tool's log tells. Where neither
 * names one, the tool's own words stand.
 */
async function explainFailedCreation(failure: Failure, context: EnvironmentContext, config: ChosenConfig) {
  const lines = failure.facts["log"];
  const log = Array.isArray(lines) ? lines.join("\n") : failureLine(failure);
  context.failedCreations.set(config.configFile, { config, at: Date.now(), log });
  const told = explainText(log, await knownSecrets(context.ports)).filter(({ code }) => code !== "unknown");
  const {
    findings: probed,
    problems,
    names,
  } = automatic() === "never"
    ? { findings: [], problems: [], names: new Map<Finding, string>() }
    : await checkConfig(context, config, AbortSignal.timeout(LONGEST_CHECK_MS));
  const findings = combineFindings(told, probed, names);
  if (!findings.some(isTrouble)) throw failure;
  await context.reports.show(diagnosisReport(config.folder, config.configFile, findings, problems));
  void offerRemedy(findings, context, config);
}

/** The Dev Containers extension opens a window inside, where it is installed. */
async function offerReopen({ name }: ChosenConfig): Promise<void> {
  const reopen = "remote-containers.reopenInContainer";
  const commands = await vscode.commands.getCommands(true);
  const actions = commands.includes(reopen) ? ["Reopen in Container"] : [];
  void vscode.window
    .showInformationMessage(`The environment of ${name} is ready, and logged in inside.`, ...actions)
    .then((choice) => choice !== undefined && vscode.commands.executeCommand(reopen));
}
