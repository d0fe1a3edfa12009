import * as vscode from "vscode";
import { isFailure, messageOf } from "../domain/failure";
import { failureLine } from "../presentation/failureText";
import { t } from "../presentation/words";
import { COMMANDS } from "./commandIds";

/** The one place where trouble is shown: what failed and what to do next, with the log at hand. */
export function showTrouble(error: unknown, log: vscode.LogOutputChannel): void {
  if (error instanceof vscode.CancellationError) return;
  if (isFailure(error, "cancelled") && error.facts["left"] === undefined) return;
  log.error(error instanceof Error ? error : messageOf(error));
  const text = isFailure(error)
    ? failureLine(error)
    : t("Registry Secrets met an error that it does not know: {0}", messageOf(error));
  void vscode.window.showErrorMessage(text, t("Show Log")).then((choice) => {
    if (choice !== undefined) void vscode.commands.executeCommand(COMMANDS.showLog);
  });
}

/** An `AbortSignal` that follows VS Code's token. */
export function signalOf(token: vscode.CancellationToken): AbortSignal {
  const controller = new AbortController();
  if (token.isCancellationRequested) controller.abort();
  token.onCancellationRequested(() => controller.abort());
  return controller.signal;
}

/** Work with a notification of its progress, in which it can be cancelled. */
export async function withCancel<T>(title: string, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const { Notification: location } = vscode.ProgressLocation;
  return await vscode.window.withProgress({ location, title, cancellable: true }, (_, token) => work(signalOf(token)));
}
