import { ALICE, BOB, WRONG } from "../../../scripts/testbed/standIns";
import type { FindingCode } from "../../../src/domain/diagnosis/finding";

export interface Login {
  readonly username: string;
  readonly password: string;
}

export const ECR = "123456789012.dkr.ecr.eu-central-1.amazonaws.com/acme";
const GAR = "europe-west1-docker.pkg.dev/acme/images";
/** A login with a good token, or with this one. */
export const as = (username: string, password = ALICE.password): Login => ({ username, password });

/** What was asked for, as whom, the cause that must be named, and how many requests that takes. */
export const CASES: Record<
  string,
  [what: string, image: string, login: Login | undefined, code: FindingCode, requests: number][]
> = {
  "Docker Hub": [
    ["public, no credential", "acme/open:1", undefined, "fine", 3],
    ["public, a good credential", "acme/open:1", ALICE, "fine", 5],
    ["private, a good credential", "acme/app:1", ALICE, "fine", 5],
    ["private, no credential", "acme/app:1", undefined, "no-credential", 3],
    ["private, a wrong credential", "acme/app:1", WRONG, "wrong-credential", 4],
    ["public, a wrong credential", "acme/open:1", WRONG, "stale-credential-blocks-public-image", 4],
    ["private, no right", "acme/app:1", BOB, "no-right-on-repository", 5],
    ["unknown tag", "acme/app:1.2", ALICE, "unknown-tag", 6],
    ["unknown tag of a public image", "acme/open:1.2", undefined, "unknown-tag", 4],
    ["unknown repository, which is not told from a hidden one", "acme/nothing:1", ALICE, "no-right-on-repository", 5],
    ["a password where a token is needed", "acme/app:1", as("no-token-yet"), "token-kind-not-accepted", 4],
    ["locked out", "acme/app:1", as("locked"), "locked-out", 4],
    ["the pull limit", "acme/busy:1", ALICE, "rate-limited", 1],
  ],
  GHCR: [
    ["public, no credential", "ghcr.io/acme/open:1", undefined, "fine", 3],
    ["private, a good credential", "ghcr.io/acme/app:1", ALICE, "fine", 4],
    ["private, no credential", "ghcr.io/acme/app:1", undefined, "no-credential", 2],
    ["private, a wrong credential", "ghcr.io/acme/app:1", WRONG, "wrong-credential", 3],
    ["public, a wrong credential", "ghcr.io/acme/open:1", WRONG, "stale-credential-blocks-public-image", 4],
    ["private, no right", "ghcr.io/acme/app:1", BOB, "no-right-on-repository", 4],
    ["unknown tag", "ghcr.io/acme/app:1.2", ALICE, "unknown-tag", 5],
    ["unknown repository", "ghcr.io/acme/nothing:1", ALICE, "unknown-repository", 4],
    ["a token without single sign-on", "ghcr.io/acme/app:1", as("no-sso"), "sso-not-authorized", 4],
    ["a token without the scope", "ghcr.io/acme/app:1", as("no-scope"), "token-kind-not-accepted", 4],
    ["a fine-grained token", "ghcr.io/acme/app:1", as("alice", "github_pat_of_a_test"), "token-kind-not-accepted", 3],
  ],
  GitLab: [
    ["public, no credential", "registry.gitlab.com/acme/open:1", undefined, "fine", 3],
    ["private, a good credential", "registry.gitlab.com/acme/app:1", ALICE, "fine", 4],
    ["private, no credential", "registry.gitlab.com/acme/app:1", undefined, "no-credential", 2],
    ["private, a wrong credential", "registry.gitlab.com/acme/app:1", WRONG, "wrong-credential", 3],
    ["private, no right: the token server says so", "registry.gitlab.com/acme/app:1", BOB, "no-right-on-repository", 3],
    ["unknown tag", "registry.gitlab.com/acme/app:1.2", ALICE, "unknown-tag", 5],
    ["unknown project", "registry.gitlab.com/acme/nothing:1", ALICE, "no-right-on-repository", 3],
  ],
  ACR: [
    ["private, a good credential", "acme.azurecr.io/app:1", ALICE, "fine", 4],
    ["private, no credential", "acme.azurecr.io/app:1", undefined, "no-credential", 2],
    ["private, a wrong credential", "acme.azurecr.io/app:1", WRONG, "wrong-credential", 3],
    ["private, no right", "acme.azurecr.io/app:1", BOB, "no-right-on-repository", 4],
    ["unknown tag", "acme.azurecr.io/app:1.2", ALICE, "unknown-tag", 5],
    ["unknown repository", "acme.azurecr.io/nothing:1", ALICE, "unknown-repository", 4],
    ["a user name that is no client id", "acme.azurecr.io/app:1", as("not-a-guid"), "token-kind-not-accepted", 3],
    ["the firewall, no credential", "walled.azurecr.io/app:1", undefined, "client-firewall", 1],
    ["the firewall, a good credential", "walled.azurecr.io/app:1", ALICE, "client-firewall", 2],
  ],
  GAR: [
    ["public, no credential", `${GAR}/open:1`, undefined, "fine", 3],
    ["private, a good credential", `${GAR}/app:1`, ALICE, "fine", 4],
    ["private, no credential", `${GAR}/app:1`, undefined, "no-credential", 2],
    ["private, a wrong credential", `${GAR}/app:1`, WRONG, "wrong-credential", 3],
    ["private, no right: the token server says so", `${GAR}/app:1`, BOB, "no-right-on-repository", 3],
    ["unknown tag", `${GAR}/app:1.2`, ALICE, "unknown-tag", 5],
  ],
  ECR: [
    ["private, a good credential", `${ECR}/app:1`, ALICE, "fine", 2],
    ["private, no credential", `${ECR}/app:1`, undefined, "no-credential", 1],
    ["private, a wrong credential", `${ECR}/app:1`, WRONG, "wrong-credential", 2],
    ["an expired token", `${ECR}/app:1`, as("AWS", "a-token-of-yesterday"), "expired-credential", 2],
    ["no identity policy", `${ECR}/app:1`, as("no-policy"), "ecr-identity-policy", 2],
    ["no resource policy", `${ECR}/app:1`, as("no-resource-policy"), "ecr-resource-policy", 2],
    ["unknown tag", `${ECR}/app:1.2`, ALICE, "unknown-tag", 3],
    ["unknown repository", `${ECR}/nothing:1`, ALICE, "unknown-repository", 2],
  ],
};
