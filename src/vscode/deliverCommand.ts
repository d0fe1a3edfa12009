import * as vscode from "vscode";
import { t } from "../presentation/words";
import type { Background } from "./background";
import type { ExtensionPorts } from "./ports";
import { withCancel } from "./show";

/**
 * *Deliver Secrets to Running Environments*: now, and to containers that say that they are environments and cannot prove
 * it only if the person says so, once, by name (security, 3).
 */
export async function deliverCommand(ports: ExtensionPorts, background: Background): Promise<void> {
  const deliver = () => withCancel(t("Delivering secrets"), (signal) => background.deliverNow(signal));
  const { deliveries, candidates } = await deliver();
  if (candidates.length > 0) {
    const { candidateLine } = await import("../presentation/deliveryText");
    const items = candidates.map(({ container, recognition }) => ({
      label: container.name,
      description: recognition.folder,
      detail: candidateLine(container.name, recognition.why),
      id: container.id,
    }));
    const chosen = await vscode.window.showQuickPick(items, {
      title: t("Deliver to these, too?"),
      placeHolder: t("They say that they are environments, and cannot prove it. Choose those that you know"),
      canPickMany: true,
    });
    for (const { id } of chosen ?? []) await ports.rememberContainer(id, "finished");
    if (chosen !== undefined && chosen.length > 0) await deliver();
  } else if (deliveries.length === 0) {
    void vscode.window.showInformationMessage(t("No environment is running. Each is logged in when it starts."));
  }
}
