import { strict as assert } from "node:assert";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { ROOT, temporaryFolder } from "../../scripts/testbed/folders";
import type { Window } from "../../scripts/testbed/vscodeHost/window";
import type { Hands } from "./support/hands";
import { eventually } from "./support/processes";
import { suiteWindow } from "./support/suiteWindow";

const PASSWORD = "window-exchange-password";
const OTHER_PASSWORD = "window-exchange-other-password";

/** What other tools keep comes in from a file or the clipboard, and goes out again in their own forms. No registry is asked. */
describe("the window: exchange with other tools", function () {
  this.timeout(240_000);
  this.bail(true); // each step goes on from the one before
  const openWindow = suiteWindow("exchange");
  const folder = temporaryFolder("window-exchange");
  const workspace = join(folder, "app");
  const configFile = join(workspace, ".devcontainer/devcontainer.json");
  const variablesFile = join(folder, "codespaces.env");
  const podmanFile = join(folder, "auth.json");
  let window: Window;
  let page: Page;
  let hands: Hands;

  before(async () => {
    mkdirSync(join(workspace, ".devcontainer"), { recursive: true });
    mkdirSync(join(folder, "docker"));
    writeFileSync(
      configFile,
      `{
  // what the team builds on
  "image": "images.example.com/acme/app:1",
  "secrets": {
    "DELTA_CONTAINER_REGISTRY_SERVER": { "description": "The registry of the Delta team" },
    "DELTA_CONTAINER_REGISTRY_USER": {},
    "DELTA_CONTAINER_REGISTRY_PASSWORD": {} /* ask Dora */
  }
}
`,
    );
    writeFileSync(
      variablesFile,
      `# as they are in the settings of the organization
${triplet("ACME", "acme.example.com", "alice", PASSWORD)}
export BETA_CONTAINER_REGISTRY_SERVER='beta.example.com:5000'
export BETA_CONTAINER_REGISTRY_USER='bob'
export BETA_CONTAINER_REGISTRY_PASSWORD='${PASSWORD}'
HALF_CONTAINER_REGISTRY_SERVER=half.example.com
`,
    );
    const auth = Buffer.from(`anna:${OTHER_PASSWORD}`).toString("base64");
    const auths = {
      "acme.example.com": { auth },
      "team.example.com/acme": { auth },
      "token.example.com": { auth: Buffer.from("<token>:").toString("base64"), identitytoken: "test-identity-token" },
    };
    writeFileSync(podmanFile, JSON.stringify({ auths }));
    ({ window, page, hands } = await openWindow({
      developmentPath: ROOT,
      folder: workspace,
      settings: { "files.autoSave": "off" }, // as it is outside a browser
      environment: { DOCKER_CONFIG: join(folder, "docker"), XDG_RUNTIME_DIR: folder, XDG_CONFIG_HOME: folder },
    }));
    await hands.openView();
  });

  after(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  const startImport = async (source: string) => {
    await window.runCommand("Registry Secrets: Import Secrets…");
    await hands.choose(source);
    await hands.choose("in every project");
  };
  const importFile = async (file: string) => {
    await startImport("A file…");
    await hands.answer("A file with variables or logins", file);
  };
  const startExport = async (form: string, ...names: RegExp[]) => {
    await window.runCommand("Registry Secrets: Export Secrets…");
    await hands.choose(form);
    for (const name of names) await hands.tick(name);
    await hands.answer("Export Secrets");
  };
  const shownText = async () =>
    (await page.locator(".editor-instance .view-lines").innerText()).replaceAll("\u00a0", " ");

  it("a .env file of Codespaces' variables becomes secrets of those names", async () => {
    await importFile(variablesFile);
    await hands.choice("beta.example.com:5000").waitFor();
    assert.equal(await hands.choice("half.example.com").count(), 0);
    await window.screenshot("exchange-variables");
    await hands.answer("Import Secrets");
    await window.notification("2 secrets imported.");
    await hands.row(/ACME.*acme\.example\.com · alice/).waitFor();
    await hands.row(/BETA.*beta\.example\.com:5000 · bob/).waitFor();
    assert.ok(!(await page.content()).includes(PASSWORD));
    await hands.clearNotifications();
  });

  it("Podman's auth.json says which secret a login replaces; one that fails says why, and the others come in", async () => {
    await importFile(podmanFile);
    await hands.choice("replaces the username and password of ACME (alice)").waitFor();
    await hands.choice("is for team.example.com/acme only").waitFor();
    await hands.tick("acme.example.com"); // what would replace something is not chosen at first
    await window.screenshot("exchange-logins");
    await hands.answer("Import Secrets");
    const text = await window.notification("2 secrets imported.");
    assert.match(text, /Not token\.example\.com: .*a token that only it can use/);
    await window.screenshot("exchange-failure");
    await hands.row(/ACME.*acme\.example\.com · anna/).waitFor();
    await hands.row(/TEAM_EXAMPLE_COM.*team\.example\.com · anna/).waitFor();
    assert.equal(await hands.row("token.example.com").count(), 0);
    await hands.clearNotifications();
  });

  it("what is in the clipboard comes in, and a clipboard with nothing in it is said", async () => {
    const copy = (text: string) => page.evaluate(`navigator.clipboard.writeText(${JSON.stringify(text)})`);
    await copy(triplet("GAMMA", "gamma.example.com", "gina", PASSWORD));
    await startImport("The clipboard");
    await hands.choice("gamma.example.com").waitFor();
    await hands.answer("Import Secrets");
    await window.notification("1 secret imported.");
    await hands.row(/GAMMA.*gamma\.example\.com · gina/).waitFor();
    await hands.clearNotifications();
    await copy("a shopping list");
    await startImport("The clipboard");
    await window.notification("There is nothing to import there");
    await hands.clearNotifications();
  });

  it("a registry that devcontainer.json declares is asked for under the declared name", async () => {
    const declared = hands.row(/DELTA.*asked for by devcontainer\.json/);
    await hands.click(declared, hands.choice("Container registry"));
    await window.screenshot("exchange-declared");
    await hands.choose("Container registry");
    await hands.choose("Another registry");
    await hands.answer("Registry hostname", "acme.example.com");
    assert.equal(await hands.answer("Name: identifier for the secret"), "DELTA");
    await hands.answer("Registry username", "dora");
    await hands.answer("password or access token", OTHER_PASSWORD);
    await hands.choose("without a test");
    await hands.row(/DELTA.*acme\.example\.com · dora · overridden by ACME/).waitFor();
    await declared.waitFor({ state: "hidden" });
  });

  it("secrets are declared in devcontainer.json, in a document that is not saved yet, and its comments stay", async () => {
    const before = readFileSync(configFile, "utf8");
    await startExport("Names in devcontainer.json", /BETA/, /DELTA/);
    await page.locator(".tab.dirty").filter({ hasText: "devcontainer.json" }).waitFor();
    await page.locator(".view-line").filter({ hasText: "BETA_CONTAINER_REGISTRY_PASSWORD" }).waitFor();
    await window.screenshot("exchange-declaration");
    const shown = await shownText();
    assert.ok(shown.includes("// what the team builds on") && shown.includes("/* ask Dora */"), shown);
    assert.equal(readFileSync(configFile, "utf8"), before);

    await window.runCommand("File: Save");
    await page.locator(".tab.dirty").waitFor({ state: "hidden" });
    const saved = readFileSync(configFile, "utf8");
    const declarations = saved.match(/"\w+_CONTAINER_REGISTRY_\w+"/g)?.map((name) => JSON.parse(name) as string);
    assert.deepEqual(
      declarations,
      ["DELTA", "BETA"].flatMap((name) =>
        ["SERVER", "USER", "PASSWORD"].map((part) => `${name}_CONTAINER_REGISTRY_${part}`),
      ),
    );
    assert.ok(saved.includes("// what the team builds on") && saved.includes("/* ask Dora */"), saved);
    assert.ok(!saved.includes(PASSWORD) && !saved.includes(OTHER_PASSWORD));

    await startExport("Names in devcontainer.json", /BETA/);
    await window.notification("The file names these secrets already.");
    await hands.clearNotifications();
    await window.runCommand("View: Close All Editors");
  });

  it("a pull secret for Kubernetes is shown only after a warning, and says which secret is not in it", async () => {
    const export_ = () => startExport("Pull secret for Kubernetes", /ACME/, /BETA/, /DELTA/);
    await export_();
    await hands.dialog("The manifest holds the values of ACME, BETA, DELTA").waitFor();
    await window.screenshot("exchange-manifest-warning");
    await hands.decide("The manifest holds the values", "Cancel");
    assert.equal(await page.locator(".tab").count(), 0);

    await export_();
    await hands.decide("The manifest holds the values", "Open Manifest");
    const line = page.locator(".view-line").filter({ hasText: ".dockerconfigjson: " });
    const text = await eventually("the manifest is shown", async () => {
      const [, value] = /: (\S{100,})$/.exec((await line.innerText()).replaceAll("\u00a0", " ")) ?? [];
      return value;
    });
    const { auths } = JSON.parse(Buffer.from(text, "base64").toString()) as { auths: Record<string, object> };
    assert.deepEqual(auths, {
      "acme.example.com": authOf("anna", OTHER_PASSWORD),
      "beta.example.com:5000": authOf("bob", PASSWORD),
    });
    assert.match(await shownText(), /kind: Secret[^]*type: kubernetes\.io\/dockerconfigjson/);
    const leftOut = await window.notification("Not in it, since another one is for the same registry");
    assert.match(leftOut, /: DELTA$/);
    await window.screenshot("exchange-manifest");
  });
});

function triplet(prefix: string, server: string, user: string, password: string): string {
  const name = (part: string) => `${prefix}_CONTAINER_REGISTRY_${part}`;
  return `${name("SERVER")}=${server}\n${name("USER")}=${user}\n${name("PASSWORD")}="${password}"`;
}

function authOf(username: string, password: string): object {
  return { username, password, auth: Buffer.from(`${username}:${password}`).toString("base64") };
}
