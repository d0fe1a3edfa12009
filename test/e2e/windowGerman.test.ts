import { strict as assert } from "node:assert";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Locator, Page } from "playwright-core";
import { ROOT, temporaryFolder } from "../../scripts/testbed/folders";
import { BUSYBOX_IMAGE, ensureImages } from "../../scripts/testbed/images";
import { pressUntil, type Window } from "../../scripts/testbed/vscodeHost/window";
import type { Hands } from "./support/hands";
import { openRegistry, PASSWORD, USER, type PrivateRegistry } from "./support/privateRegistry";
import { suiteWindow } from "./support/suiteWindow";

type Texts = Readonly<Record<string, string>>;
const textsOf = (file: string) => JSON.parse(readFileSync(join(ROOT, file), "utf8")) as Texts;
const BUNDLE = textsOf("l10n/bundle.l10n.de.json");
const ENGLISH = textsOf("package.nls.json");
const GERMAN = textsOf("package.nls.de.json");

/** A sentence of ours in German, by the English one. */
function t(sentence: string, ...values: string[]): string {
  const german = BUNDLE[sentence];
  assert.ok(german !== undefined, sentence);
  return german.replace(/\{(\d+)\}/g, (_, index) => values[Number(index)] ?? "");
}

/** Our parts of a window in German; the workbench around them stays English in this host. */
describe("the window: in German", function () {
  this.timeout(240_000);
  this.bail(true); // each step goes on from the one before
  const openWindow = suiteWindow("german");
  const folder = temporaryFolder("window-german");
  const workspace = join(folder, "app");
  const broken = join(workspace, ".devcontainer/broken/devcontainer.json");
  let registry: PrivateRegistry;
  let image: string;
  let window: Window;
  let page: Page;
  let hands: Hands;

  before(async () => {
    await ensureImages(BUSYBOX_IMAGE);
    registry = await openRegistry({ base: BUSYBOX_IMAGE });
    image = registry.image("base");
    mkdirSync(join(broken, ".."), { recursive: true });
    mkdirSync(join(workspace, ".devcontainer/app"));
    writeFileSync(join(workspace, ".devcontainer/app/devcontainer.json"), `{\n  "image": "${image}"\n}\n`);
    writeFileSync(broken, "{\n");
    ({ window, page, hands } = await openWindow({ developmentPath: ROOT, folder: workspace, language: "de" }));
    await hands.openView();
  });

  after(async () => {
    await registry.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const command = (name: string) => window.runCommand(`Registry Secrets: ${GERMAN[`command.${name}`] ?? ""}`);
  const report = () => hands.report().locator("body");
  const widget = () => page.locator(".quick-input-widget:visible");
  const view = () => page.locator(".sidebar .pane-body");

  it("the view", async () => {
    await hands.row(t("Project")).waitFor();
    await hands.row(t("No project secrets")).waitFor();
    await hands.row(t("No user secrets")).waitFor();
    await hands.row(t("Registries in Use")).waitFor();
    await hands.row(t("New Secret…")).waitFor();
    await hands.row(t("Environments")).waitFor();
    await hands.row(t("Create Environment…")).waitFor();
    for (const name of ["newSecret", "diagnose", "refresh"])
      await page
        .locator(`.sidebar .action-label[aria-label^="${GERMAN[`command.${name}`]}"]`)
        .first()
        .waitFor();
    await isGerman(view());
    await window.screenshot("german-view");
  });

  it("a diagnosis that finds trouble, its notification and its report", async () => {
    await command("diagnose");
    await hands.asking(t("Diagnose Pull Failure")).waitFor();
    await isGerman(widget());
    await hands.choose("app/devcontainer.json");
    const cause = t("{0} is private, and there is no credential for {1}.", image, registry.address);
    await window.notification(cause);
    await hands.offer(t("Copy Report")).waitFor();
    await report().getByText(t("What to do:")).waitFor();
    await report().getByText(cause).waitFor();
    await report().getByText(t("Add a registry secret for {0}.", registry.address)).waitFor();
    await isGerman(page.locator(".notifications-toasts"), report(), view());
    await window.screenshot("german-diagnosis");
    await hands.clearNotifications();
  });

  it("the mark of the finding in its file, and the page that explains it", async () => {
    await window.runCommand("View: Close All Editors");
    await pressUntil(page, "Control+P", hands.input());
    await hands.input().fill(".devcontainer/app/devcontainer.json");
    await hands.click(
      hands.choice("devcontainer.json"),
      page.locator(".tab.active").filter({ hasText: "devcontainer" }),
    );
    const lens = page.locator(".codelens-decoration").filter({ hasText: `${t("no secret")} · ${t("private")}` });
    await lens.first().waitFor();
    await isGerman(lens);
    const hover = page.locator(".monaco-hover:visible").filter({ hasText: t("What This Means") });
    await page.locator(".view-line span span").filter({ hasText: image }).last().hover();
    await hover.first().waitFor();
    await isGerman(hover);
    await window.screenshot("german-mark");
    const explained = report().getByText("Woran man es erkennt");
    await hands.click(hover.locator("a").filter({ hasText: t("What This Means") }), explained);
    await report().getByText("Das Image ist privat, und es gibt keine Zugangsdaten").waitFor();
    await isGerman(report());
    await window.screenshot("german-page");
  });

  it("a file that cannot be read", async () => {
    await command("diagnose");
    await hands.choose("broken/devcontainer.json");
    await report()
      .getByText(`broken/devcontainer.json:2: ${t("The JSON is malformed here ({0}).", "CloseBraceExpected")}`)
      .waitFor();
    await window.screenshot("german-broken");
    await isGerman(report());
    await hands.clearNotifications();
    await window.runCommand("View: Close All Editors");
  });

  it("the form of a new secret, a test that fails, and what is said of it", async () => {
    const next = async (shown: string) => {
      await widget().getByText(shown).or(page.getByPlaceholder(shown)).first().waitFor();
      await isGerman(widget());
    };
    await command("newSecret");
    await next(t("Secret type"));
    await hands.choose(t("Container registry"));
    await next(t("Who is it for?"));
    await window.screenshot("german-form-scope");
    await hands.choose(t("in every project"));
    await next(t("In this workspace"));
    await window.screenshot("german-form-registry");
    await hands.choose(registry.address);
    await next(t("Name: identifier for the secret"));
    await hands.type(t("Name: identifier for the secret"), "");
    const short = t('"{0}" cannot be the name of a secret: it has fewer than 3 characters.', "");
    await next(short);
    await hands.answer(short, "ACME");
    await next(t("Registry username for {0}", registry.address));
    await hands.answer(t("Registry username for {0}", registry.address), USER);
    await next(t("Registry password or access token"));
    await window.screenshot("german-form-password");
    await hands.answer(t("Registry password or access token"), "a-wrong-password");
    const failed = hands.dialog(t("{0} cannot pull {1}", "ACME", image));
    await failed.waitFor();
    await isGerman(failed);
    await window.screenshot("german-test");
    await hands.decide(t("{0} cannot pull {1}", "ACME", image), t("Change It"));
    await hands.answer(t("Registry password or access token"), PASSWORD);
    await window.notification(t("{0} is saved: it pulls {1}.", "ACME", image));
    await hands.offer(t("Create Environment")).waitFor();
    await isGerman(page.locator(".notifications-toasts"), view());
    await window.screenshot("german-saved");
    await hands.clearNotifications();
  });

  it("the tooltip and the menu of a secret, and the question before it is deleted", async () => {
    await hands.row("ACME").hover();
    const hover = page.locator(".monaco-hover:visible").filter({ hasText: t("Username") });
    await hover.waitFor();
    await isGerman(hover);
    const question = t("Delete the user secret {0}?", "ACME");
    await hands.chooseFromMenu(hands.row("ACME"), GERMAN["command.deleteSecret"] ?? "", hands.dialog(question));
    await hands.dialog(t("Running environments are logged out of {0}.", registry.address)).waitFor();
    await hands.dialog(t("New environments can no longer pull private images from it, such as {0}.", image)).waitFor();
    await isGerman(hands.dialog(question));
    await window.screenshot("german-deletion");
    await hands.decide(question, t("Delete"));
    await hands.row(t("No user secrets")).waitFor();
  });

  it("the walkthrough", async () => {
    await command("getStarted");
    const walkthrough = page.locator(".gettingStartedContainer .gettingStartedDetailsContent");
    await walkthrough
      .getByText(GERMAN["walkthrough.title"] ?? "")
      .first()
      .waitFor();
    for (const name of ["diagnose", "secret", "environment", "rotate", "explain"]) {
      const step = walkthrough.locator(`[data-step-id$="#${name}"]`);
      await hands.click(step, step.locator(".monaco-button"));
      await step
        .getByText(GERMAN[`walkthrough.${name}.title`] ?? "")
        .first()
        .waitFor();
      await isGerman(step);
    }
    await window.screenshot("german-walkthrough");
  });
});

/** No English sentence of ours is in what is shown there, nor in what is read aloud of it. */
async function isGerman(...places: Locator[]): Promise<void> {
  for (const place of places) {
    await place.first().waitFor();
    const shown: string = await place.first().evaluate(`(element) => [
      element.innerText,
      ...[...element.querySelectorAll("[aria-label], [title], [placeholder]")]
        .flatMap((each) => ["aria-label", "title", "placeholder"].map((name) => each.getAttribute(name) ?? "")),
    ].join("\\n").replaceAll("\\u00a0", " ")`);
    assert.deepEqual(englishIn(shown), [], shown);
  }
}

/** Our English sentences in a text: those of more than one word that are others in German. */
function englishIn(text: string): string[] {
  return SENTENCES.filter(([, pattern]) => pattern.test(text)).map(([sentence]) => sentence);
}

const SENTENCES: readonly [string, RegExp][] = [
  ...Object.entries(BUNDLE),
  ...Object.entries(ENGLISH).flatMap(([key, text]) =>
    text.split("\n").map((line): [string, string] => [line, GERMAN[key] ?? ""]),
  ),
]
  .filter(([english, german]) => !german.includes(english) && /\p{L}{2,} \p{L}{2,}/u.test(english))
  .map(([english]) => [english, patternOf(english)]);

/** The sentence with anything in its places. */
function patternOf(sentence: string): RegExp {
  const words = sentence.replace(/\]\([^)]*\)|\[/g, "").split(/\{\d+\}/);
  const literal = words.map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")).join(".+");
  return new RegExp(`(?<!\\p{L})${literal}(?!\\p{L})`, "u");
}
