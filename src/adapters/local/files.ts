import { readdir, readFile } from "node:fs/promises";
import type { WorkspaceFiles } from "../../domain/image/workspaceImages";

/** The files of this machine. */
export const localFiles: WorkspaceFiles = {
  async read(path) {
    try {
      return await readFile(path, "utf8");
    } catch {
      return undefined;
    }
  },
  async folders(path) {
    const entries = await readdir(path, { withFileTypes: true }).catch(() => []);
    return entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
  },
};
