import { strict as assert } from "node:assert";
import { existsSync, mkdirSync, readFileSync, writeFileSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { credentialStore, type StoreAnswer } from "../../../src/adapters/docker/credentialStore";
import { helperRunner, type RunHelper } from "../../../src/adapters/docker/helper";
import { Failure } from "../../../src/domain/failure";
import { base64, Redacted } from "../../../src/domain/redacted";
import { DOCKER_HUB_KEY } from "../../../src/domain/registry/host";
import { failureWith } from "../../fakes/failures";
import { temporaryFolder } from "../../fakes/temporaryFolder";

const NOT_FOUND = "credentials not found in native keychain\n";
const OWN = new Map([
  ["ghcr.io", { username: "octocat", password: new Redacted("own-value") }],
  [DOCKER_HUB_KEY, { username: "whale", password: new Redacted("hub-value") }],
]);

/** A helper that knows these servers; "!" in front of its name in the config makes it fail. */
const helpers: RunHelper = (name, action, input) => {
  if (name === "broken")
    return Promise.reject(new Failure("helper-missing", "docker-credential-broken is not on PATH."));
  if (name === "failing") return Promise.resolve({ stdout: "boom", exitCode: 1 });
  if (action === "list") return Promise.resolve({ stdout: '{"quay.io":"listed","ghcr.io":"hidden"}', exitCode: 0 });
  if (action !== "get") return Promise.resolve({ stdout: `${name} ${action} ${input}`, exitCode: 0 });
  const answer =
    input === "token.example.com"
      ? { Username: "<token>", Secret: "identity" }
      : { Username: `${name}-user`, Secret: `${name}-value` };
  return input === "unknown.example.com"
    ? Promise.resolve({ stdout: NOT_FOUND, exitCode: 1 })
    : Promise.resolve({ stdout: JSON.stringify({ ServerURL: input, ...answer }), exitCode: 0 });
};

const auth = (user: string, value: string) => ({ auth: base64(`${user}:${value}`) });

describe("the store of one run", () => {
  const folder = temporaryFolder();
  const path = () => join(folder(), "config.json");

  /** Asks the store with this original config (a text, a value, or none at all). */
  async function ask(action: string, input: string, original?: unknown, runHelper = helpers): Promise<StoreAnswer> {
    if (original !== undefined)
      writeFileSync(path(), typeof original === "string" ? original : JSON.stringify(original));
    return await credentialStore(OWN, { DOCKER_CONFIG: folder() }, runHelper).answer(action, input);
  }

  /** `user value` of an answer to `get`, or what it printed. */
  async function got(server: string, original?: unknown): Promise<string> {
    const { stdout, exitCode } = await ask("get", server, original);
    if (exitCode !== 0) return stdout;
    const { ServerURL, Username, Secret } = JSON.parse(stdout) as Record<string, string>;
    assert.equal(ServerURL, server.trim());
    return `${Username} ${Secret}`;
  }

  const gets: [what: string, server: string, original: unknown, want: string][] = [
    ["a host of the run", "ghcr.io", undefined, "octocat own-value"],
    ["with the line end that docker sends", "ghcr.io\n", undefined, "octocat own-value"],
    ["in another spelling", "https://ghcr.io", undefined, "octocat own-value"],
    ["Docker Hub by its key", DOCKER_HUB_KEY, undefined, "whale hub-value"],
    ["Docker Hub by its name", "docker.io", undefined, "whale hub-value"],
    [
      "a host of the run beats the original's auths",
      "ghcr.io",
      { auths: { "ghcr.io": auth("old", "old") } },
      "octocat own-value",
    ],
    [
      "a host of the run beats the original's helper",
      "ghcr.io",
      { credHelpers: { "ghcr.io": "other" } },
      "octocat own-value",
    ],
    ["a host of the run beats a broken store", "ghcr.io", { credsStore: "broken" }, "octocat own-value"],
    ["a host of the run beats a broken file", "ghcr.io", "{ broken", "octocat own-value"],
    ["another host without any config", "quay.io", undefined, NOT_FOUND],
    ["another host of the original's auths", "quay.io", { auths: { "quay.io": auth("me", "p:w") } }, "me p:w"],
    ["one whose key there is a URL", "quay.io", { auths: { "https://quay.io/v1/": auth("me", "pw") } }, "me pw"],
    [
      "another host of the original's helpers",
      "quay.io",
      { credHelpers: { "quay.io": "other" }, credsStore: "all" },
      "other-user other-value",
    ],
    [
      "another host of the original's store",
      "quay.io",
      { credsStore: "all", auths: { "quay.io": auth("plain", "p") } },
      "all-user all-value",
    ],
    ["one that the original's store does not know", "unknown.example.com", { credsStore: "all" }, NOT_FOUND],
    ["an identity token of the original", "quay.io", { auths: { "quay.io": { identitytoken: "it" } } }, "<token> it"],
    ["an identity token of a helper", "token.example.com", { credsStore: "all" }, "<token> identity"],
    ["a broken store counts as empty", "quay.io", { credsStore: "broken" }, NOT_FOUND],
    ["a failing helper counts as empty", "quay.io", { credHelpers: { "quay.io": "failing" } }, NOT_FOUND],
    ["a file that is no JSON counts as empty", "quay.io", "// a comment\n{}", NOT_FOUND],
    ["another port is another host", "ghcr.io:8443", undefined, NOT_FOUND],
    ["a host that only ends alike", "evil-ghcr.io", undefined, NOT_FOUND],
    ["what is no host", "$(id)", undefined, NOT_FOUND],
  ];
  for (const [what, server, original, want] of gets) {
    it(`get: ${what}`, async () => assert.equal(await got(server, original), want));
  }

  const lists: [what: string, original: unknown, want: Record<string, string>][] = [
    ["only its own", undefined, {}],
    [
      "with the original's auths",
      { auths: { "a.io": auth("a", "x"), "ghcr.io": auth("old", "x"), "empty.io": {} } },
      { "a.io": "a" },
    ],
    ["with the original's store, which hides no host of the run", { credsStore: "all" }, { "quay.io": "listed" }],
    [
      "with the original's helpers, asked for each",
      {
        credHelpers: { "b.io": "other", "unknown.example.com": "other" },
        auths: { "unknown.example.com": auth("u", "x") },
      },
      { "b.io": "other-user" },
    ],
    ["a broken store counts as empty", { credsStore: "broken", auths: { "a.io": auth("a", "x") } }, { "a.io": "a" }],
    ["a failing store, too", { credsStore: "failing" }, {}],
    ["a broken file, too", "{", {}],
  ];
  for (const [what, original, want] of lists) {
    it(`list: ${what}`, async () => {
      const { stdout, exitCode } = await ask("list", "", original);
      assert.equal(exitCode, 0);
      assert.deepEqual(JSON.parse(stdout), { ...want, "ghcr.io": "octocat", [DOCKER_HUB_KEY]: "whale" });
      assert.ok(!stdout.includes("value"));
    });
  }

  const TABS = '{\n\t"auths": {\n\t\t"a.io": {\n\t\t\t"auth": "YTpi"\n\t\t}\n\t},\n\t"HttpHeaders": {"X": "1"}\n}\n';
  const login = (server: string, user = "me", value = "pw") =>
    JSON.stringify({ ServerURL: server, Username: user, Secret: value });

  it("store: adds the one entry to the original, and keeps every other byte", async () => {
    assert.deepEqual(await ask("store", login("b.io"), TABS), { stdout: "", exitCode: 0 });
    const text = readFileSync(path(), "utf8");
    assert.equal(
      text,
      TABS.replace('"YTpi"\n\t\t}', `"YTpi"\n\t\t},\n\t\t"b.io": {\n\t\t\t"auth": "${base64("me:pw")}"\n\t\t}`),
    );
  });

  it("store, then erase: the file is what it was", async () => {
    await ask("store", login("b.io"), TABS);
    await ask("erase", "b.io\n");
    assert.equal(readFileSync(path(), "utf8"), TABS);
  });

  const stores: [what: string, original: unknown, input: string, want: unknown][] = [
    ["into a file that is not there", undefined, login("b.io"), { auths: { "b.io": auth("me", "pw") } }],
    ["into an empty file", "", login("b.io"), { auths: { "b.io": auth("me", "pw") } }],
    [
      "over an older entry",
      { auths: { "b.io": auth("old", "old") } },
      login("b.io"),
      { auths: { "b.io": auth("me", "pw") } },
    ],
    [
      "an identity token is none of the passwords",
      {},
      login("b.io", "<token>", "it"),
      { auths: { "b.io": { identitytoken: "it" } } },
    ],
    [
      "for a host of the run, which changes only the original",
      {},
      login("ghcr.io"),
      { auths: { "ghcr.io": auth("me", "pw") } },
    ],
    ["a key with dots and slashes", {}, login(DOCKER_HUB_KEY), { auths: { [DOCKER_HUB_KEY]: auth("me", "pw") } }],
  ];
  for (const [what, original, input, want] of stores) {
    it(`store: ${what}`, async () => {
      assert.deepEqual(await ask("store", input, original), { stdout: "", exitCode: 0 });
      assert.deepEqual(JSON.parse(readFileSync(path(), "utf8")), want);
    });
  }

  it("goes on answering for a host of the run after a login to it", async () => {
    await ask("store", login("ghcr.io"), {});
    assert.equal(await got("ghcr.io"), "octocat own-value");
  });

  const refused: [what: string, action: string, input: string, original: string, words: RegExp][] = [
    ["a file that is no JSON", "store", login("b.io"), '{"auths": {}, // mine\n}', /not valid JSON/],
    ["a file that is no JSON", "erase", "a.io", "{", /not valid JSON/],
    ["a file that docker refuses", "store", login("b.io"), '{"auths": []}', /not what Docker expects/],
    ["malformed input", "store", "{}", TABS, /malformed/],
    ["malformed input", "store", "not json", TABS, /malformed/],
    ["malformed input", "store", '{"ServerURL": 1, "Username": "u", "Secret": "kT9-canary"}', TABS, /malformed/],
  ];
  for (const [what, action, input, original, words] of refused) {
    it(`${action}: refuses ${what} (${input.slice(0, 12)}), and leaves the file alone`, async () => {
      const { stdout, exitCode } = await ask(action, input, original);
      assert.equal(exitCode, 1);
      assert.match(stdout, words);
      assert.ok(!stdout.includes("canary"));
      assert.equal(readFileSync(path(), "utf8"), original);
    });
  }

  it("store: does not write over a file that it may not read", async () => {
    mkdirSync(path());
    assert.equal((await ask("store", login("b.io"))).exitCode, 1);
    assert.ok(existsSync(path()));
  });

  it("erase: makes no file, and touches none without the entry", async () => {
    assert.deepEqual(await ask("erase", "b.io"), { stdout: "", exitCode: 0 });
    assert.equal(existsSync(path()), false);
    await ask("erase", "b.io", TABS);
    assert.equal(readFileSync(path(), "utf8"), TABS);
  });

  it("store and erase: go to the original's helper where it has one", async () => {
    const original = { credsStore: "all", credHelpers: { "b.io": "other" } };
    assert.equal((await ask("store", login("b.io"), original)).stdout, `other store ${login("b.io")}`);
    assert.equal((await ask("erase", "c.io", original)).stdout, "all erase c.io");
    assert.deepEqual(JSON.parse(readFileSync(path(), "utf8")), original);
  });

  const others: [action: string, input: string, stdout: RegExp, exitCode: number][] = [
    ["version", "", /^docker-credential-registry-secrets\b.*\n$/, 0],
    ["get", "", /^no credentials server URL\n$/, 1],
    ["get", " \n", /^no credentials server URL\n$/, 1],
    ["dance", "", /^Unknown credential action `dance`\n$/, 1],
    ["", "", /^Unknown credential action ``\n$/, 1],
  ];
  for (const [action, input, stdout, exitCode] of others) {
    it(`${JSON.stringify(action)} with ${JSON.stringify(input)}`, async () => {
      const answer = await ask(action, input, TABS);
      assert.match(answer.stdout, stdout);
      assert.equal(answer.exitCode, exitCode);
    });
  }

  it("answers also where a helper throws what is no failure", async () => {
    const odd: RunHelper = () => Promise.reject(new Error("EMFILE"));
    assert.equal((await ask("get", "quay.io", { credsStore: "odd" }, odd)).stdout, NOT_FOUND);
    assert.equal((await ask("store", login("quay.io"), { credsStore: "odd" }, odd)).exitCode, 1);
  });

  it("asks the helpers of a list side by side", async () => {
    let asked = 0;
    let bothAsked: () => void = () => undefined;
    const both = new Promise<void>((resolve) => (bothAsked = resolve));
    const waiting: RunHelper = async () => {
      if (++asked === 2) bothAsked();
      await both;
      return { stdout: NOT_FOUND, exitCode: 1 };
    };
    const { exitCode } = await ask("list", "", { credHelpers: { "a.io": "x", "b.io": "y" } }, waiting);
    assert.equal(exitCode, 0);
  });
});

describe("running a helper", () => {
  const folder = temporaryFolder();
  const helper = (script: string) => {
    writeFileSync(join(folder(), "docker-credential-unit"), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
    return helperRunner({ PATH: `${folder()}:/usr/bin:/bin` }, 2_000);
  };

  it("gives it the action and the input, and its answer back", async () => {
    const { stdout, exitCode } = await helper('echo "$1 $(cat)"; exit 4')("unit", "get", "ghcr.io");
    assert.deepEqual([stdout, exitCode], ["get ghcr.io\n", 4]);
  });

  it("tells that it is missing, by its name", async () => {
    await assert.rejects(
      helper("exit 0")("absent", "get", "x"),
      failureWith("helper-missing", /docker-credential-absent/),
    );
  });

  for (const [what, name, says] of [
    ["a link to itself", "loop", /^docker-credential-loop could not be started: .*ELOOP/],
    ["not to be executed", "data", /^docker-credential-data could not be started: .*EACCES/],
    ["of a name too long for a file", "x".repeat(5_000), /ENAMETOOLONG/],
    ["of a name with a NUL", "a\0b", /null bytes/],
  ] as const) {
    it(`tells that one fails that is ${what}`, async () => {
      symlinkSync("docker-credential-loop", join(folder(), "docker-credential-loop"));
      writeFileSync(join(folder(), "docker-credential-data"), "", { mode: 0o644 });
      await assert.rejects(helper("exit 0")(name, "get", "x"), failureWith("helper-failed", says));
    });
  }

  it("keeps no more than a megabyte of what it prints", async () => {
    const { stdout } = await helper("head -c 3000000 /dev/zero | tr '\\0' x")("unit", "list", "");
    assert.equal(stdout.length, 1024 * 1024);
  });

  it("ends one that hangs, with its children", async () => {
    await assert.rejects(helper("sleep 1000 & wait")("unit", "get", "x"), failureWith("timed-out"));
  });
});
