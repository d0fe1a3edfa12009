import type { EnvironmentEntry } from "../domain/delivery/environments";
import type { Failure } from "../domain/failure";
import { candidateRow, environmentRow, notCreatedRow } from "./environmentRow";
import { byNearness, isHere, standingOf, type OpenFolders } from "./environmentOrder";
import { failureText } from "./failureText";
import { tooltipTable } from "./markdown";
import type { ViewRow } from "./viewRows";
import { t } from "./words";

/** What is known of the environments: those there are, what stood in the way of asking, or nothing yet. */
export type Environments =
  | { readonly kind: "known"; readonly entries: readonly EnvironmentEntry[] }
  | { readonly kind: "failed"; readonly failure: Failure }
  | { readonly kind: "asking" };

/**
 * The group *Environments*: running and stopped ones with the state of their login, those of the open folders first; what
 * helps an environment is a row below it. `now` is in milliseconds since the epoch.
 */
export function environmentGroup(environments: Environments, open: OpenFolders, now: number): ViewRow {
  const rows = rowsOf(environments, open, now);
  return {
    id: "group:environments",
    label: t("Environments"),
    tooltip: t("Your dev containers on this machine, and whether they are logged in inside."),
    icon: "vm",
    accessibilityLabel: t("Environments: {0}", environments.kind === "known" ? environments.entries.length : 0),
    context: open.hasConfig ? "group;environments;config" : "group;environments",
    subject: { kind: "nothing" },
    children: rows,
    isOpen: true,
  };
}

function rowsOf(environments: Environments, open: OpenFolders, now: number): ViewRow[] {
  switch (environments.kind) {
    case "asking":
      return [
        {
          id: "environments:asking",
          label: "",
          description: t("Asking the container engine…"),
          icon: "loading~spin",
          accessibilityLabel: t("Asking the container engine…"),
          context: "asking",
          subject: { kind: "nothing" },
        },
      ];
    case "failed":
      return [engineRow(environments.failure)];
    case "known": {
      const { entries } = environments;
      const isMissing = open.hasConfig ? !entries.some((entry) => isHere(entry, open)) : entries.length === 0;
      const rows = [...entries].sort(byNearness(open)).map((entry) => entryRow(entry, open, now));
      return isMissing ? [noneRow(open), ...rows] : rows;
    }
  }
}

/** Trouble with the engine is a row that leads on, and never an empty list. */
function engineRow(failure: Failure): ViewRow {
  const { message, next } = failureText(failure);
  const isMissing = failure.code === "engine-missing";
  const label = isMissing ? t("No container engine") : t("The container engine does not answer");
  return {
    id: "environments:trouble",
    label,
    description: next,
    tooltip: tooltipTable(label, [], [message, next]),
    icon: "warning",
    color: "list.warningForeground",
    accessibilityLabel: `${label}. ${next}`,
    context: isMissing ? "engine;missing" : "engine;unreachable",
    subject: { kind: "nothing" },
    click: isMissing ? "engine-settings" : "refresh",
  };
}

function noneRow({ hasConfig, isTrusted }: OpenFolders): ViewRow {
  const mayCreate = hasConfig && isTrusted;
  const text = mayCreate ? t("Create Environment…") : t("No environments");
  return {
    id: "environments:none",
    label: "",
    description: text,
    accessibilityLabel: text,
    context: "empty",
    subject: { kind: "nothing" },
    ...(mayCreate ? { click: "create" as const } : {}),
  };
}

function entryRow(entry: EnvironmentEntry, open: OpenFolders, now: number): ViewRow {
  switch (entry.kind) {
    case "environment":
      return environmentRow(entry, standingOf(entry.environment.folder, open), now);
    case "not-created":
      return notCreatedRow(entry, standingOf(entry.creation.folder, open), now);
    case "candidate":
      return candidateRow(entry.candidate);
  }
}
