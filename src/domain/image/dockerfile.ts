import { Failure } from "../failure";
import { readDockerfile, type Flag, type Instruction, type Word } from "./dockerfileLines";
import { expandWord, type Budget, type Lookup } from "./dockerfileVariables";
import type { TextRange } from "./range";
import { referenceIfAny, type ImageReference } from "./reference";

/** A place in a Dockerfile that makes a build pull an image. */
export interface ExternalImage {
  /** As written, variables unexpanded, without quotes around it. */
  readonly text: string;
  /** After expansion; undefined where a build would stop because of it. */
  readonly expanded?: string;
  /** Undefined where `expanded` is no image name. Without a tag, a build takes `latest`. */
  readonly reference?: ImageReference;
  /** Of `text`; where quotes or continued lines are inside it, from its first to its last character. */
  readonly range: TextRange;
  /** The variables that went into it without a value. */
  readonly unresolved: readonly string[];
  readonly kind: "from" | "copy-from" | "mount-from" | "syntax";
  /** What the build wants it for, such as `linux/arm64`; absent for the platform of the engine. */
  readonly platform?: string;
  /** True if the target stage begins with it. */
  readonly isBase?: true;
}

export interface DockerfileOptions {
  /** Values given with `--build-arg`; they count only for an ARG that the file declares, as in a build. */
  readonly buildArgs?: Readonly<Record<string, string>>;
  /** Name or index of the stage to build; the last one if absent. */
  readonly target?: string;
  /** What the predefined `TARGETPLATFORM`, `BUILDPLATFORM` … say; `linux/amd64` if absent. */
  readonly platform?: string;
  /** Names of `--build-context`: what a build uses in place of an image or stage of that name. */
  readonly contexts?: readonly string[];
  /** Of build arguments that were made from variables without a value: the names of those. */
  readonly unresolvedArgs?: Readonly<Record<string, readonly string[]>>;
}

const LONGEST_DOCKERFILE = 524_288;
const SCRATCH = "scratch";
const USUAL_PLATFORM = "linux/amd64";
const UNKNOWN_PLATFORM = "unknown/unknown/unknown";

interface Stage {
  readonly index: number;
  readonly name: string | undefined;
  readonly line: number;
  readonly base: ExternalImage;
  /** The stage named by FROM, or undefined if it is an image. */
  readonly baseStage: Stage | undefined;
  readonly instructions: Instruction[];
}

/**
 * Every place in the Dockerfile that makes BuildKit pull an image for the target stage, in the order of the text:
 * FROM, COPY --from, RUN --mount=from=, and the frontend of `# syntax=`. Stages that the target does not need, other
 * stages as sources, `scratch` and ONBUILD are left out. An image that a build would refuse is listed without
 * `reference`; one for which a build context stands is listed, with the context's name as its text.
 * Rules: moby/buildkit frontend/dockerfile/dockerfile2llb.
 * Throws `Failure("invalid-dockerfile")` where there is no telling what would be pulled: no FROM, a malformed FROM, an
 * unknown target, stages in a circle, more than 512 kB. Other mistakes of the file are not its business.
 */
export function externalImages(dockerfileText: string, options: DockerfileOptions = {}): ExternalImage[] {
  if (dockerfileText.length > LONGEST_DOCKERFILE) throw invalid("The Dockerfile is larger than 512 kB");
  const { instructions, syntax, escape } = readDockerfile(dockerfileText);
  const stages = readStages(instructions, escape, options);
  const last = stages.at(-1);
  if (last === undefined) throw invalid("The Dockerfile has no FROM instruction");
  const target = options.target === undefined || options.target === "" ? last : findTarget(stages, options.target);

  let first = target;
  while (first.baseStage !== undefined) first = first.baseStage;
  const images = new Map<Stage, ExternalImage[]>();
  visit(target, stages, images, new Set(options.contexts?.map((name) => name.toLowerCase())), options.platform);
  const found = [...images.values()]
    .flat()
    .filter((image) => image.expanded !== SCRATCH)
    .map((image): ExternalImage => (image === first.base ? { ...image, isBase: true } : image));
  // the frontend runs where the build does
  if (syntax !== undefined) found.push(toImage(syntax, syntax.text, "syntax"));
  return found.sort((one, other) => one.range.start - other.range.start);
}

