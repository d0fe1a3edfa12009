import { strict as assert } from "node:assert";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { ROOT, temporaryFolder } from "../../scripts/testbed/folders";
import { BUSYBOX_IMAGE, ensureImages, pushImage } from "../../scripts/testbed/images";
import { startRegistry, type Registry } from "../../scripts/testbed/registry";
import { run, runOrThrow } from "../../scripts/testbed/run";
import { openWindow, type Window } from "../../scripts/testbed/vscodeHost/window";
import { CANARIES, canariesIn } from "./support/canary";
import { filesBelow, helperAnswer } from "./support/world";

const USER = "alice";
const { first: PASSWORD, second: ROTATED } = CANARIES;

/** The packed extension in a real window: what a person sees and clicks, in the order of a first day. */
describe("the window", function () {
  this.timeout(180_000);
  this.bail(true); // each step goes on from the one before
  const folder = temporaryFolder("window-test");
  const workspace = join(folder, "app");
  const vsix = join(folder, "registry-secrets.vsix");
  const profile = join(folder, "window");
  let registry: Registry;
  let image: string;
  let window: Window;
  let page: Page;

  before(async () => {
    mkdirSync(join(workspace, ".devcontainer"), { recursive: true });
    await runOrThrow("git", ["init", "-q", workspace]);
    await ensureImages(BUSYBOX_IMAGE);
    registry = await startRegistry({ auth: "htpasswd", users: [{ name: USER, password: PASSWORD }] });
    image = `${registry.address}/acme/base:1`;
    await pushImage(BUSYBOX_IMAGE, image, { username: USER, password: PASSWORD });
    writeFileSync(
      join(workspace, ".devcontainer/devcontainer.json"),
      `{\n  // the team's own base image\n  "image": "${image}",\n  "postCreateCommand": "registry-login status > /tmp/status.txt",\n}\n`,
    );
    await runOrThrow(process.execPath, [join(ROOT, "scripts/package.mjs"), vsix], { limit: 120_000 });
    window = await openWindow({ vsix, folder: workspace, profile });
    page = window.page;
    page.setDefaultTimeout(45_000);
  });

  after(async () => {
    await window.stop();
    const { stdout } = await run("docker", ["ps", "-aq", "--filter", `label=devcontainer.local_folder=${workspace}`]);
    for (const id of stdout.split("\n").filter((line) => line !== "")) await run("docker", ["rm", "-fv", id]);
    await run("docker", ["image", "rm", "-f", image]);
    await registry.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  afterEach(async function () {
    if (this.currentTest?.state === "failed") await window.screenshot("window-test-failed");
  });

  const input = () => page.locator(".quick-input-widget:visible input.input").first();
  const title = () => page.locator(".quick-input-widget:visible .quick-input-title");
  const row = (text: string | RegExp) => page.locator(".pane-body .monaco-list-row").filter({ hasText: text }).first();
  const choose = (text: string) =>
    page.locator(".quick-input-list:visible .monaco-list-row").filter({ hasText: text }).first().click();
  const prompted = (prompt: string) =>
    page.locator(".quick-input-widget:visible").filter({ hasText: prompt }).waitFor();
  const type = async (prompt: string, text: string) => {
    await prompted(prompt);
    await input().fill(text);
    await page.keyboard.press("Enter");
  };
  const report = (text: string) =>
    page
      .frameLocator("iframe.webview")
      .frameLocator("#active-frame")
      .getByText(text, { exact: false })
      .first()
      .waitFor();
  const inside = async (...command: string[]) => {
    const id = await runOrThrow("docker", ["ps", "-q", "--filter", `label=devcontainer.local_folder=${workspace}`]);
    return await run("docker", ["exec", id.trim(), ...command]);
  };

  it("starts with a view that says which registry has no secret yet", async () => {
    await page.locator('.activitybar [aria-label*="Registry Secrets"]').first().click();
    await row(`${registry.address}no secret`).waitFor();
    await row("New Secret…").waitFor();
    await window.screenshot("view-empty");
  });

  it("diagnoses the missing credential and offers the secret, prefilled", async () => {
    await window.runCommand("Registry Secrets: Diagnose Pull Failure");
    const text = await window.notification("is private, and there is no credential");
    assert.ok(text.includes(image) && text.includes(registry.address), text);
    await report("What to do");
    await window.screenshot("diagnosis-no-credential");
    await page.locator(".notifications-toasts .monaco-button").filter({ hasText: "New Secret" }).click();
    await choose("Container registry");
    await choose("Project");
    await prompted("Name");
    assert.match(await input().inputValue(), /^(?:LOCALHOST|127_0_0_1)_\d+$/);
    await page.keyboard.press("Escape");
    await input().waitFor({ state: "hidden" });
  });

  it("makes a secret in steps, with Back, checks while typing, and hides the password", async () => {
    await window.runCommand("Registry Secrets: New Secret");
    await page
      .locator(".quick-input-list:visible .monaco-list-row")
      .filter({ hasText: "Container registry" })
      .waitFor();
    await window.screenshot("form-type");
    await choose("Container registry");
    await choose("Project");
    await page
      .locator(".quick-input-list:visible .monaco-list-row")
      .filter({ hasText: "Docker Hub" })
      .first()
      .waitFor();
    await window.screenshot("form-registry");
    await choose("AWS ECR");
    await page.locator(".quick-input-widget:visible").filter({ hasText: "AWS account ID" }).waitFor();
    await page.locator(".quick-input-titlebar .codicon-quick-input-back").click();
    await choose("Another registry");
    await prompted("Registry hostname");
    await input().fill(`https://${registry.address}/acme/base`);
    await page
      .locator(".quick-input-message")
      .filter({ hasText: `saved as ${registry.address}` })
      .waitFor();
    await window.screenshot("form-host");
    await page.keyboard.press("Enter");
    await type("Name", "a!");
    await page.locator(".quick-input-message").filter({ hasText: "cannot be the name" }).waitFor();
    await type("Name", "ACME_PULL");
    await type("Registry username", USER);
    await page.locator(".quick-input-widget:visible").filter({ hasText: "Registry password" }).waitFor();
    assert.equal(await input().getAttribute("type"), "password");
    await page.keyboard.press("Enter");
    await page.locator(".quick-input-message").filter({ hasText: "Enter the password" }).waitFor();
    await input().fill("not-the-password");
    assert.match((await title().innerText()).trim(), /New Secret \(7\/8\)/);
    await window.screenshot("form-password");
    await page.keyboard.press("Enter");
    const dialog = page.locator(".monaco-dialog-box").filter({ hasText: "username or password is wrong" });
    await dialog.waitFor();
    await window.screenshot("form-test-failed");
    await dialog.locator(".monaco-button").filter({ hasText: "Save Anyway" }).click();
    await row("ACME_PULL").waitFor();
  });

  it("shows a row with host and username, and never the password", async () => {
    const text = await row("ACME_PULL").innerText();
    assert.ok(text.includes(registry.address) && text.includes(USER), text);
    assert.ok(!(await page.content()).includes("not-the-password"));
    await window.screenshot("view-secret");
    await row("ACME_PULL").hover();
    const tooltip = page.locator(".workbench-hover:visible, .monaco-hover:visible").filter({ hasText: "Updated" });
    await tooltip
      .getByText(/^\d{4}-\d\d-\d\d \d\d:\d\d UTC$/)
      .first()
      .waitFor();
    await window.screenshot("view-secret-tooltip");
    await page.mouse.move(0, 0);
  });

  it("refuses a second secret for the same registry, and says which one to edit", async () => {
    await window.runCommand("Registry Secrets: New Secret");
    await choose("Container registry");
    await choose("Project");
    await choose("Another registry");
    await prompted("Registry hostname");
    await input().fill(registry.address);
    await page.locator(".quick-input-message").filter({ hasText: "Edit ACME_PULL" }).waitFor();
    await page.keyboard.press("Enter");
    await page.locator(".quick-input-list:visible .monaco-list-row").filter({ hasText: "Edit ACME_PULL" }).waitFor();
    await window.screenshot("form-twin");
    await choose("Edit ACME_PULL");
    await prompted("Registry username");
    assert.match((await title().innerText()).trim(), /Edit ACME_PULL/);
    await page.keyboard.press("Escape");
  });

  it("names the wrong password, and leads to the form that mends it", async () => {
    await window.runCommand("Registry Secrets: Diagnose Pull Failure");
    await window.notification("username or password is wrong");
    await report("refuses the project secret ACME_PULL");
    await window.screenshot("diagnosis-wrong-password");
    await page.locator(".notifications-toasts .monaco-button").filter({ hasText: "Edit ACME_PULL" }).click();
    await type("Registry username", USER);
    await type("Registry password", PASSWORD);
    await input().waitFor({ state: "hidden" });
    await window.notification("can be pulled"); // it is asked again by itself
    await window.screenshot("diagnosis-fine");
  });

  it("creates the environment from the private image, logged in before its own commands run", async () => {
    await window.runCommand("Registry Secrets: Create Environment");
    await window.notification("Creating the environment");
    await window.screenshot("creation");
    await window.notification("is ready, and logged in inside");
    await window.screenshot("created");
    const { stdout } = await inside("cat", "/tmp/status.txt");
    assert.match(stdout, new RegExp(`${registry.address}: logged in, from vscode`));
  });

  it("delivers a rotated password to the running environment", async () => {
    await registry.setPassword(USER, ROTATED);
    const edit = row("ACME_PULL");
    await edit.hover();
    await edit.locator('.action-label[aria-label*="Edit Secret"]').click();
    await type("Registry username", USER);
    await type("Registry password", ROTATED);
    await page.locator(".statusbar-item").filter({ hasText: "delivered to 1 environment" }).waitFor();
    const container = await runOrThrow("docker", [
      "ps",
      "-q",
      "--filter",
      `label=devcontainer.local_folder=${workspace}`,
    ]);
    const id = container.trim();
    await until(async () => (await helperAnswer(id, registry.address))?.Secret === ROTATED);
    await window.screenshot("delivered");
  });

  it("keeps the secret over a reload of the window", async () => {
    await window.reload();
    await row("ACME_PULL").waitFor();
    // the view is drawn anew once the engine has told of the environments
    await row("logged in").waitFor();
    await page.locator(".statusbar-item").filter({ hasText: "delivered to 1 environment" }).waitFor();
  });

  it("deletes it after saying what follows, and logs the environment out", async () => {
    const line = row("ACME_PULL");
    await line.hover();
    await line.locator('.action-label[aria-label*="Delete Secret"]').click();
    const dialog = page.locator(".monaco-dialog-box");
    await dialog.filter({ hasText: "Running environments are logged out" }).waitFor();
    await window.screenshot("delete");
    await dialog.locator(".monaco-button").filter({ hasText: "Delete" }).click();
    await row(`${registry.address}no secret`).waitFor();
    await page.locator(".statusbar-item").filter({ hasText: "delivered to 1 environment" }).waitFor();
    await until(async () => (await inside("registry-login", "status")).stdout.includes("logged in to no registry"));
    const { stdout } = await inside("cat", "/root/.docker/config.json");
    assert.ok(!stdout.includes(registry.address), stdout);
  });

  it("has left no password in a log, in its storage, or anywhere else in the window's folders", () => {
    const files = filesBelow(profile);
    const log = files.find((file) => file.endsWith("/Registry Secrets.log")) ?? "";
    assert.match(readFileSync(log, "utf8"), /logged in to/);
    assert.deepEqual(
      files.filter((file) => canariesIn(readFileSync(file)).length > 0),
      [],
    );
  });
});

/** Waits for what another process does: asks again until it is so, for at most ten seconds. */
async function until(holds: () => Promise<boolean>): Promise<void> {
  for (const end = Date.now() + 10_000; Date.now() < end;) if (await holds()) return;
  throw new Error("it did not happen within ten seconds");
}
