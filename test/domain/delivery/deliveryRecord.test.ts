import { strict as assert } from "node:assert";
import type { DeliveryOutcome } from "../../../src/domain/delivery/deliver";
import { recordAfter, type DeliveryRecord } from "../../../src/domain/delivery/deliveryRecord";
import { Failure } from "../../../src/domain/failure";

const DELIVERED: DeliveryOutcome = { kind: "delivered", hosts: ["ghcr.io"], skipped: ["acme.azurecr.io"] };
const FAILED: DeliveryOutcome = {
  kind: "failed",
  failure: new Failure("delivery-failed", "No room.", { reason: "no-space" }),
};

describe("the record of a delivery", () => {
  it("says what was delivered, and what not on purpose", () => {
    assert.deepEqual(recordAfter(undefined, "c1", DELIVERED, 7), {
      containerId: "c1",
      at: 7,
      outcome: "delivered",
      hosts: ["ghcr.io"],
      skipped: ["acme.azurecr.io"],
      attempts: 0,
    });
  });

  it("keeps what is still delivered where a later attempt failed, and why that was", () => {
    const record = recordAfter(recordAfter(undefined, "c1", DELIVERED, 7), "c1", FAILED, 8);
    assert.deepEqual(record, {
      containerId: "c1",
      at: 8,
      outcome: "failed",
      hosts: ["ghcr.io"],
      skipped: ["acme.azurecr.io"],
      failure: { code: "delivery-failed", message: "No room.", facts: { reason: "no-space" } },
      attempts: 1,
      nextAttemptAt: 5_008,
    });
  });

  it("waits longer after each failure, and begins anew after a success", () => {
    let record: DeliveryRecord | undefined;
    const waits: number[] = [];
    for (let attempt = 0; attempt < 6; attempt++) {
      record = recordAfter(record, "c1", FAILED, 0);
      waits.push(record.nextAttemptAt ?? -1);
    }
    assert.deepEqual(waits, [5_000, 15_000, 60_000, 300_000, 900_000, 900_000]);
    assert.equal(recordAfter(recordAfter(record, "c1", DELIVERED, 0), "c1", FAILED, 0).nextAttemptAt, 5_000);
  });

  for (const kind of ["gone", "no-shell"] as const) {
    it(`"${kind}" is no failure: nothing is tried again, and nothing is logged in to`, () => {
      const before = recordAfter(undefined, "c1", DELIVERED, 7);
      assert.deepEqual(recordAfter(before, "c1", { kind }, 8), {
        containerId: "c1",
        at: 8,
        outcome: kind,
        hosts: [],
        skipped: [],
        attempts: 0,
      });
    });
  }
});
