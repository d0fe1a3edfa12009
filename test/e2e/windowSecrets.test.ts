import assert from "node:assert/strict";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { ROOT, temporaryFolder } from "../../scripts/testbed/folders";
import { BUSYBOX_IMAGE, ensureImages } from "../../scripts/testbed/images";
import type { Window } from "../../scripts/testbed/vscodeHost/window";
import type { Hands } from "./support/hands";
import { openRegistry, PASSWORD, type PrivateRegistry } from "./support/privateRegistry";
import { eventually } from "./support/processes";
import { suiteWindow } from "./support/suiteWindow";

const ROTATED = "test-password-two";
const ECR = "123456789012.dkr.ecr.eu-central-1.amazonaws.com";

/** The form of a secret and the commands on its row, by clicks and by keys. */
describe("the window: secrets", function () {
  this.timeout(240_000);
  this.bail(true); // each step goes on from the one before
  const openWindow = suiteWindow("secrets");
  const folder = temporaryFolder("window-secrets");
  const workspace = join(folder, "app");
  let registry: PrivateRegistry;
  let window: Window;
  let page: Page;
  let hands: Hands;

  before(async function () {
    this.timeout(300_000);
    await ensureImages(BUSYBOX_IMAGE);
    const users = ["alice", "bob"].map((name) => ({ name, password: PASSWORD }));
    registry = await openRegistry({ base: BUSYBOX_IMAGE }, { auth: "htpasswd", users });
    const images = { local: registry.image("base"), cloud: `${ECR}/acme/app:1` };
    for (const [name, image] of Object.entries(images)) {
      mkdirSync(join(workspace, ".devcontainer", name), { recursive: true });
      writeFileSync(join(workspace, ".devcontainer", name, "devcontainer.json"), JSON.stringify({ image }));
    }
    ({ window, page, hands } = await openWindow({
      developmentPath: ROOT,
      folder: workspace,
      environment: { AWS_EC2_METADATA_DISABLED: "true" },
    }));
    await hands.openView();
  });

  after(async () => {
    await registry.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const startIn = async (group: RegExp) => {
    await hands.press(hands.row(group), "New Secret", hands.asking("New Secret"));
    await hands.choose("Container registry");
  };
  const registryRow = () => hands.row(new RegExp(`^${registry.address}`));
  const clipboardHas = (text: string) =>
    eventually(`the clipboard has ${text}`, async () => {
      return (await page.evaluate<string>("navigator.clipboard.readText()")) === text || undefined;
    });

  it("fills in a preset from what the workspace names, says what is wrong with an answer, and Back keeps answers", async () => {
    await hands.row(`${ECR}no secret`).waitFor();
    await startIn(/^User/);
    await hands.choice("AWS ECR").waitFor();
    const offered = await page.locator(".quick-input-list:visible .monaco-list-row").allInnerTexts();
    const named = offered.slice(0, 2).join("\n");
    assert.ok(named.includes(registry.address) && named.includes(ECR), named);
    assert.match(named, /In this workspace/);
    await window.screenshot("secrets-registries");

    await hands.choose("AWS ECR");
    await hands.asking("AWS account ID in [account-id].dkr.ecr.[region].amazonaws.com").waitFor();
    assert.equal(await hands.input().inputValue(), "123456789012");
    await hands.type("AWS account ID", "2109");
    await hands.asking("An AWS account ID has 12 digits.").waitFor();
    await window.screenshot("secrets-account");
    await hands.answer("12 digits", "210987654321");
    // another account than the one of the workspace's image: to Docker that is another registry
    const unlike = `An image of this workspace is at ${ECR}: to Docker that is another registry than 210987654321.`;
    await hands.asking(unlike).waitFor();
    await window.screenshot("secrets-unlike-image");
    assert.equal(await hands.answer(unlike, "eu-west-1"), "eu-central-1");
    await hands.asking("Name").waitFor();
    assert.equal(await hands.back(), "eu-west-1");
    assert.equal(await hands.back(), "210987654321");
    await hands.answer("AWS account ID");
    await hands.answer(/another registry than/);

    assert.match(await hands.answer("Name", "ECR_PULL"), /^210987654321_DKR_ECR_EU_WEST_1/);
    await hands.choose("Username and password");
    await hands.asking("Registry username for 210987654321.dkr.ecr.eu-west-1.amazonaws.com").waitFor();
    await hands.input().fill("alice");
    await hands.asking("The username for a token of ECR is AWS.").waitFor();
    await hands.answer("is AWS.", "AWS");
    await hands.asking("Output of aws ecr get-login-password").waitFor();
    await hands.input().fill("not-a-token");
    await hands.asking("This is no token of ECR").waitFor();
    await window.screenshot("secrets-lint");
    await hands.answer("This is no token of ECR");
    await hands.choose(/^\s*Save/); // no image of the workspace is there to test it with
    await hands.row("ECR_PULL").waitFor();
  });

  it("remarks under the field on a token that the registry does not take, and on a host that is only like the image's", async () => {
    await startIn(/^User/);
    await hands.choose("GitHub Container Registry");
    assert.equal(await hands.answer("Name"), "GHCR_IO");
    await hands.answer("Registry username for ghcr.io", "alice");
    await hands.asking("read:packages").waitFor();
    await hands.input().fill("github_pat_0123456789abcdef");
    await hands
      .asking("GitHub's registry takes no fine-grained token: make a classic one with read:packages.")
      .waitFor();
    assert.equal(await hands.input().getAttribute("type"), "password");
    await window.screenshot("secrets-fine-grained");
    // what was typed is there again after a correction of the username
    assert.equal(await hands.back(), "alice");
    await hands.answer("Registry username for ghcr.io", "bob");
    await hands.asking("takes no fine-grained token").waitFor();
    assert.equal(await hands.input().inputValue(), "github_pat_0123456789abcdef");
    await hands.dismiss();

    await startIn(/^User/);
    await hands.choose("Another registry");
    await hands.asking("Registry hostname").waitFor();
    await hands.input().fill(`127.0.0.1:${registry.port}`);
    await hands.asking(`An image of this workspace is at ${registry.address}: to Docker that is another`).waitFor();
    await window.screenshot("secrets-like-image");
    await hands.dismiss();
    assert.equal(await hands.row("GHCR_IO").count(), 0);
  });

  it("tests what was entered before it is saved, and lets it be corrected", async () => {
    await startIn(/^Project/);
    await hands.choose(registry.address);
    await hands.fillIn("ACME_PULL", "alice", "not-the-password");
    const refused = `ACME_PULL cannot pull ${registry.image("base")}`;
    const text = await hands.dialog(refused).innerText();
    assert.ok(text.includes("username or password is wrong"), text);
    await window.screenshot("secrets-test-refused");
    await hands.decide(refused, "Change It");
    await hands.asking("Registry password or access token").waitFor();
    assert.equal(await hands.row("ACME_PULL").count(), 0);
    await hands.answer("Registry password or access token", PASSWORD);
    await window.notification(`ACME_PULL is saved: it pulls ${registry.image("base")}.`);
    await hands.row("ACME_PULL").waitFor();
    await window.screenshot("secrets-saved");
    assert.ok(!(await page.content()).includes(PASSWORD));
    await hands.clearNotifications();
  });

  it("an empty password in Edit keeps the present one", async () => {
    await hands.press(hands.row("ACME_PULL"), "Edit Secret", hands.asking("Edit ACME_PULL"));
    assert.equal(await hands.answer("Registry username", "bob"), "alice");
    assert.equal(await hands.answer("Leave it empty to keep the present one"), "");
    await window.notification(`ACME_PULL is saved: it pulls ${registry.image("base")}.`);
    await hands.clearNotifications();
    await hands.row(/ACME_PULL.*bob/).waitFor();
    await hands.chooseFromMenu(hands.row("ACME_PULL"), "Test Secret");
    await window.notification(`${registry.image("base")} can be pulled with`);
    await window.screenshot("secrets-tested");
    await hands.clearNotifications();
  });

  it("moves a secret to the person's own and back, and names the scope by its group", async () => {
    const move = async (to: RegExp) => {
      await hands.chooseFromMenu(hands.row("ACME_PULL"), "Move Secret", hands.asking("Move ACME_PULL"));
      await window.screenshot("secrets-move");
      await hands.choose(to);
    };
    await hands.rowNamed("Project app: 1").waitFor();
    await move(/^\s*User/);
    await hands.rowNamed("Project app: No project secrets").waitFor();
    await hands.rowNamed("User: 2").waitFor();
    await move(/^\s*Project/);
    await hands.rowNamed("Project app: 1").waitFor();
    await hands.rowNamed("User: 1").waitFor();
  });

  it("copies the name and the registry host", async () => {
    await hands.chooseFromMenu(hands.row("ACME_PULL"), "Copy Name");
    await clipboardHas("ACME_PULL");
    await hands.chooseFromMenu(hands.row("ACME_PULL"), "Copy Registry Host");
    await clipboardHas(registry.address);
  });

  it("a refused login stands at the registry's row, and its secret is edited from there", async () => {
    await registry.setPassword("bob", ROTATED);
    const refused = hands.row(new RegExp(`^${registry.address}.*login refused`));
    await hands.chooseFromMenu(registryRow(), "Check Pull", refused);
    await window.screenshot("secrets-refused");
    await hands.press(refused, "Edit Secret", hands.asking("Edit ACME_PULL"));
    await hands.answer("Registry username");
    await hands.answer("Leave it empty to keep the present one", ROTATED);
    await window.notification(`ACME_PULL is saved: it pulls ${registry.image("base")}.`);
    await refused.waitFor({ state: "hidden" });
    await hands.clearNotifications();
  });

  it("is used by keys only, and a screen reader hears kind, name, host and state of a row", async () => {
    const secret = `Secret ACME_PULL for ${registry.address}, username bob`;
    await hands.rowNamed(`Registry ${registry.address}: ACME_PULL, 1 image`).waitFor();
    await hands.rowNamed(`Registry ${ECR}: no secret, 1 image`).waitFor();
    await hands.focusView();
    await hands.focusRow(secret);
    await hands.chooseByKeys("Edit Secret", hands.asking("Edit ACME_PULL"));
    await window.screenshot("secrets-keys");
    await hands.answer("Registry username", "alice");
    await hands.answer("Leave it empty to keep the present one", PASSWORD);
    const edited = `Secret ACME_PULL for ${registry.address}, username alice`;
    await hands.rowNamed(edited).waitFor();
    await hands.focusView();
    await hands.focusRow(edited);
    const question = hands.dialog("Delete the project secret ACME_PULL?");
    await hands.chooseByKeys("Delete Secret", question);
    await page.keyboard.press("Enter");
    await hands.rowNamed(`Registry ${registry.address}: no secret, 1 image`).waitFor();
    await hands.rowNamed("Project app: No project secrets").waitFor();
  });
});
