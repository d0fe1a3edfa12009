import { join } from "node:path";
import { isFailure } from "../../domain/failure";
import { redactText } from "../../domain/redacted";
import { configFolder, readConfigText } from "./configFile";

/** These hold names of programs and contexts, which a diagnosis is about; every other value may be a secret. */
const NAMES = /^(credsStore|currentContext|credHelpers\..+)$/;
const DEEPEST = 4;
const MOST_LINES = 100;

/**
 * What stands in Docker's config, one line for each entry, without a value: `auths."ghcr.io".auth: set`. Names of helpers
 * and of the context are the exception. The first line names the file.
 */
export async function dockerConfigShape(env: NodeJS.ProcessEnv): Promise<string[]> {
  const file = join(configFolder(env), "config.json");
  try {
    const text = await readConfigText(env);
    return text === undefined ? [`${file}: absent`] : [file, ...shapeOf(text)];
  } catch (error) {
    if (isFailure(error)) return [`${file}: ${error.message}`];
    throw error;
  }
}

/** The same for the text of a config. */
export function shapeOf(text: string): string[] {
  let config: unknown;
  try {
    config = JSON.parse(text);
  } catch {
    return ["not JSON"];
  }
  const lines: string[] = [];
  visit(config, "", 0, lines);
  return lines.length > MOST_LINES ? [...lines.slice(0, MOST_LINES), `… ${lines.length - MOST_LINES} more`] : lines;
}

function visit(value: unknown, path: string, depth: number, lines: string[]): void {
  if (typeof value !== "object" || value === null || depth === DEEPEST) {
    const isName = NAMES.test(path) && typeof value === "string" && /^[\w.-]{1,64}$/.test(value);
    lines.push(`${path}: ${isName ? value : value === "" ? "empty" : "set"}`);
    return;
  }
  const entries = Array.isArray(value) ? [] : Object.entries(value);
  if (entries.length === 0) lines.push(`${path}: empty`);
  for (const [key, inner] of entries) {
    const name = /^\w+$/.test(key) ? key : JSON.stringify(redactText(key).slice(0, 120));
    visit(inner, path === "" ? name : `${path}.${name}`, depth + 1, lines);
  }
}
