import { strict as assert } from "node:assert";
import { t, useTranslations } from "../../src/presentation/words";

describe("words", () => {
  afterEach(() => useTranslations(undefined));

  const cases: [name: string, translations: Record<string, string> | undefined, expected: string][] = [
    ["without translations the English sentence stands", undefined, "Delete the user secret GHCR_PULL?"],
    [
      "a sentence without a translation stays English",
      { "New Secret": "Neues Geheimnis" },
      "Delete the user secret GHCR_PULL?",
    ],
    [
      "the translation may order the values anew",
      { "Delete the {0} secret {1}?": "{1} ({0}) löschen?" },
      "GHCR_PULL (user) löschen?",
    ],
  ];
  for (const [name, translations, expected] of cases) {
    it(name, () => {
      useTranslations(translations);
      assert.equal(t("Delete the {0} secret {1}?", "user", "GHCR_PULL"), expected);
    });
  }

  it("a value that looks like a placeholder is shown as it is", () => {
    assert.equal(t("{0} and {1}", "{1}", "b"), "{1} and b");
  });
});
