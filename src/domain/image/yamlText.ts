import {
  isAlias,
  isCollection,
  isMap,
  isScalar,
  isSeq,
  Lexer,
  parseAllDocuments,
  visit,
  type Alias,
  type Document,
  type Scalar,
  type YAMLMap,
} from "yaml";
import { Failure } from "../failure";
import type { TextRange } from "./range";

/** A document of a YAML text, with what each alias in it points to (the library's `resolve` walks it all for each). */
export interface YamlText {
  readonly source: string;
  /** Undefined where it is malformed and no mapping can be made out. */
  readonly contents: YAMLMap | undefined;
  /** What is malformed in it: the first of it. */
  readonly error?: { readonly message: string; readonly range: TextRange };
  readonly targets: ReadonlyMap<Alias, unknown>;
  /** How many more entries may be looked at: aliases and merge keys can make a short text a very long one. */
  readonly budget: { steps: number };
}

const LONGEST_FILE = 524_288;
const MOST_DOCUMENTS = 100;
const MOST_STEPS = 10_000_000;
const DEEPEST = 200;

/**
 * The documents of a YAML text that are mappings or malformed, in order; of malformed text what can be read is given.
 * Throws `Failure("invalid-compose-file")` for text without any, of more than 100 documents, or larger than 512 kB.
 */
export function parseYaml(source: string): YamlText[] {
  if (source.length > LONGEST_FILE) throw invalid("The Compose file is larger than 512 kB");
  if (source.split(/^---/m, MOST_DOCUMENTS + 2).length > MOST_DOCUMENTS + 1)
    throw invalid("The Compose file has more than 100 documents");
  if (isNestedTooDeep(source)) throw invalid("The Compose file is nested more than 200 deep");
  try {
    // A file being edited has a key twice now and then. Pretty errors quote the line for each: quadratic on one long line.
    const documents = parseAllDocuments(source, {
      merge: true,
      uniqueKeys: false,
      logLevel: "silent",
      prettyErrors: false,
    });
    const budget = { steps: MOST_STEPS };
    const found = [...documents].flatMap((document) => {
      const contents = isMap(document.contents) ? document.contents : undefined;
      const [error] = document.errors.map(({ message, pos: [start, end] }) => ({ message, range: { start, end } }));
      if (contents === undefined && error === undefined) return [];
      return [{ source, contents, targets: targetsOf(document), budget, ...(error === undefined ? {} : { error }) }];
    });
    if (found.length > 0) return found;
  } catch (cause) {
    throw invalid("The Compose file cannot be read as YAML", cause);
  }
  throw invalid("The Compose file is not a YAML mapping");
}

/**
 * True if a YAML text is nested more than 200 deep. The parser is recursive, and where a stack is nearly full, V8 may end the
 * whole process when it compiles a regular expression; so it must never come that far. The lexer is not recursive.
 */
export function isNestedTooDeep(source: string): boolean {
  const columns: number[] = [];
  let flow = 0;
  let column = 0;
  let isFirst = true;
  const open = (at: number): void => {
    while ((columns.at(-1) ?? -1) > at) columns.pop();
    if (columns.at(-1) !== at) columns.push(at);
  };
  for (const token of new Lexer().lex(source)) {
    if (LEXER_MARKS.has(token)) continue;
    if (token === "[" || token === "{") flow++;
    else if (token === "]" || token === "}") flow = Math.max(0, flow - 1);
    else if (flow === 0 && token.trim() !== "") {
      const isIndicator = token === "-" || token === "?" || token === ":";
      if (isFirst || isIndicator) open(column);
      // what follows an indicator stands deeper than it
      if (isIndicator) columns.push(column + 1);
      isFirst = false;
    }
    if (columns.length + flow > DEEPEST) return true;
    const newline = token.lastIndexOf("\n");
    isFirst ||= newline >= 0 && newline === token.length - 1;
    column = newline < 0 ? column + token.length : token.length - newline - 1;
  }
  return false;
}

/** What the lexer puts before documents and scalars and behind errors; not of the text. */
const LEXER_MARKS: ReadonlySet<string> = new Set(["\u0002", "\u0018", "\u001f"]);

function targetsOf(document: Document): ReadonlyMap<Alias, unknown> {
  const anchors = new Map<string, unknown>();
  const targets = new Map<Alias, unknown>();
  visit(document, {
    Alias: (_, alias) => {
      targets.set(alias, anchors.get(alias.source));
    },
    Value: (_, node) => {
      if (node.anchor !== undefined) anchors.set(node.anchor, node);
    },
  });
  return targets;
}

/**
 * The value of `key`, also of one that a merge key (`<<`) brings in. `seen` ends circles and repetition. Throws
 * `invalid-compose-file` when the text has been walked too often, as the next two do.
 */
