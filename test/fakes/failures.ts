import { strict as assert } from "node:assert";
import { Failure, type FailureCode } from "../../src/domain/failure";

/** For `assert.throws` and `assert.rejects`: true for a failure with this code, whose message is a sentence. */
export function failureWith(code: FailureCode, words?: RegExp): (error: unknown) => true {
  return (error) => {
    assert.ok(error instanceof Failure, `not a Failure: ${String(error)}`);
    assert.equal(error.code, code);
    assert.match(error.message, /^\S.*\S/s);
    if (words) assert.match(error.message, words);
    return true;
  };
}
