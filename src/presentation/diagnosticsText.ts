import type { DeliveryRecord } from "../domain/delivery/deliveryRecord";
import { redactText, type Redacted } from "../domain/redacted";
import { escapeMarkdown } from "./markdown";
import { fenced, withoutHome } from "./report";
import { t } from "./words";

/** What is known of an installation, for someone who is to help. Nothing of it is trusted to be free of secrets. */
export interface Diagnostics {
  /** Name and version of what runs here. */
  readonly versions: readonly (readonly [name: string, version: string])[];
  /** Where it runs and what works there, as sentences. */
  readonly place: readonly string[];
  readonly engine: readonly string[];
  readonly dockerConfig: readonly string[];
  readonly settings: readonly (readonly [name: string, value: string])[];
  /** One line a secret: scope, registry, kind. */
  readonly secrets: readonly string[];
  /** The registries that the files of the workspace name. */
  readonly registries: readonly string[];
  /** How the last delivery to each environment went, one line each. */
  readonly deliveries: readonly string[];
  /** The end of the log. */
  readonly log: readonly string[];
}

/** Every secret that may have found its way into one of the texts. */
export type KnownSecrets = readonly { readonly username?: string; readonly value: Redacted }[];

const LONGEST_LINE = 500;

/** One delivery as a line: which container, when, how it went, which registries or which failure. */
export function deliveryRecordLine({ containerId, at, outcome, hosts, failure, attempts }: DeliveryRecord): string {
  const result = failure === undefined ? hosts : [`${failure.code}: ${failure.message}`, `attempt ${attempts}`];
  return [containerId.slice(0, 12), new Date(at).toISOString(), outcome, ...result].join(" · ");
}

/**
 * The diagnostics as a Markdown document that may be shown to anyone: whatever looks like a credential, the values of
 * `secrets` in each of their forms, and the name of the home folder are taken out of every line.
 */
export function diagnosticsDocument(diagnostics: Diagnostics, secrets: KnownSecrets, home?: string): string {
  const clean = (line: string) => withoutHome(redactText(line, secrets), home).slice(0, LONGEST_LINE);
  const block = (lines: readonly string[]) => (lines.length === 0 ? [t("Nothing.")] : fenced(lines.map(clean)));
  const table = (rows: readonly (readonly [string, string])[]) => [
    "| | |",
    "|---|---|",
    ...rows.map(([name, value]) => `| ${escapeMarkdown(clean(name))} | ${escapeMarkdown(clean(value))} |`),
  ];
  const { versions, place, engine, dockerConfig, settings, registries, deliveries, log } = diagnostics;
  const sections: [title: string, lines: readonly string[]][] = [
    [t("Versions"), table(versions)],
    [t("Where it runs"), place.map((line) => escapeMarkdown(clean(line)))],
    [t("Container engine"), block(engine)],
    [t("Docker's config, without its values"), block(dockerConfig)],
    [t("Settings"), table(settings)],
    [t("Registry secrets, without their values"), block(diagnostics.secrets)],
    [t("Registries in use"), block(registries)],
    [t("Last deliveries"), block(deliveries)],
    [t("End of the log"), block(log)],
  ];
  return [
    `# ${t("Registry Secrets: diagnostics")}`,
    "",
    t("This document holds no secret. Read it before you share it: it names registries, images and folders."),
    "",
    ...sections.flatMap(([title, lines]) => [`## ${title}`, "", ...lines, ""]),
  ].join("\n");
}
