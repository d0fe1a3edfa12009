import { strict as assert } from "node:assert";
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { AWKS, SCRIPTS, which } from "./shells";

const CASES = 60;

/** Runs config.awk over case folders 0…n-1: once with two hosts wanted, then with none; ends with the exit codes. */
const BATCH = `
LC_ALL=C; export LC_ALL
merge() {
  SIZE=$(wc -c <"$1") WANTED=$2 UNDO=$3 UNDO_OUT=$4 OUT=$5 CONFIG=/c $AWK -f "$SCRIPTS/json.awk" -f "$SCRIPTS/host.awk" -f "$SCRIPTS/config.awk" "$1" >/dev/null 2>noise
  echo $?
}
n=0
while [ -d "$n" ]; do
  cd "$n"
  code=$(merge in "a.example ghcr.io" /dev/null undo out)
  [ "$code" != 0 ] || code=$code$(merge out "" undo undo2 back)
  printf '%s %s\\n' "$code" "$(wc -c <noise)"
  cd ..
  n=$((n + 1))
done`;

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
    this.timeout(60_000);
    const seed = Date.now() & 0x7fffffff;
    const folder = mkdtempSync(join(tmpdir(), "merge-"));
    const file = (n: number, name: string) => join(folder, String(n), name);

    before(function () {
      const missing = [awk, "jq"].find((name) => which(name) === undefined);
      if (missing === undefined) return;
      assert.ok(process.env["CI"] !== "true", `${missing} is missing: install it, CI skips nothing`);
      console.log(`SKIPPED: the merge of config.json with ${awk}, because ${missing} is missing`);
      this.skip();
    });
    afterEach(() => {
      rmSync(folder, { recursive: true, force: true });
    });

    function run(inputs: string[]): string[] {
      inputs.forEach((input, n) => {
        mkdirSync(join(folder, String(n)), { recursive: true });
        writeFileSync(file(n, "in"), input);
      });
      const AWK = awk === "busybox" ? "busybox awk" : awk;
      return execFileSync("sh", ["-c", BATCH], { cwd: folder, env: { ...process.env, AWK, SCRIPTS }, encoding: "utf8" })
        .trim()
        .split("\n");
    }

    it("says what jq says, keeps the order, and comes back byte for byte", () => {
      const inputs = fc.sample(text, { numRuns: CASES, seed });
      const codes = run(inputs);
      const program = `[inputs] as $all | [range(0; $all | length; 2) | $all[.] as $b | $all[. + 1] as $a
        | ($b | .credHelpers = ((.credHelpers // {}) + {"ghcr.io": "registry-login", "a.example": "registry-login"})) == $a
          and ($a | keys_unsorted[:($b | length)]) == ($b | keys_unsorted)]`;
      const files = inputs.flatMap((_, n) => [file(n, "in"), file(n, "out")]);
      const judged = JSON.parse(execFileSync("jq", ["-n", program, ...files], { encoding: "utf8" })) as boolean[];
      inputs.forEach((input, n) => {
        const shown = `seed ${seed}, case ${n}: ${JSON.stringify(input)}`;
        assert.equal(codes[n], "00 0", shown);
        assert.equal(judged[n], true, shown);
        assert.equal(readFileSync(file(n, "back"), "utf8"), readFileSync(file(n, "in"), "utf8"), shown);
      });
    });

    it("takes exactly what is JSON", () => {
      const inputs = fc.sample(damaged, { numRuns: CASES, seed }).filter((input) => input.trim() !== "");
      const codes = run(inputs);
      inputs.forEach((input, n) => {
        // As bytes, because half a surrogate pair does not survive the way through a file.
        const source = readFileSync(join(folder, String(n), "in"), "utf8");
        const expected = isObject(source) ? /^(00|4) 0$/ : /^3 0$/;
        assert.match(codes[n] ?? "", expected, `seed ${seed}, case ${n}: ${JSON.stringify(input)}`);
      });
    });
  });
}
