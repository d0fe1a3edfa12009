import assert from "node:assert/strict";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { createServer, request } from "node:http";
import { join } from "node:path";
import { ROOT, temporaryFolder } from "../../scripts/testbed/folders";
import { BUSYBOX_IMAGE, ensureImages } from "../../scripts/testbed/images";
import { listen } from "../../scripts/testbed/loopback";
import type { Window } from "../../scripts/testbed/vscodeHost/window";
import { containersOf, removeContainersOf } from "./support/containers";
import type { Hands } from "./support/hands";
import { openRegistry, PASSWORD, USER, type PrivateRegistry } from "./support/privateRegistry";
import { eventually } from "./support/processes";
import { helperAnswer } from "./support/world";
import { suiteWindow } from "./support/suiteWindow";

/**
 * Configurations in one workspace: the creation of one fails, another has nothing to log in with, one is cancelled, and one
 * handed over to the Dev Containers extension.
 */
describe("the window: creation", function () {
  this.timeout(180_000);
  this.bail(true); // each step goes on from the one before
  const openWindow = suiteWindow("create");
  const folder = temporaryFolder("window-create");
  const workspace = join(folder, "app");
  const configFile = (name: string) => join(workspace, ".devcontainer", name, "devcontainer.json");
  let registry: PrivateRegistry;
  let deaf: { readonly address: string; stop(): Promise<void> };
  let window: Window;
  let hands: Hands;

  before(async () => {
    await ensureImages(BUSYBOX_IMAGE);
    registry = await openRegistry({ base: BUSYBOX_IMAGE });
    deaf = await deafRegistry(registry.port);
    const configs = {
      slow: { onCreateCommand: "echo it takes a while; sleep 1000 & wait" },
      quick: {},
      refused: { image: `${deaf.address}/acme/base:1` },
      open: { image: BUSYBOX_IMAGE },
    };
    for (const [name, more] of Object.entries(configs)) {
      mkdirSync(join(configFile(name), ".."), { recursive: true });
      writeFileSync(configFile(name), JSON.stringify({ image: registry.image("base"), remoteUser: "root", ...more }));
    }
    const developmentPath = [ROOT, devContainersExtension(join(folder, "dev-containers"), configFile("quick"))];
    const settings = { "registrySecrets.timeoutSeconds": 120 };
    ({ window, hands } = await openWindow({ developmentPath, folder: workspace, settings }));
  });

  it("says why a creation failed though the registry does not answer, as soon as nobody waits for that", async () => {
    await window.runCommand("Registry Secrets: Create Environment");
    await hands.choose("refused");
    await window.notification("The creation failed: looking for the cause");
    await window.screenshot("create-cause");
    await hands.click(hands.offer("Cancel"));
    await window.notification("is private, and there is no credential for");
    await window.screenshot("create-failed");
    await hands.clearNotifications();
    await window.runCommand("View: Close All Editors");
  });

  it("says that an environment is ready, and that there is nothing to log in with inside", async () => {
    await window.runCommand("Registry Secrets: Create Environment");
    await hands.choose("open");
    await window.notification("is ready. There is no secret to log in with inside.");
    await window.screenshot("create-no-secret");
    await hands.clearNotifications();
    await removeContainersOf(workspace);
  });

  it("has a secret for the registry that both configurations name", async () => {
    await hands.openView();
    await hands.row("no secret").waitFor();
    await window.runCommand("Registry Secrets: New Secret");
    await hands.choose("Container registry");
    await hands.choose("Project");
    await hands.choose(registry.address);
    await hands.fillIn("ACME", USER, PASSWORD);
    await hands.row("ACME").waitFor();
  });

  after(async () => {
    await removeContainersOf(workspace);
    await deaf.stop();
    await registry.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const containers = (...options: string[]) => containersOf(workspace, ...options);

  it("asks which configuration, shows what its commands say, and a cancel leaves no half container", async () => {
    await window.runCommand("Registry Secrets: Create Environment");
    await hands.choice("quick").waitFor();
    await window.screenshot("create-which");
    await hands.choose("slow");
    await window.notification("it takes a while");
    assert.equal((await containers()).length, 1);
    await window.screenshot("create-progress");
    await hands.click(hands.offer("Cancel"));
    await eventually("the container is gone", async () =>
      (await containers("--all")).length === 0 ? true : undefined,
    );
    await window.screenshot("create-cancelled");
  });

  it("hands the other one over to the Dev Containers extension, which finds it and needs no login", async () => {
    await window.runCommand("Registry Secrets: Create Environment");
    await hands.choose("quick");
    await window.notification("is ready, and logged in inside");
    const [id = ""] = await containers();
    assert.equal((await helperAnswer(id, registry.address))?.Secret, PASSWORD);
    await registry.forget(); // an image that is not here any more could only be pulled with a login
    await hands.click(hands.offer("Reopen in Container"), window.toast("Dev Containers opens"));
    const text = await window.notification("Dev Containers opens");
    assert.ok(text.includes(id), text);
    assert.deepEqual(await containers("--all"), [id]);
    await window.screenshot("create-reopened");
  });
});

/** Stands before a registry: the engine is answered, and this extension never is. */
async function deafRegistry(port: number) {
  const server = createServer((incoming, outgoing) => {
    const { method, url: path, headers } = incoming;
    if (headers["user-agent"] === "registry-secrets") return;
    const onward = request({ host: "127.0.0.1", port, method, path, headers }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(outgoing);
    });
    onward.once("error", () => outgoing.destroy());
    incoming.pipe(onward);
  });
  const { port: own, stop } = await listen(server);
  return {
    address: `localhost:${own}`,
    stop: async () => {
      server.closeAllConnections();
      await stop();
    },
  };
}

/**
 * Stands in for the Dev Containers extension, which may not be given away with a test: under its name, with its command, it
 * has the same @devcontainers/cli bring the folder up as that extension does, with a Docker config that has no login, and
 * says which container that found.
 */
function devContainersExtension(folder: string, config: string): string {
  mkdirSync(join(folder, "docker"), { recursive: true });
  const manifest = {
    publisher: "ms-vscode-remote",
    name: "remote-containers",
    version: "0.0.1",
    engines: { vscode: "^1.105.0" },
    activationEvents: ["onCommand:remote-containers.reopenInContainer"],
    main: "./main.js",
    extensionKind: ["ui", "workspace"],
    contributes: { commands: [{ command: "remote-containers.reopenInContainer", title: "Reopen in Container" }] },
  };
  writeFileSync(join(folder, "package.json"), JSON.stringify(manifest));
  const script = join(ROOT, "node_modules/@devcontainers/cli/devcontainer.js");
  writeFileSync(
    join(folder, "main.js"),
    `const vscode = require("vscode");
const { execFile } = require("node:child_process");
exports.activate = () => vscode.commands.registerCommand("remote-containers.reopenInContainer", () => {
  const workspace = vscode.workspace.workspaceFolders[0].uri.fsPath;
  const args = [${JSON.stringify(script)}, "up", "--workspace-folder", workspace, "--config", ${JSON.stringify(config)}];
  const env = { ...process.env, DOCKER_CONFIG: ${JSON.stringify(join(folder, "docker"))} };
  execFile(${JSON.stringify(process.execPath)}, args, { env }, (error, stdout, stderr) =>
    vscode.window.showInformationMessage("Dev Containers opens " + (stdout.trim() || error || stderr)));
});
`,
  );
  return folder;
}
