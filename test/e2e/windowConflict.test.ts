import assert from "node:assert/strict";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { createServer, request } from "node:http";
import { join } from "node:path";
import { ROOT, temporaryFolder } from "../../scripts/testbed/folders";
import { BUSYBOX_IMAGE, ensureImages } from "../../scripts/testbed/images";
import { listen } from "../../scripts/testbed/loopback";
import type { Window } from "../../scripts/testbed/vscodeHost/window";
import type { Hands } from "./support/hands";
import { openRegistry, PASSWORD, type PrivateRegistry } from "./support/privateRegistry";
import { eventually } from "./support/processes";
import { suiteWindow } from "./support/suiteWindow";

const PASSWORDS: Readonly<Record<string, string>> = {
  alice: PASSWORD,
  bob: "test-password-two",
  carol: "test-password-three",
};

/**
 * Two that edit one secret lose nothing to each other. Pages of a browser read the storage of secrets once each, and do not
 * see what another one writes, so that two windows cannot meet in this host: here two forms of one window do, of which one
 * waits for its registry while the other is filled in.
 */
describe("the window: conflict", function () {
  this.timeout(240_000);
  this.bail(true); // each step goes on from the one before
  const openWindow = suiteWindow("conflict");
  const folder = temporaryFolder("window-conflict");
  const workspace = join(folder, "app");
  let registry: PrivateRegistry;
  let gate: Gate;
  let window: Window;
  let hands: Hands;

  before(async function () {
    this.timeout(300_000);
    await ensureImages(BUSYBOX_IMAGE);
    const users = Object.entries(PASSWORDS).map(([name, password]) => ({ name, password }));
    registry = await openRegistry({ base: BUSYBOX_IMAGE }, { auth: "htpasswd", users });
    gate = await openGate(registry.port);
    mkdirSync(join(workspace, ".devcontainer"), { recursive: true });
    const config = JSON.stringify({ image: `${gate.address}/acme/base:1` });
    writeFileSync(join(workspace, ".devcontainer/devcontainer.json"), config);
    const settings = { "registrySecrets.timeoutSeconds": 120 };
    ({ window, hands } = await openWindow({ developmentPath: ROOT, folder: workspace, settings }));
    await hands.openView();
  });

  after(async () => {
    await gate.stop();
    await registry.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const CHANGED = "TEAM_PULL was changed elsewhere while you edited it.";
  const DELETED = "TEAM_PULL was deleted elsewhere while you edited it.";
  const secretOf = (username: string) => hands.rowNamed(`Secret TEAM_PULL for ${gate.address}, username ${username}`);
  /** Fills in the form up to its test at the registry. */
  const edit = async (username: string) => {
    await hands.press(hands.row(/^TEAM_PULL/), "Edit Secret", hands.asking("Edit TEAM_PULL"));
    await hands.answer("Registry username", username);
    await hands.answer("Leave it empty to keep the present one", PASSWORDS[username]);
  };
  const isSaved = async () => {
    await window.notification("TEAM_PULL is saved: it pulls");
    await hands.clearNotifications();
  };
  /** One form waits for its registry; meanwhile another one is filled in and saved. */
  const editBoth = async (waiting: string, meanwhile: string) => {
    gate.hold(waiting);
    await edit(waiting);
    await gate.held();
    await edit(meanwhile);
    await secretOf(meanwhile).waitFor();
    gate.letGo();
    await hands.dialog(CHANGED).waitFor();
  };
  /** What is saved does pull: username and password belong together. */
  const pulls = async () => {
    await hands.clearNotifications();
    await hands.chooseFromMenu(hands.row(/^TEAM_PULL/), "Test Secret");
    await window.notification(`${gate.address}/acme/base:1 can be pulled with`);
    await hands.clearNotifications();
  };

  it("has a secret", async () => {
    await hands.press(hands.row(/^Project/), "New Secret", hands.asking("New Secret"));
    await hands.choose("Container registry");
    await hands.choose(gate.address);
    await hands.fillIn("TEAM_PULL", "alice", PASSWORD);
    await isSaved();
    await secretOf("alice").waitFor();
  });

  it("names both sides when a secret was changed meanwhile, and keeps what was saved there", async () => {
    await editBoth("bob", "carol");
    const text = await hands.dialog(CHANGED).innerText();
    assert.ok(text.includes(`Saved there for ${gate.address}: the username carol.`), text);
    assert.ok(text.includes("Entered here: the username bob and a password."), text);
    await window.screenshot("conflict-changed");
    await hands.decide(CHANGED, "Cancel");
    await secretOf("carol").waitFor();
    await pulls();
  });

  it("replaces it when the person says so", async () => {
    await editBoth("bob", "alice");
    await hands.decide(CHANGED, "Replace It");
    await secretOf("bob").waitFor();
    await pulls();
  });

  /** While the form asks for the password, its secret is deleted; then the form is filled in. */
  const editDeleted = async (username: string) => {
    await hands.press(hands.row(/^TEAM_PULL/), "Edit Secret", hands.asking("Edit TEAM_PULL"));
    await hands.answer("Registry username", username);
    await hands.asking("Leave it empty").waitFor();
    const question = "Delete the project secret TEAM_PULL?";
    await hands.press(hands.row(/^TEAM_PULL/), "Delete Secret", hands.dialog(question));
    await hands.decide(question, "Delete");
    await hands.rowNamed("Project app: No project secrets").waitFor();
    await hands.answer("Leave it empty to keep the present one", PASSWORDS[username]);
    await hands.dialog(DELETED).waitFor();
  };

  it("makes a secret again that was deleted meanwhile, with what was entered", async () => {
    await editDeleted("carol");
    const text = await hands.dialog(DELETED).innerText();
    assert.ok(text.includes(`Create it again for ${gate.address}, with the username carol?`), text);
    await window.screenshot("conflict-deleted");
    await hands.decide(DELETED, "Create It Again");
    await secretOf("carol").waitFor();
    await pulls();
  });

  it("leaves it deleted when the person does not want it back", async () => {
    await editDeleted("alice");
    await hands.decide(DELETED, "Cancel");
    await hands.rowNamed(`Registry ${gate.address}: no secret, 1 image`).waitFor();
    await hands.rowNamed("Project app: No project secrets").waitFor();
  });

  const twinOf = (host: string) => `TEAM_PULL was saved for ${host} while you filled in the form.`;
  const fillIn = async (name: string, username: string) => {
    await hands.press(hands.row(/^Project/), "New Secret", hands.asking("New Secret"));
    await hands.choose("Container registry");
    await hands.choose(gate.address);
    await hands.fillIn(name, username, PASSWORDS[username] ?? "");
  };

  it("asks when another form has made a secret for the host meanwhile, and replaces it with what was entered", async () => {
    gate.hold("bob");
    await fillIn("TEAM_BOB", "bob");
    await gate.held();
    await fillIn("TEAM_PULL", "carol");
    await secretOf("carol").waitFor();
    gate.letGo();
    const question = twinOf(gate.address);
    const text = await hands.dialog(question).innerText();
    assert.ok(text.includes("Entered here: the username bob and a password."), text);
    assert.ok(text.includes("The name TEAM_PULL stays."), text);
    await window.screenshot("conflict-twin");
    await hands.decide(question, "Replace It");
    await secretOf("bob").waitFor();
    await pulls();
  });
});

/** Stands before a registry, and can hold back what is asked with one login. */
interface Gate {
  /** `localhost:PORT` */
  readonly address: string;
  hold(username: string): void;
  /** Resolves once something is held back. */
  held(): Promise<void>;
  letGo(): void;
  stop(): Promise<void>;
}

async function openGate(port: number): Promise<Gate> {
  let holds: string | undefined;
  let held: (() => void)[] = [];
  const server = createServer((incoming, outgoing) => {
    const { method, url: path, headers } = incoming;
    const pass = () => {
      const onward = request({ host: "127.0.0.1", port, method, path, headers }, (answer) => {
        outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(outgoing);
      });
      onward.once("error", () => outgoing.destroy());
      incoming.pipe(onward);
    };
    const [, login = ""] = (headers.authorization ?? "").split(" ");
    const [username] = Buffer.from(login, "base64").toString().split(":");
    if (holds !== undefined && username === holds) held.push(pass);
    else pass();
  });
  const { port: own, stop } = await listen(server);
  return {
    address: `localhost:${own}`,
    stop,
    hold: (username) => {
      holds = username;
    },
    held: async () => {
      await eventually("a request is held back", () => held.length > 0 || undefined, 45_000);
    },
    letGo: () => {
      holds = undefined;
      for (const pass of held) pass();
      held = [];
    },
  };
}
