import { strict as assert } from "node:assert";
import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import * as vscode from "vscode";
import { listen } from "../../scripts/testbed/loopback";
import type { Finding } from "../../src/domain/diagnosis/finding";
import { Redacted } from "../../src/domain/redacted";
import { parseRegistryHost } from "../../src/domain/registry/host";
import type { TestAccess } from "../../src/extension";
import { COMMANDS, SETTINGS } from "../../src/vscode/commandIds";

/** A registry with Basic authentication, one public repository and one private one; it notes every request. */
async function startCountingRegistry() {
  const requests: string[] = [];
  const secret = `Basic ${Buffer.from("alice:in-host-password").toString("base64")}`;
  const server = createServer(({ method = "", url = "", headers }, response) => {
    requests.push(`${method} ${url}`);
    const { status, body, more = {} } = answerTo(url, headers.authorization === secret);
    response.writeHead(status, { "Content-Type": "application/json", ...more }).end(JSON.stringify(body));
  });
  const { port, stop } = await listen(server);
  return { address: `localhost:${port}`, requests, stop };
}

function answerTo(url: string, loggedIn: boolean): { status: number; body: unknown; more?: Record<string, string> } {
  if (url.startsWith("/v2/acme/private/") && !loggedIn) {
    const errors = [{ code: "UNAUTHORIZED", message: "authentication required" }];
    return { status: 401, body: { errors }, more: { "WWW-Authenticate": 'Basic realm="testbed"' } };
  }
  if (url.includes("/tags/list")) return { status: 200, body: { name: "acme/public", tags: ["1.2", "1.3", "edge"] } };
  if (!url.includes("/manifests/")) return { status: 200, body: {} };
  if (!/\/manifests\/1(\.\d)?$/.test(url)) {
    return { status: 404, body: { errors: [{ code: "MANIFEST_UNKNOWN", message: "manifest unknown" }] } };
  }
  const mediaType = "application/vnd.oci.image.index.v1+json";
  const manifests = ["amd64", "arm64"].map((architecture) => ({ platform: { os: "linux", architecture } }));
  return { status: 200, body: { schemaVersion: 2, mediaType, manifests }, more: { "Content-Type": mediaType } };
}

