/** A log as the lines that a person would have seen. */
export interface LogText {
  readonly text: string;
  /** False where lines of the original do not stand in the same places any more. */
  readonly numbered: boolean;
}

/** The cause of a failure stands at the end of its log: of a longer text the last part is read. */
export const LONGEST_TEXT = 4 * 1024 * 1024;

/** How each event of the dev container CLI's JSON log starts (devcontainers/cli src/spec-utils/log.ts, `LogEvent`). */
const JSON_EVENT = '{"type":"';

/**
 * The text to search: at most the last 4 MB, without carriage returns and terminal escapes, and with the dev container
 * CLI's JSON events replaced by the output that they carry, and messages of YAML in one line. Never throws.
 */
export function readableLog(original: string): LogText {
  let text = original;
  if (text.length > LONGEST_TEXT) {
    const newline = text.indexOf("\n", text.length - LONGEST_TEXT);
    // half a word may be half a password, which nothing would recognise
    text = newline < 0 ? text.slice(-LONGEST_TEXT).replace(/^[^\s,]+/, "") : text.slice(newline + 1);
  }
  const wrapped = text.startsWith(JSON_EVENT) || text.includes(`\n${JSON_EVENT}`);
  if (wrapped) text = outputOfEvents(text);
  if (text.includes("\r")) text = text.replace(/\r\n?/g, "\n");
  if (text.includes("\u001b")) text = text.replace(ESCAPES, "");
  if (text.includes("message: ")) text = text.replace(FOLDED, unfolded);
  return { text, numbered: !wrapped && text.length > 0 && original.length <= LONGEST_TEXT };
}

// ECMA-48: control sequences, operating system commands, and single characters after ESC
const ESCAPES = /\u001b(?:\[[0-?]{0,64}[ -/]{0,8}[@-~]|\][^\u0007\u001b\n]{0,4096}(?:\u0007|\u001b\\)|[@-Z\\^_])/g;

/** What a kubelet says of an image, in YAML: a long text goes on in lines that are indented more. */
const FOLDED = /^( *)(message: ['"]?(?:Back-off pulling|rpc error|[Ff]ailed to pull).*)((?:\n\1 +\S.*)+)/gm;

/** In one line, with as many lines as before. */
function unfolded(_: string, indent: string, first: string, rest: string): string {
  return indent + first + rest.replace(/\n */g, " ") + rest.replace(/[^\n]/g, "");
}

/** Output comes in pieces that end anywhere: it is joined as it is, and everything else stands on lines of its own. */
function outputOfEvents(text: string): string {
  const parts: string[] = [];
  for (let start = 0; start < text.length;) {
    const newline = text.indexOf("\n", start);
    const end = newline < 0 ? text.length : newline;
    const line = text.slice(start, end);
    start = end + 1;
    if (line.startsWith('{"type":"stop"')) continue; // says the same as the "start" before it
    const event = line.startsWith(JSON_EVENT) ? parsed(line) : undefined;
    if (event === undefined) parts.push("\n", line, "\n");
    else if (event.type === "raw") parts.push(event.text);
    else parts.push("\n", event.text, "\n");
  }
  return parts.join("");
}

function parsed(line: string): { readonly type: unknown; readonly text: string } | undefined {
  try {
    const event = JSON.parse(line) as { readonly type?: unknown; readonly text?: unknown };
    return { type: event.type, text: typeof event.text === "string" ? event.text : "" };
  } catch {
    return undefined;
  }
}
