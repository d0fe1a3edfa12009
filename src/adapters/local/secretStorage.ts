import * as z from "zod/mini";
import { Failure, messageOf } from "../../domain/failure";
import { Redacted } from "../../domain/redacted";
import { parseRegistryHost } from "../../domain/registry/host";
import type { RegistrySecret } from "../../domain/secret/secret";
import type { SecretStore } from "../../domain/secret/store";
import { MARK, type StorageMark } from "./storageMark";

/** The part of VS Code's `SecretStorage` that is used, restated so that this folder needs no host. */
export interface SecretStorageLike {
  keys(): PromiseLike<string[]>;
  get(key: string): PromiseLike<string | undefined>;
  store(key: string, value: string): PromiseLike<void>;
  delete(key: string): PromiseLike<void>;
  onDidChange(listener: (event: { readonly key: string }) => void): { dispose(): void };
}

/** One entry as it is stored. Its wire form is fixed: older and newer versions of the extension must read it. */
const Entry = z.object({
  version: z.literal(1),
  name: z.string(),
  scope: z.enum(["user", "project"]),
  project: z.optional(z.string()),
  host: z.string(),
  username: z.optional(z.string()),
  password: z.optional(z.string()),
  runnerNative: z.optional(z.boolean()),
  createdAt: z.number(),
  updatedAt: z.number(),
});

const PREFIX = "registrySecret/";

/**
 * The default store: the person's own keyring through VS Code, one key a secret.
 * @param mark notices that the storage is another one than it was
 */
export function secretStorageStore(storage: SecretStorageLike, mark: StorageMark): SecretStore {
  const listeners = new Set<() => void>();
  let isMarked = false;
  let isRefused = false;
  const reach = async <T>(work: () => PromiseLike<T>): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      throw new Failure(
        "storage-unavailable",
        `The secret storage of VS Code cannot be used: ${messageOf(error)}`,
        { detail: messageOf(error) },
        error,
      );
    }
  };

  return {
    async list() {
      const all = await reach(() => storage.keys());
      isRefused = true;
      await mark.check(all);
      const keys = all.filter((key) => key.startsWith(PREFIX));
      const texts = await Promise.all(keys.map((key) => reach(() => storage.get(key))));
      // VS Code deletes what it cannot decrypt: the mark, too, if it can decrypt nothing
      if (all.includes(MARK) && texts.includes(undefined) && (await reach(() => storage.get(MARK))) === undefined)
        await mark.discarded();
      isRefused = false;
      const secrets: RegistrySecret[] = [];
      const unreadable: string[] = [];
      for (const [index, text] of texts.entries()) {
        const id = (keys[index] ?? "").slice(PREFIX.length);
        if (text === undefined) continue; // deleted between the two calls
        const secret = decode(id, text);
        if (secret) secrets.push(secret);
        else unreadable.push(id);
      }
      return { secrets, unreadable };
    },
    async save(secret) {
      await reach(() => storage.store(PREFIX + secret.id, encode(secret)));
      if (isMarked) return;
      if (!(await reach(() => storage.keys())).includes(MARK)) await reach(() => storage.store(MARK, "1"));
      await mark.written();
      isMarked = true;
    },
    remove: (id) => reach(() => storage.delete(PREFIX + id)),
    async startAnew() {
      await mark.accept();
      isMarked = false;
      for (const listener of listeners) listener();
    },
    onDidChange(listener) {
      listeners.add(listener);
      const subscription = storage.onDidChange(({ key }) => {
        // of a secret that another window saves, this one may be told before it is told of the mark
        if (key.startsWith(PREFIX) || (key === MARK && isRefused)) listener();
      });
      return () => {
        listeners.delete(listener);
        subscription.dispose();
      };
    },
  };
}

function encode({ name, scope, project, host, credential, createdAt, updatedAt }: RegistrySecret): string {
  return JSON.stringify({
    version: 1,
    name,
    scope,
    project,
    host: host.key,
    ...(credential.kind === "password"
      ? { username: credential.username, password: credential.password.reveal() }
      : { runnerNative: true }),
    createdAt,
    updatedAt,
  });
}

function decode(id: string, text: string): RegistrySecret | undefined {
  try {
    const parsed = z.safeParse(Entry, JSON.parse(text));
    if (!parsed.success) return undefined;
    const { version: _, host, username, password, runnerNative, project, ...rest } = parsed.data;
    if (runnerNative !== true && (username === undefined || password === undefined)) return undefined;
    return {
      id,
      ...rest,
      ...(project === undefined ? {} : { project }),
      host: parseRegistryHost(host),
      credential:
        runnerNative === true
          ? { kind: "runner-native" }
          : { kind: "password", username: username ?? "", password: new Redacted(password ?? "") },
    };
  } catch {
    return undefined;
  }
}
