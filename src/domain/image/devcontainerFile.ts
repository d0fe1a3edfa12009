import { findNodeAtLocation, parseTree, printParseErrorCode, type Node, type ParseError } from "jsonc-parser";
import { Failure, isFailure } from "../failure";
import type { TextRange } from "./range";
import { formatReference, parseImageReference, type ImageReference } from "./reference";
import { expandVariables, type DevcontainerVariables } from "./variables";

/** A string of the file. */
export interface Place {
  /** As written, variables unexpanded. */
  readonly text: string;
  /** Of the string with its quotes. */
  readonly range: TextRange;
}

export interface ImagePlace extends Place {
  /** Undefined where the text is no image name or has variables that are not known. */
  readonly reference?: ImageReference;
}

export interface FeaturePlace extends ImagePlace {
  /**
   * `oci`: from a registry. `legacy`: a short name of before 2023 (with the `reference` the dev container CLI maps it
   * to) or a GitHub release (without). `invalid`: refused by the CLI.
   */
  readonly kind: "oci" | "local" | "tarball" | "legacy" | "invalid";
}

export interface DockerfilePlace {
  readonly path: Place;
  readonly context?: Place;
  readonly args: Readonly<Record<string, string>>;
  readonly target?: Place;
  /** Images whose layers a build may use; a registry that refuses one does not stop it. */
  readonly cacheFrom: readonly ImagePlace[];
}

export interface ComposePlace {
  readonly files: readonly Place[];
  readonly service?: Place;
}

export interface SourceProblem {
  readonly code: "syntax" | "wrong-type" | "invalid-image" | "invalid-feature" | "unresolved-variable" | "no-image";
  /** An English sentence. */
  readonly message: string;
  readonly range: TextRange;
}

/** Everything in a devcontainer.json that names an image, or a file that does. */
export interface ImageSources {
  readonly image?: ImagePlace;
  readonly dockerfile?: DockerfilePlace;
  readonly compose?: ComposePlace;
  readonly features: readonly FeaturePlace[];
  readonly problems: readonly SourceProblem[];
}

const LONGEST_FILE = 1_048_576;

/**
 * What a devcontainer.json says about images, with offsets. Comments, trailing commas and a byte order mark are fine;
 * of malformed text what can be read is given, with `problems`. Keys, older ones included, as in the devcontainer.json
 * reference (containers.dev) and its schema. With `variables` given, references are read after expansion.
 * Throws `Failure("invalid-devcontainer-json")` if the text is not an object at all or larger than 1 MB.
 */
export function imageSources(jsoncText: string, variables: DevcontainerVariables = {}): ImageSources {
  if (jsoncText.length > LONGEST_FILE) throw invalid("The devcontainer.json is larger than 1 MB");
  const errors: ParseError[] = [];
  const root = parse(jsoncText, errors);
  if (root?.type !== "object") throw invalid("The devcontainer.json does not contain a JSON object");
  return new Reader(root, variables).sources(errors);
}

function parse(jsoncText: string, errors: ParseError[]): Node | undefined {
  // A byte order mark becomes a space, so that offsets stay those of the text that was given.
  const text = jsoncText.replace(/^\uFEFF/, " ");
  if (deepest(text) > 200) throw invalid("The devcontainer.json is nested more than 200 deep");
  return parseTree(text, errors, { allowTrailingComma: true });
}

/** An upper bound of the nesting: the parser is recursive, and its stack must not overflow. */
function deepest(text: string): number {
  let depth = 0;
  let most = 0;
  for (const [bracket] of text.matchAll(/[[\]{}]/g)) {
    depth += bracket === "[" || bracket === "{" ? 1 : -1;
    most = Math.max(most, depth);
  }
  return most;
}

class Reader {
  readonly #root: Node;
  readonly #variables: DevcontainerVariables;
  readonly #problems: SourceProblem[] = [];

  constructor(root: Node, variables: DevcontainerVariables) {
    this.#root = root;
    this.#variables = variables;
  }

