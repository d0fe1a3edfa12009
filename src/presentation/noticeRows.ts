import type { Failure } from "../domain/failure";
import { failureText } from "./failureText";
import { tooltipTable } from "./markdown";
import type { PlaceText } from "./placeText";
import type { ViewRow } from "./viewRows";
import { t } from "./words";

/** In Restricted Mode: what works, and how to get the rest. */
export function restrictedRow(): ViewRow {
  const what = t("Files are read, and registries asked without a credential. Trust the workspace for everything else.");
  return {
    id: "notice:restricted",
    label: t("Restricted Mode"),
    description: t("read-only until you trust this workspace"),
    tooltip: what,
    icon: "shield",
    accessibilityLabel: `${t("Restricted Mode")}: ${what}`,
    context: "notice",
    subject: { kind: "nothing" },
    click: "trust",
  };
}

/** Where not everything works: what does, and how to get the rest. None where all does. */
export function placeRows({ works, text, next }: PlaceText): ViewRow[] {
  if (works === "all") return [];
  const label = t("Where it runs");
  return [
    {
      id: "notice:place",
      label,
      description: text,
      tooltip: tooltipTable(label, [], next === undefined ? [text] : [text, next]),
      icon: "info",
      accessibilityLabel: `${label}: ${text} ${next ?? ""}`.trim(),
      context: "notice",
      subject: { kind: "nothing" },
    },
  ];
}

/** The secret storage cannot be read, or is another one than it was; everything else goes on. */
export function storageRow(failure: Failure): ViewRow {
  const { message, next } = failureText(failure);
  const isAnother = failure.facts["reason"] !== undefined;
  const label = isAnother ? t("The saved secrets are not there") : t("The secret storage cannot be read");
  return {
    id: "notice:storage",
    label,
    description: next,
    tooltip: tooltipTable(label, [], [message, next]),
    icon: "error",
    color: "list.errorForeground",
    accessibilityLabel: `${label}. ${next}`,
    context: "notice",
    subject: { kind: "nothing" },
    click: isAnother ? "start-anew" : "refresh",
    attention: label,
  };
}

/** What comes of going on with an empty list of secrets. */
export function startAnewText(failure: Failure): string {
  const loggedOut = t("Running environments are logged out of the registries that no secret is left for.");
  return failure.facts["reason"] === "out-of-reach"
    ? `${t("What you save now is kept until VS Code ends. What the keyring holds is back once VS Code reaches it again.")} ${loggedOut}`
    : loggedOut;
}
