import { strict as assert } from "node:assert";
import fc from "fast-check";
import { interpolate, readDotenv } from "../../../src/domain/image/interpolation";

describe("interpolation of a Compose file", () => {
  const cases: [text: string, expected: string | undefined, unresolved: string[]][] = [
    ["plain", "plain", []],
    ["a$$b", "a$b", []],
    ["$$SET", "$SET", []],
    ["$SET-${SET}", "x-x", []],
    ["${EMPTY:-y}${EMPTY-y}", "y", []],
    ["${UNSET-y}${UNSET:-${SET:-z}}", "yx", []],
    ["${SET:+y}${EMPTY:+y}${EMPTY+z}${UNSET+y}", "yz", []],
    ["${SET:?needed}", "x", []],
    ["${UNSET:?needed}", undefined, ["UNSET"]],
    ["a$UNSET", "a", ["UNSET"]],
    ["${UNSET}${OTHER}${UNSET}", "", ["UNSET", "OTHER"]],
    ["${UNSET:-$OTHER}", "", ["OTHER"]],
    ["${toString}", "", ["toString"]],
    ["${SET", undefined, []],
    ["$", undefined, []],
    ["${}", undefined, []],
    ["$1", undefined, []],
  ];
  for (const [text, expected, unresolved] of cases) {
    it(`reads ${text}`, () => {
      const result = interpolate(text, { SET: "x", EMPTY: "" });
      assert.deepEqual([result.text, result.unresolved], [expected, unresolved]);
    });
  }

  it("says where each part came from", () => {
    const text = "a ${X} $$ ${Y:-yy} end";
    const { text: result = "", origin } = interpolate(text, { X: "long value" });
    assert.equal(result, "a long value $ yy end");
    const cut = (part: string) => {
      const at = result.indexOf(part);
      const { start, end } = origin(at, at + part.length);
      return text.slice(start, end);
    };
    assert.deepEqual(["a", "value", "$", "yy", "end", "$ yy e"].map(cut), [
      "a",
      "${X}",
      "$$",
      "${Y:-yy}",
      "end",
      "$$ ${Y:-yy} e",
    ]);
  });

  it("ends on a value that doubles", () => {
    const lines = Array.from({ length: 60 }, (_, index) => `A${index + 1}=\${A${index}}\${A${index}}`);
    const found = readDotenv(["A0=ab", ...lines].join("\n"), {});
    assert.equal(found["A3"], "abababababababab");
    assert.ok(Object.values(found).every((value) => value.length <= 2_200_000));
  });

  it("any text is read without an error, and literal text keeps its place", () => {
    const piece = fc.constantFrom("$", "{", "}", "A", ":-", "b c", "$$", "${A}", "\n");
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 15 }), (pieces) => {
        const written = pieces.join("");
        const { text, origin } = interpolate(written, { A: "value" });
        const { start, end } = origin(0, text?.length ?? 0);
        assert.ok(start >= 0 && start <= end && end <= written.length);
      }),
      { numRuns: 1000 },
    );
  });
});

describe(".env of Compose", () => {
  const cases: [name: string, text: string, expected: Record<string, string>][] = [
    ["plain lines", "A=1\nB=two words \n\n# no\nC=", { A: "1", B: "two words", C: "" }],
    ["carriage returns and a byte order mark", "\uFEFFA=1\r\nB=2\r\n", { A: "1", B: "2" }],
    ["export, and a colon", "export A=1\nB: 2", { A: "1", B: "2" }],
    ["comments behind a value", 'A=1 # one\nB=1#2\nC="x" # y', { A: "1", B: "1#2", C: "x" }],
    ["single quotes", "A='$B \\n \\' x'", { A: "$B \\n ' x" }],
    ["double quotes", 'A="a\\nb \\"c\\" ${X}"', { A: 'a\nb "c" env' }],
    ["quotes over two lines", "A='x\ny'\nB=2", { A: "x\ny", B: "2" }],
    ["variables of lines before", "A=1\nB=${A}${X}${NONE}", { A: "1", B: "1env" }],
    ["the environment wins in values", "X=file\nB=$X", { X: "file", B: "env" }],
    ["a name alone is taken from the environment", "X\nY\nZ=1", { X: "env", Z: "1" }],
    ["an escaped dollar", 'A="\\$X"', { A: "$X" }],
    ["lines that are none", "!!!\nA=1\n=2", { A: "1" }],
  ];
  for (const [name, text, expected] of cases) {
    it(name, () => assert.deepEqual(readDotenv(text, { X: "env" }), expected));
  }

  it("ends on hostile text", () => {
    for (const text of [
      `${"\n".repeat(400_000)}!`,
      "A='".repeat(100_000),
      'A="\\"\n'.repeat(50_000),
      "A=$A$A\n".repeat(50_000),
    ]) {
      assert.equal(typeof readDotenv(text, {}), "object");
    }
  });
});
