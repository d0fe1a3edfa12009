import { randomUUID } from "node:crypto";
import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { dirname, isAbsolute, join } from "node:path";
import * as z from "zod/mini";

const Known = z.object({
  version: z.literal(1),
  ids: z.array(z.string()),
  unfinished: z.optional(z.array(z.string())),
});
const MOST = 500;

/** The ids of containers that the command line created, kept between its runs. No values, no names. */
export interface KnownContainers {
  load(): Promise<ReadonlySet<string>>;
  /** Those whose creation never came to an end. */
  unfinished(): Promise<ReadonlySet<string>>;
  add(id: string, creation: "unfinished" | "finished"): Promise<void>;
}

/** The command line's state folder of this person (XDG base directory specification; `LOCALAPPDATA` on Windows). */
export function stateFolder(env: NodeJS.ProcessEnv): string {
  // a relative path is to be ignored (XDG base directory specification): it would lead into some workspace
  const given = [env["XDG_STATE_HOME"], env["LOCALAPPDATA"]].find((path) => path !== undefined && isAbsolute(path));
  const state = given ?? join(homedir(), ".local", "state");
  return join(state, "registry-secrets");
}

/** In the state folder. */
export function knownContainers(env: NodeJS.ProcessEnv): KnownContainers {
  const file = join(stateFolder(env), "containers.json");
  const read = async (): Promise<{ ids: string[]; unfinished: string[] }> => {
    try {
      const { ids, unfinished = [] } = z.parse(Known, JSON.parse(await readFile(file, "utf8")));
      return { ids, unfinished };
    } catch {
      return { ids: [], unfinished: [] };
    }
  };
  return {
    load: async () => new Set((await read()).ids),
    unfinished: async () => new Set((await read()).unfinished),
    async add(id, creation) {
      const known = await read();
      const others = (ids: string[]) => ids.filter((other) => other !== id).slice(1 - MOST);
      const ids = [...others(known.ids), id];
      const unfinished = [...others(known.unfinished), ...(creation === "unfinished" ? [id] : [])];
      await mkdir(dirname(file), { recursive: true, mode: 0o700 });
      const fresh = `${file}.${randomUUID()}`;
      await writeFile(fresh, JSON.stringify({ version: 1, ids, unfinished }), { mode: 0o600 });
      await rename(fresh, file);
    },
  };
}
