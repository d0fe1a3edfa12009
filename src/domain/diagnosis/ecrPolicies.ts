import type { AwsPartition, RegistryIdentity } from "../registry/catalog";
import { invalidValue, type Json } from "./policyValue";

/** A role or user of AWS. */
export interface AwsPrincipal {
  /** As the policy of a resource names it. */
  readonly arn: string;
  readonly account: string;
  readonly type: "role" | "user";
  /** Without its path. */
  readonly name: string;
  /** Of a role that IAM Identity Center keeps: it takes no policies of its own, and changes its name when it is made anew. */
  readonly permissionSet?: string;
}

export type EcrPolicy =
  /** Attached to the identity that pulls. */
  | {
      readonly kind: "ecr-identity";
      /** Of the policy: an identity has one of a name, and the next replaces it. */
      readonly name: string;
      readonly principal: AwsPrincipal;
      readonly document: Json;
    }
  /** Attached to the repository, in the account of the registry; `repository` may have a `*`. */
  | {
      readonly kind: "ecr-repository";
      readonly principal: AwsPrincipal;
      readonly account: string;
      readonly region: string;
      readonly repository: string;
      readonly isCrossAccount: boolean;
      readonly document: Json;
    };

type EcrRegistry = Extract<RegistryIdentity, { readonly kind: "ecr" }>;

const VERSION = "2012-10-17";
const POLICY_NAME = "registry-secrets-ecr-pull";
const REPOSITORY_WORDS =
  "it has 2 to 256 lower-case letters and digits, between them single . _ - and /, and may have * for many";
/** AWS's own bounds of a repository name, with `*` for many (API reference, CreateRepository). */
const REPOSITORY = /^(?=\*$|.{2,256}$)(?:[a-z0-9*]+(?:[._-][a-z0-9*]+)*\/)*[a-z0-9*]+(?:[._-][a-z0-9*]+)*$/;
/** IAM's own bounds of a name (IAM user guide, "IAM and AWS STS quotas"). */
const NAME = /^[\w+=,.@-]{1,64}$/;
/** `AWSReservedSSO_`, the permission set, and a suffix that each making of the role has anew. */
const KEPT_ROLE = /^AWSReservedSSO_(.+?)(?:_[0-9a-f]{16})?$/;
const ARN = /^arn:(aws[a-z-]*):(iam|sts)::(\d{12}):(role|user|assumed-role)\/([\w+=,.@/-]{1,512})$/;

/**
 * The two policies of the specification ("Configure IAM permissions"). `role` is the name of a role in the account of the
 * registry, or the ARN of a role or user of any account, also of a session that assumed the role. Throws
 * `invalid-policy-value`.
 */
export function ecrPolicies(registry: EcrRegistry, repository: string, role: string): EcrPolicy[] {
  const { account, region, partition } = registry;
  if (!REPOSITORY.test(repository)) {
    throw invalidValue("repository", repository, REPOSITORY_WORDS);
  }
  const principal = principalOf(role, { account, partition });
  return [
    {
      kind: "ecr-identity",
      name: policyName(registry, repository),
      principal,
      document: {
        Version: VERSION,
        Statement: [
          { Effect: "Allow", Action: ["ecr:GetAuthorizationToken"], Resource: "*" },
          {
            Effect: "Allow",
            Action: ["ecr:GetDownloadUrlForLayer", "ecr:BatchGetImage", "ecr:BatchCheckLayerAvailability"],
            Resource: `arn:${partition}:ecr:${region}:${account}:repository/${repository}`,
          },
        ],
      },
    },
    {
      kind: "ecr-repository",
      principal,
      account,
      region,
      repository,
      isCrossAccount: principal.account !== account,
      document: {
        Version: VERSION,
        Statement: [
          {
            Sid: "AllowOnaEnvironmentPull",
            Effect: "Allow",
            Principal: { AWS: principal.arn },
            Action: ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer", "ecr:BatchCheckLayerAvailability"],
            ...conditionOf(principal, partition),
          },
        ],
      },
    },
  ];
}

