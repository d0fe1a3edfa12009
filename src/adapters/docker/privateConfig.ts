import { randomBytes } from "node:crypto";
import { spawn } from "node:child_process";
import { constants } from "node:fs";
import { access, chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import type { Redacted } from "../../domain/redacted";
import { parseRegistryHost } from "../../domain/registry/host";
import { configFolder, readConfigText } from "./configFile";
import { credentialStore } from "./credentialStore";
import { helperRunner } from "./helper";

/** The Docker config of one run: the person's own, with our credential store in front. */
export interface PrivateDockerConfig {
  /** The environment for the programs of the run. */
  readonly env: NodeJS.ProcessEnv;
  /** A folder that only this person can enter, gone when the run ends. */
  readonly folder: string;
  /** Names a process group that must not outlive this program, even if this program is killed; returns how to forget it. */
  guard(group: number): () => void;
  /** Takes everything away. */
  close(): Promise<void>;
}

export interface PrivateDockerConfigOptions {
  /** By Docker's key of the host. */
  readonly credentials: ReadonlyMap<string, { readonly username: string; readonly password: Redacted }>;
  /** The person's own environment. */
  readonly env: NodeJS.ProcessEnv;
  /** How to run our store: Node (or VS Code's Electron as Node) and the path of `credentialStore.js`. */
  readonly node: string;
  readonly storeScript: string;
}

const STORE = "registry-secrets";
/** The path of a socket has at most some 100 characters (unix(7)), and ours lies below. */
const LONGEST_PARENT = 64;
const PREFIX = "registry-secrets-";
/** Written into each folder: the process that owns it, so that a later run can tell a leftover from one in use. */
const OWNER = "owner";

/**
 * Makes the private config (semantics: the private Docker config of one run). The credentials stay in the memory of this
 * process: the store that Docker starts asks for them through a socket in the folder. Sweeps what killed runs left.
 */
export async function openPrivateDockerConfig(options: PrivateDockerConfigOptions): Promise<PrivateDockerConfig> {
  const parent = await privateParent(options.env);
  await sweep(parent);
  const folder = await mkdtemp(join(parent, PREFIX));
  await writeFile(join(folder, OWNER), String(process.pid), { mode: 0o600 });
  const guardian = startGuardian(folder, options.env);
  const token = randomBytes(24).toString("hex");
  const pipe = process.platform === "win32" ? `\\\\.\\pipe\\${PREFIX}${token.slice(0, 16)}` : join(folder, "socket");
  let server: Server | undefined;
  const close = async () => {
    server?.close();
    await rm(folder, { recursive: true, force: true });
    guardian.dismiss();
  };
  try {
    await writeConfig(folder, options.env);
    const bin = await writeStoreProgram(folder, pipe, token, options);
    server = await serve(pipe, token, options);
    return {
      env: {
        ...withoutHosts(options.env, options.credentials),
        DOCKER_CONFIG: folder,
        PATH: `${bin}${delimiter}${options.env["PATH"] ?? ""}`,
      },
      folder,
      guard: guardian.guard,
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** A memory-backed folder where programs may run (the person's own, or the machine's), else the temporary folder. */
async function privateParent(env: NodeJS.ProcessEnv): Promise<string> {
  const candidates = process.platform === "linux" ? [env["XDG_RUNTIME_DIR"], "/dev/shm"] : [];
  for (const candidate of candidates) {
    const fits = candidate !== undefined && candidate !== "" && candidate.length <= LONGEST_PARENT;
    if (fits && (await runsPrograms(candidate))) return candidate;
  }
  return tmpdir();
}

/** False for a folder that cannot be written, or is mounted `noexec`. */
async function runsPrograms(folder: string): Promise<boolean> {
  const probe = join(folder, `${PREFIX}${randomBytes(6).toString("hex")}`);
  try {
    await writeFile(probe, "#!/bin/sh\n", { mode: 0o700, flag: "wx" });
    await access(probe, constants.X_OK);
    return true;
  } catch {
    return false;
  } finally {
    await rm(probe, { force: true }).catch(() => undefined);
  }
}

/** Removes the folders of runs whose process has ended without doing so. */
async function sweep(parent: string): Promise<void> {
  for (const name of await readdir(parent).catch(() => [])) {
    if (!name.startsWith(PREFIX)) continue;
    const folder = join(parent, name);
    const owner = Number(await readFile(join(folder, OWNER), "utf8").catch(() => "0"));
    const { uid, mtimeMs } = await stat(folder).catch(() => ({ uid: -1, mtimeMs: Date.now() }));
    if (process.getuid !== undefined && uid !== process.getuid()) continue;
    // a folder without a readable owner is being made at this moment, or was left by a kill at that moment
    const leftover = owner > 0 ? !isAlive(owner) : Date.now() - mtimeMs > 60_000;
    if (leftover) await rm(folder, { recursive: true, force: true }).catch(() => undefined);
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

async function writeConfig(folder: string, env: NodeJS.ProcessEnv): Promise<void> {
  const original = configFolder(env);
  let config: Record<string, unknown> = {};
  try {
    const parsed: unknown = JSON.parse((await readConfigText(env)) ?? "{}");
    if (typeof parsed === "object" && parsed !== null && !Array.isArray(parsed))
      config = parsed as Record<string, unknown>;
  } catch {
    // Docker warns about such a file and goes on without it; so does the run
  }
  const { auths: _auths, credHelpers: _credHelpers, ...rest } = config;
  await writeFile(join(folder, "config.json"), JSON.stringify({ ...rest, credsStore: STORE }), { mode: 0o600 });
  for (const entry of await readdir(original, { withFileTypes: true }).catch(() => [])) {
    if (entry.name === "config.json" || entry.name === "bin" || entry.name === OWNER) continue;
    const isFolder = (await stat(join(original, entry.name)).catch(() => undefined))?.isDirectory() === true;
    // contexts, plugins, builders and certificates are the person's own; a junction needs no rights on Windows
    if (!isFolder && process.platform === "win32") continue;
    await symlink(join(original, entry.name), join(folder, entry.name), isFolder ? "junction" : "file");
  }
}

/** Docker finds the store as `docker-credential-registry-secrets` on PATH; there may be no `node` there. */
async function writeStoreProgram(
  folder: string,
  pipe: string,
  token: string,
  options: PrivateDockerConfigOptions,
): Promise<string> {
  const bin = join(folder, "bin");
  await mkdir(bin, { mode: 0o700 });
  const program = join(bin, `docker-credential-${STORE}`);
  await writeFile(join(bin, "session.json"), JSON.stringify({ pipe, token }), { mode: 0o600 });
  if (process.platform === "win32") {
    const line = `@set ELECTRON_RUN_AS_NODE=1\r\n@"${options.node}" "${options.storeScript}" "${join(bin, "session.json")}" %*\r\n`;
    await writeFile(`${program}.cmd`, line);
  } else {
    const quote = (text: string) => `'${text.replace(/'/g, `'\\''`)}'`;
    const line = `exec ${quote(options.node)} ${quote(options.storeScript)} ${quote(join(bin, "session.json"))} "$@"`;
    await writeFile(program, `#!/bin/sh\nELECTRON_RUN_AS_NODE=1\nexport ELECTRON_RUN_AS_NODE\n${line}\n`);
    await chmod(program, 0o700);
  }
  return bin;
}

async function serve(pipe: string, token: string, options: PrivateDockerConfigOptions): Promise<Server> {
  const store = credentialStore(options.credentials, options.env, helperRunner(options.env));
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    let text = "";
    socket.setEncoding("utf8");
    socket.setTimeout(30_000, () => socket.destroy());
    socket.on("error", () => undefined);
    socket.on("data", (chunk: string) => {
      text += chunk;
      if (text.length > 1024 * 1024) socket.destroy();
    });
    socket.on("end", () => {
      void (async () => {
        const call = parseCall(text);
        const answer =
          call?.token === token
            ? await store.answer(call.action, call.input)
            : { stdout: "this store answers only to the run it was made for\n", exitCode: 1 };
        socket.end(JSON.stringify(answer));
      })();
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(pipe, resolve);
  });
  server.unref();
  return server;
}

function parseCall(text: string): { token: string; action: string; input: string } | undefined {
  try {
    return JSON.parse(text) as { token: string; action: string; input: string };
  } catch {
    return undefined;
  }
}

/** `DOCKER_AUTH_CONFIG` beats every store (docker/cli 28.3): it loses the hosts that we answer for. */
function withoutHosts(env: NodeJS.ProcessEnv, own: ReadonlyMap<string, unknown>): NodeJS.ProcessEnv {
  const text = env["DOCKER_AUTH_CONFIG"];
  if (text === undefined || text === "") return env;
  try {
    const config = JSON.parse(text) as { auths?: Record<string, unknown> };
    const auths = Object.entries(config.auths ?? {}).filter(([server]) => {
      try {
        return !own.has(parseRegistryHost(server).key);
      } catch {
        return true;
      }
    });
    return { ...env, DOCKER_AUTH_CONFIG: JSON.stringify({ ...config, auths: Object.fromEntries(auths) }) };
  } catch {
    return env; // docker reports and ignores it
  }
}

/**
 * A shell that outlives this process by an instant: when its stdin closes because we were killed, it ends the process
 * groups named to it and removes the folder. On Windows only the next run's sweep does.
 */
function startGuardian(folder: string, env: NodeJS.ProcessEnv) {
  if (process.platform === "win32") return { guard: () => () => undefined, dismiss: () => undefined };
  // no `--` before the group: dash and busybox do not know it
  const script =
    'g=""; while read -r w p; do case $w in guard) g="$g $p";; forget) n=""; for q in $g; do [ "$q" = "$p" ] || n="$n $q"; done; g=$n;; dismiss) exit 0;; esac; done; ' +
    'for q in $g; do kill -TERM "-$q"; done; [ -z "$g" ] || sleep 1; for q in $g; do kill -KILL "-$q"; done; rm -rf -- "$1"';
  const child = spawn("/bin/sh", ["-c", script, "sh", folder], {
    env, // not that of this process, which holds the credentials that it was given
    stdio: ["pipe", "ignore", "ignore"],
    detached: true,
  });
  child.on("error", () => undefined);
  child.stdin.on("error", () => undefined);
  child.unref();
  (child.stdin as unknown as { unref?: () => void }).unref?.();
  return {
    guard: (group: number) => {
      child.stdin.write(`guard ${group}\n`);
      return () => void child.stdin.write(`forget ${group}\n`);
    },
    dismiss: () => void child.stdin.end("dismiss -\n"),
  };
}
