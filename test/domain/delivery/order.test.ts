import { strict as assert } from "node:assert";
import type { DeliveryOutcome } from "../../../src/domain/delivery/deliver";
import { Order } from "../../../src/domain/delivery/order";
import { Failure } from "../../../src/domain/failure";

const NEW: DeliveryOutcome = { kind: "delivered", hosts: ["new"], skipped: [] };
const OLD: DeliveryOutcome = { kind: "delivered", hosts: ["old"], skipped: [] };

describe("deliveries to one container", () => {
  it("are made one after the other, those to others meanwhile", async () => {
    const order = new Order();
    const [first, second] = [order.next(), order.next()];
    const steps: string[] = [];
    let finish: () => void = () => undefined;
    const slow = first("a", async () => {
      steps.push("first begins");
      await new Promise<void>((resolve) => (finish = resolve));
      steps.push("first ends");
      return OLD;
    });
    const next = second("a", () => {
      steps.push("second");
      return Promise.resolve(NEW);
    });
    await second("b", () => {
      steps.push("other");
      return Promise.resolve(NEW);
    });
    finish();
    assert.deepEqual(await Promise.all([slow, next]), [OLD, NEW]);
    assert.deepEqual(steps, ["first begins", "other", "first ends", "second"]);
  });

  it("never bring back what a younger one has replaced", async () => {
    const order = new Order();
    const [old, young] = [order.next(), order.next()];
    let finish: () => void = () => undefined;
    const finished = new Promise<void>((resolve) => (finish = resolve));
    const made = young("a", async () => {
      await finished;
      return NEW;
    });
    const late = old("a", () => Promise.reject(new Error("the old secrets")));
    finish();
    assert.deepEqual(await Promise.all([made, late]), [NEW, NEW]);
  });

  it("are made where the younger one was cancelled", async () => {
    const order = new Order();
    const [old, young] = [order.next(), order.next()];
    const cancelled = young("a", () => Promise.reject(new Failure("cancelled", "Cancelled.")));
    const late = old("a", () => Promise.resolve(OLD));
    await assert.rejects(cancelled);
    assert.deepEqual(await late, OLD);
  });
});
