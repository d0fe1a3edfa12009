import { strict as assert } from "node:assert";
import { existsSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { answer, Home, needs, PAIRS, SCRIPTS, set } from "./shells";

for (const [shell, awk] of PAIRS) {
  describe(`what is to know of the login, in ${shell} with ${awk}`, function () {
    this.timeout(120_000);
    let home: Home;
    before(needs(`the hook's words in ${shell} with ${awk}`, [shell, awk]));
    beforeEach(() => {
      home = new Home(shell, awk);
    });
    afterEach(() => {
      home.remove();
    });

    const status = async (environment = {}) =>
      answer(await home.run("registry-login", ["status", "--json"], "", environment));
    const text = async (...args: string[]) => (await home.run("registry-login", args)).stdout;
    /** Puts a credential helper of that name on the world's PATH. */
    const helper = (name: string, script: string) =>
      writeFileSync(join(home.bin, `docker-credential-${name}`), `#!/bin/sh\n${script}\n`, { mode: 0o755 });

    it("repeats the advice of a delivery at start, in status and in a new shell, until another one says otherwise", async () => {
      const said = 'Recreate "it":\u001b[31m the image\n has changed – é';
      const shown = 'Recreate "it": [31m the image  has changed – é';
      const lines = [set("ghcr.io", "u", "p"), `advice ${JSON.stringify(said)}`, 'advice "Second."'];
      assert.equal(answer(await home.apply(lines))["outcome"], "applied");
      assert.deepEqual((await status())["advice"], [shown, "Second."]);
      assert.equal(await text("lifecycle", "postStart"), `registry-login: ${shown}\nregistry-login: Second.\n`);
      assert.ok((await text("status")).endsWith(`${shown}\nSecond.\n`));
      assert.equal(await text("notice"), `registry-login: ${shown} (There is more: registry-login status)\n`);
      await home.apply([set("ghcr.io", "u", "p")]);
      assert.deepEqual((await status())["advice"], []);
      assert.equal(await text("notice"), "");
      await home.apply(['advice "Nothing to log in to, but this."']);
      assert.deepEqual((await status())["advice"], ["Nothing to log in to, but this."]);
      await home.apply([]);
      assert.equal(existsSync(home.state), false);
    });

    it("says so in interactive shells only, once, and not where that is switched off", async () => {
      await home.apply([set("ghcr.io", "u", "p"), 'advice "Recreate it."']);
      const notice = readFileSync(join(SCRIPTS, "shell-notice.sh"), "utf8").replace(
        "/usr/local/bin/registry-login",
        `sh ${join(SCRIPTS, "registry-login")}`,
      );
      const file = join(home.root, "shell-notice.sh");
      writeFileSync(file, notice);
      const opened = (flags: string[], environment = {}) =>
        home.shell([...flags, "-c", `. ${file}; . ${file}; echo done`], environment);
      assert.match((await opened(["-i"])).stdout, /^(\n\nBusyBox [^]*\n)?registry-login: Recreate it\.\ndone\n$/);
      assert.equal((await opened([])).stdout, "done\n");
      for (const environment of [{ REGISTRY_LOGIN_NOTICE: "0" }, { HOME: "/nonexistent" }] as Record<string, string>[])
        assert.doesNotMatch((await opened(["-i"], environment)).stdout, /registry-login/);
    });

    it("says what is gone after the container has stopped, before and after a lifecycle, until the next delivery", async () => {
      const own = '{\n  "credHelpers": {"ghcr.io": "gh"}\n}\n';
      writeFileSync(home.config, own);
      await home.apply([set("ghcr.io", "u", "p"), set("https://index.docker.io/v1/", "u", "p")]);
      for (const name of readdirSync(home.memory)) rmSync(join(home.memory, name), { recursive: true });
      const lost = ["https://index.docker.io/v1/", "ghcr.io"].map((host) => [host, "lost"]);
      const states = async () =>
        ((await status())["hosts"] as Record<string, string>[]).map(({ host, state }) => [host, state]);
      assert.deepEqual((await states()).sort(), [...lost].sort());
      assert.match(await text("notice"), /^registry-login: The login to .*ghcr\.io.* is gone since .*\n$/);
      assert.equal(await text("lifecycle", "postStart"), "");
      assert.equal(home.configText(), own, "what was there before us counts again");
      assert.deepEqual((await states()).sort(), [...lost].sort());
      assert.match(await text("status"), /^ghcr\.io: gone since the container stopped; it comes back/m);
      const environment = {
        G_CONTAINER_REGISTRY_SERVER: "ghcr.io",
        G_CONTAINER_REGISTRY_USER: "g",
        G_CONTAINER_REGISTRY_PASSWORD: "g",
      };
      await home.run("registry-login", ["lifecycle", "postStart"], "", environment);
      assert.deepEqual(await states(), [
        ["ghcr.io", "applied"],
        ["https://index.docker.io/v1/", "lost"],
      ]);
      assert.match(await text("notice"), /^registry-login: The login to docker\.io is gone since .*\n$/);
      await home.apply([set("a.example", "u", "p")]);
      assert.deepEqual(await states(), [
        ["a.example", "applied"],
        ["ghcr.io", "applied"],
      ]);
    });

    it("names a dead credential store, and repairs it when it is told to, with a copy", async () => {
      const own = '{\n  "credsStore": "gone-7",\n  "auths": {"a.example": {}}\n}\n';
      writeFileSync(home.config, own);
      const applied = answer(await home.apply([set("ghcr.io", "u", "p")]));
      const [warning] = applied["warnings"] as { code: string; message: string }[];
      assert.equal(warning?.code, "credsstore-missing");
      assert.match(
        warning.message,
        /^"credsStore" in \S+ names "gone-7", but there is no docker-credential-gone-7 on PATH: a classic docker build .* fails/,
      );
      assert.deepEqual([(await status())["warnings"], (await status())["deadCredsStore"]], [[warning], "gone-7"]);
      assert.ok((await text("status")).includes(warning.message));
      await home.run("registry-login", ["lifecycle", "postAttach"]);
      assert.match(home.configText(), /"credsStore": "gone-7"/, "never by itself");
      const before = home.configText();

      const repaired = answer(await home.run("registry-login", ["repair", "--json"]));
      assert.deepEqual([repaired["outcome"], repaired["removed"]], ["repaired", "gone-7"]);
      assert.equal(readFileSync(String(repaired["backup"]), "utf8"), before);
      assert.deepEqual(JSON.parse(home.configText()), {
        auths: { "a.example": {} },
        credHelpers: { "ghcr.io": "registry-login" },
      });
      assert.deepEqual((await status())["warnings"], []);
      assert.match(await text("repair"), /there is no dead credsStore/);
      await home.apply([]);
      assert.equal(home.configText(), own.replace('\n  "credsStore": "gone-7",', ""));
    });

    const stores: [name: string, script: string | undefined, state: string][] = [
      ["answers", "echo '{}'", "alive"],
      ["fails", "echo broken; exit 1", "credsstore-failing"],
      ["is missing", undefined, "credsstore-missing"],
    ];
    it("knows a store that answers from one that does not", async () => {
      for (const [name, script, state] of stores) {
        if (script === undefined) rmSync(join(home.bin, "docker-credential-it"), { force: true });
        else helper("it", script);
        writeFileSync(home.config, '{"credsStore":"it"}');
        const warnings = (await status())["warnings"] as { code: string }[];
        assert.equal(warnings[0]?.code ?? "alive", state, name);
        await home.run("registry-login", ["repair"]);
        assert.equal(home.configText(), state === "alive" ? '{"credsStore":"it"}' : "{}", name);
      }
    });

    it("a restart of an environment that logs in by triplets leaves nothing to say", async () => {
      const environment = {
        Q_CONTAINER_REGISTRY_SERVER: "quay.io",
        Q_CONTAINER_REGISTRY_USER: "q",
        Q_CONTAINER_REGISTRY_PASSWORD: "q",
      };
      for (const when of ["onCreate", "postStart", "postAttach"]) {
        await home.run("registry-login", ["lifecycle", when], "", environment);
        assert.equal(await text("notice"), "", when);
        assert.equal((await home.helper("get", "quay.io")).exit, 0);
        if (when === "onCreate")
          for (const name of readdirSync(home.memory)) rmSync(join(home.memory, name), { recursive: true });
      }
    });

    it("does not wait for a store that ignores the signal to end", async () => {
      const stubborn = new Home(shell, awk);
      for (const { bin, config } of [home, stubborn]) {
        const script = "#!/bin/sh\ntrap '' TERM\nexec /bin/sleep 1000\n";
        writeFileSync(join(bin, "docker-credential-it"), script, { mode: 0o755 });
        writeFileSync(config, '{"credsStore":"it"}');
        // The ten seconds, shortened. (busybox has a sleep of its own.)
        writeFileSync(join(bin, "sleep"), "#!/bin/sh\nexec /bin/sleep 0.2\n", { mode: 0o755 });
      }
      const repaired = stubborn.run("registry-login", ["repair"]);
      assert.equal(((await status())["warnings"] as { code: string }[])[0]?.code, "credsstore-failing");
      await repaired;
      assert.equal(stubborn.configText(), "{}");
      stubborn.remove();
    });

    const repairs: [before: string, after: string][] = [
      ['{"credsStore":"x"}', "{}"],
      ['{ "a":1 , "credsStore" : "x" }\n', '{ "a":1 }\n'],
      ['{"credsStore":"x","a":1}', '{"a":1}'],
      ['{"a":1,"credsStore":"x","b":2}', '{"a":1,"b":2}'],
      ['{"credsStore":"x","a":1,"credsStore":"y"}', '{"a":1}'],
      ['{"credsStore":""}', '{"credsStore":""}'],
      ['{"a":{"credsStore":"x"}}', '{"a":{"credsStore":"x"}}'],
    ];
    it("takes nothing but that key out", async () => {
      for (const [before, after] of repairs) {
        writeFileSync(home.config, before);
        const outcome = await home.run("registry-login", ["repair"]);
        assert.deepEqual([outcome.exit, outcome.stderr, home.configText()], [0, "", after], before);
        assert.equal(existsSync(home.state), false, before);
      }
      writeFileSync(home.config, "{");
      assert.match((await home.run("registry-login", ["repair"])).stdout, /is not valid JSON/);
    });

    it("keeps its copies of the file in memory while it repairs", async () => {
      const seen = join(home.root, "seen");
      await home.apply([set("ghcr.io", "u", "p")]);
      writeFileSync(home.config, '{"credsStore":"it","auths":{"a.example":{"auth":"Y2FuYXJ5"}},"credsStore":"gone-7"}');
      // It is asked between the two edits.
      helper("it", `grep -rl Y2FuYXJ5 ${home.home}/.local ${home.memory} >${seen}; exit 1`);
      const { removed } = answer(await home.run("registry-login", ["repair", "--json"]));
      assert.deepEqual([removed, home.configText()], ["it", '{"auths":{"a.example":{"auth":"Y2FuYXJ5"}}}']);
      const copies = readFileSync(seen, "utf8").split("\n").slice(0, -1);
      assert.notEqual(copies.length, 0);
      for (const copy of copies) assert.ok(copy.startsWith(home.memory), copy);
      assert.deepEqual(
        copies.filter((copy) => existsSync(copy)),
        [],
      );
    });

    it("follows a symbolic link to repair what it leads to", async () => {
      const real = join(home.root, "real.json");
      writeFileSync(real, '{"credsStore":"x"}');
      rmSync(home.config, { force: true });
      symlinkSync(real, home.config);
      await home.run("registry-login", ["repair"]);
      assert.equal(readFileSync(real, "utf8"), "{}");
      assert.equal(readdirSync(home.root).filter((name) => name.startsWith("real.json.before-repair-")).length, 1);
    });
  });
}
