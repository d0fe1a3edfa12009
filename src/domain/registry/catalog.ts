import { isFailure } from "../failure";
import { DOCKER_HUB_KEY, isLoopback, parseRegistryHost, type RegistryHost } from "./host";

/** A row of the specification's table "Common registry hostnames", with what a person needs to fill in the form. */
export interface RegistryPreset {
  readonly kind: RegistryKind;
  readonly label: string;
  /** The hostname as the specification writes it; what stands in brackets is filled in by the person. */
  readonly hostname: string;
  readonly placeholders: readonly string[];
  readonly usernameHint: string;
  readonly passwordHint: string;
  /** Where a person makes the token. */
  readonly tokenPage?: string;
}

export type AwsPartition =
  "aws" | "aws-cn" | "aws-us-gov" | "aws-iso" | "aws-iso-b" | "aws-iso-e" | "aws-iso-f" | "aws-eusc";

export type AzureCloud = "public" | "us-gov" | "china" | "germany";

/** What a host tells about the registry behind it. */
export type RegistryIdentity =
  | { readonly kind: "docker-hub" }
  | { readonly kind: "ghcr" }
  | { readonly kind: "gitlab" }
  | { readonly kind: "acr"; readonly name: string; readonly cloud: AzureCloud }
  /** `region` is absent for a sovereign cloud whose host names none; `multiRegion` is `us`, `europe`, `asia`. */
  | {
      readonly kind: "gar";
      readonly region?: string;
      readonly multiRegion: boolean;
      readonly regionalEndpoint: boolean;
    }
  | { readonly kind: "gcr" }
  | {
      readonly kind: "ecr";
      readonly account: string;
      readonly region: string;
      readonly partition: AwsPartition;
      readonly fips: boolean;
    }
  | { readonly kind: "ecr-public" }
  | { readonly kind: "other" };

export type RegistryKind = RegistryIdentity["kind"];

/** Whose identity can log in to a registry instead of a password. */
export type Cloud = "aws" | "google" | "azure";

/** A registry of a cloud. */
export type NativeRegistry = Extract<RegistryIdentity, { readonly kind: "ecr" | "ecr-public" | "gar" | "gcr" | "acr" }>;

/** The specification's table, in its order (spec/container-registry.md, "Common registry hostnames"). */
export const REGISTRY_PRESETS: readonly RegistryPreset[] = [
  {
    kind: "docker-hub",
    label: "Docker Hub",
    hostname: DOCKER_HUB_KEY,
    placeholders: [],
    usernameHint: "Docker ID, not the e-mail address",
    passwordHint: "Personal access token with read access",
    tokenPage: "https://app.docker.com/settings/personal-access-tokens",
  },
  {
    kind: "ghcr",
    label: "GitHub Container Registry",
    hostname: "ghcr.io",
    placeholders: [],
    usernameHint: "GitHub user name",
    passwordHint: "Personal access token (classic) with read:packages",
    tokenPage: "https://github.com/settings/tokens/new?scopes=read:packages",
  },
  {
    kind: "gitlab",
    label: "GitLab Container Registry",
    hostname: "registry.gitlab.com",
    placeholders: [],
    usernameHint: "GitLab user name, or the name of the deploy token",
    passwordHint: "Deploy token or personal access token with read_registry",
    tokenPage: "https://gitlab.com/-/user_settings/personal_access_tokens?scopes=read_registry",
  },
  {
    kind: "acr",
    label: "Azure Container Registry",
    hostname: "[name].azurecr.io",
    placeholders: ["name"],
    usernameHint: "Name of the token, or application id of the service principal",
    passwordHint: "Password of the token, or secret of the service principal",
  },
  {
    kind: "gar",
    label: "Google Artifact Registry",
    hostname: "[region]-docker.pkg.dev",
    placeholders: ["region"],
    usernameHint: "_json_key for a key file, _json_key_base64 if it is base64, oauth2accesstoken for an access token",
    passwordHint: "The key file of the service account, on one line",
  },
  {
    kind: "ecr",
    label: "AWS ECR",
    hostname: "[account-id].dkr.ecr.[region].amazonaws.com",
    placeholders: ["account-id", "region"],
    usernameHint: "AWS, or runner-native",
    passwordHint: "Output of aws ecr get-login-password (12 hours), or runner-native",
  },
];

