#!/usr/bin/env node
import { createRequire } from "node:module";
import { readFileSync, unwatchFile, watchFile } from "node:fs";
import { stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { devContainerTool } from "./adapters/devcontainers/tool";
import { composeConfig } from "./adapters/docker/compose";
import { dockerEngine } from "./adapters/docker/engine";
import { insecureRegistries } from "./adapters/docker/insecureRegistries";
import { dockerLogin } from "./adapters/docker/login";
import { enginePlatform } from "./adapters/docker/platform";
import { openPrivateDockerConfig } from "./adapters/docker/privateConfig";
import { httpClient } from "./adapters/http/client";
import { localFiles } from "./adapters/local/files";
import { hookInstallScript } from "./adapters/local/hookFiles";
import { knownContainers } from "./adapters/local/knownContainers";
import { projectOfFolder } from "./adapters/local/projects";
import { readSecretsFile } from "./adapters/local/secretsFile";
import { readText } from "./adapters/local/textInput";
import { registryProber } from "./adapters/registries/prober";
import { main } from "./cli/main";
import type { CliPorts } from "./cli/ports";
import { Failure } from "./domain/failure";
import { withoutTriplets } from "./domain/secret/triplets";

const root = join(__dirname, "..");
/** For the programs that we start: registry credentials are handed over on purpose or not at all (security, 4). */
const env: NodeJS.ProcessEnv = withoutTriplets(process.env);
const dockerPath = env["REGISTRY_SECRETS_DOCKER"] ?? "docker";
const verbose = process.argv.includes("--verbose");
const stopped = new AbortController();
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => stopped.abort());

const tell = (line: string) => void process.stderr.write(`${line}\n`);
const known = knownContainers(env);
const compose = composeConfig({ path: dockerPath });
const ports: CliPorts = {
  print: (line) => void process.stdout.write(`${line}\n`),
  tell,
  log: {
    trace: () => undefined,
    info: (message) => verbose && tell(message),
    warn: tell,
    error: tell,
  },
  env: process.env,
  version: (JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { version: string }).version,
  signal: stopped.signal,
  now: Date.now,
  sleep: (milliseconds) => wait(milliseconds, undefined, { signal: stopped.signal }).catch(() => undefined),
  async folderAt(path) {
    const folder = resolve(path);
    const found = await stat(folder).catch(() => undefined);
    if (found?.isDirectory() !== true) throw new Failure("wrong-use", `There is no folder ${folder}.`, { folder });
    return folder;
  },
  pathAt: (path) => resolve(path),
  readText(path, signal) {
    if (path === undefined && process.stdin.isTTY) tell("Paste the text, then press Enter and Ctrl+D.");
    return readText(path, signal);
  },
  readSecretsFile,
  watchFile(path, onChange) {
    const listener = () => onChange();
    watchFile(path, { interval: 500 }, listener);
    return () => unwatchFile(path, listener);
  },
  files: localFiles,
  imagePorts: { composeConfig: (files, cwd) => compose(files, cwd, env) },
  engine: dockerEngine({ path: dockerPath, env }),
  tool: devContainerTool({
    node: process.execPath,
    script: createRequire(__filename).resolve("@devcontainers/cli/devcontainer.js"),
    dockerPath,
    openConfig: ({ credentials }) =>
      openPrivateDockerConfig({
        credentials,
        env,
        node: process.execPath,
        storeScript: join(__dirname, "credentialStore.js"),
      }),
  }),
  enginePlatform: enginePlatform({ path: dockerPath, env }),
  dockerLogin: dockerLogin(env, dockerPath),
  prober: (allowedRealms, timeoutSeconds) =>
    registryProber(httpClient(timeoutSeconds * 1000, { env }), allowedRealms, {
      insecureRegistries: () => insecureRegistries({ path: dockerPath, env }),
    }),
  installScript: () => hookInstallScript(join(root, "devcontainer-feature", "src", "registry-login")),
  projectOf: projectOfFolder,
  knownContainers: () => known.load(),
  remember: (id, creation) => known.add(id, creation),
  unfinishedContainers: () => known.unfinished(),
};

void main(process.argv.slice(2), ports).then((exitCode) => {
  // connections that are kept for a next request would hold up the end
  process.stdout.write("", () => process.stderr.write("", () => process.exit(exitCode)));
});
