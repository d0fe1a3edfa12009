import { strict as assert } from "node:assert";
import { LatestReading } from "../../src/vscode/latestReading";

/** Readings whose ends the test chooses. */
function readings() {
  const begun: { end(value: string): void; fail(error: Error): void }[] = [];
  const latest = new LatestReading(
    () => new Promise<string>((end, fail: (error: Error) => void) => begun.push({ end, fail })),
  );
  return { latest, begun };
}

describe("what the view reads again and again", () => {
  it("is read once, and then known", async () => {
    const { latest, begun } = readings();
    const first = latest.current();
    begun[0]?.end("a");
    assert.equal(await first, "a");
    assert.equal(await latest.current(), "a");
    assert.equal(begun.length, 1);
  });

  it("is news only if it is something else", async () => {
    const { latest, begun } = readings();
    const news = async (value: string) => {
      const renewed = latest.renew();
      begun.at(-1)?.end(value);
      return await renewed;
    };
    assert.deepEqual([await news("a"), await news("a"), await news("b")], [true, false, true]);
  });

  const orders: [what: string, first: "current" | "renew", order: [number, number], news: boolean][] = [
    ["the first question and a renewal, the question's reading ends first", "current", [0, 1], true],
    ["the first question and a renewal, the renewal's reading ends first", "current", [1, 0], true],
    ["two renewals that end in their order", "renew", [0, 1], true],
    ["two renewals that end the other way round", "renew", [1, 0], true],
  ];
  for (const [what, first, order, news] of orders) {
    it(`is what was read last by its beginning: ${what}`, async () => {
      const { latest, begun } = readings();
      const one = latest[first]();
      const two = latest.renew();
      for (const index of order) {
        begun[index]?.end(index === 0 ? "old" : "new");
        await Promise.resolve();
      }
      await one;
      assert.equal(await two, news);
      assert.equal(await latest.current(), "new");
    });
  }

  it("is what a question reads that began after a renewal", async () => {
    const { latest, begun } = readings();
    const renewed = latest.renew();
    const current = latest.current();
    begun[1]?.end("new");
    begun[0]?.end("old");
    assert.deepEqual([await renewed, await current, await latest.current()], [false, "new", "new"]);
  });

  it("is read again after a failure", async () => {
    const { latest, begun } = readings();
    const failed = latest.current();
    begun[0]?.fail(new Error("no storage"));
    await assert.rejects(failed, /no storage/);
    const again = latest.current();
    begun[1]?.end("a");
    assert.equal(await again, "a");
  });
});
