import type { RegistryError } from "../registry/protocol";
import type { AttemptOutcome } from "./evidence";
import type { Finding } from "./finding";

type Refused = AttemptOutcome & { kind: "refused" };

/** Why a registry or its token server refuses a client. */
export type RefusalCode =
  | "wrong-credential"
  | "expired-credential"
  | "no-right-on-repository"
  | "token-kind-not-accepted"
  | "sso-not-authorized"
  | "ecr-identity-policy"
  | "ecr-resource-policy"
  | "client-firewall"
  | "locked-out";

const FIREWALL = /client with IP '?(?<address>[\da-f.:]+)'? is not allowed/i;

/**
 * What registries write when they refuse, each with its row in section 3 of research/peers.md, which names the thread or
 * source where the text was seen. The first that fits counts.
 */
const TEXTS: readonly (readonly [RegExp, RefusalCode])[] = [
  [/too many failed login/i, "locked-out"], // 12, Docker Hub
  [FIREWALL, "client-firewall"], // 38, ACR
  [/authorization token has expired|(?:jwt|token) (?:is|has) expired/i, "expired-credential"], // 64 and 65, ECR
  [/resource-based policy/i, "ecr-resource-policy"], // 68
  [/is not authorized to perform: ecr/i, "ecr-identity-policy"], // 67 and 69
  [/SAML enforcement|enforced SAML|SAML SSO|single sign-on/i, "sso-not-authorized"], // 22, GHCR
  [/The provided password or token is incorrect/i, "wrong-credential"], // 30, GitLab today (swarmpit/swarmpit#657)
  [/use (?:a )?personal access token|must (?:log in with|use) a Personal Access Token/i, "token-kind-not-accepted"], // 6, 7, 31
  [/does not match expected scopes|insufficient scopes/i, "token-kind-not-accepted"], // 21, GHCR; 8, Docker Hub
  [/client id must be guid/i, "token-kind-not-accepted"], // 36, ACR
  [/incorrect username or password/i, "wrong-credential"], // 4 and 5, Docker Hub
  [/user cannot be authenticated/i, "wrong-credential"], // 20, GHCR
  [/HTTP Basic: Access denied/i, "wrong-credential"], // 30, GitLab
  [/invalid clientid or client secret|application not registered/i, "wrong-credential"], // 35 and 37, ACR
  [/failed authentication|unauthenticated request/i, "wrong-credential"], // 44 and 49, GAR
  [/authorization token is invalid/i, "wrong-credential"], // ECR (apple/container#847)
  [/permission_denied: read_package|installation not allowed/i, "no-right-on-repository"], // 18 and 19, GHCR
  [/access forbidden/i, "no-right-on-repository"], // 29, GitLab's token server
  [/permission "[^"]*" denied on resource|caller does not have permission/i, "no-right-on-repository"], // 42, 46, GAR
  [/authorized to access repository|does not have permission for manifest/i, "no-right-on-repository"], // 73, 74
];

/**
 * Why an attempt with a credential was refused. Where no text tells: a token server, and Basic, refuse the login; a
 * registry that refuses the token that was just issued says that the identity has no right here.
 */
export function refusalOf({ stage, scheme, status, errors }: Refused): Pick<Finding, "detail" | "address"> & {
  readonly code: RefusalCode;
} {
  for (const [pattern, code] of TEXTS) {
    for (const { message } of errors) {
      const match = pattern.exec(message);
      if (match === null) continue;
      const address = match.groups?.["address"];
      return { code, detail: message, ...(address === undefined ? {} : { address }) };
    }
  }
  const isLogin = stage === "token" || (scheme === "basic" && (status === 401 || status === 400));
  return { code: isLogin ? "wrong-credential" : "no-right-on-repository" };
}

/** This machine's address, if the text says that the registry's firewall does not let it in. */
export function firewalledAddress(text: string): string | undefined {
  return FIREWALL.exec(text)?.groups?.["address"];
}

/** True if the text says that the account or address is locked because of failed logins. */
export function isLockedOut(errors: readonly RegistryError[]): boolean {
  return errors.some(({ message }) => /too many failed login/i.test(message));
}

/**
 * True if the same credential would meet the same answer at another repository of the registry. It is not sent there
 * then: repeated failures lock accounts (research/peers.md, row 12).
 */
export function barsRegistry(outcome: AttemptOutcome): boolean {
  if (outcome.kind === "rate-limited") return true;
  if (outcome.kind !== "refused") return false;
  const { code, detail = "" } = refusalOf(outcome);
  // a token that lacks a scope may do for another repository, a public one
  if (code === "token-kind-not-accepted") return !/scopes/i.test(detail);
  return ["wrong-credential", "expired-credential", "locked-out", "client-firewall"].includes(code);
}
