import { strict as assert } from "node:assert";
import { cancelledCreation } from "../../src/domain/environment/creation";
import { Failure, type FailureCode } from "../../src/domain/failure";
import { failureMessage } from "../../src/presentation/failureMessages";
import { failureLine, failureText } from "../../src/presentation/failureText";

/** Every code, with the facts that its sentence names where it is thrown. */
const FACTS: Record<FailureCode, [facts: Failure["facts"], next: RegExp]> = {
  "invalid-image-reference": [{ reference: "X" }, /registry\/repository:tag/],
  "invalid-registry-host": [{ host: undefined }, /ghcr\.io/],
  "invalid-secret-name": [{ name: "a" }, /3 to 127/],
  "secret-name-taken": [{ name: "GHCR" }, /another name/],
  "secret-host-taken": [{ name: "GHCR" }, /Edit GHCR/],
  "secret-not-found": [{}, /list/],
  "secret-changed": [{ name: "GHCR" }, /edit it once more/],
  "empty-username": [{ host: "ghcr.io" }, /username/],
  "empty-password": [{ host: "ghcr.io" }, /password/],
  "runner-native-not-supported": [{ host: "ghcr.io" }, /password/],
  "invalid-policy-value": [{ field: "role" }, /another role/],
  "incomplete-triplet": [{ prefix: "GHCR", missing: ["x"] }, /Set the missing/],
  "invalid-secrets-file": [{ file: "x" }, /--secrets-file/],
  "invalid-devcontainer-json": [{}, /Repair/],
  "no-devcontainer-json": [{}, /Create/],
  "several-devcontainer-json": [{}, /--config/],
  "invalid-dockerfile": [{}, /Repair/],
  "invalid-compose-file": [{}, /Repair/],
  "invalid-docker-config": [{}, /config\.json/],
  "invalid-challenge": [{}, /Check/],
  "wrong-use": [{}, /--help/],
  "storage-unavailable": [{}, /keyring/],
  "storage-corrupt": [{}, /Delete/],
  "identity-token": [{ host: "ghcr.io" }, /access token/],
  "login-not-found": [{ host: "ghcr.io" }, /Log in again/],
  "helper-missing": [{ helper: "pass" }, /docker-credential-pass/],
  "helper-failed": [{ helper: "pass" }, /helper/],
  "engine-missing": [{ program: "docker" }, /Install/],
  "engine-unreachable": [{ program: "docker" }, /Start/],
  "container-gone": [{}, /Start/],
  "no-shell": [{}, /Nothing to do/],
  "delivery-failed": [{ reason: "x" }, /again/],
  "unknown-token-realm": [
    { host: "ghcr.io", realm: "x.example", agreement: "ghcr.io=x.example" },
    /--allow-auth-host ghcr\.io=x\.example/,
  ],
  "creation-failed": [{ reason: "denied: denied" }, /denied: denied/],
  "program-failed": [{ program: "docker" }, /log/],
  "program-missing": [{ program: "node" }, /Install node/],
  "timed-out": [{ program: "docker" }, /again/],
  "too-large": [{}, /Check/],
  cancelled: [{}, /Nothing to do/],
  "untrusted-workspace": [{}, /Trust/],
};

describe("a failure in words", () => {
  it("of a cancelled creation that leaves something says what to do with it", () => {
    assert.match(failureText(cancelledCreation(["volume app_data"])).next, /^Remove it by hand/);
  });

  for (const [code, [facts, words]] of Object.entries(FACTS) as [FailureCode, [Failure["facts"], RegExp]][]) {
    it(`${code} says what failed and what to do next`, () => {
      const failure = new Failure(code, "It failed.", facts);
      const { message, next } = failureText(failure);
      assert.equal(message, failureMessage(failure));
      assert.doesNotMatch(message, /undefined/);
      assert.match(next, words);
      assert.match(next, /^[A-Z].*[\w.)]$/s);
      assert.doesNotMatch(next, /undefined|null|NaN|\[object|\{|\$/);
    });
  }

  const storages: [reason: string, next: RegExp][] = [
    ["out-of-reach", /Unlock the keyring, then quit/],
    ["not-kept", /Set up a keyring/],
    ["discarded", /create them again/],
  ];
  for (const [reason, next] of storages) {
    it(`has another next step for secrets that are ${reason}`, () => {
      assert.match(failureText(new Failure("storage-unavailable", "x", { reason })).next, next);
    });
  }

  it("has another next step where the facts are others", () => {
    assert.match(failureText(new Failure("creation-failed", "It failed.")).next, /log/);
    assert.match(
      failureText(new Failure("unknown-token-realm", "x", { host: "ghcr.io" })).next,
      /whoever runs ghcr\.io/,
    );
    assert.equal(failureText(new Failure("delivery-failed", "x", { next: "Restart it." })).next, "Restart it.");
  });

  const lines: [message: string, line: string][] = [
    ["It failed.", "It failed. See registry-secrets --help."],
    ["It failed", "It failed. See registry-secrets --help."],
    ["Why?", "Why? See registry-secrets --help."],
    ["It said:", "It said: See registry-secrets --help."],
    ["It failed (twice)", "It failed (twice) See registry-secrets --help."],
  ];
  for (const [message, line] of lines) {
    it(`${message} becomes one line`, () => assert.equal(failureLine(new Failure("wrong-use", message)), line));
  }
});
