/** The value of a variable, or undefined if it is not set. */
export type Lookup = (name: string) => string | undefined;

/** What matching patterns may cost for one Dockerfile in all; a file by an enemy could make it cubic. */
export interface Budget {
  steps: number;
}

/** Longer than any image name: where a Dockerfile doubles a variable again and again, expansion ends here. */
const LONGEST_VALUE = 8192;
const DEEPEST = 32;

/**
 * Expands one word as BuildKit does (moby/buildkit frontend/dockerfile/shell/lex.go, `ProcessWord`): quotes, escapes,
 * `$X`, `${X}` and the modifiers `:-` `-` `:+` `+` `:?` `?` `#` `##` `%` `%%` `/` `//`.
 * `onUse` is told each variable whose own value, set or not, goes into the result.
 * Gives undefined where a build would stop: malformed, a required variable that is not set, or far too long.
 */
export function expandWord(
  word: string,
  lookup: Lookup,
  escape: string,
  budget: Budget = { steps: 200_000 },
  onUse: (name: string) => void = () => undefined,
): string | undefined {
  if (word.length > LONGEST_VALUE) return undefined;
  try {
    return new Expansion(word, lookup, escape, budget, onUse).all();
  } catch (error) {
    if (error instanceof Unexpandable) return undefined;
    throw error;
  }
}

class Unexpandable extends Error {}

class Expansion {
  #at = 0;
  #depth = 0;
  readonly #text: string;
  readonly #lookup: Lookup;
  readonly #escape: string;
  readonly #budget: Budget;
  readonly #onUse: (name: string) => void;

  constructor(text: string, lookup: Lookup, escape: string, budget: Budget, onUse: (name: string) => void) {
    this.#text = text;
    this.#lookup = lookup;
    this.#escape = escape;
    this.#budget = budget;
    this.#onUse = onUse;
  }

  all(): string {
    const result = this.#until("");
    if (this.#at < this.#text.length) throw new Unexpandable();
    return result;
  }

  /** Reads until one of the characters in `stops`, which is left unread, or to the end. */
  #until(stops: string): string {
    if (++this.#depth > DEEPEST) throw new Unexpandable();
    let result = "";
    while (this.#at < this.#text.length) {
      const character = this.#text.charAt(this.#at);
      if (stops.includes(character)) break;
      if (character === "'") result += this.#singleQuoted();
      else if (character === '"') result += this.#doubleQuoted();
      else if (character === "$") result += this.#dollar();
      else if (character === this.#escape) {
        result += this.#text.charAt(this.#at + 1);
        this.#at += 2;
      } else {
        result += character;
        this.#at++;
      }
      if (result.length > LONGEST_VALUE) throw new Unexpandable();
    }
    this.#depth--;
    return result;
  }

  #singleQuoted(): string {
    const end = this.#text.indexOf("'", this.#at + 1);
    if (end < 0) throw new Unexpandable();
    const result = this.#text.slice(this.#at + 1, end);
    this.#at = end + 1;
    return result;
  }

  #doubleQuoted(): string {
    this.#at++;
    let result = "";
    for (;;) {
      const character = this.#text.charAt(this.#at);
      if (character === "") throw new Unexpandable();
      if (character === '"') break;
      if (character === "$") {
        result += this.#dollar();
        if (result.length > LONGEST_VALUE) throw new Unexpandable();
        continue;
      }
      const next = this.#text.charAt(this.#at + 1);
      if (character === this.#escape && (next === '"' || next === "$" || next === this.#escape)) this.#at++;
      result += this.#text.charAt(this.#at++);
    }
    this.#at++;
    return result;
  }

