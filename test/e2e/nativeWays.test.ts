import assert from "node:assert/strict";
import {
  startContainerCredentials,
  startEndpoint,
  startGoogleMetadata,
  startInstanceMetadata,
  startManagedIdentity,
  type Endpoint,
} from "../../scripts/testbed/cloudEndpoints";
import { awsError, awsXmlError, HOSTS, json, TENANT, type Clouds } from "../../scripts/testbed/clouds";
import {
  AWS_BY_VARIABLES,
  awsProfile,
  diagnoseNative,
  googleKeyFile,
  startCloudMachine,
  type CloudMachine,
} from "./support/cloudMachine";
import { awsIdentity } from "../../src/adapters/aws/identity";
import { googleIdentity } from "../../src/adapters/gcp/identity";
import { httpClient } from "../../src/adapters/http/client";
import { nativeRegistry } from "../../src/domain/registry/catalog";
import { parseRegistryHost } from "../../src/domain/registry/host";
import { World, type Variables } from "./support/world";

const OTHER_TENANT = "11111111-2222-3333-4444-555555555555";
const IMPERSONATED = {
  service_account_impersonation_url:
    "https://iamcredentials.googleapis.com/v1/projects/-/serviceAccounts/p@my-project.iam.gserviceaccount.com:generateAccessToken",
};
const ROLE = "arn:aws:iam::123456789012:role/dev";

