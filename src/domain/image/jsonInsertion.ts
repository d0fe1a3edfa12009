import { createScanner, type Node } from "jsonc-parser";

/** Text to put in at an offset; edits are in the order of their offsets, and each has another one. */
export interface Insertion {
  readonly offset: number;
  readonly content: string;
}

/** The text with the insertions done. */
export function inserted(text: string, insertions: readonly Insertion[]): string {
  return insertions.reduceRight(
    (done, { offset, content }) => done.slice(0, offset) + content + done.slice(offset),
    text,
  );
}

/** How a file is laid out. */
export interface Layout {
  readonly eol: string;
  /** One step of indentation. */
  readonly unit: string;
}

/** As the first indented line has it; two spaces where no line is indented. */
export function layoutOf(text: string): Layout {
  const indent = /^([ \t]+)["/}]/m.exec(text)?.[1] ?? "  ";
  return { eol: text.includes("\r\n") ? "\r\n" : "\n", unit: indent.startsWith("\t") ? "\t" : indent };
}

/**
 * A property at the end of an object; `property` writes it for an indentation, or in one line if there is none. Only
 * insertions, so that a comment stays with what it is about (jsonc-parser's own `modify` lays the neighbours out anew, and
 * puts the property before a comment that stands behind the last one).
 */
export function insertInto(
  object: Node,
  text: string,
  { eol, unit }: Layout,
  property: (indent: string | undefined) => string,
): Insertion[] {
  const last = object.children?.at(-1);
  const open = object.offset + 1;
  if (!last) {
    const isEmpty = text.slice(open, object.offset + object.length - 1).trim() === "";
    const outer = indentBefore(text, object.offset) ?? /^[ \t]*/.exec(lineBefore(text, object.offset))?.[0] ?? "";
    const content = `${eol}${outer}${unit}${property(outer + unit)}`;
    const closes = isEmpty && !text.slice(open, object.offset + object.length - 1).includes("\n");
    return [{ offset: open, content: closes ? `${content}${eol}${outer}` : content }];
  }
  const end = last.offset + last.length;
  const comma = commaAfter(text, end);
  const indent = indentBefore(text, last.offset);
  if (indent === undefined) {
    const offset = comma ?? end;
    return [{ offset, content: comma === undefined ? `, ${property(undefined)}` : ` ${property(undefined)},` }];
  }
  const offset = endOfLine(text, comma ?? end);
  const line = `${eol}${indent}${property(indent)}`;
  if (comma !== undefined) return [{ offset, content: `${line},` }];
  return offset === end
    ? [{ offset, content: `,${line}` }]
    : [
        { offset: end, content: "," },
        { offset, content: line },
      ];
}

/** What stands before an offset in its line, if that is nothing but indentation. */
function indentBefore(text: string, offset: number): string | undefined {
  const line = lineBefore(text, offset);
  return line.trim() === "" && line.length < offset ? line : undefined;
}

function lineBefore(text: string, offset: number): string {
  return text.slice(Math.max(text.lastIndexOf("\n", offset - 1), text.lastIndexOf("\r", offset - 1)) + 1, offset);
}

/** The offset after the comma that follows a value, if one does. */
function commaAfter(text: string, offset: number): number | undefined {
  const scanner = createScanner(text, true);
  scanner.setPosition(offset);
  scanner.scan();
  return text.slice(scanner.getTokenOffset(), scanner.getPosition()) === "," ? scanner.getPosition() : undefined;
}

/** The offset behind the comments that stand in the rest of the line. */
function endOfLine(text: string, offset: number): number {
  const scanner = createScanner(text, false);
  scanner.setPosition(offset);
  for (let at = offset, end = offset; ; at = scanner.getPosition()) {
    scanner.scan();
    const token = text.slice(at, scanner.getPosition());
    const isComment = /^\/[/*]/.test(token);
    if (token === "" || /[\r\n]/.test(token) || !(isComment || token.trim() === "")) return end;
    if (isComment) end = scanner.getPosition();
  }
}
