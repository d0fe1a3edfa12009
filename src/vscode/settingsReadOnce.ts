import * as vscode from "vscode";
import { t } from "../presentation/words";
import { SETTINGS } from "./commandIds";

/** What everything that reaches out is made with, when the extension starts. */
const READ_ONCE = [SETTINGS.dockerPath, SETTINGS.wslDistribution, SETTINGS.timeoutSeconds];

/** Offers to load the window again when a setting has changed that is read once. */
export function offerReload(): vscode.Disposable {
  let isOffered = false;
  return vscode.workspace.onDidChangeConfiguration(async (event) => {
    if (isOffered || !READ_ONCE.some((name) => event.affectsConfiguration(`registrySecrets.${name}`))) return;
    isOffered = true;
    const text = t("Registry Secrets reads this setting when it starts: load the window again to use the new value.");
    const choice = await vscode.window.showInformationMessage(text, t("Reload Window"));
    isOffered = false;
    if (choice !== undefined) await vscode.commands.executeCommand("workbench.action.reloadWindow");
  });
}
