import * as vscode from "vscode";
import { withDeclarations } from "../domain/secret/declarations";
import { hasPassword, pullSecretManifest, variablePrefixes, type SecretWithPassword } from "../domain/secret/exporting";
import type { RegistrySecret } from "../domain/secret/secret";
import { hostLabel } from "../presentation/secretRows";
import { t } from "../presentation/words";
import { idOf, secretItem } from "./chooseSecret";
import { copyVariables } from "./copyVariables";
import { uriOf } from "./marks";
import { pick, pickMany, runForm, type FormStep } from "./steps";
import type { TestContext } from "./testSecret";
import { chooseConfig } from "./workspace";

type Form = "codespaces" | "declaration" | "kubernetes";

interface State {
  form?: Form;
  secrets: readonly SecretWithPassword[];
}

/**
 * *Export Secrets*: as variables for Codespaces, as names in devcontainer.json, or as a pull secret of Kubernetes. Values
 * leave only after a warning; runner-native secrets have none.
 */
export async function exportSecrets({ ports }: Pick<TestContext, "ports">, row: unknown): Promise<void> {
  const all = (await ports.secrets.list()).filter(hasPassword);
  const id = idOf(row);
  const given = all.filter((secret) => secret.id === id);
  if (all.length === 0 || (id !== undefined && given.length === 0)) {
    void vscode.window.showInformationMessage(t("There is no secret with a value to export."));
    return;
  }
  const state: State = { secrets: given };
  await runForm(t("Export Secrets"), state, [formStep, secretsStep(all, given.length === 0)]);
  switch (state.form) {
    case "codespaces":
      await copyVariables(state.secrets);
      break;
    case "declaration":
      await declare(state.secrets);
      break;
    case "kubernetes":
      await showManifest(state.secrets);
      break;
    case undefined:
  }
}

const formStep: FormStep<State> = {
  show: async (known, frame) => {
    const items = [
      {
        label: `$(github) ${t("Variables for Codespaces")}`,
        description: t("names and values to copy, one at a time"),
        form: "codespaces" as const,
      },
      {
        label: `$(json) ${t("Names in devcontainer.json")}`,
        description: t("no values: whoever opens it is asked for theirs"),
        form: "declaration" as const,
      },
      {
        label: `$(file-code) ${t("Pull secret for Kubernetes")}`,
        description: t("a manifest that holds the values"),
        form: "kubernetes" as const,
      },
    ];
    const active = items.find(({ form }) => form === known.form);
    const result = await pick({ ...frame, items, placeholder: t("Export as what?"), active });
    if (result.kind === "back") return "back";
    known.form = result.value.form;
    return "next";
  },
};

function secretsStep(all: readonly SecretWithPassword[], isAsked: boolean): FormStep<State> {
  return {
    isShown: () => isAsked,
    show: async (known, frame) => {
      const items = all.map(secretItem);
      const chosen = all.length === 1 ? items : [];
      const result = await pickMany({ ...frame, items, placeholder: t("Which secrets?"), chosen });
      if (result.kind === "back") return "back";
      known.secrets = result.value.map(({ secret }) => secret);
      return "next";
    },
  };
}

/** Writes the names into a devcontainer.json, whose document stays open and unsaved: the person sees what was done. */
async function declare(secrets: readonly SecretWithPassword[]): Promise<void> {
  const config = await chooseConfig(t("Names in devcontainer.json"));
  if (!config) return;
  const document = await vscode.workspace.openTextDocument(uriOf(config.configFile));
  const before = document.getText();
  const prefixes = variablePrefixes(secrets);
  const after = withDeclarations(
    before,
    secrets.map((secret, index) => {
      const host = hostLabel(secret.host);
      return {
        prefix: prefixes[index] ?? "",
        descriptions: [
          t("Host of the registry: {0}", secret.host.key),
          t("Username for {0}", host),
          t("Password or access token for {0}", host),
        ],
      };
    }),
  );
  await vscode.window.showTextDocument(document);
  if (after === before) {
    void vscode.window.showInformationMessage(t("The file names these secrets already."));
    return;
  }
  const { start, end, text } = difference(before, after);
  const range = new vscode.Range(document.positionAt(start), document.positionAt(end));
  const edit = new vscode.WorkspaceEdit();
  edit.replace(document.uri, range, text);
  await vscode.workspace.applyEdit(edit);
}

/** The one part that differs, so that the cursor and the marks around it stay where they are. */
function difference(before: string, after: string): { start: number; end: number; text: string } {
  const shorter = Math.min(before.length, after.length);
  let start = 0;
  while (start < shorter && before[start] === after[start]) start++;
  let same = 0;
  while (same < shorter - start && before.at(-1 - same) === after.at(-1 - same)) same++;
  return { start, end: before.length - same, text: after.slice(start, after.length - same) };
}

/** An untitled document, which VS Code keeps on the disk until it is closed: said before. */
async function showManifest(secrets: readonly SecretWithPassword[]): Promise<void> {
  const open = t("Open Manifest");
  const choice = await vscode.window.showWarningMessage(
    t("The manifest holds the values of {0} for everyone to read.", namesOf(secrets)),
    {
      modal: true,
      detail: t(
        "It is opened as a document that is not saved. VS Code keeps a copy of such documents on the disk until they are closed: close it without saving when you are done.",
      ),
    },
    open,
  );
  if (choice !== open) return;
  const { yaml, leftOut, accessKeys } = pullSecretManifest(secrets);
  if (accessKeys.length === secrets.length) {
    void vscode.window.showInformationMessage(accessKeysText(accessKeys));
    return;
  }
  const document = await vscode.workspace.openTextDocument({ language: "yaml", content: yaml.reveal() });
  await vscode.window.showTextDocument(document);
  const said = [
    ...(leftOut.length > 0 ? [t("Not in it, since another one is for the same registry: {0}", namesOf(leftOut))] : []),
    ...(accessKeys.length > 0 ? [accessKeysText(accessKeys)] : []),
  ];
  if (said.length > 0) void vscode.window.showInformationMessage(said.join(" "));
}

function accessKeysText(secrets: readonly RegistrySecret[]): string {
  return t("Access keys of AWS make no pull secret, since a registry takes only their tokens: {0}", namesOf(secrets));
}

function namesOf(secrets: readonly RegistrySecret[]): string {
  return secrets.map(({ name }) => name).join(", ");
}
