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
  return [...lines, ...worstFirst(findings).flatMap((finding) => findingSection(folder, finding))].join("\n");
}

/** What a pasted text or log means, in the same form; `source` says where the text comes from. */
export function explanationReport(source: string, folder: string | undefined, findings: readonly Finding[]): string {
  const causes = findings.filter(isTrouble).length;
  return [
    "# Pull diagnosis",
    "",
    `${escapeMarkdown(source)} — ${causes === 1 ? "1 cause" : `${causes} causes`}.`,
    "",
    ...worstFirst(findings).flatMap((finding) => findingSection(folder, finding)),
  ].join("\n");
}

/** What is wrong comes first. */
function worstFirst(findings: readonly Finding[]): Finding[] {
  return [...findings].sort((a, b) => Number(isTrouble(b)) - Number(isTrouble(a)));
}

function findingSection(folder: string | undefined, finding: Finding): string[] {
  const { title: cause, remedies, evidence } = findingText(finding);
  const { file, role, range } = finding.place;
  const subject = finding.image || finding.registry;
  const lines = [
    `## ${isTrouble(finding) ? "✗" : "✓"} ${subject === "" ? "An image that the text does not name" : codeSpan(subject)}`,
    "",
    `**${escapeMarkdown(cause)}**`,
    "",
  ];
  if (remedies.length > 0) {
    lines.push("What to do:", "", ...remedies.map((remedy, index) => `${index + 1}. ${escapeMarkdown(remedy)}`), "");
  }
  // a finding of a text has no place in a file
  const named = folder !== undefined && (range !== undefined || file.startsWith(`${folder}/`));
  const place = named ? `Named as *${role}* in ${codeSpan(relativeTo(folder, file))} · ` : "";
  lines.push(`${place}${named ? "code" : "Code"} \`${finding.code}\` · ${finding.confidence}`, "");
  if (evidence.length > 0) lines.push(...fenced(evidence.map(withoutHome)), "");
  return lines;
}

/** Lines as a block of code that they cannot break out of. */
export function fenced(lines: readonly string[]): string[] {
  const fence = longerThanAny(lines.join("\n"), 3);
  return [`${fence}text`, ...lines, fence];
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

/** A report is pasted into issues: the name of a person's home folder is nobody's business. */
function withoutHome(line: string): string {
  return line.replace(/(?:\/home\/[^/\s]+|\/Users\/[^/\s]+|\/root|[A-Za-z]:[\\/]Users[\\/][^\\/\s]+)(?=[\\/])/g, "~");
}
