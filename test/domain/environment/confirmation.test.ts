import { strict as assert } from "node:assert";
import { confirmedCandidates } from "../../../src/domain/environment/confirmation";
import { failureWith } from "../../fakes/failures";
import { aContainer } from "../../fakes/samples";

const ONE = aContainer({ id: "0123456789ab", name: "one" });
const TWO = aContainer({ id: "0123456ffff0", name: "two" });

describe("a candidate that is confirmed", () => {
  for (const [name, found] of [
    ["one", ONE],
    ["0123456789", ONE],
    ["0123456f", TWO],
  ] as const) {
    it(`is found by ${name}`, () => {
      assert.deepEqual(confirmedCandidates([name], [ONE, TWO]), [found]);
    });
  }

  for (const [name, said] of [
    ["three", /"three"\. There are: one, two\./],
    ["0123456", /There are/],
    ["0", /There are/],
    ["", /There are/],
  ] as const) {
    it(`is not found by ${JSON.stringify(name)}, which is said`, () => {
      assert.throws(() => confirmedCandidates([name], [ONE, TWO]), failureWith("wrong-use", said));
    });
  }
});
