import type { TextRange } from "./range";

/** Values for `${X}`: of the environment and of `.env`. */
export type ComposeVariables = Readonly<Record<string, string | undefined>>;

/** A text of a Compose file after interpolation. */
export interface Interpolated {
  /** Undefined where Compose would stop: malformed, or `${X:?}` without a value. */
  readonly text?: string;
  /** The variables that have neither value nor default; Compose warns and puts nothing in their place. */
  readonly unresolved: readonly string[];
  /** Which part of the written text became a part of `text`. */
  readonly origin: (start: number, end: number) => TextRange;
}

/** How much `.env` values may blow a text up. */
const LONGEST_RESULT = 1_048_576;
const DEEPEST = 8;

/**
 * Compose's interpolation: `$X`, `${X}`, `${X:-y}` `${X-y}` `${X:+y}` `${X+y}` `${X:?e}` `${X?e}` and `$$` for `$`
 * (Compose specification, 12-interpolation; compose-spec/compose-go template/template.go).
 */
export function interpolate(text: string, variables: ComposeVariables): Interpolated {
  const unresolved = new Set<string>();
  const pieces: Piece[] = [];
  const result = expand(text, variables, unresolved, 0, pieces);
  return {
    ...(result === undefined ? {} : { text: result }),
    unresolved: [...unresolved],
    origin: (start, end) => {
      const first = pieceAt(pieces, start);
      const last = end > start ? pieceAt(pieces, end - 1) : first;
      return {
        start: first.from + (first.isLiteral ? start - first.at : 0),
        end: last.isLiteral ? last.from + end - last.at : last.from + last.width,
      };
    },
  };
}

/** `width` characters from `from` on in the written text became what stands at `at` in the result. */
interface Piece {
  readonly at: number;
  readonly from: number;
  readonly width: number;
  readonly isLiteral: boolean;
}

const NOWHERE: Piece = { at: 0, from: 0, width: 0, isLiteral: true };

function pieceAt(pieces: readonly Piece[], at: number): Piece {
  let low = 0;
  let high = pieces.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((pieces[middle]?.at ?? 0) <= at) low = middle;
    else high = middle - 1;
  }
  return pieces[low] ?? NOWHERE;
}

function expand(
  text: string,
  variables: ComposeVariables,
  unresolved: Set<string>,
  depth: number,
  pieces?: Piece[],
): string | undefined {
  if (depth > DEEPEST) return undefined;
  let result = "";
  const add = (what: string, from: number, width: number, isLiteral: boolean): void => {
    pieces?.push({ at: result.length, from, width, isLiteral });
    result += what;
  };
  for (let at = 0; at < text.length;) {
    if (result.length > LONGEST_RESULT) return undefined;
    const dollar = text.indexOf("$", at);
    if (dollar !== at) {
      const end = dollar < 0 ? text.length : dollar;
      add(text.slice(at, end), at, end - at, true);
      at = end;
      continue;
    }
    const next = text.charAt(at + 1);
    if (next === "$") {
      add("$", at, 2, false);
      at += 2;
      continue;
    }
    const close = next === "{" ? closingBrace(text, at + 1) : at;
    if (close < 0) return undefined;
    const inner = next === "{" ? text.slice(at + 2, close) : (nameAt(text, at + 1) ?? "");
    const end = next === "{" ? close + 1 : at + 1 + inner.length;
    const value = substitute(inner, variables, unresolved, depth);
    if (value === undefined) return undefined;
    add(value, at, end - at, false);
    at = end;
  }
  return result;
}

function substitute(
  inner: string,
  variables: ComposeVariables,
  unresolved: Set<string>,
  depth: number,
): string | undefined {
  const [, name, colon, operator, word = ""] = /^([A-Za-z_]\w*)(?:(:?)([-+?])([^]*))?$/.exec(inner) ?? [];
  if (name === undefined) return undefined;
  const value = Object.hasOwn(variables, name) ? variables[name] : undefined;
  const isSet = value !== undefined && (colon !== ":" || value !== "");
  switch (operator) {
    case "+":
      return isSet ? expand(word, variables, unresolved, depth + 1) : "";
    case "-":
      return isSet ? value : expand(word, variables, unresolved, depth + 1);
    case "?":
      if (!isSet) unresolved.add(name);
      return isSet ? value : undefined;
    default:
      if (value === undefined) unresolved.add(name);
      return value ?? "";
  }
}

function nameAt(text: string, at: number): string | undefined {
  const pattern = /[A-Za-z_]\w*/y;
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0];
}

function closingBrace(text: string, open: number): number {
  let depth = 0;
  for (let at = open; at < text.length; at++) {
    if (text.charAt(at) === "{") depth++;
    else if (text.charAt(at) === "}" && --depth === 0) return at;
  }
  return -1;
}

const ESCAPES: Readonly<Record<string, string>> = { n: "\n", r: "\r", t: "\t", $: "$$" };

/**
 * The variables of a `.env` file (compose-spec/compose-go dotenv/parser.go): `X=y` or `X: y`, `export`, quotes, comments;
 * outside single quotes, variables of `environment` and of lines before are put in. Lines that are none are passed over.
 */
export function readDotenv(text: string, environment: ComposeVariables): Record<string, string> {
  const found: Record<string, string> = {};
  const known: Record<string, string | undefined> = { ...environment };
  const start = /\s*/y;
  const line =
    /(?:export[^\S\n]+)?([\p{L}\p{N}_.[\]-]+)[^\S\n]*([=:])?[^\S\n]*("(?:[^"\\]|\\[^])*"|'(?:[^'\\]|\\[^])*'|[^\n]*)/uy;
  for (let at = text.startsWith("\uFEFF") ? 1 : 0; at < text.length;) {
    start.lastIndex = at;
    start.test(text);
    line.lastIndex = start.lastIndex;
    const [, name, equals, written = ""] = line.exec(text) ?? [];
    at = name === undefined ? start.lastIndex : line.lastIndex;
    const newline = text.indexOf("\n", at);
    at = newline < 0 ? text.length : newline + 1;
    if (name === undefined) continue;
    const value = equals === undefined ? known[name] : dotenvValue(written, known);
    if (value === undefined) continue;
    Object.defineProperty(found, name, { value, ...OPEN });
    if (!Object.hasOwn(environment, name)) Object.defineProperty(known, name, { value, ...OPEN });
  }
  return found;
}

/** Assignment would not make a property of `__proto__`. */
const OPEN = { enumerable: true, configurable: true, writable: true };

function dotenvValue(written: string, known: ComposeVariables): string | undefined {
  const quote = written.charAt(0);
  const isQuoted = written.length > 1 && (quote === '"' || quote === "'") && written.endsWith(quote);
  if (isQuoted && quote === "'") return written.slice(1, -1).replaceAll("\\'", "'");
  const plain = isQuoted
    ? written.slice(1, -1).replace(/\\([nrt$"\\])/g, (_, one: string) => ESCAPES[one] ?? one)
    : written.replace(/ #[^]*$/, "").trimEnd();
  return expand(plain, known, new Set(), 0);
}
