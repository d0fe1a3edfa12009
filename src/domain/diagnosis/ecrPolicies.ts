import type { AwsPartition, RegistryIdentity } from "../registry/catalog";
import { invalidValue, type Json } from "./policyValue";

/** A role or user of AWS. */
export interface AwsPrincipal {
  readonly arn: string;
  readonly account: string;
  readonly type: "role" | "user";
  /** Without its path. */
  readonly name: string;
}

export type EcrPolicy =
  /** Attached to the identity that pulls. */
  | {
      readonly kind: "ecr-identity";
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
/** AWS's own bounds of a repository name, with `*` for many (API reference, CreateRepository). */
const REPOSITORY = /^(?=.{1,256}$)(?:[a-z0-9*]+(?:[._-]+[a-z0-9*]+)*\/)*[a-z0-9*]+(?:[._-]+[a-z0-9*]+)*$/;
/** IAM's own bounds of a name (IAM user guide, "IAM and AWS STS quotas"). */
const NAME = /^[\w+=,.@-]{1,64}$/;
const ARN = /^arn:(aws[a-z-]*):(iam|sts)::(\d{12}):(role|user|assumed-role)\/([\w+=,.@/-]{1,512})$/;

/**
 * The two policies of the specification ("Configure IAM permissions"). `role` is the name of a role in the account of the
 * registry, or the ARN of a role or user of any account, also of a session that assumed the role. Throws
 * `invalid-policy-value`.
 */
export function ecrPolicies(registry: EcrRegistry, repository: string, role: string): EcrPolicy[] {
  const { account, region, partition } = registry;
  if (!REPOSITORY.test(repository)) {
    throw invalidValue("repository", repository, "lower-case letters, digits, . _ - and / are allowed, and * for many");
  }
  const principal = principalOf(role, { account, partition });
  return [
    {
      kind: "ecr-identity",
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
          },
        ],
      },
    },
  ];
}

/**
 * What an identity needs to pull from public.ecr.aws under its own name (ECR public user guide, "Registry
 * authentication"). `role` must be an ARN, since no account is known. Throws `invalid-policy-value`.
 */
export function ecrPublicPolicy(role: string): EcrPolicy {
  const principal = principalOf(role, { partition: "aws" });
  const Action = ["ecr-public:GetAuthorizationToken", "sts:GetServiceBearerToken"];
  const document = { Version: VERSION, Statement: [{ Effect: "Allow", Action, Resource: "*" }] };
  return { kind: "ecr-identity", principal, document };
}

function principalOf(role: string, known: { account?: string; partition: AwsPartition }): AwsPrincipal {
  const { account, partition } = known;
  if (NAME.test(role) && account !== undefined) {
    return { arn: `arn:${partition}:iam::${account}:role/${role}`, account, type: "role", name: role };
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
  return { arn, account: ofAccount, type, name };
}
