import * as vscode from "vscode";
import type { Environment } from "../domain/environment/environment";
import { nameOf } from "../presentation/environmentOrder";
import { t } from "../presentation/words";
import type { Background } from "./background";
import type { EnvironmentList } from "./environmentList";
import type { ExtensionPorts } from "./ports";
import { subjectOf } from "./rowCommands";
import { withCancel } from "./show";

/** The command of the Dev Containers extension that opens the folder of this window in its container. */
const REOPEN = "remote-containers.reopenInContainer";
const DEV_CONTAINERS = "ms-vscode-remote.remote-containers";

/** What can be done with an environment that is there, from its row or from the palette. */
export interface ActionContext {
  readonly ports: ExtensionPorts;
  readonly list: EnvironmentList;
}

/** *Stop Environment*: its container, and those of its Compose project. Nothing is lost; it can be started again. */
export async function stopCommand(context: ActionContext, argument: unknown): Promise<void> {
  const environment = await environmentOf(context, argument, t("Stop Environment"));
  if (!environment) return;
  const title = t("Stopping {0}", nameOf(environment));
  try {
    await withCancel(title, (signal) => context.ports.engine.stop(environment.container, signal));
  } finally {
    await context.list.refresh();
  }
}

/** *Open Terminal*: a shell inside, as the user who works there. */
export async function terminalCommand(context: ActionContext, argument: unknown): Promise<void> {
  const environment = await environmentOf(context, argument, t("Open Terminal"));
  if (!environment) return;
  const { path, args, env } = await context.ports.shell(environment);
  const terminal = vscode.window.createTerminal({
    name: nameOf(environment),
    shellPath: path,
    shellArgs: [...args],
    env: { ...env },
    iconPath: new vscode.ThemeIcon("vm"),
    isTransient: true,
  });
  terminal.show();
}

/** *Confirm Environment*: once, by name, a container that cannot prove that it is an environment (security, 3). */
export async function confirmCommand(
  { ports, list }: ActionContext,
  background: Background,
  argument: unknown,
): Promise<void> {
  const subject = subjectOf(argument);
  if (subject?.kind !== "candidate") return;
  const confirm = t("Confirm");
  const choice = await vscode.window.showWarningMessage(
    t("Is {0} an environment of yours?", subject.name),
    {
      modal: true,
      detail: t(
        "It says that it belongs to {0}, and cannot prove it. It would receive your user secrets and those of that project, now and whenever they change.",
        subject.folder,
      ),
    },
    confirm,
  );
  if (choice !== confirm) return;
  await ports.rememberContainer(subject.containerId, "finished");
  await background.deliverNow();
  await list.refresh();
}

/** *Reopen in Container*: by the Dev Containers extension, which finds the container by its labels. */
export async function reopenCommand(): Promise<void> {
  if (await canReopen()) await vscode.commands.executeCommand(REOPEN);
  else {
    const choice = await vscode.window.showInformationMessage(
      t("Opening a window inside an environment needs the Dev Containers extension."),
      t("Show Extension"),
    );
    if (choice !== undefined) await vscode.commands.executeCommand("workbench.extensions.search", DEV_CONTAINERS);
  }
}

/** True if the Dev Containers extension is there, active or not yet. */
export async function canReopen(): Promise<boolean> {
  return (
    vscode.extensions.getExtension(DEV_CONTAINERS) !== undefined ||
    (await vscode.commands.getCommands(true)).includes(REOPEN)
  );
}

/** *Open Folder*: that of an environment of another window, where it can be recreated. */
export async function openFolderCommand(argument: unknown): Promise<void> {
  const subject = subjectOf(argument);
  const folder = subject && "folder" in subject ? subject.folder : undefined;
  if (folder === undefined) return;
  await vscode.commands.executeCommand("vscode.openFolder", vscode.Uri.file(folder), { forceNewWindow: true });
}

/** The environment of a row; of the running ones the only one, or the person's choice. */
async function environmentOf(
  { list }: ActionContext,
  argument: unknown,
  title: string,
): Promise<Environment | undefined> {
  const { known } = list;
  const environments = (known.kind === "known" ? known.entries : []).flatMap((entry) =>
    entry.kind === "environment" ? [entry.environment] : [],
  );
  const subject = subjectOf(argument);
  if (subject?.kind === "environment")
    return environments.find(({ container }) => container.id === subject.containerId);
  const running = environments.filter(({ container }) => container.running);
  if (running.length === 0) {
    void vscode.window.showInformationMessage(t("No environment is running."));
    return undefined;
  }
  if (running.length === 1) return running[0];
  const items = running.map((environment) => ({
    label: nameOf(environment),
    description: environment.container.name,
    detail: environment.folder ?? "",
    environment,
  }));
  const choice = await vscode.window.showQuickPick(items, { title, placeHolder: t("Which environment?") });
  return choice?.environment;
}
