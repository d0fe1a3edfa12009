import { imageName, isTrouble, type Finding } from "../domain/diagnosis/finding";
import type { WorkspaceProblem } from "../domain/image/problems";
import { findingText, oneLine, relativeTo } from "./findingText";
import { problemText } from "./problemText";
import { t } from "./words";
import { escapeMarkdown } from "./markdown";

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
  const lines = [
    `# ${t("Pull diagnosis")}`,
    "",
    countText(escapeMarkdown(relativeTo(folder, configFile)), findings.length, bad),
    "",
  ];
  for (const problem of problems) {
    const { place, text } = problemText(folder, problem);
    lines.push(`> ⚠ ${escapeMarkdown(place)}: ${escapeMarkdown(text)}`, "");
  }
  if (findings.length === 0) lines.push(t("The configuration names no image."), "");
  return [...lines, ...worstFirst(findings).flatMap((finding) => findingSection(folder, finding))].join("\n");
}

/** The sum of a report in one line; `file` is Markdown. */
function countText(file: string, images: number, bad: number): string {
  if (images === 0) return file;
  if (images === 1) {
    return bad === 0 ? t("{0} — 1 image, all can be pulled.", file) : t("{0} — 1 image, 1 cannot be pulled.", file);
  }
  return bad === 0
    ? t("{0} — {1} images, all can be pulled.", file, images)
    : t("{0} — {1} images, {2} cannot be pulled.", file, images, bad);
}

/** What a pasted text or log means, in the same form; `source` says where the text comes from. */
export function explanationReport(source: string, folder: string | undefined, findings: readonly Finding[]): string {
  const causes = findings.filter(isTrouble).length;
  return [
    `# ${t("Pull diagnosis")}`,
    "",
    causes === 1 ? t("{0} — 1 cause.", escapeMarkdown(source)) : t("{0} — {1} causes.", escapeMarkdown(source), causes),
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
  const name = imageName(finding) || finding.registry;
  const written = name === finding.image || finding.image === "" ? [] : [codeSpan(finding.image)];
  const subject = name === "" ? t("An image that the text does not name") : codeSpan(name);
  const lines = [
    `## ${isTrouble(finding) ? "✗" : "✓"} ${written.length === 0 ? subject : t("{0}, written as {1}", subject, written.join())}`,
    "",
    `**${escapeMarkdown(cause)}**`,
    "",
  ];
  if (remedies.length > 0) {
    lines.push(t("What to do:"), "", ...remedies.map((remedy, index) => `${index + 1}. ${escapeMarkdown(remedy)}`), "");
  }
  // a finding of a text has no place in a file
  const named = folder !== undefined && (range !== undefined || file.startsWith(`${folder}/`));
  lines.push(
    named
      ? t(
          "Named as *{0}* in {1} · code `{2}` · {3}",
          role,
          codeSpan(relativeTo(folder, file)),
          finding.code,
          confidenceText(finding.confidence),
        )
      : t("Code `{0}` · {1}", finding.code, confidenceText(finding.confidence)),
    "",
  );
  if (evidence.length > 0) lines.push(...fenced(evidence.map((line) => withoutHome(line))), "");
  return lines;
}

function confidenceText(confidence: Finding["confidence"]): string {
  return confidence === "certain" ? t("certain") : t("likely");
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
      ? t("The dev container configuration names no image.")
      : findings.length === 1
        ? t("All is well: the image can be pulled.")
        : t("All {0} images can be pulled.", findings.length);
  }
  const { title } = findingText(first);
  return others.length === 0 ? title : t("{0} (and {1} more)", title, others.length);
}

/** A share, a scheme or a host's disk that a home may lie below: `file://`, `\\wsl.localhost\Ubuntu`, `/mnt/c`, `C:`. */
const SCHEME = /(?:file:\/\/|vscode-remote:\/\/[^/\s]+|\\{2,4}wsl(?:\.localhost|\$)\\{1,2}[^\\\s]+)?/;
const DISK = /(?:\/var|\/mnt\/[a-z]|\/host_mnt(?:\/[a-z])?|\/run\/desktop\/mnt\/host\/[a-z]|\/?[A-Za-z](?::|%3A))?/;
/** A name with spaces ends at the next backslash, any other where a path does. */
const NAME = /(?:[^\\/:*?"<>|\r\n]+(?=\\)|[^\\/\s:"'`,;<>|()[\]{}]+)/;
const HOME = new RegExp(
  `(?<![\\w.~/\\\\-])(${SCHEME.source})(?:${DISK.source}(?:[\\\\/]{1,2}home|[\\\\/]{1,2}Users)[\\\\/]{1,2}${NAME.source}|/root(?=/))`,
  "g",
);

/**
 * A report is pasted into issues: the name of a person's home folder is nobody's business.
 * @param home a home folder that is known, wherever it lies
 */
export function withoutHome(line: string, home = ""): string {
  const parts = home.length > 1 ? line.split(home) : [line];
  // of another folder that only begins so, the rest stands there
  const known = parts.reduce((before, after) => before + (/^[\w.-]/.test(after) ? home : "~") + after);
  return known.replace(HOME, "$1~");
}
