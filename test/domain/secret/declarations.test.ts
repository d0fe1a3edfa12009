import { strict as assert } from "node:assert";
import fc from "fast-check";
import { parse, type ParseError } from "jsonc-parser";
import { declaredSecrets, withDeclarations, type Declaration } from "../../../src/domain/secret/declarations";

const GHCR: Declaration = { prefix: "GHCR", descriptions: ["Host", "User", "Token"] };

describe("registry secrets that a devcontainer.json declares", () => {
  const three = (prefix: string) =>
    ["SERVER", "USER", "PASSWORD"].map((part) => `"${prefix}_CONTAINER_REGISTRY_${part}": {}`).join(", ");
  const cases: [what: string, text: string, want: string[]][] = [
    ["one", `{ "secrets": { ${three("GHCR")} } }`, ["GHCR"]],
    ["two, in order, among others", `{ "secrets": { ${three("B")}, "TOKEN": {}, ${three("A")}, } }`, ["A", "B"]],
    ["in small letters", `{ "secrets": { ${three("ghcr").toLowerCase()} } }`, ["GHCR"]],
    ["two of three", `{ "secrets": { "A_CONTAINER_REGISTRY_USER": {}, "A_CONTAINER_REGISTRY_SERVER": {} } }`, []],
    ["no block", `{ "image": "debian" }`, []],
    ["a block that is none", `{ "secrets": [1] }`, []],
    ["no file", "", []],
    ["broken, as far as it goes", `{ "secrets": { ${three("GHCR")} `, ["GHCR"]],
  ];
  for (const [what, text, want] of cases) {
    it(what, () =>
      assert.deepEqual(
        declaredSecrets(text).map(({ prefix }) => prefix),
        want,
      ),
    );
  }

  it("come with what the file says about them", () => {
    const text = withDeclarations("{}", [GHCR]);
    assert.deepEqual(declaredSecrets(text), [{ prefix: "GHCR", description: "Host" }]);
  });

  it("are read from whatever comes", () => {
    fc.assert(fc.property(fc.string(), (text) => void declaredSecrets(text)));
  });
});

describe("declaring registry secrets", () => {
  it("keeps comments, order and indentation, and adds a block at the end", () => {
    const text = '{\n\t// ours\n\t"image": "ghcr.io/acme/app:1", // pinned\n\t"postCreateCommand": "true"\n}\n';
    assert.equal(
      withDeclarations(text, [{ ...GHCR, prefix: "A" }]),
      '{\n\t// ours\n\t"image": "ghcr.io/acme/app:1", // pinned\n\t"postCreateCommand": "true",\n\t"secrets": {\n' +
        '\t\t"A_CONTAINER_REGISTRY_SERVER": {\n\t\t\t"description": "Host"\n\t\t},\n' +
        '\t\t"A_CONTAINER_REGISTRY_USER": {\n\t\t\t"description": "User"\n\t\t},\n' +
        '\t\t"A_CONTAINER_REGISTRY_PASSWORD": {\n\t\t\t"description": "Token"\n\t\t}\n\t}\n}\n',
    );
  });

  it("leaves a comment behind the last property with it", () => {
    const text = withDeclarations('{\n  "secrets": {\n    "OTHER": {} // ask Dora\n  }\n}\n', [GHCR]);
    assert.match(text, /"OTHER": \{\}, \/\/ ask Dora\n {4}"GHCR_CONTAINER_REGISTRY_SERVER": \{\n/);
  });

  for (const text of ["", "[]", '{ "secrets": [] }']) {
    it(`says that there is no place for them: ${text}`, () => {
      assert.throws(() => withDeclarations(text, [GHCR]), { code: "invalid-devcontainer-json" });
    });
  }

  it("keeps the line ends of Windows and a byte order mark", () => {
    const text = withDeclarations('\uFEFF{\r\n  "image": "debian"\r\n}\r\n', [GHCR]);
    assert.ok(text.startsWith('\uFEFF{\r\n  "image": "debian",\r\n  "secrets": {\r\n'), JSON.stringify(text));
    assert.doesNotMatch(text, /[^\r]\n/);
  });

  it("adds to a block that is there, and leaves alone what it has", () => {
    const text = '{ "secrets": { "OTHER": {}, "GHCR_CONTAINER_REGISTRY_USER": { "description": "mine" } } }';
    const { secrets } = parse(withDeclarations(text, [GHCR])) as { secrets: Record<string, unknown> };
    assert.deepEqual(Object.keys(secrets), [
      "OTHER",
      "GHCR_CONTAINER_REGISTRY_USER",
      "GHCR_CONTAINER_REGISTRY_SERVER",
      "GHCR_CONTAINER_REGISTRY_PASSWORD",
    ]);
    assert.deepEqual(secrets["GHCR_CONTAINER_REGISTRY_USER"], { description: "mine" });
  });

  it("changes nothing the second time", () => {
    fc.assert(
      fc.property(fc.constantFrom("{}", '{\n  "image": "a" // b\n}', '{"secrets": {},}'), (text) => {
        const once = withDeclarations(text, [GHCR]);
        assert.equal(withDeclarations(once, [GHCR]), once);
        const errors: ParseError[] = [];
        parse(once, errors, { allowTrailingComma: true });
        assert.deepEqual(errors, []);
      }),
    );
  });
});
