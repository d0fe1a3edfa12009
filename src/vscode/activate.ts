import * as vscode from "vscode";
import type { RegistryHost } from "../domain/registry/host";
import { AgreedRealms } from "./agreedRealms";
import { Background } from "./background";
import { COMMANDS, VIEW } from "./commandIds";
import { createCommand, diagnoseCommand } from "./environmentCommands";
import type { ExtensionPorts } from "./ports";
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
  const environment = { ports, log, reports, agreedRealms: new AgreedRealms(context.globalState) };

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
    command(COMMANDS.diagnose, () => diagnoseCommand(environment)),
    command(COMMANDS.deliver, () => background.deliver()),
    command(COMMANDS.showLog, () => {
      log.show();
      return Promise.resolve();
    }),
  );
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
