import { strict as assert } from "node:assert";
import { Failure } from "../../src/domain/failure";
import { failureText } from "../../src/presentation/failureText";
import { tooltipMarkdown } from "../../src/presentation/markdown";
import { placeRows, startAnewText, storageRow } from "../../src/presentation/noticeRows";

describe("what the view says of the place that it runs in", () => {
  it("says nothing where everything works", () => {
    assert.deepEqual(placeRows({ kind: "local", works: "all", text: "Everything works." }), []);
  });

  it("is a row that tells what works and what to do about the rest, also to a screen reader", () => {
    const [row, ...others] = placeRows({ kind: "ssh", works: "some", text: "Some of it works.", next: "Do this." });
    assert.equal(others.length, 0);
    assert.equal(row?.description, "Some of it works.");
    assert.match(tooltipMarkdown(row.tooltip ?? ""), /Some of it works\.[^]*Do this\./);
    assert.match(row.accessibilityLabel, /Some of it works\. Do this\./);
    assert.equal(row.attention, undefined, "a place is no trouble that needs the person");
  });
});

describe("what the view says of a secret storage that cannot be used", () => {
  const cases: [reason: string | undefined, label: RegExp, click: string, agreed: RegExp][] = [
    [undefined, /cannot be read/, "refresh", /^Running environments/],
    ["out-of-reach", /are not there/, "start-anew", /is back once VS Code reaches it.*logged out/],
    ["not-kept", /are not there/, "start-anew", /^Running environments/],
    ["discarded", /are not there/, "start-anew", /^Running environments/],
  ];
  for (const [reason, label, click, agreed] of cases) {
    it(`leads on where it is ${reason ?? "broken"}, and says what going on with an empty list means`, () => {
      const failure = new Failure("storage-unavailable", "It is so.", { reason });
      const row = storageRow(failure);
      assert.match(row.label, label);
      assert.equal(row.click, click);
      const { message, next } = failureText(failure);
      for (const sentence of [message, next])
        assert.ok(tooltipMarkdown(row.tooltip ?? "").includes(sentence), sentence);
      assert.ok(row.description && row.attention);
      assert.match(startAnewText(failure), agreed);
    });
  }
});
