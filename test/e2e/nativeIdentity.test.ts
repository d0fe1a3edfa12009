import assert from "node:assert/strict";
import { join } from "node:path";
import {
  ACCOUNT,
  AWS_KEYS,
  awsError,
  awsXmlError,
  type Clouds,
  HOSTS,
  json,
  TENANT,
} from "../../scripts/testbed/clouds";
import {
  AWS_BY_VARIABLES,
  awsProfile,
  diagnoseNative,
  googleKeyFile,
  nativeSecret,
  SESSION,
  SESSION_PROFILE,
  signedInBySso,
  signedInToSession,
  SSO_PROFILE,
  startCloudMachine,
  type CloudMachine,
} from "./support/cloudMachine";
import type { Say } from "../../scripts/testbed/standIns";
import { World, type Variables } from "./support/world";

/** The shipped command line with the clouds' real libraries, which meet stand-ins under the real names. */
describe("Runner-native secrets", () => {
  let machine: CloudMachine;
  let clouds: Clouds;
  let world: World;

  before(async () => {
    machine = await startCloudMachine();
    ({ clouds } = machine);
  });
  after(() => machine.stop());
  beforeEach(async () => {
    machine.reset();
    world = await World.create();
  });
  afterEach(() => world.close());

  const diagnose = (host: string, variables: Variables, as?: Variables) =>
    diagnoseNative(machine, world, host, variables, as);
  const keys = AWS_BY_VARIABLES;
  const config = (text: string) => awsProfile(world.home, text);
  const signedIn = (expiresAt: number) => signedInBySso(world.home, expiresAt);
  const google = (credentials: object): Variables => ({
    GOOGLE_APPLICATION_CREDENTIALS: world.write("google.json", credentials, 0o600),
  });
  const account = googleKeyFile();
  const user = { type: "authorized_user", client_id: "c", client_secret: "s", refresh_token: "r" };
  const azure: Variables = { AZURE_TENANT_ID: TENANT, AZURE_CLIENT_ID: "app", AZURE_CLIENT_SECRET: "s" };

  const works: [name: string, host: string, given: () => Variables | Promise<Variables>, as?: Variables][] = [
    ["AWS by variables", HOSTS.ecr, () => keys],
    [
      "AWS by a profile with a role",
      HOSTS.ecr,
      () => ({
        ...config(
          "[profile dev]\nrole_arn = arn:aws:iam::123456789012:role/dev\nsource_profile = base\n[profile base]\naws_access_key_id = AKIAIOSFODNN7EXAMPLE\naws_secret_access_key = not-a-secret-aws-key\n",
        ),
      }),
    ],
    ["AWS by SSO", HOSTS.ecr, () => signedIn(Date.now() + 3_600_000)],
    ["AWS public", HOSTS.publicEcr, () => keys],
    [
      "AWS by an access key as username and password",
      HOSTS.ecr,
      () => ({}),
      nativeSecret(HOSTS.ecr, AWS_KEYS.id, AWS_KEYS.secret),
    ],
    ["Google by a key file", HOSTS.gar, () => google(account)],
    ["Google by the person's own sign-in", HOSTS.gar, () => google(user)],
    [
      "Google by impersonation",
      HOSTS.gar,
      () =>
        google({
          type: "impersonated_service_account",
          service_account_impersonation_url:
            "https://iamcredentials.googleapis.com/v1/projects/-/serviceAccounts/p@my-project.iam.gserviceaccount.com:generateAccessToken",
          source_credentials: user,
        }),
    ],
    [
      "Google by workload identity federation",
      HOSTS.gar,
      () =>
        google({
          type: "external_account",
          audience: "//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/p/providers/q",
          subject_token_type: "urn:ietf:params:oauth:token-type:jwt",
          token_url: "https://sts.googleapis.com/v1/token",
          credential_source: { file: world.write("subject-token", "subject") },
        }),
    ],
    ["Azure by a service principal", HOSTS.acr, () => azure],
  ];
  for (const [name, host, given, as] of works) {
    it(`${name}: the image can be pulled, and only its own cloud was asked`, async () => {
      const found = await diagnose(host, await given(), as);
      assert.equal(found.code, "fine", JSON.stringify(found));
      const other = { ecr: /google|azure|microsoft/, gar: /amazonaws|azure|microsoft/, acr: /amazonaws|google/ };
      const foreign = host === HOSTS.gar ? other.gar : host === HOSTS.acr ? other.acr : other.ecr;
      assert.ok(!machine.asked.some((target) => foreign.test(target)), machine.asked.join(" "));
    });
  }

  const fails: [name: string, host: string, given: () => Variables, code: string, cause: string, as?: Variables][] = [
    ["nobody at AWS", HOSTS.ecr, () => ({}), "runner-native-unanswered", "no-identity"],
    ["nobody at Google", HOSTS.gar, () => ({}), "runner-native-unanswered", "no-identity"],
    [
      "an SSO session that has ended",
      HOSTS.ecr,
      () => signedIn(Date.now() - 1_000),
      "cloud-sign-in-expired",
      "session-expired",
    ],
    ["no SSO session", HOSTS.ecr, () => config(SSO_PROFILE), "cloud-sign-in-expired", "session-expired"],
    [
      "an SSO session that AWS does not know",
      HOSTS.ecr,
      () => {
        clouds.faults.sso = awsError("UnauthorizedException", "Session token not found or invalid", 401);
        return signedIn(Date.now() + 3_600_000);
      },
      "cloud-sign-in-expired",
      "session-expired",
    ],
    [
      "an SSO role that is not one's own",
      HOSTS.ecr,
      () => {
        clouds.faults.sso = awsError("ForbiddenException", "No access", 403);
        return signedIn(Date.now() + 3_600_000);
      },
      "cloud-identity-refused",
      "cannot-assume",
    ],
    [
      "an SSO role that is none of the account",
      HOSTS.ecr,
      () => {
        clouds.faults.sso = awsError("ResourceNotFoundException", "No access role", 404);
        return signedIn(Date.now() + 3_600_000);
      },
      "cloud-identity-refused",
      "cannot-assume",
    ],
    [
      "a portal of SSO that cannot be reached",
      HOSTS.ecr,
      () => ({
        ...signedIn(Date.now() + 3_600_000),
        ...config(SSO_PROFILE.replace("us-east-1", "us-west-2")),
      }),
      "cloud-identity-broken",
      "unreachable",
    ],
    [
      "an SSO session that cannot be renewed, since nothing is reached",
      HOSTS.ecr,
      () => {
        signedInToSession(world.home, Date.now() - 1_000);
        return config(SESSION_PROFILE + SESSION);
      },
      "cloud-identity-broken",
      "unreachable",
    ],
    [
      "an SSO session without its section",
      HOSTS.ecr,
      () => config(SESSION_PROFILE),
      "cloud-identity-broken",
      "incomplete-config",
    ],
    [
      "half a key in the profile that nobody chose",
      HOSTS.ecr,
      () => {
        world.write(join(world.home, ".aws/credentials"), "[default]\naws_access_key_id = AKIAIOSFODNN7EXAMPLE\n");
        return {};
      },
      "cloud-identity-broken",
      "incomplete-config",
    ],
    [
      "a profile that says no more than its region",
      HOSTS.ecr,
      () => {
        config("[default]\nregion = us-east-1\n");
        return {};
      },
      "runner-native-unanswered",
      "no-identity",
    ],
    [
      "temporary keys past their time",
      HOSTS.ecr,
      () => {
        clouds.faults.ecr = awsError("ExpiredTokenException", "The security token included in the request is expired");
        return keys;
      },
      "cloud-sign-in-expired",
      "session-expired",
    ],
    [
      "keys that were deleted",
      HOSTS.ecr,
      () => ({ AWS_ACCESS_KEY_ID: "AKIAUNKNOWN00000001", AWS_SECRET_ACCESS_KEY: "x" }),
      "cloud-identity-refused",
      "keys-refused",
    ],
    [
      "no right to a token (row 69)",
      HOSTS.ecr,
      () => {
        clouds.faults.ecr = awsError(
          "AccessDeniedException",
          `User: arn:aws:iam::${ACCOUNT}:user/dev is not authorized to perform: ecr:GetAuthorizationToken on resource: * because no identity-based policy allows the ecr:GetAuthorizationToken action`,
        );
        return keys;
      },
      "ecr-identity-policy",
      "no-right",
    ],
    [
      "a role that may not be assumed",
      HOSTS.ecr,
      () => {
        clouds.faults.assumeRole = awsXmlError(
          "AccessDenied",
          "User: arn:aws:iam::123456789012:user/dev is not authorized to perform: sts:AssumeRole on resource: arn:aws:iam::123456789012:role/dev",
        );
        return config(
          "[profile dev]\nrole_arn = arn:aws:iam::123456789012:role/dev\nsource_profile = base\n[profile base]\naws_access_key_id = AKIAIOSFODNN7EXAMPLE\naws_secret_access_key = x\n",
        );
      },
      "cloud-identity-refused",
      "cannot-assume",
    ],
    [
      "a profile that is not there",
      HOSTS.ecr,
      () => config("[profile other]\nregion = us-east-1\n"),
      "cloud-identity-broken",
      "incomplete-config",
    ],
    [
      "half a profile",
      HOSTS.ecr,
      () => config("[profile dev]\nsso_start_url = https://acme.awsapps.com/start\nsso_region = us-east-1\n"),
      "cloud-identity-broken",
      "incomplete-config",
    ],
    [
      "a wrong clock",
      HOSTS.ecr,
      () => {
        clouds.faults.ecr = awsError(
          "InvalidSignatureException",
          "Signature expired: 20260101T000000Z is now earlier than 20260101T001000Z",
          400,
        );
        return keys;
      },
      "cloud-identity-broken",
      "wrong-clock",
    ],
    [
      "too many requests to AWS",
      HOSTS.ecr,
      () => {
        clouds.faults.ecr = awsError("ThrottlingException", "Rate exceeded", 400);
        return keys;
      },
      "cloud-identity-broken",
      "throttled",
    ],
    [
      "an access key that was deleted",
      HOSTS.ecr,
      () => ({}),
      "cloud-identity-refused",
      "keys-refused",
      nativeSecret(HOSTS.ecr, "AKIAUNKNOWN00000001", "x"),
    ],
    [
      "a sign-in to Google that was revoked",
      HOSTS.gar,
      () => {
        clouds.faults.googleToken = json(
          { error: "invalid_grant", error_description: "Token has been expired or revoked." },
          400,
        );
        return google(user);
      },
      "cloud-sign-in-expired",
      "session-expired",
    ],
    [
      "Google wants the person again",
      HOSTS.gar,
      () => {
        clouds.faults.googleToken = json(
          {
            error: "invalid_grant",
            error_description: "reauth related error (invalid_rapt)",
            error_subtype: "invalid_rapt",
          },
          400,
        );
        return google(user);
      },
      "cloud-sign-in-expired",
      "session-expired",
    ],
    [
      "a key of Google that was deleted",
      HOSTS.gar,
      () => {
        clouds.faults.googleToken = json({ error: "invalid_grant", error_description: "Invalid JWT Signature." }, 400);
        return google(account);
      },
      "cloud-identity-refused",
      "keys-refused",
    ],
    [
      "a wrong clock at Google",
      HOSTS.gar,
      () => {
        clouds.faults.googleToken = json(
          {
            error: "invalid_grant",
            error_description:
              "Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe. Check your iat and exp values in the JWT claim.",
          },
          400,
        );
        return google(account);
      },
      "cloud-identity-broken",
      "wrong-clock",
    ],
    [
      "a key file that is none",
      HOSTS.gar,
      () => google({ type: "service_account" }),
      "cloud-identity-broken",
      "incomplete-config",
    ],
    [
      "a key file that is not there",
      HOSTS.gar,
      () => ({ GOOGLE_APPLICATION_CREDENTIALS: "/nonexistent/key.json" }),
      "cloud-identity-broken",
      "incomplete-config",
    ],
    [
      "a secret of Azure that has expired (row 35)",
      HOSTS.acr,
      () => {
        clouds.faults.entra = json(
          {
            error: "invalid_client",
            error_description: "AADSTS7000222: The provided client secret keys for app are expired.",
            error_codes: [7000222],
          },
          401,
        );
        return azure;
      },
      "cloud-identity-refused",
      "keys-refused",
    ],
    [
      "no right on the registry of Azure",
      HOSTS.acr,
      () => {
        clouds.faults.exchange = json(
          {
            errors: [
              {
                code: "UNAUTHORIZED",
                message: "authentication required, visit https://aka.ms/acr/authorization for more information.",
              },
            ],
          },
          401,
        );
        return azure;
      },
      "cloud-identity-refused",
      "no-right",
    ],
  ];
  for (const [name, host, given, code, cause, as] of fails) {
    it(`${name}: ${code}, ${cause}`, async () => {
      const found = await diagnose(host, given(), as);
      assert.deepEqual([found.code, found.credential.trouble?.cause], [code, cause], JSON.stringify(found));
    });
  }

  const expired = awsError("ExpiredTokenException", "The security token included in the request is expired");
  const badSignature = awsError(
    "InvalidSignatureException",
    "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method.",
    403,
  );
  const ownKey = nativeSecret(HOSTS.ecr, AWS_KEYS.id, AWS_KEYS.secret);
  const temporary = { ...keys, AWS_ACCESS_KEY_ID: "ASIATEMP0000000001", AWS_SESSION_TOKEN: "t" };
  const blamed: [name: string, fault: Say, given: Variables, as: Variables, says: RegExp, never: RegExp][] = [
    [
      "the key of a secret with a wrong signature",
      badSignature,
      {},
      ownKey,
      /refuses the access key in the secret for .*\n +→ Edit the user secret X: /,
      /this machine|aws sso login/,
    ],
    [
      "the key of a secret, expired",
      expired,
      {},
      ownKey,
      /access key in the secret for .* has expired: .*\n +→ Edit the user secret X: /,
      /profile|aws sso login/,
    ],
    [
      "temporary keys in variables, expired",
      expired,
      temporary,
      nativeSecret(HOSTS.ecr),
      /keys for AWS in the environment variables have expired, .*\n +→ Set new keys in AWS_ACCESS_KEY_ID/,
      /profile|aws sso login/,
    ],
    [
      "keys in variables with a wrong signature",
      badSignature,
      keys,
      nativeSecret(HOSTS.ecr),
      /refuses the keys in the environment variables, .*\n +→ Set new keys in AWS_ACCESS_KEY_ID/,
      /profile|aws sso login/,
    ],
  ];
  for (const [name, fault, given, as, says, never] of blamed) {
    it(`${name}: that is blamed, and what helps is said`, async () => {
      clouds.faults.ecr = fault;
      world.write(join(world.workspace, ".devcontainer/devcontainer.json"), { image: `${HOSTS.ecr}/acme/app:1` });
      const all = { ...machine.variables(world.home), ...as, ...given };
      const { stdout } = await world.cli(["diagnose", world.workspace], all);
      assert.match(stdout, says);
      assert.doesNotMatch(stdout, never);
    });
  }

  for (const [name, credentials] of [
    ["a person's sign-in", user],
    ["a key file", account],
  ] as const) {
    it(`the logging of Google's library prints no token of ${name}`, async () => {
      world.write(join(world.workspace, ".devcontainer/devcontainer.json"), { image: `${HOSTS.gar}/acme/app:1` });
      const logging = { GOOGLE_SDK_NODE_LOGGING: "*", ...nativeSecret(HOSTS.gar), ...google(credentials) };
      const all = { ...machine.variables(world.home), ...logging };
      const { stdout, stderr, code } = await world.cli(["diagnose", world.workspace, "--verbose"], all);
      assert.equal(code, 0, stderr);
      assert.doesNotMatch(stdout + stderr, /ya29|access_token|\[auth\|/);
    });
  }

  it("what Google repeats of a sign-in is not shown", async () => {
    const words = "refresh token r-of-the-person is not of client secret s-of-the-client";
    clouds.faults.googleToken = json({ error: "invalid_grant", error_description: words }, 400);
    const given = google({ ...user, client_secret: "s-of-the-client", refresh_token: "r-of-the-person" });
    const { credential } = await diagnose(HOSTS.gar, given);
    const shown = "HTTP 400: invalid_grant: refresh token [redacted] is not of client secret [redacted]";
    assert.equal(credential.trouble?.detail, shown);
  });

  it("the profile to sign in with is named", async () => {
    const given = signedIn(Date.now() - 1_000);
    world.write(join(world.workspace, ".devcontainer/devcontainer.json"), { image: `${HOSTS.ecr}/acme/app:1` });
    const all = { ...machine.variables(world.home), ...nativeSecret(HOSTS.ecr), ...given };
    const { stdout } = await world.cli(["diagnose", world.workspace], all);
    assert.match(stdout, /Sign in again: aws sso login --profile dev/);
  });

  it("rows 67 and 68: the registry's own words tell which policy lacks the right", async () => {
    for (const [kind, code] of [
      ["identity-based", "ecr-identity-policy"],
      ["resource-based", "ecr-resource-policy"],
    ]) {
      const message = `User: arn:aws:sts::${ACCOUNT}:assumed-role/dev/i is not authorized to perform: ecr:BatchGetImage on resource: arn:aws:ecr:eu-central-1:${ACCOUNT}:repository/acme/app because no ${String(kind)} policy allows the ecr:BatchGetImage action`;
      clouds.faults.registry = json({ errors: [{ code: "DENIED", message }] }, 403);
      assert.equal((await diagnose(HOSTS.ecr, keys)).code, code);
    }
  });

  it("a host that only looks like ECR's gets nothing, not even a question to AWS", async () => {
    const host = `${HOSTS.ecr}.example.com`;
    world.write(join(world.workspace, ".devcontainer/devcontainer.json"), { image: `${host}/acme/app:1` });
    const all = { ...machine.variables(world.home), ...nativeSecret(host), ...keys };
    const { stderr } = await world.cli(["diagnose", world.workspace], all);
    assert.match(stderr, /has no runner-native authentication/);
    assert.ok(
      machine.asked.every((target) => target === `${host}:443`),
      machine.asked.join(" "),
    );
  });
});
