import { strict as assert } from "node:assert";
import * as vscode from "vscode";
import { Redacted } from "../../src/domain/redacted";
import { parseRegistryHost } from "../../src/domain/registry/host";
import type { TestAccess } from "../../src/extension";
import { COMMANDS } from "../../src/vscode/commandIds";

const CANARY = "canary-of-the-diagnostics";

describe("the diagnostics in the extension host", () => {
  let access: TestAccess;

  before(async () => {
    const extension = vscode.extensions.getExtension<TestAccess>("registry-secrets.registry-secrets");
    assert.ok(extension);
    access = await extension.activate();
  });

  after(async () => {
    for (const { id } of await access.ports.secrets.list()) await access.ports.secrets.delete(id);
    await vscode.commands.executeCommand("workbench.action.closeAllEditors");
  });

  it("open as a document that says what there is, and holds no secret", async () => {
    await access.ports.secrets.create({
      name: "CANARY",
      scope: "user",
      host: parseRegistryHost("registry.example.com"),
      username: "alice",
      password: new Redacted(CANARY),
    });
    const text = await vscode.commands.executeCommand<string>(COMMANDS.collectDiagnostics);
    const { document } = vscode.window.activeTextEditor ?? assert.fail("the document is shown");
    assert.deepEqual([document.getText(), document.languageId, document.isUntitled], [text, "markdown", true]);
    for (const expected of [vscode.version, process.version, "user · registry.example.com · password", "config.json"])
      assert.ok(text.includes(expected), `${expected} is missing in\n${text}`);
    const base64 = Buffer.from(CANARY).toString("base64");
    assert.ok(!text.includes(CANARY) && !text.includes(base64.replace(/=+$/, "")), text);
  });
});