/**
 * A role of a permission set is meant by a pattern: a policy that named it would end with the role (IAM Identity Center
 * user guide, "Referencing permission sets in resource policies"). Only where the Center is in us-east-1 the path has no region.
 */
function conditionOf({ account, permissionSet }: AwsPrincipal, partition: AwsPartition) {
  if (permissionSet === undefined) return {};
  const path = `arn:${partition}:iam::${account}:role/aws-reserved/sso.amazonaws.com`;
  const roles = [`${path}/AWSReservedSSO_${permissionSet}_*`, `${path}/*/AWSReservedSSO_${permissionSet}_*`];
  return { Condition: { ArnLike: { "aws:PrincipalArn": roles } } };
}

const LONGEST_NAME = 128;

/** One for each repository of a registry, in the characters that IAM allows (API reference, PutRolePolicy). */
function policyName({ account, region }: EcrRegistry, repository: string): string {
  const written = repository.replace(/\//g, "+").replace(/\*/g, "@");
  const name = `${POLICY_NAME}-${account}-${region}-${written}`;
  return name.length <= LONGEST_NAME ? name : `${name.slice(0, LONGEST_NAME - 9)}-${checksum(name)}`;
}

/** FNV-1a of 32 bits. */
function checksum(text: string): string {
  let sum = 0x811c9dc5;
  for (const letter of text) sum = Math.imul(sum ^ letter.charCodeAt(0), 0x01000193) >>> 0;
  return sum.toString(16).padStart(8, "0");
}

/**
 * What an identity needs to pull from public.ecr.aws under its own name (ECR public user guide, "Registry
 * authentication"). `role` must be an ARN, since no account is known. Throws `invalid-policy-value`.
 */
export function ecrPublicPolicy(role: string): EcrPolicy {
  const principal = principalOf(role, { partition: "aws" });
  const Action = ["ecr-public:GetAuthorizationToken", "sts:GetServiceBearerToken"];
  const document = { Version: VERSION, Statement: [{ Effect: "Allow", Action, Resource: "*" }] };
  return { kind: "ecr-identity", name: `${POLICY_NAME}-public`, principal, document };
}

function principalOf(role: string, known: { account?: string; partition: AwsPartition }): AwsPrincipal {
  const { account, partition } = known;
  if (NAME.test(role) && account !== undefined) {
    return principalIn(partition, {
      arn: `arn:${partition}:iam::${account}:role/${role}`,
      account,
      type: "role",
      name: role,
    });
  }
  const [, ofPartition = "", service, ofAccount = "", kind, path = ""] = ARN.exec(role) ?? [];
  const isSession = service === "sts" && kind === "assumed-role";
  if (ofPartition === "" || (service === "sts") !== isSession || (kind === "assumed-role") !== isSession) {
    const example = `arn:${partition}:iam::123456789012:role/environments`;
    throw invalidValue(
      "role",
      role,
      `give ${account === undefined ? "" : "the name of a role, or "}an ARN like ${example}`,
    );
  }
  if (ofPartition !== partition) {
    throw invalidValue(
      "role",
      role,
      `the registry is of the partition ${partition}, and no identity reaches across partitions`,
    );
  }
  const parts = path.split("/");
  // arn:…:assumed-role/NAME/SESSION does not tell the path of the role, which is / unless someone chose another
  const name = (isSession ? parts[0] : parts.at(-1)) ?? "";
  if (!NAME.test(name)) throw invalidValue("role", role, "a name has at most 64 letters, digits and + = , . @ _ -");
  const type = kind === "user" ? "user" : "role";
  const arn = isSession ? `arn:${partition}:iam::${ofAccount}:role/${name}` : role;
  return principalIn(partition, { arn, account: ofAccount, type, name });
}

/** The role of a permission set stands for that: its path is not known of a session, and no policy may name it (see above). */
function principalIn(partition: AwsPartition, given: AwsPrincipal): AwsPrincipal {
  const permissionSet = given.type === "role" ? KEPT_ROLE.exec(given.name)?.[1] : undefined;
  return permissionSet === undefined
    ? given
    : { ...given, arn: `arn:${partition}:iam::${given.account}:root`, permissionSet };
}
