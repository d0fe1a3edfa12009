import { isFailure } from "../failure";
import { classifyFeature, type FeaturePlace } from "./devcontainerFile";
import { findNodeAtLocation, type Node } from "jsonc-parser";
import { parseJsonText, stringOf } from "./jsonText";
import { baseOf, join, parentOf } from "./paths";
import { noFile, type WorkspaceProblem } from "./problems";
import type { TextRange } from "./range";
import { referenceIfAny, type ImageReference } from "./reference";

/** A Feature that is fetched from a registry. */
export interface FeatureImage {
  /** Of the Feature in devcontainer.json: its own, or of the one that brought it in. */
  readonly range: TextRange;
  /** Its id as written. */
  readonly text: string;
  /** What is fetched: that of the lock file, if it has one. */
  readonly reference: ImageReference;
  /** The id of the Feature in devcontainer.json that brings it in, be it by way of others. */
  readonly dependencyOf?: string;
}

export interface FeatureImages {
  readonly images: readonly FeatureImage[];
  readonly problems: readonly WorkspaceProblem[];
}

/** How Features are found out about. */
export interface FeatureSource {
  /** The devcontainer.json: local Features lie beside it, and so does the lock file. */
  readonly configFile: string;
  read(path: string): Promise<string | undefined>;
  /** The `dev.containers.metadata` annotation of a Feature's manifest; undefined if there is none or it cannot be had. */
  metadata?(reference: ImageReference): Promise<string | undefined>;
}

const MOST_FEATURES = 100;

interface Wanted {
  readonly id: string;
  readonly range: TextRange;
  /** Of the Feature in devcontainer.json, for one that another brings in. */
  readonly dependencyOf?: string;
}

interface Looked {
  readonly image?: FeatureImage;
  readonly problem?: FeatureImages["problems"][number];
  readonly dependencies: readonly Wanted[];
  readonly before: readonly Wanted[];
}

/**
 * The Features that creating the environment fetches from registries, with those that they depend on (`dependsOn`), and
 * those that only say in what order (`installsAfter`, and `order`: that of devcontainer.json): the CLI fetches what it
 * knows of these, too, and gives up if it cannot, but looks no further from there (dev container Features specification and
 * its addendum on lock files; devcontainers/cli src/spec-configuration/lockfile.ts and containerFeaturesOrder.ts). Each is
 * given once. Throws only `cancelled`, if the port does.
 */
export async function featureImages(
  features: readonly FeaturePlace[],
  order: readonly FeaturePlace[],
  source: FeatureSource,
): Promise<FeatureImages> {
  const problems: FeatureImages["problems"][number][] = [];
  const images: FeatureImage[] = [];
  const pins = readPins((await source.read(lockFileOf(source.configFile))) ?? "");
  const seen = new Set<string>();
  const wanted = ({ text, range }: FeaturePlace): Wanted => ({ id: text, range });
  const last = order.map(wanted);
  let wave: readonly Wanted[] = features.map(wanted);
  while (wave.length > 0) {
    const fresh = wave.filter(({ id }) => !seen.has(id) && seen.add(id).size <= MOST_FEATURES);
    if (seen.size > MOST_FEATURES) {
      problems.push({
        file: source.configFile,
        message: "More than 100 Features are involved; the others are not looked at.",
      });
    }
    const found = await Promise.all(fresh.map((wanted) => lookAt(wanted, pins, source)));
    for (const { image, problem } of found) {
      if (image !== undefined) images.push(image);
      if (problem !== undefined) problems.push(problem);
    }
    if (seen.size > MOST_FEATURES) break;
    wave = found.flatMap(({ dependencies }) => dependencies);
    last.push(...found.flatMap(({ before }) => before));
  }
  for (const one of last) {
    const image = imageOf(one, pins);
    if (image !== undefined && !images.some((other) => makesNeedless(other, image))) images.push(image);
  }
  return { images, problems };
}

