import * as vscode from "vscode";
import { codespacesVariables, variablePrefixes, type SecretWithPassword } from "../domain/secret/exporting";
import type { Redacted } from "../domain/redacted";
import { t } from "../presentation/words";
import { pick } from "./steps";

/**
 * Variables on their way into a form elsewhere: name and value are copied one at a time, the next one under the cursor. A
 * password goes into the clipboard after one warning, and out of it again at the end if it is still there.
 */
export async function copyVariables(secrets: readonly SecretWithPassword[]): Promise<void> {
  const prefixes = variablePrefixes(secrets);
  const entries = secrets.flatMap((secret, index) =>
    codespacesVariables(secret, prefixes[index]).flatMap(({ name, value, isSecret }) => [
      { label: `$(copy) ${name}`, description: t("the name"), text: name, secret: undefined },
      {
        label: `$(copy) ${isSecret ? "••••••••" : value.reveal()}`,
        description: isSecret ? t("the password of {0}", secret.name) : t("the value"),
        text: undefined,
        secret: { value, isSecret },
      },
    ]),
  );
  const done = { label: `$(check) ${t("Done")}`, description: "", text: undefined, secret: undefined };
  const items = [...entries, done];
  const copied: Redacted[] = [];
  let next = 0;
  try {
    for (;;) {
      const frame = { title: t("Variables for Codespaces"), step: 1, total: 1 };
      const placeholder = t("Copy, paste it over there, and come back for the next");
      const result = await pick({ ...frame, items, placeholder, active: items[next] });
      if (result.kind === "back" || result.value === done) return;
      const { text, secret } = result.value;
      if (secret?.isSecret === true && copied.length === 0 && !(await agreed())) continue;
      if (secret?.isSecret === true) copied.push(secret.value);
      await vscode.env.clipboard.writeText(text ?? secret?.value.reveal() ?? "");
      next = items.indexOf(result.value) + 1;
    }
  } finally {
    await forget(copied);
  }
}

async function agreed(): Promise<boolean> {
  const copy = t("Copy");
  const choice = await vscode.window.showWarningMessage(
    t("Copy a password into the clipboard?"),
    {
      modal: true,
      detail: t(
        "Every program can read the clipboard, and a clipboard history may keep it. It is taken out of the clipboard when you are done here, if it is still there.",
      ),
    },
    copy,
  );
  return choice === copy;
}

async function forget(copied: readonly Redacted[]): Promise<void> {
  if (copied.length === 0) return;
  const present = await vscode.env.clipboard.readText();
  if (copied.some((value) => value.reveal() === present)) await vscode.env.clipboard.writeText("");
}
