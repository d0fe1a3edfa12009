import { ACR_PULL } from "../domain/diagnosis/acrPolicies";
import type { Policy } from "../domain/diagnosis/policies";
import type { Json, PolicyField } from "../domain/diagnosis/policyValue";
import { t } from "./words";

/** A policy as a person uses it: what it is for, and the three forms of it. */
export interface PolicyText {
  readonly title: string;
  /** What else is to be known before it is used. */
  readonly notes: readonly string[];
  readonly json: string;
  /** For a POSIX shell; neither this nor Terraform where the cloud lets nobody write the policy so, as the notes say. */
  readonly command?: string;
  readonly terraform?: string;
}

/** The policy in words and in its three forms. */
export function policyText(policy: Policy): PolicyText {
  const told = { title: titleOf(policy), notes: notesOf(policy), json: JSON.stringify(policy.document, undefined, 2) };
  if (policy.kind === "ecr-identity" && policy.principal.permissionSet !== undefined) return told;
  return { ...told, command: commandOf(policy), terraform: terraformOf(policy) };
}

/** All of them as one Markdown document. `registry` is the host as a person reads it. */
export function policyDocument(registry: string, policies: readonly Policy[]): string {
  const parts = policies.flatMap((policy) => {
    const { title, notes, json, command, terraform } = policyText(policy);
    return [
      `## ${title}`,
      ...notes,
      fenced("json", json),
      ...(command === undefined ? [] : [t("With the command line:"), fenced("sh", command)]),
      ...(terraform === undefined ? [] : [t("With Terraform:"), fenced("hcl", terraform)]),
    ];
  });
  const advice = t(
    "A running environment keeps the image that it was made from: recreate it after the permissions have changed.",
  );
  return `${[`# ${t("Who may pull from {0}", registry)}`, ...parts, advice].join("\n\n")}\n`;
}

/** What to fill in for a field, and an example of it. */
export function fieldPrompt(field: PolicyField): { readonly prompt: string; readonly example: string } {
  switch (field) {
    case "repository":
      return { prompt: t("Repository, or * for all of them"), example: "acme/base" };
    case "role":
      return {
        prompt: t("Role of the environment: its name, or the ARN where it is of another account"),
        example: "environment-role",
      };
    case "project":
      return { prompt: t("Google Cloud project of the repository"), example: "my-project-123" };
    case "location":
      return { prompt: t("Location of the repository"), example: "europe-west1" };
    case "member":
      return {
        prompt: t("Who pulls: the name of the runner, or the e-mail address of a service account or user"),
        example: "gcp-runner-01",
      };
    case "principal":
      return {
        prompt: t("Object id of the identity in Entra ID"),
        example: "11111111-2222-3333-4444-555555555555",
      };
  }
}

function titleOf(policy: Policy): string {
  switch (policy.kind) {
    case "ecr-identity":
      return policy.principal.permissionSet === undefined
        ? t("IAM policy of the {0} {1}", policy.principal.type, policy.principal.name)
        : t("Policy of the permission set {0}", policy.principal.permissionSet);
    case "ecr-repository":
      return t("Policy of the ECR repository {0}", policy.repository);
    case "gar-grant":
      return policy.repository === "*"
        ? t("Grant on the project {0}", policy.project)
        : t("Grant on the repository {0}", policy.repository);
    case "acr-assignment":
      return t("Role assignment on the registry {0}", policy.registry);
  }
}

function notesOf(policy: Policy): string[] {
  switch (policy.kind) {
    case "ecr-identity":
      return policy.principal.permissionSet === undefined
        ? []
        : [
            t(
              "The role {0} is kept by IAM Identity Center and takes no policy: add these statements to the inline policy of the permission set.",
              policy.principal.name,
            ),
          ];
    case "ecr-repository":
      return [
        policy.isCrossAccount
          ? t(
              "The identity is of the account {0}: run this in the account of the registry, {1}. Both policies are needed.",
              policy.principal.account,
              policy.account,
            )
          : t(
              "The IAM policy is always needed, for the token. Within one account the policy of the repository can be left out.",
            ),
        t("It replaces the policy that the repository has: add the statement to that one if there is one."),
      ];
    case "gar-grant":
      return [];
    case "acr-assignment":
      return [
        t(
          "In a registry whose role assignments go by repository (ABAC), give the role Container Registry Repository Reader instead.",
        ),
      ];
  }
}

