import { strict as assert } from "node:assert";
import { spawnSync } from "node:child_process";
import { policiesFor, type PolicySubject } from "../../src/domain/diagnosis/policies";
import { parseRegistryHost } from "../../src/domain/registry/host";
import { policyDocument, policyText } from "../../src/presentation/policyText";
import { readTerraform } from "../fixtures/policies/terraform";

const GUID = "11111111-2222-3333-4444-555555555555";
const ECR = "123456789012.dkr.ecr.eu-central-1.amazonaws.com";
const subject = (host: string, values: PolicySubject["values"]) => ({ host: parseRegistryHost(host), values });

const SUBJECTS: readonly [name: string, PolicySubject][] = [
  ["ECR", subject(ECR, { repository: "acme/base", role: "ona-environment" })],
  ["ECR, another account", subject(ECR, { repository: "acme/base", role: "arn:aws:iam::999999999999:role/x/env" })],
  ["ECR, a user", subject(ECR, { repository: "base", role: "arn:aws:iam::123456789012:user/dev" })],
  ["ECR public", subject("public.ecr.aws", { role: "arn:aws:iam::123456789012:role/env" })],
  ["GAR", subject("us-docker.pkg.dev", { project: "my-project", location: "us", repository: "images", member: "run" })],
  ["GAR, all", subject("us-docker.pkg.dev", { project: "my-project", location: "us", repository: "*", member: "run" })],
  ["ACR", subject("acme.azurecr.io", { principal: GUID })],
];

/** Runs a command in a real shell where the clouds' command lines only tell what they were given. */
function shellWords(command: string, repositories = ""): string[][] {
  const tell = "{ printf '%s\\0' \"$@\"; printf '\\n\\0'; }";
  const script = [
    `aws() { if [ "$2" = describe-repositories ]; then printf '${repositories}'; else set -- aws "$@"; ${tell}; fi; }`,
    `gcloud() { set -- gcloud "$@"; ${tell}; }`,
    `az() { if [ "$1 $2" = "acr show" ]; then echo "/subscriptions/x/$4"; else set -- az "$@"; ${tell}; fi; }`,
    command,
  ].join("\n");
  const { stdout, stderr, status } = spawnSync("/bin/sh", ["-eu", "-c", script], { encoding: "utf8" });
  assert.equal(status, 0, stderr);
  assert.equal(stderr, "");
  return stdout
    .split("\n\0")
    .filter((call) => call !== "")
    .map((call) => call.split("\0").filter((word) => word !== ""));
}

const after = (words: readonly string[] | undefined, option: string) => words?.[words.indexOf(option) + 1];

describe("policyText", () => {
  for (const [name, given] of SUBJECTS) {
    it(`${name}: the command is one for a shell and says the same as the document`, () => {
      for (const policy of policiesFor(given)) {
        const [words, ...more] = shellWords(policyText(policy).command ?? "");
        assert.equal(more.length, 0);
        switch (policy.kind) {
          case "ecr-identity":
            assert.deepEqual(words?.slice(0, 3), ["aws", "iam", `put-${policy.principal.type}-policy`]);
            assert.deepEqual(JSON.parse(after(words, "--policy-document") ?? ""), policy.document);
            assert.equal(after(words, `--${policy.principal.type}-name`), policy.principal.name);
            assert.equal(after(words, "--policy-name"), policy.name);
            break;
          case "ecr-repository":
            assert.deepEqual(words?.slice(0, 3), ["aws", "ecr", "set-repository-policy"]);
            assert.deepEqual(JSON.parse(after(words, "--policy-text") ?? ""), policy.document);
            assert.equal(after(words, "--registry-id"), "123456789012");
            assert.equal(after(words, "--repository-name"), policy.repository);
            break;
          case "gar-grant":
            assert.ok(words?.includes(`--member=${policy.member}`), words?.join(" "));
            assert.ok(words?.includes("--role=roles/artifactregistry.reader"));
            break;
          case "acr-assignment":
            assert.equal(after(words, "--scope"), "/subscriptions/x/acme");
            assert.equal(after(words, "--assignee"), GUID);
        }
      }
    });

    it(`${name}: Terraform reads it, and encodes the same document`, () => {
      for (const policy of policiesFor(given)) {
        const blocks = readTerraform(policyText(policy).terraform ?? "");
        const resource = blocks.find(({ type }) => type === "resource");
        assert.ok(resource);
        const { body } = resource;
        if (policy.kind === "ecr-identity" || policy.kind === "ecr-repository") {
          assert.deepEqual(body["policy"], policy.document);
        } else if (policy.kind === "gar-grant") {
          assert.equal(body["member"], JSON.stringify(policy.member));
          assert.equal(body["role"], '"roles/artifactregistry.reader"');
        } else assert.equal(body["role_definition_name"], '"AcrPull"');
      }
    });
  }

  it("a repository with * is a loop over those that fit", () => {
    const [, policy] = policiesFor(subject(ECR, { repository: "team/*", role: "env" }));
    assert.ok(policy);
    const { command = "", terraform = "" } = policyText(policy);
    const calls = shellWords(command, "team/one\\tother/two\\tteam/three\\n");
    assert.deepEqual(
      calls.map((words) => after(words, "--repository-name")),
      ["team/one", "team/three"],
    );
    const [data, resource] = readTerraform(terraform);
    assert.deepEqual(data?.labels, ["aws_ecr_repositories", "all"]);
    const pattern = /regex\("([^"]+)"/.exec(String(resource?.body["for_each"]))?.[1] ?? "";
    assert.ok(new RegExp(pattern).test("team/one"));
    assert.ok(!new RegExp(pattern).test("other/team/one"));
  });

  it("a role of IAM Identity Center takes no policy: that of its permission set is told, and no command", () => {
    const role = "arn:aws:sts::123456789012:assumed-role/AWSReservedSSO_Dev_0123456789abcdef/jane";
    const [one, two] = policiesFor(subject(ECR, { repository: "acme/base", role }));
    assert.ok(one && two);
    const { title, notes, command, terraform } = policyText(one);
    assert.deepEqual([title, command, terraform], ["Policy of the permission set Dev", undefined, undefined]);
    assert.match(notes.join(" "), /takes no policy: .* inline policy of the permission set/);
    const [words] = shellWords(policyText(two).command ?? "");
    assert.deepEqual(JSON.parse(after(words, "--policy-text") ?? ""), two.document);
    assert.deepEqual(readTerraform(policyText(two).terraform ?? "")[0]?.body["policy"], two.document);
    assert.doesNotMatch(policyDocument(ECR, [one, two]), /put-role-policy|aws_iam_role_policy|undefined/);
  });

  it("the IAM policy is needed always, since no policy of a repository gives the token", () => {
    const notes = (role: string) =>
      policiesFor(subject(ECR, { repository: "acme/base", role })).flatMap((policy) => policyText(policy).notes);
    assert.match(notes("env").join(" "), /IAM policy is always needed, for the token\. .* repository can be left out/);
    assert.match(notes("arn:aws:iam::999999999999:role/env").join(" "), /Both policies are needed/);
  });

  it("the document holds every form, and says that environments must be recreated", () => {
    const given = subject(ECR, { repository: "acme/base", role: "arn:aws:iam::999999999999:role/env" });
    const text = policyDocument(given.host.display, policiesFor(given));
    for (const part of ["# Who may pull from", "```json", "```sh", "```hcl", "999999999999", "recreate it"]) {
      assert.ok(text.includes(part), part);
    }
  });
});
