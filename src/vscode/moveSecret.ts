import * as vscode from "vscode";
import type { RegistrySecret } from "../domain/secret/secret";
import { t } from "../presentation/words";
import { placeOf } from "./newSecretState";
import type { ExtensionPorts } from "./ports";
import { placeItems } from "./secretFormRegistry";
import { workspaceProjects } from "./workspace";

/** *Move*: to the person's own secrets, or to a project of this workspace. Undefined if nothing was moved. */
export async function moveSecret(
  { secrets, projectOf }: Pick<ExtensionPorts, "secrets" | "projectOf">,
  secret: RegistrySecret,
): Promise<RegistrySecret | undefined> {
  const projects = await workspaceProjects((folder) => projectOf(folder));
  const items = placeItems(projects).filter(
    ({ scope, project }) => scope !== secret.scope || project !== secret.project,
  );
  if (items.length === 0) {
    void vscode.window.showInformationMessage(t("Open a folder first: a secret moves to its project."));
    return undefined;
  }
  const choice = await vscode.window.showQuickPick(items, {
    title: t("Move {0}", secret.name),
    placeHolder: t("Who is it for?"),
  });
  return choice && (await secrets.move(secret.id, placeOf(choice)));
}
