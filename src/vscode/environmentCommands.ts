import * as vscode from "vscode";
import type { DeliveryOutcome } from "../domain/delivery/deliver";
import { combineFindings } from "../domain/diagnosis/combine";
import { isTrouble, type Finding } from "../domain/diagnosis/finding";
import { askingOnce, featureMetadata } from "../domain/diagnosis/featureMetadata";
import { refusedBeforeCreation, refusedCredentials } from "../domain/diagnosis/preflight";
import {
  createEnvironment,
  noteRefusal,
  type CreationEvent,
  type CreationOutcome,
} from "../domain/environment/creation";
import { creationRecord, namedImages } from "../domain/environment/creationRecord";
import { answeringIdentities } from "../domain/environment/identities";
import { pullCredentials } from "../domain/environment/pullCredentials";
import { Failure, isFailure, messageOf } from "../domain/failure";
import { workspaceImages } from "../domain/image/workspaceImages";
import { hostIfAny, type RegistryHost } from "../domain/registry/host";
import { effectiveSecrets } from "../domain/secret/effective";
import { readyText } from "../presentation/deliveryText";
import { failureLine } from "../presentation/failureText";
import { withheldText } from "../presentation/nativeText";
import { fixesOf, type Fix } from "../presentation/fixes";
import { progressText } from "../presentation/progressText";
import { diagnosisReport, diagnosisSummary } from "../presentation/report";
import { t } from "../presentation/words";
import { checkConfig, knownSecrets, type CheckContext, type CheckResult } from "./checks";
import { automatic } from "./checksAutomatic";
import { COMMANDS } from "./commandIds";
import { canReopen, reopenCommand } from "./environmentActions";
import { runFix } from "./quickFixActions";
import type { Reports } from "./reports";
import { configOf } from "./rowCommands";
import { showTrouble, signalOf, withCancel } from "./show";
import type { ChosenConfig } from "./workspace";

/** How long a failed creation waits for what the registries answer, before its own words are shown. */
const LONGEST_CHECK_MS = 60_000;

export interface EnvironmentContext extends CheckContext {
  readonly log: vscode.LogOutputChannel;
  readonly reports: Reports;
  /** The configurations from which an environment is being created now. */
  readonly creating: Set<string>;
}

/**
 * *Diagnose Pull Failure*: asks the registries about every image of the configuration and shows what was found. Started
 * from a file (`argument` is its URI) or a row, it is about the configuration that this belongs to.
 */
export async function diagnoseCommand(context: EnvironmentContext, argument: unknown): Promise<readonly Finding[]> {
  const config = await configOf(argument, t("Diagnose Pull Failure"), context.references);
  if (!config) return [];
  context.ports.logins.forget();
  const { findings, problems } = await askRegistries(context, config, t("Asking the registries"));
  await context.reports.show(diagnosisReport(config.folder, config.configFile, findings, problems), config.configFile);
  void offerRemedy(findings, context, config);
  return findings;
}

/** With progress that can be cancelled. Throws as `checkConfig` does. */
async function askRegistries(
  context: EnvironmentContext,
  config: ChosenConfig,
  title: string,
  limit: readonly AbortSignal[] = [],
): Promise<CheckResult> {
  return await withCancel(title, (signal) => checkConfig(context, config, AbortSignal.any([signal, ...limit])));
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
    const again = failed ? [t("Create Environment")] : [];
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
        ? { title: t("Choose a Tag…"), run: () => chooseReplacement(alternatives, first, context) }
        : { title: fix.button, run: () => runFix(fix, first, context, config) };
    });
  const copy = {
    title: t("Copy Report"),
    run: async () => {
      await context.reports.copy();
      return false;
    },
  };
  const choice = await vscode.window.showErrorMessage(summary, ...actions, copy);
  try {
    if ((await choice?.run()) !== true || !config) return;
    const { findings: now, problems } = await askRegistries(context, config, t("Asking the registries"));
    await context.reports.renew(diagnosisReport(config.folder, config.configFile, now, problems), config.configFile);
    await offerRemedy(now, context, config);
  } catch (error) {
    showTrouble(error, context.log);
  }
}

/** The secret that counts for a registry; texts name the registry and not the secret. */
async function secretFor(registry: string, config: ChosenConfig | undefined, { ports }: EnvironmentContext) {
  const host = registry === "" ? undefined : hostIfAny({ registry });
  if (!host) return undefined;
  const project = config && (await ports.projectOf(config.folder));
  return effectiveSecrets(await ports.secrets.list(), project).get(host.key)?.secret;
}

async function chooseReplacement(fixes: readonly Fix[], finding: Finding, context: EnvironmentContext) {
  const items = fixes.map((fix) => ({ label: fix.kind === "replace" ? fix.text : fix.title, fix }));
  const choice = await vscode.window.showQuickPick(items, {
    title: t("Choose a Tag"),
    placeHolder: t("What shall the file say instead?"),
  });
  return choice ? await runFix(choice.fix, finding, context, undefined) : false;
}

/**
 * *Create Environment* and *Recreate Environment*: in three steps, with progress that can be cancelled; started from a row,
 * those of its configuration.
 */