/** How a machine of a cloud, a container or a pipeline comes to its identity, with the clouds' real libraries. */
describe("Runner-native secrets where nobody has signed in", () => {
  let machine: CloudMachine;
  let clouds: Clouds;
  let world: World;
  let endpoints: Endpoint[];

  before(async () => {
    machine = await startCloudMachine();
    ({ clouds } = machine);
  });
  after(() => machine.stop());
  beforeEach(async () => {
    machine.reset();
    endpoints = [];
    world = await World.create();
  });
  afterEach(async () => {
    await world.close();
    for (const endpoint of endpoints) await endpoint.stop();
  });

  const at = async (starting: Promise<Endpoint>): Promise<string> => {
    const endpoint = await starting;
    endpoints.push(endpoint);
    return endpoint.url;
  };
  const instance = async (delay = 0): Promise<Variables> => ({
    AWS_EC2_METADATA_DISABLED: undefined,
    AWS_EC2_METADATA_SERVICE_ENDPOINT: await at(startInstanceMetadata(() => "env-role", delay)),
  });
  const webIdentity = (token = world.write("web-identity", "a-web-identity")): Variables => ({
    AWS_WEB_IDENTITY_TOKEN_FILE: token,
    AWS_ROLE_ARN: ROLE,
    AWS_REGION: "eu-central-1",
  });
  const container = async (token: string): Promise<Variables> => ({
    AWS_CONTAINER_CREDENTIALS_FULL_URI: `${await at(startContainerCredentials("right"))}/creds`,
    AWS_CONTAINER_AUTHORIZATION_TOKEN: token,
  });
  const byProcess = (script: string): Variables => {
    world.write("give-keys", `#!/bin/sh\n${script}\n`, 0o755);
    return awsProfile(world.home, `[profile dev]\ncredential_process = ${world.folder}/give-keys\n`);
  };
  const KEYS = `echo '{"Version":1,"AccessKeyId":"AKIAIOSFODNN7EXAMPLE","SecretAccessKey":"s"}'`;
  const google = async (server: Promise<Endpoint>): Promise<Variables> => ({
    METADATA_SERVER_DETECTION: undefined,
    GCE_METADATA_HOST: (await at(server)).replace("http://", ""),
  });
  const federation = (more: object): Variables => ({
    GOOGLE_APPLICATION_CREDENTIALS: world.write("google.json", {
      type: "external_account",
      audience: "//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/p/providers/q",
      subject_token_type: "urn:ietf:params:oauth:token-type:jwt",
      token_url: "https://sts.googleapis.com/v1/token",
      ...more,
    }),
  });
  const azure: Variables = { AZURE_TENANT_ID: TENANT, AZURE_CLIENT_ID: "app", AZURE_CLIENT_SECRET: "s" };
  const appService = async (header: string): Promise<Variables> => ({
    IDENTITY_ENDPOINT: `${await at(startManagedIdentity("right"))}/msi/token`,
    IDENTITY_HEADER: header,
  });

  const subject = () => ({ credential_source: { file: world.write("subject", "subject") } });
  const impersonation = (): Variables => ({
    GOOGLE_APPLICATION_CREDENTIALS: world.write("google.json", {
      type: "impersonated_service_account",
      source_credentials: { type: "authorized_user", client_id: "c", client_secret: "s", refresh_token: "r" },
      ...IMPERSONATED,
    }),
  });
  /** The clouds' libraries read the environment of their process. */
  const inProcess = async <T>(given: Variables, work: (env: NodeJS.ProcessEnv) => Promise<T>): Promise<T> => {
    const own = { ...machine.variables(world.home), ...given };
    const before = { ...process.env };
    Object.assign(process.env, own);
    try {
      return await work(own);
    } finally {
      for (const name of Object.keys(own)) Reflect.deleteProperty(process.env, name);
      Object.assign(process.env, before);
    }
  };
  const requestFor = (name: string) => {
    const host = parseRegistryHost(name);
    return { host, registry: nativeRegistry(host)! };
  };

  const works: [name: string, host: string, given: () => Variables | Promise<Variables>][] = [
    ["AWS by the role of an instance (IMDSv2)", HOSTS.ecr, () => instance()],
    ["AWS by a web identity (OIDC)", HOSTS.ecr, () => webIdentity()],
    ["AWS by the credentials of a container", HOSTS.ecr, () => container("right")],
    ["AWS by a program (credential_process)", HOSTS.ecr, () => byProcess(KEYS)],
    [
      "Google by the service account of the machine",
      HOSTS.gar,
      async () => {
        await clouds.give(HOSTS.gar, "ya29.metadata");
        return await google(startGoogleMetadata());
      },
    ],
    ["Google by federation and a service account", HOSTS.gar, () => federation({ ...subject(), ...IMPERSONATED })],
    [
      "Azure by workload identity",
      HOSTS.acr,
      () => ({
        AZURE_TENANT_ID: TENANT,
        AZURE_CLIENT_ID: "app",
        AZURE_FEDERATED_TOKEN_FILE: world.write("federated", "federated"),
      }),
    ],
    ["Azure by the managed identity of App Service", HOSTS.acr, () => appService("right")],
    [
      "Azure by the managed identity of an instance",
      HOSTS.acr,
      async () => ({
        AZURE_POD_IDENTITY_AUTHORITY_HOST: await at(startManagedIdentity("none")),
      }),
    ],
    [
      "Azure by az",
      HOSTS.acr,
      () =>
        world.program(
          "az",
          `#!/bin/sh\necho '{"accessToken":"eyJhIjoxfQ.eyJhIjoxfQ.s","expires_on":4102444800,"expiresOn":"2100-01-01 00:00:00.000000","tenant":"${TENANT}","tokenType":"Bearer"}'\n`,
        ),
    ],
  ];
  for (const [name, host, given] of works) {
    it(`${name}: the image can be pulled`, async () => {
      const found = await diagnoseNative(machine, world, host, await given());
      assert.equal(found.code, "fine", JSON.stringify(found));
    });
  }

  it("the registry's challenge names the tenant whose token it wants", async () => {
    clouds.faults.challenge = `authorization_uri="https://login.microsoftonline.com/${OTHER_TENANT}"`;
    const found = await diagnoseNative(machine, world, HOSTS.acr, azure);
    assert.equal(found.code, "fine", JSON.stringify(found));
    assert.equal(clouds.asked.get(`entra of ${OTHER_TENANT}`), 1);
    assert.equal(clouds.asked.get(`entra of ${TENANT}`), undefined);
  });

  it("a clock that is ten minutes behind AWS's is seen: AWS takes the second signature", async () => {
    const late = new Date(Date.now() + 600_000).toUTCString();
    const words = "Signature expired: 20260101T000000Z is now earlier than 20260101T000500Z";
    const { headers, ...refusal } = awsError("InvalidSignatureException", words);
    clouds.faults = { ecr: { ...refusal, headers: { ...headers, date: late } }, ecrTimes: 1 };
    const found = await diagnoseNative(machine, world, HOSTS.ecr, AWS_BY_VARIABLES);
    assert.equal(found.code, "fine", JSON.stringify(found));
    assert.equal(clouds.asked.get("ecr"), 2);
  });

  it("a role of an instance that was replaced meanwhile is the next answer's", async () => {
    let role = "first-role";
    const endpoint = await at(startInstanceMetadata(() => role));
    const given = { AWS_EC2_METADATA_DISABLED: "false", AWS_EC2_METADATA_SERVICE_ENDPOINT: endpoint };
    await inProcess(given, async (env) => {
      const aws = awsIdentity({ env, http: httpClient(5_000, { env }), now: Date.now });
      for (const name of ["first-role", "second-role"]) {
        role = name;
        assert.equal((await aws.login(requestFor(HOSTS.ecr))).kind, "login", name);
      }
    });
  });

  for (const hours of [-2, 0, 2]) {
    it(`an impersonated account's token lives an hour where Google's clock is ${hours} h ahead of this machine's`, async () => {
      const now = Math.floor(Date.now() / 1000) * 1000;
      const there = now + hours * 3_600_000;
      const answer = json({ accessToken: "ya29.i", expireTime: new Date(there + 3_600_000).toISOString() });
      clouds.faults.impersonation = { ...answer, headers: { ...answer.headers, date: new Date(there).toUTCString() } };
      for (const given of [impersonation(), federation({ ...subject(), ...IMPERSONATED })]) {
        const login = await inProcess(given, async (env) => {
          const google = googleIdentity({ http: httpClient(5_000, { env }), now: () => now });
          return await google.login(requestFor(HOSTS.gar));
        });
        assert.equal(login.kind === "login" && login.lifeMs, 3_600_000, JSON.stringify(login));
      }
    });
  }

  const foreign: [host: string, universe_domain: string | undefined, words: string][] = [
    [
      "docker.s3nsregistry.fr",
      undefined,
      "the identity belongs to the cloud googleapis.com, and docker.s3nsregistry.fr to s3nsapis.fr",
    ],
    [HOSTS.gar, "s3nsapis.fr", `the identity belongs to the cloud s3nsapis.fr, and ${HOSTS.gar} to googleapis.com`],
  ];
  for (const [host, universe_domain, words] of foreign) {
    it(`no token of another cloud of Google's making is asked for ${host}`, async () => {
      const user = { type: "authorized_user", client_id: "c", client_secret: "s", refresh_token: "r", universe_domain };
      const given = { GOOGLE_APPLICATION_CREDENTIALS: world.write("google.json", user) };
      const answers = await inProcess(given, async (env) => {
        const google = googleIdentity({ http: httpClient(5_000, { env }), now: Date.now });
        return [await google.login(requestFor(host)), await google.describe(requestFor(host))];
      });
      for (const answer of answers) {
        assert.ok(answer.kind === "broken", JSON.stringify(answer));
        assert.deepEqual([answer.cause, answer.detail], ["incomplete-config", words]);
      }
      assert.deepEqual(machine.asked, []);
    });
  }

  const fails: [
    name: string,
    host: string,
    given: () => Variables | Promise<Variables>,
    code: string,
    cause: string | undefined,
  ][] = [
    [
      "a metadata service of AWS that is too slow",
      HOSTS.ecr,
      () => instance(4_000),
      "runner-native-unanswered",
      "no-identity",
    ],
    [
      "a web identity that has expired",
      HOSTS.ecr,
      () => {
        clouds.faults.assumeRole = awsXmlError(
          "ExpiredTokenException",
          "Token expired: current date/time must be before",
          400,
        );
        return webIdentity();
      },
      "cloud-sign-in-expired",
      "session-expired",
    ],
    [
      "a web identity whose role does not trust it",
      HOSTS.ecr,
      () => {
        clouds.faults.assumeRole = awsXmlError(
          "AccessDenied",
          "Not authorized to perform sts:AssumeRoleWithWebIdentity",
        );
        return webIdentity();
      },
      "cloud-identity-refused",
      "cannot-assume",
    ],
    [
      "a web identity without its file",
      HOSTS.ecr,
      () => webIdentity("/nonexistent/token"),
      "cloud-identity-broken",
      "incomplete-config",
    ],
    [
      "a container whose token is wrong",
      HOSTS.ecr,
      () => container("wrong"),
      "cloud-identity-broken",
      "incomplete-config",
    ],
    [
      "a program that fails",
      HOSTS.ecr,
      () => byProcess("echo no >&2; exit 1"),
      "cloud-identity-broken",
      "incomplete-config",
    ],
    ["a program that says nothing", HOSTS.ecr, () => byProcess("exit 0"), "cloud-identity-broken", "incomplete-config"],
    [
      "a role without where it comes from",
      HOSTS.ecr,
      () => awsProfile(world.home, `[profile dev]\nrole_arn = ${ROLE}\n`),
      "cloud-identity-broken",
      "incomplete-config",
    ],
    [
      "a role from a profile that is not there",
      HOSTS.ecr,
      () => awsProfile(world.home, `[profile dev]\nrole_arn = ${ROLE}\nsource_profile = gone\n`),
      "cloud-identity-broken",
      "incomplete-config",
    ],
    [
      "a role that wants a second factor",
      HOSTS.ecr,
      () =>
        awsProfile(
          world.home,
          `[profile dev]\nrole_arn = ${ROLE}\nsource_profile = base\nmfa_serial = arn:aws:iam::123456789012:mfa/dev\n[profile base]\naws_access_key_id = AKIAIOSFODNN7EXAMPLE\naws_secret_access_key = x\n`,
        ),
      "cloud-identity-refused",
      "needs-person",
    ],
    [
      "half of the keys as variables",
      HOSTS.ecr,
      () => ({ AWS_ACCESS_KEY_ID: "AKIAIOSFODNN7EXAMPLE" }),
      "cloud-identity-broken",
      "incomplete-config",
    ],
    [
      "AWS is down",
      HOSTS.ecr,
      () => {
        clouds.faults.ecr = awsError("ServiceUnavailableException", "Try later", 503);
        return AWS_BY_VARIABLES;
      },
      "cloud-identity-broken",
      "unreachable",
    ],
    [
      "an image of ECR that is not there (row 70)",
      HOSTS.ecr,
      () => {
        const message = "The repository with name 'acme/app' does not exist in the registry with id '123456789012'";
        clouds.faults.registry = json({ errors: [{ code: "NAME_UNKNOWN", message }] }, 404);
        return AWS_BY_VARIABLES;
      },
      "unknown-repository",
      undefined,
    ],
    [
      "ECR itself throttles (row 71)",
      HOSTS.ecr,
      () => {
        clouds.faults.registry = json({ errors: [{ code: "TOOMANYREQUESTS", message: "Rate exceeded" }] }, 429);
        return AWS_BY_VARIABLES;
      },
      "rate-limited",
      undefined,
    ],
    [
      "Google's metadata server without a right",
      HOSTS.gar,
      () => google(startGoogleMetadata(json({ error: "forbidden" }, 403))),
      "cloud-identity-refused",
      "no-right",
    ],
    [
      "a machine of Google without a service account",
      HOSTS.gar,
      () => google(startGoogleMetadata({ status: 404, body: "" })),
      "runner-native-unanswered",
      "no-identity",
    ],
    [
      "nothing at the address of Google's metadata server",
      HOSTS.gar,
      async () => {
        const gone = await startEndpoint(() => ({ status: 200 }));
        await gone.stop();
        return { METADATA_SERVER_DETECTION: undefined, GCE_METADATA_HOST: gone.url.replace("http://", "") };
      },
      "runner-native-unanswered",
      "no-identity",
    ],
    [
      "a federation whose pool refuses",
      HOSTS.gar,
      () => {
        const error_description = "The given credential is rejected by the attribute condition.";
        clouds.faults.googleToken = json({ error: "unauthorized_client", error_description }, 400);
        return federation(subject());
      },
      "cloud-identity-refused",
      "cannot-assume",
    ],
    [
      "a federation without the file of its token",
      HOSTS.gar,
      () => federation({ credential_source: { file: "/nonexistent/subject" } }),
      "cloud-identity-broken",
      "incomplete-config",
    ],
    [
      "Google throttles",
      HOSTS.gar,
      () => {
        clouds.faults.googleToken = json({ error: "rate_limit_exceeded", error_description: "Too Many Requests" }, 429);
        return { GOOGLE_APPLICATION_CREDENTIALS: world.write("google.json", googleKeyFile()) };
      },
      "cloud-identity-broken",
      "throttled",
    ],
    [
      "no right on the repository of Google (row 42)",
      HOSTS.gar,
      () => {
        const message =
          'Permission "artifactregistry.repositories.downloadArtifacts" denied on resource "projects/p/locations/europe-west1/repositories/acme" (or it may not exist)';
        clouds.faults.registry = json({ errors: [{ code: "DENIED", message }] }, 403);
        return { GOOGLE_APPLICATION_CREDENTIALS: world.write("google.json", googleKeyFile()) };
      },
      "no-right-on-repository",
      undefined,
    ],
    [
      "an application that the tenant does not know (row 37)",
      HOSTS.acr,
      () => {
        const error_description = "AADSTS700016: Application with identifier 'app' was not found in the directory.";
        clouds.faults.entra = json({ error: "unauthorized_client", error_description, error_codes: [700016] }, 400);
        return azure;
      },
      "cloud-identity-refused",
      "keys-refused",
    ],
    [
      "the firewall of ACR (row 38)",
      HOSTS.acr,
      () => {
        const message =
          "client with IP '203.0.113.7' is not allowed access. Refer https://aka.ms/acr/firewall to grant access.";
        clouds.faults.exchange = json({ errors: [{ code: "DENIED", message }] }, 403);
        return azure;
      },
      "client-firewall",
      "no-right",
    ],
    [
      "a session of az that has ended, of which its library tells no more (row 39)",
      HOSTS.acr,
      () =>
        world.program(
          "az",
          "#!/bin/sh\necho 'ERROR: AADSTS700082: The refresh token has expired due to inactivity. Interactive authentication is needed. Please run: az login' >&2\nexit 1\n",
        ),
      "runner-native-unanswered",
      "no-identity",
    ],
    [
      "a managed identity whose header is wrong",
      HOSTS.acr,
      () => appService("wrong"),
      "runner-native-unanswered",
      "no-identity",
    ],
    [
      "a managed identity that throttles",
      HOSTS.acr,
      async () => ({
        AZURE_POD_IDENTITY_AUTHORITY_HOST: await at(startManagedIdentity("none", json({ error: "busy" }, 429))),
      }),
      "cloud-identity-broken",
      "throttled",
    ],
    [
      "an application of Azure without its secret",
      HOSTS.acr,
      () => ({ AZURE_TENANT_ID: TENANT, AZURE_CLIENT_ID: "app" }),
      "cloud-identity-broken",
      "incomplete-config",
    ],
    [
      "a federated token of Azure without its file",
      HOSTS.acr,
      () => ({ AZURE_TENANT_ID: TENANT, AZURE_CLIENT_ID: "app", AZURE_FEDERATED_TOKEN_FILE: "/nonexistent/token" }),
      "cloud-identity-broken",
      "incomplete-config",
    ],
    [
      "ACR throttles",
      HOSTS.acr,
      () => {
        clouds.faults.exchange = json({ errors: [{ code: "TOOMANYREQUESTS" }] }, 429);
        return azure;
      },
      "cloud-identity-broken",
      "throttled",
    ],
    [
      "nobody at Azure",
      HOSTS.acr,
      () => ({ AZURE_TOKEN_CREDENTIALS: "EnvironmentCredential" }),
      "runner-native-unanswered",
      "no-identity",
    ],
  ];
  for (const [name, host, given, code, cause] of fails) {
    it(`${name}: ${[code, cause].join(", ")}`, async () => {
      const found = await diagnoseNative(machine, world, host, await given());
      assert.deepEqual([found.code, found.credential.trouble?.cause], [code, cause], JSON.stringify(found));
    });
  }
});
