import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import type { Readable } from "node:stream";
import { Failure, messageOf } from "../../domain/failure";

/** More than `explain` looks at; whatever comes, no more is held. */
const MOST_BYTES = 16 * 1024 * 1024;

/**
 * The end of a text, at most 16 MB: of a file, or of standard input (which a person at a terminal ends with Ctrl+D).
 * UTF-8, or UTF-16 with a byte order mark, as PowerShell redirects. Throws `wrong-use` for what is no readable file, and
 * `cancelled`.
 */
export async function readText(path: string | undefined, signal: AbortSignal): Promise<string> {
  if (path === undefined) return await endOf(process.stdin, signal);
  const found = await stat(path).catch(() => undefined);
  if (found === undefined) throw new Failure("wrong-use", `There is no file ${path}.`, { file: path });
  if (found.isDirectory()) throw new Failure("wrong-use", `${path} is a folder, not a file.`, { file: path });
  const start = Math.max(0, found.size - MOST_BYTES);
  try {
    return await endOf(createReadStream(path, { start }), signal);
  } catch (error) {
    if (error instanceof Failure) throw error;
    throw new Failure("wrong-use", `${path} cannot be read: ${messageOf(error)}.`, { file: path }, error);
  }
}

async function endOf(stream: Readable, signal: AbortSignal): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  const stop = () => stream.destroy(new Failure("cancelled", "The reading of the text was cancelled."));
  if (signal.aborted) stop();
  signal.addEventListener("abort", stop, { once: true });
  try {
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      chunks.push(chunk);
      size += chunk.length;
      while (size - (chunks[0]?.length ?? 0) > MOST_BYTES) size -= chunks.shift()?.length ?? 0;
    }
  } finally {
    signal.removeEventListener("abort", stop);
  }
  const bytes = Buffer.concat(chunks);
  const isUtf16 = bytes[0] === 0xff && bytes[1] === 0xfe;
  return new TextDecoder(isUtf16 ? "utf-16le" : "utf-8").decode(bytes);
}
