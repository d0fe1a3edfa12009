import { strict as assert } from "node:assert";
import fc from "fast-check";
import {
  identifyRegistry,
  knownTokenRealm,
  REGISTRY_PRESETS,
  supportsRunnerNative,
  type RegistryIdentity,
} from "../../../src/domain/registry/catalog";
import { parseRegistryHost } from "../../../src/domain/registry/host";
import { fixtureRows, judge, type Row } from "../../fixtures/vectors/judge";

type CloudRow = Row & {
  in: string;
  want: Record<string, unknown>;
  derived?: Record<string, unknown>;
  partition?: string;
};

describe("registry catalog", () => {
  it("holds the specification's table in its order", () => {
    assert.deepEqual(
      REGISTRY_PRESETS.map(({ label, hostname }) => [label, hostname]),
      [
        ["Docker Hub", "https://index.docker.io/v1/"],
        ["GitHub Container Registry", "ghcr.io"],
        ["GitLab Container Registry", "registry.gitlab.com"],
        ["Azure Container Registry", "[name].azurecr.io"],
        ["Google Artifact Registry", "[region]-docker.pkg.dev"],
        ["AWS ECR", "[account-id].dkr.ecr.[region].amazonaws.com"],
      ],
    );
  });

  it("every preset, filled in, is recognised as its kind, and its placeholders are those of its hostname", () => {
    const values: Record<string, string> = { name: "acme", region: "us-east-1", "account-id": "123456789012" };
    for (const { kind, hostname, placeholders } of REGISTRY_PRESETS) {
      const found: string[] = [];
      const host = hostname.replace(/\[([^\]]+)\]/g, (_, name: string) => {
        found.push(name);
        return values[name] ?? "";
      });
      assert.deepEqual(found, placeholders);
      assert.equal(identifyRegistry(host).kind, kind);
    }
  });

  const kinds: [host: string, kind: RegistryIdentity["kind"]][] = [
    ["docker.io", "docker-hub"],
    ["registry-1.docker.io", "docker-hub"],
    ["ghcr.io", "ghcr"],
    ["ghcr.io:5000", "other"],
    ["ghcr.io.example.com", "other"],
    ["notghcr.io", "other"],
    ["registry.gitlab.com", "gitlab"],
    ["registry.gitlab.com.example.com", "other"],
    ["evilgcr.io", "other"],
    ["a.b.gcr.io", "other"],
    ["gcr.io.example.com", "other"],
    ["us-docker.pkg.dev.example.com", "other"],
    ["x.us-docker.pkg.dev", "other"],
    ["a.acme.azurecr.io", "other"],
    ["acme-abc123.azurecr.io", "acr"],
    ["123456789012.dkr.ecr.eu-central-1.amazonaws.com", "ecr"],
    ["123456789012.dkr.ecr.eu-central-1.amazonaws.com.cn", "other"],
    ["123456789012.dkr.ecr.eu-central-1.amazonaws.eu", "other"],
    ["123456789012.dkr.ecr.eu-central-1.c2s.ic.gov", "other"],
    ["123456789012.dkr.ecr.us-east-1.amazonaws.com.cn", "other"],
    ["123456789012.dkr.ecr.us-gov-west-1.amazonaws.com.cn", "other"],
    ["123456789012.dkr.ecr.cn-north-1.amazonaws.com", "other"],
    ["123456789012.dkr-ecr.cn-north-1.on.aws", "other"],
    ["123456789012.dkr.ecr.us-isob-east-1.c2s.ic.gov", "other"],
    ["123456789012.dkr.ecr.lala-land-1.amazonaws.com.cn", "ecr"],
    ["mcr.microsoft.com", "other"],
    ["localhost:5000", "other"],
    ["", "other"],
  ];
  for (const [host, kind] of kinds) {
    it(`${host === "" ? "nothing" : host} is ${kind}`, () => assert.equal(identifyRegistry(host).kind, kind));
  }

  it("tells what an ECR host says", () => {
    assert.deepEqual(identifyRegistry(parseRegistryHost("123456789012.dkr.ecr-fips.us-gov-west-1.amazonaws.com")), {
      kind: "ecr",
      account: "123456789012",
      region: "us-gov-west-1",
      partition: "aws-us-gov",
      fips: true,
    });
  });

  it("knows multi-regions of Artifact Registry", () => {
    const identity = identifyRegistry("europe-docker.pkg.dev");
    assert.deepEqual(identity, { kind: "gar", region: "europe", multiRegion: true, regionalEndpoint: false });
  });

  it("offers runner-native where a cloud's own identity can pull", () => {
    const native = REGISTRY_PRESETS.map((preset) => preset.kind).filter(supportsRunnerNative);
    assert.deepEqual(native, ["acr", "gar", "ecr"]);
    assert.equal(supportsRunnerNative("ecr-public"), true);
  });

  it("never throws, whatever the host", () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        identifyRegistry(text);
      }),
    );
  });

  const realms: [host: string, realm: string, known: boolean][] = [
    ["docker.io", "https://auth.docker.io/token", true],
    ["docker.io", "https://auth.docker.io.example.com/token", false],
    ["docker.io", "http://auth.docker.io/token", false],
    ["docker.io", "https://auth.docker.io:8443/token", false],
    ["docker.io", "https://registry-1.docker.io/token", true],
    ["ghcr.io", "https://ghcr.io/token", true],
    ["ghcr.io", "https://ghcr.io:443/token", true],
    ["ghcr.io", "https://user@ghcr.io/token", false],
    ["ghcr.io", "https://auth.ghcr.io/token", false],
    ["ghcr.io", "https://auth.docker.io/token", false],
    ["ghcr.io", "/token", false],
    ["ghcr.io", "", false],
    ["registry.gitlab.com", "https://gitlab.com/jwt/auth", true],
    ["registry.example.com", "https://gitlab.com/jwt/auth", false],
    ["quay.io", "https://quay.io/v2/auth", true],
    ["acme.azurecr.io", "https://acme.azurecr.io/oauth2/token", true],
    ["acme.azurecr.io", "https://other.azurecr.io/oauth2/token", false],
    ["docker.elastic.co", "https://docker-auth.elastic.co/auth", true],
    ["registry.digitalocean.com", "https://api.digitalocean.com/v2/registry/auth", true],
    ["registry.example.com:5000", "https://registry.example.com:5000/token", true],
    ["registry.example.com:5000", "https://registry.example.com/token", false],
    ["registry.example.com", "http://registry.example.com/token", false],
    ["localhost:5000", "http://localhost:5000/token", true],
    ["localhost:5000", "http://localhost:5001/token", false],
    ["localhost:5000", "http://127.0.0.1:5000/token", false],
    ["[::1]:5000", "http://[::1]:5000/token", true],
    ["registry.example.com", "http://localhost/token", false],
    ["registry.example.com", "file:///etc/passwd", false],
  ];
  for (const [host, realm, known] of realms) {
    it(`a credential for ${host} ${known ? "may go" : "does not go"} to ${JSON.stringify(realm)}`, () => {
      assert.equal(knownTokenRealm(parseRegistryHost(host), realm), known);
    });
  }

  describe("vectors: hosts of clouds", () => {
    judge(
      fixtureRows<CloudRow>("cloud-hosts"),
      { 126: "a DNS suffix of one's own is a setting of that peer; there is none here" },
      ({ in: text, want, derived, partition }) => {
        const identity: Record<string, unknown> = { ...identifyRegistry(text) };
        const { kind } = identity;
        if (want["notCloud"] === true) {
          assert.ok(kind === "other" || kind === "docker-hub", String(kind));
          return;
        }
        const expected = want["provider"] === "ecr" && want["public"] === true ? "ecr-public" : want["provider"];
        assert.ok(kind === expected || (expected === "gcp" && kind === "gcr"), String(kind));
        for (const field of ["account", "region", "fips"]) {
          if (field in want) assert.equal(identity[field], want[field]);
        }
        if (partition !== undefined && kind === "ecr") assert.equal(identity["partition"], partition);
        for (const [field, value] of Object.entries(derived ?? {})) {
          assert.equal(identity[field], value === "germany (closed)" ? "germany" : value);
        }
      },
    );
  });
});
