import { randomUUID } from "node:crypto";
import { join } from "node:path";
import * as vscode from "vscode";
import { devContainerTool } from "./adapters/devcontainers/tool";
import { composeConfig } from "./adapters/docker/compose";
import { dockerEngine } from "./adapters/docker/engine";
import { insecureRegistries } from "./adapters/docker/insecureRegistries";
import { dockerLogOut } from "./adapters/docker/logOut";
import { dockerLogin } from "./adapters/docker/login";
import { enginePlatform } from "./adapters/docker/platform";
import { openPrivateDockerConfig } from "./adapters/docker/privateConfig";
import { httpClient } from "./adapters/http/client";
import { hookInstallScript } from "./adapters/local/hookFiles";
import { projectOfFolder } from "./adapters/local/projects";
import { secretStorageStore } from "./adapters/local/secretStorage";
import { registryProber } from "./adapters/registries/prober";
import { Deliverer } from "./domain/delivery/deliverer";
import { credentialLookup } from "./domain/diagnosis/credentials";
import { RegistrySecrets } from "./domain/secret/registrySecrets";
import { withoutTriplets } from "./domain/secret/triplets";
import { registerAll } from "./vscode/activate";
import { SETTINGS } from "./vscode/commandIds";
import type { ExtensionPorts } from "./vscode/ports";
import { KnownEnvironments } from "./vscode/knownEnvironments";
import { workspaceFiles } from "./vscode/workspace";

/** What tests in the extension host reach; nothing for anyone else. */
export interface TestAccess {
  readonly ports: ExtensionPorts;
}

/** Makes the adapters, hands them to the domain, and that to `vscode/`. */
export function activate(context: vscode.ExtensionContext): TestAccess | undefined {
  const log = vscode.window.createOutputChannel("Registry Secrets", { log: true });
  const settings = vscode.workspace.getConfiguration("registrySecrets");
  const dockerPath = settings.get<string>(SETTINGS.dockerPath) ?? "docker";
  const timeoutMs = (settings.get<number>(SETTINGS.timeoutSeconds) ?? 10) * 1000;
  const env: NodeJS.ProcessEnv = withoutTriplets(process.env);

  const known = new KnownEnvironments(context.globalState);
  void known.trustOpenFolders();
  context.subscriptions.push(
    vscode.workspace.onDidGrantWorkspaceTrust(() => void known.trustOpenFolders()),
    vscode.workspace.onDidChangeWorkspaceFolders(() => void known.trustOpenFolders()),
  );

  const store = secretStorageStore(context.secrets);
  const secrets = new RegistrySecrets(store, Date.now, randomUUID);
  const engine = dockerEngine({ path: dockerPath, env });
  const proxy = vscode.workspace.getConfiguration("http").get<string>("proxy");
  const http = httpClient(timeoutMs, { env, proxy });
  const installScript = () =>
    hookInstallScript(context.asAbsolutePath(join("devcontainer-feature", "src", "registry-login")));
  const login = dockerLogin(env, dockerPath);

  const compose = composeConfig({ path: dockerPath });
  const ports: ExtensionPorts = {
    store,
    secrets,
    engine,
    enginePlatform: enginePlatform({ path: dockerPath, env }),
    files: workspaceFiles,
    imagePorts: { composeConfig: (files, cwd) => compose(files, cwd, env) },
    env,
    tool: devContainerTool({
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
    }),
    deliverer: new Deliverer({
      engine,
      source: "vscode",
      installScript,
      secrets: () => secrets.list(),
      trust: () => Promise.resolve(known.trust()),
      projectOf: projectOfFolder,
      log,
    }),
    prober: (agreedRealms) =>
      registryProber(http, agreedRealms, {
        insecureRegistries: () => insecureRegistries({ path: dockerPath, env }),
      }),
    lookUp: (effective) => credentialLookup(effective, login, Date.now),
    logOut: dockerLogOut({ path: dockerPath, env }),
    projectOf: projectOfFolder,
    rememberContainer: (id, creation) => known.rememberContainer(id, creation),
    unfinishedContainers: () => Promise.resolve(known.unfinishedContainers()),
  };
  registerAll(context, ports, log);
  return context.extensionMode === vscode.ExtensionMode.Test ? { ports } : undefined;
}
