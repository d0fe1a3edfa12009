import { redactText, type Redacted } from "../redacted";
import { ERROR_TEXTS, type ErrorText } from "./errorTexts";
import type { Finding } from "./finding";
import { readableLog } from "./logText";
import { isStepOutput, speaksOfPull, stepOf } from "./pullWords";
import { ANNOUNCEMENTS, subjectOf, type TextSubject } from "./textSubject";

type KnownSecrets = readonly { readonly username?: string; readonly value: Redacted }[];

/**
 * What a pasted error text or log says went wrong, one finding for each image that it names, in the order in which they
 * first fail. The last cause of an image counts; what tools say on the way (`hint`) only if there is no cause. Gives [] for
 * a text without a failed pull, and the code `unknown` for a failed pull that says nothing known. Nothing secret-looking
 * gets into a finding, nor any of `secrets`. Of more than 4 MB the last part is read. Never throws.
 */
export function explainText(text: string, secrets: KnownSecrets = []): Finding[] {
  const log = readableLog(text);
  const reading = new Reading();
  let counted = 0;
  let lineNumber = 1;
  SEARCH.lastIndex = 0;
  for (let hit = SEARCH.exec(log.text); hit !== null; hit = SEARCH.exec(log.text)) {
    const start = log.text.lastIndexOf("\n", hit.index) + 1;
    const newline = log.text.indexOf("\n", hit.index);
    const end = newline < 0 ? log.text.length : newline;
    for (; counted < start; counted++) if (log.text.charCodeAt(counted) === LINE_FEED) lineNumber++;
    for (const piece of pieces(log.text.slice(start, end), secrets))
      reading.take(piece, log.numbered ? lineNumber : undefined);
    SEARCH.lastIndex = end;
  }
  return reading.result().map((seen) => findingOf(seen, secrets));
}

const LINE_FEED = 10;
const LONGEST_LINE = 8_192;
const LONGEST_EVIDENCE = 600;
const MOST_SUBJECTS = 500;
const MOST_EVIDENCE = 3;

/** What ends the trouble with an image, and what ends it for all that was only hinted at. */
const PULLED = ["status: downloaded newer image for", "status: image is up to date for", "successfully pulled image"];
const SUCCEEDED = ['"outcome":"success"', "container started", "successfully tagged", "successfully built"];

