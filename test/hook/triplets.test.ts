import { strict as assert } from "node:assert";
import { cpSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Home, needs, type Outcome, PAIRS, SCRIPTS, set } from "./shells";

/** Variables by prefix: server, user, password; undefined where there is no such variable. */
type Triplets = Readonly<Record<string, readonly (string | undefined)[]>>;

function variables(triplets: Triplets): Record<string, string> {
  const parts = ["SERVER", "USER", "PASSWORD"];
  return Object.fromEntries(
    Object.entries(triplets).flatMap(([prefix, values]) => {
      const infix = prefix === prefix.toUpperCase() ? "CONTAINER_REGISTRY" : "container_registry";
      const name = (part: string) => (infix === infix.toUpperCase() ? part : part.toLowerCase());
      return values.flatMap((value, n) =>
        value === undefined ? [] : [[`${prefix}_${infix}_${name(parts[n] ?? "")}`, value]],
      );
    }),
  );
}

interface Case {
  name: string;
  triplets: Triplets;
  /** What the helper answers then, by host: user and password. */
  logins: Readonly<Record<string, readonly [string, string]>>;
  /** What it says of the others, one line each. */
  says?: readonly RegExp[];
}

const ECR = "123456789012.dkr.ecr.eu-central-1.amazonaws.com";
const AWKWARD: [name: string, password: string][] = [
  ["a newline", "one\ntwo\n"],
  ["quotes", "\"'`$(id)$HOME"],
  ["a backslash", "\\n\\\\ \\u0041 \\"],
  ["an emoji", "🔑 – é"],
  ["white space around", "  p\t"],
  ["a percent sign", "%s %d %%"],
  [
    "what looks like a line of a delivery",
    'p\nset evil.example {"ServerURL":"evil.example","Username":"u","Secret":"s"}',
  ],
  ["600 characters", "x".repeat(600)],
];

const cases: Case[] = [
  ...AWKWARD.map(([name, password]): Case => ({
    name: `a password with ${name}`,
    triplets: { A: ["a.example", "u", password] },
    logins: { "a.example": ["u", password] },
  })),
  {
    name: "a user with a quote, a backslash and an emoji",
    triplets: { A: ["a.example", 'u"\\🔑', "p"] },
    logins: { "a.example": ['u"\\🔑', "p"] },
  },
  {
    name: "names in small letters, which GitHub takes for the same",
    triplets: { my_registry: ["a.example", "u", "p"] },
    logins: { "a.example": ["u", "p"] },
  },
  {
    name: "the same name in both, of which capitals count",
    triplets: { a: ["a.example", "small", "small"], A: ["a.example", "u", "p"] },
    logins: { "a.example": ["u", "p"] },
  },
  {
    name: "incomplete ones",
    triplets: { A: ["a.example"], B: ["b.example", "u"], C: ["c.example", "u", ""], D: [undefined, undefined, "p"] },
    logins: {},
    says: [
      /A_CONTAINER_REGISTRY_\*: set A_CONTAINER_REGISTRY_USER A_CONTAINER_REGISTRY_PASSWORD as well\./,
      /B_CONTAINER_REGISTRY_\*: set B_CONTAINER_REGISTRY_PASSWORD as well\./,
      /C_CONTAINER_REGISTRY_\*: set C_CONTAINER_REGISTRY_PASSWORD as well\./,
      /D_CONTAINER_REGISTRY_\*: set D_CONTAINER_REGISTRY_SERVER D_CONTAINER_REGISTRY_USER as well\./,
    ],
  },
  {
    name: "two for one registry, of which the first by name counts",
    triplets: { B: ["https://A.example/v2/", "second", "second"], A: ["a.example", "first", "first"] },
    logins: { "a.example": ["first", "first"] },
    says: [/B_CONTAINER_REGISTRY_SERVER names a\.example, which A_CONTAINER_REGISTRY_SERVER names already: remove one/],
  },
  {
    name: "a server that is none, beside a good one",
    triplets: { A: ["not a host", "u", "p"], B: ["../../etc", "u", "p"], C: ["c.example", "u", "p"] },
    logins: { "c.example": ["u", "p"] },
    says: [/A_\S+_SERVER names no registry host/, /B_\S+_SERVER names no registry host/],
  },
  {
    name: "Docker Hub by another of its names",
    triplets: { HUB: ["docker.io", "u", "p"] },
    logins: { "https://index.docker.io/v1/": ["u", "p"] },
  },
  {
    name: "ECR with a token",
    triplets: { ECR: [ECR, "AWS", "token"] },
    logins: { [ECR]: ["AWS", "token"] },
  },
  {
    name: "ECR with an access key, which it does not take",
    triplets: { ECR: [ECR, "AKIAIOSFODNN7EXAMPLE", "key"], A: ["a.example", "AKIAIOSFODNN7EXAMPLE", "key"] },
    logins: { "a.example": ["AKIAIOSFODNN7EXAMPLE", "key"] },
    says: [/Not logged in by ECR_\S+\*: it is an access key of AWS/],
  },
];

/** What Codespaces' file of secrets holds, the values as they are meant. */
type Secrets = readonly (readonly [name: string, value: string])[];

