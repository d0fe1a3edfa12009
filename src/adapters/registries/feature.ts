/** The annotation of a Feature's manifest (containers.dev, "Distribution of Features"). */
const ANNOTATION = "dev.containers.metadata";
const FEATURE = "application/vnd.devcontainers";
const FILE = "devcontainer-feature.json";
const LARGEST_LAYER = 1024 * 1024;
/** Of a tar (POSIX, ustar): a header has 512 bytes, with the size in octal at 124. */
const HEADER = 512;
const SIZE = { at: 124, length: 12 };

/** What a manifest says of itself if it is a Feature's: its metadata, or the layer in which that lies. */
export function featureOf(manifest: unknown): { readonly metadata: string } | { readonly layer: string } | undefined {
  const { annotations, config, layers } = object(manifest);
  const metadata = object(annotations)[ANNOTATION];
  if (typeof metadata === "string") return { metadata };
  if (object(config)["mediaType"] !== FEATURE || !Array.isArray(layers)) return undefined;
  const { digest, size } = object(layers[0]);
  const isSmall = typeof size === "number" && size <= LARGEST_LAYER;
  return typeof digest === "string" && /^sha256:[a-f0-9]{64}$/.test(digest) && isSmall ? { layer: digest } : undefined;
}

/** The devcontainer-feature.json in a Feature's layer, a plain tar that was read as text; undefined if there is none. */
export function metadataInLayer(tar: string): string | undefined {
  const header = new RegExp(`(?:^|\\0)(?:\\./)?${FILE}\\0`).exec(tar);
  if (header === null) return undefined;
  const start = header.index + (header[0].startsWith("\0") ? 1 : 0);
  const size = parseInt(tar.slice(start + SIZE.at, start + SIZE.at + SIZE.length), 8);
  const content = tar.slice(start + HEADER, start + HEADER + size);
  return Number.isNaN(size) || content === "" ? undefined : content.split("\0", 1)[0];
}

/** The value if it is an object, else an empty one. */
export function object(value: unknown): Readonly<Record<string, unknown>> {
  return isObject(value) ? value : {};
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}