  #dollar(): string {
    this.#at++;
    if (this.#text.charAt(this.#at) !== "{") {
      const name = this.#name();
      if (name === "") return "$";
      this.#onUse(name);
      return this.#lookup(name) ?? "";
    }
    this.#at++;
    const name = this.#name();
    if (name === "") throw new Unexpandable();
    const value = this.#lookup(name);
    const colon = this.#text.charAt(this.#at) === ":";
    if (colon) this.#at++;
    const operator = this.#text.charAt(this.#at++);
    const isSet = value !== undefined && (!colon || value !== "");
    if (operator !== "+" && (operator !== "-" || isSet)) this.#onUse(name);
    if (operator === "}" && !colon) return value ?? "";
    switch (operator) {
      case "-":
        return this.#closed(isSet ? value : undefined, (word) => word);
      case "+":
        return this.#closed(isSet ? undefined : "", (word) => word);
      case "?":
        return this.#closed(isSet ? value : undefined, () => {
          throw new Unexpandable();
        });
      case "#":
      case "%": {
        if (colon) throw new Unexpandable();
        const greedy = this.#text.charAt(this.#at) === operator;
        if (greedy) this.#at++;
        return this.#closed(undefined, (pattern) => cut(value ?? "", pattern, operator === "#", greedy, this.#budget));
      }
      case "/": {
        if (colon) throw new Unexpandable();
        const all = this.#text.charAt(this.#at) === "/";
        if (all) this.#at++;
        const pattern = this.#until("/");
        this.#at++;
        return this.#closed(undefined, (by) => replace(value ?? "", pattern, by, all, this.#budget));
      }
      default:
        throw new Unexpandable();
    }
  }

  /** Reads the word before "}"; the result is `fixed` if given, else what `make` makes of the word. */
  #closed(fixed: string | undefined, make: (word: string) => string): string {
    const word = this.#until("}");
    if (this.#text.charAt(this.#at) !== "}") throw new Unexpandable();
    this.#at++;
    return fixed ?? make(word);
  }

  #name(): string {
    const pattern = /[A-Za-z_]\w*|\d|[@*#?!-]/y;
    pattern.lastIndex = this.#at;
    const name = pattern.exec(this.#text)?.[0] ?? "";
    this.#at += name.length;
    return name;
  }
}

/** `value` without the shortest or longest beginning (or end) that matches `pattern`. */
function cut(value: string, pattern: string, fromStart: boolean, greedy: boolean, budget: Budget): string {
  for (let step = 0; step <= value.length; step++) {
    const length = greedy ? value.length - step : step;
    const part = fromStart ? value.slice(0, length) : value.slice(value.length - length);
    if (matches(pattern, part, budget)) return fromStart ? value.slice(length) : value.slice(0, value.length - length);
  }
  return value;
}

/** `value` with the longest match at the first place (or every place) where `pattern` matches replaced. */
function replace(value: string, pattern: string, by: string, all: boolean, budget: Budget): string {
  let result = "";
  for (let at = 0; at < value.length;) {
    let end = value.length;
    while (end > at && !matches(pattern, value.slice(at, end), budget)) end--;
    if (end > at) {
      result += by;
      at = end;
      if (!all) return result + value.slice(at);
    } else result += value.charAt(at++);
    if (result.length > LONGEST_VALUE) throw new Unexpandable();
  }
  return result;
}

/** True if the glob `pattern` (`*`, `?`, and `\\` before a character to take it literally) matches all of `text`. */
function matches(pattern: string, text: string, budget: Budget): boolean {
  let at = 0;
  let inText = 0;
  let star = -1;
  let starText = 0;
  while (inText < text.length) {
    if (--budget.steps < 0) throw new Unexpandable();
    const escaped = pattern.charAt(at) === "\\";
    const expected = pattern.charAt(escaped ? at + 1 : at);
    if (!escaped && expected === "*") {
      star = ++at;
      starText = inText;
    } else if (expected !== "" && ((!escaped && expected === "?") || expected === text.charAt(inText))) {
      at += escaped ? 2 : 1;
      inText++;
    } else if (star >= 0) {
      at = star;
      inText = ++starText;
    } else return false;
  }
  while (pattern.charAt(at) === "*") at++;
  return at >= pattern.length;
}
