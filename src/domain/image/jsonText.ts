import { parseTree, type Node, type ParseError } from "jsonc-parser";
import type { TextRange } from "./range";

const DEEPEST = 200;

/**
 * JSON with comments, trailing commas and a byte order mark as a tree whose offsets are those of `text`; undefined if it
 * is empty or nested more than 200 deep. What was not understood is added to `errors`.
 */
export function parseJsonText(text: string, errors: ParseError[] = []): Node | undefined {
  // A byte order mark becomes a space, so that offsets stay those of the text that was given.
  const body = text.replace(/^\uFEFF/, " ");
  return deepest(body) > DEEPEST ? undefined : parseTree(body, errors, { allowTrailingComma: true });
}

/** An upper bound of the nesting: the parser is recursive, and its stack must not overflow. */
function deepest(text: string): number {
  let depth = 0;
  let most = 0;
  for (const [bracket] of text.matchAll(/[[\]{}]/g)) {
    depth += bracket === "[" || bracket === "{" ? 1 : -1;
    most = Math.max(most, depth);
  }
  return most;
}

/** A string node's value. */
export function stringOf(node: Node | undefined): string | undefined {
  const value: unknown = node?.value;
  return node?.type === "string" && typeof value === "string" ? value : undefined;
}

/** Where a node stands; of a string what is between its quotes. */
export function rangeOf(node: Node): TextRange {
  const { offset, length } = node;
  // the quote at the end may be missing while the file is being written
  return node.type === "string" && length >= 2
    ? { start: offset + 1, end: offset + length - 1 }
    : { start: offset, end: offset + length };
}
