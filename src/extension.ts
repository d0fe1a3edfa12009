import { randomUUID } from "node:crypto";
import { join } from "node:path";
import * as vscode from "vscode";
import { dockerEngine } from "./adapters/docker/engine";
import { wslClient } from "./adapters/docker/wsl";
import { environmentRecords } from "./adapters/local/environmentRecords";
import { hookInstallScript } from "./adapters/local/hookFiles";
import { fileLease } from "./adapters/local/lease";
import { projectOfFolder } from "./adapters/local/projects";
import { secretStorageStore } from "./adapters/local/secretStorage";
import { StorageMark } from "./adapters/local/storageMark";
import { onFirstUse } from "./adapters/onFirstUse";
import type { environmentAdviser } from "./domain/delivery/environments";
import { credentialLookup } from "./domain/diagnosis/credentials";
import type { RegistryHost } from "./domain/registry/host";
import { NativeLogins } from "./domain/secret/nativeLogins";
import { RegistrySecrets } from "./domain/secret/registrySecrets";
import { withoutTriplets } from "./domain/secret/triplets";
import { adviceInOneLine } from "./presentation/adviceText";
import { useTranslations } from "./presentation/words";
import { registerAll } from "./vscode/activate";
import { SETTINGS } from "./vscode/commandIds";
import type { ExtensionPorts } from "./vscode/ports";
import { KnownEnvironments } from "./vscode/knownEnvironments";
import { openWorkspace, workspaceFiles } from "./vscode/workspace";

/** What tests in the extension host reach; nothing for anyone else. */
export interface TestAccess {
  readonly ports: ExtensionPorts;
}

const KEPT_SECRETS = "keptSecrets";

/** Of one question to a cloud: signing in may take several requests. */
const CLOUD_LIMIT_MS = 20_000;