export async function createCommand(context: EnvironmentContext, recreate: boolean, argument?: unknown): Promise<void> {
  if (!vscode.workspace.isTrusted) {
    throw new Failure("untrusted-workspace", t("This workspace is not trusted, so no environment is created from it."));
  }
  const purpose = recreate ? t("Recreate Environment") : t("Create Environment");
  const config = await configOf(argument, purpose, context.references);
  if (!config) return;
  if (context.creating.has(config.configFile)) {
    void vscode.window.showInformationMessage(t("The environment of {0} is being created already.", config.name));
    return;
  }
  context.creating.add(config.configFile);
  try {
    await create(context, recreate, config);
  } finally {
    context.creating.delete(config.configFile);
  }
}

async function create(context: EnvironmentContext, recreate: boolean, config: ChosenConfig): Promise<void> {
  const { ports, log, agreedRealms } = context;
  const title = recreate ? t("Recreating the environment") : t("Creating the environment");
  let refused: readonly Finding[] = [];
  let login: DeliveryOutcome | undefined;
  try {
    await vscode.window.withProgress(
      { location: vscode.ProgressLocation.Notification, title, cancellable: true },
      async (progress, token) => {
        const signal = signalOf(token);
        progress.report({ message: t("reading the configuration") });
        const secrets = effectiveSecrets(await ports.secrets.list(), await ports.projectOf(config.folder));
        const asking = { prober: askingOnce(ports.prober(agreedRealms.list())), lookUp: ports.lookUp(secrets) };
        const configured = await workspaceImages(config.folder, config.configFile, ports.files, ports.env, {
          ...ports.imagePorts,
          featureMetadata: featureMetadata(asking, { signal }),
        });
        const { images } = configured;
        const record = async (outcome: CreationOutcome) => {
          const { references } = namedImages(configured);
          const identities = await answeringIdentities(references, secrets, ports.logins, signal);
          const made = creationRecord(config, outcome, configured, secrets, Date.now(), identities);
          await ports.records.saveCreation(made);
        };
        const agree = (host: RegistryHost, realmHost: string) => agreedRealms.ask(host, realmHost);
        const pull = await pullCredentials(images, secrets, asking.prober, agree, ports.logins, signal);
        for (const secret of pull.withheld) log.warn(withheldText(secret));
        progress.report({ message: t("trying the credentials") });
        const hasImage = (name: string) => ports.engine.hasImage(name);
        const preflight = { ...asking, hasImage };
        refused = await refusedCredentials(images, new Set(pull.credentials.keys()), preflight, signal);
        if (refused.length > 0) {
          await noteRefusal(config, { engine: ports.engine, record, log });
          throw refusedBeforeCreation(refused);
        }
        const message = progressText();
        const onEvent = (event: CreationEvent) => {
          log.info(event.text);
          progress.report({ message: message(event) });
        };
        const request = { folder: config.folder, configFile: config.configFile, recreate, ...pull };
        await createEnvironment(
          request,
          {
            ...ports,
            log,
            remember: (id, creation) => ports.rememberContainer(id, creation),
            unfinished: () => ports.unfinishedContainers(),
            record,
            deliver: async (id, stop) => {
              const { deliveries } = await ports.deliverer.deliver({ ids: [id] }, stop);
              login = deliveries[0]?.outcome;
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
      await context.reports.show(diagnosisReport(config.folder, config.configFile, refused, []), config.configFile);
      void offerRemedy(refused, context, config);
    } else await explainFailedCreation(error, context, config);
    return;
  }
  context.failedCreations.delete(config.configFile);
  context.marks.dropWhere(({ mark }) => mark.fixes.some(({ kind }) => kind === "recreate"));
  await offerReopen(config, login);
}

/**
 * A failed creation leads straight to its cause: what the registries answer, and what the tool's log tells. Where neither
 * names one, the tool's own words stand.
 */
async function explainFailedCreation(failure: Failure, context: EnvironmentContext, config: ChosenConfig) {
  const lines = failure.facts["log"];
  const log = Array.isArray(lines) ? lines.join("\n") : failureLine(failure);
  context.failedCreations.set(config.configFile, { config, at: Date.now(), log });
  const { explainText } = await import("../domain/diagnosis/explain");
  const told = explainText(log, await knownSecrets(context.ports)).filter(({ code }) => code !== "unknown");
  const { findings: probed, problems } = await probedCauses(context, config);
  const findings = combineFindings(told, probed);
  if (!findings.some(isTrouble)) throw failure;
  await context.reports.show(diagnosisReport(config.folder, config.configFile, findings, problems), config.configFile);
  void offerRemedy(findings, context, config);
}

/** What the registries answer; nothing where that fails, takes too long, or the person does not wait for it. */
async function probedCauses(context: EnvironmentContext, config: ChosenConfig): Promise<CheckResult> {
  const nothing: CheckResult = { findings: [], problems: [] };
  if (automatic() === "never") return nothing;
  const title = t("The creation failed: looking for the cause");
  try {
    return await askRegistries(context, config, title, [AbortSignal.timeout(LONGEST_CHECK_MS)]);
  } catch (error) {
    context.log.warn(t("The registries did not tell why the creation failed: {0}", messageOf(error)));
    return nothing;
  }
}

/** The Dev Containers extension opens a window inside, where it is installed. */
async function offerReopen({ name }: ChosenConfig, login: DeliveryOutcome | undefined): Promise<void> {
  const actions = (await canReopen()) ? [t("Reopen in Container")] : [];
  const { text, isWrong } = readyText(name, login);
  const { showInformationMessage, showWarningMessage } = vscode.window;
  void (isWrong ? showWarningMessage : showInformationMessage)(text, ...actions).then((choice) =>
    choice === undefined ? undefined : reopenCommand(),
  );
}
