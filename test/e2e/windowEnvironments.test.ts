import assert from "node:assert/strict";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { ROOT, temporaryFolder } from "../../scripts/testbed/folders";
import { BUSYBOX_IMAGE, ensureImages, pushImage } from "../../scripts/testbed/images";
import { run, runOrThrow } from "../../scripts/testbed/run";
import type { Window } from "../../scripts/testbed/vscodeHost/window";
import { containersOf, removeContainersOf } from "./support/containers";
import type { Hands } from "./support/hands";
import { openRegistry, PASSWORD, USER, type PrivateRegistry } from "./support/privateRegistry";
import { eventually } from "./support/processes";
import { helperAnswer, untilInside } from "./support/world";
import { suiteWindow } from "./support/suiteWindow";

/** A newcomer's way to an environment from a private image, and what the view does with environments, by clicks. */
describe("the window: environments", function () {
  this.timeout(180_000);
  this.bail(true); // each step goes on from the one before
  const openWindow = suiteWindow("environments");
  const folder = temporaryFolder("window-environments");
  const workspace = join(folder, "app");
  const configFile = join(workspace, ".devcontainer/devcontainer.json");
  let registry: PrivateRegistry;
  let window: Window;
  let page: Page;
  let hands: Hands;

  before(async () => {
    await ensureImages(BUSYBOX_IMAGE);
    registry = await openRegistry({ base: BUSYBOX_IMAGE });
    for (const tag of ["2", "3"])
      await pushImage(BUSYBOX_IMAGE, registry.image("base", tag), { username: USER, password: PASSWORD });
    mkdirSync(join(workspace, ".devcontainer"), { recursive: true });
    writeFileSync(configFile, `{\n  "image": "${registry.image("base")}",\n  "remoteUser": "root"\n}\n`);
    ({ window, page, hands } = await openWindow({ developmentPath: ROOT, folder: workspace }));
  });

  after(async () => {
    await removeContainersOf(workspace);
    await registry.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const containers = (...options: string[]) => containersOf(workspace, ...options);
  const row = (text: string | RegExp) => hands.row(text);
  const statusBar = (text: string) => page.locator(".statusbar-item").filter({ hasText: text });

  it("leads a newcomer from the empty view to an environment from a private image in eight interactions", async () => {
    await hands.openView();
    await hands.press(row(`${registry.address}no secret`), "New Secret", hands.choice("Container registry"));
    await hands.choose("Container registry");
    await hands.choose("Project");
    await hands.fillIn(undefined, USER, PASSWORD); // a name is offered
    await hands.click(row("Create Environment…"), window.toast("Creating the environment"));
    await window.notification("is ready, and logged in inside");
    await window.screenshot("environments-ready");
    assert.ok(hands.count() <= 8, `${hands.count()} interactions`);

    const [id = ""] = await containers();
    assert.equal((await helperAnswer(id, registry.address))?.Secret, PASSWORD);
    await hands.clearNotifications();
  });

  it("opens a terminal inside", async () => {
    await hands.press(row("logged in"), "Open Terminal", page.locator(".terminal-wrapper.active .xterm-screen"));
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
    await hands.press(row("logged in"), "Stop Environment", row("stopped"));
    assert.deepEqual([(await containers()).length, (await containers("--all")).length], [0, 1]);
    await window.screenshot("environments-stopped");
    await hands.press(row("stopped"), "Start Environment", window.toast("is ready, and logged in inside"));
    await row("logged in").waitFor();
    const [id = ""] = await containers();
    await untilInside(id, registry.address, { Secret: PASSWORD });
    await hands.clearNotifications();
  });

  const isAnother = (before: string) =>
    eventually("there is another container", async () => {
      const [id] = await containers();
      return id !== undefined && id !== before ? id : undefined;
    });
  const nameImage = (tag: string) =>
    writeFileSync(configFile, readFileSync(configFile, "utf8").replace(/base:\d/, `base:${tag}`));

  it("suggests to recreate it when its image is another one, and does it", async () => {
    const [before = ""] = await containers();
    nameImage("2");
    await statusBar("Recreate").waitFor();
    await row(/^Recreate/).waitFor();
    await hands.offer("Why").waitFor();
    await window.screenshot("environments-suggestion");
    await hands.click(hands.offer("Recreate"), window.toast("Recreating the environment"));
    await isAnother(before);
    await window.notification("is ready, and logged in inside");
    await statusBar("Recreate").waitFor({ state: "hidden" });
    await hands.clearNotifications();
  });

  it("says why, and does not repeat itself: neither after that, nor when it was put off, nor in another run", async () => {
    const [before = ""] = await containers();
    nameImage("3");
    await hands.click(hands.offer("Why"), page.locator(".tab.active").filter({ hasText: "Pull diagnosis" }));
    await hands.report().getByText("Why app should be recreated").waitFor();
    await window.screenshot("environments-why");
    await window.runCommand("View: Close Editor");
    nameImage("1");
    await hands.click(hands.offer("Not Now"));
    await statusBar("Recreate").waitFor();
    await window.reload();
    await statusBar("Recreate").waitFor();
    await row(/^Recreate/).waitFor();
    await window.runCommand("Notifications: Show Notifications");
    await page.locator(".notifications-center").waitFor();
    assert.equal(await hands.offer("Not Now").count(), 0);
    await hands.click(row(/^Recreate/), window.toast("Recreating the environment"));
    await isAnother(before);
    await window.notification("is ready, and logged in inside");
    await statusBar("Recreate").waitFor({ state: "hidden" });
    await hands.clearNotifications();
  });

  it("adds the login Feature to devcontainer.json, and leaves the rest as it is", async () => {
    const written = page.locator(".view-line").filter({ hasText: "registry-login" });
    await hands.chooseFromMenu(row("logged in"), "Add Feature", written);
    await window.screenshot("environments-feature");
    await page.keyboard.press("Control+Z");
    await window.runCommand("View: Revert and Close Editor");
    await hands.clearNotifications();
  });

  it("has a container that cannot prove what it is confirmed by name, and then logs it in", async () => {
    const labels = ["--label", `devcontainer.local_folder=${workspace}`];
    const args = ["run", "--detach", "--rm", "--init", "--name", "window-candidate", ...labels];
    const id = (await runOrThrow("docker", [...args, BUSYBOX_IMAGE, "sleep", "3600"])).trim();
    const candidate = row("window-candidate");
    await candidate.waitFor();
    await window.screenshot("environments-candidate");
    await hands.press(candidate, "Confirm Environment", hands.dialog("window-candidate"));
    await hands.decide("window-candidate", "Confirm");
    await untilInside(id, registry.address, { Secret: PASSWORD });
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
