import { strict as assert } from "node:assert";
import { Redacted } from "../../src/domain/redacted";
import type { SecretChange } from "../../src/domain/secret/registrySecrets";
import type { RegistrySecret } from "../../src/domain/secret/secret";
import { conflictText, twinConflictText } from "../../src/presentation/conflictText";
import { aSecret } from "../fakes/samples";

const CHANGED = "GHCR was changed elsewhere while you edited it.";
const QUESTION = "Replace what was saved there with what you entered here, or keep it as it is there?";

describe("what is asked when two windows edit one secret", () => {
  const cases: [
    what: string,
    there: RegistrySecret | undefined,
    entered: SecretChange,
    text: string,
    detail: string,
    button: string,
  ][] = [
    [
      "both fields were entered",
      aSecret({ username: "anna" }),
      { username: "bob", password: new Redacted("another-value") },
      CHANGED,
      `Saved there for ghcr.io: the username anna.\nEntered here: the username bob and a password.\n${QUESTION}`,
      "Replace It",
    ],
    [
      "the password was left as it is",
      aSecret({ username: "anna" }),
      { username: "bob" },
      CHANGED,
      "Saved there for ghcr.io: the username anna.\n" +
        `Entered here: the username bob; the password that was saved there stays.\n${QUESTION}`,
      "Replace It",
    ],
    [
      "it is gone",
      undefined,
      { username: "bob" },
      "GHCR was deleted elsewhere while you edited it.",
      "Create it again for ghcr.io, with the username bob?",
      "Create It Again",
    ],
  ];
  for (const [what, there, entered, text, detail, button] of cases) {
    it(what, () => assert.deepEqual(conflictText(aSecret(), there, entered), { text, detail, button }));
  }
});

describe("what is asked when two forms make a secret for one host", () => {
  const text = "GHCR was saved for ghcr.io while you filled in the form.";
  const sides = "Saved there for ghcr.io: the username octocat.\nEntered here: the username bob and a password.\n";
  for (const [name, detail] of [
    ["GHCR", `${sides}${QUESTION}`],
    ["OTHER", `${sides}The name GHCR stays.\n${QUESTION}`],
  ] as const) {
    it(`of the name ${name}`, () =>
      assert.deepEqual(twinConflictText({ name, username: "bob" }, aSecret()), { text, detail, button: "Replace It" }));
  }
});
