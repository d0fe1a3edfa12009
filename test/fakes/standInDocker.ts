import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** What the stand-in prints and how it ends. */
export interface Answer {
  readonly stdout?: string;
  readonly stderr?: string;
  readonly exitCode?: number;
}

/**
 * A `docker` of a test's own: gives recorded answers by the first words of its arguments, and notes its arguments
 * (one a line, a blank line after each call) and its standard input.
 */
export class StandInDocker {
  readonly path: string;
  readonly #folder: string;
  readonly #cases: string[] = [];

  constructor(folder: string) {
    this.#folder = folder;
    this.path = join(folder, "docker");
    this.#write();
  }

  /** Calls that begin with `words` get `answer`; `script` runs instead of it, where one is given. */
  on(words: string, answer: Answer, script?: string): this {
    const at = `${this.#folder}/answer-${this.#cases.length}`;
    writeFileSync(`${at}.out`, answer.stdout ?? "");
    writeFileSync(`${at}.err`, answer.stderr ?? "");
    const body = script ?? `cat '${at}.out'; cat '${at}.err' >&2; exit ${answer.exitCode ?? 0}`;
    this.#cases.push(`"${words}"*) ${body};;`);
    this.#write();
    return this;
  }

  /** The arguments of each call. */
  get calls(): string[][] {
    const log = join(this.#folder, "calls");
    if (!existsSync(log)) return [];
    return readFileSync(log, "utf8")
      .split("\n\n")
      .filter((call) => call !== "")
      .map((call) => call.split("\n"));
  }

  /** The standard input of all calls. */
  get stdin(): string {
    return readFileSync(join(this.#folder, "stdin"), "utf8");
  }

  #write(): void {
    const script = [
      "#!/bin/sh",
      `for a; do printf '%s\\n' "$a"; done >> '${this.#folder}/calls'; echo >> '${this.#folder}/calls'`,
      `case "$1" in exec) cat >> '${this.#folder}/stdin';; esac`,
      `case "$*" in`,
      ...this.#cases,
      "esac",
      'echo "stand-in: unexpected: $*" >&2; exit 99',
    ];
    writeFileSync(this.path, `${script.join("\n")}\n`, { mode: 0o755 });
  }
}
