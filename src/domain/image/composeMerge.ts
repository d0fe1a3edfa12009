import type { ComposeBuild, ComposeService } from "./composeFile";

/** Services by name. */
export type ComposeServices = ReadonlyMap<string, ComposeService>;

/** Two Compose models as one, the second over the first (Compose specification, 13-merge). */
export function mergeModels(below: ComposeServices, above: ComposeServices): ComposeServices {
  const merged = new Map(below);
  for (const [name, service] of above) {
    const other = below.get(name);
    merged.set(name, other === undefined ? service : mergeServices(other, service));
  }
  return merged;
}

/**
 * One service over another of an earlier file, or over that which it extends: what it says itself wins, mappings and
 * lists are joined, and what it marks with `!reset` or `!override` takes nothing from the other.
 */
export function mergeServices(below: ComposeService, above: ComposeService): ComposeService {
  if (above.replaces.has("*")) return above;
  const keeps = (part: string): boolean => !above.replaces.has(part);
  const image = above.image ?? (keeps("image") ? below.image : undefined);
  const build = keeps("build") ? mergeBuilds(below.build, above.build) : above.build;
  const pullPolicy = above.pullPolicy ?? below.pullPolicy;
  const platform = above.platform ?? below.platform;
  const from = above.extends ?? below.extends;
  return {
    file: above.file,
    range: above.range,
    replaces: new Set([...below.replaces, ...above.replaces]),
    others: keeps("volumes") ? [...below.others, ...above.others] : above.others,
    dependsOn: keeps("depends_on") ? { ...below.dependsOn, ...above.dependsOn } : above.dependsOn,
    profiles: keeps("profiles") ? [...new Set([...below.profiles, ...above.profiles])] : above.profiles,
    ...(image === undefined ? {} : { image }),
    ...(build === undefined ? {} : { build }),
    ...(pullPolicy === undefined ? {} : { pullPolicy }),
    ...(platform === undefined ? {} : { platform }),
    ...(from === undefined ? {} : { extends: from }),
    ...((above.isProvided ?? below.isProvided) === true ? { isProvided: true as const } : {}),
  };
}

function mergeBuilds(below: ComposeBuild | undefined, above: ComposeBuild | undefined): ComposeBuild | undefined {
  if (below === undefined || above === undefined) return above ?? below;
  const { dockerfile, inline, ...rest } = below;
  const hasDockerfile = above.dockerfile !== undefined || above.inline !== undefined;
  const given = Object.keys(above.args);
  const unresolvedBelow = Object.entries(below.unresolvedArgs).filter(([name]) => !given.includes(name));
  return {
    ...rest,
    ...(dockerfile === undefined || hasDockerfile ? {} : { dockerfile }),
    ...(inline === undefined || hasDockerfile ? {} : { inline }),
    ...above,
    args: { ...below.args, ...above.args },
    unresolvedArgs: { ...Object.fromEntries(unresolvedBelow), ...above.unresolvedArgs },
    contexts: { ...below.contexts, ...above.contexts },
  };
}
