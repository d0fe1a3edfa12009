import { findNodeAtLocation, printParseErrorCode, type Node, type ParseError } from "jsonc-parser";
import { Failure, isFailure } from "../failure";
import { FRONTEND_ARG } from "./frontend";
import { parseJsonText, rangeOf, stringOf } from "./jsonText";
import type { TextRange } from "./range";
import { parseImageReference, referenceIfAny, type ImageReference } from "./reference";
import { expandVariables, variableName, type DevcontainerVariables } from "./variables";

/** A string of the file. */
export interface Place {
  /** As written, variables unexpanded. */
  readonly text: string;
  /** Of the string without its quotes. */
  readonly range: TextRange;
}

export interface ImagePlace extends Place {
  /** Undefined where the text after expansion is no image name. */
  readonly reference?: ImageReference;
  /** The names of the variables in it that have no value. */
  readonly unresolved?: readonly string[];
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
  /** Expanded; `--build-arg` of `options` included. */
  readonly args: Readonly<Record<string, string>>;
  /** Of arguments with variables that have no value: the names of those. */
  readonly unresolvedArgs: Readonly<Record<string, readonly string[]>>;
  /** The value of the argument BUILDKIT_SYNTAX. */
  readonly frontend?: Place;
  /** `--build-context` of `options`: an image (`docker-image://`), or something else of that name. */
  readonly contexts: Readonly<Record<string, ImagePlace>>;
  /** `--platform` of `options`. */
  readonly platform?: string;
  readonly target?: Place;
  /** Images whose layers a build may use; a registry that refuses one does not stop it. */
  readonly cacheFrom: readonly ImagePlace[];
}

export interface ComposePlace {
  /** Empty: the default files, in the folder of the workspace. */
  readonly files: readonly Place[];
  readonly service?: Place;
  /** Empty: all services. */
  readonly runServices: readonly Place[];
}

export interface SourceProblem {
  readonly code:
    | "syntax"
    | "expected-string"
    | "expected-object"
    | "invalid-image"
    | "invalid-feature"
    | "unresolved-variable"
    | "no-image";
  /** An English sentence. */
  readonly message: string;
  /** What varies in it. */
  readonly detail?: string;
  readonly range: TextRange;
}

