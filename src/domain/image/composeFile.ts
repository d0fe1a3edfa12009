import { isMap, isScalar, isSeq } from "yaml";
import { FRONTEND_ARG, type FrontendPlace } from "./frontend";
import { interpolate, type ComposeVariables, type Interpolated } from "./interpolation";
import { join } from "./paths";
import type { WorkspaceProblem } from "./problems";
import type { TextRange } from "./range";
import { referenceIfAny, type ImageReference } from "./reference";
import {
  contentPlaces,
  contentRange,
  entriesOf,
  itemsOf,
  lookUp,
  mergeTag,
  parseYaml,
  scalarText,
  type YamlText,
} from "./yamlText";

/** An image named in a Compose file. */
export interface ComposeImage {
  readonly file: string;
  readonly range: TextRange;
  /** As written. */
  readonly text: string;
  /** After interpolation; undefined where Compose would stop. */
  readonly value?: string;
  /** Undefined where `value` is no image name. */
  readonly reference?: ImageReference;
  /** The variables in it that have neither value nor default. */
  readonly unresolved: readonly string[];
}

export interface ComposeBuild {
  /** Absolute path or URL; absent for the folder of the project. */
  readonly context?: string;
  /** Absent for the default `Dockerfile`, and for an inline one. */
  readonly dockerfile?: string;
  readonly inline?: InlineDockerfile;
  readonly target?: string;
  readonly args: Readonly<Record<string, string>>;
  /** Of arguments with variables that have no value: the names of those. */
  readonly unresolvedArgs: Readonly<Record<string, readonly string[]>>;
  /** Where the argument BUILDKIT_SYNTAX is written. */
  readonly frontend?: FrontendPlace;
  /** `additional_contexts`: names that stand for something else in the Dockerfile. */
  readonly contexts: Readonly<Record<string, ComposeImage>>;
}

/** A Dockerfile inside a Compose file. */
export interface InlineDockerfile {
  readonly file: string;
  readonly text: string;
  /** Where a part of `text` stands in the file. */
  place(start: number, end: number): TextRange;
}

/** What a Compose file says of one service about images. */
export interface ComposeService {
  readonly file: string;
  /** Of the service's name. */
  readonly range: TextRange;
  readonly image?: ComposeImage;
  readonly build?: ComposeBuild;
  /** Images besides its own: of image volumes and of `pre_start` hooks. */
  readonly others: readonly ComposeImage[];
  /** Services that it needs, each with whether it cannot do without. */
  readonly dependsOn: Readonly<Record<string, boolean>>;
  readonly profiles: readonly string[];
  readonly pullPolicy?: string;
  /** What its image is pulled or built for. */
  readonly platform?: string;
  /** True if a program besides the engine provides it (`provider`): it has no image. */
  readonly isProvided?: true;
  /** Where the rest comes from; without a file, from this one. */
  readonly extends?: { readonly service: string; readonly file?: string };
  /** Parts that take nothing from a file before (`!reset`, `!override`). */
  readonly replaces: ReadonlySet<string>;
}

/** Other Compose files that one includes: the first is the main one, the others override it. */
export interface ComposeInclude {
  readonly paths: readonly string[];
  /** Its `project_directory`; by default the folder of the first file. */
  readonly folder?: string;
  /** Absent for the `.env` in the folder. */
  readonly envFiles?: readonly string[];
  readonly range: TextRange;
}

export interface ComposeFile {
  readonly services: ReadonlyMap<string, ComposeService>;
  readonly includes: readonly ComposeInclude[];
  /** Why Compose refuses the file. */
  readonly problems: readonly WorkspaceProblem[];
}

/** Which file is read, from which folder its relative paths count, and what its variables stand for. */
export interface ComposeFileContext {
  readonly file: string;
  readonly folder: string;
  readonly variables: ComposeVariables;
}

/**
 * The documents of one Compose file, each with its services and what it includes; nothing is followed or merged. Paths are
 * made absolute. Rules: the Compose specification (05-services, build, 12-interpolation, 14-include).
 * What is malformed is a problem of its document.
 * Throws `Failure("invalid-compose-file")` for what is no YAML mapping, or larger than 512 kB.
 */
export function readComposeFile(yamlText: string, context: ComposeFileContext): ComposeFile[] {
  return parseYaml(yamlText).map((yaml) => new Reader(yaml, context).file());
}