/**
 * The registry behind `host`, by exact patterns of the whole host: what only looks alike, ends alike or cannot be
 * parsed is `other`. Sources: the host patterns of awslabs/amazon-ecr-credential-helper, kubernetes/cloud-provider-aws,
 * GoogleCloudPlatform/docker-credential-gcr and kubernetes-sigs/cloud-provider-azure. Never throws.
 */
export function identifyRegistry(host: string | RegistryHost): RegistryIdentity {
  const key = typeof host === "string" ? keyOf(host) : host.key;
  if (key === undefined) return { kind: "other" };
  if (key === DOCKER_HUB_KEY) return { kind: "docker-hub" };
  if (key === "ghcr.io") return { kind: "ghcr" };
  if (key === "registry.gitlab.com") return { kind: "gitlab" };
  if (key === "public.ecr.aws" || key === "ecr-public.aws.com") return { kind: "ecr-public" };
  if (/^(?:[a-z0-9-]+\.)?gcr\.io$/.test(key)) return { kind: "gcr" };
  return ecr(key) ?? gar(key) ?? acr(key) ?? { kind: "other" };
}

const CLOUDS: Readonly<Record<NativeRegistry["kind"], Cloud>> = {
  ecr: "aws",
  "ecr-public": "aws",
  gar: "google",
  gcr: "google",
  acr: "azure",
};

/** True if the cloud's own identity can stand in for a password (specification, "Cloud provider native authentication"). */
export function supportsRunnerNative(kind: RegistryKind): boolean {
  return kind in CLOUDS;
}

/** The registry if it is one of a cloud, recognised by the whole of its host; undefined for every other. */
export function nativeRegistry(host: string | RegistryHost): NativeRegistry | undefined {
  const identity = identifyRegistry(host);
  return isNative(identity) ? identity : undefined;
}

export function cloudOf({ kind }: NativeRegistry): Cloud {
  return CLOUDS[kind];
}

/** The cloud's own command that logs Docker in to its registry (its documents on the registry's authentication). */
export function logInCommand(registry: NativeRegistry, host: string): string {
  switch (registry.kind) {
    case "ecr":
      return `aws ecr get-login-password --region ${registry.region} | docker login --username AWS --password-stdin ${host}`;
    case "ecr-public":
      return `aws ecr-public get-login-password --region us-east-1 | docker login --username AWS --password-stdin ${host}`;
    case "gar":
    case "gcr":
      return `gcloud auth configure-docker ${host}`;
    case "acr":
      return `az acr login --name ${registry.name}`;
  }
}

function isNative(identity: RegistryIdentity): identity is NativeRegistry {
  return supportsRunnerNative(identity.kind);
}

/** Token servers on another host that belong to the registry. Each was seen in a real challenge of that registry. */
const TOKEN_SERVERS: ReadonlyMap<string, string> = new Map([
  [DOCKER_HUB_KEY, "https://auth.docker.io"],
  ["registry.gitlab.com", "https://gitlab.com"],
  ["docker.elastic.co", "https://docker-auth.elastic.co"],
  ["registry.digitalocean.com", "https://api.digitalocean.com"],
]);

/**
 * True if a credential for `host` may be sent to the token server at `realm` without asking (security.md, 1): the
 * registry's own host and port, or a pair from the table; over https, and over http only from loopback to loopback.
 */
export function knownTokenRealm(host: RegistryHost, realm: string): boolean {
  if (!URL.canParse(realm)) return false;
  const url = new URL(realm);
  if (url.username !== "" || url.password !== "") return false;
  if (url.protocol === "http:") {
    return isLoopback(url.host) && isLoopback(host.authority) && url.host === new URL(`http://${host.authority}`).host;
  }
  if (url.protocol !== "https:") return false;
  return url.origin === new URL(`https://${host.authority}`).origin || url.origin === TOKEN_SERVERS.get(host.key);
}

function keyOf(text: string): string | undefined {
  try {
    return parseRegistryHost(text).key;
  } catch (error) {
    if (isFailure(error)) return undefined;
    throw error;
  }
}

const ECR_HOST = /^(\d{12})\.dkr[.-]ecr(-fips)?\.([a-z0-9][a-z0-9-]*)\.([a-z0-9.-]+)$/;

