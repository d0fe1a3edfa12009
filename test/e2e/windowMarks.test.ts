import { strict as assert } from "node:assert";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Locator, Page } from "playwright-core";
import { ROOT, temporaryFolder } from "../../scripts/testbed/folders";
import { BUSYBOX_IMAGE, ensureImages, pushImage } from "../../scripts/testbed/images";
import { startRegistry, type Registry } from "../../scripts/testbed/registry";
import { runOrThrow } from "../../scripts/testbed/run";
import { pressUntil, type Window } from "../../scripts/testbed/vscodeHost/window";
import { removeContainersOf } from "./support/containers";
import type { Hands } from "./support/hands";
import { openRegistry, PASSWORD, USER, type PrivateRegistry } from "./support/privateRegistry";
import { suiteWindow } from "./support/suiteWindow";

/** What a person sees in the editor: squiggle, hover, quick fixes, lenses, the report, and an error text explained. */
describe("the window: marks in documents", function () {
  this.timeout(180_000);
  this.bail(true); // each step goes on from the one before
  const openWindow = suiteWindow("marks");
  const folder = temporaryFolder("window-marks");
  const workspace = join(folder, "app");
  const dockerConfig = join(folder, "docker");
  /** Another name for this machine than `closed` has: a login for another port would be found to be like it. */
  let tools: string;
  let closed: PrivateRegistry;
  let shared: Registry;
  let image: string;
  let window: Window;
  let page: Page;
  let hands: Hands;

  before(async () => {
    mkdirSync(join(workspace, ".devcontainer/tools"), { recursive: true });
    mkdirSync(dockerConfig);
    await runOrThrow("git", ["init", "-q", workspace]);
    await ensureImages(BUSYBOX_IMAGE);
    closed = await openRegistry({ base: BUSYBOX_IMAGE });
    const users = [{ name: USER, password: PASSWORD }];
    shared = await startRegistry({ auth: "token", users, public: ["acme/tools"] });
    tools = `${shared.address.replace("localhost", "127.0.0.1")}/acme/tools`;
    image = closed.image("base");
    for (const tag of ["1.2", "1.3"]) {
      await pushImage(BUSYBOX_IMAGE, `${tools}:${tag}`, { username: USER, password: PASSWORD });
    }
    const stale = Buffer.from(`${USER}:an-old-password`).toString("base64");
    writeFileSync(
      join(dockerConfig, "config.json"),
      JSON.stringify({ auths: { [tools.split("/")[0] ?? ""]: { auth: stale }, "other.example.com": { auth: stale } } }),
    );
    writeFileSync(
      join(workspace, ".devcontainer/devcontainer.json"),
      `{\n  // the team's own base image\n  "name": "app",\n  "image": "${image}",\n  "postCreateCommand": "true"\n}\n`,
    );
    writeFileSync(
      join(workspace, ".devcontainer/tools/devcontainer.json"),
      `{\n  "name": "tools",\n  "build": { "dockerfile": "Dockerfile" }\n}\n`,
    );
    writeFileSync(
      join(workspace, ".devcontainer/tools/Dockerfile"),
      `# the tools that everybody has\nFROM ${tools}:1.2 AS tools\n\nFROM ${tools}:1.4\nCOPY --from=tools /bin/busybox /usr/local/bin/busybox\n`,
    );
    ({ window, page, hands } = await openWindow({
      developmentPath: ROOT,
      folder: workspace,
      environment: { DOCKER_CONFIG: dockerConfig },
    }));
  });

  after(async () => {
    await removeContainersOf(workspace);
    await closed.stop();
    await shared.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const lens = (text: string) =>
    page.locator(".codelens-decoration a, .codelens-decoration span").filter({ hasText: text });
  const squiggle = () => page.locator(".squiggly-error");
  const hover = () => page.locator(".monaco-hover:visible").filter({ hasText: "What This Means" });
  const open = async (path: string) => {
    await pressUntil(page, "Control+P", hands.input());
    await hands.input().fill(path);
    const name = path.replace(/^.*\//, "");
    await hands.click(hands.choice(name), page.locator(".tab.active").filter({ hasText: name }));
  };
  /** The words of a line of the editor, to point at. */
  const words = (text: string): Locator => page.locator(".view-line span span").filter({ hasText: text }).last();
  const report = (text: string) => hands.report().getByText(text, { exact: false }).first().waitFor();

  /** Opens the quick fixes until one is there: a busy editor loses a key now and then. */
  const quickFix = async (title: string) => {
    const fix = page.locator(".action-widget").filter({ hasText: title });
    await pressUntil(page, "Control+.", fix);
  };

  it("offers to check, and asks nobody before", async () => {
    const before = closed.log();
    await open(".devcontainer/devcontainer.json");
    await lens("Check pull").first().waitFor();
    await window.screenshot("marks-unknown");
    assert.equal(closed.log(), before);
  });

  it("puts a squiggle under the reference, and says in the lens what is known", async () => {
    await hands.click(lens("Check pull").first(), lens("no secret · private"));
    await squiggle().first().waitFor();
    await window.screenshot("marks-squiggle");
  });

  it("shows the evidence in a hover, and the page of the finding behind its code", async () => {
    await words("acme/base:1").hover();
    await hover().first().waitFor();
    await window.screenshot("marks-hover");
    await page
      .locator(".monaco-hover:visible a")
      .filter({ hasText: /^no-credential$/ })
      .first()
      .click();
    await report("How it is recognised");
    await window.screenshot("marks-page");
    await window.runCommand("View: Close Editor");
  });

  it("offers quick fixes, and opens the form with the host filled in", async () => {
    await words("acme/base:1").click();
    await quickFix("Add a registry secret");
    await window.screenshot("marks-quick-fix");
    await page.keyboard.press("Enter");
    await hands.choose("Container registry");
    await hands.choose("Project");
    await hands.fillIn("ACME_PULL", USER, PASSWORD);
    await lens("as alice · pull ok · just now").first().waitFor();
    await squiggle().first().waitFor({ state: "detached" });
    await window.screenshot("marks-ok");
  });

  it("finds the stale login that blocks a public image, and forgets it", async () => {
    await open("tools/Dockerfile");
    await lens("Check pull").nth(1).waitFor();
    await hands.click(lens("Check pull").first(), lens("unknown token server"));
    await hands.click(lens("Agree…").first(), hands.dialog("for a token"));
    await window.screenshot("marks-agree");
    await hands.decide("for a token", "Send It There");
    await lens("public, but the login is refused").first().waitFor();
    await window.screenshot("marks-stale-login");
    await hands.click(lens("Log Out…").first(), hands.dialog("out of Docker's own config"));
    await window.screenshot("marks-log-out");
    await hands.decide("out of Docker's own config", "Log Out");
    await lens("anonymous · pull ok").first().waitFor();
    const { auths } = JSON.parse(readFileSync(join(dockerConfig, "config.json"), "utf8")) as { auths: object };
    assert.deepEqual(Object.keys(auths), ["other.example.com"]);
  });

  it("diagnoses from the title of the editor, and shows a report that can be copied", async () => {
    const action = (name: string) => page.locator(`.editor-actions .action-label[aria-label*="${name}"]`).first();
    await hands.click(action("Diagnose Pull Failure"), window.toast("has no such tag"));
    await report("What to do");
    await window.screenshot("marks-report");
    const copied = page.locator(".statusbar-item").filter({ hasText: "Report copied" });
    await hands.click(action("Copy Report"), copied);
    await hands.clearNotifications();
    await window.runCommand("View: Close Editor");
  });

  it("offers the tags that exist, and forgets what it knew once the text is changed", async () => {
    await open("tools/Dockerfile");
    await squiggle().first().waitFor();
    await lens("no such tag").first().waitFor();
    await words("acme/tools:1.4").click();
    await quickFix('Use the tag "1.3"');
    await window.screenshot("marks-tags");
    const fix = page.locator(".action-widget .monaco-list-row").filter({ hasText: 'Use the tag "1.3"' });
    await hands.click(fix, words("acme/tools:1.3"));
    await squiggle().first().waitFor({ state: "detached" });
    await lens("Check pull").nth(1).waitFor();
    await window.screenshot("marks-vanished");
    await page.keyboard.press("Control+S");
  });

  it("explains what is selected", async () => {
    await window.runCommand("File: New Untitled Text File");
    await page.keyboard.type(
      'Error response from daemon: Head "https://ghcr.io/v2/acme/base/manifests/1": denied: denied',
    );
    await page.keyboard.press("Control+A");
    await window.runCommand("Registry Secrets: Explain Pull Error…");
    await report("1 cause");
    await window.screenshot("marks-explain");
    await hands.clearNotifications();
    await window.runCommand("View: Close Editor");
    await page.keyboard.press("Control+A");
    await page.keyboard.press("Control+C");
    await page.keyboard.press("ArrowLeft");
  });

  it("names the cause when a creation fails, in the file, the report and a notification with the fix", async () => {
    writeFileSync(
      join(workspace, ".devcontainer/devcontainer.json"),
      `{\n  "name": "app",\n  "image": "${image.replace(/:1$/, ":2")}"\n}\n`,
    );
    await open(".devcontainer/devcontainer.json");
    await words("acme/base:2").waitFor();
    await window.runCommand("Registry Secrets: Create Environment");
    await hands.choose(".devcontainer/devcontainer.json");
    await window.notification("has no such tag");
    await hands.offer("Use 1").waitFor();
    await report("has no such tag");
    await window.screenshot("marks-creation-failed");
    await hands.click(hands.offer("Use 1"), words("acme/base:1"));
    await hands.clearNotifications();
  });

  it("explains the log of that creation, or what is in the clipboard", async () => {
    await window.runCommand("Registry Secrets: Explain Pull Error…");
    await hands.choice("Clipboard").waitFor();
    await window.screenshot("marks-explain-source");
    await hands.choose("Log of the creation");
    await window.notification("has no such tag");
    await report("Log of the creation of app that failed");
    await window.screenshot("marks-explain-log");
  });
});
