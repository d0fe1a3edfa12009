import { strict as assert } from "node:assert";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { readSecretsFile } from "../../../src/adapters/local/secretsFile";
import { failureWith } from "../../fakes/failures";
import { temporaryFolder } from "../../fakes/temporaryFolder";

describe("a secrets file", () => {
  const folder = temporaryFolder();
  const path = () => join(folder(), "secrets.json");

  const good: [what: string, text: string, want: Record<string, string>][] = [
    ["names and texts", '{"A": "1", "B": ""}', { A: "1", B: "" }],
    ["comments and a trailing comma", '// mine\n{"A": "1", /* x */ }\n', { A: "1" }],
    ["a byte order mark", '\uFEFF{"A": "1"}', { A: "1" }],
    ["nothing in it", "{}", {}],
  ];
  for (const [what, text, want] of good) {
    it(`with ${what}`, async () => {
      writeFileSync(path(), text);
      assert.deepEqual(await readSecretsFile(path()), want);
    });
  }

  const bad: [what: string, text: string, words: RegExp][] = [
    ["an empty one", "", /not JSON/],
    ["half of one", '{"A": "kT9-canary"', /not JSON/],
    ["lines of an .env file", "A=kT9-canary\n", /not JSON/],
    ["a list", '["kT9-canary"]', /an object of names and texts/],
    ["a number", '{"A": "kT9-canary", "B": 5}', /an object of names and texts/],
    ["nested ones", '{"A": {"B": "kT9-canary"}}', /an object of names and texts/],
    ["null", "null", /an object of names and texts/],
  ];
  for (const [what, text, words] of bad) {
    it(`refuses ${what}, without a value in the words`, async () => {
      writeFileSync(path(), text);
      const error: unknown = await readSecretsFile(path()).catch((thrown: unknown) => thrown);
      failureWith("invalid-secrets-file", words)(error);
      assert.ok(!JSON.stringify([error, (error as Error).message]).includes("canary"));
    });
  }

  it("that is missing, or is a folder", async () => {
    await assert.rejects(readSecretsFile(path()), failureWith("invalid-secrets-file", /there is no such file/));
    mkdirSync(path());
    await assert.rejects(readSecretsFile(path()), failureWith("invalid-secrets-file", /EISDIR/));
  });
});
