import { eachOnce } from "../eachOnce";
import { isKnownPublic } from "../image/knownPublic";
import type { WorkspaceImage } from "../image/workspaceImages";
import { hostIfAny, type RegistryHost } from "../registry/host";
import { effectiveSecrets } from "../secret/effective";
import type { RegistrySecret } from "../secret/secret";
import { isTrouble, type Finding } from "./finding";

/** An image that a configuration names, for which project, and what the last check found, if that still holds. */
export interface ImageInUse {
  readonly project: string;
  readonly folder: string;
  readonly image: WorkspaceImage;
  readonly finding?: Finding;
}

/** A registry that the configurations of a project name, and how its images are asked for. */
export interface RegistryInUse {
  readonly host: RegistryHost;
  readonly project: string;
  readonly access: RegistryAccess;
  readonly images: readonly ImageInUse[];
}

export type RegistryAccess =
  | { readonly kind: "secret"; readonly secret: RegistrySecret }
  /** No secret, and none is needed: the images are public, by what they are or as a check has shown. */
  | { readonly kind: "anonymous" }
  /** No secret, and a check has shown that Docker's own login serves. */
  | { readonly kind: "docker-login"; readonly username: string }
  /** No secret, and it is not known whether it takes one. */
  | { readonly kind: "no-secret" };

/**
 * The registries that the workspace's files name, each once for every project, in the order of the files. An image whose
 * name is none, or whose host no network has, belongs to no registry.
 */
export function registriesInUse(
  images: readonly ImageInUse[],
  secrets: readonly RegistrySecret[],
): readonly RegistryInUse[] {
  const effectiveIn = eachOnce((project: string) => effectiveSecrets(secrets, project));
  const found = new Map<string, { host: RegistryHost; project: string; images: ImageInUse[] }>();
  for (const use of images) {
    const host = use.image.reference && hostIfAny(use.image.reference);
    if (host === undefined) continue;
    const key = JSON.stringify([use.project, host.key]);
    const known = found.get(key);
    if (known) known.images.push(use);
    else found.set(key, { host, project: use.project, images: [use] });
  }
  return [...found.values()].map((registry) => ({
    ...registry,
    access: accessOf(registry.images, effectiveIn(registry.project).get(registry.host.key)?.secret),
  }));
}

function accessOf(images: readonly ImageInUse[], secret: RegistrySecret | undefined): RegistryAccess {
  if (secret) return { kind: "secret", secret };
  for (const { finding } of images) {
    if (finding?.credential.kind === "docker-config" && !isTrouble(finding))
      return { kind: "docker-login", username: finding.credential.username };
  }
  const isPublic = ({ image, finding }: ImageInUse) =>
    finding
      ? !isTrouble(finding) && finding.credential.kind === "none"
      : image.reference !== undefined && isKnownPublic(image.reference);
  return images.every(isPublic) ? { kind: "anonymous" } : { kind: "no-secret" };
}
