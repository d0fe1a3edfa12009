import { strict as assert } from "node:assert";
import { googleTrouble } from "../../../src/adapters/gcp/trouble";

describe("why Google gives no login", () => {
  it("is said without a token that stands in a long answer, where the answer is cut", () => {
    const token = `eyJ${"a".repeat(400)}.eyJ${"b".repeat(40)}.${"c".repeat(40)}`;
    const data = `${"x ".repeat(100)}${token}`;
    const { detail } = googleTrouble(Object.assign(new Error("Request failed"), { response: { data } }));
    assert.ok(!detail.includes("eyJa"), detail);
  });
});
