import { strict as assert } from "node:assert";
import { CONFIG, FakeWorld } from "../fakes/cliPorts";

const IMAGE = "123456789012.dkr.ecr.eu-central-1.amazonaws.com/acme/base:1";

describe("registry-secrets policy", () => {
  let here: FakeWorld;
  const all = () => [...here.out, ...here.err].join("\n");
  beforeEach(() => (here = new FakeWorld()));

  it("writes both policies of an image in every form", async () => {
    assert.equal(await here.run("policy", "ecr", IMAGE, "--role", "env"), 0);
    for (const part of [
      "# Who may pull",
      "repository/acme/base",
      "aws iam put-role-policy",
      "aws_ecr_repository_policy",
    ])
      assert.ok(all().includes(part), part);
  });

  it("--json has the documents, and --as one form", async () => {
    assert.equal(await here.run("policy", "ecr", IMAGE, "--role", "env", "--json"), 0);
    const { policies } = here.json() as { policies: { kind: string; document: { Version: string } }[] };
    assert.deepEqual(
      policies.map(({ kind, document }) => [kind, document.Version]),
      [
        ["ecr-identity", "2012-10-17"],
        ["ecr-repository", "2012-10-17"],
      ],
    );
    here = new FakeWorld();
    assert.equal(
      await here.run("policy", "gar", "us-docker.pkg.dev/my-project/images/b", "--member", "run", "--as", "cli"),
      0,
    );
    assert.match(all(), /^gcloud artifacts repositories add-iam-policy-binding images /);
  });

  it("--as says in a comment why there is no such form", async () => {
    const role = "arn:aws:sts::123456789012:assumed-role/AWSReservedSSO_Dev_0123456789abcdef/jane";
    assert.equal(await here.run("policy", "ecr", IMAGE, "--role", role, "--as", "cli"), 0);
    assert.match(
      all(),
      /^# The role AWSReservedSSO_Dev_0123456789abcdef is kept by .*\n\naws ecr set-repository-policy /,
    );
  });

  it("takes the image of the folder's dev container where none is named", async () => {
    here.files = { [CONFIG]: JSON.stringify({ image: IMAGE }) };
    assert.equal(await here.run("policy", "ecr", "--role", "env"), 0);
    assert.match(all(), /repository\/acme\/base/);
  });

  it("options beat what the image says", async () => {
    assert.equal(await here.run("policy", "ecr", IMAGE, "--role", "env", "--repository", "*"), 0);
    assert.match(all(), /:repository\/\*"/);
  });

  const wrong: [name: string, args: string[], says: RegExp][] = [
    ["what is missing", ["ecr", IMAGE], /--role environment-role \(Role of the environment/],
    ["all that is missing", ["gar", "us-docker.pkg.dev"], /--project .*--repository .*--member/],
    ["another cloud's image", ["acr", IMAGE], /is no registry of ACR/],
    ["no cloud", ["ghcr", "ghcr.io/a/b"], /takes ecr, gar or acr/],
    ["no such form", ["ecr", IMAGE, "--as", "yaml"], /--as takes json, cli, terraform/],
    ["no image of that cloud", ["ecr"], /names no image of ECR/],
    ["two images", ["ecr", IMAGE, IMAGE], /One image at a time/],
  ];
  for (const [name, args, says] of wrong) {
    it(`says ${name}`, async () => {
      assert.equal(await here.run("policy", ...args), 2);
      assert.match(all(), says);
    });
  }

  it("says what is wrong with a value", async () => {
    assert.equal(await here.run("policy", "ecr", IMAGE, "--role", "no role"), 1);
    assert.match(all(), /"no role" cannot be the role: give the name of a role, or an ARN/);
  });
});
