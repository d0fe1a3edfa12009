import { open, readdir, stat } from "node:fs/promises";
import type { WorkspaceFiles } from "../../domain/image/workspaceImages";

/** More than any reader of these files takes; of what is longer, they say so after the first part. */
const LONGEST_FILE = 4 * 1024 * 1024 + 1;

/** The files of this machine. */
export const localFiles: WorkspaceFiles = {
  async read(path) {
    try {
      // a workspace may name a device or a pipe, which has no end or no beginning
      if (!(await stat(path)).isFile()) return undefined;
      const file = await open(path);
      try {
        const chunks: Buffer[] = [];
        for await (const chunk of file.createReadStream({ end: LONGEST_FILE })) chunks.push(chunk as Buffer);
        return Buffer.concat(chunks).toString("utf8");
      } finally {
        await file.close();
      }
    } catch {
      return undefined;
    }
  },
  async folders(path) {
    const entries = await readdir(path, { withFileTypes: true }).catch(() => []);
    return entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
  },
};
