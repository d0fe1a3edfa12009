import * as vscode from "vscode";
import { addLoginFeature } from "../domain/image/addFeature";
import { t } from "../presentation/words";
import { uriOf } from "./marks";
import type { References } from "./marksReferences";
import { configOf } from "./rowCommands";

/** *Add Feature to devcontainer.json*: the document stays open and unsaved, so that the person sees what was done. */
export async function addFeatureCommand(argument: unknown, references: References): Promise<void> {
  const config = await configOf(argument, t("Add Feature to devcontainer.json"), references);
  if (!config) return;
  const document = await vscode.workspace.openTextDocument(uriOf(config.configFile));
  const edits = addLoginFeature(document.getText());
  const editor = await vscode.window.showTextDocument(document);
  if (edits.length === 0) {
    void vscode.window.showInformationMessage(t("This configuration has the login Feature already."));
    return;
  }
  await editor.edit((builder) => {
    for (const { offset, content } of edits) builder.insert(document.positionAt(offset), content);
  });
  void vscode.window.showInformationMessage(
    t("The Feature logs everybody in who creates this environment. Save the file, and recreate the environment."),
  );
}
