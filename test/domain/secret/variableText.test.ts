import { strict as assert } from "node:assert";
import fc from "fast-check";
import { readVariableText } from "../../../src/domain/secret/variableText";

describe("variables as text", () => {
  const cases: [what: string, text: string, want: Record<string, string>][] = [
    ["lines", "A=1\nB=two words\n", { A: "1", B: "two words" }],
    ["lines of Windows with a byte order mark", "\uFEFFA=1\r\nB=2\r\n", { A: "1", B: "2" }],
    ["exports of a shell", "export A=1\n  export  B='2 3'\n", { A: "1", B: "2 3" }],
    ["PowerShell", '$env:A = "1"\n', { A: "1" }],
    ["cmd", "set A=1", { A: "1" }],
    ["YAML", "A: 1\nB: '2'", { A: "1", B: "2" }],
    ["quotes with signs of a shell in them", 'A="p\\$w\\"x"', { A: 'p$w"x' }],
    ["a dollar, which is no variable here", "A=$HOME${B}$$", { A: "$HOME${B}$$" }],
    ["an equals sign in the value", "A=x=y==", { A: "x=y==" }],
    ["one quote", "A=\"1\nB='", { A: '"1', B: "'" }],
    ["comments and what is none", "# A=1\n\nno variable here\n1A=2", {}],
    ["an empty value", "A=", { A: "" }],
    ["JSON with comments", '{ "A": "1", /* of course */ "B": 2, }', { A: "1" }],
    ["JSON that is broken", '{ "A": "1" ', {}],
    ["no JSON object", "{}", {}],
    ["a megabyte and more", `A=${"x".repeat(1_048_576)}`, {}],
  ];
  for (const [what, text, want] of cases) {
    it(what, () => assert.deepEqual(readVariableText(text), want));
  }

  it("gives back any value in single quotes", () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[^\r\n\u2028\u2029]*$/), (value) => {
        assert.deepEqual(readVariableText(`A='${value}'`), { A: value });
      }),
    );
  });

  it("reads whatever comes", () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        for (const value of Object.values(readVariableText(text))) assert.equal(typeof value, "string");
      }),
    );
  });
});