function commandOf(policy: Policy): string {
  const json = quoted(JSON.stringify(policy.document));
  switch (policy.kind) {
    case "ecr-identity": {
      const { type, name } = policy.principal;
      return lines(
        `aws iam put-${type}-policy`,
        `--${type}-name ${quoted(name)}`,
        `--policy-name ${quoted(policy.name)}`,
        `--policy-document ${json}`,
      );
    }
    case "ecr-repository": {
      const where = [`--region ${policy.region}`, `--registry-id ${policy.account}`];
      const set = (repository: string) =>
        lines("aws ecr set-repository-policy", ...where, `--repository-name ${repository}`, `--policy-text ${json}`);
      if (!policy.repository.includes("*")) return set(quoted(policy.repository));
      const all = `aws ecr describe-repositories ${where.join(" ")} --query 'repositories[].repositoryName' --output text`;
      return [
        `${all} | tr '\\t' '\\n' | while read -r repository; do`,
        `  case $repository in ${policy.repository}) ;; *) continue ;; esac`,
        set('"$repository"').replace(/^/gm, "  "),
        "done",
      ].join("\n");
    }
    case "gar-grant": {
      const binding = [`--member=${quoted(policy.member)}`, `--role=${policy.role}`];
      return policy.repository === "*"
        ? lines(`gcloud projects add-iam-policy-binding ${quoted(policy.project)}`, ...binding, "--condition=None")
        : lines(
            `gcloud artifacts repositories add-iam-policy-binding ${quoted(policy.repository)}`,
            `--project=${quoted(policy.project)}`,
            `--location=${policy.location}`,
            ...binding,
          );
    }
    case "acr-assignment":
      return lines(
        "az role assignment create",
        `--assignee ${policy.principal}`,
        `--role ${ACR_PULL.name}`,
        `--scope "$(az acr show --name ${policy.registry} --query id --output tsv)"`,
      );
  }
}

function terraformOf(policy: Policy): string {
  switch (policy.kind) {
    case "ecr-identity": {
      const { type, name } = policy.principal;
      return resource(`aws_iam_${type}_policy`, "ecr_pull", [
        ["name", hcl(policy.name)],
        [type, hcl(name)],
        ["policy", `jsonencode(${hcl(policy.document, "  ")})`],
      ]);
    }
    case "ecr-repository": {
      const body: Attributes = [
        ["repository", hcl(policy.repository)],
        ["policy", `jsonencode(${hcl(policy.document, "  ")})`],
      ];
      if (!policy.repository.includes("*")) return resource("aws_ecr_repository_policy", "pull", body);
      const pattern = `^${policy.repository.replace(/\./g, "\\.").replace(/\*/g, ".*")}$`;
      const names = `toset([for name in data.aws_ecr_repositories.all.names : name if can(regex(${hcl(pattern)}, name))])`;
      return [
        'data "aws_ecr_repositories" "all" {}',
        resource("aws_ecr_repository_policy", "pull", [
          ["for_each", names],
          ["repository", "each.value"],
          ["policy", `jsonencode(${hcl(policy.document, "  ")})`],
        ]),
      ].join("\n\n");
    }
    case "gar-grant": {
      const binding: Attributes = [
        ["role", hcl(policy.role)],
        ["member", hcl(policy.member)],
      ];
      return policy.repository === "*"
        ? resource("google_project_iam_member", "pull", [["project", hcl(policy.project)], ...binding])
        : resource("google_artifact_registry_repository_iam_member", "pull", [
            ["project", hcl(policy.project)],
            ["location", hcl(policy.location)],
            ["repository", hcl(policy.repository)],
            ...binding,
          ]);
    }
    case "acr-assignment":
      return [
        'variable "resource_group" {\n  type = string\n}',
        `data "azurerm_container_registry" "registry" {\n${attributes([
          ["name", hcl(policy.registry)],
          ["resource_group_name", "var.resource_group"],
        ])}\n}`,
        resource("azurerm_role_assignment", "pull", [
          ["scope", "data.azurerm_container_registry.registry.id"],
          ["role_definition_name", hcl(ACR_PULL.name)],
          ["principal_id", hcl(policy.principal)],
        ]),
      ].join("\n\n");
  }
}

type Attributes = readonly (readonly [name: string, value: string])[];

function resource(type: string, name: string, body: Attributes): string {
  return `resource "${type}" "${name}" {\n${attributes(body)}\n}`;
}

/** Aligned at the `=`, as `terraform fmt` does. */
function attributes(body: Attributes): string {
  const width = Math.max(...body.map(([name]) => name.length));
  return body.map(([name, value]) => `  ${name.padEnd(width)} = ${value}`).join("\n");
}

/** A value in Terraform's language (developer.hashicorp.com, "Types and values"); `indent` is that of its line. */
function hcl(value: Json, indent = ""): string {
  const inner = `${indent}  `;
  if (typeof value === "string") return JSON.stringify(value).replace(/([$%])(?=\{)/g, "$1$1");
  if (typeof value !== "object") return String(value);
  if (Array.isArray(value)) {
    const items = value as readonly Json[];
    if (items.every((item) => typeof item === "string")) return `[${items.map((item) => hcl(item)).join(", ")}]`;
    return `[\n${items.map((item) => `${inner}${hcl(item, inner)},`).join("\n")}\n${indent}]`;
  }
  const entries = Object.entries(value).map(([key, item]) => [hclKey(key), item] as const);
  const width = Math.max(...entries.map(([key]) => key.length));
  return `{\n${entries.map(([key, item]) => `${inner}${key.padEnd(width)} = ${hcl(item, inner)}`).join("\n")}\n${indent}}`;
}

function hclKey(key: string): string {
  return /^[A-Za-z_][\w-]*$/.test(key) ? key : JSON.stringify(key);
}

function lines(...parts: readonly string[]): string {
  return parts.join(" \\\n  ");
}

/** One word of a POSIX shell. */
function quoted(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replace(/'/g, `'\\''`)}'`;
}

function fenced(language: string, text: string): string {
  return `\`\`\`${language}\n${text}\n\`\`\``;
}
