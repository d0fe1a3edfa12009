import { strict as assert } from "node:assert";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { FINDING_CODES, pageOf } from "../src/presentation/marks";
import { useTranslations } from "../src/presentation/words";

interface Language {
  readonly name: string;
  readonly folder: string;
  readonly headings: readonly [recognised: string, remedies: string];
  /** What of the extension's own words the language has, by the English ones. */
  readonly words?: Readonly<Record<string, string>>;
}

const read = (file: string) => readFileSync(file, "utf8");
const json = (file: string) => JSON.parse(read(file)) as Record<string, string>;

const ENGLISH: Language = {
  name: "English",
  folder: "docs/findings",
  headings: ["## How it is recognised", "## What to do"],
};
const GERMAN: Language = {
  name: "German",
  folder: "docs/findings/de",
  headings: ["## Woran man es erkennt", "## Was zu tun ist"],
  words: json("l10n/bundle.l10n.de.json"),
};

const pagesIn = (folder: string) => readdirSync(folder).filter((file) => file.endsWith(".md"));
const titleOf = (markdown: string) => /^# (\S.*)$/m.exec(markdown)?.[1] ?? "";
const linksOf = (markdown: string) => [...markdown.matchAll(/\]\(([\w-]+\.md)\)/g)].map(([, file]) => file ?? "");
/** What no translation changes: code, and where links lead. */
const fixedOf = (markdown: string) => (markdown.match(/`[^`]*`|\]\([^)]*\)/g) ?? []).sort();
/** What is written in italics: the names of commands, menus and buttons. */
const namesOf = (markdown: string) =>
  [...markdown.replace(/`[^`]*`/g, "").matchAll(/\*([^*]+)\*/g)].map(([, name]) => name ?? "");

for (const { name, folder, headings, words } of [ENGLISH, GERMAN]) {
  describe(`the pages of the findings in ${name}`, () => {
    before(() => useTranslations(words));
    after(() => useTranslations(undefined));

    for (const code of FINDING_CODES) {
      it(`${code} has one, which says what it means, how it is recognised and what to do`, () => {
        assert.equal(pageOf(code), `${folder}/${code}.md`);
        const lines = read(pageOf(code)).trimEnd().split("\n");
        assert.match(lines[0] ?? "", /^# \S/);
        assert.ok(lines.includes(`Code: \`${code}\``), "it names its code");
        for (const heading of headings) {
          const at = lines.indexOf(heading);
          assert.ok(at > 0, heading);
          assert.match(lines[at + 2] ?? "", /^(?:- |1\. )\S.{15}/, `${heading} is followed by its text`);
        }
        assert.ok(lines.length >= 8 && lines.length <= 20, `${lines.length} lines`);
      });
    }

    it("are no more than the codes, and the index names each once, by its title", () => {
      const pages = pagesIn(folder).filter((file) => file !== "README.md");
      const codes = FINDING_CODES.map((code) => `${code}.md`);
      assert.deepEqual(pages.sort(), [...codes].sort());
      const index = read(`${folder}/README.md`);
      assert.deepEqual(linksOf(index).sort(), [...codes].sort());
      for (const code of FINDING_CODES) {
        const row = `\n| [\`${code}\`](${code}.md) | ${titleOf(read(pageOf(code)))}: `;
        assert.ok(index.includes(row), row);
      }
    });

    it("link only to pages that are there", () => {
      for (const file of pagesIn(folder)) {
        for (const link of linksOf(read(`${folder}/${file}`)))
          assert.ok(existsSync(`${folder}/${link}`), `${file}: ${link}`);
      }
    });

    it("are shipped with the extension, and open as a preview", () => {
      assert.ok(read(".vscodeignore").split("\n").includes(`!${folder}/*.md`));
      const { contributes } = JSON.parse(read("package.json")) as {
        contributes: { configurationDefaults: Record<string, Record<string, string>> };
      };
      const editors = contributes.configurationDefaults["workbench.editorAssociations"] ?? {};
      const pages = `**/registry-secrets.registry-secrets-*/${folder}/*.md`;
      assert.equal(editors[pages], "vscode.markdown.preview.editor");
    });
  });
}

describe("a translated page of a finding", () => {
  const { folder, words = {} } = GERMAN;
  const [manifest, translated] = [json("package.nls.json"), json("package.nls.de.json")];
  const german = new Map([
    ...Object.entries(words),
    ...Object.entries(manifest).map(([key, name]): [string, string] => [name, translated[key] ?? ""]),
  ]);

  for (const file of pagesIn(ENGLISH.folder)) {
    it(`${file} has the code and the links of the English one, and calls our commands by their German names`, () => {
      const [english, translation] = [read(`${ENGLISH.folder}/${file}`), read(`${folder}/${file}`)];
      assert.deepEqual(fixedOf(translation), fixedOf(english));
      const names = namesOf(translation);
      const expected = namesOf(english);
      assert.equal(names.length, expected.length, names.join(", "));
      const missing = expected.map((name) => german.get(name)).filter((name) => name && !names.includes(name));
      assert.deepEqual(missing, []);
    });
  }
});
