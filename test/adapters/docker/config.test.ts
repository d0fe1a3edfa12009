import { strict as assert } from "node:assert";
import fc from "fast-check";
import {
  helperFor,
  hostnameOfKey,
  parseDockerAuthConfig,
  parseDockerConfig,
  resolveDockerCredential,
  type DockerCredential,
  type RunHelper,
} from "../../../src/adapters/docker/config";
import { Failure } from "../../../src/domain/failure";
import { DOCKER_HUB_KEY, parseRegistryHost } from "../../../src/domain/registry/host";
import { fixtureRows, judge, orFailure, type Row } from "../../fixtures/vectors/judge";

interface Answer {
  username?: string;
  password?: string;
  identitytoken?: string;
  registrytoken?: string;
  error?: unknown;
}
type ConfigRow = Row & {
  kind?: string;
  in: {
    config: string | null;
    registry: string;
    authsKey?: string;
    env?: { DOCKER_AUTH_CONFIG: string };
    helpers?: Record<string, Record<string, { Username?: string; Secret?: string; error?: string }>>;
  };
  want: Answer & { anonymous?: boolean; helper?: string; hostname?: string; serverAddress?: string; envError?: string };
  dockercli?: Answer;
};

const NOT_FOUND = { stdout: "credentials not found in native keychain\n", exitCode: 1 };
const noHelper: RunHelper = (name) => Promise.reject(new Failure("helper-missing", `No ${name}.`));

/** The four strings of docker/cli's AuthConfig. */
function plain(credential: DockerCredential | undefined): Answer {
  return {
    username: credential?.username ?? "",
    password: credential?.password?.reveal() ?? "",
    identitytoken: credential?.identityToken?.reveal() ?? "",
    registrytoken: credential?.registryToken?.reveal() ?? "",
  };
}

function base64(text: string): string {
  return Buffer.from(text).toString("base64");
}

