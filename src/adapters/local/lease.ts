import { randomUUID } from "node:crypto";
import { mkdir, open, readFile, rename, rm, stat, utimes } from "node:fs/promises";
import { hostname } from "node:os";
import { dirname } from "node:path";
import * as z from "zod/mini";
import { jsonOf } from "../../domain/secret/encoded";

/** A right that one of several processes has at a time, for as long as it lives and goes on saying so. */
export interface Lease {
  /** Takes the lease or keeps it; call it again and again. True while it is this process's. */
  hold(): Promise<boolean>;
}

const Holder = z.object({ id: z.string(), pid: z.number(), host: z.string() });

/** A holder that has said nothing for so long does not work any more, whatever its process does. */
export const STALE_MS = 6_000;

/**
 * A lease kept in `file`, which says who has it; its time of change is the last word of the holder. After a crash the next
 * `hold` of any other process takes it: its process is gone, or, where that cannot be told, `STALE_MS` have passed.
 */
export function fileLease(file: string, now: () => number): Lease {
  const me = { id: randomUUID(), pid: process.pid, host: hostname() };
  return {
    async hold() {
      const held = await look(file);
      if (held === undefined) return await create(file, me, now());
      if (held.holder?.id === me.id) {
        await utimes(file, now() / 1000, now() / 1000);
        return true;
      }
      const isGone = held.holder?.host === me.host && !isAlive(held.holder.pid);
      return (isGone || isSilent(held, now())) && (await takeOver(file, held.text, me, now()));
    },
  };
}

/** Takes the lease from the holder that `text` names: of those who see at once that it has gone, only one does. */
async function takeOver(file: string, text: string, me: object, now: number): Promise<boolean> {
  const guard = `${file}.takeover`;
  if (!(await create(guard, me, now))) {
    const other = await look(guard);
    if (other !== undefined && isSilent(other, now)) await rm(guard, { force: true }); // it was killed just then
    return false;
  }
  try {
    if ((await look(file))?.text !== text) return false;
    const fresh = `${guard}.fresh`;
    await rm(fresh, { force: true });
    await create(fresh, me, now);
    await rename(fresh, file);
    return true;
  } finally {
    await rm(guard, { force: true });
  }
}

/** False if the file is there already. */
async function create(file: string, content: object, now: number): Promise<boolean> {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  try {
    const handle = await open(file, "wx", 0o600);
    try {
      await handle.writeFile(JSON.stringify(content));
      await handle.utimes(now / 1000, now / 1000);
    } finally {
      await handle.close();
    }
    return true;
  } catch (error) {
    if (isCode(error, "EEXIST")) return false;
    throw error;
  }
}

function isSilent({ at }: { readonly at: number }, now: number): boolean {
  return Math.abs(now - at) > STALE_MS;
}

async function look(file: string) {
  try {
    const [text, { mtimeMs }] = [await readFile(file, "utf8"), await stat(file)];
    const parsed = z.safeParse(Holder, jsonOf(text)); // none while it is being written
    return { text, at: mtimeMs, ...(parsed.success ? { holder: parsed.data } : {}) };
  } catch (error) {
    if (isCode(error, "ENOENT")) return undefined;
    throw error;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return !isCode(error, "ESRCH");
  }
}

function isCode(error: unknown, code: string): boolean {
  return (error as NodeJS.ErrnoException | undefined)?.code === code;
}
