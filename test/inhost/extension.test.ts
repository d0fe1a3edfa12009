import { strict as assert } from "node:assert";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as vscode from "vscode";
import type { Failure } from "../../src/domain/failure";
import { parseImageReference } from "../../src/domain/image/reference";
import { Redacted } from "../../src/domain/redacted";
import { parseRegistryHost } from "../../src/domain/registry/host";
import type { Finding } from "../../src/domain/diagnosis/finding";
import type { TestAccess } from "../../src/extension";
import { COMMANDS } from "../../src/vscode/commandIds";
import { startBrokenRegistry } from "../../scripts/testbed/brokenRegistry";
import { startMappingProxy } from "../../scripts/testbed/forwardProxy";

const ID = "registry-secrets.registry-secrets";

describe("in the extension host", () => {
  let access: TestAccess;

  before(async () => {
    const extension = vscode.extensions.getExtension<TestAccess>(ID);
    assert.ok(extension, "the extension is installed under its id");
    access = await extension.activate();
  });

  const create = (name: string, host: string, scope: "user" | "project" = "user", project?: string) =>
    access.ports.secrets.create({
      name,
      scope,
      ...(project === undefined ? {} : { project }),
      host: parseRegistryHost(host),
      username: "alice",
      password: new Redacted("in-host-password"),
    });

  afterEach(async () => {
    for (const { id } of await access.ports.secrets.list()) await access.ports.secrets.delete(id);
  });

  it("registers every command of the manifest", async () => {
    const registered = await vscode.commands.getCommands(true);
    for (const command of Object.values(COMMANDS)) assert.ok(registered.includes(command), command);
  });

  it("keeps a secret in VS Code's own storage, one key a secret", async () => {
    const made = await create("GHCR", "ghcr.io");
    await create("HUB", "docker.io");
    const [ghcr, hub] = await access.ports.secrets.list();
    assert.deepEqual([ghcr?.name, hub?.name], ["GHCR", "HUB"]);
    assert.equal(hub?.host.key, "https://index.docker.io/v1/");
    assert.equal(ghcr?.id, made.id);
    assert.ok(ghcr.credential.kind === "password" && ghcr.credential.password.reveal() === "in-host-password");
    const { unreadable } = await access.ports.store.list();
    assert.deepEqual(unreadable, []);
  });

  it("tells about each change, so that views and deliveries follow", async () => {
    const changed = new Promise<void>((resolve) => {
      const stop = access.ports.store.onDidChange(() => {
        stop();
        resolve();
      });
    });
    await create("GHCR", "ghcr.io");
    await changed;
  });

  it("two stores that write at once lose nothing", async () => {
    await Promise.all(
      ["ONE", "TWO", "THREE", "FOUR"].map((name, index) => create(name, `registry${index}.example.com`)),
    );
    const names = (await access.ports.secrets.list()).map(({ name }) => name);
    assert.deepEqual(names, ["FOUR", "ONE", "THREE", "TWO"]);
  });

  it("refuses a taken name and a taken host, and keeps what is there", async () => {
    await create("GHCR", "ghcr.io");
    // the tests are a bundle of their own, with a class Failure of their own
    const code = (error: unknown) => (error as Failure).code;
    assert.equal(await create("GHCR", "quay.io").then(() => "created", code), "secret-name-taken");
    assert.equal(await create("GHCR_TWO", "https://GHCR.io/acme").then(() => "created", code), "secret-host-taken");
    await create("GHCR", "ghcr.io", "project", "github.com/acme/app");
    assert.equal((await access.ports.secrets.list()).length, 2);
  });

  it("goes through the proxy of VS Code's settings as they are when a request is made", async () => {
    const settings = vscode.workspace.getConfiguration("http");
    const proxies = [await startMappingProxy(() => undefined), await startMappingProxy(() => undefined)];
    const prober = access.ports.prober([]);
    try {
      for (const [index, { port }] of proxies.entries()) {
        await settings.update("proxy", `http://127.0.0.1:${port}`, vscode.ConfigurationTarget.Global);
        const { anonymous } = await prober.probe(parseImageReference(`registry-${index}.test/acme/app:1`), undefined);
        assert.ok(anonymous.kind === "unreachable" && anonymous.reason === "proxy", JSON.stringify(anonymous));
        assert.match(anonymous.detail, new RegExp(`http://127\\.0\\.0\\.1:${port} answered 502`));
      }
      assert.deepEqual(
        proxies.map(({ asked }) => asked),
        [["registry-0.test:443"], ["registry-1.test:443"]],
      );
    } finally {
      await settings.update("proxy", undefined, vscode.ConfigurationTarget.Global);
      for (const proxy of proxies) await proxy.stop();
    }
  });

  it("diagnoses the images of the open folder", async () => {
    const folder = vscode.workspace.workspaceFolders?.[0]?.uri.fsPath;
    assert.ok(folder);
    const registry = await startBrokenRegistry("html");
    try {
      mkdirSync(join(folder, ".devcontainer"), { recursive: true });
      writeFileSync(
        join(folder, ".devcontainer/devcontainer.json"),
        `{ /* with a comment */ "image": "${registry.address}/acme/app:1", }`,
      );
      const findings = await vscode.commands.executeCommand<Finding[]>(COMMANDS.diagnose);
      assert.deepEqual(
        findings.map(({ code, image }) => [code, image]),
        [["not-a-registry", `${registry.address}/acme/app:1`]],
      );
    } finally {
      await registry.stop();
    }
  });
});
