import type * as vscode from "vscode";
import { isTrouble } from "../domain/diagnosis/finding";
import { lensTitle } from "../presentation/marks";
import { t } from "../presentation/words";
import { COMMANDS } from "./commandIds";
import type { Shown } from "./marks";

/** What stands above a reference: that it is being asked for, what is known of it, or an offer to find out. */
export function lensesOf(file: string, start: number, known: readonly Shown[], busy: boolean): vscode.Command[] {
  const here = { file, start };
  if (busy) return [{ command: "", title: `$(loading~spin) ${t("Asking the registry")}` }];
  if (known.length === 0) {
    const tooltip = t("Ask the registry, with the credential that counts, whether this image can be pulled");
    return [{ command: COMMANDS.checkPull, title: t("Check pull"), tooltip, arguments: [here] }];
  }
  const fixable = known.find(({ mark }) => mark.fixes.length > 0);
  const fix = fixable?.mark.fixes[0];
  return [
    ...known.map(({ mark: { finding, message, severity }, checkedAt }): vscode.Command => {
      const icon = severity === "none" ? "pass" : severity === "error" ? "error" : "warning";
      const title = `$(${icon})\u00a0${lensTitle(finding, checkedAt, Date.now())}`;
      return { command: COMMANDS.showFinding, title, tooltip: message, arguments: [here] };
    }),
    ...(fix && known.some(({ mark }) => isTrouble(mark.finding) || fix.kind === "recreate")
      ? [
          {
            command: COMMANDS.applyFix,
            title: fix.button,
            tooltip: fix.title,
            arguments: [{ ...here, fix: fix.title }],
          },
        ]
      : []),
    { command: COMMANDS.checkPull, title: t("Check again"), arguments: [here] },
  ];
}
