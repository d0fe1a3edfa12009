import { strict as assert } from "node:assert";
import { expiryText } from "../../src/presentation/expiryText";
import { tooltipMarkdown } from "../../src/presentation/markdown";
import { secretGroups } from "../../src/presentation/secretRows";
import { aSecret } from "../fakes/samples";

const NOW = Date.UTC(2026, 0, 1);
const HOUR = 3_600_000;

describe("an expiry in words", () => {
  const cases: [left: number, text: string][] = [
    [3 * HOUR + 59, "expires in 3 h"],
    [47 * HOUR, "expires in 47 h"],
    [48 * HOUR, "expires in 2 days"],
    [90 * 24 * HOUR, "expires in 90 days"],
    [25 * 60_000, "expires in 25 min"],
    [30_000, "expires in a minute"],
    [0, "expired just now"],
    [-HOUR, "expired 1 h ago"],
    [-50 * HOUR, "expired 2 days ago"],
  ];
  for (const [left, text] of cases) it(text, () => assert.equal(expiryText(NOW + left, NOW), text));
});

describe("a row of a secret that expires", () => {
  const token = (at: number) =>
    Buffer.from(
      JSON.stringify({ payload: "p", datakey: "d", version: "2", type: "DATA_KEY", expiration: at / 1000 }),
    ).toString("base64");
  const row = (left: number, more: Parameters<typeof aSecret>[0][] = []) => {
    const secrets = [aSecret({ password: token(NOW + left) }), ...more.map((change) => aSecret(change))];
    return secretGroups(secrets, [], NOW)[0]?.children?.[0];
  };
  const cases: [what: string, left: number, description: string, icon: string][] = [
    ["in 3 hours", 3 * HOUR, "ghcr.io · octocat · expires in 3 h", "warning"],
    ["in 3 days", 72 * HOUR, "ghcr.io · octocat · expires in 3 days", "key"],
    ["2 days ago", -48 * HOUR, "ghcr.io · octocat · expired 2 days ago", "warning"],
  ];
  for (const [what, left, description, icon] of cases) {
    it(what, () => {
      const shown = row(left);
      assert.deepEqual([shown?.description, shown?.icon], [description, icon]);
      assert.ok(shown?.accessibilityLabel.endsWith(description.split(" · ").at(-1) ?? "?"));
      assert.match(tooltipMarkdown(shown?.tooltip ?? ""), /\| Expires \| 202\d-\d\d-\d\d \d\d:\d\d UTC \|/);
    });
  }

  it("warns of none that another hides", () => {
    assert.equal(row(HOUR, [{ id: "id-2", name: "NEWER", updatedAt: 9e9 }])?.icon, "circle-slash");
  });
});
