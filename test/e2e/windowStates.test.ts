import { strict as assert } from "node:assert";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Locator, Page } from "playwright-core";
import { ROOT, temporaryFolder } from "../../scripts/testbed/folders";
import { pressUntil, type Window } from "../../scripts/testbed/vscodeHost/window";
import type { Hands } from "./support/hands";
import { standInEngine } from "./support/standInEngine";
import { suiteWindow } from "./support/suiteWindow";

const PASSWORD = "window-states-password";
const CROWD = 150;

/** What the view says where something is missing, broken or slow, and how it goes on from there. */
describe("the window: states", function () {
  this.timeout(240_000);
  const openWindow = suiteWindow("states");
  const folder = temporaryFolder("window-states");
  const engine = standInEngine(folder);
  let window: Window;
  let page: Page;
  let hands: Hands;

  const open = async (workspace: string | undefined, settings: Record<string, unknown> = {}) => {
    ({ window, page, hands } = await openWindow({
      developmentPath: ROOT,
      ...(workspace === undefined ? {} : { folder: workspace }),
      settings: { "files.autoSave": "off", ...settings },
      environment: { DOCKER_HOST: engine.address, DOCKER_CONFIG: folder, XDG_RUNTIME_DIR: folder },
    }));
    await hands.openView();
  };
  const workspaceAt = (name: string, config?: string) => {
    const workspace = join(folder, name);
    mkdirSync(join(workspace, ".devcontainer"), { recursive: true });
    if (config !== undefined) writeFileSync(join(workspace, ".devcontainer/devcontainer.json"), config);
    return workspace;
  };

  after(async () => {
    await engine.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const welcome = (text: string | RegExp) => page.locator(".welcome-view-content:visible").filter({ hasText: text });
  const button = (text: string) => welcome("").locator(".monaco-button").filter({ hasText: text }).first();
  const newSecret = async (...places: string[]) => {
    await hands.choose("Container registry");
    for (const place of places) await hands.choose(place);
    await hands.choose("Another registry");
    await hands.answer("Registry hostname", "acme.example.com");
    await hands.fillIn("ACME", "alice", PASSWORD);
    await hands.choose("without a test");
    await hands.row(/ACME.*alice/).waitFor();
  };
  /** The same in a narrow window and in high contrast. */
  const looks = async (name: string, shown: Locator) => {
    await window.screenshot(`states-${name}`);
    await page.emulateMedia({ colorScheme: "dark", forcedColors: "active" });
    await page.locator(".monaco-workbench.hc-black").waitFor();
    await shown.waitFor();
    await window.screenshot(`states-${name}-contrast`);
    await page.emulateMedia({ colorScheme: "light", forcedColors: "none" });
    await page.locator(".monaco-workbench.hc-black").waitFor({ state: "hidden" });
    const size = page.viewportSize();
    await page.setViewportSize({ width: 320, height: 700 });
    await shown.waitFor();
    await window.screenshot(`states-${name}-narrow`);
    if (size) await page.setViewportSize(size);
  };

  describe("a folder without devcontainer.json, and an engine that is off", function () {
    this.bail(true); // each step goes on from the one before
    const workspace = workspaceAt("plain");

    before(() => open(workspace));

    it("says that no engine answers and what to do, and is there once it does", async () => {
      await welcome("No container engine answers.").waitFor();
      for (const text of ["Choose the Docker Client", "New Secret"]) await button(text).waitFor();
      await looks("no-engine", button("Try Again"));
      await engine.start();
      await hands.click(button("Try Again"), welcome("A registry secret pulls private images"));
      await looks("empty", button("Get Started"));
      await engine.stop();
      await window.runCommand("Registry Secrets: Refresh");
      await welcome("No container engine answers.").waitFor();
    });

    it("keeps secrets meanwhile, and says of the environments alone that they cannot be known", async () => {
      await hands.click(button("New Secret"), hands.choice("Container registry"));
      await newSecret("in every project");
      const trouble = hands.row("The container engine does not answer");
      await trouble.filter({ hasText: "Start Docker and try again." }).waitFor();
      await looks("engine-off", trouble);
      await engine.start();
      await hands.click(trouble, hands.row("No environments"));
      await trouble.waitFor({ state: "hidden" });
    });

    it("does not stand still while an engine takes its time", async () => {
      engine.hold();
      await window.reload();
      await hands.openView();
      await hands.row("Asking the container engine…").waitFor();
      await hands.row(/ACME.*alice/).waitFor();
      await window.screenshot("states-slow");
      await hands.press(hands.row("ACME"), "Edit Secret", hands.asking("Registry username"));
      await hands.answer("Registry username", "anna");
      await hands.answer("password or access token", PASSWORD);
      await hands.choose("without a test");
      await hands.row(/ACME.*anna/).waitFor();
      engine.answer();
      await window.runCommand("Registry Secrets: Refresh");
      await hands.row("No environments").waitFor();
    });

    it("says of a devcontainer.json that is broken what it lacks, and where", async () => {
      const file = join(workspace, ".devcontainer/devcontainer.json");
      writeFileSync(file, '{\n  "image": "localhost:1/acme/app:1"\n  "name": "app"\n}\n');
      await hands.row("Create Environment…").waitFor();
      await hands.row("localhost:1").waitFor(); // what can be read of it counts
      const broken = hands.row("devcontainer.json:3").filter({ hasText: "The JSON is malformed here" });
      await looks("broken-row", broken);
      await hands.click(broken, page.locator(".editor-instance .line-numbers.active-line-number", { hasText: /^3$/ }));
      await window.runCommand("Registry Secrets: Diagnose Pull Failure");
      await hands.report().getByText(".devcontainer/devcontainer.json:3: The JSON is malformed here").first().waitFor();
      await window.screenshot("states-broken");
      await hands.clearNotifications();
      writeFileSync(file, "image: debian\n");
      await hands.row("localhost:1").waitFor({ state: "hidden" });
      await window.runCommand("Registry Secrets: Diagnose Pull Failure");
      const said = await window.notification("does not contain a JSON object");
      assert.ok(said.includes(file) && said.includes("Repair the file"), said);
      await hands.row("It does not contain a JSON object").waitFor();
      await window.screenshot("states-no-object");
      await hands.clearNotifications();
    });
  });

  describe("a docker client that is not there", function () {
    this.bail(true); // each step goes on from the one before

    before(() => {
      const workspace = workspaceAt("client", '{\n  "image": "debian:12"\n}\n');
      return open(workspace, {
        "registrySecrets.dockerPath": "no-such-docker",
        "workbench.list.defaultFindMode": "filter",
      });
    });

    it("leads to its setting, and all is well once that is right", async () => {
      const trouble = hands.row("No container engine").filter({ hasText: "Install Docker, or name the client" });
      await trouble.waitFor();
      await looks("no-client", trouble);
      const setting = page.locator('.settings-editor .setting-item-contents:has-text("Docker Path") input').first();
      await hands.click(trouble, setting);
      await window.screenshot("states-setting");
      await setting.fill("docker");
      await hands.offer("Reload Window").click();
      await hands.row("Create Environment…").waitFor();
      await trouble.waitFor({ state: "hidden" });
    });

    it("many secrets are a closed group that says how many, and one of them is found by its name", async () => {
      const file = join(folder, "crowd.env");
      writeFileSync(file, Array.from({ length: CROWD }, (_, index) => triplet(index)).join("\n"));
      await window.runCommand("Registry Secrets: Import Secrets…");
      await hands.choose("A file…");
      await hands.choose("in every project");
      await hands.answer("A file with variables or logins", file);
      await hands.choice("team0.example.com").waitFor();
      await hands.answer("Import Secrets");
      await window.notification(`${CROWD} secrets imported.`);
      await hands.clearNotifications();
      await window.reload(); // VS Code keeps open what was open while the group grew
      await hands.openView();
      const group = hands.row(`${CROWD} secrets`);
      await group.and(page.locator('[aria-expanded="false"]')).waitFor();
      await hands.row("Environments").waitFor();
      await window.screenshot("states-crowd");
      await hands.click(group, hands.row("TEAM0"));
      const find = page.locator(".sidebar .monaco-tree-type-filter input");
      await pressUntil(page, "Control+Alt+F", find);
      await find.fill("TEAM77");
      await hands.row("TEAM77").waitFor();
      await hands.row("TEAM0").waitFor({ state: "hidden" });
      await window.screenshot("states-found");
    });
  });

  describe("an empty window", function () {
    this.bail(true); // each step goes on from the one before

    before(() => open(undefined));

    it("has the person's own secrets, and asks for no project", async () => {
      await welcome("A registry secret pulls private images").waitFor();
      await looks("empty-window", button("New Secret"));
      await hands.click(button("Diagnose Pull Failure"), page.locator(".notifications-toasts .notification-list-item"));
      await window.notification("This workspace has no devcontainer.json");
      await hands.clearNotifications();
      await hands.click(button("New Secret"), hands.choice("Container registry"));
      await newSecret();
      await hands.row("No environments").waitFor();
      assert.equal(await hands.row(/^Project/).count(), 0);
      await window.screenshot("states-empty-window-secret");
    });
  });
});

function triplet(index: number): string {
  const name = (part: string) => `TEAM${index}_CONTAINER_REGISTRY_${part}`;
  return `${name("SERVER")}=team${index}.example.com\n${name("USER")}=alice\n${name("PASSWORD")}=${PASSWORD}`;
}
