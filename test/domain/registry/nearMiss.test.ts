import { strict as assert } from "node:assert";
import fc from "fast-check";
import { distance, nearMissHost } from "../../../src/domain/registry/nearMiss";

const ECR = (account: string, region: string) => `${account}.dkr.ecr.${region}.amazonaws.com`;

describe("a host that is nearly the wanted one", () => {
  const cases: [what: string, wanted: string, known: string[], want: string | undefined][] = [
    ["nothing known", "ghcr.io", [], undefined],
    ["nothing like it", "ghcr.io", ["quay.io", "registry.example.com"], undefined],
    ["a scheme in a key of credHelpers", "ghcr.io", ["https://ghcr.io"], "spelling https://ghcr.io"],
    ["a path in it", "ghcr.io", ["ghcr.io/acme"], "spelling ghcr.io/acme"],
    ["other case", "GHCR.IO", ["ghcr.io"], "spelling ghcr.io"],
    ["the default port written out", "ghcr.io:443", ["ghcr.io"], "spelling ghcr.io"],
    ["docker.io as a key, which docker does not match", "docker.io", ["docker.io"], "spelling docker.io"],
    ["index.docker.io as a key", "docker.io", ["index.docker.io"], "spelling index.docker.io"],
    [
      "registry-1.docker.io with a path",
      "docker.io",
      ["https://registry-1.docker.io/v2/"],
      "spelling https://registry-1.docker.io/v2/",
    ],
    [
      "Docker Hub's key, for its other name",
      "registry-1.docker.io",
      ["https://index.docker.io/v1/"],
      "spelling https://index.docker.io/v1/",
    ],
    ["this machine by its other name", "localhost:5000", ["127.0.0.1:5000"], "spelling 127.0.0.1:5000"],
    ["another port", "registry.example.com:5000", ["registry.example.com"], "port registry.example.com"],
    ["another port of this machine", "localhost:5000", ["localhost:5001"], "port localhost:5001"],
    [
      "ECR in another region",
      ECR("123456789012", "eu-west-1"),
      [ECR("123456789012", "us-east-1")],
      `region ${ECR("123456789012", "us-east-1")}`,
    ],
    [
      "ECR of another account",
      ECR("123456789012", "eu-west-1"),
      [ECR("210987654321", "eu-west-1")],
      `account ${ECR("210987654321", "eu-west-1")}`,
    ],
    [
      "of two, that of the same account",
      ECR("123456789012", "eu-west-1"),
      [ECR("210987654321", "eu-west-1"), ECR("123456789012", "us-east-1")],
      `region ${ECR("123456789012", "us-east-1")}`,
    ],
    [
      "Artifact Registry in another region",
      "europe-west1-docker.pkg.dev",
      ["us-docker.pkg.dev"],
      "region us-docker.pkg.dev",
    ],
    ["gcr.io for eu.gcr.io", "eu.gcr.io", ["gcr.io"], "region gcr.io"],
    ["another registry of Azure", "acme.azurecr.io", ["contoso.azurecr.io"], "account contoso.azurecr.io"],
    [
      "the same registry name in another cloud of Azure",
      "acme.azurecr.io",
      ["acme.azurecr.cn"],
      "region acme.azurecr.cn",
    ],
    ["the website instead of its registry", "registry.gitlab.com", ["gitlab.com"], "domain gitlab.com"],
    ["a name below it", "example.com", ["registry.example.com"], "domain registry.example.com"],
    ["one letter too few", "registry.example.com", ["registry.exmple.com"], "typing registry.exmple.com"],
    ["two letters swapped", "registry.example.com", ["regsitry.example.com"], "typing regsitry.example.com"],
    ["three letters", "registry.example.com", ["rgstr.example.com"], undefined],
    ["a mistyped ghcr.io", "ghcr.io", ["ghrc.io"], "typing ghrc.io"],
    ["two known registries that are one letter apart", "ghcr.io", ["gcr.io"], undefined],
    ["addresses one digit apart are two machines", "10.0.0.5:5000", ["10.0.0.6:5000"], undefined],
    ["short names are alike by chance", "a.io", ["b.io"], undefined],
    [
      "the best of several",
      "registry.example.com",
      ["regstry.example.com", "example.com", "registry.example.com:5000"],
      "port registry.example.com:5000",
    ],
    ["a host that is none", "ghcr.io", ["", "://", "a b", "ghcr.io:port"], undefined],
  ];
  for (const [what, wanted, known, want] of cases) {
    it(`${what}: ${want ?? "none"}`, () => {
      const found = nearMissHost(wanted, known);
      assert.equal(found && `${found.likeness} ${found.host}`, want);
    });
  }

  it("is one of the known ones, and does not depend on their order", () => {
    const host = fc.oneof(
      fc.string(),
      fc.domain(),
      fc.constantFrom(
        "ghcr.io",
        "gcr.io",
        "eu.gcr.io",
        "docker.io",
        "https://index.docker.io/v1/",
        "localhost:5000",
        "127.0.0.1:5000",
        "a.azurecr.io",
        "b.azurecr.io",
      ),
    );
    fc.assert(
      fc.property(host, fc.uniqueArray(host, { maxLength: 6 }), (wanted, known) => {
        const found = nearMissHost(wanted, known);
        assert.ok(found === undefined || known.includes(found.host));
        assert.deepEqual(nearMissHost(wanted, [...known].reverse()), found);
      }),
    );
  });

  it("counts letters", () => {
    assert.deepEqual(
      [
        distance("", ""),
        distance("abc", ""),
        distance("abc", "abc"),
        distance("abc", "acb"),
        distance("kitten", "sitting"),
      ],
      [0, 3, 0, 2, 3],
    );
  });
});