function readStages(instructions: readonly Instruction[], escape: string, options: DockerfileOptions): Stage[] {
  const args = new GlobalArgs(escape, options);
  // what comes out as another value here depends on the engine that builds
  const elsewhere = new GlobalArgs(escape, options, UNKNOWN_PLATFORM);
  const byName = new Map<string, Stage>();
  const stages: Stage[] = [];

  for (const instruction of instructions) {
    const current = stages.at(-1);
    if (instruction.keyword === "FROM") {
      const { image, name } = readFrom(instruction);
      const { text, unresolved } = args.expand(image.text);
      const wanted = wantedPlatform(instruction, args, elsewhere, options.platform);
      const base = { ...toImage(withoutQuotes(image), text, "from", unresolved), ...wanted };
      const baseStage = base.expanded === undefined ? undefined : byName.get(base.expanded.toLowerCase());
      const stage: Stage = { index: stages.length, name, line: instruction.line, base, baseStage, instructions: [] };
      stages.push(stage);
      if (name !== undefined) byName.set(name, stage);
    } else if (current !== undefined) current.instructions.push(instruction);
    else if (instruction.keyword === "ARG") {
      args.declare(instruction);
      elsewhere.declare(instruction);
    } else
      throw invalid(`Line ${instruction.line} of the Dockerfile: ${instruction.keyword} stands before the first FROM`);
  }
  return stages;
}

/** The arguments before the first FROM. */
class GlobalArgs {
  readonly #args: Map<string, string>;
  /** Of an argument whose value was made from variables without one: the names of those. */
  readonly #unresolved = new Map<string, readonly string[]>();
  readonly #escape: string;
  readonly #options: DockerfileOptions;
  readonly #budget: Budget = { steps: 200_000 };

  constructor(escape: string, options: DockerfileOptions, engine = options.platform ?? USUAL_PLATFORM) {
    this.#args = new Map(Object.entries(platformArgs(options, engine)));
    this.#escape = escape;
    this.#options = options;
  }

