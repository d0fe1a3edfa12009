import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { get } from "node:http";
import { join } from "node:path";
import { engineAddress } from "../engine";
import { TESTBED } from "../folders";
import { freePort } from "../loopback";
import { run, runOrThrow } from "../run";
import { startService, untilReady } from "../service";

/**
 * `bare`: VS Code's own server, which runs extension tests; secrets live in the page's memory.
 * `persistent`: code-server's wrapper around it, which keeps secrets over a reload and a restart; it refuses to run tests.
 */
export type Mode = "bare" | "persistent";

export interface ServerOptions {
  mode: Mode;
  /** The folder of this server: its data, its extensions, its home. */
  folder: string;
  userData?: string;
  extensions?: string;
  port?: number;
  settings?: Record<string, unknown>;
  /**
   * `restricted`: Workspace Trust is on, and the folder opens in Restricted Mode until it is trusted by *Workspaces: Manage
   * Workspace Trust* (this host does not show the question at the start). `off`, if absent: everything is trusted.
   */
  trust?: "restricted" | "off";
  /**
   * Turns on VS Code's driver for smoke tests (`bare` only). A built workbench pays attention to the addresses of an
   * extension under development and of its tests only then; it also hides notifications.
   */
  tests?: boolean;
  /** Put on top of the environment that extensions run in. */
  environment?: Record<string, string>;
}

export interface Server {
  readonly port: number;
  /** `http://127.0.0.1:PORT/` */
  readonly url: string;
  stop(): Promise<void>;
}

const HOST = join(TESTBED, "vscode-host", "node_modules");
const NODE = join(HOST, `node-linux-${process.arch}`, "bin", "node");

/** Keeps the window free of what is not under test. */
const QUIET = {
  "workbench.startupEditor": "none",
  "workbench.secondarySideBar.defaultVisibility": "hidden",
  "chat.disableAIFeatures": true,
  "extensions.autoCheckUpdates": false,
  "extensions.ignoreRecommendations": true,
  "git.openRepositoryInParentFolders": "never",
  "telemetry.telemetryLevel": "off",
  "update.mode": "none",
};

/** Starts a VS Code server on the loopback interface; who loads its page has a window of VS Code. */
export async function startServer(options: ServerOptions): Promise<Server> {
  const port = options.port ?? (await freePort());
  writeSettings(options);
  const service = await startService({
    command: nodeProgram(),
    arguments: [
      program(options.mode),
      ...folderArguments(options),
      ...(options.trust === "restricted" ? [] : ["--disable-workspace-trust"]),
      ...addressArguments(options, port),
    ],
    logFile: join(options.folder, "server.log"),
    environment: await serverEnvironment(options),
  });
  const url = `http://127.0.0.1:${port}/`;
  await untilReady("The VS Code server", service, () => answers(url));
  return { port, url, stop: () => service.stop() };
}

/**
 * Installs a packed extension for the servers of this folder.
 * @throws Error with what VS Code said
 */
export async function installVsix(options: ServerOptions, vsix: string): Promise<void> {
  const accept = options.mode === "bare" ? ["--accept-server-license-terms"] : [];
  const args = [program(options.mode), ...accept, ...folderArguments(options), "--install-extension", vsix];
  await runOrThrow(nodeProgram(), args, { environment: await serverEnvironment(options) });
}

function program(mode: Mode): string {
  return join(HOST, "code-server", mode === "bare" ? "lib/vscode/out/server-main.js" : "out/node/entry.js");
}

function nodeProgram(): string {
  if (existsSync(NODE)) return NODE;
  throw new Error("The VS Code host is not installed: run `node scripts/setup.mjs open`.");
}

function userData(options: ServerOptions): string {
  return options.userData ?? join(options.folder, "user-data");
}

function folderArguments(options: ServerOptions): string[] {
  const extensions = options.extensions ?? join(options.folder, "extensions");
  return ["--user-data-dir", userData(options), "--extensions-dir", extensions];
}

function addressArguments(options: ServerOptions, port: number): string[] {
  if (options.mode === "persistent") {
    const quiet = ["--disable-telemetry", "--disable-update-check", "--disable-getting-started-override"];
    return ["--bind-addr", `127.0.0.1:${port}`, "--auth", "none", ...quiet];
  }
  return [
    ["--host", "127.0.0.1", "--port", String(port)],
    ["--without-connection-token", "--accept-server-license-terms", "--telemetry-level", "off"],
    ["--server-data-dir", join(options.folder, "server-data")],
    options.tests === true ? ["--enable-smoke-test-driver"] : [],
  ].flat();
}

/** Settings as the user's and as the machine's: which of the two a server heeds depends on the mode and the setting. */
function writeSettings(options: ServerOptions): void {
  const settings = JSON.stringify({ ...QUIET, ...options.settings }, undefined, 2);
  for (const scope of ["Machine", "User"]) {
    mkdirSync(join(userData(options), scope), { recursive: true });
    writeFileSync(join(userData(options), scope, "settings.json"), settings);
  }
}

/**
 * A home of its own, so that no test meets the files of the person who runs it; the engine stays the same. What a shell
 * inside VS Code leaves in the environment would confuse the new server.
 */
async function serverEnvironment(options: ServerOptions): Promise<NodeJS.ProcessEnv> {
  const home = join(options.folder, "home");
  mkdirSync(home, { recursive: true });
  const confusing = /^(NODE_OPTIONS$|ELECTRON_|CODE_SERVER_|VSCODE_|XDG_|DOCKER_CONFIG$)/;
  const kept = Object.entries(process.env).filter(([name]) => !confusing.test(name));
  const docker = await run("docker", ["--version"]);
  const engine = docker.code === 0 ? { DOCKER_HOST: await engineAddress() } : {};
  return { ...Object.fromEntries(kept), HOME: home, ...engine, ...options.environment };
}

function answers(url: string): Promise<true | undefined> {
  return new Promise((resolve) => {
    const request = get(url, (response) => {
      response.resume();
      resolve(response.statusCode === 200 || response.statusCode === 302 ? true : undefined);
    });
    request.setTimeout(2000, () => request.destroy());
    request.once("error", () => resolve(undefined));
  });
}
