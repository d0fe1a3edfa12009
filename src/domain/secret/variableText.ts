import { parse, type ParseError } from "jsonc-parser";

const LONGEST = 1_048_576;
const LINE = /^\s*(?:export\s+|set\s+|\$env:)?([A-Za-z_]\w*)\s*[=:]\s*(.*?)\s*$/;

/**
 * Variables that a person has as text: `NAME=value` lines as in `.env` files and shells, or JSON as in a secrets file of
 * the dev container CLI. Values are taken as they stand, with nothing filled in for `$`, and quotes around them are taken
 * off. What is no variable is passed over. Never throws.
 */
export function readVariableText(text: string): Record<string, string> {
  if (text.length > LONGEST) return {};
  const body = text.replace(/^\uFEFF/, "");
  return body.trimStart().startsWith("{") ? ofJson(body) : ofLines(body);
}

function ofJson(text: string): Record<string, string> {
  const errors: ParseError[] = [];
  const value: unknown = parse(text, errors, { allowTrailingComma: true });
  if (errors.length > 0 || typeof value !== "object" || value === null) return {};
  return Object.fromEntries(
    Object.entries(value).filter((entry): entry is [string, string] => typeof entry[1] === "string"),
  );
}

function ofLines(text: string): Record<string, string> {
  const variables: Record<string, string> = {};
  for (const line of text.split(/\r?\n/)) {
    const [, name, value] = LINE.exec(line) ?? [];
    if (name !== undefined && value !== undefined) variables[name] = withoutQuotes(value);
  }
  return variables;
}

function withoutQuotes(value: string): string {
  const [, quote, inner] = /^(["'])(.*)\1;?$/s.exec(value) ?? [];
  if (inner === undefined) return value;
  return quote === '"' ? inner.replace(/\\(["\\$`])/g, "$1") : inner;
}
