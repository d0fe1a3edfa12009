import { parseImageReference, type ImageReference } from "../image/reference";
import { isFailure } from "../failure";

/** What a line is about. */
export interface TextSubject {
  /** As the line writes it, or put together from a URL; "" where it names only a registry. */
  readonly image: string;
  /** As Docker spells it; "" where the line leaves it open. */
  readonly registry: string;
  /** Absent for a name that Docker would not accept (placeholders, masked names). */
  readonly reference?: ImageReference;
}

/** What must stand in a line, in lower case, for it to be worth asking which image it announces. */
export const ANNOUNCEMENTS = [
  " pull ",
  "trying to pull ",
  "pulling from ",
  "pulling image ",
  ")...",
  ": from ",
  ">>> from ",
  "load metadata for ",
  "unable to find image ",
  "processing feature",
  "retrieving image ",
  "docker://",
] as const;

// Every quantifier is bounded, so that a hostile line costs no more than its length times a constant.
const NAME = "[\"'`]{0,2}(?:docker://|docker-image://|oci://)?([^\\s\"'`,()]{1,400})";

/** After these words an image is named. The first in the line counts. */
const BEFORE_IMAGE = new RegExp(
  "(?:" +
    [
      "pull access denied for ", // moby daemon/images, distribution/errors.go
      "(?<!matching )[Mm]anifest for ",
      "[Mm]anifest found for ", // dev container CLI
      "metadata for ", // BuildKit
      'failed to solve: (?=[a-z0-9][^\\s"]{0,400}: )',
      '(?:LLB definition: |^#\\d{1,6} ERROR: )(?=[^\\s"]{3,400}: (?:not found|pull access denied|failed to))',
      "image config for ", // BuildKit, # syntax
      "resolve (?:reference|ref|image) ", // containerd
      "(?:[Pp]ull(?:ing)?|unpack|find|[Rr]etrieving|resolve) image (?:(?<=Retrieving image )manifest )?(?!(?:manifest|configuration|config|from|with|failed|for|has|is)\\b)",
      'PullImage from image service failed" err=[^]{1,4000}? image=(?=")', // kubelet, crictl
      "PullImage (?!from )", // containerd, kubelet of old
      "doPull failed for ",
      "Suggest the author of ", // moby, of schema 1
      "flag value ", // BuildKit, COPY --from
      "initializing source ", // containers/image
      "[Tt]rying to pull ",
      "checksum for ", // apptainer
      "[Pp]rocessing feature: ",
      "[Ff]eature(?: manifest for)? (?=')",
      "Image (?=\\S{1,400} {1,40}(?:Error|Pulling|Interrupted|Warning)\\b)", // Compose
      "(?:docker|podman|nerdctl|buildah|crictl|ctr) (?:-n \\S{1,60} )?(?:images? )?pull (?:--(?:platform|creds|authfile|cert-dir) \\S{1,400} |--?[\\w-]{1,40}(?:=\\S{1,400})? ){0,9}(?!-)",
      "(?:: |>>> )FROM (?:--platform=\\S{1,100} )?",
      "Pulling \\S{1,100} \\((?=[^\\s)]{1,400}\\))", // Compose 1
      "(?=docker://)",
    ].join("|") +
    ")" +
    NAME,
);
/** containers/image: `reading manifest 1 in ghcr.io/acme/app`. */
const MANIFEST_IN = /manifest ([^\s"]{1,200}) in ([^\s"':]{1,400}(?::\d{1,5}\/[^\s"':]{1,400})?)(?=$|[\s"':])/;
/** Docker's v1 protocol: `Error pulling image (latest) from hello-world, …`. */
const PULLING_FROM = /pulling image \(([^\s)]{1,200})\) from ([^\s,]{1,400}),/;
/** Docker says `1: Pulling from acme/app` without the registry, whatever it is. */
const LAYERS_FROM = /(?:^|\s)([\w.-]{1,128}): Pulling from ([a-z0-9][^\s]{0,400})$/;
const API_URL =
  /https?:\/\/(?:[^\s/@"']{0,200}@)?([^\s/"'?#\\]{1,260})\/v[12](?:\/(?:([^\s"'?#]{1,300}?)\/(?:(manifests)|blobs|tags)\/([^\s"'?#:]{1,140}(?::[0-9a-f]{1,140})?))?|(?=["'\s:),]|$))/;
const TOKEN_URL = /https?:\/\/(?:[^\s/@"']{0,200}@)?([^\s/"'?#\\]{1,260})\/([^\s"'?#]{0,100})\?([^\s"']{1,2000})/;
const SCOPE = /scope=repository(?::|%3A)([^&\s"']{1,300}?)(?::|%3A)(?:pull|push|%2A|\*)/i;
const SERVICE = /service=((?:[\w-]{1,63}\.){1,6}[\w-]{1,63}(?:(?::|%3A)\d{1,5})?)(?=&|$)/i;
const GOOGLE_RESOURCE = /projects\/[^\s/"']{1,100}\/locations\/([^\s/"']{1,60})\/repositories\/([^\s/"']{1,100})/;
const AMAZON_RESOURCE = /arn:(aws[a-z-]{0,12}):ecr:([a-z0-9-]{1,30}):(\d{12}):repository\/([^\s"',]{1,260})/;
const DOCKER_HUB =
  /docker\.com\/increase-rate-limit|docker\.com\/go\/access-tokens|https?:\/\/(?:[\w-]{1,40}\.){0,3}docker\.io\b|\.cloudflare\.docker\.com\//;
const NAMED_REGISTRY =
  /(?:for registry(?: service)?|bearer token for|container registry|docker registry|from host|log ?in to|logging into|creds for) ['"]?((?:[\w-]{1,63}\.){1,8}[\w-]{1,63}(?::\d{1,5})?|localhost(?::\d{1,5})?)(?=['":\s]|$)/;
const AFTER_AUTH = /reattempt after auth: https?:\/\/([^\s/"']{1,260})/;
const LOOKUP = /(?:lookup|ENOTFOUND|EAI_AGAIN) ([a-zA-Z0-9_][\w.-]{0,250})(?::\d{1,5})?(?=[\s:,]|$)/;

/**
 * The image that a line names, else its registry, else undefined. What the reference says beats what a URL says: a mirror
 * or a token server is not the registry that a person wrote.
 */
export function subjectOf(line: string): TextSubject | undefined {
  const manifest = MANIFEST_IN.exec(line);
  if (manifest?.[1] !== undefined && manifest[2] !== undefined && isName(manifest[2])) {
    return subject(joined(manifest[2], manifest[1]));
  }
  const numbered = PULLING_FROM.exec(line);
  if (numbered?.[1] !== undefined && numbered[2] !== undefined) return subject(joined(numbered[2], numbered[1]));
  const layers = line.includes(": Pulling from ") ? LAYERS_FROM.exec(line) : null;
  if (layers?.[1] !== undefined && layers[2] !== undefined) {
    return { image: joined(layers[2], layers[1]), registry: "" };
  }
  const named = BEFORE_IMAGE.exec(line)?.[1];
  if (named !== undefined) {
    const found = subject(named);
    if (found !== undefined) return found;
  }
  return ofUrl(line) ?? ofResource(line) ?? ofTokenUrl(line) ?? ofHost(line);
}

function ofUrl(line: string): TextSubject | undefined {
  const url = API_URL.exec(line);
  if (url?.[1] === undefined) return undefined;
  const registry = registryOfHost(url[1]);
  const [, , repository, isManifest, reference] = url;
  if (repository !== undefined && reference !== undefined) {
    const path = repository.replace(/^repositories\//, ""); // of the v1 protocol
    return inRegistry(registry, joined(path, isManifest === undefined ? undefined : reference));
  }
  return inRegistry(registry, scopeOf(line));
}

function ofTokenUrl(line: string): TextSubject | undefined {
  const url = TOKEN_URL.exec(line);
  const [, host, path, query] = url ?? [];
  if (host === undefined || path === undefined || query === undefined) return undefined;
  const scoped = scopeOf(query);
  const service = SERVICE.exec(query)?.[1];
  // other addresses (a signed one of a storage server) say nothing about the registry
  if (scoped === undefined && service === undefined && !/(?:^|\/)(?:token|auth)\/?$/.test(path)) return undefined;
  const registry = registryOfHost(
    service !== undefined ? decoded(service) : host === "gitlab.com" ? "registry.gitlab.com" : host,
  );
  return inRegistry(registry, scoped);
}

function inRegistry(registry: string, name: string | undefined): TextSubject {
  const found = name === undefined ? undefined : subject(`${registry}/${name}`);
  return { image: "", ...found, registry };
}

function scopeOf(query: string): string | undefined {
  const found = SCOPE.exec(query)?.[1];
  return found === undefined ? undefined : decoded(found);
}

/** What a cloud's own text names in the cloud's own words. */
function ofResource(line: string): TextSubject | undefined {
  const google = GOOGLE_RESOURCE.exec(line);
  if (google !== null) {
    const [, location = "", repository = ""] = google;
    // the repositories that stand in for Container Registry are named after its hosts
    const isOldHost = /^(?:[a-z]{2,4}\.)?gcr\.io$/.test(repository);
    return { image: "", registry: isOldHost ? repository : `${location}-docker.pkg.dev` };
  }
  const amazon = AMAZON_RESOURCE.exec(line);
  if (amazon === null) return undefined;
  const [, partition = "", region = "", account = "", repository = ""] = amazon;
  return subject(`${account}.dkr.ecr.${region}.amazonaws.com${partition === "aws-cn" ? ".cn" : ""}/${repository}`);
}

function ofHost(line: string): TextSubject | undefined {
  if (DOCKER_HUB.test(line)) return { image: "", registry: "docker.io" };
  const host = (AFTER_AUTH.exec(line) ?? NAMED_REGISTRY.exec(line) ?? LOOKUP.exec(line))?.[1];
  return host === undefined ? undefined : { image: "", registry: registryOfHost(host) };
}

/** A name with whatever stuck to it in the sentence taken off; undefined for what cannot be an image. */
function subject(written: string): TextSubject | undefined {
  const name = written
    .replace(/^(?:docker|oci|https?):\/\//, "")
    .replace(/^[^/]*@(?=[^/]*\/)/, "") // a user name and password before the host
    .replace(/[.,:;!?'"`)\]\\]+$/, "");
  if (!isName(name)) return undefined;
  const reference = parsedOrUndefined(name);
  if (reference !== undefined) return { image: name, registry: reference.registry, reference };
  const first = /^([^/]+)\//.exec(name)?.[1];
  if (first !== undefined && /[.:]|^localhost$/.test(first)) return { image: name, registry: registryOfHost(first) };
  return { image: name, registry: parsedOrUndefined(name.toLowerCase())?.registry ?? "" };
}

function isName(text: string): boolean {
  return /[a-z0-9A-Z]/.test(text) && !/[=;|\\]/.test(text);
}

function joined(repository: string, reference: string | undefined): string {
  const name = repository.replace(/[.,:;]+$/, "");
  if (reference === undefined) return name;
  return `${name}${/^sha\d{3}:/.test(reference) ? "@" : ":"}${reference}`;
}

/** The hosts behind Docker Hub are one registry; the default port is none. */
function registryOfHost(host: string): string {
  const bare = host.replace(/:443$/, "");
  return /(?:^|\.)docker\.(?:io|com)$/.test(bare) ? "docker.io" : bare;
}

function parsedOrUndefined(name: string): ImageReference | undefined {
  try {
    return parseImageReference(name);
  } catch (error) {
    if (isFailure(error)) return undefined;
    throw error;
  }
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
