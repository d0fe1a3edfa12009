import { strict as assert } from "node:assert";
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { fixtureRows, judge, type Row } from "../fixtures/vectors/judge";
import { answer, delivery, Home, needs, type Outcome, PAIRS, SCRIPTS, set } from "./shells";

const HUB = "https://index.docker.io/v1/";
const NOT_FOUND = "credentials not found in native keychain\n";
const CANARY = 'canary-7f3a-<&>-"é\\';
const CANARY_START = "canary-7f3a";

interface Vector extends Row {
  in: { argv: string[]; stdin: string; before?: { argv: string[]; stdin: string }[] };
  want: { stdout: string; stderr: string; exit: number };
}
const { version: VERSION } = JSON.parse(readFileSync(join(SCRIPTS, "devcontainer-feature.json"), "utf8")) as {
  version: string;
};
/** docs/vectors.md lists these. */
const DIFFERENCES = {
  8: "the same registry without the last slash",
  9: "the same registry by its host alone",
};

function assertApplied(outcome: Outcome): void {
  assert.deepEqual(
    { ...outcome, stdout: answer(outcome)["outcome"] },
    { stdout: "applied", stderr: "", exit: 0 },
    outcome.stdout,
  );
}

function assertRefused(outcome: Outcome, code: string): void {
  const { outcome: word, code: actual, message } = answer(outcome);
  assert.deepEqual([outcome.exit, word, actual, outcome.stderr], [1, "refused", code, ""]);
  assert.match(String(message), /\.$/);
}

