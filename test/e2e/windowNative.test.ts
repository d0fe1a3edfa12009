import { strict as assert } from "node:assert";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { awsError, HOSTS } from "../../scripts/testbed/clouds";
import { ROOT, temporaryFolder } from "../../scripts/testbed/folders";
import { runOrThrow } from "../../scripts/testbed/run";
import type { Window } from "../../scripts/testbed/vscodeHost/window";
import type { Hands } from "./support/hands";
import { signedInBySso, startCloudMachine, type CloudMachine } from "./support/cloudMachine";
import { suiteWindow } from "./support/suiteWindow";

const IMAGE = `${HOSTS.ecr}/acme/app:1`;

/** A person who is signed in to AWS by SSO, and to no other cloud: the form, the test, and the policy, in a real window. */
describe("the window: runner-native", function () {
  this.timeout(400_000);
  this.bail(true); // each step goes on from the one before
  const openWindow = suiteWindow("native");
  const folder = temporaryFolder("window-native");
  const workspace = join(folder, "app");
  const profile = join(folder, "profile");
  const vsix = join(folder, "registry-secrets.vsix");
  let machine: CloudMachine;
  let window: Window;
  let page: Page;
  let hands: Hands;

  before(async () => {
    mkdirSync(join(workspace, ".devcontainer"), { recursive: true });
    writeFileSync(join(workspace, ".devcontainer/devcontainer.json"), `{\n  "image": "${IMAGE}"\n}\n`);
    await runOrThrow("git", ["init", "-q", workspace]);
    machine = await startCloudMachine();
    const home = join(profile, "home");
    const person = signedInBySso(home, Date.now() + 3_600_000);
    const environment = Object.fromEntries(
      Object.entries({ ...machine.variables(home), ...person }).map(([name, value]) => [name, value ?? ""]),
    );
    await runOrThrow(process.execPath, [join(ROOT, "scripts/package.mjs"), vsix], { limit: 300_000 });
    ({ window, page, hands } = await openWindow({ vsix, folder: workspace, profile, environment }));
    await hands.openView();
  });

  after(async () => {
    await machine.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  beforeEach(() => machine.reset());
  const newSecret = async (registry: string) => {
    await window.runCommand("Registry Secrets: New Secret");
    await hands.choose("Container registry");
    await hands.choose("User");
    await hands.choose(registry);
  };

  it("New Secret says who would answer, fills in both fields, and tries it before it saves it", async () => {
    await newSecret(HOSTS.ecr);
    assert.match(await hands.answer("Name: identifier"), /^123456789012_DKR_ECR_EU_CENTRAL_1/);
    const offer = await hands.choice("runner-native").innerText();
    assert.match(
      offer,
      /profile dev via SSO, account 123456789012, arn:aws:sts::123456789012:assumed-role\/dev\/person/,
    );
    assert.match(offer, /Nothing is stored\. Environments are not logged in inside with it\./);
    await hands.choice("Username and password").waitFor();
    assert.equal(machine.clouds.asked.get("ecr"), undefined, "to know who it is, no token is asked for");
    await window.screenshot("form-native");

    await page.keyboard.press("Enter"); // it is the first choice; a click may meet the hover of the long row
    assert.equal(await hands.answer("Registry username"), "runner-native");
    assert.equal(await hands.answer("Registry password"), "runner-native");
    await window.notification(`is saved: it pulls ${IMAGE}`);
    assert.equal(machine.clouds.asked.get("ecr"), 1);
    assert.match(await hands.row("123456789012_DKR").innerText(), /runner-native/);
    await window.screenshot("native-saved");
  });

  it("Test Secret asks AWS anew, and names what stands in the way with the command that helps", async () => {
    machine.clouds.faults.sso = awsError("UnauthorizedException", "Session token not found or invalid", 401);
    await window.runCommand("Registry Secrets: Test Secret");
    await hands.choose("123456789012_DKR");
    await hands.report().getByText("aws sso login --profile dev", { exact: false }).first().waitFor();
    await window.screenshot("native-test-expired");
  });

  const others: [preset: string, prompt: string, value: string, host: string, why: RegExp][] = [
    [
      "Google Artifact Registry",
      "Region",
      "europe-west1",
      HOSTS.gar,
      /Nobody on this machine is signed in to Google Cloud/,
    ],
    ["Azure Container Registry", "Registry name", "acme", HOSTS.acr, /Nobody on this machine is signed in to Azure/],
  ];
  for (const [preset, prompt, value, host, why] of others) {
    it(`${preset}: it is offered, and why nobody would answer is said`, async () => {
      await newSecret(preset);
      await hands.answer(prompt, value);
      await hands.answer("Name: identifier");
      await page.getByPlaceholder(`Who logs in to ${host}?`).waitFor();
      assert.match(await hands.choice("runner-native").innerText(), why);
      assert.deepEqual([...machine.clouds.asked.keys()], [], "nobody else is asked either");
      await hands.dismiss();
    });
  }

  it("is not offered for a host that only looks like one, and refused there with the reason", async () => {
    await newSecret("Another registry");
    await hands.answer("Registry hostname", `${HOSTS.ecr}.example.com`);
    await hands.answer("Name: identifier");
    await hands.type("Registry username", "runner-native");
    await page
      .locator(".quick-input-message")
      .filter({ hasText: "runner-native exists for AWS ECR, Google" })
      .waitFor();
    await window.screenshot("form-native-refused");
    assert.equal(await hands.input().inputValue(), "runner-native", "the form has not gone on");
    await hands.dismiss();
    assert.ok(
      machine.asked.every((target) => !target.endsWith("amazonaws.com:443")),
      machine.asked.join(" "),
    );
  });

  it("Show Pull Policy opens what the identity needs, for the image of the workspace", async () => {
    await window.runCommand("Registry Secrets: Show Pull Policy…");
    assert.equal(await hands.answer("Role of the environment"), "arn:aws:sts::123456789012:assumed-role/dev/person");
    const editor = page.locator(".editor-instance .view-lines").first();
    await editor.filter({ hasText: "Who may pull from" }).waitFor();
    const text = (await editor.innerText()).replace(/\u00a0/g, " ");
    assert.match(text, /# Who may pull from 123456789012\.dkr\.ecr\.eu-central-1\.amazonaws\.com/);
    assert.match(text, /## IAM policy of the role dev/);
    assert.match(text, /"ecr:GetAuthorizationToken"/);
    await window.screenshot("policy");
  });
});
