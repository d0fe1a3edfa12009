import type { TextRange } from "./range";

/** A word of an instruction, as it reads once continued lines are joined, and where it stands in the file. */
export interface Word {
  readonly text: string;
  readonly range: TextRange;
}

/** A flag, quotes taken off. */
export interface Flag extends Word {
  /** Where a part of its text stands in the file. */
  place(start: number, end: number): TextRange;
}

/** An instruction with its continued lines joined. */
export interface Instruction {
  /** Upper case. */
  readonly keyword: string;
  /** `--from=x` and the like. */
  readonly flags: readonly Flag[];
  /** What follows the flags, split at white space; quotes stay. */
  readonly words: readonly Word[];
  /** Counted from 1. */
  readonly line: number;
}

/** A Dockerfile as a list of instructions. */
export interface DockerfileLines {
  readonly instructions: readonly Instruction[];
  /** The image named by `# syntax=`. */
  readonly syntax?: Word;
  readonly escape: string;
}

/** A joined line: its text, and where the pieces that it was made of began in the file. */
interface Joined {
  text: string;
  readonly pieces: { at: number; offset: number }[];
}

/**
 * Splits a Dockerfile as BuildKit's parser does (moby/buildkit frontend/dockerfile/parser): parser directives,
 * comments also between continued lines, the escape character, and here-documents, whose bodies are skipped.
 * Takes any text and never throws.
 */