/** Makes the adapters, hands them to the domain, and that to `vscode/`. */
export function activate(context: vscode.ExtensionContext): TestAccess | undefined {
  useTranslations(vscode.l10n.bundle);
  const log = vscode.window.createOutputChannel("Registry Secrets", { log: true });
  const settings = vscode.workspace.getConfiguration("registrySecrets");
  const dockerPath = settings.get<string>(SETTINGS.dockerPath) ?? "docker";
  const timeoutMs = (settings.get<number>(SETTINGS.timeoutSeconds) ?? 10) * 1000;
  const env: NodeJS.ProcessEnv = withoutTriplets(process.env);

  const known = new KnownEnvironments(context.globalState);
  const noteTrust = () => {
    const folders = openWorkspace().flatMap(({ folder, isInsideOnly }) => (isInsideOnly ? [] : [folder]));
    void known.noteTrust({ folders, isTrusted: vscode.workspace.isTrusted });
  };
  noteTrust();
  context.subscriptions.push(
    vscode.workspace.onDidGrantWorkspaceTrust(noteTrust),
    vscode.workspace.onDidChangeWorkspaceFolders(noteTrust),
  );

  const kept = {
    get: () => context.globalState.get(KEPT_SECRETS),
    set: (value: object | undefined) => context.globalState.update(KEPT_SECRETS, value),
  };
  // what started this process lives as long as the storage that is no keyring; `env.sessionId` is one for all runs where
  // telemetry is not built in
  const store = secretStorageStore(context.secrets, new StorageMark(kept, String(process.ppid)));
  const secrets = new RegistrySecrets(store, Date.now, randomUUID);
  const distribution = settings.get<string>(SETTINGS.wslDistribution) ?? "";
  const client =
    process.platform === "win32" && distribution !== ""
      ? wslClient(distribution, dockerPath, env)
      : { path: dockerPath, env };
  const engine = dockerEngine(client);
  // what is not needed to show the view is loaded when it is first used
  const http = onFirstUse(async () => {
    const { httpClient } = await import("./adapters/http/client");
    return httpClient(timeoutMs, { env, chosenProxy });
  });
  const installScript = () =>
    hookInstallScript(context.asAbsolutePath(join("devcontainer-feature", "src", "registry-login")));
  const login = onFirstUse(async () => (await import("./adapters/docker/login")).dockerLogin(env, dockerPath));
  const compose = onFirstUse(async () =>
    (await import("./adapters/docker/compose")).composeConfig({ path: dockerPath }),
  );
  const records = environmentRecords(context.globalStorageUri.fsPath);
  const lease = fileLease(join(context.globalStorageUri.fsPath, "delivers"), Date.now);
  const shared = {
    engine,
    records,
    secrets: () => secrets.list(),
    trust: () => Promise.resolve(known.trust()),
    projectOf: projectOfFolder,
    files: workspaceFiles,
    imagePorts: { composeConfig: (files: readonly string[], cwd: string) => compose(files, cwd, env) },
    env,
  };
  const clouds = { env, now: Date.now, http };
  const logins = new NativeLogins(
    {
      aws: onFirstUse(async () => (await import("./adapters/aws/identity")).awsIdentity(clouds)),
      google: onFirstUse(async () => (await import("./adapters/gcp/identity")).googleIdentity(clouds)),
      azure: onFirstUse(async () => (await import("./adapters/azure/identity")).azureIdentity(clouds)),
    },
    { now: Date.now, limit: () => AbortSignal.timeout(CLOUD_LIMIT_MS) },
  );
  const ports: ExtensionPorts = {
    store,
    secrets,
    engine,
    enginePlatform: onFirstUse(async () => (await import("./adapters/docker/platform")).enginePlatform(client)),
    files: workspaceFiles,
    imagePorts: shared.imagePorts,
    env,
    tool: onFirstUse(async () => {
      const { devContainerTool } = await import("./adapters/devcontainers/tool");
      const { openPrivateDockerConfig } = await import("./adapters/docker/privateConfig");
      return devContainerTool({
        node: process.execPath,
        script: context.asAbsolutePath(join("node_modules", "@devcontainers", "cli", "devcontainer.js")),
        dockerPath,
        openConfig: ({ credentials }) =>
          openPrivateDockerConfig({
            credentials,
            env,
            node: process.execPath,
            storeScript: context.asAbsolutePath(join("dist", "credentialStore.js")),
          }),
      });
    }),
    deliverer: onFirstUse<ExtensionPorts["deliverer"]>(async () => {
      const { Deliverer } = await import("./domain/delivery/deliverer");
      return new Deliverer({
        ...shared,
        source: "vscode",
        installScript,
        adviser(known) {
          const advise = onFirstUse<ReturnType<typeof environmentAdviser>>(async () =>
            (await import("./domain/delivery/environments")).environmentAdviser(shared, known),
          );
          return async (environment) => adviceInOneLine(await advise(environment));
        },
        now: Date.now,
        log,
        logins,
        deliversNative,
      });
    }),
    delivers: () => lease.hold(),
    records,
    environments: {
      async list(signal) {
        const { listEnvironments } = await import("./domain/delivery/environments");
        // the view asks no cloud: what the person's commands were answered last is what it knows
        const whoAnswers = (host: RegistryHost) => Promise.resolve(logins.lastAnswer(host));
        return await listEnvironments({ ...shared, logins: { whoAnswers } }, signal);
      },
      onDidChange(listener) {
        const stops = [records, store, logins].map((source) => source.onDidChange(listener));
        return () => stops.forEach((stop) => stop());
      },
    },
    async shell(environment) {
      const { dockerShell } = await import("./adapters/docker/shell");
      const { usersOf } = await import("./domain/environment/users");
      const [user] = await usersOf(environment, shared);
      return dockerShell({ path: dockerPath, env })(environment, user);
    },
    prober: (agreedRealms) =>
      onFirstUse(async () => {
        const { registryProber } = await import("./adapters/registries/prober");
        const { insecureRegistries } = await import("./adapters/docker/insecureRegistries");
        return registryProber(http, agreedRealms, {
          insecureRegistries: () => insecureRegistries(client),
        });
      }),
    lookUp: (effective) => credentialLookup(effective, login, Date.now, logins),
    logins,
    deliversNative,
    logOut: onFirstUse(async () => (await import("./adapters/docker/logOut")).dockerLogOut({ path: dockerPath, env })),
    otherLogins: onFirstUse(async () => (await import("./adapters/docker/otherLogins")).otherLogins(env)),
    variables: () => process.env,
    projectOf: projectOfFolder,
    rememberContainer: (id, creation) => known.rememberContainer(id, creation),
    unfinishedContainers: () => Promise.resolve(known.unfinishedContainers()),
    diagnostics: {
      engine: async () => (await import("./adapters/docker/versions")).dockerVersions(client),
      dockerConfig: async () => (await import("./adapters/docker/configShape")).dockerConfigShape(env),
    },
  };
  registerAll(context, ports, log);
  return context.extensionMode === vscode.ExtensionMode.Test ? { ports } : undefined;
}

/** Whether the logins of runner-native secrets are delivered, by the settings as they are now. */
function deliversNative(): boolean {
  return vscode.workspace.getConfiguration("registrySecrets").get<boolean>(SETTINGS.deliverNativeTokens) === true;
}

/** The proxy of VS Code's settings, as they are now. */
function chosenProxy() {
  const settings = vscode.workspace.getConfiguration("http");
  if (settings.get("proxySupport") === "off") return {};
  return { proxy: settings.get<string>("proxy"), noProxy: settings.get<string[]>("noProxy") ?? [] };
}
