import { strict as assert } from "node:assert";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { ROOT, temporaryFolder } from "../../scripts/testbed/folders";
import { BUSYBOX_IMAGE, ensureImages } from "../../scripts/testbed/images";
import { run, runOrThrow } from "../../scripts/testbed/run";
import type { Window } from "../../scripts/testbed/vscodeHost/window";
import { CANARIES, canariesIn } from "./support/canary";
import { containersOf, removeContainersOf } from "./support/containers";
import type { Hands } from "./support/hands";
import { openRegistry, USER, type PrivateRegistry } from "./support/privateRegistry";
import { eventually } from "./support/processes";
import { filesBelow, untilInside } from "./support/world";
import { suiteWindow } from "./support/suiteWindow";

const { first: PASSWORD, second: ROTATED } = CANARIES;

/** The packed extension in a real window: what a person sees and clicks, in the order of a first day. */
describe("the window", function () {
  this.timeout(180_000);
  this.bail(true); // each step goes on from the one before
  const openWindow = suiteWindow("window");
  const folder = temporaryFolder("window-test");
  const workspace = join(folder, "app");
  const vsix = join(folder, "registry-secrets.vsix");
  const profile = join(folder, "window");
  let registry: PrivateRegistry;
  let image: string;
  let window: Window;
  let page: Page;
  let hands: Hands;

  before(async () => {
    mkdirSync(join(workspace, ".devcontainer"), { recursive: true });
    await runOrThrow("git", ["init", "-q", workspace]);
    await ensureImages(BUSYBOX_IMAGE);
    const users = [{ name: USER, password: PASSWORD }];
    registry = await openRegistry({ base: BUSYBOX_IMAGE }, { auth: "htpasswd", users }, PASSWORD);
    image = registry.image("base");
    writeFileSync(
      join(workspace, ".devcontainer/devcontainer.json"),
      `{\n  // the team's own base image\n  "image": "${image}",\n  "postCreateCommand": "registry-login status > /tmp/status.txt",\n}\n`,
    );
    await runOrThrow(process.execPath, [join(ROOT, "scripts/package.mjs"), vsix], { limit: 120_000 });
    ({ window, page, hands } = await openWindow({ vsix, folder: workspace, profile }));
  });

  after(async () => {
    await removeContainersOf(workspace);
    await registry.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const title = () => page.locator(".quick-input-widget:visible .quick-input-title");
  const row = (text: string | RegExp) => hands.row(text);
  const report = (text: string) => hands.report().getByText(text, { exact: false }).first().waitFor();
  const inside = async (...command: string[]) => {
    const [id = ""] = await containersOf(workspace);
    return await run("docker", ["exec", id, ...command]);
  };

  it("starts with a view that says which registry has no secret yet", async () => {
    await hands.openView();
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
    await hands.click(hands.offer("New Secret"), hands.choice("Container registry"));
    await hands.choose("Container registry");
    await hands.choose("Project");
    await hands.asking("Name").waitFor();
    assert.match(await hands.input().inputValue(), /^(?:LOCALHOST|127_0_0_1)_\d+$/);
    await hands.dismiss();
  });

  it("makes a secret in steps, with Back, checks while typing, and hides the password", async () => {
    await window.runCommand("Registry Secrets: New Secret");
    await hands.choice("Container registry").waitFor();
    await window.screenshot("form-type");
    await hands.choose("Container registry");
    await hands.choose("Project");
    await hands.choice("Docker Hub").waitFor();
    await window.screenshot("form-registry");
    await hands.choose("AWS ECR");
    await hands.asking("AWS account ID").waitFor();
    await hands.click(page.locator(".quick-input-titlebar .codicon-quick-input-back"), hands.choice("Docker Hub"));
    await hands.choose("Another registry");
    await hands.asking("Registry hostname").waitFor();
    await hands.input().fill(`https://${registry.address}/acme/base`);
    await page
      .locator(".quick-input-message")
      .filter({ hasText: `saved as ${registry.address}` })
      .waitFor();
    await window.screenshot("form-host");
    await page.keyboard.press("Enter");
    await hands.type("Name", "a!");
    await page.locator(".quick-input-message").filter({ hasText: "cannot be the name" }).waitFor();
    await hands.answer("Name", "ACME_PULL");
    await hands.answer("Registry username", USER);
    await hands.asking("Registry password").waitFor();
    assert.equal(await hands.input().getAttribute("type"), "password");
    await page.keyboard.press("Enter");
    await page.locator(".quick-input-message").filter({ hasText: "Enter the password" }).waitFor();
    await hands.input().fill("not-the-password");
    assert.match((await title().innerText()).trim(), /New Secret \(7\/8\)/);
    await window.screenshot("form-password");
    await page.keyboard.press("Enter");
    await hands.dialog("username or password is wrong").waitFor();
    await window.screenshot("form-test-failed");
    await hands.decide("username or password is wrong", "Save Anyway");
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
    await hands.choose("Container registry");
    await hands.choose("Project");
    await hands.choose("Another registry");
    await hands.asking("Registry hostname").waitFor();
    await hands.input().fill(registry.address);
    await page.locator(".quick-input-message").filter({ hasText: "Edit ACME_PULL" }).waitFor();
    await page.keyboard.press("Enter");
    await hands.choice("Edit ACME_PULL").waitFor();
    await window.screenshot("form-twin");
    await hands.choose("Edit ACME_PULL");
    await hands.asking("Registry username").waitFor();
    assert.match((await title().innerText()).trim(), /Edit ACME_PULL/);
    await hands.dismiss();
  });

  it("names the wrong password, and leads to the form that mends it", async () => {
    await window.runCommand("Registry Secrets: Diagnose Pull Failure");
    await window.notification("username or password is wrong");
    await report("refuses the project secret ACME_PULL");
    await window.screenshot("diagnosis-wrong-password");
    await hands.click(hands.offer("Edit ACME_PULL"), hands.asking("Registry username"));
    await hands.answer("Registry username", USER);
    await hands.answer("Registry password", PASSWORD);
    await window.notification("can be pulled"); // it is asked again by itself
    await report("all can be pulled");
    await window.screenshot("diagnosis-fine");
  });

  it("creates the environment from the private image, logged in before its own commands run", async () => {
    await hands.clearNotifications();
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
    await hands.press(row("ACME_PULL"), "Edit Secret", hands.asking("Registry username"));
    await hands.answer("Registry username", USER);
    await hands.answer("Registry password", ROTATED);
    await page.locator(".statusbar-item").filter({ hasText: "delivered to 1 environment" }).waitFor();
    const [id = ""] = await containersOf(workspace);
    await untilInside(id, registry.address, { Secret: ROTATED });
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
    const consequence = "Running environments are logged out";
    await hands.press(row("ACME_PULL"), "Delete Secret", hands.dialog(consequence));
    await window.screenshot("delete");
    await hands.decide(consequence, "Delete");
    await row(`${registry.address}no secret`).waitFor();
    await page.locator(".statusbar-item").filter({ hasText: "delivered to 1 environment" }).waitFor();
    await eventually("it is logged out", async () =>
      (await inside("registry-login", "status")).stdout.includes("logged in to no registry") ? true : undefined,
    );
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
