import { randomUUID } from "node:crypto";
import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { dirname, isAbsolute, join } from "node:path";
import * as z from "zod/mini";

const Known = z.object({ version: z.literal(1), ids: z.array(z.string()) });
const MOST = 500;

/** The ids of containers that the command line created, kept between its runs. No values, no names. */
export interface KnownContainers {
  load(): Promise<ReadonlySet<string>>;
  add(id: string): Promise<void>;
}

/** In the state folder of this person (XDG base directory specification; `LOCALAPPDATA` on Windows). */
export function knownContainers(env: NodeJS.ProcessEnv): KnownContainers {
  // a relative path is to be ignored (XDG base directory specification): it would lead into some workspace
  const given = [env["XDG_STATE_HOME"], env["LOCALAPPDATA"]].find((path) => path !== undefined && isAbsolute(path));
  const state = given ?? join(homedir(), ".local", "state");
  const file = join(state, "registry-secrets", "containers.json");
  const load = async () => {
    try {
      const parsed = z.safeParse(Known, JSON.parse(await readFile(file, "utf8")));
      return new Set(parsed.success ? parsed.data.ids : []);
    } catch {
      return new Set<string>();
    }
  };
  return {
    load,
    async add(id) {
      const ids = [...(await load())].filter((known) => known !== id).slice(1 - MOST);
      await mkdir(dirname(file), { recursive: true, mode: 0o700 });
      const fresh = `${file}.${randomUUID()}`;
      await writeFile(fresh, JSON.stringify({ version: 1, ids: [...ids, id] }), { mode: 0o600 });
      await rename(fresh, file);
    },
  };
}
