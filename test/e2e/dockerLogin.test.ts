import { strict as assert } from "node:assert";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { dockerLogin } from "../../src/adapters/docker/login";
import { run } from "../../src/adapters/process/run";

const base64 = (text: string): string => Buffer.from(text).toString("base64");
const AUTH = { auth: base64("file:in-file") };
const NONE = "echo 'credentials not found in native keychain'; exit 1";
const ONE = `echo '{"ServerURL":"x","Username":"helped","Secret":"by-helper"}'`;
const EMPTY = `echo '{"ServerURL":"x","Username":"","Secret":""}'`;

/** A registry on loopback that wants a login, takes none, and notes what it was given. */
async function registry() {
  const seen: string[] = [];
  const server = createServer(({ headers }, response) => {
    const { authorization } = headers;
    if (authorization !== undefined) {
      seen.push(Buffer.from(authorization.replace("Basic ", ""), "base64").toString());
    }
    response.writeHead(401, { "www-authenticate": 'Basic realm="test"', "content-type": "application/json" });
    response.end('{"errors":[{"code":"UNAUTHORIZED","message":"no"}]}');
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const stop = () => {
    server.close();
    server.closeAllConnections();
  };
  return { host: `127.0.0.1:${(server.address() as AddressInfo).port}`, seen, stop };
}

describe("what docker itself sends, and what we say that it sends", () => {
  let folder = "";
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "login-"))));
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  // one bad entry among good ones is not here: which of them survives differs between clients, and by chance
  const cases: [
    what: string,
    config: (host: string) => object | string,
    helpers: Record<string, string>,
    sent: string | undefined,
  ][] = [
    ["auths", (host) => ({ auths: { [host]: AUTH } }), {}, "file:in-file"],
    ["a key with scheme and path", (host) => ({ auths: { [`https://${host}/v2/`]: AUTH } }), {}, "file:in-file"],
    ["another port", () => ({ auths: { "127.0.0.1:1": AUTH } }), {}, undefined],
    [
      "credHelpers before auths",
      (host) => ({ auths: { [host]: AUTH }, credHelpers: { [host]: "one" } }),
      { one: ONE },
      "helped:by-helper",
    ],
    ["credHelpers with a scheme", (host) => ({ credHelpers: { [`https://${host}`]: "one" } }), { one: ONE }, undefined],
    [
      "a store that knows nothing hides auths",
      (host) => ({ auths: { [host]: AUTH }, credsStore: "none" }),
      { none: NONE },
      undefined,
    ],
    [
      "a store that is missing does not",
      (host) => ({ auths: { [host]: AUTH }, credsStore: "is-not-there" }),
      {},
      "file:in-file",
    ],
    ["a store that is missing, and no auths", () => ({ credsStore: "is-not-there" }), {}, undefined],
    [
      "a store that fails",
      (host) => ({ auths: { [host]: AUTH }, credsStore: "bad" }),
      { bad: "echo no; exit 255" },
      "file:in-file",
    ],
    [
      "a store that answers no JSON",
      (host) => ({ auths: { [host]: AUTH }, credsStore: "bad" }),
      { bad: "echo no" },
      "file:in-file",
    ],
    [
      "a store that answers with empty fields",
      (host) => ({ auths: { [host]: AUTH }, credsStore: "empty" }),
      { empty: EMPTY },
      undefined,
    ],
    ["the platform's own store", () => ({}), { secretservice: ONE, pass: ONE }, "helped:by-helper"],
    [
      "the platform's own store, beside a broken file",
      () => "{",
      { secretservice: ONE, pass: ONE },
      "helped:by-helper",
    ],
    ["a comment in the file", (host) => `{ // x\n"auths": {"${host}": {"auth": "${AUTH.auth}"}}}`, {}, undefined],
    ["a byte order mark", (host) => `\uFEFF{"auths": {"${host}": {"auth": "${AUTH.auth}"}}}`, {}, undefined],
  ];
  for (const [what, config, helpers, sent] of cases) {
    it(`${what}: ${sent ?? "nothing"}`, async () => {
      const { host, seen, stop } = await registry();
      try {
        mkdirSync(join(folder, "bin"));
        for (const [name, script] of Object.entries(helpers)) {
          writeFileSync(join(folder, "bin", `docker-credential-${name}`), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
        }
        const written = config(host);
        writeFileSync(join(folder, "config.json"), typeof written === "string" ? written : JSON.stringify(written));
        const env = {
          ...process.env,
          PATH: `${join(folder, "bin")}${delimiter}${process.env["PATH"] ?? ""}`,
          DOCKER_CONFIG: folder,
        };
        await run({ command: "docker", args: ["pull", `${host}/a/b:1`], env, timeoutMs: 60_000 });
        assert.deepEqual([...new Set(seen)], sent === undefined ? [] : [sent]);
        const { login } = await dockerLogin(env)(host);
        assert.equal(login && "password" in login ? `${login.username}:${login.password.reveal()}` : undefined, sent);
      } finally {
        stop();
      }
    });
  }
});