for (const [shell, awk] of PAIRS) {
  describe(`login hook in ${shell} with ${awk}`, function () {
    this.timeout(120_000);
    let home: Home;

    before(needs(`the login hook in ${shell} with ${awk}`, [shell, awk], { "/dev/shm": existsSync("/dev/shm") }));
    beforeEach(() => {
      home = new Home(shell, awk);
    });
    afterEach(() => {
      home.remove();
    });

    it("applies, answers every spelling, and comes back exactly", async () => {
      const text =
        '{\n  "auths": {"a.example": {"auth": "eDp5"}},\n  "credHelpers": {\n    "ghcr.io": "gh",\n    "b.example": "other"\n  },\n  "z": [1, -2.5e3, "q\\"{\\\\"]\n}';
      writeFileSync(home.config, text);
      assertApplied(await home.apply([set("ghcr.io", "u", "p"), set(HUB, "hub", "h"), set("[::1]:5000", "six", "s")]));
      const added = ["[::1]:5000", HUB, "docker.io"].map((key) => `,\n    "${key}": "registry-login"`).join("");
      assert.equal(home.configText(), text.replace('"gh"', '"registry-login"').replace('"other"', `"other"${added}`));
      for (const spelling of [HUB, "docker.io", "index.docker.io", "https://registry-1.docker.io/", "hub.docker.com"]) {
        assert.equal(
          (await home.helper("get", spelling)).stdout,
          `{"ServerURL":"${HUB}","Username":"hub","Secret":"h"}\n`,
        );
      }
      assert.equal((await home.helper("get", "https://GHCR.io/")).exit, 0);
      assert.deepEqual(answer(await home.helper("list")), { "[::1]:5000": "six", "ghcr.io": "u", [HUB]: "hub" });
      assertApplied(await home.apply([]));
      assert.equal(home.configText(), text);
      assert.deepEqual([existsSync(home.state), readdirSync(home.memory)], [false, []]);
    });

    it("changes nothing when applied twice", async () => {
      await home.apply([set("ghcr.io", "u", "p")]);
      const first = statSync(home.config);
      const status = (await home.run("registry-login", ["status", "--json"])).stdout;
      assertApplied(await home.apply([set("ghcr.io", "u", "p")]));
      const second = statSync(home.config);
      assert.deepEqual([second.ino, second.mtimeMs], [first.ino, first.mtimeMs]);
      assert.equal((await home.run("registry-login", ["status", "--json"])).stdout, status);
    });

    it("makes the file where there is none, and takes it away again", async () => {
      rmSync(join(home.home, ".docker"), { recursive: true });
      assertApplied(await home.apply([set("ghcr.io", "u", "p")]));
      assert.equal(home.configText(), '{\n\t"credHelpers": {\n\t\t"ghcr.io": "registry-login"\n\t}\n}\n');
      assert.deepEqual(
        [statSync(home.config).mode & 0o777, statSync(join(home.home, ".docker")).mode & 0o777],
        [0o600, 0o700],
      );
      assertApplied(await home.apply([]));
      assert.equal(existsSync(join(home.home, ".docker")), false);
    });

    const restored: [name: string, text: string][] = [
      ["an empty file", ""],
      ["an empty object", "{}\n"],
      ["one line", '{"auths":{},"credsStore":"x"}'],
      ["null", '{"credHelpers":null,\r\n "a":1}'],
      ["an empty table", '{\n\t"credHelpers": {},\n\t"a": "b"\n}\n'],
      ["a table with nothing but white space", '{\r\n  "credHelpers": {\r\n\t },\r\n  "a": {} }'],
      ["one space in the table", '{"credHelpers": { }}'],
      ["a key that stands twice", '{"credHelpers": {"ghcr.io": "a", "x": "y", "ghcr.io": "b"}}'],
      ["the table first", '{ "credHelpers" : { "ghcr.io" : "gh" } , "a" : 1 }'],
    ];
    for (const [name, text] of restored) {
      it(`leaves ${name} as it was`, async () => {
        writeFileSync(home.config, text);
        assertApplied(await home.apply([set("ghcr.io", "u", "p"), set("b.example:5000", "u", "p")]));
        const made = JSON.parse(home.configText()) as { credHelpers: unknown };
        const { x: _, ...ours } = made.credHelpers as Record<string, string>;
        assert.deepEqual(ours, { "ghcr.io": "registry-login", "b.example:5000": "registry-login" });
        assertApplied(await home.apply([]));
        assert.equal(home.configText(), text);
      });
    }

    const refused: [name: string, text: string, code: string][] = [
      ["half a file", '{"auths": {', "config-not-json"],
      ["a trailing comma", '{"a": 1,}', "config-not-json"],
      ["a raw line break in a string", '{"a": "b\nc"}', "config-not-json"],
      ["a wrong escape", '{"a": "\\x"}', "config-not-json"],
      ["a broken unicode escape", '{"a": "\\u00\\n41"}', "config-not-json"],
      ["a number with a leading zero", '{"a": 01}', "config-not-json"],
      ["a second value", '{"a": 1} {}', "config-not-json"],
      ["an open string", '{"a": "b', "config-not-json"],
      ["a NUL", '{"a": 1}\0', "config-not-json"],
      ["a list", "[]", "config-not-json"],
      ["only a string", '"a"', "config-not-json"],
      ["a table that is a list", '{"credHelpers": []}', "credhelpers-not-object"],
    ];
    it("leaves a file alone that it cannot read", async () => {
      for (const [name, text, code] of refused) {
        writeFileSync(home.config, text);
        assertRefused(await home.apply([set("ghcr.io", "u", CANARY)]), code);
        assert.equal(home.configText(), text, name);
      }
      // The answer waits until somebody has mended the file.
      writeFileSync(home.config, "{}");
      assert.equal((await home.run("registry-login", ["lifecycle", "postStart"])).stdout, "");
      assert.deepEqual(JSON.parse(home.configText()), { credHelpers: { "ghcr.io": "registry-login" } });
      assert.equal(answer(await home.helper("get", "ghcr.io"))["Secret"], CANARY);
    });

    it("takes a secret away although the file cannot be read", async () => {
      await home.apply([set("ghcr.io", "u", CANARY)]);
      writeFileSync(home.config, "{");
      assertRefused(await home.apply([]), "config-not-json");
      assert.equal((await home.helper("get", "ghcr.io")).stdout, NOT_FOUND);
    });

    it("keeps a symbolic link and the mode of what it leads to", async () => {
      mkdirSync(join(home.root, "elsewhere"));
      const target = join(home.root, "elsewhere/real.json");
      writeFileSync(target, "{}");
      chmodSync(target, 0o640);
      symlinkSync("../../elsewhere/real.json", home.config);
      assertApplied(await home.apply([set("ghcr.io", "u", "p")]));
      assert.ok(lstatSync(home.config).isSymbolicLink());
      assert.equal(statSync(target).mode & 0o777, 0o640);
      assert.match(readFileSync(target, "utf8"), /registry-login/);
    });

    const bad: [name: string, input: string, code: string][] = [
      ["no last line", delivery([set("ghcr.io", "u", CANARY)]).replace(/end\n$/, ""), "truncated"],
      ["a line cut in two", delivery([set("ghcr.io", "u", CANARY)]).slice(0, -20), "invalid-input"],
      ["nothing", "", "truncated"],
      ["another version", "registry-login 2 source=cli shm=shared\nend\n", "unsupported-protocol"],
      ["something else", "hello\n", "invalid-input"],
      ["an unknown word", delivery(["grant ghcr.io"]), "invalid-input"],
      ["a path for a host", delivery([set("../../etc/x", "u", CANARY)]), "invalid-input"],
      ["a host in capitals", delivery([set("GHCR.io", "u", CANARY)]), "invalid-input"],
      ["another spelling of Docker Hub", delivery([set("docker.io", "u", CANARY)]), "invalid-input"],
      [
        "an answer for another host",
        delivery(['set ghcr.io {"ServerURL":"a.example","Username":"u","Secret":"s"}']),
        "invalid-input",
      ],
      [
        "more than a megabyte",
        delivery(Array.from({ length: 1100 }, () => `skip ghcr.io ${"x".repeat(1000)}`)),
        "too-large",
      ],
      ["advice that is no JSON string", delivery(["advice recreate"]), "invalid-input"],
      ["empty advice", delivery(['advice "\\n"']), "invalid-input"],
      ["something after the end", delivery([]) + "set\n", "invalid-input"],
    ];
    it("refuses what is no delivery and stays as it was", async () => {
      await home.apply([set("ghcr.io", "u", "p")]);
      const before = home.configText();
      for (const [name, input, code] of bad) {
        const outcome = await home.run("registry-login", ["apply", "--json"], input);
        assertRefused(outcome, code);
        assert.ok(!(outcome.stdout + outcome.stderr).includes(CANARY_START), name);
        assert.equal(home.configText(), before, name);
      }
      assert.match((await home.helper("get", "ghcr.io")).stdout, /"Secret":"p"/);
    });

    it("keeps a login and a logout by hand until the secret changes", async () => {
      writeFileSync(home.config, '{\n\t"auths": {}\n}');
      await home.apply([set("ghcr.io", "u", "p")]);
      const get = async () => (await home.helper("get", "ghcr.io")).stdout;
      const state = async () => {
        const status = answer(await home.run("registry-login", ["status", "--json"]));
        return (status["hosts"] as { state: string }[])[0]?.state;
      };
      await home.helper("store", '{"ServerURL":"ghcr.io","Username":"u","Secret":"p"}');
      assert.equal(await state(), "applied", "the same value is no override");
      await home.helper("store", '{"ServerURL":"ghcr.io","Username":"me","Secret":"mine"}');
      assert.deepEqual(
        [await state(), await get()],
        ["overridden", '{"ServerURL":"ghcr.io","Username":"me","Secret":"mine"}\n'],
      );
      // what docker writes after `store`
      writeFileSync(home.config, home.configText().replace('"auths": {}', '"auths": {"ghcr.io": {}}'));
      await home.apply([set("ghcr.io", "u", "p")]);
      assert.equal(await state(), "overridden", "the same delivery does not end it");
      await home.helper("erase", "ghcr.io");
      await home.helper("erase", "ghcr.io");
      assert.deepEqual([await state(), await get(), (await home.helper("list")).stdout], ["hidden", NOT_FOUND, "{}\n"]);
      await home.apply([set("ghcr.io", "u", "p2")]);
      assert.deepEqual(
        [await state(), await get()],
        ["applied", '{"ServerURL":"ghcr.io","Username":"u","Secret":"p2"}\n'],
      );
      await home.apply([]);
      assert.equal(home.configText(), '{\n\t"auths": {}\n}');
    });

    it("keeps a login by hand that was made after the container had stopped, until the secret changes", async () => {
      const delivered = [set("ghcr.io", "u", "p1")];
      await home.apply(delivered);
      const stop = () => {
        for (const name of readdirSync(home.memory)) rmSync(join(home.memory, name), { recursive: true });
      };
      const state = async () => {
        const status = answer(await home.run("registry-login", ["status", "--json"]));
        const user = answer(await home.helper("get", "ghcr.io"))["Username"];
        return [(status["hosts"] as { state: string }[])[0]?.state, user];
      };
      stop();
      await home.helper("store", '{"ServerURL":"ghcr.io","Username":"me","Secret":"mine"}');
      assert.equal((await home.run("registry-login", ["lifecycle", "postAttach"])).stdout, "");
      assert.match(home.configText(), /"ghcr\.io": "registry-login"/, "Docker goes on asking for it");
      for (let n = 0; n < 2; n++) {
        await home.apply(delivered);
        assert.deepEqual(await state(), ["overridden", "me"]);
      }
      await home.apply([set("ghcr.io", "u", "p2")]);
      assert.deepEqual(await state(), ["applied", "u"]);
      stop();
      await home.helper("store", '{"ServerURL":"ghcr.io","Username":"u","Secret":"p2"}');
      await home.apply([set("ghcr.io", "u", "p2")]);
      assert.deepEqual(await state(), ["applied", "u"], "the same value is no override");
      await home.helper("store", '{"ServerURL":"ghcr.io","Username":"me","Secret":"mine"}');
      stop();
      await home.apply(delivered);
      assert.deepEqual(await state(), ["applied", "u"], "it ended with the stop");
    });

    it("honours triplets beside deliveries", async () => {
      const environment = {
        A_CONTAINER_REGISTRY_SERVER: "https://A.example:5000/x",
        A_CONTAINER_REGISTRY_USER: "a",
        A_CONTAINER_REGISTRY_PASSWORD: CANARY,
        G_CONTAINER_REGISTRY_SERVER: "ghcr.io",
        G_CONTAINER_REGISTRY_USER: "g",
        G_CONTAINER_REGISTRY_PASSWORD: "g",
        H_CONTAINER_REGISTRY_USER: "h",
        N_CONTAINER_REGISTRY_SERVER: "n.example",
        N_CONTAINER_REGISTRY_USER: "runner-native",
        N_CONTAINER_REGISTRY_PASSWORD: "runner-native",
      };
      assertApplied(await home.apply([set("ghcr.io", "u", "p")]));
      const memory = String(answer(await home.apply([set("ghcr.io", "u", "p")]))["directory"]);
      const outcome = await home.run("registry-login", ["lifecycle", "onCreate"], "", environment);
      assert.deepEqual([outcome.exit, outcome.stderr], [0, ""]);
      assert.match(
        outcome.stdout,
        /^registry-login: .*H_CONTAINER_REGISTRY_SERVER.*H_CONTAINER_REGISTRY_PASSWORD.*\n$/,
      );
      assert.equal(answer(await home.helper("get", "a.example:5000"))["Secret"], CANARY);
      assert.match((await home.helper("get", "ghcr.io")).stdout, /"Secret":"p"/, "the delivery wins");
      const status = answer(await home.run("registry-login", ["status", "--json"]));
      assert.deepEqual(
        (status["hosts"] as Record<string, unknown>[]).map(({ host, source, state, alsoTriplet }) => [
          host,
          source,
          state,
          alsoTriplet,
        ]),
        [
          ["ghcr.io", "cli", "applied", true],
          ["a.example:5000", "triplet", "applied", false],
        ],
      );
      assert.deepEqual(status["skipped"], [{ host: "n.example", reason: "runner-native" }]);
      await home.apply([]);
      assert.match((await home.helper("get", "ghcr.io")).stdout, /"Username":"g"/, "the triplet stands behind it");
      // something rewrites the file, and a later session has no such variables
      writeFileSync(home.config, '{"credsStore": "gone-missing"}');
      const again = await home.run("registry-login", ["lifecycle", "postAttach"]);
      assert.deepEqual([again.exit, again.stderr], [0, ""]);
      assert.deepEqual(JSON.parse(home.configText()), {
        credsStore: "gone-missing",
        credHelpers: { "a.example:5000": "registry-login", "ghcr.io": "registry-login" },
      });
      assert.equal(answer(await home.run("registry-login", ["status", "--json"]))["deadCredsStore"], "gone-missing");
      assert.ok(existsSync(memory), "one memory folder");
    });

    it("a lifecycle ends with 0 whatever happens, and does nothing where there is nothing to do", async () => {
      assert.deepEqual(await home.run("registry-login", ["lifecycle", "postStart"]), {
        stdout: "",
        stderr: "",
        exit: 0,
      });
      assert.deepEqual([existsSync(home.state), existsSync(home.config)], [false, false]);
      await home.apply([set("ghcr.io", "u", "p")]);
      writeFileSync(home.config, "{");
      const outcome = await home.run("registry-login", ["lifecycle", "postStart"]);
      assert.deepEqual([outcome.exit, outcome.stderr, outcome.stdout.split("\n").length], [0, "", 2]);
      assert.match((await home.run("registry-login", ["status"])).stdout, /is not valid JSON/);
    });

    const nobody: [name: string, words: string][] = [
      ["to a full device", "onCreate >/dev/full"],
      ["without a standard output", "onCreate >&-"],
      ["without a word", ""],
      ["with a word that is none", "onDelete"],
      ["with two words", "onCreate postStart"],
    ];
    it("a lifecycle ends with 0 even where nobody can read what it says, and where nobody should have called it", async () => {
      for (const [name, words] of nobody) {
        const command = `${home.bin}/sh ${join(SCRIPTS, "registry-login")} lifecycle ${words}`;
        const { exit } = await home.shell(["-c", command], { H_CONTAINER_REGISTRY_USER: "h" });
        assert.equal(exit, 0, name);
      }
    });

    it("lets no value out of the memory folder", async () => {
      let said = "";
      // Variables of these names must not carry a value into the environment of a child.
      const environment = { INPUT: "x", ANSWER: "x", NOTES: "x", fresh: "x", parsed: "x" };
      const keep = (outcome: Outcome) => (said += outcome.stdout + outcome.stderr);
      keep(await home.apply([set("ghcr.io", "u", CANARY)], environment));
      keep(
        await home.helper(
          "store",
          JSON.stringify({ ServerURL: "b.example", Username: "u", Secret: CANARY }),
          environment,
        ),
      );
      keep(await home.helper("list"));
      keep(await home.run("registry-login", ["status"]));
      keep(await home.run("registry-login", ["status", "--json"]));
      keep(await home.run("registry-login", ["lifecycle", "postStart"]));
      assert.ok(!said.includes(CANARY_START));
      assert.ok(!home.homeHolds(CANARY_START));
      assert.equal(answer(await home.helper("get", "ghcr.io"))["Secret"], CANARY);
    });

    it("keeps nothing where printf is a program, because it would show the value in its arguments", async () => {
      const seen = join(home.root, "arguments");
      writeFileSync(seen, "");
      const shellWithout = [
        'command() { case "$*" in "-v printf") echo /usr/bin/printf ;; *) return 1 ;; esac; }',
        `printf() { echo "$*" >>${seen}; env printf "$@"; }`,
        '. "$0"',
      ].join("\n");
      const run = (program: string, args: string[], input: string, environment: Record<string, string> = {}) =>
        home.shell(["-c", shellWithout, join(SCRIPTS, program), ...args], environment, input);
      const applied = await run("registry-login", ["apply", "--json"], delivery([set("ghcr.io", "u", CANARY)]));
      assertRefused(applied, "unsupported-shell");
      assert.deepEqual(
        await run(
          "docker-credential-registry-login",
          ["store"],
          JSON.stringify({ ServerURL: "b.example", Username: "u", Secret: CANARY }),
        ),
        { stdout: `${String(answer(applied)["message"])}\n`, stderr: "", exit: 1 },
      );
      const environment = {
        A_CONTAINER_REGISTRY_SERVER: "a.example",
        A_CONTAINER_REGISTRY_USER: "u",
        A_CONTAINER_REGISTRY_PASSWORD: CANARY,
      };
      assert.deepEqual(await run("registry-login", ["lifecycle", "postStart"], "", environment), {
        stdout: "",
        stderr: "",
        exit: 0,
      });
      const shown = readFileSync(seen, "utf8");
      assert.match(shown, /unsupported-shell/, "the arguments of printf are seen");
      assert.ok(!shown.includes(CANARY_START));
      assert.equal((await home.helper("list")).stdout, "{}\n");
    });

    it("two at once both end, and the file is whole", async () => {
      writeFileSync(home.config, '{"credHelpers": {"b.example": "other"}}');
      const outcomes = await Promise.all([
        home.apply([set("ghcr.io", "u", "1")]),
        home.apply([set("ghcr.io", "u", "2"), set("a.example", "u", "2")]),
        home.run("registry-login", ["lifecycle", "postStart"]),
      ]);
      assert.deepEqual(
        outcomes.map(({ exit, stderr }) => [exit, stderr]),
        [
          [0, ""],
          [0, ""],
          [0, ""],
        ],
      );
      const secret = answer(await home.helper("get", "ghcr.io"))["Secret"];
      const helpers = (JSON.parse(home.configText()) as { credHelpers: Record<string, string> }).credHelpers;
      assert.equal(helpers["b.example"], "other");
      assert.equal("a.example" in helpers, secret === "2");
      assert.equal(readdirSync(home.memory).length, 1);
    });

    describe("speaks the protocol of docker-credential-helpers", () => {
      judge(fixtureRows<Vector>("credential-helper-protocol"), DIFFERENCES, async ({ in: given, want }) => {
        for (const step of given.before ?? []) await home.helper(step.argv[0] ?? "", step.stdin);
        const outcome = await home.helper(given.argv[1] ?? "", given.stdin);
        const expected = /\(github/.test(want.stdout)
          ? `docker-credential-registry-login (registry-secrets) v${VERSION}\n`
          : want.stdout.replaceAll("docker-credential-test", "docker-credential-registry-login");
        assert.deepEqual(outcome, { stdout: expected, stderr: "", exit: want.exit });
      });
    });

    it("wrong use ends with 2", async () => {
      for (const args of [[], ["frobnicate"], ["apply", "--yes"], ["status", "--json", "x"]]) {
        const outcome = await home.run("registry-login", args);
        assert.deepEqual([outcome.exit, outcome.stdout], [2, ""]);
        assert.match(outcome.stderr, /^Usage: /);
      }
    });
  });
}