/** Everything in a devcontainer.json that names an image, or a file that does. */
export interface ImageSources {
  readonly image?: ImagePlace;
  readonly dockerfile?: DockerfilePlace;
  readonly compose?: ComposePlace;
  readonly features: readonly FeaturePlace[];
  /** `overrideFeatureInstallOrder`: the CLI fetches what it names, be it a Feature to install or not. */
  readonly featureOrder: readonly FeaturePlace[];
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
  if (jsoncText.length > LONGEST_FILE) throw invalid("The devcontainer.json is larger than 1 MB", "too-large");
  const errors: ParseError[] = [];
  const root = parseJsonText(jsoncText, errors);
  if (root?.type !== "object")
    throw invalid(
      "The devcontainer.json does not contain a JSON object, or one nested more than 200 deep",
      "no-object",
    );
  return new Reader(root, variables).sources(errors);
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
      const detail = printParseErrorCode(error.error);
      this.#report("syntax", `The JSON is malformed here (${detail}).`, range, detail);
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
      featureOrder: this.#strings(["overrideFeatureInstallOrder"]).map((place) => this.#feature(place)),
    };
    if (image === undefined && dockerfile === undefined && compose === undefined) {
      const range = { start: this.#root.offset, end: this.#root.offset + 1 };
      this.#report("no-image", "Neither an image nor a Dockerfile nor a Compose file is named.", range);
    }
    return { ...sources, problems: this.#problems };
  }

  #dockerfile(): DockerfilePlace | undefined {
    // With both, the CLI takes the older key (devcontainers/cli src/spec-configuration/configuration.ts, `getDockerfile`).
    const old = this.#string(["dockerFile"]);
    const path = old ?? this.#string(["build", "dockerfile"]);
    if (path === undefined) return undefined;
    const context = old === undefined ? this.#string(["build", "context"]) : this.#string(["context"]);
    const options = this.#buildOptions();
    const target = options.target ?? this.#string(["build", "target"]);
    const args = this.#args();
    const frontend = options.frontend ?? args.frontend;
    return {
      path,
      args: { ...args.args, ...options.args },
      unresolvedArgs: args.unresolvedArgs,
      contexts: options.contexts,
      cacheFrom: this.#strings(["build", "cacheFrom"]).map((place) => this.#image(place)),
      ...(frontend === undefined ? {} : { frontend }),
      ...(context === undefined ? {} : { context }),
      ...(options.platform === undefined ? {} : { platform: options.platform }),
      ...(target === undefined ? {} : { target }),
    };
  }

  #args(): Pick<DockerfilePlace, "args" | "unresolvedArgs" | "frontend"> {
    const node = this.#at(["build", "args"]);
    if (node !== undefined && node.type !== "object") this.#wrongType(node, "object");
    const args: [string, string][] = [];
    const unresolvedArgs: [string, string[]][] = [];
    let frontend: Place | undefined;
    for (const [key, value] of node?.type === "object" ? properties(node) : []) {
      // the CLI passes numbers and booleans on as they are
      const written = stringOf(value) ?? plainOf(value);
      if (written === undefined) {
        if (value !== undefined) this.#wrongType(value, "string");
        continue;
      }
      const { text, unresolved } = this.#expand(written);
      args.push([key.text, text]);
      if (key.text === FRONTEND_ARG && value !== undefined) frontend = { text: written, range: rangeOf(value) };
      if (unresolved.length > 0) unresolvedArgs.push([key.text, unresolved.map(variableName)]);
    }
    return {
      args: Object.fromEntries(args),
      unresolvedArgs: Object.fromEntries(unresolvedArgs),
      ...(frontend === undefined ? {} : { frontend }),
    };
  }

  /** What `build.options` says about images; the CLI puts them behind everything else, so they win. */
  #buildOptions(): Pick<DockerfilePlace, "args" | "contexts" | "frontend" | "platform" | "target"> {
    const words = this.#strings(["build", "options"]);
    const args: [string, string][] = [];
    const contexts: [string, ImagePlace][] = [];
    let platform: string | undefined;
    let target: Place | undefined;
    let frontend: Place | undefined;
    for (let index = 0; index < words.length; index++) {
      const word = words[index];
      const [, option, equals = ""] = /^--(build-arg|build-context|platform|target)(=|$)/.exec(word?.text ?? "") ?? [];
      if (word === undefined || option === undefined) continue;
      const place = equals === "" ? words[++index] : partOf(word, option.length + 3);
      if (place === undefined) continue;
      const { text } = this.#expand(place.text);
      const at = text.indexOf("=");
      const name = text.slice(0, Math.max(at, 0));
      if (option === "platform") platform = text;
      else if (option === "target") target = place;
      else if (option === "build-arg" && at > 0) {
        args.push([name, text.slice(at + 1)]);
        if (name === FRONTEND_ARG) frontend = partOf(place, name.length + 1);
      } else if (option === "build-context" && at > 0) contexts.push([name, this.#context(place)]);
    }
    return {
      args: Object.fromEntries(args),
      contexts: Object.fromEntries(contexts),
      ...(frontend === undefined ? {} : { frontend }),
      ...(platform === undefined ? {} : { platform }),
      ...(target === undefined ? {} : { target }),
    };
  }

  /** `name=docker-image://alpine` as the place of `alpine`. */
  #context(place: Place): ImagePlace {
    const scheme = "=docker-image://";
    const at = place.text.indexOf(scheme);
    return at < 0 ? place : this.#image(partOf(place, at + scheme.length));
  }

  #compose(): ComposePlace | undefined {
    const node = this.#at(["dockerComposeFile"]);
    const files = this.#strings(["dockerComposeFile"]);
    if (files.length === 0 && (node?.type !== "array" || (node.children ?? []).length > 0)) return undefined;
    const service = this.#string(["service"]);
    return { files, runServices: this.#strings(["runServices"]), ...(service === undefined ? {} : { service }) };
  }

  #features(): FeaturePlace[] {
    const node = this.#at(["features"]);
    if (node === undefined) return [];
    if (node.type !== "object") {
      this.#wrongType(node, "object");
      return [];
    }
    return properties(node).map(([key]) => this.#feature(key));
  }

  #feature(place: Place): FeaturePlace {
    const feature = classifyFeature(place.text);
    if (feature.kind === "invalid") {
      this.#report("invalid-feature", `"${place.text}" is not the name of a Feature.`, place.range, place.text);
    }
    return { ...place, ...feature };
  }

  #image(place: Place): ImagePlace {
    const { text, unresolved } = this.#expand(place.text);
    const names = [...new Set(unresolved)];
    if (names.length > 0) {
      this.#report("unresolved-variable", `What ${names.join(", ")} stands for is not known here.`, place.range);
    }
    const more = names.length === 0 ? {} : { unresolved: names.map(variableName) };
    try {
      return { ...place, ...more, reference: parseImageReference(text) };
    } catch (error) {
      if (!isFailure(error, "invalid-image-reference")) throw error;
      if (names.length === 0) this.#report("invalid-image", error.message, place.range);
      return { ...place, ...more };
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
    this.#wrongType(node, "string");
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
      this.#wrongType(child, "string");
      return [];
    });
  }

  /** The node at `path`; null counts as absent. */
  #at(path: string[]): Node | undefined {
    const node = findNodeAtLocation(this.#root, path);
    return node?.type === "null" ? undefined : node;
  }

  #wrongType(node: Node, expected: "string" | "object"): void {
    const wanted = expected === "string" ? "a string" : "an object";
    const message = `Here stands ${node.type} where ${wanted} is expected.`;
    this.#report(`expected-${expected}`, message, rangeOf(node), node.type);
  }

  #report(code: SourceProblem["code"], message: string, range: TextRange, detail?: string): void {
    this.#problems.push({ code, message, range, ...(detail === undefined ? {} : { detail }) });
  }
}

function properties(node: Node): [key: Place, value: Node | undefined][] {
  return (node.children ?? []).flatMap((property): [Place, Node | undefined][] => {
    const [key, value] = property.children ?? [];
    const text = stringOf(key);
    return key === undefined || text === undefined ? [] : [[{ text, range: rangeOf(key) }, value]];
  });
}

function plainOf(node: Node | undefined): string | undefined {
  return node?.type === "number" || node?.type === "boolean" ? String(node.value) : undefined;
}

/** What stands in a string from `start` on. Where escapes make the place uncertain, it is that of the whole string. */
function partOf({ text, range }: Place, start: number): Place {
  const isPlain = range.end - range.start === text.length;
  return { text: text.slice(start), range: isPlain ? { start: range.start + start, end: range.end } : range };
}

function invalid(what: string, problem: "too-large" | "no-object"): Failure {
  return new Failure("invalid-devcontainer-json", `${what}.`, { problem });
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
    const reference = referenceIfAny(id.toLowerCase()); // the CLI lower-cases the whole id first
    return reference ? { kind: "oci", reference } : { kind: "invalid" };
  }
  return /^[\w.-]+\/[\w.-]+\/[\w-]+(?:@[\w.+-]+)?$/.test(id) ? { kind: "legacy" } : { kind: "invalid" };
}
