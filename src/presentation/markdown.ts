/** Text that Markdown shows as it is, in one line. */
export function escapeMarkdown(text: string): string {
  if (/^[\w .:/,()-]*$/.test(text) && !text.includes("_")) return text; // nearly every cell of a large view
  return text.replace(/[\p{Cc}\u2028\u2029]+/gu, " ").replace(/[\\`*_[\]|<>~&]/g, "\\$&");
}

/** A tooltip that is made into Markdown only when somebody looks at it: most rows of a large view are never pointed at. */
export interface TooltipTable {
  readonly heading: string;
  /** What is known, as names and values; a moment in milliseconds since the epoch. */
  readonly cells: readonly (readonly [name: string, value: string | { readonly moment: number }])[];
  readonly sentences: readonly string[];
}

export function tooltipTable(
  heading: string,
  cells: TooltipTable["cells"],
  sentences: readonly string[] = [],
): TooltipTable {
  return { heading, cells, sentences };
}

/**
 * A heading, a table of what is known, and sentences below it; a tooltip that is one sentence stays as it is. Foreign text
 * cannot break out of its cell.
 */
export function tooltipMarkdown(tooltip: string | TooltipTable): string {
  if (typeof tooltip === "string") return tooltip;
  const { heading, cells, sentences } = tooltip;
  const valueOf = (value: string | { readonly moment: number }) =>
    typeof value === "string" ? escapeMarkdown(value) : moment(value.moment);
  return [
    `**${escapeMarkdown(heading)}**`,
    "",
    "| | |",
    "|---|---|",
    ...cells.map(([name, value]) => `| ${escapeMarkdown(name)} | ${valueOf(value)} |`),
    ...sentences.flatMap((sentence) => ["", escapeMarkdown(sentence)]),
  ].join("\n");
}

/** A moment as a table shows it, the same for everybody: `2026-01-02 03:04 UTC`. Milliseconds since the epoch. */
export function moment(time: number): string {
  return `${new Date(time).toISOString().slice(0, 16).replace("T", " ")} UTC`;
}
