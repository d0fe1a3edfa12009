import { strict as assert } from "node:assert";
import { googleTransport } from "../../../src/adapters/gcp/transport";
import { googleTrouble } from "../../../src/adapters/gcp/trouble";
import { Unreachable } from "../../../src/adapters/http/unreachable";
import { Failure } from "../../../src/domain/failure";

/** An error as gaxios makes it: the answer is beside the message. */
const refused = (status: number, data: unknown, message: string) =>
  Object.assign(new Error(message), { response: { status, data } });
/** Google's answer of its newer services (google.rpc.Status), and what google-auth-library makes of it (impersonated.js). */
const impersonating = (code: number, status: string, message: string) =>
  refused(code, { error: { code, message, status } }, `${status}: unable to impersonate: ${message}`);
/** The source of an impersonation fails with an answer of OAuth. */
const source = (error: string, error_description: string) =>
  refused(400, { error, error_description }, `unable to impersonate: Error: ${error}`);

describe("why Google gives no login", () => {
  // sentences of google-auth-library 10.9.1; answers of IAM's generateAccessToken and of Google's token endpoint
  const cases: [name: string, error: Error, cause: string, detail?: string][] = [
    [
      "an impersonation over the quota",
      impersonating(429, "RESOURCE_EXHAUSTED", "Quota exceeded for quota metric"),
      "throttled",
      "HTTP 429: RESOURCE_EXHAUSTED: unable to impersonate: Quota exceeded for quota metric",
    ],
    [
      "an impersonation while IAM is down",
      impersonating(503, "UNAVAILABLE", "The service is currently unavailable."),
      "unreachable",
    ],
    [
      "an impersonation of an account that is gone",
      impersonating(404, "NOT_FOUND", "Not found; Gaia id not found for email p@my-project.iam.gserviceaccount.com"),
      "incomplete-config",
    ],
    [
      "a federation for an account that is gone",
      refused(404, { error: { code: 404, status: "NOT_FOUND" } }, "Not found; Gaia id not found for email p@x.example"),
      "incomplete-config",
    ],
    [
      "an impersonation that is not allowed",
      impersonating(403, "PERMISSION_DENIED", "Permission 'iam.serviceAccounts.getAccessToken' denied on resource"),
      "cannot-assume",
    ],
    ["an impersonation whose API is off", impersonating(403, "PERMISSION_DENIED", "API is disabled"), "cannot-assume"],
    [
      "a revoked source of an impersonation",
      source("invalid_grant", "Bad Request"),
      "session-expired",
      "HTTP 400: unable to impersonate: Error: invalid_grant: Bad Request",
    ],
    ["a deleted source of an impersonation", source("invalid_grant", "Account has been deleted"), "keys-refused"],
    [
      "a source of an impersonation without its file",
      new Error("unable to impersonate: Error: The file at /s does not exist, or it is not a file"),
      "incomplete-config",
    ],
    [
      "a token endpoint that is down",
      refused(503, { error: "internal_failure" }, "internal_failure"),
      "unreachable",
      "HTTP 503: internal_failure",
    ],
    [
      "a metadata server that fails",
      refused(500, '{"error":"x"}', 'Could not refresh access token: {"error":"x"}'),
      "unreachable",
    ],
    [
      "an account whose name looks like a trouble of the network",
      impersonating(403, "PERMISSION_DENIED", "Permission denied for network-certificate@x.example"),
      "cannot-assume",
    ],
  ];
  for (const [name, error, cause, detail] of cases) {
    it(`${name}: ${cause}`, () => {
      const found = googleTrouble(error);
      assert.equal(found.cause, cause, found.detail);
      if (detail !== undefined) assert.equal(found.detail, detail);
    });
  }

  it("is that the metadata server is too slow, where the library stopped its request after a while", async () => {
    const http = { send: () => Promise.reject(new Failure("cancelled", "Cancelled.")) };
    const ask = googleTransport(http, () => undefined);
    const timedOut = AbortSignal.abort(new DOMException("timed out", "TimeoutError"));
    const asked = { headers: { "Metadata-Flavor": "Google" }, signal: timedOut };
    const wrapped = await ask("http://169.254.169.254/token", asked).catch(
      (cause: unknown) => new Error(`Could not refresh access token: ${String(cause)}`, { cause }),
    );
    const { cause, detail } = googleTrouble(wrapped);
    assert.deepEqual(
      [cause, detail],
      ["unreachable", "timeout: no answer in time from Google's metadata server at 169.254.169.254"],
    );
    // who gives up is no clock
    await assert.rejects(ask("http://169.254.169.254/token", { signal: AbortSignal.abort() }), (given) => {
      return given instanceof Failure && !(given instanceof Unreachable);
    });
  });

  it("is said without a token that stands in a long answer, where the answer is cut", () => {
    const token = `eyJ${"a".repeat(400)}.eyJ${"b".repeat(40)}.${"c".repeat(40)}`;
    const data = `${"x ".repeat(100)}${token}`;
    const { detail } = googleTrouble(Object.assign(new Error("Request failed"), { response: { data } }));
    assert.ok(!detail.includes("eyJa"), detail);
  });
});