async function lookAt(
  wanted: Wanted,
  pins: ReadonlyMap<string, ImageReference>,
  source: FeatureSource,
): Promise<Looked> {
  const { id, range } = wanted;
  const nothing = { dependencies: [], before: [] };
  if (classifyFeature(id).kind === "local") {
    const file = join(parentOf(source.configFile), `${id}/devcontainer-feature.json`);
    const text = await source.read(file);
    if (text !== undefined) return broughtIn(text, wanted);
    return { ...nothing, problem: { file: source.configFile, range, ...noFile(file) } };
  }
  const image = imageOf(wanted, pins);
  if (image === undefined) return nothing;
  try {
    return { image, ...broughtIn((await source.metadata?.(image.reference)) ?? "", wanted) };
  } catch (error) {
    if (isFailure(error, "cancelled")) throw error;
    // why the Feature cannot be had is what its own diagnosis says
    return { ...nothing, image };
  }
}

function imageOf(wanted: Wanted, pins: ReadonlyMap<string, ImageReference>): FeatureImage | undefined {
  const { id, range, dependencyOf } = wanted;
  const reference = pins.get(id) ?? classifyFeature(id).reference;
  if (reference === undefined) return undefined;
  return { range, text: id, reference, ...(dependencyOf === undefined ? {} : { dependencyOf }) };
}

/**
 * Of one that is fetched anyway it is no news, whatever the tag. What is written does not give way to what another brings
 * in: that is known only where the registries were asked, and what is written must be the same everywhere.
 */
function makesNeedless(there: FeatureImage, image: FeatureImage): boolean {
  const [one, other] = [there.reference, image.reference];
  const isSame = one.registry === other.registry && one.repository === other.repository;
  return isSame && (there.dependencyOf === undefined || image.dependencyOf !== undefined);
}

/** What a Feature's devcontainer-feature.json names; nothing if it cannot be understood. */
function broughtIn(text: string, { id, range, dependencyOf }: Wanted): Pick<Looked, "dependencies" | "before"> {
  const root = text.length > LONGEST ? undefined : parseJsonText(text);
  const by = (one: string): Wanted => ({ id: one, range, dependencyOf: dependencyOf ?? id });
  const after = root?.type === "object" ? findNodeAtLocation(root, ["installsAfter"]) : undefined;
  return {
    dependencies: childrenOf(root, "dependsOn")
      .flatMap((property) => stringOf(property.children?.[0]) ?? [])
      .map(by),
    before: (after?.type === "array" ? (after.children ?? []) : []).flatMap((one) => stringOf(one) ?? []).map(by),
  };
}

/** devcontainers/cli src/spec-configuration/lockfile.ts, `getLockfilePath`. */
function lockFileOf(configFile: string): string {
  const hidden = baseOf(configFile).startsWith(".");
  return join(parentOf(configFile), hidden ? ".devcontainer-lock.json" : "devcontainer-lock.json");
}

/** What the lock file pins, by the id of the Feature. */
function readPins(text: string): ReadonlyMap<string, ImageReference> {
  const pins = new Map<string, ImageReference>();
  const root = text.length > LONGEST ? undefined : parseJsonText(text);
  for (const property of childrenOf(root, "features")) {
    const [key, value] = property.children ?? [];
    const id = stringOf(key);
    const resolved = value?.type === "object" ? stringOf(findNodeAtLocation(value, ["resolved"])) : undefined;
    if (id === undefined || resolved === undefined) continue;
    const pin = referenceIfAny(resolved); // of a tarball it is a URL
    if (pin) pins.set(id, pin);
  }
  return pins;
}

const LONGEST = 1_048_576;

function childrenOf(root: Node | undefined, key: string): readonly Node[] {
  const node = root?.type === "object" ? findNodeAtLocation(root, [key]) : undefined;
  return node?.type === "object" ? (node.children ?? []) : [];
}
