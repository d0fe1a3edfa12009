import { invalidValue, type Json } from "./policyValue";

/** The role that is enough to pull (ona.com/docs, "Using private Google Artifact Registry images"). */
export const READER = "roles/artifactregistry.reader";

/** The right to read a repository of Artifact Registry, or all of the project (`repository` is `*`). */
export interface GarGrant {
  readonly kind: "gar-grant";
  readonly project: string;
  readonly location: string;
  readonly repository: string;
  /** `serviceAccount:…`, `user:…` or `group:…`. */
  readonly member: string;
  readonly role: string;
  /** An IAM policy of Google with this one binding. */
  readonly document: Json;
}

/** With its domain, or S3NS's name, before it if it is one of those (cloud.google.com, "Domain-scoped projects"; documentation.s3ns.fr). */
const PROJECT = /^(?:(?:[a-z0-9.-]+\.[a-z]{2,}|s3ns):)?[a-z][a-z0-9-]{4,28}[a-z0-9]$/;
const LOCATION = /^[a-z][a-z0-9-]*$/;
const REPOSITORY = /^(?:\*|[a-z][a-z0-9-]{0,61}[a-z0-9]|(?:[a-z]+\.)?gcr\.io)$/;
const EMAIL = /^[\w.+-]+@[a-z0-9.-]+\.[a-z]{2,}$/i;
/** With `-env-vm` at most the 30 characters of a service account's ID (cloud.google.com, "Create service accounts"). */
const RUNNER = /^[a-z][a-z0-9-]{0,22}$/;

/**
 * The grant of the specification's page on private GAR images. `member` is an e-mail address, with or without its kind
 * (`serviceAccount:`, `user:`, `group:`), or the name of a runner, whose service account is
 * `{RUNNER_NAME}-env-vm@{PROJECT_ID}.iam.gserviceaccount.com`. Throws `invalid-policy-value`.
 */
export function garGrant(given: Pick<GarGrant, "project" | "location" | "repository" | "member">): GarGrant {
  const { project, location, repository } = given;
  if (!PROJECT.test(project)) throw invalidValue("project", project, "a project ID is like my-project-123");
  if (!LOCATION.test(location)) throw invalidValue("location", location, "a location is like europe-west1, or us");
  if (!REPOSITORY.test(repository)) {
    throw invalidValue("repository", repository, "give the first part after the project, or * for all of the project");
  }
  const member = memberOf(given.member, project);
  return {
    kind: "gar-grant",
    project,
    location,
    repository,
    member,
    role: READER,
    document: { bindings: [{ role: READER, members: [member] }] },
  };
}

function memberOf(text: string, project: string): string {
  const [, kind, email = ""] = /^(?:(serviceAccount|user|group):)?(.*)$/s.exec(text) ?? [];
  if (EMAIL.test(email)) {
    return `${kind ?? (email.endsWith(".gserviceaccount.com") ? "serviceAccount" : "user")}:${email}`;
  }
  if (kind === undefined && RUNNER.test(text)) {
    // a domain-scoped project example.com:name has name.example.com in its addresses
    const domain = project.split(":").reverse().join(".");
    return `serviceAccount:${text}-env-vm@${domain}.iam.gserviceaccount.com`;
  }
  throw invalidValue(
    "member",
    text,
    "give the name of the runner (23 characters at most), or the e-mail address of a service account or user",
  );
}
