import * as vscode from "vscode";
import { isFailure, type Failure } from "../domain/failure";
import { startAnewText } from "../presentation/noticeRows";
import { failureText } from "../presentation/failureText";
import { t } from "../presentation/words";
import type { ExtensionPorts } from "./ports";

/** What VS Code itself leads to when it finds no keyring. */
const KEYRING_GUIDE = "https://code.visualstudio.com/docs/configure/settings-sync#_troubleshooting-keychain-issues";

/**
 * *Start with an Empty List*: once the person agrees, the secrets saved before are no longer waited for. Returns true if the
 * secrets can be listed now.
 */
export async function startAnew({ secrets, store }: Pick<ExtensionPorts, "secrets" | "store">): Promise<boolean> {
  const failure = await secrets.list().then(
    () => undefined,
    (error: unknown) => {
      if (!isFailure(error, "storage-unavailable") || error.facts["reason"] === undefined) throw error;
      return error;
    },
  );
  if (!failure) return true;
  if (!(await confirm(failure))) return false;
  await store.startAnew();
  return true;
}

async function confirm(failure: Failure): Promise<boolean> {
  const start = t("Start with an Empty List");
  const guide = t("Set Up a Keyring");
  const { message } = failureText(failure);
  const detail = startAnewText(failure);
  const choice = await vscode.window.showWarningMessage(message, { modal: true, detail }, start, guide);
  if (choice === guide) await vscode.env.openExternal(vscode.Uri.parse(KEYRING_GUIDE));
  return choice === start;
}
