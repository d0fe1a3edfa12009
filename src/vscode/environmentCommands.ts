import * as vscode from "vscode";
import { diagnoseImages } from "../domain/diagnosis/diagnoseImages";
import { isTrouble, type Finding } from "../domain/diagnosis/finding";
import { createEnvironment, type CreationEvent } from "../domain/environment/creation";
import { pullCredentials } from "../domain/environment/pullCredentials";
import { Failure, isFailure } from "../domain/failure";
import { workspaceImages } from "../domain/image/workspaceImages";
import type { RegistryHost } from "../domain/registry/host";
import { parseRegistryHost } from "../domain/registry/host";
import { effectiveSecrets } from "../domain/secret/effective";
import { failureLine } from "../presentation/failureText";
import { diagnosisReport, diagnosisSummary } from "../presentation/report";
import type { AgreedRealms } from "./agreedRealms";
import { COMMANDS } from "./commandIds";
import type { ExtensionPorts } from "./ports";
import type { Reports } from "./reports";
import { signalOf } from "./show";
import { chooseConfig, type ChosenConfig } from "./workspace";

export interface EnvironmentContext {
  readonly ports: ExtensionPorts;
  readonly log: vscode.LogOutputChannel;
  readonly reports: Reports;
  readonly agreedRealms: AgreedRealms;
}

/** *Diagnose Pull Failure*: asks the registries about every image of the configuration and shows what was found. */
export async function diagnoseCommand(context: EnvironmentContext): Promise<readonly Finding[]> {
  const config = await chooseConfig("Diagnose Pull Failure");
  if (!config) return [];
  const { findings, report } = await vscode.window.withProgress(
    { location: vscode.ProgressLocation.Notification, title: "Asking the registries", cancellable: true },
    (_, token) => findCauses(context, config, signalOf(token)),
  );
  await context.reports.show(report);
  void offerRemedy(findings, context);
  return findings;
}

async function findCauses({ ports, agreedRealms }: EnvironmentContext, config: ChosenConfig, signal: AbortSignal) {
  const { images, problems } = await workspaceImages(config.folder, config.configFile, ports.files, ports.env);
  const secrets = effectiveSecrets(await ports.secrets.list(), await ports.projectOf(config.folder));
  const findings = await diagnoseImages(
    images,
    { prober: ports.prober(agreedRealms.list()), lookUp: ports.lookUp(secrets) },
    { anonymousOnly: !vscode.workspace.isTrusted, signal },
  );
  return { findings, report: diagnosisReport(config.folder, config.configFile, findings, problems) };
}

/** Names the cause, with the first thing to do about it as a button. */
async function offerRemedy(findings: readonly Finding[], { ports, agreedRealms }: EnvironmentContext): Promise<void> {
  const summary = diagnosisSummary(findings);
  const first = findings.find(isTrouble);
  if (!first) {
    void vscode.window.showInformationMessage(summary);
    return;
  }
  const actions: { readonly title: string; run(): Thenable<unknown> }[] = [];
  if (first.remedies.includes("add-secret")) {
    const host = parseRegistryHost(first.registry);
    actions.push({ title: "New Secret", run: () => vscode.commands.executeCommand(COMMANDS.newSecret, { host }) });
  }
  if (first.remedies.includes("edit-secret") && first.credential.kind === "secret") {
    const { name, scope } = first.credential;
    const secret = (await ports.secrets.list()).find((known) => known.name === name && known.scope === scope);
    if (secret) {
      const row = { kind: "secret", row: { id: secret.id } };
      actions.push({ title: `Edit ${name}`, run: () => vscode.commands.executeCommand(COMMANDS.editSecret, row) });
    }
  }
  const { realm } = first;
  if (first.remedies.includes("agree-to-realm") && realm !== undefined) {
    const host = parseRegistryHost(first.registry);
    actions.push({ title: "Agree…", run: () => agreedRealms.ask(host, new URL(realm).host) });
  }
  const choice = await vscode.window.showErrorMessage(summary, ...actions);
  await choice?.run();
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

  try {
    await vscode.window.withProgress(
      { location: vscode.ProgressLocation.Notification, title, cancellable: true },
      async (progress, token) => {
        const signal = signalOf(token);
        progress.report({ message: "reading the configuration" });
        const { images } = await workspaceImages(config.folder, config.configFile, ports.files, ports.env);
        const secrets = effectiveSecrets(await ports.secrets.list(), await ports.projectOf(config.folder));
        const agree = (host: RegistryHost, realmHost: string) => agreedRealms.ask(host, realmHost);
        const pull = await pullCredentials(images, secrets, ports.prober(agreedRealms.list()), agree, signal);
        for (const { host, secret, why } of pull.withheld) log.warn(`${secret} is not used for ${host}: ${why}`);
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
            remember: (id) => ports.rememberContainer(id),
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
    await explainFailedCreation(error, context, config);
    return;
  }
  await offerReopen(config);
}

/** A failed creation leads straight to its cause; where the registries have nothing against it, the tool's words stand. */
async function explainFailedCreation(
  failure: Failure,
  context: EnvironmentContext,
  config: ChosenConfig,
): Promise<void> {
  const { findings, report } = await findCauses(context, config, AbortSignal.timeout(60_000));
  if (!findings.some(isTrouble)) throw failure;
  await context.reports.show(report);
  await offerRemedy(findings, context);
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