  sources(errors: readonly ParseError[]): ImageSources {
    for (const error of errors) {
      const range = { start: error.offset, end: error.offset + error.length };
      this.#report("syntax", `The JSON is malformed here (${printParseErrorCode(error.error)}).`, range);
    }
    const image = this.#string(["image"]);
    const dockerfile = this.#dockerfile();
    const compose = this.#compose();
    const features = this.#features();
    const sources = {
      ...(image === undefined ? {} : { image: this.#image(image) }),
      ...(dockerfile === undefined ? {} : { dockerfile }),
      ...(compose === undefined ? {} : { compose }),
      features,
    };
    if (image === undefined && dockerfile === undefined && compose === undefined) {
      const range = { start: this.#root.offset, end: this.#root.offset + 1 };
      this.#report("no-image", "Neither an image nor a Dockerfile nor a Compose file is named.", range);
    }
    return { ...sources, problems: this.#problems };
  }

  #dockerfile(): DockerfilePlace | undefined {
    const path = this.#string(["build", "dockerfile"]) ?? this.#string(["dockerFile"]);
    if (path === undefined) return undefined;
    const context = this.#string(["build", "context"]) ?? this.#string(["context"]);
    const target = this.#string(["build", "target"]);
    return {
      path,
      args: this.#args(),
      cacheFrom: this.#strings(["build", "cacheFrom"]).map((place) => this.#image(place)),
      ...(context === undefined ? {} : { context }),
      ...(target === undefined ? {} : { target }),
    };
  }

  #args(): Record<string, string> {
    const node = this.#at(["build", "args"]);
    if (node === undefined) return {};
    if (node.type !== "object") {
      this.#wrongType(node, "an object");
      return {};
    }
    const entries: [string, string][] = [];
    for (const [key, value] of properties(node)) {
      const text = stringOf(value);
      if (text !== undefined) entries.push([key.text, this.#expand(text).text]);
      else if (value !== undefined) this.#wrongType(value, "a string");
    }
    return Object.fromEntries(entries);
  }

  #compose(): ComposePlace | undefined {
    const files = this.#strings(["dockerComposeFile"]);
    if (files.length === 0) return undefined;
    const service = this.#string(["service"]);
    return { files, ...(service === undefined ? {} : { service }) };
  }

  #features(): FeaturePlace[] {
    const node = this.#at(["features"]);
    if (node === undefined) return [];
    if (node.type !== "object") {
      this.#wrongType(node, "an object");
      return [];
    }
    return properties(node).map(([key]) => {
      const feature = classifyFeature(key.text);
      if (feature.kind === "invalid") {
        this.#report("invalid-feature", `"${key.text}" is not the name of a Feature.`, key.range);
      }
      return { ...key, ...feature };
    });
  }

  #image(place: Place): ImagePlace {
    const { text, unresolved } = this.#expand(place.text);
    if (unresolved.length > 0) {
      const names = [...new Set(unresolved)].join(", ");
      this.#report("unresolved-variable", `What ${names} stands for is not known here.`, place.range);
      return place;
    }
    try {
      return { ...place, reference: parseImageReference(text) };
    } catch (error) {
      if (!isFailure(error, "invalid-image-reference")) throw error;
      this.#report("invalid-image", error.message, place.range);
      return place;
    }
  }

  #expand(text: string): { text: string; unresolved: string[] } {
    return expandVariables(text, this.#variables);
  }

  #string(path: string[]): Place | undefined {
    const node = this.#at(path);
    if (node === undefined) return undefined;
    const text = stringOf(node);
    if (text !== undefined) return { text, range: rangeOf(node) };
    this.#wrongType(node, "a string");
    return undefined;
  }

  #strings(path: string[]): Place[] {
    const node = this.#at(path);
    if (node?.type !== "array") {
      const single = this.#string(path);
      return single === undefined ? [] : [single];
    }
    return (node.children ?? []).flatMap((child) => {
      const text = stringOf(child);
      if (text !== undefined) return [{ text, range: rangeOf(child) }];
      this.#wrongType(child, "a string");
      return [];
    });
  }

  /** The node at `path`; null counts as absent. */
  #at(path: string[]): Node | undefined {
    const node = findNodeAtLocation(this.#root, path);
    return node?.type === "null" ? undefined : node;
  }

  #wrongType(node: Node, expected: string): void {
    this.#report("wrong-type", `Here stands ${node.type} where ${expected} is expected.`, rangeOf(node));
  }

  #report(code: SourceProblem["code"], message: string, range: TextRange): void {
    this.#problems.push({ code, message, range });
  }
}

function properties(node: Node): [key: Place, value: Node | undefined][] {
  return (node.children ?? []).flatMap((property): [Place, Node | undefined][] => {
    const [key, value] = property.children ?? [];
    const text = stringOf(key);
    return key === undefined || text === undefined ? [] : [[{ text, range: rangeOf(key) }, value]];
  });
}

function stringOf(node: Node | undefined): string | undefined {
  const value: unknown = node?.value;
  return node?.type === "string" && typeof value === "string" ? value : undefined;
}

function rangeOf(node: Node): TextRange {
  return { start: node.offset, end: node.offset + node.length };
}

function invalid(what: string): Failure {
  return new Failure("invalid-devcontainer-json", `${what}.`);
}

/** Short names and where they moved (devcontainers/cli src/spec-configuration/containerFeaturesConfiguration.ts). */
const MOVED_FEATURES: ReadonlyMap<string, string> = new Map([
  ...[
    ...["aws-cli", "azure-cli", "desktop-lite", "docker-in-docker", "docker-from-docker", "dotnet", "git", "git-lfs"],
    ...["github-cli", "java", "kubectl-helm-minikube", "node", "powershell", "python", "ruby", "rust", "sshd"],
    "terraform",
  ].map((name) => [name, name] as const),
  ["golang", "go"],
  ["common", "common-utils"],
  ["gradle", "java"],
  ["maven", "java"],
  ["jupyterlab", "python"],
]);

/**
 * What a Feature's id refers to, by the rules of the dev container Features specification ("Referencing a Feature") as
 * the CLI applies them. The CLI asks the network whether `owner/repo/name` is in a registry; without that, an id is one of a
 * registry if its first part looks like a host.
 */
export function classifyFeature(id: string): { kind: FeaturePlace["kind"]; reference?: ImageReference } {
  if (id.startsWith("./")) return { kind: "local" };
  if (/^https?:\/\/\S+$/.test(id)) return { kind: "tarball" };
  const moved = MOVED_FEATURES.get(id);
  if (moved !== undefined) {
    return { kind: "legacy", reference: parseImageReference(`ghcr.io/devcontainers/features/${moved}:1`) };
  }
  if (/^(?:[^/]*[.:][^/]*|localhost)\/./.test(id) && !id.startsWith("..")) {
    try {
      // The CLI lower-cases the whole id first.
      return { kind: "oci", reference: parseImageReference(id.toLowerCase()) };
    } catch (error) {
      if (isFailure(error, "invalid-image-reference")) return { kind: "invalid" };
      throw error;
    }
  }
  return /^[\w.-]+\/[\w.-]+\/[\w-]+(?:@[\w.+-]+)?$/.test(id) ? { kind: "legacy" } : { kind: "invalid" };
}

/** The Feature without tag and digest, as the CLI names it in its lock file. */
export function featureResource(reference: ImageReference): string {
  const { registry, repository } = reference;
  return formatReference({ registry, repository });
}
