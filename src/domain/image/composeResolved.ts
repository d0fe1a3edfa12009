import type { ComposeBuild, ComposeImage, ComposeService } from "./composeFile";
import type { ComposeServices } from "./composeMerge";
import type { TextRange } from "./range";
import { referenceIfAny } from "./reference";

/** A service as the engine's own Compose resolves it: everything merged, interpolated and absolute. */
export interface ResolvedService {
  readonly image?: string;
  readonly build?: {
    readonly context?: string;
    readonly dockerfile?: string;
    readonly dockerfileInline?: string;
    readonly target?: string;
    readonly args?: Readonly<Record<string, string>>;
    readonly additionalContexts?: Readonly<Record<string, string>>;
  };
  /** Each with whether the service cannot do without. */
  readonly dependsOn?: Readonly<Record<string, boolean>>;
  readonly profiles?: readonly string[];
  readonly pullPolicy?: string;
  readonly platform?: string;
}

/** By name of the service. */
export type ResolvedServices = ReadonlyMap<string, ResolvedService>;

/** Where something stands for which the parsed files have no place. */
export interface FallbackPlace {
  readonly file: string;
  readonly range: TextRange;
}

/** The services as the engine's Compose sees them, in the order and at the places that the parsed files give them. */
export function withResolved(
  parsed: ComposeServices,
  resolved: ResolvedServices,
  fallback: FallbackPlace,
): ComposeServices {
  const inOrder = [...parsed.keys()].filter((name) => resolved.has(name));
  return new Map(
    [...new Set([...inOrder, ...resolved.keys()])].flatMap((name): [string, ComposeService][] => {
      const service = resolved.get(name);
      if (service === undefined) return [];
      const own = parsed.get(name);
      const place = own ?? fallback;
      const image = service.image === undefined ? undefined : placed(service.image, own?.image, place);
      const build = service.build === undefined ? undefined : toBuild(service.build, own?.build, place);
      const merged = {
        file: place.file,
        range: place.range,
        others: own?.others ?? [],
        dependsOn: service.dependsOn ?? {},
        profiles: service.profiles ?? [],
        replaces: new Set<string>(),
        ...(image === undefined ? {} : { image }),
        ...(build === undefined ? {} : { build }),
        ...(service.pullPolicy === undefined ? {} : { pullPolicy: service.pullPolicy }),
        ...(service.platform === undefined ? {} : { platform: service.platform }),
      };
      return [[name, merged]];
    }),
  );
}

function toBuild(
  build: NonNullable<ResolvedService["build"]>,
  own: ComposeBuild | undefined,
  place: FallbackPlace,
): ComposeBuild {
  const { context, dockerfile, dockerfileInline, target, args = {}, additionalContexts = {} } = build;
  const { file, range } = place;
  const contexts = Object.entries(additionalContexts).map(([name, value]): [string, ComposeImage] => {
    const known = own !== undefined && Object.hasOwn(own.contexts, name) ? own.contexts[name] : undefined;
    return [name, placed(value, known, place, "docker-image://")];
  });
  // its places count from the text that our own interpolation made
  const inline = own?.inline ?? { file, text: dockerfileInline ?? "", place: () => range };
  return {
    args,
    unresolvedArgs: own?.unresolvedArgs ?? {},
    contexts: Object.fromEntries(contexts),
    ...(own?.frontend === undefined ? {} : { frontend: own.frontend }),
    ...(context === undefined ? {} : { context }),
    ...(dockerfileInline === undefined ? {} : { inline }),
    ...(dockerfile === undefined || dockerfileInline !== undefined ? {} : { dockerfile }),
    ...(target === undefined ? {} : { target }),
  };
}

function placed(value: string, own: ComposeImage | undefined, place: FallbackPlace, scheme = ""): ComposeImage {
  const reference = value.startsWith(scheme) ? referenceIfAny(value.slice(scheme.length)) : undefined;
  const { file, range, text, unresolved } = own ?? { ...place, text: value, unresolved: [] };
  return { file, range, text, unresolved, value, ...(reference === undefined ? {} : { reference }) };
}
