import { externalImages } from "./dockerfile";
import { FRONTEND_ARG, type FrontendPlace } from "./frontend";
import type { TextRange } from "./range";
import { formatReference, referenceIfAny, withDefaultTag, type ImageReference } from "./reference";

/** An image that a build pulls, and where it is written. */
export interface BuildImage {
  readonly file: string;
  readonly range: TextRange;
  readonly text: string;
  readonly reference?: ImageReference;
  readonly unresolved?: readonly string[];
  /** What it is wanted for, such as `linux/arm64`; absent for the platform of the engine. */
  readonly platform?: string;
  /** True if the target stage begins with it. */
  readonly isBase?: true;
}

/** A Dockerfile and what the build is given. */
export interface Build {
  readonly file: string;
  readonly text: string;
  /** Where a part of `text` stands in the file, if that is not where it stands in `text`. */
  readonly place?: (start: number, end: number) => TextRange;
  readonly args: Readonly<Record<string, string>>;
  readonly unresolvedArgs: Readonly<Record<string, readonly string[]>>;
  /** Where the argument BUILDKIT_SYNTAX is written, if that is known. */
  readonly frontend?: FrontendPlace | undefined;
  readonly target?: string | undefined;
  readonly platform?: string | undefined;
  /** True if it is not the environment's own: that of another Compose service. */
  readonly isOther?: true;
  /** What stands for images and stages of these names; without `reference` something that is not pulled. */
  readonly contexts: Readonly<Record<string, BuildImage>>;
}

/**
 * What the build pulls, in the order of the Dockerfile: an image for which a build context stands gives way to that one,
 * at its own place (moby/buildkit frontend/dockerui/namedcontext.go). Throws `invalid-dockerfile`.
 */
export function buildImages(build: Build): BuildImage[] {
  const { file, place, contexts, target, platform } = build;
  const byName = new Map(Object.entries(contexts).map(([name, image]) => [canonical(name), image]));
  const found = externalImages(build.text, {
    buildArgs: build.args,
    unresolvedArgs: build.unresolvedArgs,
    contexts: Object.keys(contexts),
    ...(target === undefined ? {} : { target }),
    ...(platform === undefined ? {} : { platform }),
  });
  const frontend = frontendOf(build);
  const pulled = found.flatMap(
    ({ text, expanded, reference, range, unresolved, kind, platform: wanted, isBase }): BuildImage[] => {
      const context = kind === "syntax" || expanded === undefined ? undefined : byName.get(canonical(expanded));
      const ofPlatform = {
        ...(wanted === undefined ? {} : { platform: wanted }),
        ...(isBase === undefined || build.isOther === true ? {} : { isBase }),
      };
      if (kind === "syntax" && frontend !== undefined) return [];
      if (context !== undefined) return context.reference === undefined ? [] : [{ ...context, ...ofPlatform }];
      return [
        {
          file,
          text,
          range: place === undefined ? range : place(range.start, range.end),
          ...(reference === undefined ? {} : { reference }),
          ...(unresolved.length === 0 ? {} : { unresolved }),
          ...ofPlatform,
        },
      ];
    },
  );
  return frontend === undefined ? pulled : [frontend, ...pulled];
}

/** The frontend that an argument names; its other words are options. */
function frontendOf({ file, args, unresolvedArgs, frontend }: Build): BuildImage | undefined {
  const value = Object.hasOwn(args, FRONTEND_ARG) ? args[FRONTEND_ARG] : undefined;
  const [name = ""] = (value ?? "").trim().split(/\s/, 1);
  if (name === "") return undefined;
  const reference = referenceIfAny(name);
  const unresolved = Object.hasOwn(unresolvedArgs, FRONTEND_ARG) ? unresolvedArgs[FRONTEND_ARG] : undefined;
  return {
    ...(frontend ?? { file, text: name, range: { start: 0, end: 0 } }),
    ...(reference === undefined ? {} : { reference }),
    ...(unresolved === undefined ? {} : { unresolved }),
  };
}

/** The name of an image with everything filled in; of what is none, in lower case. */
function canonical(name: string): string {
  const reference = referenceIfAny(name);
  return reference === undefined ? name.toLowerCase() : formatReference(withDefaultTag(reference));
}
