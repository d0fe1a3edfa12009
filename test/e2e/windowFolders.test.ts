import assert from "node:assert/strict";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { ROOT, temporaryFolder } from "../../scripts/testbed/folders";
import { BUSYBOX_IMAGE, ensureImages } from "../../scripts/testbed/images";
import { runOrThrow } from "../../scripts/testbed/run";
import { pressUntil, type Window } from "../../scripts/testbed/vscodeHost/window";
import { containersOf, removeContainersOf, startContainerOf } from "./support/containers";
import type { Hands } from "./support/hands";
import { openRegistry, PASSWORD, type PrivateRegistry } from "./support/privateRegistry";
import { helperAnswer, untilInside } from "./support/world";
import { suiteWindow } from "./support/suiteWindow";

/** A token that tells of itself when it has expired. */
const EXPIRED = [{ alg: "none" }, { exp: 1_600_000_000 }, "sig"]
  .map((part) => Buffer.from(JSON.stringify(part)).toString("base64url"))
  .join(".");

/** A workspace of two projects, one of them with two of its folders, at one registry with a login each. */
describe("the window: several folders", function () {
  this.timeout(240_000);
  this.bail(true); // each step goes on from the one before
  const openWindow = suiteWindow("folders");
  const folder = temporaryFolder("window-folders");
  const workspace = join(folder, "shop.code-workspace");
  const projects = { api: join(folder, "api"), web: join(folder, "web") };
  let registry: PrivateRegistry;
  let api: string;
  let window: Window;
  let page: Page;
  let hands: Hands;

  before(async function () {
    this.timeout(300_000);
    await ensureImages(BUSYBOX_IMAGE);
    const users = ["alice", "bob"].map((name) => ({ name, password: PASSWORD }));
    registry = await openRegistry({ api: BUSYBOX_IMAGE, web: BUSYBOX_IMAGE }, { auth: "htpasswd", users });
    for (const [name, project] of Object.entries(projects)) {
      mkdirSync(join(project, ".devcontainer"), { recursive: true });
      await runOrThrow("git", ["init", "--quiet", project]);
      await runOrThrow("git", ["-C", project, "remote", "add", "origin", `https://git.example.com/shop/${name}.git`]);
      const config = JSON.stringify({ image: registry.image(name), remoteUser: "root" });
      writeFileSync(join(project, ".devcontainer/devcontainer.json"), config);
    }
    mkdirSync(join(projects.api, "jobs"));
    mkdirSync(join(projects.api, "packages/tool/.devcontainer"), { recursive: true });
    const tool = JSON.stringify({ image: registry.image("tool") });
    writeFileSync(join(projects.api, "packages/tool/.devcontainer/devcontainer.json"), tool);
    writeFileSync(workspace, JSON.stringify({ folders: [{ path: "api" }, { path: "web" }, { path: "api/jobs" }] }));
    api = await startContainerOf(projects.api);
    ({ window, page, hands } = await openWindow({ developmentPath: ROOT, folder: workspace }));
  });

  after(async () => {
    for (const project of Object.values(projects)) await removeContainersOf(project);
    await registry.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const registryOf = (project: string, state: string) =>
    hands.rowNamed(`Registry ${registry.address}: ${state}, 1 image, ${project}`);
  const secretOf = (name: string, username: string) =>
    hands.rowNamed(`Secret ${name} for ${registry.address}, username ${username}`);
  const create = async (project: "api" | "web", name: string, username: string) => {
    await hands.press(hands.row(`Project${project}`), "New Secret", hands.asking("New Secret"));
    await hands.choose("Container registry");
    await hands.choose(registry.address);
    await hands.fillIn(name, username, PASSWORD);
    await window.notification(`${name} is saved: it pulls ${registry.image(project)}.`);
    await hands.clearNotifications();
  };
  const loggedInAs = (container: string, username: string) =>
    untilInside(container, registry.address, { Username: username });

  it("before anybody has opened the view the badge counts, and the palette has what needs a secret", async () => {
    const badge = page
      .locator(".activitybar .action-item")
      .filter({ has: page.locator('[aria-label*="Registry Secrets"]') });
    for (const project of ["api", "web"]) {
      await window.runCommand("Registry Secrets: New Secret");
      await hands.choose("Container registry");
      await hands.choose(`git.example.com/shop/${project}`);
      await hands.choose("Another registry");
      await hands.answer("Registry hostname", "one.example.com");
      await hands.fillIn(undefined, "ann", EXPIRED);
      await hands.choose("without a test");
    }
    await badge.filter({ hasText: "2" }).waitFor();
    await window.screenshot("folders-badge");
    for (const project of ["web", "api"]) {
      await window.runCommand("Registry Secrets: Delete Secret");
      await hands.choose(`git.example.com/shop/${project}`);
      const question = "Delete the project secret ONE_EXAMPLE_COM?";
      await hands
        .dialog(question)
        .filter({ hasText: `Project: git.example.com/shop/${project}` })
        .waitFor();
      await window.screenshot("folders-deletion-palette");
      await hands.decide(question, "Delete");
    }
    await badge.filter({ hasNotText: /\d/ }).waitFor();
    await hands.openView();
  });

  it("shows a project for each folder that is one, the registries of both, and that neither has a secret", async () => {
    await hands.rowNamed("Project api, jobs: No project secrets").waitFor();
    await hands.rowNamed("Project web: No project secrets").waitFor();
    await registryOf("api", "no secret").waitFor();
    await registryOf("web", "no secret").waitFor();
    await hands.row(/^api.*no secrets to log in with/).waitFor();
    await window.screenshot("folders-empty");
  });

  it("offers the project whose registry's row the form is opened from", async () => {
    await hands.press(registryOf("web", "no secret"), "New Secret", hands.asking("New Secret"));
    await hands.choose("Container registry");
    const offered = page.locator(".quick-input-list:visible .monaco-list-row.focused");
    await offered.filter({ hasText: "git.example.com/shop/web" }).waitFor();
    await window.screenshot("folders-scope");
    await hands.dismiss();
  });

  it("offers the project that a finding is of", async () => {
    await window.runCommand("Registry Secrets: Diagnose Pull Failure");
    await hands.choose("web");
    await hands.click(hands.offer("New Secret"), hands.choice("Container registry"));
    await hands.choose("Container registry");
    const offered = page.locator(".quick-input-list:visible .monaco-list-row.focused");
    await offered.filter({ hasText: "git.example.com/shop/web" }).waitFor();
    await hands.dismiss();
    await hands.clearNotifications();
  });

  it("diagnoses the devcontainer.json above which the button is pressed, also one of a folder in a folder", async () => {
    await pressUntil(page, "Control+P", hands.input());
    await hands.input().fill("packages/tool/.devcontainer/devcontainer.json");
    await hands.click(
      hands.choice("devcontainer.json"),
      page.locator(".tab.active").filter({ hasText: "devcontainer.json" }),
    );
    const button = page.locator(".editor-actions").locator('[aria-label*="Diagnose Pull Failure"]').first();
    await hands.click(button, window.toast(registry.image("tool")));
    await window.screenshot("folders-inner");
    await hands.clearNotifications();
  });

  it("a secret made in the group of one folder counts for that folder alone", async () => {
    await create("web", "WEB_PULL", "bob");
    await hands.rowNamed("Project web: 1").waitFor();
    await hands.rowNamed("Project api, jobs: No project secrets").waitFor();
    await secretOf("WEB_PULL", "bob").waitFor();
    await registryOf("web", "WEB_PULL").waitFor();
    await registryOf("api", "no secret").waitFor();
    assert.equal(await helperAnswer(api, registry.address), undefined);
  });

  it("the other folder has its own for the same registry, which logs its environment in", async () => {
    await create("api", "API_PULL", "alice");
    await hands.rowNamed("Project api, jobs: 1").waitFor();
    await registryOf("api", "API_PULL").waitFor();
    await registryOf("web", "WEB_PULL").waitFor();
    await hands.row(/^api.*logged in/).waitFor();
    await loggedInAs(api, "alice");
    await window.screenshot("folders-secrets");
  });

  it("asks which folder's configuration an environment is created from, and pulls with that one's secret", async () => {
    await registry.forget(); // an image that is here would need no login
    await hands.press(
      hands.row(/^Environments/),
      "Create Environment",
      hands.asking("Create Environment").filter({ has: hands.choice("web") }),
    );
    const configs = await page.locator(".quick-input-list:visible .monaco-list-row").allInnerTexts();
    assert.deepEqual(
      configs.map((text) => text.replace(/\s+/g, "")),
      [".devcontainer/devcontainer.jsonapi", ".devcontainer/devcontainer.jsonweb"],
    );
    await window.screenshot("folders-which");
    await hands.choose("web");
    await window.notification("The environment of web is ready, and logged in inside: ");
    await hands.row(/^web.*logged in/).waitFor();
    await hands.row(/^api.*logged in/).waitFor();
    const [web = ""] = await containersOf(projects.web);
    await loggedInAs(web, "bob");
    await loggedInAs(api, "alice");
    assert.deepEqual(await containersOf(projects.api), [api]);
    await window.screenshot("folders-environments");
  });

  it("a secret of the person's own beats those of both folders", async () => {
    await hands.press(hands.row(/^User/), "New Secret", hands.asking("New Secret"));
    await hands.choose("Container registry");
    await hands.choose(registry.address);
    await hands.fillIn("OWN_PULL", "bob", PASSWORD);
    await hands.choose(`Test with ${registry.image("api")}`);
    await registryOf("api", "OWN_PULL").waitFor();
    await registryOf("web", "OWN_PULL").waitFor();
    for (const [name, username] of Object.entries({ API_PULL: "alice", WEB_PULL: "bob" }))
      await hands
        .rowNamed(`Secret ${name} for ${registry.address}, username ${username}, overridden by OWN_PULL`)
        .waitFor();
    await loggedInAs(api, "bob");
    await window.screenshot("folders-own");
  });

  it("a deletion says what follows in each folder, and for those that it concerns", async () => {
    const own = await hands.askedBeforeDeletion("OWN_PULL", "Delete the user secret OWN_PULL?");
    for (const name of ["API_PULL", "WEB_PULL"])
      assert.ok(own.includes(`The project secret ${name} is used for ${registry.address} then.`), own);
    assert.ok(!own.includes("logged out"), own);
    await window.screenshot("folders-deletion");
    await hands.decide("Delete the user secret OWN_PULL?", "Delete");
    await registryOf("api", "API_PULL").waitFor();
    await registryOf("web", "WEB_PULL").waitFor();
    await loggedInAs(api, "alice");

    const team = await hands.askedBeforeDeletion("API_PULL", "Delete the project secret API_PULL?");
    assert.ok(team.includes(`logged out of ${registry.address}: api.`), team);
    assert.ok(team.includes(`such as ${registry.image("api")}.`), team);
    await hands.decide("Delete the project secret API_PULL?", "Cancel");
    await registryOf("api", "API_PULL").waitFor();
  });
});
