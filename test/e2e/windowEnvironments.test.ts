import assert from "node:assert/strict";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Locator, Page } from "playwright-core";
import { ROOT, temporaryFolder } from "../../scripts/testbed/folders";
import { BUSYBOX_IMAGE, ensureImages, pushImage } from "../../scripts/testbed/images";
import { run, runOrThrow } from "../../scripts/testbed/run";
import { openWindow, type Window } from "../../scripts/testbed/vscodeHost/window";
import { containersOf, removeContainersOf } from "./support/containers";
import { openRegistry, PASSWORD, USER, type PrivateRegistry } from "./support/privateRegistry";
import { eventually } from "./support/processes";
import { helperAnswer } from "./support/world";

/** A newcomer's way to an environment from a private image, and what the view does with environments, by clicks. */
describe("the window: environments", function () {
  this.timeout(180_000);
  this.bail(true); // each step goes on from the one before
  const folder = temporaryFolder("window-environments");
  const workspace = join(folder, "app");
  const configFile = join(workspace, ".devcontainer/devcontainer.json");
  let registry: PrivateRegistry;
  let window: Window;
  let page: Page;

  before(async () => {
    await ensureImages(BUSYBOX_IMAGE);
    registry = await openRegistry({ base: BUSYBOX_IMAGE });
    await pushImage(BUSYBOX_IMAGE, registry.image("base", "2"), { username: USER, password: PASSWORD });
    mkdirSync(join(workspace, ".devcontainer"), { recursive: true });
    writeFileSync(configFile, `{\n  "image": "${registry.image("base")}",\n  "remoteUser": "root"\n}\n`);
    window = await openWindow({ developmentPath: ROOT, folder: workspace });
    page = window.page;
    page.setDefaultTimeout(45_000);
  });

  after(async () => {
    await window.stop();
    await removeContainersOf(workspace);
    await registry.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  afterEach(async function () {
    if (this.currentTest?.state === "failed") await window.screenshot("environments-failed");
  });

  const containers = (...options: string[]) => containersOf(workspace, ...options);
  const row = (text: string | RegExp): Locator =>
    page.locator(".pane-body .monaco-list-row").filter({ hasText: text }).first();
  const press = async (on: Locator, action: string) => {
    await on.hover();
    await on.locator(`.action-label[aria-label*="${action}"]`).first().click();
  };
  const dialog = (button: string) =>
    page.locator(".monaco-dialog-box .monaco-button").filter({ hasText: button }).click();
  const toast = (button: string) =>
    page.locator(".notifications-toasts .monaco-button").filter({ hasText: button }).first();
  const clearNotifications = () => window.runCommand("Notifications: Clear All Notifications");

  it("leads a newcomer from the empty view to an environment from a private image in eight interactions", async () => {
    let interactions = 0;
    const click = async (what: Locator) => {
      await what.click();
      interactions++;
    };
    const answer = async (prompt: string, text: string | undefined) => {
      await page.locator(".quick-input-widget:visible").filter({ hasText: prompt }).waitFor();
      if (text !== undefined) await page.locator(".quick-input-widget:visible input.input").first().fill(text);
      await page.keyboard.press("Enter");
      interactions++;
    };
    const choice = (text: string) =>
      page.locator(".quick-input-list:visible .monaco-list-row").filter({ hasText: text }).first();

    await click(page.locator('.activitybar [aria-label*="Registry Secrets"]').first());
    const missing = row(`${registry.address}no secret`);
    await missing.hover();
    await click(missing.locator('.action-label[aria-label*="New Secret"]').first());
    await click(choice("Container registry"));
    await click(choice("Project"));
    await answer("Name", undefined); // one is offered
    await answer("Registry username", USER);
    await answer("password or access token", PASSWORD);
    await click(row("Create Environment…"));
    await window.notification("is ready, and logged in inside");
    await window.screenshot("environments-ready");
    assert.ok(interactions <= 8, `${interactions} interactions`);

    const [id = ""] = await containers();
    assert.equal((await helperAnswer(id, registry.address))?.Secret, PASSWORD);
    await clearNotifications();
  });

  it("opens a terminal inside", async () => {
    await press(row("logged in"), "Open Terminal");
    await page.locator(".terminal-wrapper.active .xterm-rows").waitFor();
    await page.keyboard.type("registry-login status > /tmp/seen.txt\n");
    const [id = ""] = await containers();
    const seen = await eventually("the command has run inside", async () => {
      const { code, stdout } = await run("docker", ["exec", id, "cat", "/tmp/seen.txt"]);
      return code === 0 && stdout.includes("logged in") ? stdout : undefined;
    });
    assert.ok(seen.includes(registry.address));
    await window.screenshot("environments-terminal");
    await window.runCommand("Terminal: Kill All Terminals");
  });

  it("stops the environment, and starts it again, logged in", async () => {
    await press(row("logged in"), "Stop Environment");
    await row("stopped").waitFor();
    assert.deepEqual([(await containers()).length, (await containers("--all")).length], [0, 1]);
    await window.screenshot("environments-stopped");
    await press(row("stopped"), "Start Environment");
    await window.notification("is ready, and logged in inside");
    await row("logged in").waitFor();
    const [id = ""] = await containers();
    await eventually("it is logged in again", async () =>
      (await helperAnswer(id, registry.address))?.Secret === PASSWORD ? true : undefined,
    );
    await clearNotifications();
  });

  it("suggests to recreate it when its image is another one, says why, and does it", async () => {
    const [before = ""] = await containers();
    writeFileSync(configFile, readFileSync(configFile, "utf8").replace("base:1", "base:2"));
    await page.locator(".statusbar-item").filter({ hasText: "Recreate" }).waitFor();
    await row(/^Recreate/).waitFor();
    await toast("Why").waitFor();
    await window.screenshot("environments-suggestion");
    await toast("Recreate").click();
    await eventually("there is another container", async () => {
      const [id] = await containers();
      return id !== undefined && id !== before ? id : undefined;
    });
    await window.notification("is ready, and logged in inside");
    await page.locator(".statusbar-item").filter({ hasText: "Recreate" }).waitFor({ state: "hidden" });
    await clearNotifications();
  });

  it("adds the login Feature to devcontainer.json, and leaves the rest as it is", async () => {
    const item = page.locator(".context-view .action-label").filter({ hasText: "Add Feature" });
    // a row that is drawn anew closes its menu, and a menu that has only just opened ignores a click and stays
    await eventually("the menu's command is chosen", async () => {
      await row("logged in").click({ button: "right" });
      const chosen = item.click({ timeout: 2_000 }).then(() => item.waitFor({ state: "hidden", timeout: 2_000 }));
      return await chosen.then(
        () => true,
        () => undefined,
      );
    });
    await page.locator(".view-line").filter({ hasText: "registry-login" }).first().waitFor();
    await window.screenshot("environments-feature");
    await page.keyboard.press("Control+Z");
    await window.runCommand("View: Revert and Close Editor");
    await clearNotifications();
  });

  it("has a container that cannot prove what it is confirmed by name, and then logs it in", async () => {
    const labels = ["--label", `devcontainer.local_folder=${workspace}`];
    const args = ["run", "--detach", "--rm", "--init", "--name", "window-candidate", ...labels];
    const id = (await runOrThrow("docker", [...args, BUSYBOX_IMAGE, "sleep", "3600"])).trim();
    const candidate = row("window-candidate");
    await candidate.waitFor();
    await window.screenshot("environments-candidate");
    await press(candidate, "Confirm Environment");
    await dialog("Confirm");
    await eventually("it is logged in", async () =>
      (await helperAnswer(id, registry.address))?.Secret === PASSWORD ? true : undefined,
    );
    await runOrThrow("docker", ["rm", "--force", id]);
    await eventually("only the environment is left in the view", async () =>
      (await page.locator(".pane-body .monaco-list-row").filter({ hasText: "logged in" }).count()) === 1
        ? true
        : undefined,
    );
  });

  it("is shown in dark, in high contrast and in a narrow window", async () => {
    const themed = async (theme: string, name: string) => {
      await page.locator(`.monaco-workbench.${theme}`).waitFor();
      await row("logged in").waitFor();
      await window.screenshot(`environments-${name}`);
    };
    await window.runCommand("Preferences: Toggle between Light/Dark Themes");
    await themed("vs-dark", "dark");
    await page.emulateMedia({ colorScheme: "dark", forcedColors: "active" });
    await themed("hc-black", "high-contrast");
    await page.emulateMedia({ colorScheme: "light", forcedColors: "none" });
    await page.setViewportSize({ width: 320, height: 700 });
    await row("logged in").waitFor();
    await window.screenshot("environments-narrow");
  });
});
