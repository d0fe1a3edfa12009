import type { EnvironmentEntry } from "../domain/delivery/environments";
import { adviceLines } from "./adviceText";
import { isAmong } from "../domain/environment/hostPath";
import { nameOf, type OpenFolders } from "./environmentOrder";
import { escapeMarkdown } from "./markdown";
import type { Subject } from "./viewRows";
import { t } from "./words";

/** The suggestion to create an environment of an open folder anew, as status bar and notification show it. */
export interface Suggestion {
  readonly action: "recreate" | "create";
  readonly name: string;
  readonly subject: Subject;
  readonly reasons: readonly string[];
  /** The same for the same reason: what was said once is not said again. Holds no value of a secret. */
  readonly key: string;
}

/** What would help the environments of the open folders, and nothing else; nothing where nothing may be created. */
export function suggestions(
  entries: readonly EnvironmentEntry[],
  { folders, isTrusted }: Pick<OpenFolders, "folders" | "isTrusted">,
): Suggestion[] {
  if (!isTrusted) return [];
  return entries.flatMap((entry): Suggestion[] => {
    if (entry.kind === "candidate" || entry.advice.kind === "nothing") return [];
    const reasons = adviceLines(entry.advice);
    const said = JSON.stringify(entry.advice.reasons);
    if (entry.kind === "not-created") {
      const { folder, configFile } = entry.creation;
      if (!isAmong(folder, folders)) return [];
      const name = nameOf(entry.creation);
      const subject: Subject = { kind: "configuration", name, folder, configFile };
      return [{ action: "create", name, subject, reasons, key: `${configFile} ${said}` }];
    }
    const { container, folder, configFile } = entry.environment;
    if (folder === undefined || !isAmong(folder, folders)) return [];
    const name = nameOf(entry.environment);
    const subject: Subject = {
      kind: "environment",
      containerId: container.id,
      name,
      folder,
      ...(configFile === undefined ? {} : { configFile }),
    };
    return [{ action: "recreate", name, subject, reasons, key: `${container.id} ${said}` }];
  });
}

/** The answer to *Why*, as a Markdown document. */
export function whyReport({ action, name, reasons }: Suggestion): string {
  const title =
    action === "recreate" ? t("Why {0} should be recreated", name) : t("Why {0} should be created again", name);
  const rest =
    action === "recreate"
      ? t(
          "An image is pulled once, when an environment is created. What changes for the pull afterwards takes effect only in a new environment. Files outside the workspace folder and its volumes are lost with the old container.",
        )
      : t("The last creation failed, so there is no environment yet. What has changed since may let it succeed.");
  return [
    `# ${escapeMarkdown(title)}`,
    "",
    ...reasons.map((reason) => `- ${escapeMarkdown(reason)}`),
    "",
    escapeMarkdown(rest),
    "",
    escapeMarkdown(t("A changed password alone needs no new environment: it is delivered to the running one.")),
    "",
  ].join("\n");
}
