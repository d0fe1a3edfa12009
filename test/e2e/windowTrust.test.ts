import { strict as assert } from "node:assert";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { HOSTS } from "../../scripts/testbed/clouds";
import { ROOT, temporaryFolder } from "../../scripts/testbed/folders";
import { BUSYBOX_IMAGE, ensureImages } from "../../scripts/testbed/images";
import { run } from "../../scripts/testbed/run";
import type { Window } from "../../scripts/testbed/vscodeHost/window";
import { signedInBySso, startCloudMachine, type CloudMachine } from "./support/cloudMachine";
import { containersOf, removeContainersOf, startContainerOf } from "./support/containers";
import type { Hands } from "./support/hands";
import { openRegistry, PASSWORD, USER, type PrivateRegistry } from "./support/privateRegistry";
import { eventually } from "./support/processes";
import { suiteWindow } from "./support/suiteWindow";

/** A folder that nobody has trusted yet cannot make us spend a secret (security, 2). */
describe("the window, in Restricted Mode", function () {
  this.timeout(120_000);
  this.bail(true); // each step goes on from the one before
  const openWindow = suiteWindow("trust");
  const folder = temporaryFolder("trust");
  const workspace = join(folder, "app");
  let registry: PrivateRegistry;
  let machine: CloudMachine;
  let container: string;
  let window: Window;
  let page: Page;
  let hands: Hands;

  before(async () => {
    await ensureImages(BUSYBOX_IMAGE);
    registry = await openRegistry({ base: BUSYBOX_IMAGE });
    mkdirSync(join(workspace, ".devcontainer"), { recursive: true });
    writeFileSync(
      join(workspace, ".devcontainer/devcontainer.json"),
      JSON.stringify({ image: registry.image("base") }),
    );
    container = await startContainerOf(workspace, "--rm");
    machine = await startCloudMachine();
    const profile = join(folder, "profile");
    const home = join(profile, "home");
    signedInBySso(home, Date.now() + 3_600_000);
    ({ window, page, hands } = await openWindow({
      developmentPath: ROOT,
      folder: workspace,
      profile,
      environment: { ...machine.variables(home), AWS_PROFILE: "dev" },
      trust: "restricted",
    }));
    await hands.openView();
  });

  after(async () => {
    await removeContainersOf(workspace);
    await registry.stop();
    await machine.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  /** How often the registry has given the manifest away, which it does only to who is logged in. */
  const logins = () =>
    registry.log().match(/"(GET|HEAD) \/v2\/acme\/base\/manifests\/\S+ HTTP\/1\.1" 200/g)?.length ?? 0;
  const status = async () => await run("docker", ["exec", container, "registry-login", "status"]);

  it("secrets can be managed", async () => {
    await window.runCommand("Registry Secrets: New Secret");
    await hands.choose("Container registry");
    await hands.choose("User");
    await hands.choose(registry.address);
    await hands.fillIn("ACME_PULL", USER, PASSWORD);
    await hands.row("ACME_PULL").waitFor();
    await window.screenshot("restricted");
  });

  it("no cloud is asked who the person is", async () => {
    await window.runCommand("Registry Secrets: New Secret");
    await hands.choose("Container registry");
    await hands.choose("User");
    await hands.choose("Another registry");
    await hands.answer("Registry hostname", HOSTS.ecr);
    await hands.answer("Name: identifier");
    await hands.choice("runner-native").filter({ hasText: "once you trust this workspace" }).waitFor();
    await window.screenshot("restricted-native");
    await hands.dismiss();
    assert.deepEqual(machine.asked, []);
  });

  it("a diagnosis asks without a credential", async () => {
    const before = logins();
    await window.runCommand("Registry Secrets: Diagnose Pull Failure");
    await window.notification(registry.image("base"));
    await hands.offer("Manage Workspace Trust").waitFor();
    assert.equal(logins(), before);
    await window.screenshot("restricted-diagnosis");
    await hands.clearNotifications();
  });

  it("nothing is created or pulled", async () => {
    const before = logins();
    await window.runCommand("Registry Secrets: Create Environment");
    await window.notification("not trusted");
    assert.equal(logins(), before);
    assert.deepEqual(await containersOf(workspace), [container]);
    await window.screenshot("restricted-creation");
    await hands.clearNotifications();
  });

  it("nothing is delivered, and the person reads why", async () => {
    await window.runCommand("Registry Secrets: Deliver Secrets to Running Environments");
    await hands.choice("not one that you trust").waitFor();
    await window.screenshot("restricted-delivery");
    await hands.dismiss();
    const { code, stdout } = await status();
    assert.ok(code !== 0 && !stdout.includes(registry.address), stdout);
  });

  it("once the folder is trusted all of it works, without a reload", async () => {
    const trust = page
      .locator(".workspace-trust-editor .monaco-button")
      .filter({ hasText: /^Trust$/ })
      .first();
    await hands.click(page.locator(".statusbar-item").filter({ hasText: "Restricted Mode" }), trust);
    await hands.click(trust);
    await page.locator(".statusbar-item").filter({ hasText: "delivered to 1 environment" }).waitFor();
    assert.match((await status()).stdout, new RegExp(`${registry.address}: logged in`));
    const before = logins();
    await window.runCommand("Registry Secrets: Diagnose Pull Failure");
    await window.notification("can be pulled");
    await eventually("the registry has given the manifest away", () => logins() > before || undefined);
    await window.screenshot("trusted");
  });
});
