import { strict as assert } from "node:assert";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { ROOT, temporaryFolder } from "../../scripts/testbed/folders";
import { BUSYBOX_IMAGE, ensureImages } from "../../scripts/testbed/images";
import { runOrThrow } from "../../scripts/testbed/run";
import type { Window } from "../../scripts/testbed/vscodeHost/window";
import { removeContainersOf, startContainerOf } from "./support/containers";
import { handsOn, type Hands } from "./support/hands";
import { eventually, processesSeen } from "./support/processes";
import { filesBelow, untilInside } from "./support/world";
import { suiteWindow } from "./support/suiteWindow";

const HOST = "registry.example:5000";
const PASSWORD = "window-two-password";
/** How soon another window has to deliver after the one that did was killed. */
const TAKEOVER_MS = 10_000;

describe("two windows", function () {
  this.timeout(180_000);
  this.bail(true); // each step goes on from the one before
  const openWindow = suiteWindow("two");
  const folder = temporaryFolder("window-two");
  const workspace = join(folder, "app");
  const profile = join(folder, "profile");
  let window: Window;
  let hands: Hands;
  let second: Page;
  let id: string;

  before(async () => {
    await ensureImages(BUSYBOX_IMAGE);
    mkdirSync(join(workspace, ".devcontainer"), { recursive: true });
    mkdirSync(join(folder, "docker"));
    const auth = Buffer.from(`alice:${PASSWORD}`).toString("base64");
    writeFileSync(join(folder, "docker/config.json"), JSON.stringify({ auths: { [HOST]: { auth } } }));
    writeFileSync(join(workspace, ".devcontainer/devcontainer.json"), `{ "image": "${HOST}/acme/app:1" }`);
    id = await startContainerOf(workspace);
    const environment = { DOCKER_CONFIG: join(folder, "docker"), XDG_RUNTIME_DIR: folder, XDG_CONFIG_HOME: folder };
    ({ window, hands } = await openWindow({ developmentPath: ROOT, folder: workspace, profile, environment }));
    await hands.openView();
  });

  after(async () => {
    await removeContainersOf(workspace);
    rmSync(folder, { recursive: true, force: true });
  });

  const extensionHosts = () =>
    processesSeen()
      .filter(({ command, environment }) => command.includes("--type=extensionHost") && environment.includes(profile))
      .map(({ pid }) => pid);
  /** The process of the window that delivers. */
  const deliverer = () => {
    const lease = filesBelow(profile).find((file) => file.endsWith("registry-secrets.registry-secrets/delivers"));
    return lease === undefined ? undefined : (JSON.parse(readFileSync(lease, "utf8")) as { pid: number }).pid;
  };
  /** How often each window says that it has logged the environment in. */
  const said = () =>
    filesBelow(profile)
      .filter((file) => file.endsWith("/Registry Secrets.log"))
      .map((file) => readFileSync(file, "utf8").split("logged in to").length - 1)
      .sort();
  const untilLoggedIn = (limit?: number) => untilInside(id, HOST, { Secret: PASSWORD }, { limit });
  const restart = () => runOrThrow("docker", ["restart", "--time", "0", id]);

  it("the first one delivers, and again when the container was restarted", async () => {
    await window.runCommand("Registry Secrets: Import Secrets…");
    await hands.choose("Logins of Docker and Podman");
    await hands.choose("User");
    await hands.choice(HOST).waitFor();
    await window.page.keyboard.press("Enter");
    await window.notification("1 secret imported");
    await untilLoggedIn();
    await restart();
    await untilLoggedIn();
  });

  it("a second one leaves that to the first", async () => {
    const first = extensionHosts();
    second = await window.page.context().newPage();
    await second.goto(window.page.url());
    const there = handsOn({ ...window, page: second });
    await there.openView();
    await there.row("logged in").waitFor();
    assert.equal(first.length, 1);
    assert.equal(extensionHosts().length, 2);
    assert.deepEqual([deliverer()], first);
    const before = said();
    await restart();
    await untilLoggedIn();
    await eventually("it is said", () => said().join() !== before.join() || undefined);
    assert.equal(said().filter((count) => count > 0).length, 1, "by one window only");
  });

  it("takes over when the first one is killed", async () => {
    const [killed, survivors] = [deliverer() ?? 0, extensionHosts().filter((pid) => pid !== deliverer())];
    process.kill(killed, "SIGKILL");
    await window.page.close(); // or the window would start its extension host again
    await restart();
    await untilLoggedIn(TAKEOVER_MS);
    assert.deepEqual([deliverer()], survivors);
  });
});
