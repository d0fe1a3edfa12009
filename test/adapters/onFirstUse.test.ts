import { strict as assert } from "node:assert";
import { onFirstUse } from "../../src/adapters/onFirstUse";

class Counter {
  #count = 0;

  add(by: number): Promise<number> {
    this.#count += by;
    return Promise.resolve(this.#count);
  }
}

describe("a port that is loaded with its first use", () => {
  it("is loaded once, by the first call, and is the same for all", async () => {
    let loads = 0;
    const counter = onFirstUse(() => {
      loads++;
      return Promise.resolve(new Counter());
    });
    assert.equal(loads, 0);
    assert.deepEqual(await Promise.all([counter.add(1), counter.add(2)]), [1, 3]);
    assert.equal(await counter.add(4), 7);
    assert.equal(loads, 1);
  });

  it("may be a single function", async () => {
    const double = onFirstUse(() => Promise.resolve((value: number) => Promise.resolve(2 * value)));
    assert.equal(await double(21), 42);
  });

  it("can be awaited itself, which loads nothing", async () => {
    const port = onFirstUse((): Promise<Counter> => Promise.reject(new Error("loaded")));
    assert.equal(await Promise.resolve(port), port);
  });

  it("says with every call why it cannot be loaded", async () => {
    const port = onFirstUse((): Promise<Counter> => Promise.reject(new Error("no such file")));
    await assert.rejects(port.add(1), /no such file/);
    await assert.rejects(port.add(1), /no such file/);
  });
});
