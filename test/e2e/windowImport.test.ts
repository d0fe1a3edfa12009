import { strict as assert } from "node:assert";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { ROOT, temporaryFolder } from "../../scripts/testbed/folders";
import type { Window } from "../../scripts/testbed/vscodeHost/window";
import type { Hands } from "./support/hands";
import { eventually } from "./support/processes";
import { suiteWindow } from "./support/suiteWindow";

const PASSWORD = "window-import-password";

/** Secrets from Docker's config, and out again: by clicks and keys in a real window. No engine and no registry is asked. */
describe("the window: import and export", function () {
  this.timeout(180_000);
  this.bail(true); // each step goes on from the one before
  const openWindow = suiteWindow("import");
  const folder = temporaryFolder("window-import");
  const workspace = join(folder, "app");
  const dockerConfig = join(folder, "docker");
  const configFile = join(workspace, ".devcontainer/devcontainer.json");
  let window: Window;
  let page: Page;
  let hands: Hands;

  before(async () => {
    mkdirSync(join(workspace, ".devcontainer"), { recursive: true });
    mkdirSync(dockerConfig);
    const auth = Buffer.from(`alice:${PASSWORD}`).toString("base64");
    writeFileSync(
      join(dockerConfig, "config.json"),
      JSON.stringify({ auths: { "one.example.com": { auth }, "two.example.com": { auth } } }),
    );
    writeFileSync(configFile, '{\n  // ours\n  "image": "one.example.com/acme/app:1"\n}\n');
    ({ window, page, hands } = await openWindow({
      developmentPath: ROOT,
      folder: workspace,
      environment: { DOCKER_CONFIG: dockerConfig, XDG_RUNTIME_DIR: folder, XDG_CONFIG_HOME: folder },
    }));
    await hands.openView();
  });

  after(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  const clipboard = () => page.evaluate<string>("navigator.clipboard.readText()");

  it("imports the logins that are chosen, under names of their own", async () => {
    await window.runCommand("Registry Secrets: Import Secrets…");
    await hands.choice("Logins of Docker and Podman").waitFor();
    await window.screenshot("import-source");
    await hands.choose("Logins of Docker and Podman");
    await hands.choose("User");
    await hands.choice("one.example.com").waitFor();
    await window.screenshot("import-logins");
    await hands.choice("two.example.com").click(); // both are chosen at first
    await page.keyboard.press("Enter");
    await window.notification("1 secret imported");
    await hands.row("ONE_EXAMPLE_COM").waitFor();
    await window.screenshot("imported");
    assert.ok(!(await page.content()).includes(PASSWORD));
  });

  it("copies a password only after a warning, and empties the clipboard at the end", async () => {
    await window.runCommand("Registry Secrets: Export Secrets…");
    await hands.choose("Variables for Codespaces");
    await hands.choice("ONE_EXAMPLE_COM").waitFor();
    await page.keyboard.press("Enter");
    await hands.choice("the password of ONE_EXAMPLE_COM").waitFor();
    await window.screenshot("export-variables");
    const warning = "Every program can read the clipboard";
    await hands.click(hands.choice("the password of ONE_EXAMPLE_COM"), hands.dialog(warning));
    await window.screenshot("export-warning");
    await hands.decide(warning, "Copy");
    await hands.choice("Done").waitFor();
    await eventually("the password is there", async () => ((await clipboard()) === PASSWORD ? true : undefined));
    await hands.choose("Done");
    await page.waitForFunction('navigator.clipboard.readText().then((text) => text === "")');
  });
});