const SEARCH = new RegExp(
  [...new Set([...ERROR_TEXTS.flatMap(({ literals }) => literals), ...ANNOUNCEMENTS, ...PULLED, ...SUCCEEDED])]
    .map((literal) => literal.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&"))
    .join("|"),
  "gi",
);

/** A line of reasonable length as it is; a longer one redacted while it is whole, and then in parts. */
function pieces(line: string, secrets: KnownSecrets): string[] {
  if (line.length <= LONGEST_LINE) return [line];
  const parts: string[] = [];
  const whole = redactText(line, secrets);
  for (let start = 0; start < whole.length;) {
    const limit = start + LONGEST_LINE;
    const comma = limit >= whole.length ? -1 : Math.max(whole.lastIndexOf(",", limit), whole.lastIndexOf(" ", limit));
    const end = comma > start ? comma + 1 : limit;
    parts.push(whole.slice(start, end));
    start = end;
  }
  return parts;
}

interface Sighting {
  readonly line: string;
  readonly number: number | undefined;
  times: number;
}

/** What is known so far about one image. */
interface Seen {
  subject: TextSubject;
  row: ErrorText;
  /** The line that decided. */
  line: string;
  readonly sightings: Sighting[];
}

/** What a line says by itself. */
interface Judged {
  readonly row: ErrorText | undefined;
  readonly named: TextSubject | undefined;
  /** What ended well. */
  readonly ended: "pull" | "work" | undefined;
}

/**
 * What git hands on from its server, and what the dev container CLI says of its own list of Features (devcontainers/cli
 * src/spec-configuration/controlManifest.ts; it goes on without): about hosts and tokens, but not about images.
 */
const NOT_OF_IMAGES = /^\s{0,20}remote: |Failed to fetch control manifest/;

function judge(line: string): Judged {
  if (NOT_OF_IMAGES.test(line)) return { row: undefined, named: undefined, ended: undefined };
  const lower = line.toLowerCase();
  const row = rowsFor(lower).find(
    ({ pattern, onlyOfPulls }) =>
      (pattern === undefined || pattern.test(line)) && (onlyOfPulls === undefined || speaksOfPull(line)),
  );
  return { row, named: subjectOf(line), ended: row === undefined ? endOf(lower) : undefined };
}

function endOf(lower: string): Judged["ended"] {
  if (PULLED.some((words) => lower.includes(words))) return "pull";
  return SUCCEEDED.some((words) => lower.includes(words)) ? "work" : undefined;
}

/** Every literal under its first three letters: a line is compared only with what may stand in it. */
const BY_START = new Map<number, { readonly literal: string; readonly row: number }[]>();
for (const [row, { literals }] of ERROR_TEXTS.entries()) {
  for (const literal of literals) {
    const start = startAt(literal, 0);
    BY_START.set(start, [...(BY_START.get(start) ?? []), { literal, row }]);
  }
}

function startAt(text: string, index: number): number {
  return text.charCodeAt(index) | (text.charCodeAt(index + 1) << 8) | (text.charCodeAt(index + 2) << 16);
}

/** The rows of the table with a literal in the line, in the table's order. */
function rowsFor(lower: string): ErrorText[] {
  const rows = new Set<number>();
  for (let at = 0; at + 2 < lower.length; at++) {
    for (const { literal, row } of BY_START.get(startAt(lower, at)) ?? NO_LITERALS) {
      if (lower.startsWith(literal, at)) rows.add(row);
    }
  }
  return [...rows].sort((a, b) => a - b).flatMap((row) => ERROR_TEXTS[row] ?? []);
}

const NO_LITERALS: readonly { readonly literal: string; readonly row: number }[] = [];

/** Reads the lines in their order, and remembers which image they speak of. */
class Reading {
  /** By registry, repository and tag or digest. */
  readonly #seen = new Map<string, Seen>();
  /** The last name under which a repository was spoken of, tag included. */
  readonly #lastOf = new Map<string, TextSubject>();
  /** By BuildKit's step: its errors and its output name only the number. */
  readonly #steps = new Map<string, TextSubject>();
  readonly #known = new Map<string, Judged>();
  #current: TextSubject | undefined;
  #root: Seen | undefined;
  #hasSucceeded = false;

  take(written: string, number: number | undefined): void {
    // a text within a text: `error="… \"ghcr.io/acme/app\" …"`
    const line = (written.includes('\\"') ? written.replace(/\\+"/g, '"') : written).trimEnd();
    const { row, named, ended } = this.#judged(line);
    const step = stepOf(line);
    const meant = named ?? (step === undefined ? undefined : this.#steps.get(step));
    // what a program prints in a step of a build is not about the image that the build named last
    const subject = meant === undefined && isStepOutput(line) ? undefined : this.#resolve(meant);
    if (subject?.image) {
      this.#current = subject;
      if (subject.reference) remember(this.#lastOf, repositoryKey(subject), subject);
      if (step !== undefined && named !== undefined) remember(this.#steps, step, subject);
    }
    if (row !== undefined) this.#record(row, subject ?? NOTHING, line, number);
    if (ended !== undefined) this.#hasSucceeded = true;
    if (ended === "pull" && subject?.image) this.#seen.delete(keyOf(subject));
  }

  /** Logs repeat themselves: each line is judged once. */
  #judged(line: string): Judged {
    const known = this.#known.get(line);
    if (known !== undefined) return known;
    const judged = judge(line);
    if (this.#known.size < MOST_SUBJECTS) this.#known.set(line, judged);
    return judged;
  }

  result(): Seen[] {
    const all = [...this.#seen.values()];
    const images = all.filter(({ subject }) => subject.image !== "");
    let found = all;
    for (const general of all.filter(({ subject }) => subject.image === "")) {
      // what was said of a registry, or of nothing, is also about the image whose own line does not tell the cause
      const vague = images.filter(
        ({ subject, row }) =>
          row.weight === "hint" && (general.subject.registry === "" || subject.registry === general.subject.registry),
      );
      const isBetter = weightOf(general.row) > 0;
      if (isBetter) {
        for (const seen of vague) {
          if (weightOf(general.row) < weightOf(seen.row)) continue;
          seen.sightings.splice(0, seen.sightings.length, ...general.sightings, ...seen.sightings.slice(-1));
          seen.row = general.row;
          seen.line = general.line;
        }
      }
      const isSaid = vague.length > 0 || (general.row.weight === "hint" && all.length > 1);
      if (isSaid) found = found.filter((seen) => seen !== general);
    }
    if (this.#hasSucceeded) found = found.filter(({ row }) => row.weight !== "hint");
    return this.#explainedByRoot(found);
  }

  /** A config that could not be read is why no credential was sent. */
  #explainedByRoot(found: Seen[]): Seen[] {
    const root = this.#root;
    if (root === undefined) return found;
    if (found.length === 0) return this.#hasSucceeded ? [] : [root];
    return found.map((seen) =>
      seen.row.code === "no-credential" || (seen.row.code === "unknown-repository" && seen.row.confidence === "likely")
        ? { ...root, subject: seen.subject, sightings: [...root.sightings, ...seen.sightings] }
        : seen,
    );
  }

  /** The image that a line means: by its own name, or by the last one that was spoken of. */
  #resolve(named: TextSubject | undefined): TextSubject | undefined {
    const current = this.#current;
    if (named === undefined) return current;
    if (named.image === "") {
      if (current === undefined || (current.registry !== named.registry && current.registry !== "")) return named;
      return current.registry === "" ? { ...current, registry: named.registry } : current;
    }
    if (named.registry === "" && current?.reference !== undefined) {
      // Docker's "1: Pulling from acme/app"
      const path = named.image.replace(/[:@].*$/, "");
      if (current.reference.repository === path) return current;
    }
    if (named.reference === undefined) return named;
    const last = this.#lastOf.get(repositoryKey(named));
    if (last === undefined) return named;
    const [own, known] = [suffixOf(named), suffixOf(last)];
    // without a tag it is the one of the last time; and the way it was first written is what the person knows
    return own === "" || own === known ? last : named;
  }

  #record(row: ErrorText, subject: TextSubject, line: string, number: number | undefined): void {
    const fresh: Seen = { subject, row, line, sightings: [{ line, number, times: 1 }] };
    if (row.weight === "root") {
      this.#root = fresh;
      return;
    }
    const key = keyOf(subject);
    const seen = this.#seen.get(key) ?? this.#adopt(subject);
    if (seen === undefined) {
      remember(this.#seen, key, fresh);
      return;
    }
    if (weightOf(row) < weightOf(seen.row)) return;
    const isSame = row.code === seen.row.code;
    seen.row = row;
    seen.line = line;
    if (!isSame) seen.sightings.length = 0;
    const again = seen.sightings.find((sighting) => sighting.line === line);
    if (again !== undefined) again.times++;
    else if (seen.sightings.push({ line, number, times: 1 }) > MOST_EVIDENCE) seen.sightings.shift();
  }

  /** What was recorded of a repository before its tag was known belongs to the image with the tag. */
  #adopt(subject: TextSubject): Seen | undefined {
    if (subject.reference === undefined || suffixOf(subject) === "") return undefined;
    const bare = keyOf(subject, "");
    const seen = this.#seen.get(bare);
    if (seen === undefined) return undefined;
    this.#seen.delete(bare);
    seen.subject = subject;
    this.#seen.set(keyOf(subject), seen);
    return seen;
  }
}

const NOTHING: TextSubject = { image: "", registry: "" };

/** Keeps no more than a few hundred, the oldest go: a hostile text names millions. */
function remember<V>(map: Map<string, V>, key: string, value: V): void {
  map.set(key, value);
  if (map.size <= MOST_SUBJECTS) return;
  const [oldest] = map.keys();
  if (oldest !== undefined) map.delete(oldest);
}

function keyOf(subject: TextSubject, suffix = suffixOf(subject)): string {
  return subject.reference === undefined
    ? `${subject.registry} ${subject.image}`
    : `${repositoryKey(subject)} ${suffix}`;
}

function repositoryKey({ reference, image }: TextSubject): string {
  return reference === undefined ? image : `${reference.registry}/${reference.repository}`;
}

function suffixOf({ reference }: TextSubject): string {
  return reference?.digest ?? reference?.tag ?? "";
}

/** A cause beats a hint, and a hint beats what says only that something failed. */
function weightOf({ weight, code }: ErrorText): number {
  return weight === undefined ? 2 : code === "unknown" ? 0 : 1;
}

/** The finding that a person reads. Only redacted text gets into it. */
function findingOf({ subject, row, line, sightings }: Seen, secrets: KnownSecrets): Finding {
  const clean = redactText(line, secrets);
  const facts = row.pattern?.exec(clean)?.groups ?? {};
  const detail = facts["detail"] ?? (row.code === "unknown" ? clean.trim() : undefined);
  const status = facts["status"];
  return {
    code: row.code,
    place: { file: "", role: "text" },
    image: redactText(subject.image, secrets),
    registry: redactText(subject.registry, secrets),
    credential: row.credential === "none" ? { kind: "none" } : { kind: "unsaid" },
    confidence: row.confidence,
    remedies: row.remedies,
    evidence: sightings.map(({ line: text, number, times }) => ({
      asked: `${number === undefined ? "in the text" : `line ${number}`}${times > 1 ? `, ${times} times` : ""}`,
      answered: cut(redactText(text, secrets).trim()),
    })),
    errors: [],
    ...(facts["helper"] === undefined ? {} : { helper: facts["helper"] }),
    ...(facts["platform"] === undefined ? {} : { platform: facts["platform"] }),
    ...(facts["address"] === undefined ? {} : { address: facts["address"] }),
    ...(facts["retryAfter"] === undefined ? {} : { retryAfter: facts["retryAfter"] }),
    ...(status === undefined ? {} : { status: Number(status) }),
    ...(detail === undefined ? {} : { detail: cut(detail.trim()) }),
  };
}

function cut(text: string): string {
  return text.length <= LONGEST_EVIDENCE ? text : `${text.slice(0, LONGEST_EVIDENCE)}…`;
}
