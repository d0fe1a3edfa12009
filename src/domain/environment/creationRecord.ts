import * as z from "zod/mini";
import { formatReference, withDefaultTag } from "../image/reference";
import type { WorkspaceImages } from "../image/workspaceImages";
import type { EffectiveSecret } from "../secret/effective";
import type { CreationOutcome, CreationRequest } from "./creation";

/** What an environment was made from: no values, and no hashes of values. */
export interface CreationRecord {
  readonly folder: string;
  readonly configFile: string;
  /** When it came to its end, in milliseconds since the epoch. */
  readonly at: number;
  readonly outcome: "created" | "failed";
  readonly containerId?: string;
  /** The image references of the configuration at that time, normalised and sorted. */
  readonly references: readonly string[];
  /** True where some of them were not known; then a difference proves nothing. */
  readonly incomplete?: boolean;
  /** The effective secrets at that time, by Docker's key of the host. */
  readonly secrets: readonly RecordedSecret[];
}

export interface RecordedSecret {
  readonly host: string;
  readonly id: string;
  readonly kind: "password" | "runner-native";
  readonly updatedAt: number;
  /** Who answered for a runner-native one: an ARN, an e-mail address, an application id. */
  readonly identity?: string;
}

/** What a configuration names, in the form in which it is recorded and compared. */
export interface NamedImages {
  readonly references: readonly string[];
  /** A file could not be read, or a variable has no value here. */
  readonly incomplete: boolean;
}

/**
 * The images of a configuration, normalised, each once, sorted: those that are written there. What a Feature brings in is
 * known only where the registries were asked, so it is left out.
 */
export function namedImages({ images, problems }: Pick<WorkspaceImages, "images" | "problems">): NamedImages {
  const known = images.flatMap(({ reference, unresolved = [], dependencyOf }) =>
    reference === undefined || unresolved.length > 0 || dependencyOf !== undefined
      ? []
      : [formatReference(withDefaultTag(reference))],
  );
  return {
    references: [...new Set(known)].sort(),
    incomplete: problems.length > 0 || images.some(({ unresolved = [] }) => unresolved.length > 0),
  };
}

/** The record of a creation that came to an end `at` that time; `identities` are those of `answeringIdentities`. */
export function creationRecord(
  { folder, configFile }: Pick<CreationRequest, "folder" | "configFile">,
  outcome: CreationOutcome,
  images: Pick<WorkspaceImages, "images" | "problems">,
  secrets: ReadonlyMap<string, EffectiveSecret>,
  at: number,
  identities: ReadonlyMap<string, string> = new Map(),
): CreationRecord {
  return {
    folder,
    configFile,
    at,
    ...outcome,
    ...namedImages(images),
    secrets: [...secrets].map(([host, { secret }]) => ({
      host,
      id: secret.id,
      kind: secret.credential.kind,
      updatedAt: secret.updatedAt,
      ...(identities.has(host) ? { identity: identities.get(host) ?? "" } : {}),
    })),
  };
}

/** The form in which records are stored; older and newer versions of the program must read it. */
export const StoredCreation = z.object({
  folder: z.string(),
  configFile: z.string(),
  at: z.number(),
  outcome: z.enum(["created", "failed"]),
  containerId: z.optional(z.string()),
  references: z.array(z.string()),
  incomplete: z.optional(z.boolean()),
  secrets: z.array(
    z.object({
      host: z.string(),
      id: z.string(),
      kind: z.enum(["password", "runner-native"]),
      updatedAt: z.number(),
      identity: z.optional(z.string()),
    }),
  ),
});
