import { Failure, isFailure } from "../failure";

/** An image's name, taken apart as Docker does. */
export interface ImageReference {
  /** As Docker spells it: `docker.io` for Docker Hub, else the host as written, with its port. */
  readonly registry: string;
  /** With `library/` filled in for Docker Hub's official images. */
  readonly repository: string;
  readonly tag?: string;
  /** `sha256:…`, `sha384:…` or `sha512:…`. */
  readonly digest?: string;
}

const HUB = "docker.io";
const LONGEST_REPOSITORY = 255;
const LONGEST_REFERENCE = 1024;

// The grammar of distribution/reference (regexp.go).
const DOMAIN =
  /^(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*|\[[a-f0-9:]+\])(?::[0-9]+)?$/i;
const PATH_COMPONENT = /^[a-z0-9]+(?:(?:\.|__?|-+)[a-z0-9]+)*$/;
const TAG = /^\w[\w.-]{0,127}$/;
const DIGEST = /^(?:sha256:[a-f0-9]{64}|sha384:[a-f0-9]{96}|sha512:[a-f0-9]{128})$/;

/**
 * The image that `docker pull TEXT` would ask for, before a default tag is added (`withDefaultTag` adds it).
 * Rules: distribution/reference `ParseNormalizedNamed`. Throws `Failure("invalid-image-reference")`.
 */
export function parseImageReference(text: string): ImageReference {
  if (text === "") throw invalid("The image name is empty", text);
  if (text.length > LONGEST_REFERENCE) throw invalid("The image name is far too long", text.slice(0, 80));
  if (/\s/.test(text)) throw invalid(`The image name "${text}" contains a space or line break`, text);
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(text)) {
    throw invalid(`The image name "${withoutUserInfo(text)}" is a URL; Docker takes it without "https://"`, "");
  }
  if (/^[a-f0-9]{64}$/.test(text))
    throw invalid(`"${text}" is an image id, not the name of an image in a registry`, text);

  const { registry, rest } = splitRegistry(text);
  const at = rest.indexOf("@");
  const name = at < 0 ? rest : rest.slice(0, at);
  const digest = at < 0 ? undefined : rest.slice(at + 1);
  const colon = name.indexOf(":");
  const repository = colon < 0 ? name : name.slice(0, colon);
  const tag = colon < 0 ? undefined : name.slice(colon + 1);

  if (repository !== repository.toLowerCase()) {
    throw invalid(`The repository "${repository}" in "${text}" must be in lower case`, text);
  }
  if (!DOMAIN.test(registry)) throw invalid(`"${registry}" in "${text}" is not the host of a registry`, text);
  const wrong = repository.split("/").find((component) => !PATH_COMPONENT.test(component));
  if (wrong !== undefined) {
    const what = wrong === "" ? "an empty part in its path" : `"${wrong}" in its path, which Docker does not accept`;
    throw invalid(`The image name "${text}" has ${what}`, text);
  }
  if (repository.length > LONGEST_REPOSITORY) {
    throw invalid("The repository in the image name is longer than 255 characters", text);
  }
  if (tag !== undefined && !TAG.test(tag)) throw invalid(`"${tag}" in "${text}" is not a tag`, text);
  if (digest !== undefined && !DIGEST.test(digest)) {
    throw invalid(`"${digest}" in "${text}" is not a digest such as "sha256:" and 64 hexadecimal digits`, text);
  }
  return { registry, repository, ...(tag === undefined ? {} : { tag }), ...(digest === undefined ? {} : { digest }) };
}

/** The same, and undefined for what is no image name. */
export function referenceIfAny(text: string): ImageReference | undefined {
  try {
    return parseImageReference(text);
  } catch (error) {
    if (isFailure(error, "invalid-image-reference")) return undefined;
    throw error;
  }
}

/** The whole name: `docker.io/library/debian:12`. A fixed point of `parseImageReference`. */
export function formatReference(reference: ImageReference): string {
  return `${reference.registry}/${reference.repository}${suffix(reference)}`;
}

/** The shortest name that means the same, as Docker shows it: `debian:12`. */
export function familiarName(reference: ImageReference): string {
  // A namespace such as `a.b` on Docker Hub would read as a host.
  if (reference.registry !== HUB || looksLikeHost(reference.repository)) return formatReference(reference);
  const official = /^library\/([^/]+)$/.exec(reference.repository)?.[1];
  return `${official ?? reference.repository}${suffix(reference)}`;
}

/** The same image with the tag `latest` if it has neither tag nor digest: what is really asked for. */
export function withDefaultTag(reference: ImageReference): ImageReference {
  return reference.tag === undefined && reference.digest === undefined ? { ...reference, tag: "latest" } : reference;
}

function suffix({ tag, digest }: ImageReference): string {
  return `${tag === undefined ? "" : `:${tag}`}${digest === undefined ? "" : `@${digest}`}`;
}

/** distribution/reference `splitDockerDomain`: what stands before the first slash is a host only if it looks like one. */
function splitRegistry(text: string): { registry: string; rest: string } {
  const isHost = looksLikeHost(text);
  const slash = text.indexOf("/");
  const first = text.slice(0, Math.max(slash, 0));
  const registry = !isHost || first === "index.docker.io" ? HUB : first;
  const rest = isHost ? text.slice(slash + 1) : text;
  return { registry, rest: registry === HUB && !rest.includes("/") ? `library/${rest}` : rest };
}

function looksLikeHost(text: string): boolean {
  const slash = text.indexOf("/");
  const first = text.slice(0, Math.max(slash, 0));
  return slash >= 0 && (first === "localhost" || /[.:]/.test(first) || first !== first.toLowerCase());
}

/** A pasted URL may hold a password. */
function withoutUserInfo(text: string): string {
  return text.replace(/\/\/.*@/, "//");
}

function invalid(what: string, reference: string): Failure {
  return new Failure("invalid-image-reference", `${what}.`, { reference });
}
