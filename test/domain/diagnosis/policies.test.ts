import { strict as assert } from "node:assert";
import { readFileSync } from "node:fs";
import fc from "fast-check";
import { missingFields, policiesFor, valuesOfImage, type Policy } from "../../../src/domain/diagnosis/policies";
import type { PolicyField } from "../../../src/domain/diagnosis/policyValue";
import { isFailure } from "../../../src/domain/failure";
import { parseImageReference } from "../../../src/domain/image/reference";
import { hostOfReference, parseRegistryHost } from "../../../src/domain/registry/host";
import { IdentityPolicy, RepositoryPolicy } from "../../fixtures/policies/iamGrammar";

const { identity, repository } = JSON.parse(readFileSync("test/fixtures/policies/specification.json", "utf8")) as {
  identity: unknown;
  repository: unknown;
};
const GUID = "11111111-2222-3333-4444-555555555555";

function policies(image: string, values: Partial<Record<PolicyField, string>>): Policy[] {
  const reference = parseImageReference(image);
  const host = hostOfReference(reference);
  return policiesFor({ host, values: { ...valuesOfImage(host, reference.repository), ...values } });
}

const documents = (found: readonly Policy[]) => found.map(({ document }) => document);

describe("policies", () => {
  it("are the specification's, with its placeholders filled in", () => {
    const filled = (text: unknown) =>
      JSON.parse(
        JSON.stringify(text)
          .replace(/\[region\]/g, "eu-central-1")
          .replace(/\[account-id\]/g, "123456789012")
          .replace(/\[repository-name\]/g, "acme/base")
          .replace(/\[environment-role-name\]/g, "ona-environment"),
      ) as unknown;
    assert.deepEqual(
      documents(policies("123456789012.dkr.ecr.eu-central-1.amazonaws.com/acme/base:1", { role: "ona-environment" })),
      [filled(identity), filled(repository)],
    );
    // and in the specification's order, letter by letter
    const [first] = policies("123456789012.dkr.ecr.eu-central-1.amazonaws.com/acme/base", { role: "ona-environment" });
    assert.equal(JSON.stringify(first?.document), JSON.stringify(filled(identity)));
  });

  const partitions: [host: string, partition: string, region: string][] = [
    ["123456789012.dkr.ecr.us-east-1.amazonaws.com", "aws", "us-east-1"],
    ["123456789012.dkr.ecr-fips.us-east-1.amazonaws.com", "aws", "us-east-1"],
    ["123456789012.dkr-ecr.eu-central-1.on.aws", "aws", "eu-central-1"],
    ["123456789012.dkr.ecr.cn-north-1.amazonaws.com.cn", "aws-cn", "cn-north-1"],
    ["123456789012.dkr.ecr.us-gov-west-1.amazonaws.com", "aws-us-gov", "us-gov-west-1"],
    ["123456789012.dkr.ecr.us-iso-east-1.c2s.ic.gov", "aws-iso", "us-iso-east-1"],
    ["123456789012.dkr.ecr.us-isob-east-1.sc2s.sgov.gov", "aws-iso-b", "us-isob-east-1"],
    ["123456789012.dkr.ecr.eu-isoe-west-1.cloud.adc-e.uk", "aws-iso-e", "eu-isoe-west-1"],
    ["123456789012.dkr.ecr.us-isof-south-1.csp.hci.ic.gov", "aws-iso-f", "us-isof-south-1"],
    ["123456789012.dkr.ecr.eusc-de-east-1.amazonaws.eu", "aws-eusc", "eusc-de-east-1"],
  ];
  for (const [host, partition, region] of partitions) {
    it(`for ${host} have the ARNs of ${partition}, and are in AWS's grammar`, () => {
      const found = policies(`${host}/team/app`, { role: "env" });
      const [one, two] = documents(found);
      const text = JSON.stringify(found);
      assert.ok(text.includes(`"arn:${partition}:ecr:${region}:123456789012:repository/team/app"`), text);
      assert.ok(text.includes(`"arn:${partition}:iam::123456789012:role/env"`), text);
      IdentityPolicy.parse(one);
      RepositoryPolicy.parse(two);
    });
  }

  const roles: [name: string, role: string, arn: string, crossAccount: boolean][] = [
    ["a name", "env", "arn:aws:iam::123456789012:role/env", false],
    [
      "an ARN of another account",
      "arn:aws:iam::999999999999:role/a/b/env",
      "arn:aws:iam::999999999999:role/a/b/env",
      true,
    ],
    ["a user", "arn:aws:iam::123456789012:user/dev", "arn:aws:iam::123456789012:user/dev", false],
    [
      "a session that assumed the role",
      "arn:aws:sts::999999999999:assumed-role/env/i-0123456789",
      "arn:aws:iam::999999999999:role/env",
      true,
    ],
  ];
  for (const [name, role, arn, isCrossAccount] of roles) {
    it(`name ${name} as the principal`, () => {
      const [, found] = policies("123456789012.dkr.ecr.us-east-1.amazonaws.com/app", { role });
      assert.ok(found?.kind === "ecr-repository");
      assert.equal(found.principal.arn, arn);
      assert.equal(found.isCrossAccount, isCrossAccount);
      RepositoryPolicy.parse(found.document);
    });
  }

  const kept: [name: string, role: string][] = [
    ["its session", "arn:aws:sts::999999999999:assumed-role/AWSReservedSSO_Dev_Ops_0123456789abcdef/jane"],
    [
      "its ARN",
      "arn:aws:iam::999999999999:role/aws-reserved/sso.amazonaws.com/eu-west-2/AWSReservedSSO_Dev_Ops_0123456789abcdef",
    ],
    ["its ARN without a suffix", "arn:aws:iam::999999999999:role/AWSReservedSSO_Dev_Ops"],
  ];
  for (const [name, role] of kept) {
    it(`mean a role of IAM Identity Center, given by ${name}, by AWS's own pattern`, () => {
      const [one, two] = policies("123456789012.dkr.ecr.us-east-1.amazonaws.com/app", { role });
      assert.ok(one?.kind === "ecr-identity");
      assert.equal(one.principal.permissionSet, "Dev_Ops");
      const { Statement } = RepositoryPolicy.parse(two?.document);
      const [statement] = [Statement].flat();
      assert.ok(statement);
      assert.deepEqual(statement.Principal, { AWS: "arn:aws:iam::999999999999:root" });
      const path = "arn:aws:iam::999999999999:role/aws-reserved/sso.amazonaws.com";
      assert.deepEqual(statement.Condition, {
        // the Center in us-east-1 has no region in the path
        ArnLike: { "aws:PrincipalArn": [`${path}/AWSReservedSSO_Dev_Ops_*`, `${path}/*/AWSReservedSSO_Dev_Ops_*`] },
      });
    });
  }

  it("for different repositories have different names, which IAM takes: the next would replace the last", () => {
    const long = `${"team/".repeat(50)}app`;
    const names = [
      ["123456789012.dkr.ecr.us-east-1.amazonaws.com", "acme/app"],
      ["123456789012.dkr.ecr.eu-west-1.amazonaws.com", "acme/app"],
      ["999999999999.dkr.ecr.us-east-1.amazonaws.com", "acme/app"],
      ["123456789012.dkr.ecr.us-east-1.amazonaws.com", "acme-app"],
      ["123456789012.dkr.ecr.us-east-1.amazonaws.com", "acme/*"],
      ["123456789012.dkr.ecr.us-east-1.amazonaws.com", "*"],
      ["123456789012.dkr.ecr.us-east-1.amazonaws.com", long],
      ["123456789012.dkr.ecr.us-east-1.amazonaws.com", `${long}s`],
    ].map(([host = "", repository = ""]) => {
      const role = "arn:aws:iam::123456789012:role/env";
      const [one] = policiesFor({ host: parseRegistryHost(host), values: { repository, role } });
      assert.ok(one?.kind === "ecr-identity");
      return one.name;
    });
    assert.equal(names[0], "registry-secrets-ecr-pull-123456789012-us-east-1-acme+app");
    for (const name of names) assert.match(name, /^[\w+=,.@-]{1,128}$/);
    assert.equal(new Set(names).size, names.length, names.join("\n"));
  });

  it("for a repository with * allow all that it means", () => {
    const [one] = policies("123456789012.dkr.ecr.us-east-1.amazonaws.com/app", { role: "env", repository: "team/*" });
    assert.ok(JSON.stringify(one).includes(":repository/team/*"));
    IdentityPolicy.parse(one?.document);
  });

  it("for public.ecr.aws have the one for the identity, which needs the token's other right as well", () => {
    const host = parseRegistryHost("public.ecr.aws");
    assert.deepEqual(missingFields({ host, values: {} }), ["role"]);
    const found = policiesFor({ host, values: { role: "arn:aws:iam::123456789012:role/env" } });
    assert.equal(found.length, 1);
    IdentityPolicy.parse(found[0]?.document);
    assert.ok(JSON.stringify(found).includes("sts:GetServiceBearerToken"));
  });

  const google: [image: string, member: string, want: Record<string, string>][] = [
    [
      "europe-west1-docker.pkg.dev/my-project-123/images/base:1",
      "gcp-runner-01",
      {
        project: "my-project-123",
        location: "europe-west1",
        repository: "images",
        member: "serviceAccount:gcp-runner-01-env-vm@my-project-123.iam.gserviceaccount.com",
      },
    ],
    [
      "us-docker.pkg.dev/example.com/my-project/images/base",
      "run",
      {
        project: "example.com:my-project",
        location: "us",
        repository: "images",
        member: "serviceAccount:run-env-vm@my-project.example.com.iam.gserviceaccount.com",
      },
    ],
    [
      "eu.gcr.io/my-project/base",
      "dev@example.com",
      { project: "my-project", location: "europe", repository: "eu.gcr.io", member: "user:dev@example.com" },
    ],
    [
      "docker.europe-west3.rep.pkg.dev/my-project/images/base",
      "group:team@example.com",
      { project: "my-project", location: "europe-west3", repository: "images", member: "group:team@example.com" },
    ],
  ];
  for (const [image, member, want] of google) {
    it(`for ${image} grant the role by name to ${member}`, () => {
      const [found] = policies(image, { member });
      assert.ok(found?.kind === "gar-grant");
      const { project, location, repository: repo, member: who } = found;
      assert.deepEqual({ project, location, repository: repo, member: who }, want);
      assert.deepEqual(found.document, {
        bindings: [{ role: "roles/artifactregistry.reader", members: [want["member"]] }],
      });
    });
  }

  it("for a project of S3NS name it with S3NS before it, and its accounts with S3NS behind it", () => {
    const image = "docker.s3nsregistry.fr/s3ns/my-project/images/base";
    const [found] = policies(image, { member: "run", location: "u-france-east1" });
    assert.ok(found?.kind === "gar-grant");
    assert.deepEqual([found.project, found.repository], ["s3ns:my-project", "images"]);
    // documentation.s3ns.fr, "Key differences between Cloud de Confiance and Google Cloud"
    assert.equal(found.member, "serviceAccount:run-env-vm@my-project.s3ns.iam.gserviceaccount.com");
  });

  it("for Azure assign AcrPull, on the resource and not on its host's hash", () => {
    for (const host of ["acme.azurecr.io", "acme-a1b2c3.azurecr.us"]) {
      const [found] = policiesFor({ host: parseRegistryHost(host), values: { principal: GUID } });
      assert.ok(found?.kind === "acr-assignment");
      assert.equal(found.registry, "acme");
      assert.ok(JSON.stringify(found.document).includes("7f951dda-4ed3-4680-a7ca-43fe172d538d"));
    }
  });

  const missing: [image: string, fields: PolicyField[]][] = [
    ["123456789012.dkr.ecr.us-east-1.amazonaws.com/app", ["role"]],
    ["us-docker.pkg.dev/my-project/images/base", ["member"]],
    ["docker.s3nsregistry.fr/my-project/images/base", ["location", "member"]],
    ["acme.azurecr.io/base", ["principal"]],
  ];
  for (const [image, fields] of missing) {
    it(`of ${image} need ${fields.join(" and ")}`, () => {
      const reference = parseImageReference(image);
      const host = hostOfReference(reference);
      assert.deepEqual(missingFields({ host, values: valuesOfImage(host, reference.repository) }), fields);
    });
  }

  const wrong: [name: string, image: string, values: Partial<Record<PolicyField, string>>, field: PolicyField][] = [
    [
      "a role of another partition",
      "123456789012.dkr.ecr.us-east-1.amazonaws.com/app",
      { role: "arn:aws-cn:iam::123456789012:role/env" },
      "role",
    ],
    [
      "an ARN of something else",
      "123456789012.dkr.ecr.us-east-1.amazonaws.com/app",
      { role: "arn:aws:s3:::bucket" },
      "role",
    ],
    [
      "a role's session of IAM",
      "123456789012.dkr.ecr.us-east-1.amazonaws.com/app",
      { role: "arn:aws:iam::123456789012:assumed-role/a/b" },
      "role",
    ],
    ["a role with a quote", "123456789012.dkr.ecr.us-east-1.amazonaws.com/app", { role: "env'; rm" }, "role"],
    ["no role", "123456789012.dkr.ecr.us-east-1.amazonaws.com/app", {}, "role"],
    [
      "an upper-case repository",
      "123456789012.dkr.ecr.us-east-1.amazonaws.com/app",
      { role: "env", repository: "App" },
      "repository",
    ],
    ...["a", "a--b", "a._b", "-a", "a/", `${"a".repeat(255)}/b`].map((repository): (typeof wrong)[number] => [
      `the repository ${repository.slice(0, 10)}, which ECR would not make`,
      "123456789012.dkr.ecr.us-east-1.amazonaws.com/app",
      { role: "env", repository },
      "repository",
    ]),
    [
      "a runner whose service account would have a longer ID than Google takes",
      "us-docker.pkg.dev/my-project/images/base",
      { member: `r${"u".repeat(23)}` },
      "member",
    ],
    [
      "a project that is none",
      "us-docker.pkg.dev/my-project/images/base",
      { member: "run", project: "$(id)" },
      "project",
    ],
    ["a member that is none", "us-docker.pkg.dev/my-project/images/base", { member: "a b" }, "member"],
    ["a principal that is no GUID", "acme.azurecr.io/base", { principal: "dev@example.com" }, "principal"],
  ];
  for (const [name, image, values, field] of wrong) {
    it(`refuse ${name}`, () => {
      assert.throws(
        () => policies(image, values),
        (error) => isFailure(error, "invalid-policy-value") && error.facts["field"] === field,
      );
    });
  }

  it("do not exist for a registry of no cloud", () => {
    assert.throws(
      () => policies("ghcr.io/acme/app", {}),
      (error) => isFailure(error, "runner-native-not-supported"),
    );
  });

  it("are in AWS's grammar for whatever is accepted, and nothing else is thrown than said", () => {
    const piece = fc.string({
      unit: fc.constantFrom("a", "b", "0", ".", "_", "-", "/", "*", "A", "'", '"', "$", "`", "\\", " ", ":", "{"),
      maxLength: 12,
    });
    fc.assert(
      fc.property(piece, piece, (repository, role) => {
        const host = parseRegistryHost("123456789012.dkr.ecr.us-east-1.amazonaws.com");
        try {
          const [one, two] = documents(policiesFor({ host, values: { repository, role } }));
          IdentityPolicy.parse(one);
          RepositoryPolicy.parse(two);
        } catch (error) {
          assert.ok(isFailure(error, "invalid-policy-value"), String(error));
        }
      }),
      { numRuns: 2000 },
    );
  });
});
