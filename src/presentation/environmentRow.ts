import type { Candidate } from "../domain/delivery/deliverer";
import type { DeliveryRecord } from "../domain/delivery/deliveryRecord";
import type { EnvironmentEntry } from "../domain/delivery/environments";
import type { Advice } from "../domain/environment/advice";
import { Failure } from "../domain/failure";
import { adviceLines } from "./adviceText";
import { candidateLine } from "./deliveryText";
import { nameOf, type Standing } from "./environmentOrder";
import { failureText } from "./failureText";
import { ago } from "./marks";
import { moment, tooltipTable, type TooltipTable } from "./markdown";
import type { Subject, ViewRow } from "./viewRows";
import { t } from "./words";

/** A running or stopped environment with the state of its login, and below it what helps. `now` as in `environmentGroup`. */
export function environmentRow(
  { environment, delivery, creation, advice, otherServices = [] }: EnvironmentEntry & { readonly kind: "environment" },
  standing: Standing,
  now: number,
): ViewRow {
  const { container, folder, configFile } = environment;
  const label = nameOf(environment);
  const { running } = container;
  const login = running ? loginState(delivery, now) : { text: t("stopped"), isWrong: false };
  const reasons = adviceLines(advice);
  const facts = [...(reasons.length > 0 ? [t("outdated")] : []), login.text];
  const subject: Subject = {
    kind: "environment",
    containerId: container.id,
    name: label,
    ...(folder === undefined ? {} : { folder }),
    ...(configFile === undefined ? {} : { configFile }),
  };
  const children = [
    ...adviceRows(container.id, advice, subject, standing, "recreate"),
    ...(running ? failureRows(container.id, delivery, subject, now) : []),
  ];
  // VS Code opens a row at its first sight only: one that has rows for the first time is another one
  const id = `environment:${container.id}${children.length > 0 ? ":open" : ""}`;
  const need = standing === "here" && reasons[0] !== undefined ? reasons[0] : login.isWrong ? login.text : undefined;
  return {
    id,
    label,
    description: facts.join(" · "),
    tooltip: tooltipTable(
      label,
      [
        [t("Container"), `${container.name} (${container.id.slice(0, 12)})`],
        ...(folder === undefined ? [] : [[t("Folder"), folder] as const]),
        ...(configFile === undefined ? [] : [[t("Configuration"), configFile] as const]),
        [t("State"), running ? t("running") : t("stopped")],
        [t("Created"), creation?.outcome === "created" ? { moment: creation.at } : t("not by this extension")],
        [t("Image"), reasons.length > 0 ? t("outdated: recreate the environment") : t("up to date")],
        ...loginCells(delivery),
        ...(otherServices.length === 0
          ? []
          : [[t("Other services, not logged in"), otherServices.join(", ")] as const]),
      ],
      reasons,
    ),
    ...environmentIcon(running, login.isWrong, reasons.length > 0),
    accessibilityLabel: [t("Environment {0}", label), running ? t("running") : t("stopped"), ...facts].join(", "),
    context: contextOf("environment", running ? "running" : "stopped", standing),
    subject,
    ...(children.length > 0 ? { children, isOpen: true } : {}),
    ...(standing !== "elsewhere" && need !== undefined ? { attention: `${label}: ${need}` } : {}),
  };
}

/** The login of a running environment in a few words. */
function loginState(delivery: DeliveryRecord | undefined, now: number): { text: string; isWrong: boolean } {
  switch (delivery?.outcome) {
    case undefined:
    case "gone":
      return { text: t("not logged in yet"), isWrong: false };
    case "no-shell":
      return { text: t("no shell, so nothing logs in"), isWrong: false };
    case "failed":
      return { text: t("login failed {0}", ago(now - delivery.at)), isWrong: true };
    case "delivered":
      if (delivery.withheld !== undefined)
        return { text: t("not logged in to {0}", delivery.withheld.join(", ")), isWrong: true };
      return delivery.hosts.length === 0
        ? { text: t("no secrets to log in with"), isWrong: false }
        : { text: t("logged in {0}", ago(now - delivery.at)), isWrong: false };
  }
}

function loginCells(delivery: DeliveryRecord | undefined): TooltipTable["cells"] {
  if (delivery === undefined) return [];
  const { at, hosts, skipped, withheld } = delivery;
  return [
    [t("Last delivery"), { moment: at }],
    ...(hosts.length > 0 ? [[t("Logged in to"), hosts.join(", ")] as const] : []),
    ...(skipped.length > 0 ? [[t("Runner-native, not logged in"), skipped.join(", ")] as const] : []),
    ...(withheld === undefined ? [] : [[t("No login from the cloud (see the log)"), withheld.join(", ")] as const]),
  ];
}

