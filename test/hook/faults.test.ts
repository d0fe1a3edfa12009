import { strict as assert } from "node:assert";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { answer, delivery, Home, needs, PAIRS, set, which } from "./shells";

/** Of each pair; the four of them make 500. */
const KILLS = 125;
const OWN =
  '{\n  "credHelpers": {\n    "ghcr.io": "gh",\n    "b.example": "other"\n  },\n  "auths": {"c.example": {}}\n}\n';

interface Status {
  hosts: { state: string }[];
  lastError: { code: string } | null;
}

/** What is left in a folder that may have gone. */
function left(folder: string): string[] {
  return existsSync(folder) ? readdirSync(folder) : [];
}

for (const [shell, awk] of PAIRS) {
  describe(`the hook under faults, in ${shell} with ${awk}`, function () {
    this.timeout(300_000);
    let home: Home;
    before(needs(`the hook's faults in ${shell} with ${awk}`, [shell, awk]));
    beforeEach(() => {
      home = new Home(shell, awk);
    });
    afterEach(() => {
      home.remove();
    });

    const applied = async (lines: string[], environment: Record<string, string> = {}) => {
      const outcome = await home.apply(lines, environment);
      assert.equal(answer(outcome)["outcome"], "applied", outcome.stdout + outcome.stderr);
      return answer(outcome);
    };
    const refused = async (lines: string[], environment: Record<string, string> = {}) => {
      const outcome = await home.apply(lines, environment);
      assert.deepEqual([outcome.exit, outcome.stderr, answer(outcome)["outcome"]], [1, "", "refused"], outcome.stdout);
      return [answer(outcome)["code"], String(answer(outcome)["message"])] as const;
    };

    it(`killed ${KILLS} times at any instant, leaves a whole file, and the next run heals`, async () => {
      const sets = [[set("ghcr.io", "u", "1"), set("a.example", "u", "1")], [set("ghcr.io", "u", "2")], []];
      writeFileSync(home.config, OWN);
      const began = performance.now();
      await applied(sets[0] ?? []);
      const whole = (performance.now() - began) * 1.2;
      for (let n = 0; n < KILLS; n++) {
        const { pid, ended } = home.startGroup("registry-login", ["apply", "--json"], delivery(sets[n % 3] ?? []));
        await delay(Math.random() * whole);
        try {
          process.kill(-pid, "SIGKILL");
        } catch {
          // it was done already
        }
        await ended;
        const { credHelpers, ...others } = JSON.parse(home.configText()) as { credHelpers: Record<string, string> };
        assert.deepEqual([others, credHelpers["b.example"]], [{ auths: { "c.example": {} } }, "other"]);
        assert.match(credHelpers["ghcr.io"] ?? "", /^(gh|registry-login)$/);
      }
      await applied([set("ghcr.io", "u", "3")]);
      assert.match((await home.helper("get", "ghcr.io")).stdout, /"Secret":"3"/);
      assert.equal(readdirSync(home.memory).length, 1, "one memory folder");
      await applied([]);
      assert.equal(home.configText(), OWN);
      assert.deepEqual([left(home.state), left(home.memory)], [[], []]);
      assert.deepEqual(readdirSync(join(home.home, ".docker")), ["config.json"]);
    });

    it("what a killed run left in the state folder goes with the last secret", async () => {
      await applied([set("ghcr.io", "u", "1")]);
      for (const name of [
        "directory.new",
        "undo.new",
        "error.new",
        "lost.new",
        "undo.made",
        "undo.made.first",
        "try",
      ]) {
        writeFileSync(join(home.state, name), "half");
      }
      // Killed after it had taken a dead run's lock away, and before it gave the second one back.
      symlinkSync("- 999999999 0", join(home.state, "lock.takeover"));
      await applied([]);
      assert.deepEqual([left(home.state), left(home.memory)], [[], []]);
    });

    it("a copy of the config that a killed run left beside it goes with the next run, whatever that does", async () => {
      const beside = join(home.home, ".docker/.config.json.registry-login");
      const lines = [set("ghcr.io", "u", "1")];
      await applied(lines);
      const runs: [name: string, run: () => Promise<unknown>][] = [
        ["nothing to change", () => applied(lines)],
        ["a refusal", () => refused([...lines, ...lines])],
        ["a lifecycle", () => home.run("registry-login", ["lifecycle", "postStart"])],
        ["a repair", () => home.run("registry-login", ["repair"])],
        ["the last secret", () => applied([])],
      ];
      for (const [name, run] of runs) {
        writeFileSync(beside, OWN);
        await run();
        assert.equal(existsSync(beside), false, name);
      }
    });

    const keepsRewriting = async () => {
      // In turns, however fast the machine is: the other program writes whenever the hook is about to replace the file.
      const cmp = which("cmp") ?? "cmp";
      writeFileSync(
        join(home.bin, "cmp"),
        `#!/bin/sh\nprintf '{"credHelpers": {"ghcr.io": "foreign"}, "n": %s}' $$ >${home.config}\nexec ${cmp} "$@"\n`,
        { mode: 0o755 },
      );
      writeFileSync(home.config, OWN);
      const [code, message] = await refused([set("ghcr.io", "u", "p")]);
      assert.equal(code, "busy");
      assert.match(message, /config\.json keeps changing/);
      assert.match(home.configText(), /"ghcr\.io": "foreign"/);
      const status = async () => JSON.parse((await home.run("registry-login", ["status", "--json"])).stdout) as Status;
      assert.deepEqual([(await status()).hosts[0]?.state, (await status()).lastError?.code], ["unlinked", "busy"]);
      rmSync(join(home.bin, "cmp"));
      assert.equal((await home.run("registry-login", ["lifecycle", "postStart"])).stdout, "");
      assert.match(home.configText(), /"ghcr\.io": "registry-login"/);
      assert.match((await home.helper("get", "ghcr.io")).stdout, /"Secret":"p"/);
      assert.deepEqual([(await status()).hosts[0]?.state, (await status()).lastError], ["applied", null]);
      await applied([]);
      assert.match(home.configText(), /"ghcr\.io": "foreign"/);
    };
    // busybox has a cmp of its own, which a test cannot get between.
    if (shell !== "busybox") {
      it(
        "another program that keeps rewriting the file costs only the entry, which the next lifecycle puts right",
        keepsRewriting,
      );
    }

    it("another program that rewrites the file every few milliseconds, whole or in pieces, never makes a wrong one of it", async () => {
      for (const pieces of [false, true]) {
        let n = 0;
        const write = () => {
          const text = `{"credHelpers": {"ghcr.io": "foreign"}, "n": ${++n}}\n`;
          if (pieces) {
            writeFileSync(home.config, text.slice(0, 20));
            writeFileSync(home.config, text);
          } else {
            writeFileSync(`${home.config}.other`, text);
            renameSync(`${home.config}.other`, home.config);
          }
        };
        write();
        const writer = setInterval(write, 5);
        const { outcome, code } = answer(await home.apply([set("ghcr.io", "u", String(pieces))]));
        clearInterval(writer);
        if (outcome !== "applied") assert.match(String(code), pieces ? /^(busy|config-not-json)$/ : /^busy$/);
        write();
        assert.equal((await home.run("registry-login", ["lifecycle", "postAttach"])).stdout, "");
        assert.deepEqual(JSON.parse(home.configText()), { credHelpers: { "ghcr.io": "registry-login" }, n });
        assert.equal(
          (JSON.parse((await home.helper("get", "ghcr.io")).stdout) as Record<string, string>)["Secret"],
          String(pieces),
        );
      }
    });

    it("takes a byte order mark for what Docker takes it for, and keeps CRLF", async () => {
      writeFileSync(home.config, "\ufeff{}");
      assert.equal((await refused([set("ghcr.io", "u", "p")]))[0], "config-not-json");
      assert.equal(home.configText(), "\ufeff{}");
      const own = OWN.replaceAll("\n", "\r\n");
      writeFileSync(home.config, own);
      await applied([set("z.example", "u", "p")]);
      assert.doesNotMatch(home.configText(), /[^\r]\n/);
      await applied([]);
      assert.equal(home.configText(), own);
    });

    // A text that any of the awks were to copy once for each of its entries would take minutes.
    const many = <Value>(count: number, value: Value) =>
      Object.fromEntries(Array.from({ length: count }, (_, n) => [`registry-${n}.example`, value]));
    const logins = {
      auths: many(20_000, { auth: "eDp5eDp5eDp5", note: 'é\\"' }),
      nested: [[[[{ a: [1e-7, -0.5, true, null] }]]]],
      text: "x".repeat(1_000_000),
    };
    const large: [name: string, own: string][] = [
      ["2 MB on one line", JSON.stringify(logins)],
      ["2 MB on many lines", JSON.stringify(logins, undefined, 2)],
      ["many helpers", JSON.stringify({ credHelpers: many(10_000, "another-helper") }, undefined, 2)],
      ["a text of quotation marks", JSON.stringify({ text: '"'.repeat(200_000) })],
    ];
    for (const [name, own] of large) {
      it(`edits a large file: ${name}`, async () => {
        writeFileSync(home.config, own);
        await applied([set("ghcr.io", "u", "p")]);
        const { credHelpers } = JSON.parse(home.configText()) as { credHelpers: Record<string, string> };
        assert.equal(credHelpers["ghcr.io"], "registry-login");
        await applied([]);
        assert.ok(home.configText() === own);
      });
    }

    it("keeps a read-only file read-only", async () => {
      writeFileSync(home.config, OWN);
      chmodSync(home.config, 0o444);
      await applied([set("ghcr.io", "u", "p")]);
      assert.match(home.configText(), /"ghcr\.io": "registry-login"/);
      const { mode } = statSync(home.config);
      assert.equal(mode & 0o777, 0o444);
    });

    it("goes by /etc/passwd without HOME, by DOCKER_CONFIG without a home, and moves with DOCKER_CONFIG", async () => {
      const other = join(home.root, "other config");
      const DOCKER_CONFIG = other;
      assert.equal(
        (await applied([set("ghcr.io", "u", "p")], { HOME: "/nonexistent", DOCKER_CONFIG }))["config"],
        join(other, "config.json"),
      );
      assert.match(readFileSync(join(other, "config.json"), "utf8"), /registry-login/);
      assert.match(
        (await home.helper("get", "ghcr.io", { HOME: "/nonexistent", DOCKER_CONFIG })).stdout,
        /"Secret":"p"/,
      );
      await applied([], { HOME: "/nonexistent", DOCKER_CONFIG });
      const [code, message] = await refused([set("ghcr.io", "u", "p")], { HOME: "/nonexistent" });
      assert.equal(code, "home-missing");
      assert.match(message, /set DOCKER_CONFIG to a folder/);

      writeFileSync(home.config, OWN);
      await applied([set("ghcr.io", "u", "p")]);
      mkdirSync(other, { recursive: true });
      await applied([set("ghcr.io", "u", "p")], { DOCKER_CONFIG });
      assert.equal(home.configText(), OWN, "the first file is as it was");
      assert.match(readFileSync(join(other, "config.json"), "utf8"), /registry-login/);
    });

    it("leaves alone what is no file, and says so", async () => {
      rmSync(home.config, { force: true });
      mkdirSync(home.config);
      const [code, message] = await refused([set("ghcr.io", "u", "p")]);
      assert.equal(code, "config-not-writable");
      assert.match(message, /is not a file/);
    });
  });
}
