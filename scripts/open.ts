import { spawn } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ensureEngine } from "./testbed/engine";
import { ROOT, temporaryFolder } from "./testbed/folders";
import { DOCKER_CLIENT_IMAGE, ensureImages, pushImage } from "./testbed/images";
import { startRegistry } from "./testbed/registry";
import { run } from "./testbed/run";
import { startWindowServerFor } from "./testbed/vscodeHost/window";

/**
 * Opens the demonstration's workspace in VS Code with this extension: desktop `code` where it is installed, else a VS
 * Code server whose address is printed. Registry and engine stay until Ctrl+C.
 */
const USER = "alice";
const PASSWORD = "test-password-one";

async function main(): Promise<void> {
  const engine = await ensureEngine();
  await ensureImages(DOCKER_CLIENT_IMAGE);
  const registry = await startRegistry({ auth: "htpasswd", users: [{ name: USER, password: PASSWORD }] });
  const image = `${registry.address}/acme/base:1`;
  await pushImage(DOCKER_CLIENT_IMAGE, image, { username: USER, password: PASSWORD });
  const workspace = join(temporaryFolder("open"), "workspace");
  mkdirSync(join(workspace, ".devcontainer"), { recursive: true });
  await run("git", ["init", "--quiet", workspace]);
  writeFileSync(join(workspace, ".devcontainer/devcontainer.json"), `${JSON.stringify({ image }, undefined, 2)}\n`);

  console.log(`The registry ${registry.address} knows the user ${USER} with the password ${PASSWORD}.`);
  const desktop = (await run("code", ["--version"])).code === 0;
  if (desktop) {
    spawn("code", ["--new-window", `--extensionDevelopmentPath=${ROOT}`, workspace], { stdio: "inherit" });
    console.log(`VS Code opens ${workspace}. Ctrl+C here ends the registry.`);
  } else {
    const { url } = await startWindowServerFor({ developmentPath: ROOT, folder: workspace });
    console.log(`Open ${url}`);
    console.log("Ctrl+C here ends it.");
  }
  await new Promise<void>((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => resolve());
  });
  await registry.stop();
  await engine.stop();
  process.exit(0);
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
});
