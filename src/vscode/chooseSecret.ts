import * as vscode from "vscode";
import { usernameOf, type RegistrySecret } from "../domain/secret/secret";
import { hostLabel } from "../presentation/secretRows";
import { t } from "../presentation/words";
import type { ExtensionPorts } from "./ports";
import { subjectOf } from "./rowCommands";

/** The secret of a row, or of the person's choice when the command came from the palette. Undefined: none, or no choice. */
export async function chooseSecret(
  { secrets }: Pick<ExtensionPorts, "secrets">,
  row: unknown,
  title: string,
): Promise<RegistrySecret | undefined> {
  const known = await secrets.list();
  const id = idOf(row);
  if (id !== undefined) return known.find((secret) => secret.id === id);
  if (known.length === 0) void vscode.window.showInformationMessage(t("There is no registry secret yet."));
  if (known.length === 0) return undefined;
  const items = known.map(secretItem);
  // a step of the walkthrough, once pressed, takes the focus back
  const options = { title, placeHolder: t("Which secret?"), matchOnDescription: true, ignoreFocusOut: true };
  return (await vscode.window.showQuickPick(items, options))?.secret;
}

/** A secret as a row of a list. */
export function secretItem<Secret extends RegistrySecret>(secret: Secret) {
  return {
    label: secret.name,
    description: `${hostLabel(secret.host)} · ${usernameOf(secret.credential)}`,
    detail: secret.project === undefined ? t("User") : `${t("Project")} · ${secret.project}`,
    secret,
  };
}

/** The id of the secret that a row of the view stands for. */
export function idOf(argument: unknown): string | undefined {
  const subject = subjectOf(argument);
  return subject?.kind === "secret" ? subject.id : subject?.kind === "registry" ? subject.secretId : undefined;
}
