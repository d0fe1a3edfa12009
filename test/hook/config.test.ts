import { strict as assert } from "node:assert";
import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { AWKS, needs, SCRIPTS } from "./shells";

/** Of each awk; four of them make 20,000 files. */
const CASES = 5_000;
const DAMAGED = 500;

const words = fc.oneof(
  fc.string({ unit: "binary", maxLength: 12 }),
  fc.constantFrom("ghcr.io", "credHelpers", "\\", '"', "}", ""),
);
const helpers = fc.oneof(
  fc.dictionary(fc.oneof(words, fc.constantFrom("ghcr.io", "a.example")), words, { maxKeys: 4 }),
  fc.constant(null),
);
const config = fc
  .tuple(fc.dictionary(words, fc.jsonValue(), { maxKeys: 5 }), fc.option(helpers, { nil: undefined }), fc.boolean())
  .map(([rest, table, first]) => {
    const own = table === undefined ? {} : { credHelpers: table };
    const others = Object.fromEntries(Object.entries(rest).filter(([key]) => key !== "credHelpers"));
    return first ? { ...own, ...others } : { ...others, ...own };
  });
/** The text of a config file in some style; every other character above ASCII written as an escape. */
const text = fc
  .tuple(config, fc.constantFrom("", " ", "  ", "\t"), fc.boolean(), fc.constantFrom("", "\n", "\r\n"))
  .map(([value, indent, escaped, end]) => {
    const plain = JSON.stringify(value, null, indent) + end;
    return escaped ? plain.replace(/[^\0-~]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`) : plain;
  });
const damaged = fc
  .tuple(
    text,
    fc.nat(),
    fc.nat(3),
    fc.constantFrom("", ",", '"', "\\", "}", "{", "0", ":", "\n", "x", "\u0001", "-", "e"),
  )
  .map(([whole, at, cut, piece]) => {
    const from = at % (whole.length + 1);
    return whole.slice(0, from) + piece + whole.slice(from + cut);
  });

function isObject(source: string): boolean {
  try {
    const value: unknown = JSON.parse(source);
    return typeof value === "object" && value !== null && !Array.isArray(value);
  } catch {
    return false;
  }
}

for (const awk of AWKS) {
  describe(`the merge of config.json with ${awk}`, function () {
    this.timeout(240_000);
    const seed = Number(process.env["FAST_CHECK_SEED"] ?? Date.now() & 0x7fffffff);
    let folder: string;
    const file = (n: number, name: string) => join(folder, `${n}.${name}`);

    before(needs(`the merge of config.json with ${awk}`, [awk, "jq"]));
    beforeEach(() => {
      folder = mkdtempSync("/dev/shm/merge-");
    });
    afterEach(() => {
      rmSync(folder, { recursive: true, force: true });
    });

    /** One awk for all of them; returns the codes of each. */
    function run(inputs: string[]): string[] {
      mkdirSync(folder, { recursive: true });
      const sizes = inputs.map((input, n) => {
        const bytes = Buffer.from(input);
        writeFileSync(file(n, "in"), bytes);
        return bytes.length;
      });
      writeFileSync(join(folder, "sizes"), sizes.join("\n") + "\n");
      const [command = "", ...args] = awk === "busybox" ? ["busybox", "awk"] : [awk];
      const scripts = ["json", "host", "config"].map((name) => join(SCRIPTS, `${name}.awk`));
      const files = [...scripts, join(process.cwd(), "test/hook/batch.awk")].flatMap((path) => ["-f", path]);
      const env = { ...process.env, LC_ALL: "C", FOLDER: folder, CONFIG: "/c" };
      const { stdout, stderr, status } = spawnSync(command, [...args, ...files], {
        env,
        encoding: "utf8",
        maxBuffer: 64e6,
      });
      assert.deepEqual([status, stderr], [0, ""], `seed ${seed}`);
      return [...stdout.matchAll(/^ = (.*)$/gm)].map((match) => match[1] ?? "");
    }

    it(`says of ${CASES} files what jq says, keeps the order, and comes back byte for byte (seed ${seed})`, () => {
      const inputs = fc.sample(text, { numRuns: CASES, seed });
      const codes = run(inputs);
      inputs.forEach((input, n) => {
        const shown = `seed ${seed}, case ${n}: ${JSON.stringify(input)}`;
        assert.equal(codes[n], "0 0", shown);
        assert.equal(readFileSync(file(n, "back"), "utf8"), readFileSync(file(n, "in"), "utf8"), shown);
      });
      const program = `foreach inputs as $it ({}; if .b == null then {b: $it} else {b: null, a: $it, was: .b} end; if .b == null then . else empty end)
        | .was as $b | .a as $a
        | ($b | .credHelpers = ((.credHelpers // {}) + {"ghcr.io": "registry-login", "a.example": "registry-login"})) == $a
          and ($a | keys_unsorted[:($b | length)]) == ($b | keys_unsorted)`;
      const files = inputs.flatMap((_, n) => [`${n}.in`, `${n}.out`]);
      const judged = execFileSync("jq", ["-n", program, ...files], { cwd: folder, encoding: "utf8", maxBuffer: 64e6 });
      const verdicts = judged.trim().split("\n");
      assert.equal(verdicts.length, CASES);
      inputs.forEach((input, n) =>
        assert.equal(verdicts[n], "true", `seed ${seed}, case ${n}: ${JSON.stringify(input)}`),
      );
    });

    it("takes exactly what is JSON", () => {
      const inputs = fc.sample(damaged, { numRuns: DAMAGED, seed }).filter((input) => input.trim() !== "");
      const codes = run(inputs);
      inputs.forEach((input, n) => {
        // As bytes, because half a surrogate pair does not survive the way through a file.
        const source = readFileSync(file(n, "in"), "utf8");
        const expected = isObject(source) ? /^(0 0|4)$/ : /^3$/;
        assert.match(codes[n] ?? "", expected, `seed ${seed}, case ${n}: ${JSON.stringify(input)}`);
      });
    });
  });
}
