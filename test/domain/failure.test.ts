import { strict as assert } from "node:assert";
import { throwIfCancelled } from "../../src/domain/cancellation";
import { Failure, isFailure, messageOf } from "../../src/domain/failure";
import { failureWith } from "../fakes/failures";

describe("failure", () => {
  const cause = new Error("socket hang up");
  const failure = new Failure("engine-unreachable", "The engine does not answer.", { program: "docker" }, cause);

  it("is an error with its code, facts and cause", () => {
    assert.ok(failure instanceof Error);
    assert.equal(failure.name, "Failure");
    assert.equal(String(failure), "Failure: The engine does not answer.");
    assert.deepEqual(
      [failure.code, failure.facts, failure.cause],
      ["engine-unreachable", { program: "docker" }, cause],
    );
  });

  it("has no cause and no facts where there are none", () => {
    const bare = new Failure("cancelled", "Cancelled.");
    assert.equal("cause" in bare, false);
    assert.deepEqual(bare.facts, {});
  });

  const questions: [error: unknown, codes: Failure["code"][], want: boolean][] = [
    [failure, [], true],
    [failure, ["engine-unreachable"], true],
    [failure, ["cancelled", "engine-unreachable"], true],
    [failure, ["cancelled"], false],
    [new Error("x"), [], false],
    [{ code: "cancelled" }, ["cancelled"], false],
    [undefined, [], false],
  ];
  for (const [error, codes, want] of questions) {
    it(`isFailure(${String(error)}, ${codes.join(", ")}) is ${want}`, () =>
      assert.equal(isFailure(error, ...codes), want));
  }

  it("tells what was thrown, whatever it is", () => {
    assert.equal(messageOf(failure), "The engine does not answer.");
    assert.equal(messageOf("text"), "text");
    assert.equal(messageOf(undefined), "undefined");
  });
});

describe("throwIfCancelled", () => {
  it("throws for an aborted signal only", () => {
    throwIfCancelled(undefined);
    throwIfCancelled(new AbortController().signal);
    assert.throws(() => throwIfCancelled(AbortSignal.abort()), failureWith("cancelled"));
  });
});
