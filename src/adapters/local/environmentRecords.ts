import { createHash, randomUUID } from "node:crypto";
import { mkdirSync, watch } from "node:fs";
import { mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import * as z from "zod/mini";
import { StoredDelivery, type DeliveryRecord } from "../../domain/delivery/deliveryRecord";
import type { EnvironmentRecords } from "../../domain/delivery/records";
import { StoredCreation, type CreationRecord } from "../../domain/environment/creationRecord";

/** How many records of each kind are kept: the youngest. */
const MOST = 500;

/**
 * Records in `folder`, one file each, replaced atomically: several processes share them without a lock. A file that cannot
 * be understood counts as absent.
 */
export function environmentRecords(folder: string): EnvironmentRecords {
  const deliveries = join(folder, "deliveries");
  const creations = join(folder, "creations");
  return {
    // what a schema let through is what this program wrote
    deliveries: async () => (await readAll(deliveries, StoredDelivery)) as DeliveryRecord[],
    creations: async () => (await readAll(creations, StoredCreation)) as CreationRecord[],
    saveDelivery: (containerId, record) => save(deliveries, containerId, record),
    saveCreation: (record) => save(creations, `${record.folder}\n${record.configFile}`, record),
    onDidChange(listener) {
      const watchers = [deliveries, creations].map((path) => {
        mkdirSync(path, { recursive: true, mode: 0o700 });
        const watcher = watch(path, (_, name) => {
          if (name === null || name.endsWith(".json")) listener();
        });
        return watcher.on("error", () => watcher.close()).unref();
      });
      return () => {
        for (const watcher of watchers) watcher.close();
      };
    },
  };
}

async function readAll<T extends { at: number }>(path: string, schema: z.ZodMiniType<T>): Promise<T[]> {
  const names = (await readdir(path).catch(() => [])).filter((name) => name.endsWith(".json"));
  const read = await Promise.all(
    names.map(async (name) => {
      try {
        const parsed = z.safeParse(schema, JSON.parse(await readFile(join(path, name), "utf8")));
        return parsed.success ? [{ name, record: parsed.data }] : [];
      } catch {
        return []; // removed meanwhile, or cut off by a full disk
      }
    }),
  );
  const records = read.flat().sort((a, b) => b.record.at - a.record.at);
  await Promise.all(records.slice(MOST).map(({ name }) => rm(join(path, name), { force: true })));
  return records.slice(0, MOST).map(({ record }) => record);
}

async function save(path: string, key: string, record: object | undefined): Promise<void> {
  const name = createHash("sha256").update(key).digest("hex").slice(0, 32);
  if (record === undefined) {
    await rm(join(path, `${name}.json`), { force: true });
    return;
  }
  await mkdir(path, { recursive: true, mode: 0o700 });
  const fresh = join(path, `.${name}.${randomUUID()}`);
  try {
    await writeFile(fresh, JSON.stringify(record), { mode: 0o600 });
    await rename(fresh, join(path, `${name}.json`));
  } catch (error) {
    await rm(fresh, { force: true });
    throw error;
  }
}
