import { strict as assert } from "node:assert";
import { readFileSync } from "node:fs";
import { workspaceImages } from "../../src/domain/image/workspaceImages";
import { problemText } from "../../src/presentation/problemText";
import { useTranslations } from "../../src/presentation/words";

const FOLDER = "/home/dev/app";
const CONFIG = `${FOLDER}/.devcontainer/devcontainer.json`;

async function problemOf(text: string, compose?: string) {
  const { problems } = await workspaceImages(FOLDER, CONFIG, {
    read: (path) => Promise.resolve(path === CONFIG ? text : path.endsWith("/c.yml") ? compose : undefined),
    folders: () => Promise.resolve([]),
  });
  const [problem] = problems;
  assert.ok(problem);
  return problem;
}

describe("a problem with a file, in words", () => {
  afterEach(() => useTranslations(undefined));

  const COMPOSE = '{"dockerComposeFile": "c.yml", "service": "app"}';
  const composed: [compose: string, place: string, said: RegExp][] = [
    ["services:\n  app:\n\timage: x\n", "c.yml:3", /YAML is malformed here \(Tabs/],
    ["services:\n  app:\n    image: [a]\n", "c.yml:3", /services\.app\.image has a value of the wrong kind/],
    ["services:\n  app:\n    command: x\n", "c.yml:2", /"app" has neither an image nor a build/],
  ];
  for (const [compose, place, said] of composed) {
    it(`says what Compose refuses in ${JSON.stringify(compose)}`, async () => {
      const problem = await problemOf(COMPOSE, compose);
      const english = problemText(FOLDER, problem);
      assert.equal(english.place, `.devcontainer/${place}`);
      assert.match(english.text, said);
      assert.equal(english.text, problem.message);
      useTranslations(JSON.parse(readFileSync("l10n/bundle.l10n.de.json", "utf8")) as Record<string, string>);
      assert.notEqual(problemText(FOLDER, problem).text, problem.message);
    });
  }

  const services: [config: string, said: string][] = [
    [COMPOSE, 'The Compose files have no service "app".'],
    ['{"dockerComposeFile": "c.yml"}', "No service is named, so the dev container CLI would not know which to use."],
  ];
  for (const [config, said] of services) {
    it(said, async () => {
      const problem = await problemOf(config, "services: { other: { image: debian } }");
      assert.deepEqual([problem.message, problemText(FOLDER, problem).text], [said, said]);
      useTranslations(JSON.parse(readFileSync("l10n/bundle.l10n.de.json", "utf8")) as Record<string, string>);
      assert.notEqual(problemText(FOLDER, problem).text, said);
    });
  }

  const cases: [what: string, text: string, place: string, said: RegExp][] = [
    ["malformed", '{\n  "image": "debian"\n  "name": "app"\n}', ":3", /malformed here \(CommaExpected\)/],
    ["no image", '\n{\n  "name": "app"\n}', ":2", /Neither an image/],
    ["no string", '{\n  "image": 5\n}', ":2", /stands number where a string is expected/],
    ["no object", '{\n  "image": "debian",\n  "features": []\n}', ":3", /stands array where an object is expected/],
    [
      "no Feature",
      '{\n  "image": "debian",\n  "features": { "A B": {} }\n}',
      ":3",
      /"A B" is not the name of a Feature/,
    ],
    ["no such file", '{\n  "build": { "dockerfile": "None" }\n}', ":2", /no file .*\/None\./],
  ];
  for (const [what, text, place, said] of cases) {
    it(`says where it is, and is the same in English, and has German words: ${what}`, async () => {
      const problem = await problemOf(text);
      const english = problemText(FOLDER, problem);
      assert.equal(english.place, `.devcontainer/devcontainer.json${place}`);
      assert.match(english.text, said);
      assert.equal(english.text, problem.message);
      useTranslations(JSON.parse(readFileSync("l10n/bundle.l10n.de.json", "utf8")) as Record<string, string>);
      assert.notEqual(problemText(FOLDER, problem).text, problem.message);
    });
  }

  for (const [code, said] of [
    ["no-object", "It does not contain a JSON object, or one nested more than 200 deep."],
    ["too-large", "It is larger than 1 MB."],
  ] as const) {
    it(`says of a file that tells nothing what it is: ${code}`, () => {
      assert.deepEqual(problemText(FOLDER, { file: CONFIG, code, message: "m" }), {
        place: ".devcontainer/devcontainer.json",
        text: said,
      });
    });
  }

  it("is the problem's own sentence where it is none of these", () => {
    assert.deepEqual(problemText(FOLDER, { file: "/else/compose.yml", message: "It is so." }), {
      place: "/else/compose.yml",
      text: "It is so.",
    });
  });
});