describe("Docker's credential for a registry", () => {
  const AUTHS = `"auths": {"ghcr.io": {"auth": "${base64("file:in-file")}", "registrytoken": "rt"}}`;
  const helper =
    (answers: Record<string, string>): RunHelper =>
    (name, action, serverUrl) => {
      const stdout = answers[`${name} ${action} ${serverUrl}`];
      return Promise.resolve(stdout === undefined ? NOT_FOUND : { stdout, exitCode: 0 });
    };
  const answer = (user: string, secret: string): string =>
    JSON.stringify({ ServerURL: "x", Username: user, Secret: secret });
  const both = helper({ "one get ghcr.io": answer("one", "s1"), "two get ghcr.io": answer("two", "s2") });

  const cases: [name: string, config: string, host: string, run: RunHelper, expected: Answer, source: unknown][] = [
    [
      "credHelpers beats credsStore beats auths",
      `{${AUTHS}, "credsStore": "two", "credHelpers": {"ghcr.io": "one"}}`,
      "ghcr.io",
      both,
      { username: "one", password: "s1", registrytoken: "rt" },
      { helper: "one" },
    ],
    [
      "credsStore beats auths",
      `{${AUTHS}, "credsStore": "two"}`,
      "ghcr.io",
      both,
      { username: "two", password: "s2", registrytoken: "rt" },
      { helper: "two" },
    ],
    [
      "an empty credHelpers entry turns the store off",
      `{${AUTHS}, "credsStore": "two", "credHelpers": {"ghcr.io": ""}}`,
      "ghcr.io",
      both,
      { username: "file", password: "in-file", registrytoken: "rt" },
      { authsKey: "ghcr.io" },
    ],
    [
      "a store that does not know the host hides its password in auths",
      `{"auths": {"ghcr.io": {"auth": "${base64("a:b")}"}}, "credsStore": "none"}`,
      "ghcr.io",
      both,
      {},
      undefined,
    ],
    ["credHelpers keys are bare hosts", `{"credHelpers": {"https://ghcr.io": "one"}}`, "ghcr.io", both, {}, undefined],
    [
      "an identity token from a helper",
      '{"credsStore": "s"}',
      "ghcr.io",
      helper({ "s get ghcr.io": answer("<token>", "it") }),
      { identitytoken: "it" },
      { helper: "s" },
    ],
    [
      "Docker Hub by its short name",
      `{"auths": {"${DOCKER_HUB_KEY}": {"auth": "${base64("a:b")}"}}}`,
      "docker.io",
      noHelper,
      { username: "a", password: "b" },
      { authsKey: DOCKER_HUB_KEY },
    ],
    [
      "a key with scheme and path",
      `{"auths": {"https://ghcr.io/v2/": {"auth": "${base64("a:b")}"}}}`,
      "ghcr.io",
      noHelper,
      { username: "a", password: "b" },
      { authsKey: "https://ghcr.io/v2/" },
    ],
    [
      "an exact key before one that means the same",
      `{"auths": {"https://ghcr.io": {"auth": "${base64("a:b")}"}, "ghcr.io": {"auth": "${base64("c:d")}"}}}`,
      "ghcr.io",
      noHelper,
      { username: "c", password: "d" },
      { authsKey: "ghcr.io" },
    ],
    [
      "auth padded with NULs, and a password with colons",
      `{"auths": {"ghcr.io": {"auth": "${base64("a:b:c\0\0")}"}}}`,
      "ghcr.io",
      noHelper,
      { username: "a", password: "b:c" },
      { authsKey: "ghcr.io" },
    ],
    [
      "auth with line breaks",
      `{"auths": {"ghcr.io": {"auth": "YTpi\\n"}}}`,
      "ghcr.io",
      noHelper,
      { username: "a", password: "b" },
      { authsKey: "ghcr.io" },
    ],
    [
      "names of fields in any case",
      `{"Auths": {"ghcr.io": {"Auth": "${base64("a:b")}"}}}`,
      "ghcr.io",
      noHelper,
      { username: "a", password: "b" },
      { authsKey: "ghcr.io" },
    ],
    [
      "text behind the object",
      `{"auths": {"ghcr.io": {"auth": "${base64("a:b")}"}}} }{`,
      "ghcr.io",
      noHelper,
      { username: "a", password: "b" },
      { authsKey: "ghcr.io" },
    ],
    [
      "null for everything",
      '{"auths": null, "credHelpers": null, "credsStore": null}',
      "ghcr.io",
      noHelper,
      {},
      undefined,
    ],
    ["null for an entry", '{"auths": {"ghcr.io": null}}', "ghcr.io", noHelper, {}, undefined],
    [
      "an empty entry, as docker login leaves it beside a store",
      '{"auths": {"ghcr.io": {}}}',
      "ghcr.io",
      noHelper,
      {},
      undefined,
    ],
    ["the empty file", "", "ghcr.io", noHelper, {}, undefined],
    ["names of built-in properties", "{}", "constructor", noHelper, {}, undefined],
  ];
  for (const [name, config, host, run, expected, source] of cases) {
    it(name, async () => {
      const credential = await resolveDockerCredential(config, host, run);
      assert.deepEqual(plain(credential), { ...plain(undefined), ...expected });
      assert.deepEqual(credential?.source, source);
    });
  }

  it("takes a host as parsed", async () => {
    const config = `{"auths": {"${DOCKER_HUB_KEY}": {"auth": "${base64("a:b")}"}}}`;
    const credential = await resolveDockerCredential(config, parseRegistryHost("registry-1.docker.io"), noHelper);
    assert.equal(credential?.username, "a");
  });

  it("cannot be printed", async () => {
    const credential = await resolveDockerCredential(`{${AUTHS}}`, "ghcr.io", noHelper);
    assert.doesNotMatch(JSON.stringify(credential), /in-file|"rt"/);
  });

  const refused: [name: string, config: string][] = [
    ["no JSON", "auths:"],
    ["comments", '{"auths": {} /* no */}'],
    ["a byte order mark", "\uFEFF{}"],
    ["a list", "[]"],
    ["auths that is a list", '{"auths": []}'],
    ["an entry that is a text", '{"auths": {"a": "x"}}'],
    ["a password that is a number", '{"auths": {"a": {"username": "hunter2", "password": 1}}}'],
    ["a helper that is a number", '{"credHelpers": {"a": 1}}'],
    ["auth that is not base64", '{"auths": {"a": {"auth": "hunter2!"}}}'],
    ["auth without padding", '{"auths": {"a": {"auth": "YTpiYg"}}}'],
    ["auth without a colon", `{"auths": {"a": {"auth": "${base64("hunter2")}"}}}`],
    ["auth without a user", `{"auths": {"a": {"auth": "${base64(":hunter2")}"}}}`],
    ["more than 1 MB", " ".repeat(1_100_000)],
  ];
  for (const [name, config] of refused) {
    it(`refuses ${name}, whatever the host, and repeats no value`, async () => {
      await assert.rejects(
        resolveDockerCredential(config, "other.example.com", noHelper),
        (error) =>
          error instanceof Failure && error.code === "invalid-docker-config" && !error.message.includes("hunter2"),
      );
    });
  }

  const broken: [name: string, run: RunHelper, code: string][] = [
    ["a helper that is missing", noHelper, "helper-missing"],
    ["a helper that fails", () => Promise.resolve({ stdout: "hunter2", exitCode: 1 }), "helper-failed"],
    ["a helper that answers no JSON", () => Promise.resolve({ stdout: "hunter2", exitCode: 0 }), "helper-failed"],
    [
      "a helper that answers another JSON",
      () => Promise.resolve({ stdout: '["hunter2"]', exitCode: 0 }),
      "helper-failed",
    ],
    [
      "a helper that answers too much",
      () => Promise.resolve({ stdout: "x".repeat(1_100_000), exitCode: 0 }),
      "helper-failed",
    ],
  ];
  for (const [name, run, code] of broken) {
    it(`stops at ${name}, though auths has an entry`, async () => {
      await assert.rejects(
        resolveDockerCredential(`{${AUTHS}, "credsStore": "s"}`, "ghcr.io", run),
        (error) => error instanceof Failure && error.code === code && !error.message.includes("hunter2"),
      );
    });
  }

  it("DOCKER_AUTH_CONFIG comes first, and counts as not set where it cannot be read", async () => {
    const config = `{${AUTHS}, "credsStore": "two"}`;
    const env = JSON.stringify({ auths: { "ghcr.io": { auth: base64("env:e") } } });
    const sources = [];
    for (const variable of [env, "{", "{}", ""]) {
      sources.push((await resolveDockerCredential(config, "ghcr.io", both, variable))?.source);
    }
    assert.deepEqual(sources, [{ environmentKey: "ghcr.io" }, { helper: "two" }, { helper: "two" }, { helper: "two" }]);
  });

  it("any text is a config or a Failure, and auth survives being written and read", async () => {
    const auth = fc.tuple(fc.stringMatching(/^[^:\0]{1,10}$/), fc.stringMatching(/^[^\0]{0,10}$/));
    await fc.assert(
      fc.asyncProperty(fc.oneof(fc.string(), fc.json()), auth, async (text, [username, password]) => {
        orFailure(() => parseDockerConfig(text), "invalid-docker-config");
        orFailure(() => parseDockerAuthConfig(text), "invalid-docker-config");
        const config = JSON.stringify({ auths: { a: { auth: base64(`${username}:${password}`) } } });
        assert.deepEqual(plain(await resolveDockerCredential(config, "a", noHelper)), {
          ...plain(undefined),
          username,
          password,
        });
      }),
      { numRuns: 300 },
    );
  });

  describe("vectors: docker/cli", () => {
    const rows = fixtureRows<ConfigRow>("docker-config").filter(
      ({ kind, in: { config, registry } }) =>
        kind === undefined && typeof config === "string" && typeof registry === "string",
    );
    const legacy = "Docker does not read the format of .dockercfg any more";
    judge(
      rows,
      {
        53: legacy,
        60: "the auth values of the file spoil it for Docker",
        61: legacy,
        62: legacy,
        63: "the auth values of the file spoil it for Docker",
        64: "the auth values of the file spoil it for Docker",
        65: "the auth values of the file spoil it for Docker",
        103: "Docker takes nothing but auths in DOCKER_AUTH_CONFIG, and here ignores the whole variable",
        104: "Docker asks the store and not auths",
        105: "Docker's credHelpers keys are bare hosts",
      },
      async ({ in: { config, registry, env, helpers = {} }, want, dockercli }) => {
        const text = config ?? "";
        if (want.helper !== undefined) {
          const parsed = orFailure(() => parseDockerConfig(text), "invalid-docker-config");
          assert.equal(parsed && (helperFor(parsed, registry) ?? ""), want.helper);
          return;
        }
        if (want.envError !== undefined) {
          assert.equal(
            orFailure(() => parseDockerAuthConfig(env?.DOCKER_AUTH_CONFIG ?? ""), "invalid-docker-config"),
            undefined,
          );
          return;
        }
        const run: RunHelper = (name, _, serverUrl) => {
          const known = helpers[name];
          if (known === undefined) return Promise.reject(new Failure("helper-missing", "Missing."));
          const { error, ...found } = known[serverUrl] ?? { error: NOT_FOUND.stdout };
          return Promise.resolve(
            error === undefined ? { stdout: JSON.stringify(found), exitCode: 0 } : { stdout: error, exitCode: 1 },
          );
        };
        const expected = dockercli ?? want;
        const result = await resolveDockerCredential(text, registry, run, env?.DOCKER_AUTH_CONFIG).catch(
          (error: unknown) => {
            assert.ok(error instanceof Failure);
            return error;
          },
        );
        assert.equal(result instanceof Failure, expected.error !== undefined);
        if (result instanceof Failure) return;
        const { username = "", password = "", identitytoken = "", registrytoken = "" } = expected;
        assert.deepEqual(plain(result), { username, password, identitytoken, registrytoken });
      },
    );
  });

  describe("vectors: keys", () => {
    const rows = fixtureRows<ConfigRow>("docker-config");
    judge(
      rows.filter((row) => row.kind === "key-to-hostname" || row.kind === "registry-to-key"),
      {},
      ({ kind, in: { authsKey = "", registry }, want }) => {
        if (kind === "key-to-hostname") assert.equal(hostnameOfKey(authsKey), want.hostname);
        else assert.equal(parseRegistryHost(registry).key, want.serverAddress);
      },
    );
  });

  describe("vectors: what a helper answers", () => {
    type HelperRow = Row & {
      in: { server?: string; helperStdout: string; helperExit: number };
      want: { notFound?: boolean; error?: string; username?: string | null; secret?: string | null };
    };
    judge(
      fixtureRows<HelperRow>("credential-helper"),
      {},
      async ({ in: { server = "a", helperStdout, helperExit }, want }) => {
        const run: RunHelper = () => Promise.resolve({ stdout: helperStdout, exitCode: helperExit });
        const asked = resolveDockerCredential('{"credsStore": "s"}', server, run);
        if (want.error !== undefined && want.notFound !== true) {
          await assert.rejects(asked, (error) => error instanceof Failure && error.code === "helper-failed");
          return;
        }
        const { username, password } = plain(await asked);
        assert.deepEqual([username, password], [want.username ?? "", want.secret ?? ""]);
      },
    );
  });
});