describe("marks in documents", () => {
  let access: TestAccess;
  let folder: string;
  let registry: Awaited<ReturnType<typeof startCountingRegistry>>;

  const settings = () => vscode.workspace.getConfiguration("registrySecrets");
  const path = (name: string) => join(folder, name);
  const uri = (name: string) => vscode.Uri.file(path(name));
  const write = (name: string, text: string) => writeFileSync(path(name), text);
  const open = async (name: string) => {
    const document = await vscode.workspace.openTextDocument(uri(name));
    const editor = await vscode.window.showTextDocument(document);
    await until(() => document.getText() === readFileSync(path(name), "utf8"));
    return { document, editor };
  };
  const diagnostics = (name: string) =>
    vscode.languages.getDiagnostics(uri(name)).filter(({ source }) => source === "registry-secrets");
  const lenses = async (name: string) => {
    const found = await vscode.commands.executeCommand<vscode.CodeLens[]>(
      "vscode.executeCodeLensProvider",
      uri(name),
      99,
    );
    const own = found.filter(({ command }) => command?.command.startsWith("registrySecrets.") === true);
    return own.sort((a, b) => a.range.start.compareTo(b.range.start));
  };
  const click = async (lens: vscode.CodeLens | undefined) => {
    assert.ok(lens?.command, "there is a lens to click");
    const args = (lens.command.arguments ?? []) as unknown[];
    return await vscode.commands.executeCommand(lens.command.command, ...args);
  };
  /** Waits for what follows from an event of the file system: asks again until it is so, for at most ten seconds. */
  const until = async (holds: () => Promise<boolean> | boolean) => {
    for (const end = Date.now() + 10_000; Date.now() < end;) {
      if (await holds()) return;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    throw new Error("it did not happen within ten seconds");
  };
  const check = async (name: string) => {
    await until(async () => (await lenses(name)).length > 0);
    for (const lens of await lenses(name)) if (lens.command?.title === "Check pull") await click(lens);
  };
  const fixes = async (name: string, range: vscode.Range) => {
    const found = await vscode.commands.executeCommand<vscode.CodeAction[]>(
      "vscode.executeCodeActionProvider",
      uri(name),
      range,
    );
    return found.filter(({ kind }) => kind?.contains(vscode.CodeActionKind.QuickFix) === true);
  };
  const secret = () =>
    access.ports.secrets.create({
      name: "TESTBED",
      scope: "user",
      host: parseRegistryHost(registry.address),
      username: "alice",
      password: new Redacted("in-host-password"),
    });

  before(async () => {
    const extension = vscode.extensions.getExtension<TestAccess>("registry-secrets.registry-secrets");
    assert.ok(extension);
    access = await extension.activate();
    const root = vscode.workspace.workspaceFolders?.[0]?.uri.fsPath;
    assert.ok(root);
    folder = root;
    mkdirSync(path(".devcontainer"), { recursive: true });
    registry = await startCountingRegistry();
  });

  beforeEach(() => {
    write(
      ".devcontainer/devcontainer.json",
      `{\n  // as the team has it\n  "image": "${registry.address}/acme/private:1",\n  "name": "app"\n}\n`,
    );
  });

  afterEach(async () => {
    await settings().update(SETTINGS.automatically, undefined, vscode.ConfigurationTarget.Global);
    await vscode.commands.executeCommand("workbench.action.revertAndCloseActiveEditor");
    await vscode.commands.executeCommand("workbench.action.closeAllEditors");
    for (const { id } of await access.ports.secrets.list()) await access.ports.secrets.delete(id);
    registry.requests.length = 0;
  });

  after(async () => {
    rmSync(path(".devcontainer"), { recursive: true, force: true });
    await registry.stop();
  });

  const CONFIG = ".devcontainer/devcontainer.json";

  it("ask nobody when a file is opened, looked at, typed in and saved", async () => {
    const { document, editor } = await open(CONFIG);
    const [lens] = await lenses(CONFIG);
    assert.equal(lens?.command?.title, "Check pull");
    const image = new vscode.Position(2, 20);
    await vscode.commands.executeCommand("vscode.executeHoverProvider", document.uri, image);
    await fixes(CONFIG, new vscode.Range(image, image));
    await editor.edit((edit) => edit.insert(new vscode.Position(2, 12), "x"));
    await lenses(CONFIG);
    await editor.edit((edit) => edit.delete(new vscode.Range(2, 12, 2, 13)));
    await document.save();
    await lenses(CONFIG);
    assert.deepEqual(registry.requests, []);
    assert.deepEqual(diagnostics(CONFIG), []);
  });

  it("have a squiggle on exactly the reference, with a code that leads to its page", async () => {
    const { document } = await open(CONFIG);
    await check(CONFIG);
    assert.ok(registry.requests.length > 0);
    const [diagnostic, ...others] = diagnostics(CONFIG);
    assert.ok(diagnostic);
    assert.deepEqual(others, []);
    assert.equal(document.getText(diagnostic.range), `${registry.address}/acme/private:1`);
    assert.equal(diagnostic.severity, vscode.DiagnosticSeverity.Error);
    assert.match(diagnostic.message, /is private, and there is no credential/);
    assert.ok(typeof diagnostic.code === "object");
    assert.equal(diagnostic.code.value, "no-credential");
    assert.match(diagnostic.code.target.path, /\/docs\/findings\/no-credential\.md$/);
    await vscode.workspace.fs.stat(diagnostic.code.target);
  });

  it("have a lens above the reference that says what is known, and quick fixes", async () => {
    await open(CONFIG);
    await check(CONFIG);
    const known = await lenses(CONFIG);
    assert.deepEqual(
      known.map(({ range, command }) => [range.start.line, command?.title]),
      [
        [2, `$(error)\u00a0${registry.address} · no secret · private`],
        [2, "New Secret"],
        [2, "Check again"],
      ],
    );
    const [diagnostic] = diagnostics(CONFIG);
    assert.ok(diagnostic);
    const offered = await fixes(CONFIG, diagnostic.range);
    assert.deepEqual(
      offered.map(({ title, isPreferred }) => [title, isPreferred]),
      [[`Add a registry secret for ${registry.address}…`, true]],
    );
    assert.deepEqual(await fixes(CONFIG, new vscode.Range(0, 0, 0, 1)), []);
  });

  it("have a hover with the evidence, in which only our own commands are links", async () => {
    const { document } = await open(CONFIG);
    await check(CONFIG);
    const hovers = await vscode.commands.executeCommand<vscode.Hover[]>(
      "vscode.executeHoverProvider",
      document.uri,
      new vscode.Position(2, 20),
    );
    const [text] = hovers
      .flatMap(({ contents }) => contents as vscode.MarkdownString[])
      .filter(({ value }) => value.includes("→"));
    assert.ok(text);
    assert.match(text.value, /manifests\/1 .*→ 401/);
    assert.ok(typeof text.isTrusted === "object");
    for (const command of text.isTrusted.enabledCommands) assert.ok(Object.values<string>(COMMANDS).includes(command));
    const links = [...text.value.matchAll(/\(command:([\w.]+)\?/g)].map(([, command]) => command ?? "");
    assert.ok(links.length >= 4);
    for (const link of links) assert.ok(text.isTrusted.enabledCommands.includes(link), link);
  });

  it("vanish with the first change of the text, wherever it is", async () => {
    const { editor } = await open(CONFIG);
    await check(CONFIG);
    const [{ range } = { range: new vscode.Range(2, 0, 2, 40) }] = diagnostics(CONFIG);
    await editor.edit((edit) => edit.insert(new vscode.Position(1, 2), " "));
    assert.deepEqual(diagnostics(CONFIG), []);
    assert.deepEqual(await fixes(CONFIG, range), []);
    assert.deepEqual(
      (await lenses(CONFIG)).map(({ command }) => command?.title),
      ["Check pull"],
    );
  });

  it("vanish when a file changes on the disk", async () => {
    await vscode.commands.executeCommand(COMMANDS.diagnose);
    assert.equal(diagnostics(CONFIG).length, 1);
    write(CONFIG, '{ "image": "debian:12" }');
    await until(() => diagnostics(CONFIG).length === 0);
  });

  it("are offered in a folder that comes whole, as with another branch", async () => {
    await open(CONFIG);
    await until(async () => (await lenses(CONFIG)).length > 0);
    const moved = ".devcontainer/moved/devcontainer.json";
    const elsewhere = mkdtempSync(`${folder}-`);
    writeFileSync(join(elsewhere, "devcontainer.json"), `{ "image": "${registry.address}/acme/private:1" }\n`);
    renameSync(elsewhere, join(folder, ".devcontainer/moved"));
    await open(moved);
    await until(async () => (await lenses(moved)).length === 1);
    rmSync(join(folder, ".devcontainer/moved"), { recursive: true });
  });

  it("do not outlive a secret that changes what they say", async () => {
    await open(CONFIG);
    await check(CONFIG);
    assert.equal(diagnostics(CONFIG).length, 1);
    await secret();
    await until(() => diagnostics(CONFIG).length === 0);
    await check(CONFIG);
    assert.deepEqual(diagnostics(CONFIG), []);
    const [ok] = await lenses(CONFIG);
    assert.equal(ok?.command?.title, `$(pass)\u00a0${registry.address} · as alice · pull ok · just now`);
  });

  it("offer the tags that exist, and write the chosen one", async () => {
    write(".devcontainer/Dockerfile", `ARG NONE\nFROM ${registry.address}/acme/public:1.x AS base\nFROM base\n`);
    write(CONFIG, '{ "build": { "dockerfile": "Dockerfile" } }');
    const DOCKERFILE = ".devcontainer/Dockerfile";
    const { document } = await open(DOCKERFILE);
    await check(DOCKERFILE);
    const [diagnostic] = diagnostics(DOCKERFILE);
    assert.ok(diagnostic);
    assert.equal(document.getText(diagnostic.range), `${registry.address}/acme/public:1.x`);
    const offered = await fixes(DOCKERFILE, diagnostic.range);
    assert.deepEqual(offered.map(({ title }) => title).slice(0, 2), ['Use the tag "1.2"', 'Use the tag "1.3"']);
    assert.ok(offered[0]?.edit);
    assert.ok(await vscode.workspace.applyEdit(offered[0].edit));
    assert.equal(document.lineAt(1).text, `FROM ${registry.address}/acme/public:1.2 AS base`);
    assert.deepEqual(diagnostics(DOCKERFILE), []);
  });

  it("stand in every file of the configuration, and a check of one reference asks for that one alone", async () => {
    write(
      "compose.yml",
      `services:\n  app:\n    image: "${registry.address}/acme/public:1"\n  db:\n    image: ${registry.address}/acme/private:1\n`,
    );
    write(CONFIG, '{ "dockerComposeFile": "../compose.yml", "service": "app" }');
    const { document } = await open("compose.yml");
    await until(async () => (await lenses("compose.yml")).length === 2);
    const [first] = await lenses("compose.yml");
    await click(first);
    assert.ok(registry.requests.length > 0);
    assert.ok(
      registry.requests.every((request) => !request.includes("acme/private")),
      registry.requests.join("\n"),
    );
    const findings = await vscode.commands.executeCommand<Finding[]>(COMMANDS.diagnose, document.uri);
    assert.deepEqual(findings.map(({ code }) => code).sort(), ["fine", "no-credential"]);
    const [diagnostic] = diagnostics("compose.yml");
    assert.ok(diagnostic);
    assert.equal(document.getText(diagnostic.range), `${registry.address}/acme/private:1`);
    rmSync(path("compose.yml"));
  });

  it("are made for what is shown, saved or not", async () => {
    const { document, editor } = await open(CONFIG);
    const image = document.getText().indexOf("private");
    await editor.edit((edit) =>
      edit.replace(new vscode.Range(document.positionAt(image), document.positionAt(image + 7)), "public"),
    );
    await check(CONFIG);
    const [lens] = await lenses(CONFIG);
    assert.match(lens?.command?.title ?? "", /anonymous · pull ok/);
  });

  it("come by themselves when a file is opened or saved, if the setting says so, and not while typing", async () => {
    await settings().update(SETTINGS.automatically, "onOpen", vscode.ConfigurationTarget.Global);
    const { document, editor } = await open(CONFIG);
    await until(() => diagnostics(CONFIG).length === 1);
    const before = registry.requests.length;
    assert.ok(before > 0);
    await editor.edit((edit) => edit.insert(new vscode.Position(1, 2), " "));
    await lenses(CONFIG);
    assert.equal(registry.requests.length, before);
    assert.deepEqual(diagnostics(CONFIG), []);
    await document.save();
    await until(() => diagnostics(CONFIG).length === 1);
    assert.ok(registry.requests.length > before);
  });

  it("a fix whose mark has gone does nothing", async () => {
    const argument = { file: path(CONFIG), start: 40, fix: "Add a registry secret for ghcr.io…" };
    assert.equal(await vscode.commands.executeCommand(COMMANDS.applyFix, argument), undefined);
    assert.equal(await vscode.commands.executeCommand(COMMANDS.applyFix, "nonsense"), undefined);
    assert.equal(await vscode.commands.executeCommand(COMMANDS.showPage, "../../../etc/passwd"), undefined);
  });
});

describe("a text explained", () => {
  it("names the cause of what is selected, and asks nobody about images that are not in the workspace", async () => {
    const text =
      'Error response from daemon: Head "https://ghcr.io/v2/acme/base/manifests/1": unauthorized\nsecond line\n';
    const document = await vscode.workspace.openTextDocument({ content: text });
    const editor = await vscode.window.showTextDocument(document);
    await vscode.env.clipboard.writeText("one-word-that-may-be-a-password");
    editor.selection = new vscode.Selection(0, 0, 1, 0);
    const findings = await vscode.commands.executeCommand<Finding[]>(COMMANDS.explain);
    assert.deepEqual(
      findings.map(({ code, registry }) => [code, registry]),
      [["no-credential", "ghcr.io"]],
    );
    await vscode.commands.executeCommand("workbench.action.revertAndCloseActiveEditor");
    await vscode.commands.executeCommand("workbench.action.closeAllEditors");
  });
});