class Reader {
  readonly #yaml: YamlText;
  readonly #context: ComposeFileContext;
  /** By node: many services can name one. */
  readonly #interpolated = new Map<unknown, Interpolated>();
  readonly #problems: WorkspaceProblem[] = [];
  readonly #inlines = new Map<unknown, InlineDockerfile>();
  readonly #images = { image: new Map<unknown, ComposeImage>(), context: new Map<unknown, ComposeImage>() };

  constructor(yaml: YamlText, context: ComposeFileContext) {
    this.#yaml = yaml;
    this.#context = context;
  }

  file(): ComposeFile {
    const { error } = this.#yaml;
    if (error !== undefined) this.#problem("yaml", error.message, error.range);
    const services = new Map<string, ComposeService>();
    for (const [key, body] of entriesOf(this.#yaml, this.#at(this.#yaml.contents, "services"))) {
      const [name, range] = [String(key.value), contentRange(this.#yaml.source, key)];
      if (isMap(body) || isAbsent(body)) services.set(name, this.#service(name, range, body));
      else this.#problem("wrong-type", `services.${name}`, range);
    }
    const include = this.#at(this.#yaml.contents, "include");
    return {
      services,
      includes: isSeq(include) ? itemsOf(this.#yaml, include).flatMap((one) => this.#include(one)) : [],
      problems: this.#problems,
    };
  }

  #problem(code: "yaml" | "wrong-type", detail: string, range: TextRange): void {
    const message =
      code === "yaml" ? `The YAML is malformed here (${detail}).` : `${detail} has a value of the wrong kind.`;
    this.#problems.push({ file: this.#context.file, range, code, message, detail });
  }

  #include(node: unknown): ComposeInclude[] {
    const paths = this.#texts(isMap(node) ? this.#at(node, "path") : node);
    if (paths.length === 0) return [];
    const folder = this.#text(this.#at(node, "project_directory"));
    const envFiles = this.#texts(this.#at(node, "env_file"));
    return [
      {
        paths: paths.map((path) => this.#path(path)),
        range: contentRange(this.#yaml.source, node),
        ...(folder === undefined ? {} : { folder: this.#path(folder) }),
        ...(envFiles.length === 0 ? {} : { envFiles: envFiles.map((path) => this.#path(path)) }),
      },
    ];
  }

  #service(name: string, range: TextRange, body: unknown): ComposeService {
    const replaces = new Set(mergeTag(body) === undefined ? [] : ["*"]);
    for (const part of ["image", "build", "depends_on", "profiles", "volumes"]) {
      if (mergeTag(this.#at(body, part)) !== undefined) replaces.add(part);
    }
    const image = this.#image(this.#value(body, "image"));
    const build = this.#build(this.#value(body, "build"));
    for (const [part, read] of Object.entries({ image, build })) {
      const node = this.#value(body, part);
      if (read === undefined && !isAbsent(node))
        this.#problem("wrong-type", `services.${name}.${part}`, contentRange(this.#yaml.source, node));
    }
    const from = this.#extends(this.#value(body, "extends"));
    const pullPolicy = this.#text(this.#value(body, "pull_policy"));
    const platform = this.#text(this.#value(body, "platform"));
    return {
      file: this.#context.file,
      range,
      replaces,
      others: this.#others(body),
      dependsOn: this.#dependsOn(body),
      profiles: this.#texts(this.#value(body, "profiles")),
      ...(image === undefined ? {} : { image }),
      ...(build === undefined ? {} : { build }),
      ...(from === undefined ? {} : { extends: from }),
      ...(isMap(this.#value(body, "provider")) ? { isProvided: true as const } : {}),
      ...(pullPolicy === undefined ? {} : { pullPolicy }),
      ...(platform === undefined || platform === "" ? {} : { platform }),
    };
  }

  #image(node: unknown, isContext = false): ComposeImage | undefined {
    const text = isScalar(node) && typeof node.value === "string" ? node.value : undefined;
    const read = this.#images[isContext ? "context" : "image"];
    const known = read.get(node);
    if (text === undefined || known !== undefined) return known;
    const { text: value, unresolved } = this.#interpolate(node, text);
    const reference = value === undefined ? undefined : imageOf(value, isContext);
    const image: ComposeImage = {
      file: this.#context.file,
      range: contentRange(this.#yaml.source, node),
      text,
      unresolved,
      ...(value === undefined ? {} : { value }),
      ...(reference === undefined ? {} : { reference }),
    };
    read.set(node, image);
    return image;
  }

  /** Images of volumes (`type: image`) and of hooks before the start. */
  #others(body: unknown): ComposeImage[] {
    const volumes = itemsOf(this.#yaml, this.#value(body, "volumes")).filter(
      (volume) => this.#text(this.#at(volume, "type")) === "image",
    );
    const hooks = itemsOf(this.#yaml, this.#value(body, "pre_start"));
    return [
      ...volumes.map((volume) => this.#at(volume, "source")),
      ...hooks.map((hook) => (isMap(hook) ? this.#at(hook, "image") : undefined)),
    ].flatMap((node) => this.#image(node) ?? []);
  }

  #build(node: unknown): ComposeBuild | undefined {
    const short = this.#text(node);
    if (short !== undefined) return { context: this.#path(short), args: {}, unresolvedArgs: {}, contexts: {} };
    if (!isMap(node)) return undefined;
    const [context, dockerfile, target] = ["context", "dockerfile", "target"].map((name) =>
      this.#text(this.#at(node, name)),
    );
    const inline = this.#inline(this.#at(node, "dockerfile_inline"));
    return {
      ...this.#args(this.#at(node, "args")),
      contexts: this.#contexts(this.#at(node, "additional_contexts")),
      ...(context === undefined ? {} : { context: this.#path(context) }),
      ...(dockerfile === undefined ? {} : { dockerfile }),
      ...(inline === undefined ? {} : { inline }),
      ...(target === undefined ? {} : { target }),
    };
  }

  #inline(node: unknown): InlineDockerfile | undefined {
    const written = scalarText(node);
    const known = this.#inlines.get(node);
    if (written === undefined || known !== undefined) return known;
    const { text, origin } = this.#interpolate(node, written);
    const place = contentPlaces(this.#yaml.source, node);
    const inline: InlineDockerfile = {
      file: this.#context.file,
      text: text ?? "",
      place: (start, end) => {
        const from = origin(start, end);
        return place(from.start, from.end);
      },
    };
    this.#inlines.set(node, inline);
    return inline;
  }

  /** `args` as a mapping or as a list of `X=y`; `X` alone takes its value from the variables. */
  #args(node: unknown): Pick<ComposeBuild, "args" | "unresolvedArgs" | "frontend"> {
    const { variables } = this.#context;
    const args: [string, string][] = [];
    const unresolvedArgs: [string, readonly string[]][] = [];
    let frontend: FrontendPlace | undefined;
    const add = (name: string, text: string | undefined, at: unknown, unresolved: readonly string[] = []): void => {
      if (text !== undefined) args.push([name, text]);
      if (text !== undefined && name === FRONTEND_ARG) frontend = this.#frontend(at);
      if (unresolved.length > 0) unresolvedArgs.push([name, unresolved]);
    };
    const given = (name: string, at: unknown): void =>
      add(name, Object.hasOwn(variables, name) ? variables[name] : undefined, at);
    if (isMap(node)) {
      for (const [key, value] of entriesOf(this.#yaml, node)) {
        const [name, written] = [String(key.value), scalarText(value)];
        if (written === undefined) given(name, key);
        else {
          const { text, unresolved } = this.#interpolate(value, written);
          add(name, text, value, unresolved);
        }
      }
    } else {
      for (const item of itemsOf(this.#yaml, node)) {
        const { text = "", unresolved } = this.#interpolate(item, scalarText(item) ?? "");
        const equals = text.indexOf("=");
        if (equals < 0) given(text, item);
        else add(text.slice(0, equals), text.slice(equals + 1), item, unresolved);
      }
    }
    return {
      args: Object.fromEntries(args),
      unresolvedArgs: Object.fromEntries(unresolvedArgs),
      ...(frontend === undefined ? {} : { frontend }),
    };
  }

  /** In a list what stands behind `BUILDKIT_SYNTAX=`. */
  #frontend(node: unknown): FrontendPlace {
    const text = scalarText(node) ?? "";
    const start = text.startsWith(`${FRONTEND_ARG}=`) ? FRONTEND_ARG.length + 1 : 0;
    const range = contentPlaces(this.#yaml.source, node)(start, text.length);
    return { file: this.#context.file, text: text.slice(start), range };
  }

  #contexts(node: unknown): Record<string, ComposeImage> {
    const found: [string, ComposeImage][] = [];
    if (isMap(node)) {
      for (const [key, value] of entriesOf(this.#yaml, node)) {
        const image = this.#image(value, true);
        if (image !== undefined) found.push([String(key.value), image]);
      }
    } else {
      for (const item of itemsOf(this.#yaml, node)) {
        const image = this.#image(item, true);
        const equals = image?.text.indexOf("=") ?? -1;
        const value = image?.value?.replace(/^[^=]*=/, "");
        if (image === undefined || equals < 0 || image.text.length > LONGEST_CONTEXT) continue;
        const reference = value === undefined ? undefined : imageOf(value, true);
        const { file, text, unresolved } = image;
        found.push([
          text.slice(0, equals),
          {
            file,
            range: contentPlaces(this.#yaml.source, item)(equals + 1, text.length),
            text: text.slice(equals + 1),
            unresolved,
            ...(value === undefined ? {} : { value }),
            ...(reference === undefined ? {} : { reference }),
          },
        ]);
      }
    }
    return Object.fromEntries(found.map(([name, image]) => [name, withoutScheme(image)]));
  }

  #dependsOn(body: unknown): Record<string, boolean> {
    const found: [string, boolean][] = [];
    const add = (name: string | undefined, required = true): void => {
      if (name !== undefined && name !== "") found.push([name, required]);
    };
    // What compose-spec/compose-go (loader/normalize.go) makes a dependency besides `depends_on`, which wins.
    for (const text of this.#texts(this.#value(body, "links"))) add(text.split(":", 1)[0]);
    for (const text of this.#texts(this.#value(body, "volumes_from"))) {
      if (!text.startsWith("container:")) add(text.split(":", 1)[0]);
    }
    for (const key of ["network_mode", "ipc", "pid", "uts", "cgroup"]) {
      add(/^service:(.*)$/.exec(this.#text(this.#value(body, key)) ?? "")?.[1]);
    }
    const node = this.#value(body, "depends_on");
    if (isMap(node)) {
      for (const [key, value] of entriesOf(this.#yaml, node)) {
        add(String(key.value), this.#text(this.#at(value, "required")) !== "false");
      }
    } else for (const text of this.#texts(node)) add(text);
    return Object.fromEntries(found);
  }

  #extends(node: unknown): ComposeService["extends"] {
    const short = this.#text(node);
    if (short !== undefined) return { service: short };
    const service = this.#text(this.#at(node, "service"));
    const file = this.#text(this.#at(node, "file"));
    if (service === undefined) return undefined;
    return { service, ...(file === undefined ? {} : { file: this.#path(file) }) };
  }

  #at(node: unknown, key: string): unknown {
    return lookUp(this.#yaml, node, key);
  }

  /** The value of a part of a service; undefined for what `!reset` takes away. */
  #value(body: unknown, key: string): unknown {
    const node = this.#at(body, key);
    return mergeTag(body) === "reset" || mergeTag(node) === "reset" ? undefined : node;
  }

  #text(node: unknown): string | undefined {
    const text = scalarText(node);
    return text === undefined ? undefined : this.#interpolate(node, text).text;
  }

  #interpolate(node: unknown, text: string): Interpolated {
    const known = this.#interpolated.get(node) ?? interpolate(text, this.#context.variables);
    this.#interpolated.set(node, known);
    return known;
  }

  #texts(node: unknown): string[] {
    return itemsOf(this.#yaml, node).flatMap((item) => this.#text(item) ?? []);
  }

  #path(path: string): string {
    return isRemote(path) ? path : join(this.#context.folder, path);
  }
}

/** True for nothing, `null`, and what `!reset` or `!override` marks. */
function isAbsent(node: unknown): boolean {
  return node === undefined || mergeTag(node) !== undefined || (isScalar(node) && node.value === null);
}

/** True for what Compose and BuildKit fetch from elsewhere: a URL, `git@…` or `github.com/…` (docker/buildx build). */
export function isRemote(path: string): boolean {
  return /^(?:[a-z][a-z0-9+.-]*:\/\/|git@|github\.com\/|(?:oci|docker-image|target|service):)/i.test(path);
}

const LONGEST_CONTEXT = 4096;
const IMAGE_SCHEME = "docker-image://";

/** An additional context stands for an image only with its scheme. */
function imageOf(value: string, isContext: boolean): ImageReference | undefined {
  if (isContext && !value.startsWith(IMAGE_SCHEME)) return undefined;
  return referenceIfAny(isContext ? value.slice(IMAGE_SCHEME.length) : value);
}

/** Of `docker-image://alpine` the place of `alpine`. */
function withoutScheme(image: ComposeImage): ComposeImage {
  const { text, range } = image;
  if (!text.startsWith(IMAGE_SCHEME) || range.end - range.start !== text.length) return image;
  return {
    ...image,
    text: text.slice(IMAGE_SCHEME.length),
    range: { ...range, start: range.start + IMAGE_SCHEME.length },
  };
}
