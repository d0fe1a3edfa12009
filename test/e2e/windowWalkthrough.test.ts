import { strict as assert } from "node:assert";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { ROOT, temporaryFolder } from "../../scripts/testbed/folders";
import { BUSYBOX_IMAGE, ensureImages } from "../../scripts/testbed/images";
import type { Window } from "../../scripts/testbed/vscodeHost/window";
import { containersOf, removeContainersOf } from "./support/containers";
import type { Hands } from "./support/hands";
import { openRegistry, PASSWORD, USER, type PrivateRegistry } from "./support/privateRegistry";
import { eventually } from "./support/processes";
import { untilInside } from "./support/world";
import { suiteWindow } from "./support/suiteWindow";

const NEXT_PASSWORD = "test-password-two";
const STEPS = ["diagnose", "secret", "environment", "rotate", "explain"] as const;
type Step = (typeof STEPS)[number];
const TEXTS = JSON.parse(readFileSync(join(ROOT, "package.nls.json"), "utf8")) as Record<string, string>;

/** The walkthrough, step by step with its own buttons: each is ticked by what was really done, and not by the press. */
describe("the window: the walkthrough", function () {
  this.timeout(240_000);
  this.bail(true); // each step goes on from the one before
  const openWindow = suiteWindow("walkthrough");
  const folder = temporaryFolder("window-walkthrough");
  const workspace = join(folder, "app");
  let registry: PrivateRegistry;
  let window: Window;
  let page: Page;
  let hands: Hands;

  before(async () => {
    await ensureImages(BUSYBOX_IMAGE);
    registry = await openRegistry({ base: BUSYBOX_IMAGE });
    mkdirSync(join(workspace, ".devcontainer"), { recursive: true });
    writeFileSync(
      join(workspace, ".devcontainer/devcontainer.json"),
      `{\n  "image": "${registry.image("base")}",\n  "remoteUser": "root"\n}\n`,
    );
    ({ window, page, hands } = await openWindow({ developmentPath: ROOT, folder: workspace }));
    await hands.openView();
  });

  after(async () => {
    await removeContainersOf(workspace);
    await registry.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const step = (name: Step) => page.locator(`[data-step-id$="#${name}"]`);
  const title = (name: Step) => TEXTS[`walkthrough.${name}.title`] ?? "";
  const ticked = (name: Step) => page.locator(`[data-done-step-id$="#${name}"][aria-checked="true"]`);
  const open = async () => {
    if (await step("diagnose").isVisible()) return;
    await hands.row("User").click(); // keys that are pressed in a webview do not all reach the window
    await window.runCommand("Registry Secrets: Get Started");
    await step("diagnose").waitFor();
  };
  const clearNotifications = async () => {
    await hands.row("User").click();
    await hands.clearNotifications();
  };
  /** Presses the button of a step, until what it leads to shows. */
  const start = async (name: Step, opened: Parameters<Hands["click"]>[1]) => {
    await open();
    const button = step(name).locator(".monaco-button").first();
    await hands.click(step(name), button);
    await hands.click(button, opened);
  };
  const isTicked = async (...names: Step[]) => {
    await open();
    for (const name of STEPS)
      await (names.includes(name) ? ticked(name).waitFor() : ticked(name).waitFor({ state: "detached" }));
  };
  /** The picture that is shown, in a frame that runs no scripts, so that only its whole text can be had. */
  const shown = async () => {
    const frames = page.frames().filter((frame) => frame.parentFrame()?.parentFrame());
    const texts = await Promise.all(frames.map((frame) => frame.content().catch(() => ""))); // it may be on its way out
    return texts.map(shapes).join("");
  };
  const report = () => page.locator(".tab.active").filter({ hasText: "Pull diagnosis" });

  it("has five steps, each with its picture and its button, and none is done", async () => {
    await open();
    for (const name of STEPS) {
      await hands.click(step(name), step(name).locator(".monaco-button"));
      assert.ok((await step(name).innerText()).includes(title(name)), name);
      const picture = readFileSync(join(ROOT, `resources/walkthrough/${name}.svg`), "utf8");
      await eventually(`the picture of ${name} is shown`, async () => (await shown()) === shapes(picture) || undefined);
      await window.screenshot(`walkthrough-${name}`);
    }
    await isTicked();
  });

  it("a diagnosis ends the first", async () => {
    await start("diagnose", report());
    await window.notification("there is no credential for");
    await window.screenshot("walkthrough-diagnosed");
    await clearNotifications();
    await isTicked("diagnose");
  });

  it("a secret ends the second, and a form that is closed does not", async () => {
    await start("secret", hands.choice("Container registry"));
    await hands.dismiss();
    await isTicked("diagnose");
    await start("secret", hands.choice("Container registry"));
    await hands.choose("Container registry");
    await hands.choose("Project");
    await hands.choose(registry.address);
    await hands.fillIn("ACME", USER, PASSWORD);
    await window.notification("ACME is saved: it pulls");
    await clearNotifications();
    await isTicked("diagnose", "secret");
  });

  it("an environment that is logged in ends the third", async () => {
    await start("environment", page.locator(".notifications-toasts").filter({ hasText: "Creating the environment" }));
    await window.notification("is ready, and logged in inside");
    await clearNotifications();
    await isTicked("diagnose", "secret", "environment");
  });

  it("a new password ends the fourth and reaches the environment, and a secret that is left as it is does not", async () => {
    await start("rotate", hands.choice("ACME"));
    await hands.choose("ACME");
    await hands.answer("Registry username");
    await hands.answer("password or access token");
    await isTicked("diagnose", "secret", "environment");
    await start("rotate", hands.choice("ACME"));
    await hands.choose("ACME");
    await hands.answer("Registry username");
    await registry.setPassword(USER, NEXT_PASSWORD);
    await hands.answer("password or access token", NEXT_PASSWORD);
    await window.notification("ACME is saved: it pulls");
    const [id = ""] = await containersOf(workspace);
    await untilInside(id, registry.address, { Secret: NEXT_PASSWORD });
    await clearNotifications();
    await isTicked("diagnose", "secret", "environment", "rotate");
  });

  it("an explained error ends the fifth, and nothing to explain does not", async () => {
    const copy = (text: string) => page.evaluate(`navigator.clipboard.writeText(${JSON.stringify(text)})`);
    const nothing = page.locator(".notifications-toasts").filter({ hasText: "There is no text to explain" });
    await copy("");
    await start("explain", nothing);
    await clearNotifications();
    await isTicked("diagnose", "secret", "environment", "rotate");
    await copy('Error response from daemon: Head "https://ghcr.io/v2/acme/base/manifests/1": denied: denied');
    await start("explain", report());
    await window.notification("ghcr.io refuses the credential that was used");
    await window.screenshot("walkthrough-explained");
    await clearNotifications();
    await isTicked(...STEPS);
    await window.screenshot("walkthrough-done");
  });
});

/** The elements of the picture in a text, in order: what is shown of it may be written in another way. */
function shapes(text: string): string {
  const [svg = ""] = /<svg[^]*<\/svg>/.exec(text) ?? [];
  return [...svg.matchAll(/<([a-z]+)/gi)].map(([, name]) => name).join(" ");
}
