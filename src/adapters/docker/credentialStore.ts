import { join } from "node:path";
import { applyEdits, modify } from "jsonc-parser";
import * as z from "zod/mini";
import { base64, type Redacted } from "../../domain/redacted";
import { parseRegistryHost } from "../../domain/registry/host";
import { helperFor, parseDockerConfig, resolveDockerCredential, type DockerConfig } from "./config";
import { configFolder, readConfigText, replaceFile } from "./configFile";
import type { RunHelper } from "./helper";

const HelperInput = z.object({ ServerURL: z.string(), Username: z.string(), Secret: z.string() });
const HelperList = z.record(z.string(), z.string());

/** The exact words by which docker knows "there is none" (docker/docker-credential-helpers, credentials/error.go). */
const NOT_FOUND = "credentials not found in native keychain\n";

/** How the helper protocol marks an identity token. */
const TOKEN_USERNAME = "<token>";

export interface StoreAnswer {
  readonly stdout: string;
  readonly exitCode: number;
}

/**
 * The store of one run: it answers for the hosts that the environment's configuration names and that have a secret, and
 * for every other host what Docker would have found without it (semantics: the private Docker config of one run).
 */
export interface CredentialStore {
  /** One call of Docker's credential helper protocol: `get`, `list`, `store`, `erase`, `version`. Never throws. */
  answer(action: string, input: string): Promise<StoreAnswer>;
}

/**
 * `own` are the credentials by Docker's key of the host; `env` is the person's own environment, by which the original
 * config is found; `runHelper` runs the helpers that it names.
 */
export function credentialStore(
  own: ReadonlyMap<string, { readonly username: string; readonly password: Redacted }>,
  env: NodeJS.ProcessEnv,
  runHelper: RunHelper,
): CredentialStore {
  const ownFor = (server: string) => own.get(keyOf(server));

  const get = async (server: string): Promise<StoreAnswer> => {
    const found = ownFor(server) ?? (await original(server));
    if (!found) return { stdout: NOT_FOUND, exitCode: 1 };
    const answer = { ServerURL: server, Username: found.username, Secret: found.password.reveal() };
    return { stdout: `${JSON.stringify(answer)}\n`, exitCode: 0 };
  };

  const original = async (server: string): Promise<{ username: string; password: Redacted } | undefined> => {
    try {
      const found = await resolveDockerCredential((await readConfigText(env)) ?? "", server, runHelper);
      if (found?.identityToken) return { username: TOKEN_USERNAME, password: found.identityToken };
      if (found?.username === undefined || found.password === undefined) return undefined;
      return { username: found.username, password: found.password };
    } catch {
      return undefined; // a broken store or file counts as empty: Docker goes on without it, too
    }
  };

  const list = async (): Promise<StoreAnswer> => {
    const config = await readConfig(env);
    const found: Record<string, string> = {};
    for (const [server, { username }] of config.auths) if (username !== "") found[server] = username;
    if (config.credsStore !== "") {
      const { stdout } = await runHelper(config.credsStore, "list", "").catch(() => ({ stdout: "" }));
      const parsed = z.safeParse(HelperList, tryJson(stdout));
      if (parsed.success) Object.assign(found, parsed.data);
    }
    const servers = [...config.credHelpers.keys()];
    const answers = await Promise.all(servers.map(original)); // side by side: one that hangs costs its limit once
    for (const [index, server] of servers.entries()) {
      const credential = answers[index];
      if (credential) found[server] = credential.username;
      else Reflect.deleteProperty(found, server);
    }
    for (const [server, { username }] of own) found[server] = username;
    return { stdout: `${JSON.stringify(found)}\n`, exitCode: 0 };
  };

  /** A login or logout that happens during the run is the person's own and acts on the original. */
  const change = async (action: "store" | "erase", input: string): Promise<StoreAnswer> => {
    const credential = action === "store" ? z.safeParse(HelperInput, tryJson(input)) : undefined;
    if (credential && !credential.success) return { stdout: "the credentials to store are malformed\n", exitCode: 1 };
    const server = credential?.data.ServerURL ?? input.trim();
    const text = (await readConfigText(env)) ?? "";
    const config = parseDockerConfig(text); // a file that is not understood is refused, never edited
    const helper = helperFor(config, server);
    if (helper !== undefined) return await runHelper(helper, action, input);
    if (!credential && !config.auths.has(server)) return { stdout: "", exitCode: 0 };
    const before = text.trim() === "" ? "{}" : text;
    const edits = modify(before, ["auths", server], credential && authEntry(credential.data), {
      formattingOptions: { insertSpaces: false, tabSize: 1 },
    });
    await replaceFile(join(configFolder(env), "config.json"), applyEdits(before, edits));
    return { stdout: "", exitCode: 0 };
  };

  return {
    async answer(action, input) {
      try {
        switch (action) {
          case "get":
            return input.trim() === ""
              ? { stdout: "no credentials server URL\n", exitCode: 1 }
              : await get(input.trim());
          case "list":
            return await list();
          case "store":
          case "erase":
            return await change(action, input);
          case "version":
            return { stdout: "docker-credential-registry-secrets\n", exitCode: 0 };
          default:
            return { stdout: `Unknown credential action \`${action}\`\n`, exitCode: 1 };
        }
      } catch (error) {
        return { stdout: `${error instanceof Error ? error.message : "failed"}\n`, exitCode: 1 };
      }
    },
  };
}

/** As docker writes it (docker/cli, cli/config/credentials/file_store.go): an identity token is no password. */
function authEntry({ Username, Secret }: z.infer<typeof HelperInput>) {
  return Username === TOKEN_USERNAME ? { identitytoken: Secret } : { auth: base64(`${Username}:${Secret}`) };
}

function keyOf(server: string): string {
  try {
    return parseRegistryHost(server).key;
  } catch {
    return server;
  }
}

async function readConfig(env: NodeJS.ProcessEnv): Promise<DockerConfig> {
  try {
    return parseDockerConfig((await readConfigText(env)) ?? "");
  } catch {
    return { auths: new Map(), credHelpers: new Map(), credsStore: "" };
  }
}

function tryJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
