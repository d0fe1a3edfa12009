import { strict as assert } from "node:assert";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { answer, delivery, Home, needs, PAIRS, set } from "./shells";

const OWN = '{\n  "auths": {"a.example": {"auth": "eDp5"}}\n}\n';
const LOGIN = [set("ghcr.io", "u", "p")];
const NOT_FOUND = "credentials not found in native keychain\n";

interface Case {
  name: string;
  /** What is mounted, by what the delivery calls it: `~` is the home. */
  mounts: readonly string[];
  dockerConfig?: string;
  left?: true;
}
const cases: Case[] = [
  { name: "its folder is mounted from the host", mounts: ["bind=~/.docker"], left: true },
  { name: "the home is", mounts: ["bind=/elsewhere", "bind=~/"], left: true },
  { name: "the file alone is", mounts: ["bind=~/.docker/config.json"], left: true },
  {
    name: "its folder is, and DOCKER_CONFIG names it",
    mounts: ["bind=~/.docker"],
    dockerConfig: "~/.docker",
    left: true,
  },
  { name: "the home is the workspace", mounts: ["workspace=~"], left: true },
  { name: "DOCKER_CONFIG names a folder of the workspace", mounts: ["workspace=~"], dockerConfig: "~/.docker" },
  { name: "a folder above it that is no part of its path is", mounts: ["bind=~/.dock", "bind=~/.docker/cli-plugins"] },
  { name: "a volume lies there, in a home of the host", mounts: ["volume=~/.docker", "bind=~"] },
  { name: "a volume is the home", mounts: ["volume=~"] },
  { name: "its folder is, and DOCKER_CONFIG names another one", mounts: ["bind=~/.docker"], dockerConfig: "~/other" },
];

for (const [shell, awk] of PAIRS) {
  describe(`mounts that the deliverer tells of, in ${shell} with ${awk}`, function () {
    this.timeout(60_000);
    let home: Home;
    before(needs(`mounts in ${shell} with ${awk}`, [shell, awk], { "/dev/shm": existsSync("/dev/shm") }));
    beforeEach(() => {
      home = new Home(shell, awk);
      writeFileSync(home.config, OWN);
    });
    afterEach(() => {
      home.remove();
    });

    const apply = (lines: string[], mounts: readonly string[], environment: Record<string, string> = {}) =>
      home.run("registry-login", ["apply", "--json"], delivery(lines, mounts), environment);
    const get = async () => (await home.helper("get", "ghcr.io")).stdout;
    const status = async () => answer(await home.run("registry-login", ["status", "--json"]));

    for (const { name, mounts, dockerConfig, left } of cases) {
      it(`the Docker config is ${left ? "left alone" : "edited"} where ${name}`, async () => {
        const named = mounts.map((mount) => mount.replace("~", home.home));
        const environment: Record<string, string> =
          dockerConfig === undefined ? {} : { DOCKER_CONFIG: dockerConfig.replace("~", home.home) };
        const outcome = await apply(LOGIN, named, environment);
        const { outcome: word, code, message } = answer(outcome);
        if (left === undefined) {
          assert.equal(word, "applied", outcome.stdout);
          return;
        }
        assert.deepEqual([outcome.exit, word, code], [1, "refused", "config-of-host"]);
        assert.match(
          String(message),
          /config\.json was left alone, because it is the host's: \S+ is mounted from there/,
        );
        assert.match(
          String(message),
          /"remoteEnv": \{"DOCKER_CONFIG": "\/tmp\/docker-config"\} in devcontainer\.json\.$/,
        );
        assert.equal(home.configText(), OWN);
        assert.match(await get(), /"Secret":"p"/, "for whoever asks the helper");
        assert.equal(((await status())["lastError"] as Record<string, string>)["code"], code);
        const started = await home.run("registry-login", ["lifecycle", "postAttach"], "", environment);
        assert.deepEqual([started.exit, started.stdout], [0, `registry-login: ${String(message)}\n`]);
        assert.equal(answer(await home.run("registry-login", ["repair", "--json"], "", environment))["code"], code);
        assert.equal(home.configText(), OWN);
        assert.equal(answer(await apply([], named, environment))["outcome"], "applied");
        assert.deepEqual([home.configText(), existsSync(home.state)], [OWN, false]);
      });
    }

    it("a folder of the host is known through links, and made before, its entries go", async () => {
      const host = join(home.root, "host");
      rmSync(join(home.home, ".docker"), { recursive: true });
      mkdirSync(host);
      symlinkSync(host, join(home.home, ".docker"));
      writeFileSync(join(host, "config.json"), OWN);
      symlinkSync(host, join(home.root, "link"));
      assert.equal(answer(await apply(LOGIN, []))["outcome"], "applied");
      assert.notEqual(home.configText(), OWN);
      assert.equal(answer(await apply(LOGIN, [`bind=${join(home.root, "link")}`]))["code"], "config-of-host");
      assert.equal(home.configText(), OWN);
    });

    const memories = (["bind", "volume", "workspace"] as const).flatMap((kind) =>
      [(folder: string) => folder, () => "/dev/shm"].map((place) => [kind, place] as const),
    );
    it("no credential goes to memory that is mounted, and what lies there is taken away", async () => {
      for (const [kind, place] of memories) {
        assert.equal(answer(await apply(LOGIN, []))["outcome"], "applied");
        const mounts = [`${kind}=${place(home.memory)}`, "volume=/run"];
        const { code, message } = answer(await apply(LOGIN, mounts));
        assert.deepEqual([code, await get()], ["no-private-memory", NOT_FOUND], mounts.join(" "));
        assert.match(String(message), /--tmpfs=\/run\/user/);
        assert.deepEqual(readdirSync(home.memory), []);
      }
    });

    it("the answers move to memory that is not mounted, with what was done by hand", async () => {
      const other = mkdtempSync("/dev/shm/hook-");
      try {
        await apply(LOGIN, []);
        await home.helper("store", '{"ServerURL":"ghcr.io","Username":"me","Secret":"mine"}');
        const { directory } = answer(await apply(LOGIN, [`bind=${home.memory}`], { XDG_RUNTIME_DIR: other }));
        assert.ok(String(directory).startsWith(other));
        assert.deepEqual(readdirSync(home.memory), []);
        assert.match(await get(), /"Secret":"mine"/);
      } finally {
        rmSync(other, { recursive: true });
      }
    });
  });
}