export function readDockerfile(text: string): DockerfileLines {
  const lines = physicalLines(text);
  const { escape, syntax } = readDirectives(lines);
  const instructions: Instruction[] = [];

  for (let index = 0; index < lines.length; index++) {
    const first = lines[index];
    if (first === undefined || /^\s*(?:#|$)/.test(first.text)) continue;
    const line = index + 1;
    const joined: Joined = { text: "", pieces: [] };
    let continues = append(joined, trimStart(first), escape);
    while (continues && index + 1 < lines.length) {
      const next = lines[++index];
      if (next === undefined || /^\s*(?:#|$)/.test(next.text)) continue;
      continues = append(joined, next, escape);
    }
    const instruction = readInstruction(joined, line, escape);
    instructions.push(instruction);
    for (const terminator of hereDocuments(instruction, joined.text)) {
      while (++index < lines.length) {
        const body = lines[index]?.text ?? "";
        if ((terminator.chomp ? body.replace(/^\t+/, "") : body) === terminator.name) break;
      }
    }
  }
  return { instructions, escape, ...(syntax === undefined ? {} : { syntax }) };
}

interface Line {
  readonly text: string;
  readonly offset: number;
}

function physicalLines(text: string): Line[] {
  const lines: Line[] = [];
  let offset = text.startsWith("\uFEFF") ? 1 : 0;
  for (const line of text.slice(offset).split("\n")) {
    lines.push({ text: line.replace(/\r+$/, ""), offset });
    offset += line.length + 1;
  }
  return lines;
}

function trimStart(line: Line): Line {
  const text = line.text.trimStart();
  return { text, offset: line.offset + line.text.length - text.length };
}

/** `# name=value` lines at the very top; the first line that is none ends them. */
function readDirectives(lines: readonly Line[]): { escape: string; syntax: Word | undefined } {
  let escape = "\\";
  let syntax: Word | undefined;
  for (const [index, line] of lines.entries()) {
    if (index === 0 && line.text.startsWith("#!")) continue;
    const match = /^(\s*#\s*([a-z][a-z0-9]*)\s*=\s*)(\S.*)$/i.exec(line.text);
    if (match === null) break;
    const [, before = "", name = "", value = ""] = match;
    if (name.toLowerCase() === "escape" && /^[\\`]\s*$/.test(value)) escape = value.charAt(0);
    if (name.toLowerCase() === "syntax" && syntax === undefined) {
      // BuildKit passes on what follows the image as options of the frontend.
      const image = value.split(/\s/, 1)[0] ?? "";
      const start = line.offset + before.length;
      syntax = { text: image, range: { start, end: start + image.length } };
    }
  }
  return { escape, syntax };
}

/** Adds a physical line without its continuation character; true if it has one. */
function append(joined: Joined, line: Line, escape: string): boolean {
  const trimmed = line.text.replace(/[ \t]+$/, "");
  const continues = trimmed.endsWith(escape) && trimmed.at(-2) !== escape;
  joined.pieces.push({ at: joined.text.length, offset: line.offset });
  joined.text += continues ? trimmed.slice(0, -1) : line.text;
  return continues;
}

function readInstruction(joined: Joined, line: number, escape: string): Instruction {
  const { text } = joined;
  const keyword = /^\S*/.exec(text)?.[0] ?? "";
  const flags: Flag[] = [];
  let at = skipSpaces(text, keyword.length);
  while (text.startsWith("--", at)) {
    const flag = readFlag(text, at, escape);
    if (flag.text === "--") {
      at = flag.end;
      break;
    }
    const { offsets } = flag;
    flags.push({
      text: flag.text,
      range: toRange(joined, at, flag.end),
      place: (start, end) => toRange(joined, offsets[start] ?? flag.end, (offsets[end - 1] ?? flag.end - 1) + 1),
    });
    at = skipSpaces(text, flag.end);
  }
  const words: Word[] = [];
  for (const match of text.slice(at).matchAll(/\S+/g)) {
    const start = at + match.index;
    words.push({ text: match[0], range: toRange(joined, start, start + match[0].length) });
  }
  return { keyword: keyword.toUpperCase(), flags, words, line };
}

function skipSpaces(text: string, from: number): number {
  const pattern = /\s*/y;
  pattern.lastIndex = from;
  pattern.test(text);
  return pattern.lastIndex;
}

/**
 * One flag: quotes group and disappear, the escape character takes the next character as it is. `offsets` says where each
 * character of its text came from.
 */
function readFlag(text: string, start: number, escape: string): { text: string; end: number; offsets: number[] } {
  let quote = "";
  let word = "";
  const offsets: number[] = [];
  let at = start;
  const take = (): void => {
    word += text.charAt(at);
    offsets.push(at);
  };
  for (; at < text.length; at++) {
    const character = text.charAt(at);
    if (character === escape && at + 1 < text.length) {
      at++;
      take();
    } else if (quote !== "") {
      if (character === quote) quote = "";
      else take();
    } else if (character === '"' || character === "'") quote = character;
    else if (/\s/.test(character)) break;
    else take();
  }
  return { text: word, end: at, offsets };
}

function toRange(joined: Joined, start: number, end: number): TextRange {
  const offsetOf = (at: number): number => {
    let low = 0;
    let high = joined.pieces.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((joined.pieces[middle]?.at ?? 0) <= at) low = middle;
      else high = middle - 1;
    }
    const piece = joined.pieces[low];
    return piece === undefined ? at : piece.offset + at - piece.at;
  };
  return { start: offsetOf(start), end: end > start ? offsetOf(end - 1) + 1 : offsetOf(start) };
}

/** The terminators of the here-documents that an instruction opens, in order. */
function hereDocuments(instruction: Instruction, text: string): { name: string; chomp: boolean }[] {
  const keyword = instruction.keyword === "ONBUILD" ? instruction.words[0]?.text.toUpperCase() : instruction.keyword;
  if (keyword !== "RUN" && keyword !== "COPY" && keyword !== "ADD") return [];
  const found: { name: string; chomp: boolean }[] = [];
  for (const [word] of text.matchAll(/(?:\d*<<-?[ \t]*)?(?:\\[^]|"(?:[^"\\]|\\[^])*"?|'[^']*'?|[^\s"'\\]|\\$)+/g)) {
    const [, chomp, raw = ""] = /^\d*<<(-?)[ \t]*([^<]+)$/s.exec(word) ?? [];
    const name = raw.replace(/\\([^])|["']/g, "$1");
    if (chomp !== undefined && name !== "") found.push({ name, chomp: chomp === "-" });
  }
  return found;
}
