import { strict as assert } from "node:assert";
import { join } from "node:path";
import * as vscode from "vscode";

// the first file by name: what the others use is loaded by then
describe("activation", () => {
  it("loads what it starts with, and neither libraries nor what only a command needs", async () => {
    const extension = vscode.extensions.getExtension("registry-secrets.registry-secrets");
    assert.ok(extension, "the extension is installed under its id");
    await extension.activate();
    const dist = join(extension.extensionPath, "dist/");
    const loaded = Object.keys(require.cache).flatMap((file) =>
      file.startsWith(dist) ? [file.slice(dist.length)] : [],
    );
    assert.ok(loaded.includes("extension.js"));
    // what looks for running environments may be there already: it begins by itself, after the start
    const later = /^(?:yaml|awsSdk|azureSdk|googleSdk|extension-(?:checks|diagnos|explain|import|export|policy))/;
    assert.deepEqual(
      loaded.filter((file) => later.test(file)),
      [],
    );
  });
});
