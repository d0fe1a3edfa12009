import { strict as assert } from "node:assert";
import { generateKeyPairSync } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as vscode from "vscode";
import { startMappingProxy } from "../../scripts/testbed/forwardProxy";
import { parseRegistryHost } from "../../src/domain/registry/host";
import type { NativeLogins } from "../../src/domain/secret/nativeLogins";
import type { RegistrySecret } from "../../src/domain/secret/secret";
import type { TestAccess } from "../../src/extension";

const ID = "registry-secrets.registry-secrets";

/** A runner-native secret that is saved nowhere. */
function native(host: string): RegistrySecret {
  const more = { credential: { kind: "runner-native" }, createdAt: 0, updatedAt: 0 } as const;
  return { id: host, name: "NATIVE", scope: "user", host: parseRegistryHost(host), ...more };
}

describe("the clouds, asked from the extension host", () => {
  const settings = vscode.workspace.getConfiguration("http");
  const folder = mkdtempSync(join(tmpdir(), "clouds-"));
  const person: Record<string, string> = {
    AWS_ACCESS_KEY_ID: "AKIAIOSFODNN7EXAMPLE",
    AWS_SECRET_ACCESS_KEY: "not-a-secret-aws-key",
    GOOGLE_APPLICATION_CREDENTIALS: join(folder, "google.json"),
    AZURE_TENANT_ID: "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee",
    AZURE_CLIENT_ID: "app",
    AZURE_CLIENT_SECRET: "not-a-secret-of-azure",
  };
  const environment = { ...process.env };
  let logins: NativeLogins;
  let proxy: Awaited<ReturnType<typeof startMappingProxy>>;

  before(async () => {
    const extension = vscode.extensions.getExtension<TestAccess>(ID);
    assert.ok(extension);
    ({ logins } = (await extension.activate()).ports);
    const { privateKey } = generateKeyPairSync("rsa", {
      modulusLength: 2048,
      privateKeyEncoding: { type: "pkcs8", format: "pem" },
      publicKeyEncoding: { type: "spki", format: "pem" },
    });
    const account = { type: "service_account", client_email: "p@my.iam.gserviceaccount.com", private_key: privateKey };
    writeFileSync(join(folder, "google.json"), JSON.stringify(account));
    Object.assign(process.env, person); // which the clouds' libraries read
    proxy = await startMappingProxy(() => undefined);
    await settings.update("proxy", `http://127.0.0.1:${proxy.port}`, vscode.ConfigurationTarget.Global);
  });
  after(async () => {
    await settings.update("proxy", undefined, vscode.ConfigurationTarget.Global);
    await proxy.stop();
    for (const name of Object.keys(person)) Reflect.deleteProperty(process.env, name);
    Object.assign(process.env, environment);
    rmSync(folder, { recursive: true, force: true });
  });
  beforeEach(() => void (proxy.asked.length = 0));

  const cases: [cloud: string, target: string, ask: () => Promise<{ kind: string } | undefined>][] = [
    [
      "AWS",
      "api.ecr.eu-central-1.amazonaws.com:443",
      () => logins.loginOf(native("123456789012.dkr.ecr.eu-central-1.amazonaws.com")),
    ],
    ["Google", "oauth2.googleapis.com:443", () => logins.loginOf(native("europe-docker.pkg.dev"))],
    ["Azure", "login.microsoftonline.com:443", () => logins.whoAnswers(parseRegistryHost("acme.azurecr.io"))],
  ];
  for (const [cloud, target, ask] of cases) {
    it(`${cloud} is asked through the proxy of VS Code's settings`, async () => {
      const answer = await ask();
      assert.equal(answer?.kind, "broken", JSON.stringify(answer));
      assert.match(JSON.stringify(answer), /unreachable/);
      assert.deepEqual([...new Set(proxy.asked)], [target]);
    });
  }
});
