import { strict as assert } from "node:assert";
import type { DeliveryOutcome } from "../../src/domain/delivery/deliver";
import { Failure } from "../../src/domain/failure";
import { candidateLine, deliveryLine } from "../../src/presentation/deliveryText";
import { aContainer } from "../fakes/samples";

describe("a delivery in a line", () => {
  const cases: [outcome: DeliveryOutcome, line: string][] = [
    [{ kind: "delivered", hosts: ["ghcr.io", "quay.io"], skipped: [] }, "✓ app: logged in to ghcr.io, quay.io"],
    [{ kind: "delivered", hosts: [], skipped: [] }, "✓ app: logged out of everything"],
    [
      { kind: "delivered", hosts: ["ghcr.io"], skipped: ["acme.azurecr.io"] },
      "✓ app: logged in to ghcr.io (not to acme.azurecr.io: runner-native)",
    ],
    [{ kind: "no-shell" }, "– app: the image has no shell, so nothing in it could log in"],
    [{ kind: "gone" }, "– app: stopped meanwhile; it is logged in when it starts again"],
    [
      { kind: "failed", failure: new Failure("delivery-failed", "It refused") },
      "✗ app: It refused. It is tried again at the next change or start.",
    ],
  ];
  for (const [outcome, line] of cases) {
    it(line, () => assert.equal(deliveryLine({ environment: { container: aContainer(), users: [] }, outcome }), line));
  }

  for (const why of ["label-of-image", "untrusted-folder", "folder-not-mounted"] as const) {
    it(`says why a candidate is left out: ${why}`, () =>
      assert.match(candidateLine("app", why), /^app is not delivered to: .*\.$/));
  }
});
