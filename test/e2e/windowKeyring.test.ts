import { strict as assert } from "node:assert";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { ROOT, temporaryFolder } from "../../scripts/testbed/folders";
import type { Window } from "../../scripts/testbed/vscodeHost/window";
import type { Hands } from "./support/hands";
import { eventually } from "./support/processes";
import { suiteWindow } from "./support/suiteWindow";

/** Where VS Code keeps an extension's secrets in a browser. */
const KEYRING = "secrets.provider";

/** What VS Code has written of the state of extensions, in a browser's database: all of it as one text. */
const STATE = `(async () => {
  const settled = (request) => new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
  const texts = [];
  for (const { name } of await indexedDB.databases()) {
    if (!name.startsWith("vscode-web-state-db")) continue;
    const database = await settled(indexedDB.open(name));
    for (const store of database.objectStoreNames)
      texts.push(...await settled(database.transaction(store).objectStore(store).getAll()));
    database.close();
  }
  return texts.join("\\n");
})()`;

/**
 * A keyring that VS Code does not reach looks to an extension like an empty one. Here it is taken away from under a window and
 * given back, over restarts, and the view tells which of the two it is.
 */
describe("the window: a keyring that is away", function () {
  this.timeout(240_000);
  this.bail(true); // each step goes on from the one before
  const openWindow = suiteWindow("keyring");
  const folder = temporaryFolder("window-keyring");
  const workspace = join(folder, "app");
  let window: Window;
  let page: Page;
  let hands: Hands;

  /** Also closes the window that is open. */
  const open = async () => {
    ({ window, page, hands } = await openWindow({
      developmentPath: ROOT,
      folder: workspace,
      profile: join(folder, "window"),
    }));
    await hands.openView();
  };
  const takeAway = () =>
    page.evaluate<string>(`(() => {
    const kept = localStorage.getItem("${KEYRING}");
    localStorage.removeItem("${KEYRING}");
    return kept;
  })()`);
  /** VS Code writes what extensions remember to the disk a few seconds later. */
  const remembers = (text: string) =>
    eventually(`VS Code has written ${text}`, async () =>
      (await page.evaluate<string>(STATE)).includes(text) ? true : undefined,
    );
  const welcome = (text: string) => page.locator(".welcome-view-content").filter({ hasText: text });
  const newSecret = async (name: string) => {
    await window.runCommand("Registry Secrets: New Secret");
    await hands.choose("Container registry");
    await hands.choose("User");
    await hands.choose("Another registry");
    await hands.answer("Registry hostname", "registry.example.com");
    await hands.fillIn(name, "alice", "test-password-one");
    await hands.choose("Save");
    await hands.row(name).waitFor();
  };

  before(async () => {
    mkdirSync(workspace, { recursive: true });
    writeFileSync(join(workspace, "README.md"), "# app\n");
    await open();
  });

  after(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  it("says that nothing was kept where there never was one, and goes on with an empty list when asked to", async () => {
    await newSecret("FIRST_PULL");
    await remembers('"kept":false');
    await takeAway();
    await page.reload(); // with the view open, as it was
    await welcome("VS Code has found no keyring").waitFor();
    await window.screenshot("keyring-not-kept");
    const button = page.locator(".welcome-view-content .monaco-button").filter({ hasText: "Start with an Empty List" });
    await hands.click(button, hands.dialog("empty list"));
    await window.screenshot("keyring-start-anew");
    await hands.decide("empty list", "Start");
    await newSecret("ACME_PULL");
    await remembers('"kept":false');
  });

  it("says that it is out of reach once a restart has shown that secrets are kept, and that nothing is lost", async () => {
    await open();
    await hands.row("ACME_PULL").waitFor();
    await remembers('"kept":true');
    const kept = await takeAway();
    await page.reload(); // with the view open, as it was
    await welcome("does not reach the keyring that holds your secrets").waitFor();
    await welcome("Nothing is lost").waitFor();
    await window.screenshot("keyring-out-of-reach");
    await page.evaluate(`localStorage.setItem("${KEYRING}", ${JSON.stringify(kept)})`);
    await page.reload(); // with the view open, as it was
    await hands.row("ACME_PULL").waitFor();
    assert.equal(await welcome("keyring").count(), 0);
  });
});