function environmentIcon(running: boolean, isWrong: boolean, isOutdated: boolean): Pick<ViewRow, "icon" | "color"> {
  if (isWrong) return { icon: "error", color: "list.errorForeground" };
  if (isOutdated) return { icon: "warning", color: "list.warningForeground" };
  return { icon: running ? "vm-running" : "vm-outline" };
}

/** What helps, as a row that does it: nothing where nothing helps, or where it may not be done. */
function adviceRows(
  parent: string,
  advice: Advice,
  subject: Subject,
  standing: Standing,
  action: "recreate" | "create",
): ViewRow[] {
  const reasons = adviceLines(advice);
  if (reasons.length === 0 || standing === "restricted") return [];
  const isHere = standing === "here";
  const label = isHere ? (action === "recreate" ? t("Recreate") : t("Create")) : t("Open Folder");
  return [
    {
      id: `advice:${parent}`,
      label,
      description: reasons.join(" "),
      tooltip: tooltipTable(label, [], reasons),
      icon: isHere ? "debug-restart" : "folder-opened",
      accessibilityLabel: `${label}: ${reasons.join(" ")}`,
      context: isHere ? `advice;${action}` : "advice",
      subject,
      click: isHere ? action : "open-folder",
    },
  ];
}

function failureRows(parent: string, delivery: DeliveryRecord | undefined, subject: Subject, now: number): ViewRow[] {
  if (delivery?.outcome !== "failed" || delivery.failure === undefined) return [];
  const { code, facts } = delivery.failure;
  const { message, next } = failureText(new Failure(code, delivery.failure.message, facts));
  const again =
    delivery.nextAttemptAt !== undefined && delivery.nextAttemptAt > now
      ? [t("Tried again at {0}.", moment(delivery.nextAttemptAt))]
      : [];
  return [
    {
      id: `failure:${parent}`,
      label: t("Deliver Again"),
      description: message,
      tooltip: tooltipTable(t("Deliver Again"), [], [message, next, ...again]),
      icon: "sync",
      accessibilityLabel: `${t("Deliver Again")}: ${message} ${next}`,
      context: "delivery-failure",
      subject,
      click: "deliver",
    },
  ];
}

/** An environment whose creation failed. */
export function notCreatedRow(
  { creation, advice }: EnvironmentEntry & { readonly kind: "not-created" },
  standing: Standing,
  now: number,
): ViewRow {
  const { folder, configFile, at } = creation;
  const label = nameOf({ folder, configFile });
  const subject: Subject = { kind: "configuration", name: label, folder, configFile };
  const text = t("creation failed {0}", ago(now - at));
  const id = `not-created:${configFile}`;
  const children = adviceRows(id, advice, subject, standing, "create");
  return {
    id,
    label,
    description: text,
    tooltip: tooltipTable(
      label,
      [
        [t("Folder"), folder],
        [t("Configuration"), configFile],
        [t("Last attempt"), { moment: at }],
      ],
      adviceLines(advice),
    ),
    icon: "error",
    color: "list.errorForeground",
    accessibilityLabel: `${t("Environment {0}", label)}, ${text}`,
    context: contextOf("environment", "not-created", standing),
    subject,
    ...(children.length > 0 ? { children, isOpen: true } : {}),
    ...(standing === "here" ? { attention: `${label}: ${text}` } : {}),
  };
}

/** Confirmed once, by name (security, 3). */
export function candidateRow({ container, recognition }: Candidate): ViewRow {
  const why = candidateLine(container.name, recognition.why);
  return {
    id: `candidate:${container.id}`,
    label: container.name,
    description: t("not confirmed as an environment"),
    tooltip: tooltipTable(
      container.name,
      [
        [t("Folder"), recognition.folder],
        [t("State"), container.running ? t("running") : t("stopped")],
      ],
      [why, t("Confirm it if you know that it is yours.")],
    ),
    icon: "question",
    accessibilityLabel: `${t("Container {0}", container.name)}, ${t("not confirmed as an environment")}. ${why}`,
    context: "candidate",
    subject: { kind: "candidate", containerId: container.id, name: container.name, folder: recognition.folder },
    click: "confirm",
  };
}

function contextOf(kind: string, state: string, standing: Standing): string {
  return standing === "elsewhere" ? `${kind};${state}` : `${kind};${state};here`;
}
