import { strict as assert } from "node:assert";
import fc from "fast-check";
import { parse } from "yaml";
import {
  codespacesVariables,
  hasPassword,
  pullSecretManifest,
  variablePrefix,
  variablePrefixes,
  type SecretWithPassword,
} from "../../../src/domain/secret/exporting";
import { readTriplets } from "../../../src/domain/secret/triplets";
import { aSecret } from "../../fakes/samples";

function exported(change: Parameters<typeof aSecret>[0] = {}): SecretWithPassword {
  const secret = aSecret(change);
  assert.ok(hasPassword(secret));
  return secret;
}

describe("a secret as variables of Codespaces", () => {
  const prefixes: [name: string, prefix: string][] = [
    ["GHCR", "GHCR"],
    ["ghcr_pull", "GHCR_PULL"],
    ["1_5000", "REGISTRY_1_5000"],
    ["GITHUB_PULL", "REGISTRY_GITHUB_PULL"],
    ["github_pull", "REGISTRY_GITHUB_PULL"],
    ["GITHUBPULL", "GITHUBPULL"],
  ];
  for (const [name, prefix] of prefixes) {
    it(`${name} begins with ${prefix}`, () => assert.equal(variablePrefix({ name }), prefix));
  }

  it("has three, the password alone secret", () => {
    assert.deepEqual(
      codespacesVariables(exported({ host: "docker.io" })).map(
        ({ name, value, isSecret }) => `${name}=${value.reveal()}${isSecret ? " (secret)" : ""}`,
      ),
      [
        "GHCR_CONTAINER_REGISTRY_SERVER=https://index.docker.io/v1/",
        "GHCR_CONTAINER_REGISTRY_USER=octocat",
        "GHCR_CONTAINER_REGISTRY_PASSWORD=s3cret-value (secret)",
      ],
    );
  });

  it("is read back as what it was, whatever the name", () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[0-9A-Za-z_]{3,60}$/), (name) => {
        const variables = codespacesVariables(exported({ name }));
        const { secrets, problems } = readTriplets(
          Object.fromEntries(variables.map((variable) => [variable.name, variable.value.reveal()])),
          0,
        );
        assert.deepEqual([secrets.length, problems.length], [1, 0]);
        assert.equal(secrets[0]?.host.key, "ghcr.io");
      }),
    );
  });

  it("begins in another way than a secret of the same name beside it", () => {
    const names = ["PULL", "pull", "PULL_2", "OTHER"].map((name) => ({ name }));
    assert.deepEqual(variablePrefixes(names), ["PULL", "PULL_2", "PULL_2_2", "OTHER"]);
  });

  it("leaves out what has no value", () => {
    assert.equal(hasPassword(aSecret({ host: "acme.azurecr.io", runnerNative: true })), false);
  });
});

describe("a pull secret of Kubernetes", () => {
  interface Manifest {
    readonly apiVersion: string;
    readonly kind: string;
    readonly type: string;
    readonly metadata: { readonly name: string };
    readonly data: Readonly<Record<string, string>>;
  }
  const read = (secrets: readonly SecretWithPassword[]) => {
    const { yaml, leftOut } = pullSecretManifest(secrets);
    assert.equal(yaml.toString(), "[redacted]");
    const { data, ...manifest } = parse(yaml.reveal()) as Manifest;
    const config = JSON.parse(Buffer.from(data[".dockerconfigjson"] ?? "", "base64").toString()) as {
      auths: Record<string, { username: string; password: string; auth: string }>;
    };
    return { manifest, config, leftOut: leftOut.map(({ id }) => id) };
  };

  it("is what kubectl makes", () => {
    const { manifest, config, leftOut } = read([exported({ name: "GHCR_pull" })]);
    assert.deepEqual(manifest, {
      apiVersion: "v1",
      kind: "Secret",
      metadata: { name: "ghcr-pull" },
      type: "kubernetes.io/dockerconfigjson",
    });
    assert.deepEqual(config, {
      auths: {
        "ghcr.io": {
          username: "octocat",
          password: "s3cret-value",
          auth: Buffer.from("octocat:s3cret-value").toString("base64"),
        },
      },
    });
    assert.deepEqual(leftOut, []);
  });

  it("has no access key of AWS, which no registry takes", () => {
    const key = exported({
      id: "k",
      host: "123456789012.dkr.ecr.eu-central-1.amazonaws.com",
      username: `AKIA${"A".repeat(16)}`,
    });
    const { yaml, leftOut, accessKeys } = pullSecretManifest([exported(), key]);
    assert.deepEqual([leftOut, accessKeys], [[], [key]]);
    const { data } = parse(yaml.reveal()) as Manifest;
    assert.ok(
      !Buffer.from(data[".dockerconfigjson"] ?? "", "base64")
        .toString()
        .includes("amazonaws"),
    );
  });

  it("has each registry once: user beats project, and it says what is left out", () => {
    const { manifest, config, leftOut } = read([
      exported({ id: "p", scope: "project", project: "one", username: "team" }),
      exported({ id: "u", username: "me" }),
      exported({ id: "h", host: "docker.io" }),
    ]);
    assert.equal(manifest.metadata.name, "registry-secrets");
    assert.deepEqual(
      Object.entries(config.auths).map(([key, { username }]) => `${key} ${username}`),
      ["ghcr.io me", "https://index.docker.io/v1/ octocat"],
    );
    assert.deepEqual(leftOut, ["p"]);
  });

  it("has a name that Kubernetes takes, whatever the secret's", () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[0-9A-Za-z_]{3,127}$/), (name) => {
        assert.match(read([exported({ name })]).manifest.metadata.name, /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/);
      }),
    );
  });

  it("keeps every sign of a password", () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1, unit: "grapheme" }), (password) => {
        assert.equal(read([exported({ password })]).config.auths["ghcr.io"]?.password, password);
      }),
    );
  });
});