export function lookUp(yaml: YamlText, node: unknown, key: string, seen = new Set<unknown>()): unknown {
  const map = follow(yaml, node);
  if (!isMap(map) || seen.has(map)) return undefined;
  seen.add(map);
  spend(yaml, map.items.length);
  const own = map.items.findLast((pair) => isScalar(pair.key) && pair.key.value === key);
  if (own !== undefined) return follow(yaml, own.value);
  const merge = map.items.find((pair) => isScalar(pair.key) && isMergeKey(pair.key.value));
  const merged = follow(yaml, merge?.value);
  if (isSeq(merged)) spend(yaml, merged.items.length);
  for (const one of isSeq(merged) ? merged.items : [merged]) {
    const found = lookUp(yaml, one, key, seen);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** The keys and values of a mapping, those of its merge keys included; of a key that is there twice the winner. */
export function entriesOf(yaml: YamlText, node: unknown): [key: Scalar, value: unknown][] {
  const found = new Map<unknown, [Scalar, unknown]>();
  const seen = new Set<unknown>();
  const add = (map: unknown): void => {
    if (!isMap(map) || seen.has(map)) return;
    seen.add(map);
    spend(yaml, map.items.length * 2);
    const own = new Map<unknown, [Scalar, unknown]>();
    for (const { key, value } of map.items) {
      if (isScalar(key) && !isMergeKey(key.value)) own.set(key.value, [key, follow(yaml, value)]);
    }
    for (const [key, entry] of own) if (!found.has(key)) found.set(key, entry);
    const merge = map.items.find((pair) => isScalar(pair.key) && isMergeKey(pair.key.value));
    const merged = follow(yaml, merge?.value);
    if (isSeq(merged)) spend(yaml, merged.items.length);
    for (const one of isSeq(merged) ? merged.items : [merged]) add(follow(yaml, one));
  };
  add(follow(yaml, node));
  return [...found.values()];
}

/** The items of a sequence; a single value counts as a sequence of it. */
export function itemsOf(yaml: YamlText, node: unknown): unknown[] {
  const list = follow(yaml, node);
  if (isSeq(list)) {
    spend(yaml, list.items.length * 2);
    return list.items.map((item) => follow(yaml, item));
  }
  return isScalar(list) && list.value !== null ? [list] : [];
}

function spend(yaml: YamlText, steps: number): void {
  yaml.budget.steps -= steps + 1;
  if (yaml.budget.steps < 0) throw invalid("The aliases of the Compose file make it far too large");
}

/** The library gives the key `<<` as a symbol. */
function isMergeKey(value: unknown): boolean {
  return value === "<<" || typeof value === "symbol";
}

/** What an alias points to. */
function follow(yaml: YamlText, node: unknown): unknown {
  return isAlias(node) ? yaml.targets.get(node) : node;
}

/** A scalar as text; a number as it is written, so that `1.10` stays one. */
export function scalarText(node: unknown): string | undefined {
  if (!isScalar(node)) return undefined;
  const { value, source } = node;
  if (typeof value === "string") return value;
  return typeof value === "number" || typeof value === "boolean" || typeof value === "bigint"
    ? (source ?? String(value))
    : undefined;
}

/** `!reset` or `!override` (Compose specification, 13-merge), if the node has one of them. */
export function mergeTag(node: unknown): "reset" | "override" | undefined {
  const tag = isScalar(node) || isCollection(node) ? node.tag : undefined;
  return tag === "!reset" ? "reset" : tag === "!override" ? "override" : undefined;
}

/** Where the text of a scalar stands: without its quotes, and of a block what is below the `|` or `>`. */
export function contentRange(source: string, node: unknown): TextRange {
  const [start = 0, end = 0] = (isScalar(node) || isCollection(node) ? node.range : undefined) ?? [];
  switch (isScalar(node) ? node.type : undefined) {
    case "QUOTE_DOUBLE":
    case "QUOTE_SINGLE": {
      const closed = end - start >= 2 && source.charAt(end - 1) === source.charAt(start);
      return { start: start + 1, end: closed ? end - 1 : end };
    }
    case "BLOCK_LITERAL":
    case "BLOCK_FOLDED": {
      const body = source.slice(start, end).replace(/^[^\n]*(?:\n|$)/, "");
      const text = body.trim();
      const from = end - body.length + body.length - body.trimStart().length;
      return { start: from, end: from + text.length };
    }
    default:
      return { start, end };
  }
}

/**
 * Where a part of a scalar's value stands in the text: exactly, if the scalar is a literal block (`|`) or written as it
 * reads; else the place of the whole scalar.
 */
export function contentPlaces(source: string, node: unknown): (start: number, end: number) => TextRange {
  const whole = contentRange(source, node);
  const value = isScalar(node) && typeof node.value === "string" ? node.value : "";
  if (source.slice(whole.start, whole.end) === value)
    return (start, end) => ({ start: whole.start + start, end: whole.start + end });
  const lines = isScalar(node) && node.type === "BLOCK_LITERAL" ? blockLines(source, node, value) : undefined;
  if (lines === undefined) return () => whole;
  const place = (at: number): number => {
    let low = 0;
    let high = lines.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((lines[middle]?.at ?? 0) <= at) low = middle;
      else high = middle - 1;
    }
    const line = lines[low];
    return line === undefined ? whole.start : line.offset + at - line.at;
  };
  return (start, end) => ({ start: place(start), end: end > start ? place(end - 1) + 1 : place(start) });
}

/** Where each line of a literal block begins in its value and in the text. */
function blockLines(source: string, node: Scalar, value: string): { at: number; offset: number }[] | undefined {
  const [start = 0, end = 0] = node.range ?? [];
  let offset = source.indexOf("\n", start) + 1;
  if (offset === 0 || offset > end) return undefined;
  const lines: { at: number; offset: number }[] = [];
  let at = 0;
  for (const line of value.split("\n")) {
    const newline = source.indexOf("\n", offset);
    const until = newline < 0 || newline > end ? end : newline;
    const written = source.slice(offset, until).replace(/\r$/, "");
    if (!written.endsWith(line)) return undefined;
    lines.push({ at, offset: offset + written.length - line.length });
    at += line.length + 1;
    offset = until + 1;
  }
  return lines;
}

function invalid(what: string, cause?: unknown): Failure {
  return new Failure("invalid-compose-file", `${what}.`, {}, cause);
}
