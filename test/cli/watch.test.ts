import { strict as assert } from "node:assert";
import { parseArguments } from "../../src/cli/arguments";
import { watch } from "../../src/cli/watch";
import type { DeliveryRound } from "../../src/domain/delivery/deliverer";
import { FakeWorld, FOLDER } from "../fakes/cliPorts";

const NOTHING: DeliveryRound = { deliveries: [], candidates: [] };
const HOURS = 21_600_000;

describe("watching", () => {
  it("tries again what is due soon although it waits for what is due in hours", async () => {
    const world = new FakeWorld();
    const sleeps: number[] = [];
    const deliverer = {
      retryAt: HOURS as number | undefined,
      deliver: () => Promise.resolve(NOTHING),
      retry: () => {
        deliverer.retryAt = undefined;
        world.stopped.abort();
        return Promise.resolve(NOTHING);
      },
      follow: async (_: unknown, signal: AbortSignal, { onEvent = () => undefined }: { onEvent?: () => void } = {}) => {
        while (sleeps.length === 0) await new Promise(setImmediate);
        deliverer.retryAt = 5_000; // a delivery after a start has failed
        onEvent();
        while (!signal.aborted) await new Promise(setImmediate);
      },
    };
    const sleep = async (milliseconds: number) => {
      sleeps.push(milliseconds);
      if (milliseconds >= HOURS) await new Promise(() => undefined);
    };
    const args = parseArguments(["sync", "--watch"]);
    await watch(deliverer, FOLDER, () => Promise.resolve(), args, { ...world.ports(), sleep });
    assert.deepEqual(sleeps.slice(0, 2), [HOURS, 5_000]);
  });
});
