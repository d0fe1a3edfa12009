import assert from "node:assert/strict";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT, temporaryFolder } from "../../scripts/testbed/folders";
import { BUSYBOX_IMAGE, ensureImages } from "../../scripts/testbed/images";
import { runOrThrow } from "../../scripts/testbed/run";
import type { Window } from "../../scripts/testbed/vscodeHost/window";
import { removeContainersOf, startContainerOf } from "./support/containers";
import type { Hands } from "./support/hands";
import { openRegistry, PASSWORD, type PrivateRegistry } from "./support/privateRegistry";
import { untilInside } from "./support/world";
import { suiteWindow } from "./support/suiteWindow";

/** What a person is told before a secret is deleted, and what follows in an environment that was logged in by it. */
describe("the window: deletion", function () {
  this.timeout(240_000);
  this.bail(true); // each step goes on from the one before
  const openWindow = suiteWindow("deletion");
  const folder = temporaryFolder("window-deletion");
  const workspace = join(folder, "app");
  let registry: PrivateRegistry;
  let container: string;
  let window: Window;
  let hands: Hands;

  before(async function () {
    this.timeout(300_000);
    await ensureImages(BUSYBOX_IMAGE);
    const users = ["alice", "bob"].map((name) => ({ name, password: PASSWORD }));
    registry = await openRegistry({ base: BUSYBOX_IMAGE }, { auth: "htpasswd", users });
    mkdirSync(join(workspace, ".devcontainer"), { recursive: true });
    const config = JSON.stringify({ image: registry.image("base") });
    writeFileSync(join(workspace, ".devcontainer/devcontainer.json"), config);
    container = await startContainerOf(workspace);
    ({ window, hands } = await openWindow({ developmentPath: ROOT, folder: workspace }));
    await hands.openView();
    await hands.row(/^app.*no secrets/).waitFor(); // a button of a row that is drawn anew forgets what it is about
  });

  after(async () => {
    await removeContainersOf(workspace);
    await registry.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const create = async (group: RegExp, name: string, username: string) => {
    await hands.press(hands.row(group), "New Secret", hands.asking("New Secret"));
    await hands.choose("Container registry");
    await hands.choose(registry.address);
    await hands.fillIn(name, username, PASSWORD);
    await window.notification(`${name} is saved: it pulls`);
    await hands.clearNotifications();
  };
  const loggedInAs = (username: string) => untilInside(container, registry.address, { Username: username });

  it("names the environment that is logged out, and the image that can no longer be pulled", async () => {
    await create(/^Project/, "TEAM_PULL", "alice");
    await loggedInAs("alice");
    await hands.row(/^app.*logged in/).waitFor();
    const text = await hands.askedBeforeDeletion("TEAM_PULL", "Delete the project secret TEAM_PULL?");
    assert.ok(text.includes(`Running environments are logged out of ${registry.address}: app.`), text);
    const images = `New environments can no longer pull private images from it, such as ${registry.image("base")}.`;
    assert.ok(text.includes(images), text);
    await window.screenshot("deletion-asked");
  });

  it("changes nothing when the person thinks better of it", async () => {
    await hands.decide("Delete the project secret TEAM_PULL?", "Cancel");
    await hands.rowNamed(`Secret TEAM_PULL for ${registry.address}, username alice`).waitFor();
    await hands.rowNamed(`Registry ${registry.address}: TEAM_PULL, 1 image`).waitFor();
    await loggedInAs("alice");
  });

  it("says of a secret that another overrides that nothing changes, and which one is used", async () => {
    await create(/^User/, "OWN_PULL", "bob");
    await loggedInAs("bob");
    const overridden = `Secret TEAM_PULL for ${registry.address}, username alice, overridden by OWN_PULL`;
    await hands.rowNamed(overridden).waitFor();
    const question = "Delete the project secret TEAM_PULL?";
    const text = await hands.askedBeforeDeletion("TEAM_PULL", question);
    const unchanged = `The user secret OWN_PULL is used for ${registry.address} already: nothing changes here.`;
    assert.ok(text.includes(unchanged) && !text.includes("logged out"), text);
    await window.screenshot("deletion-overridden");
    await hands.decide(question, "Cancel");
    await hands.rowNamed(overridden).waitFor();
  });

  it("names the secret that takes over, and it does, inside too", async () => {
    const question = "Delete the user secret OWN_PULL?";
    const text = await hands.askedBeforeDeletion("OWN_PULL", question);
    const successor = `The project secret TEAM_PULL is used for ${registry.address} then.`;
    assert.ok(text.includes(successor) && !text.includes("logged out"), text);
    await window.screenshot("deletion-successor");
    await hands.decide(question, "Delete");
    await hands.rowNamed(`Secret TEAM_PULL for ${registry.address}, username alice`).waitFor();
    await hands.rowNamed("User: No user secrets").waitFor();
    await loggedInAs("alice");
  });

  it("logs the running environment out", async () => {
    const question = "Delete the project secret TEAM_PULL?";
    await hands.askedBeforeDeletion("TEAM_PULL", question);
    await hands.decide(question, "Delete");
    await hands.rowNamed(`Registry ${registry.address}: no secret, 1 image`).waitFor();
    await untilInside(container, registry.address, undefined);
    await hands.row(/^app.*no secrets to log in with/).waitFor();
    const status = await runOrThrow("docker", ["exec", container, "registry-login", "status"]);
    assert.ok(!status.includes(registry.address), status);
    await window.screenshot("deletion-logged-out");
  });
});
