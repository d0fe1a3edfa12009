import { strict as assert } from "node:assert";
import fc from "fast-check";
import { addLoginFeature, LOGIN_FEATURE } from "../../../src/domain/image/addFeature";
import { inserted } from "../../../src/domain/image/jsonInsertion";
import { isFailure } from "../../../src/domain/failure";

const add = (text: string) => inserted(text, addLoginFeature(text));

describe("the login Feature in a devcontainer.json", () => {
  const cases: [what: string, before: string, after: string][] = [
    [
      "comments and the indentation stay",
      '{\n  // the team\'s base\n  "image": "debian" // pinned later\n}\n',
      `{\n  // the team's base\n  "image": "debian", // pinned later\n  "features": {\n    "${LOGIN_FEATURE}": {}\n  }\n}\n`,
    ],
    [
      "beside other Features",
      '{\n    "features": {\n        "ghcr.io/devcontainers/features/node:1": { "version": "22" }\n    },\n    "image": "debian"\n}\n',
      `{\n    "features": {\n        "ghcr.io/devcontainers/features/node:1": { "version": "22" },\n        "${LOGIN_FEATURE}": {}\n    },\n    "image": "debian"\n}\n`,
    ],
    [
      "tabs and line ends of Windows stay",
      '{\r\n\t"image": "debian"\r\n}\r\n',
      `{\r\n\t"image": "debian",\r\n\t"features": {\r\n\t\t"${LOGIN_FEATURE}": {}\r\n\t}\r\n}\r\n`,
    ],
    [
      "a comment behind the last value, and one below it",
      '{\n  "image": "debian", // here\n  /* why */\n}\n',
      `{\n  "image": "debian", // here\n  "features": {\n    "${LOGIN_FEATURE}": {}\n  },\n  /* why */\n}\n`,
    ],
    [
      "a comment of several lines stays whole",
      '{\n  "image": "debian" /* one\n  two */\n}\n',
      `{\n  "image": "debian",\n  "features": {\n    "${LOGIN_FEATURE}": {}\n  } /* one\n  two */\n}\n`,
    ],
    ["all in one line", '{ "image": "debian" }', `{ "image": "debian", "features": { "${LOGIN_FEATURE}": {} } }`],
    ["an empty object", "{}", `{\n  "features": {\n    "${LOGIN_FEATURE}": {}\n  }\n}`],
    [
      "no Features yet in an object for them",
      '{\n  "features": {},\n  "image": "debian"\n}',
      `{\n  "features": {\n    "${LOGIN_FEATURE}": {}\n  },\n  "image": "debian"\n}`,
    ],
    ["there already", `{ "features": { "${LOGIN_FEATURE}": {} } }`, `{ "features": { "${LOGIN_FEATURE}": {} } }`],
    [
      "there already, from the team's own registry",
      '{ "features": { "registry.example.com/tools/registry-login:0": {} } }',
      '{ "features": { "registry.example.com/tools/registry-login:0": {} } }',
    ],
    [
      "there already, beside the file",
      '{ "features": { "./registry-login": {} } }',
      '{ "features": { "./registry-login": {} } }',
    ],
  ];
  for (const [what, before, after] of cases) it(what, () => assert.equal(add(before), after));

  for (const text of ["", "[]", '"image"', "null", '{ "features": [] }']) {
    it(`refuses what is no object: ${text === "" ? "nothing" : text}`, () => {
      assert.throws(
        () => addLoginFeature(text),
        (error) => isFailure(error, "invalid-devcontainer-json"),
      );
    });
  }

  it("any object keeps its other keys and has the Feature once, however often it is added", () => {
    const value = fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.array(fc.string(), { maxLength: 3 }));
    const object = fc.dictionary(fc.stringMatching(/^[a-z]{1,8}$/), value, { maxKeys: 6 });
    fc.assert(
      fc.property(object, fc.constantFrom(undefined, 1, 2, 4, "\t"), (held, indent) => {
        const { features: _, ...others } = held;
        const once = add(JSON.stringify(others, undefined, indent));
        assert.equal(add(once), once);
        assert.deepEqual(JSON.parse(once), { ...others, features: { [LOGIN_FEATURE]: {} } });
      }),
    );
  });
});