const ONLY_THERE: Secrets = [
  ["F_CONTAINER_REGISTRY_SERVER", "f.example"],
  ["F_CONTAINER_REGISTRY_USER", 'u"é🔑'],
  ["F_CONTAINER_REGISTRY_PASSWORD", "pässword=?>~"],
];
const secretCases: { name: string; triplets?: Triplets; secrets: Secrets; logins: Case["logins"] }[] = [
  {
    name: "a triplet of the environment, whatever else stands there",
    triplets: { A: ["a.example", "u", "p"] },
    secrets: [
      ["A_TOKEN", "of something else"],
      ["CONTAINER_REGISTRY_SERVER", "b.example"],
    ],
    logins: { "a.example": ["u", "p"] },
  },
  {
    name: "a triplet that stands only there",
    secrets: ONLY_THERE,
    logins: { "f.example": ['u"é🔑', "pässword=?>~"] },
  },
  {
    name: "both, and the environment counts where it has the same name",
    triplets: { A: ["a.example", "u", "p"], F: ["f.example", "mine"] },
    secrets: [["A_TOKEN", "of something else"], ...ONLY_THERE],
    logins: { "a.example": ["u", "p"], "f.example": ["mine", "pässword=?>~"] },
  },
  ...AWKWARD.map(([name, password]) => ({
    name: `a password there with ${name}`,
    secrets: [...ONLY_THERE.slice(0, 2), ["F_CONTAINER_REGISTRY_PASSWORD", password] as const],
    logins: { "f.example": ['u"é🔑', password] as const },
  })),
];

for (const [shell, awk] of PAIRS) {
  describe(`triplets of the environment, in ${shell} with ${awk}`, function () {
    this.timeout(60_000);
    let home: Home;
    before(needs(`triplets in ${shell} with ${awk}`, [shell, awk]));
    beforeEach(() => {
      home = new Home(shell, awk);
    });
    afterEach(() => {
      home.remove();
    });

    /** What the helper knows, by host. */
    async function logins(): Promise<Record<string, readonly [string, string]>> {
      const hosts = Object.keys(JSON.parse((await home.helper("list")).stdout) as object);
      const answers = hosts.map(async (host) => {
        const { stdout } = await home.helper("get", host);
        const { Username, Secret } = JSON.parse(stdout) as { Username: string; Secret: string };
        return [host, [Username, Secret] as const] as const;
      });
      return Object.fromEntries(await Promise.all(answers));
    }

    for (const { name, triplets, logins: expected, says = [] } of cases) {
      it(name, async () => {
        for (const when of ["onCreate", "postStart", "postAttach"]) {
          const outcome = await home.run("registry-login", ["lifecycle", when], "", variables(triplets));
          assert.deepEqual([outcome.exit, outcome.stderr], [0, ""]);
          const lines = outcome.stdout.split("\n").slice(0, -1);
          assert.equal(lines.length, says.length, outcome.stdout);
          says.forEach((said, n) => assert.match(lines[n] ?? "", said));
          assert.deepEqual(await logins(), expected, when);
        }
      });
    }

    /** Runs a lifecycle that finds these secrets where Codespaces writes them. */
    function lifecycleWith(secrets: Secrets, triplets: Triplets): Promise<Outcome> {
      const file = join(home.root, "secrets");
      const lines = secrets.map(([name, value]) => `${name}=${Buffer.from(value).toString("base64")}\n`);
      writeFileSync(file, lines.join(""));
      const scripts = join(home.root, "scripts");
      cpSync(SCRIPTS, scripts, { recursive: true });
      const program = join(scripts, "registry-login");
      const [before, after, ...more] = readFileSync(program, "utf8").split(
        "/workspaces/.codespaces/shared/.env-secrets",
      );
      assert.ok(before !== undefined && after !== undefined && more.length === 0);
      writeFileSync(program, before + file + after);
      return home.shell([program, "lifecycle", "postStart"], variables(triplets));
    }

    for (const { name, triplets = {}, secrets, logins: expected } of secretCases) {
      it(`the secrets file of Codespaces: ${name}`, async () => {
        assert.deepEqual(await lifecycleWith(secrets, triplets), { stdout: "", stderr: "", exit: 0 });
        assert.deepEqual(await logins(), expected);
      });
    }

    it("a delivery for the same registry counts, before and after, and status says so", async () => {
      const environment = variables({ A: ["a.example", "triplet", "t"] });
      const lifecycle = () => home.run("registry-login", ["lifecycle", "postStart"], "", environment);
      await lifecycle();
      await home.apply([set("a.example", "delivered", "d")]);
      assert.deepEqual(await logins(), { "a.example": ["delivered", "d"] });
      await lifecycle();
      assert.deepEqual(await logins(), { "a.example": ["delivered", "d"] });
      const { stdout } = await home.run("registry-login", ["status"]);
      assert.match(
        stdout,
        /^a\.example: logged in, from cli since \S+, which counts before the variables of the environment$/m,
      );
      await home.apply([]);
      assert.deepEqual(await logins(), { "a.example": ["triplet", "t"] });
    });
  });
}