  /** `ARG A B=1 C="two words"`. */
  declare({ words }: Instruction): void {
    const { buildArgs = {}, unresolvedArgs = {} } = this.#options;
    for (const assignment of quotedWords(words.map((word) => word.text).join(" "), this.#escape)) {
      const equals = assignment.indexOf("=");
      const name = equals < 0 ? assignment : assignment.slice(0, equals);
      const isGiven = Object.hasOwn(buildArgs, name);
      const { text, unresolved } = isGiven
        ? {
            text: buildArgs[name],
            unresolved: Object.hasOwn(unresolvedArgs, name) ? (unresolvedArgs[name] ?? []) : [],
          }
        : equals < 0
          ? { text: undefined, unresolved: [] }
          : this.expand(assignment.slice(equals + 1));
      if (text !== undefined) this.#args.set(name, text);
      else if (equals >= 0) this.#args.delete(name);
      else continue;
      this.#unresolved.set(name, unresolved);
    }
  }

  expand(word: string): { text: string | undefined; unresolved: string[] } {
    const unresolved = new Set<string>();
    const lookup: Lookup = (name) => this.#args.get(name);
    const text = expandWord(word, lookup, this.#escape, this.#budget, (name) => {
      const names = this.#unresolved.get(name) ?? [];
      if (names.length === 0 && !this.#args.has(name)) unresolved.add(name);
      // enough to name; a file by an enemy could make it quadratic
      for (const one of names.slice(0, 10)) unresolved.add(one);
    });
    return { text, unresolved: [...unresolved] };
  }
}

/** `FROM "alpine"` is `FROM alpine`. */
function withoutQuotes(word: Word): Word {
  const { text, range } = word;
  if (!/^(["'])[^"'\\`]+\1$/.test(text) || range.end - range.start !== text.length) return word;
  return { text: text.slice(1, -1), range: { start: range.start + 1, end: range.end - 1 } };
}

/** Splits at spaces outside quotes; the quotes stay. */
function quotedWords(text: string, escape: string): string[] {
  const pattern =
    escape === "`"
      ? /(?:`[^]|"(?:[^"`]|`[^])*"?|'[^']*'?|[^\s"'`]|`$)+/g
      : /(?:\\[^]|"(?:[^"\\]|\\[^])*"?|'[^']*'?|[^\s"'\\]|\\$)+/g;
  return text.match(pattern) ?? [];
}

function readFrom({ words, line }: Instruction): { image: Word; name: string | undefined } {
  const [image, as, name] = words;
  if (image === undefined || (words.length !== 1 && words.length !== 3)) {
    throw invalid(`Line ${line} of the Dockerfile: FROM requires either one or three arguments`);
  }
  if (as === undefined || name === undefined) return { image, name: undefined };
  if (as.text.toLowerCase() !== "as") {
    throw invalid(`Line ${line} of the Dockerfile: "${as.text}" stands where FROM has "AS"`);
  }
  const lower = name.text.toLowerCase();
  if (!/^[a-z][a-z0-9_.-]*$/.test(lower)) {
    throw invalid(`Line ${line} of the Dockerfile: "${name.text}" is not the name of a build stage`);
  }
  return { image, name: lower };
}

/** The platform of a FROM: of its flag, else that which is built for. Rule: moby/buildkit dockerfile2llb/convert.go. */
function wantedPlatform(
  { flags }: Instruction,
  args: GlobalArgs,
  elsewhere: GlobalArgs,
  target: string | undefined,
): Pick<ExternalImage, "platform"> {
  const flag = flags.find(({ text }) => text.startsWith("--platform="));
  if (flag === undefined) return target === undefined ? {} : { platform: target };
  const written = flag.text.slice("--platform=".length);
  const { text: platform } = args.expand(written);
  const isTheSameEverywhere = platform === elsewhere.expand(written).text;
  return platform === undefined || platform === "" || !isTheSameEverywhere ? {} : { platform };
}

function platformArgs({ platform: target, buildArgs = {} }: DockerfileOptions, engine: string): Record<string, string> {
  const result: Record<string, string> = {};
  for (const [side, platform] of [["TARGET", target ?? engine] as const, ["BUILD", engine] as const]) {
    const [os = "", architecture = "", variant = ""] = platform.split("/");
    const values = { PLATFORM: platform, OS: os, ARCH: architecture, VARIANT: variant };
    for (const [name, value] of Object.entries(values)) result[side + name] = buildArgs[side + name] ?? value;
  }
  return result;
}

function findTarget(stages: readonly Stage[], target: string): Stage {
  const stage = findStage(stages, target) ?? (/^\d+$/.test(target) ? stages[Number(target)] : undefined);
  if (stage === undefined) throw invalid(`The Dockerfile has no stage "${target}"`);
  return stage;
}

/** The last stage of that name: a later one hides an earlier one. */
function findStage(stages: readonly Stage[], name: string): Stage | undefined {
  const lower = name.toLowerCase();
  return stages.findLast((stage) => stage.name === lower);
}

/**
 * Collects the images of `target` and of every stage it needs. Walks with a stack of its own, so that a long chain of
 * stages does not end in a stack overflow.
 */
function visit(
  target: Stage,
  stages: readonly Stage[],
  images: Map<Stage, ExternalImage[]>,
  contexts: ReadonlySet<string>,
  platform: string | undefined,
): void {
  const byName = new Map(stages.flatMap((stage) => (stage.name === undefined ? [] : [[stage.name, stage] as const])));
  const open = new Set<Stage>();
  const stack: { stage: Stage; needed: Stage[] }[] = [];
  const enter = (stage: Stage): void => {
    if (open.has(stage)) throw invalid(`The stages of the Dockerfile form a circle at ${nameOf(stage)}`);
    if (images.has(stage)) return;
    const { needed, pulled } = sourcesOf(stage, stages, byName, contexts, platform);
    images.set(stage, pulled);
    open.add(stage);
    stack.push({ stage, needed });
  };
  enter(target);
  for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
    const next = top.needed.pop();
    if (next !== undefined) enter(next);
    else {
      open.delete(top.stage);
      stack.pop();
    }
  }
}

function sourcesOf(
  stage: Stage,
  stages: readonly Stage[],
  byName: ReadonlyMap<string, Stage>,
  contexts: ReadonlySet<string>,
  platform: string | undefined,
): { needed: Stage[]; pulled: ExternalImage[] } {
  const isContext = (other: Stage | undefined): boolean => other?.name !== undefined && contexts.has(other.name);
  const baseStage = isContext(stage.baseStage) ? undefined : stage.baseStage;
  const needed = baseStage === undefined ? [] : [baseStage];
  const pulled = baseStage === undefined ? [stage.base] : [];
  const add = (word: Word, source: Stage | undefined, kind: ExternalImage["kind"]): void => {
    // BuildKit expands no variables here: an image name with "$" is refused.
    if (source === undefined || isContext(source))
      pulled.push({ ...toImage(word, word.text, kind), ...(platform === undefined ? {} : { platform }) });
    else needed.push(source);
  };
  for (const { keyword, flags, line } of stage.instructions) {
    for (const flag of flags) {
      if (keyword === "COPY" && flag.text.startsWith("--from=")) {
        const from = valueOf(flag, "--from=".length, flag.text.length);
        const isIndex = /^\d+$/.test(from.text);
        const source = isIndex ? stages[Number(from.text)] : byName.get(from.text.toLowerCase());
        if (isIndex && source === undefined) {
          throw invalid(`Line ${line} of the Dockerfile: there is no stage ${from.text}`);
        }
        if (from.text !== "") add(from, source, "copy-from");
      } else if (keyword === "RUN" && flag.text.startsWith("--mount=")) {
        const from = mountSource(flag);
        if (from !== undefined) add(from, byName.get(from.text.toLowerCase()), "mount-from");
      }
    }
  }
  return { needed, pulled };
}

/** The value of `from` in `--mount=type=bind,from=x,…`. */
function mountSource(flag: Flag): Word | undefined {
  let at = "--mount=".length;
  for (const field of flag.text.slice(at).split(",")) {
    const [key, value] = field.split("=", 2);
    if (key?.trim().toLowerCase() === "from" && value !== undefined && value !== "") {
      const start = at + field.indexOf("=") + 1;
      return valueOf(flag, start, start + value.length);
    }
    at += field.length + 1;
  }
  return undefined;
}

function valueOf(flag: Flag, start: number, end: number): Word {
  return { text: flag.text.slice(start, end), range: flag.place(start, end) };
}

function toImage(
  word: Word,
  expanded: string | undefined,
  kind: ExternalImage["kind"],
  unresolved: readonly string[] = [],
): ExternalImage {
  const reference = expanded === undefined || expanded === SCRATCH ? undefined : referenceIfAny(expanded);
  return {
    text: word.text,
    ...(expanded === undefined ? {} : { expanded }),
    ...(reference === undefined ? {} : { reference }),
    range: word.range,
    unresolved,
    kind,
  };
}

function nameOf({ name, index }: Stage): string {
  return name === undefined ? `stage ${index}` : `"${name}"`;
}

function invalid(what: string): Failure {
  return new Failure("invalid-dockerfile", `${what}.`);
}
