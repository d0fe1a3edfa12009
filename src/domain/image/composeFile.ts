import { isAlias, isCollection, isMap, isScalar, isSeq, parseDocument, visit, type Alias, type YAMLMap } from "yaml";
import { Failure, isFailure } from "../failure";
import type { TextRange } from "./range";
import { parseImageReference, type ImageReference } from "./reference";

/** A service of a Compose file that has an image, a build, or takes both from elsewhere. */
export interface ComposeService {
  readonly service: string;
  readonly image?: {
    /** As written. */
    readonly text: string;
    /** Undefined where the text is no image name after interpolation, or names a variable without a value. */
    readonly reference?: ImageReference;
    readonly range: TextRange;
  };
  readonly build?: ComposeBuild;
  /** Where `extends` takes the rest from; without a file, from this one. */
  readonly extends?: { readonly service: string; readonly file?: string };
  /** Of the service's name. */
  readonly range: TextRange;
}

export interface ComposeBuild {
  readonly context: string;
  /** Absent for the default `Dockerfile`, and for an inline one. */
  readonly dockerfile?: string;
  readonly inline?: { readonly text: string; readonly range: TextRange };
  readonly target?: string;
  readonly args: Readonly<Record<string, string>>;
}

/** Values for `${X}`: of the environment and of `.env`. */
export type ComposeVariables = Readonly<Record<string, string | undefined>>;

const LONGEST_FILE = 524_288;

/**
 * The services of one Compose file (or only `service`) with their images and builds, in the order of the text.
 * `extends` is reported, not followed. Rules: the Compose specification (05-services, build, 12-interpolation).
 * Throws `Failure("invalid-compose-file")` for what is no YAML mapping, or larger than 512 kB.
 */
export function composeImages(yamlText: string, service?: string, variables: ComposeVariables = {}): ComposeService[] {
  const document = parse(yamlText);
  const services = lookUp(document, document.contents, "services");
  if (!isMap(services)) return [];
  return services.items.flatMap(({ key, value }) => {
    if (!isScalar(key) || (service !== undefined && String(key.value) !== service)) return [];
    const body = follow(document, value);
    if (!isMap(body)) return [];
    return [{ service: String(key.value), range: rangeOf(key), ...readService(document, body, variables) }];
  });
}

/** The files that the Compose file includes (`include`, short and long form). Same errors as `composeImages`. */
export function composeIncludes(yamlText: string, variables: ComposeVariables = {}): string[] {
  const document = parse(yamlText);
  const list = lookUp(document, document.contents, "include");
  if (!isSeq(list)) return [];
  return list.items.flatMap((item) => {
    const entry = follow(document, item);
    const path = isMap(entry) ? lookUp(document, entry, "path") : entry;
    const paths = isSeq(path) ? path.items.map((one) => follow(document, one)) : [path];
    return paths.flatMap((one) => textOf(one, variables) ?? []);
  });
}

/**
 * Compose's interpolation: `$X`, `${X}`, `${X:-y}` `${X-y}` `${X:+y}` `${X+y}` `${X:?e}` `${X?e}` and `$$` for `$`.
 * Undefined if malformed or if a variable without a value is needed: Compose would put nothing there, which is no name.
 */
export function interpolate(text: string, variables: ComposeVariables): string | undefined {
  return expand(text, variables, 0);
}

function expand(text: string, variables: ComposeVariables, depth: number): string | undefined {
  if (depth > 8 || text.length > 4096) return undefined;
  let result = "";
  for (let at = 0; at < text.length;) {
    if (text.charAt(at) !== "$") {
      result += text.charAt(at++);
      continue;
    }
    const next = text.charAt(at + 1);
    if (next === "$") {
      result += "$";
      at += 2;
      continue;
    }
    const end = next === "{" ? closingBrace(text, at + 1) : at;
    if (end < 0) return undefined;
    const inner = next === "{" ? text.slice(at + 2, end) : (/^[A-Za-z_]\w*/.exec(text.slice(at + 1))?.[0] ?? "");
    const [, name, colon, operator, word = ""] = /^([A-Za-z_]\w*)(?:(:?)([-+?])([^]*))?$/.exec(inner) ?? [];
    if (name === undefined) return undefined;
    const value = Object.hasOwn(variables, name) ? variables[name] : undefined;
    const isSet = value !== undefined && (colon !== ":" || value !== "");
    const instead =
      operator === "+"
        ? isSet
          ? expand(word, variables, depth + 1)
          : ""
        : isSet
          ? value
          : operator === "-"
            ? expand(word, variables, depth + 1)
            : undefined;
    if (instead === undefined) return undefined;
    result += instead;
    at = next === "{" ? end + 1 : at + 1 + inner.length;
  }
  return result;
}

function closingBrace(text: string, open: number): number {
  let depth = 0;
  for (let at = open; at < text.length; at++) {
    if (text.charAt(at) === "{") depth++;
    else if (text.charAt(at) === "}" && --depth === 0) return at;
  }
  return -1;
}

interface Parsed {
  readonly contents: unknown;
  /** What each alias points to. The library's `resolve` walks the whole document for each. */
  readonly targets: ReadonlyMap<Alias, unknown>;
}

