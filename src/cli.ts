#!/usr/bin/env node
import { createRequire } from "node:module";
import { readFileSync, unwatchFile, watchFile } from "node:fs";
import { stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { dockerEngine } from "./adapters/docker/engine";
import { environmentRecords } from "./adapters/local/environmentRecords";
import { localFiles } from "./adapters/local/files";
import { hookInstallScript } from "./adapters/local/hookFiles";
import { knownContainers, stateFolder } from "./adapters/local/knownContainers";
import { projectOfFolder } from "./adapters/local/projects";
import { readText } from "./adapters/local/textInput";
import { onFirstUse } from "./adapters/onFirstUse";
import { main } from "./cli/main";
import type { CliPorts } from "./cli/ports";
import { Failure } from "./domain/failure";
import { NativeLogins } from "./domain/secret/nativeLogins";
import { withoutTriplets } from "./domain/secret/triplets";

const root = join(__dirname, "..");
/** For the programs that we start: registry credentials are handed over on purpose or not at all (security, 4). */
const env: NodeJS.ProcessEnv = withoutTriplets(process.env);
const dockerPath = env["REGISTRY_SECRETS_DOCKER"] ?? "docker";
const verbose = process.argv.includes("--verbose");
// what libraries warn of (an old Node, no metadata server) is for those who build this program
if (!verbose) process.removeAllListeners("warning");
const stopped = new AbortController();
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => stopped.abort());

const tell = (line: string) => void process.stderr.write(`${line}\n`);
const known = knownContainers(env);
const compose = onFirstUse(async () => (await import("./adapters/docker/compose")).composeConfig({ path: dockerPath }));
/** Of one question to a cloud: signing in may take several requests. */
const CLOUD_LIMIT_MS = 20_000;
const http = onFirstUse(async () => (await import("./adapters/http/client")).httpClient(CLOUD_LIMIT_MS, { env }));
const clouds = { env, now: Date.now, http };
const logins = new NativeLogins(
  {
    aws: onFirstUse(async () => (await import("./adapters/aws/identity")).awsIdentity(clouds)),
    google: onFirstUse(async () => (await import("./adapters/gcp/identity")).googleIdentity(clouds)),
    azure: onFirstUse(async () => (await import("./adapters/azure/identity")).azureIdentity(clouds)),
  },
  { now: Date.now, limit: () => AbortSignal.timeout(CLOUD_LIMIT_MS) },
);
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
  readSecretsFile: onFirstUse(async () => (await import("./adapters/local/secretsFile")).readSecretsFile),
  watchFile(path, onChange) {
    const listener = () => onChange();
    watchFile(path, { interval: 500 }, listener);
    return () => unwatchFile(path, listener);
  },
  files: localFiles,
  imagePorts: { composeConfig: (files, cwd) => compose(files, cwd, env) },
  engine: dockerEngine({ path: dockerPath, env }),
  tool: onFirstUse(async () => {
    const { devContainerTool } = await import("./adapters/devcontainers/tool");
    const { openPrivateDockerConfig } = await import("./adapters/docker/privateConfig");
    return devContainerTool({
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
    });
  }),
  enginePlatform: onFirstUse(async () =>
    (await import("./adapters/docker/platform")).enginePlatform({ path: dockerPath, env }),
  ),
  dockerLogin: onFirstUse(async () => (await import("./adapters/docker/login")).dockerLogin(env, dockerPath)),
  logins,
  prober: (allowedRealms, timeoutSeconds) =>
    onFirstUse(async () => {
      const { httpClient } = await import("./adapters/http/client");
      const { registryProber } = await import("./adapters/registries/prober");
      const { insecureRegistries } = await import("./adapters/docker/insecureRegistries");
      return registryProber(httpClient(timeoutSeconds * 1000, { env }), allowedRealms, {
        insecureRegistries: () => insecureRegistries({ path: dockerPath, env }),
      });
    }),
  installScript: () => hookInstallScript(join(root, "devcontainer-feature", "src", "registry-login")),
  projectOf: projectOfFolder,
  records: environmentRecords(stateFolder(env)),
  knownContainers: () => known.load(),
  remember: (id, creation) => known.add(id, creation),
  unfinishedContainers: () => known.unfinished(),
};

void main(process.argv.slice(2), ports).then((exitCode) => {
  // connections that are kept for a next request would hold up the end
  process.stdout.write("", () => process.stderr.write("", () => process.exit(exitCode)));
});
