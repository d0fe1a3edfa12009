import type { ImageReference } from "./reference";

/** Registries that serve everybody and have no private images, by Docker's spelling. */
const PUBLIC_REGISTRIES: ReadonlySet<string> = new Set(["mcr.microsoft.com", "public.ecr.aws", "registry.k8s.io"]);

/** The beginnings of repositories that are public by what they are: Docker's official images, the Features of containers.dev. */
const PUBLIC_REPOSITORIES = ["docker.io/library/", "ghcr.io/devcontainers/"];

/**
 * True if everybody may pull the image, so that it needs no secret. False says only that this is not known
 * (containers.dev, "Features"; Docker Hub, "Docker Official Images"; the registries' own documentation).
 */
export function isKnownPublic({ registry, repository }: Pick<ImageReference, "registry" | "repository">): boolean {
  return (
    PUBLIC_REGISTRIES.has(registry) ||
    PUBLIC_REPOSITORIES.some((beginning) => `${registry}/${repository}`.startsWith(beginning))
  );
}
