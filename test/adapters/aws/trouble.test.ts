import { strict as assert } from "node:assert";
import { watchSignIn } from "../../../src/adapters/aws/signInServices";
import { awsTrouble, type Whose } from "../../../src/adapters/aws/trouble";
import { Unreachable } from "../../../src/adapters/http/unreachable";
import type { HttpClient } from "../../../src/adapters/http/client";
import type { NativeTrouble } from "../../../src/domain/secret/nativeIdentity";

const named = (name: string, message: string) => Object.assign(new Error(message), { name });
/** As the SDK's providers say it (@aws-sdk/credential-provider-*, @aws-sdk/token-providers). */
const provider = (message: string) => named("CredentialsProviderError", message);
const nobody = provider("Could not load credentials from any providers");
const ended = provider(
  "Token is expired. To refresh this SSO session run 'aws sso login' with the corresponding profile.",
);
const expired = named("ExpiredTokenException", "The security token included in the request is expired");
const unreached = new Unreachable("dns", "the name oidc.us-east-1.amazonaws.com was not found");

describe("why AWS gives no login", () => {
  const cases: [name: string, error: unknown, whose: Whose, want: Partial<NativeTrouble>][] = [
    ["nobody, where nothing is set up", nobody, { hasNothing: true }, { cause: "no-identity" }],
    ["nobody, where a profile is", nobody, { profile: "default" }, { cause: "incomplete-config", profile: "default" }],
    [
      "a role of SSO that is not there",
      provider("ResourceNotFoundException: No access role"),
      { profile: "dev" },
      { cause: "cannot-assume" },
    ],
    [
      "a session without its section",
      new TypeError("Cannot read properties of undefined (reading 'sso_region')"),
      { profile: "dev" },
      { cause: "incomplete-config", profile: "dev", detail: "The sso-session that it names could not be found." },
    ],
    ["a session that has ended", ended, { profile: "dev" }, { cause: "session-expired", signIn: "sso" }],
    [
      "a session that could not be renewed",
      ended,
      { profile: "dev", unreached },
      { cause: "unreachable", detail: "dns: the name oidc.us-east-1.amazonaws.com was not found" },
    ],
    [
      "a portal that was not reached",
      provider("Error: the name portal.sso.us-east-1.amazonaws.com was not found"),
      { profile: "dev", unreached },
      { cause: "unreachable" },
    ],
    [
      "no right, though something was not reached",
      named("AccessDeniedException", "no"),
      { unreached },
      { cause: "no-right" },
    ],
    ["keys of a secret", expired, { keysIn: "secret" }, { cause: "session-expired", keysIn: "secret" }],
    ["keys in variables", expired, { keysIn: "variables" }, { cause: "session-expired", keysIn: "variables" }],
    ["a name that DNS does not know", named("Error", "getaddrinfo ENOTFOUND sts.x"), {}, { cause: "unreachable" }],
  ];
  for (const [name, error, whose, want] of cases) {
    it(`${name}: ${String(want.cause)}`, () => {
      const trouble = awsTrouble(error, whose, 0);
      assert.deepEqual({ ...trouble, ...want }, trouble);
      if (want.profile === undefined && whose.profile === undefined) assert.equal(trouble.profile, undefined);
    });
  }

  it("what was not reached of the sign-in services counts until one answers, or half a minute", async () => {
    let now = 0;
    let isDown = true;
    const answer = { status: 200, headers: new Map<string, string[]>(), body: new Uint8Array(), url: "" };
    const http = {
      send: () => (isDown ? Promise.reject(unreached) : Promise.resolve(answer)),
    } as unknown as HttpClient;
    const watched = watchSignIn(http, () => now);
    const send = async (url: string) => {
      await watched.http.send({ url }).catch((error: unknown) => assert.equal(error, unreached));
      return watched.unreached();
    };
    assert.equal(await send("https://api.ecr.us-east-1.amazonaws.com/"), undefined);
    for (const host of ["oidc.us-east-1.amazonaws.com", "portal.sso.cn-north-1.amazonaws.com.cn"]) {
      assert.equal(await send(`https://${host}/token`), unreached);
    }
    for (const host of ["us-east-1.signin.aws.amazon.com", "signin.us-east-1.api.aws"]) {
      assert.equal(await send(`https://${host}/v1/token`), unreached);
    }
    now = 29_999;
    assert.equal(watched.unreached(), unreached);
    now = 30_000;
    assert.equal(watched.unreached(), undefined);
    now = 0;
    isDown = false;
    assert.equal(await send("https://oidc.us-east-1.amazonaws.com/token"), undefined);
  });
});
