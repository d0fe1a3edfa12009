import { Failure } from "../failure";
import { identifyRegistry, nativeRegistry, type NativeRegistry } from "../registry/catalog";
import { parseImageReference } from "../image/reference";
import { hostOfReference, parseRegistryHost, type RegistryHost } from "../registry/host";
import { acrAssignment, type AcrAssignment } from "./acrPolicies";
import { ecrPolicies, ecrPublicPolicy, type EcrPolicy } from "./ecrPolicies";
import { garGrant, type GarGrant } from "./garPolicies";
import { invalidValue, type PolicyField } from "./policyValue";

/** What lets a cloud's identity pull: a document of that cloud, with what its command line and Terraform need to know. */
export type Policy = EcrPolicy | GarGrant | AcrAssignment;

/** What is known: the registry, the repository of the image if there is one, and what a person filled in. */
export interface PolicySubject {
  readonly host: RegistryHost;
  readonly values: Readonly<Partial<Record<PolicyField, string>>>;
}

/** What must be asked for before the policies can be written, in the order of asking. Throws as `policiesFor` does. */
export function missingFields({ host, values }: PolicySubject): PolicyField[] {
  return fieldsOf(nativeIdentity(host)).filter((field) => (values[field] ?? "") === "");
}

/**
 * The policies that let an identity pull from the registry, in the order in which they are needed. Throws
 * `runner-native-not-supported` for a host of no cloud, and `invalid-policy-value` for a value that cannot be (facts:
 * `field`, `why`); a missing value is one.
 */
export function policiesFor(subject: PolicySubject): Policy[] {
  const identity = nativeIdentity(subject.host);
  const [missing] = missingFields(subject);
  if (missing !== undefined) throw invalidValue(missing, "", "it is missing");
  const value = (field: PolicyField) => subject.values[field]?.trim() ?? "";
  switch (identity.kind) {
    case "ecr":
      return ecrPolicies(identity, value("repository"), value("role"));
    case "ecr-public":
      return [ecrPublicPolicy(value("role"))];
    case "gar":
    case "gcr":
      return [
        garGrant({
          project: value("project"),
          location: value("location"),
          repository: value("repository"),
          member: value("member"),
        }),
      ];
    case "acr":
      return [acrAssignment(identity.name, value("principal"))];
  }
}

/** The subject that a text names: an image, or the bare host of a registry. Throws as their parsers do. */
export function policySubject(text: string): PolicySubject {
  if (!/[^:/]\/[^/]/.test(text)) {
    const host = parseRegistryHost(text);
    return { host, values: valuesOfImage(host, undefined) };
  }
  const reference = parseImageReference(text);
  const host = hostOfReference(reference);
  return { host, values: valuesOfImage(host, reference.repository) };
}

/**
 * What the name of an image tells of its policy: the repository as its cloud counts it, and for Google the project and
 * location. `path` is the repository of the image's reference; undefined where only the host is known.
 */
export function valuesOfImage(host: RegistryHost, path: string | undefined): PolicySubject["values"] {
  const identity = identifyRegistry(host);
  switch (identity.kind) {
    case "ecr":
      return path === undefined ? {} : { repository: path };
    case "gar": {
      const location = identity.region === undefined ? {} : { location: identity.region };
      const { project, rest } = googleProject(path);
      const [repository] = rest;
      return {
        ...location,
        ...(project === undefined ? {} : { project }),
        ...(repository === undefined ? {} : { repository }),
      };
    }
    case "gcr": {
      // gcr.io is kept by Artifact Registry as a repository of that name (cloud.google.com, "Transition from Container Registry")
      const { project } = googleProject(path);
      const location = { "gcr.io": "us", "us.gcr.io": "us", "eu.gcr.io": "europe", "asia.gcr.io": "asia" }[host.key];
      return {
        repository: host.key,
        ...(location === undefined ? {} : { location }),
        ...(project === undefined ? {} : { project }),
      };
    }
    default:
      return {};
  }
}

function nativeIdentity(host: RegistryHost): NativeRegistry {
  const identity = nativeRegistry(host);
  if (identity) return identity;
  throw new Failure(
    "runner-native-not-supported",
    `${host.display} has no policies of a cloud: they exist for AWS ECR, Google Artifact Registry and Azure Container Registry.`,
    { host: host.key },
  );
}

function fieldsOf({ kind }: NativeRegistry): readonly PolicyField[] {
  switch (kind) {
    case "ecr":
      return ["repository", "role"];
    case "ecr-public":
      return ["role"];
    case "gar":
    case "gcr":
      return ["project", "location", "repository", "member"];
    case "acr":
      return ["principal"];
  }
}

/**
 * `example.com/project/…` is the project `example.com:project` (cloud.google.com, "Domain-scoped projects"), and so is
 * `s3ns/project/…`, since a project's ID has six letters at least.
 */
function googleProject(path: string | undefined): { readonly project?: string; readonly rest: readonly string[] } {
  const [first, second, ...rest] = path?.split("/") ?? [];
  if (first === undefined || second === undefined) return { rest: [] };
  return first.includes(".") || first === "s3ns"
    ? { project: `${first}:${second}`, rest }
    : { project: first, rest: [second, ...rest] };
}
