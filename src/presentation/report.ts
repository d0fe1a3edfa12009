import { isTrouble, type Finding } from "../domain/diagnosis/finding";
import type { WorkspaceProblem } from "../domain/image/workspaceImages";
import { findingText, oneLine, relativeTo } from "./findingText";
import { escapeMarkdown } from "./secretRows";

/**
 * The diagnosis of one configuration as a Markdown document, safe to paste into an issue: nothing secret is in a finding,
 * and files are named as seen from `folder`.
 */
export function diagnosisReport(
  folder: string,
  configFile: string,
  findings: readonly Finding[],
  problems: readonly WorkspaceProblem[],
): string {
  const bad = findings.filter(isTrouble).length;
  const count = `${findings.length} ${findings.length === 1 ? "image" : "images"}`;
  const lines = [
    "# Pull diagnosis",
    "",
    `${escapeMarkdown(relativeTo(folder, configFile))} — ${count}, ${bad === 0 ? "all can be pulled" : `${bad} cannot be pulled`}.`,
    "",
  ];
  for (const { file, message } of problems)
    lines.push(`> ⚠ ${escapeMarkdown(relativeTo(folder, file))}: ${escapeMarkdown(message)}`, "");
  if (findings.length === 0) lines.push("The configuration names no image.", "");
  // what is wrong comes first
  for (const finding of [...findings].sort((a, b) => Number(isTrouble(b)) - Number(isTrouble(a)))) {
    const { title: cause, remedies, evidence } = findingText(finding);
    lines.push(
      `## ${isTrouble(finding) ? "✗" : "✓"} ${codeSpan(finding.image)}`,
      "",
      `**${escapeMarkdown(cause)}**`,
      "",
    );
    if (remedies.length > 0) {
      lines.push("What to do:", "", ...remedies.map((remedy, index) => `${index + 1}. ${escapeMarkdown(remedy)}`), "");
    }
    lines.push(
      `Named as *${finding.place.role}* in ${codeSpan(relativeTo(folder, finding.place.file))} · code \`${finding.code}\` · ${finding.confidence}`,
      "",
    );
    const fence = longerThanAny(evidence.join("\n"), 3);
    if (evidence.length > 0) lines.push(`${fence}text`, ...evidence, fence, "");
  }
  return lines.join("\n");
}

/** Text as code that it cannot break out of (CommonMark, "Code spans"). */
function codeSpan(text: string): string {
  const line = oneLine(text);
  const fence = longerThanAny(line, 1);
  const space = /^`|`$/.test(line) ? " " : "";
  return `${fence}${space}${line}${space}${fence}`;
}

/** Backticks: at least `least`, and more than stand together anywhere in `text`. */
function longerThanAny(text: string, least: number): string {
  const longest = Math.max(0, ...(text.match(/`+/g) ?? []).map((run) => run.length));
  return "`".repeat(Math.max(least, longest + 1));
}

/** The outcome in one sentence, for a notification. */
export function diagnosisSummary(findings: readonly Finding[]): string {
  const [first, ...others] = findings.filter(isTrouble);
  if (!first) {
    return findings.length === 0
      ? "The dev container configuration names no image."
      : `All ${findings.length === 1 ? "is well: the image" : `${findings.length} images`} can be pulled.`;
  }
  const { title } = findingText(first);
  return others.length === 0 ? title : `${title} (and ${others.length} more)`;
}
