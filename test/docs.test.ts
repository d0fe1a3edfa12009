import { strict as assert } from "node:assert";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { FINDING_CODES, pageOf } from "../src/presentation/marks";

const FOLDER = "docs/findings";
const read = (file: string) => readFileSync(file, "utf8");
const linksOf = (markdown: string) => [...markdown.matchAll(/\]\(([\w-]+\.md)\)/g)].map(([, file]) => file ?? "");

describe("the pages of the findings", () => {
  for (const code of FINDING_CODES) {
    it(`${code} has one, which says what it means, how it is recognised and what to do`, () => {
      const lines = read(pageOf(code)).trimEnd().split("\n");
      assert.match(lines[0] ?? "", /^# \S/);
      assert.ok(lines.includes(`Code: \`${code}\``), "it names its code");
      for (const heading of ["## How it is recognised", "## What to do"]) {
        const at = lines.indexOf(heading);
        assert.ok(at > 0, heading);
        assert.match(lines[at + 2] ?? "", /^(?:- |1\. )\S.{15}/, `${heading} is followed by its text`);
      }
      assert.ok(lines.length >= 8 && lines.length <= 20, `${lines.length} lines`);
    });
  }

  it("are no more than the codes, and the index names each once", () => {
    const pages = readdirSync(FOLDER).filter((file) => file !== "README.md");
    const codes = FINDING_CODES.map((code) => `${code}.md`);
    assert.deepEqual(pages.sort(), [...codes].sort());
    assert.deepEqual(linksOf(read(`${FOLDER}/README.md`)).sort(), [...codes].sort());
  });

  it("link only to pages that are there", () => {
    for (const file of readdirSync(FOLDER)) {
      for (const link of linksOf(read(`${FOLDER}/${file}`)))
        assert.ok(existsSync(`${FOLDER}/${link}`), `${file}: ${link}`);
    }
  });

  it("are shipped with the extension", () => {
    assert.match(read(".vscodeignore"), /^!docs\/findings\/\*\.md$/m);
  });
});
