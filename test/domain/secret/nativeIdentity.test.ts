import { strict as assert } from "node:assert";
import { detailOf } from "../../../src/domain/secret/nativeIdentity";

describe("a cloud's own words", () => {
  it("hold no part of a token, wherever they are cut", () => {
    const token = `eyJ${"a".repeat(40)}.eyJ${"b".repeat(40)}.${"c".repeat(40)}`;
    for (let before = 380; before < 520; before++) {
      const shown = detailOf(`${"x ".repeat(before / 2)}${token}`);
      assert.ok(shown.length <= 500 && !/eyJa{8}/.test(shown), `${before}: ${shown.slice(-60)}`);
    }
  });
});