const AWS_SUFFIXES: ReadonlyMap<string, AwsPartition> = new Map([
  ["amazonaws.com", "aws"],
  ["on.aws", "aws"],
  ["amazonaws.com.cn", "aws-cn"],
  ["on.amazonwebservices.com.cn", "aws-cn"],
  ["c2s.ic.gov", "aws-iso"],
  ["sc2s.sgov.gov", "aws-iso-b"],
  ["cloud.adc-e.uk", "aws-iso-e"],
  ["csp.hci.ic.gov", "aws-iso-f"],
  ["amazonaws.eu", "aws-eusc"],
]);

/** The regions of each partition (@aws-sdk/core, `regionRegex` of its partitions); newer ones may be in none. */
const AWS_REGIONS: readonly (readonly [region: RegExp, partition: AwsPartition])[] = [
  [/^(?:us|eu|ap|sa|ca|me|af|il|mx)-\w+-\d+$/, "aws"],
  [/^us-gov-\w+-\d+$/, "aws-us-gov"],
  [/^cn-\w+-\d+$/, "aws-cn"],
  [/^us-iso-\w+-\d+$/, "aws-iso"],
  [/^us-isob-\w+-\d+$/, "aws-iso-b"],
  [/^eu-isoe-\w+-\d+$/, "aws-iso-e"],
  [/^us-isof-\w+-\d+$/, "aws-iso-f"],
  [/^eusc-de-\w+-\d+$/, "aws-eusc"],
];

function partitionOf(region: string): AwsPartition | undefined {
  return AWS_REGIONS.find(([pattern]) => pattern.test(region))?.[1];
}

/** Whether registries of the partition have this suffix, of which the US government's has none of its own. */
function isSuffixOf(suffix: string, partition: AwsPartition): boolean {
  return AWS_SUFFIXES.get(suffix) === (partition === "aws-us-gov" ? "aws" : partition);
}

/** The ECR registry of an account in a region, whatever the partition of that region. */
export function ecrHost(account: string, region: string): string {
  const partition = partitionOf(region) ?? "aws";
  const suffix = [...AWS_SUFFIXES.keys()].find((one) => isSuffixOf(one, partition)) ?? "amazonaws.com";
  return `${account}.dkr.ecr.${region}.${suffix}`;
}

function ecr(key: string): RegistryIdentity | undefined {
  const [, account, fips, region, suffix = ""] = ECR_HOST.exec(key) ?? [];
  if (account === undefined || region === undefined) return undefined;
  const partition = partitionOf(region) ?? AWS_SUFFIXES.get(suffix);
  // a region under the suffix of another partition is none that AWS has
  if (partition === undefined || !isSuffixOf(suffix, partition)) return undefined;
  return { kind: "ecr", account, region, partition, fips: fips !== undefined };
}

/** S3NS, the trusted cloud of Thales and Google in France, has one host (documentation.s3ns.fr). */
const S3NS_HOST = "docker.s3nsregistry.fr";

/**
 * The domain of the services of the cloud that a registry of Google's making belongs to. Each is a cloud of its own, with
 * identities of its own, which no other is to be shown.
 */
export function googleUniverse({ key }: RegistryHost): "googleapis.com" | "s3nsapis.fr" {
  return key === S3NS_HOST ? "s3nsapis.fr" : "googleapis.com";
}

function gar(key: string): RegistryIdentity | undefined {
  if (key === S3NS_HOST) return { kind: "gar", multiRegion: false, regionalEndpoint: false };
  const match = /^(?:([a-z0-9-]+)-docker|docker\.([a-z0-9-]+)\.rep)\.pkg\.dev$/.exec(key);
  const region = match?.[1] ?? match?.[2];
  if (region === undefined) return undefined;
  return {
    kind: "gar",
    region,
    multiRegion: ["us", "europe", "asia"].includes(region),
    regionalEndpoint: match?.[2] !== undefined,
  };
}

const AZURE_CLOUDS: Readonly<Record<string, AzureCloud>> = { io: "public", us: "us-gov", cn: "china", de: "germany" };

function acr(key: string): RegistryIdentity | undefined {
  // A registry name is alphanumeric; a domain name label adds one dash and a hash.
  const [, name, end = ""] = /^([a-z0-9]+(?:-[a-z0-9]+)?)\.azurecr\.(io|us|cn|de)$/.exec(key) ?? [];
  const cloud = AZURE_CLOUDS[end];
  return name === undefined || cloud === undefined ? undefined : { kind: "acr", name, cloud };
}