function parse(yamlText: string): Parsed {
  if (yamlText.length > LONGEST_FILE) throw invalid("The Compose file is larger than 512 kB");
  let problem: string | undefined;
  try {
    // A file being edited has a key twice now and then. Pretty errors quote the line for each: quadratic on one long line.
    const document = parseDocument(yamlText, {
      merge: true,
      uniqueKeys: false,
      logLevel: "silent",
      prettyErrors: false,
    });
    problem = document.errors[0]?.message.split("\n", 1)[0];
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
    if (isMap(document.contents)) return { contents: document.contents, targets };
  } catch (cause) {
    // The library is recursive: nesting without end overflows its stack.
    throw invalid("The Compose file cannot be read as YAML", cause);
  }
  throw invalid(
    problem === undefined ? "The Compose file is not a YAML mapping" : `The Compose file is not YAML: ${problem}`,
  );
}

function readService(
  document: Parsed,
  body: YAMLMap,
  variables: ComposeVariables,
): Omit<ComposeService, "service" | "range"> {
  const image = lookUp(document, body, "image");
  const build = readBuild(document, lookUp(document, body, "build"), variables);
  const from = readExtends(document, lookUp(document, body, "extends"), variables);
  return {
    ...(isScalar(image) && typeof image.value === "string"
      ? { image: readImage(image.value, rangeOf(image), variables) }
      : {}),
    ...(build === undefined ? {} : { build }),
    ...(from === undefined ? {} : { extends: from }),
  };
}

function readImage(text: string, range: TextRange, variables: ComposeVariables): NonNullable<ComposeService["image"]> {
  const expanded = interpolate(text, variables);
  if (expanded === undefined) return { text, range };
  try {
    return { text, range, reference: parseImageReference(expanded) };
  } catch (error) {
    if (isFailure(error, "invalid-image-reference")) return { text, range };
    throw error;
  }
}

function readBuild(document: Parsed, node: unknown, variables: ComposeVariables): ComposeBuild | undefined {
  if (isScalar(node)) {
    const context = textOf(node, variables);
    return context === undefined ? undefined : { context, args: {} };
  }
  if (!isMap(node)) return undefined;
  const field = (name: string): string | undefined => textOf(lookUp(document, node, name), variables);
  const [dockerfile, target] = [field("dockerfile"), field("target")];
  const inline = lookUp(document, node, "dockerfile_inline");
  const inlineText = field("dockerfile_inline");
  return {
    context: field("context") ?? ".",
    args: readArgs(document, lookUp(document, node, "args"), variables),
    ...(dockerfile === undefined ? {} : { dockerfile }),
    ...(inlineText === undefined ? {} : { inline: { text: inlineText, range: rangeOf(inline) } }),
    ...(target === undefined ? {} : { target }),
  };
}

/** `args` as a mapping or as a list of `X=y`; `X` alone takes its value from the variables. */
function readArgs(document: Parsed, node: unknown, variables: ComposeVariables): Record<string, string> {
  const entries: [string, string][] = [];
  const add = (name: string, value: string | undefined): void => {
    const known = value ?? (Object.hasOwn(variables, name) ? variables[name] : undefined);
    if (known !== undefined) entries.push([name, known]);
  };
  if (isMap(node)) {
    for (const { key, value } of node.items) {
      if (isScalar(key)) add(String(key.value), textOf(follow(document, value), variables));
    }
  } else if (isSeq(node)) {
    for (const item of node.items) {
      const text = textOf(follow(document, item), variables);
      const equals = text?.indexOf("=") ?? -1;
      if (text !== undefined)
        add(equals < 0 ? text : text.slice(0, equals), equals < 0 ? undefined : text.slice(equals + 1));
    }
  }
  return Object.fromEntries(entries);
}

function readExtends(document: Parsed, node: unknown, variables: ComposeVariables): ComposeService["extends"] {
  const short = textOf(node, variables);
  if (short !== undefined) return { service: short };
  const service = textOf(lookUp(document, node, "service"), variables);
  const file = textOf(lookUp(document, node, "file"), variables);
  if (service === undefined) return undefined;
  return { service, ...(file === undefined ? {} : { file }) };
}

/** The value of `key`, also of one that a merge key (`<<`) brings in. `seen` ends circles and repetition. */
function lookUp(document: Parsed, node: unknown, key: string, seen = new Set<unknown>()): unknown {
  const map = follow(document, node);
  if (!isMap(map) || seen.has(map)) return undefined;
  seen.add(map);
  const own = map.items.findLast((pair) => isScalar(pair.key) && pair.key.value === key);
  if (own !== undefined) return follow(document, own.value);
  const merge = map.items.find((pair) => isScalar(pair.key) && isMergeKey(pair.key.value));
  const merged = follow(document, merge?.value);
  for (const one of isSeq(merged) ? merged.items : [merged]) {
    const found = lookUp(document, one, key, seen);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** The library gives the key `<<` as a symbol. */
function isMergeKey(value: unknown): boolean {
  return value === "<<" || typeof value === "symbol";
}

/** What an alias points to. */
function follow(document: Parsed, node: unknown): unknown {
  return isAlias(node) ? document.targets.get(node) : node;
}

/** A scalar as text, interpolated. */
function textOf(node: unknown, variables: ComposeVariables): string | undefined {
  const value = isScalar(node) ? node.value : undefined;
  if (typeof value !== "string" && typeof value !== "number" && typeof value !== "boolean") return undefined;
  return interpolate(String(value), variables);
}

function rangeOf(node: unknown): TextRange {
  const range = isScalar(node) || isCollection(node) ? node.range : undefined;
  return { start: range?.[0] ?? 0, end: range?.[1] ?? 0 };
}

function invalid(what: string, cause?: unknown): Failure {
  return new Failure("invalid-compose-file", `${what}.`, {}, cause);
}
