import { Failure } from "../failure";
import type { WorkspaceImage } from "../image/workspaceImages";
import { hostOfReference } from "../registry/host";
import { diagnoseImages, type CredentialLookup } from "./diagnoseImages";
import type { RegistryProber } from "./evidence";
import type { Finding, FindingCode } from "./finding";

/** Causes that the dev container CLI would meet five times over, each time with the same credential. */
const REFUSED: readonly FindingCode[] = [
  "wrong-credential",
  "expired-credential",
  "locked-out",
  "token-kind-not-accepted",
  "sso-not-authorized",
];

export interface PreflightPorts {
  readonly prober: RegistryProber;
  readonly lookUp: CredentialLookup;
  /** True if the engine has the image already, so that nothing is pulled. */
  hasImage(name: string): Promise<boolean>;
}

/**
 * Tries each credential of a creation once before the tool does: it retries a failed pull, and Docker Hub locks accounts
 * (semantics: a bad password is tried once, never in a loop). Gives the findings that forbid the creation; an image that
 * the engine has already forbids nothing. `hosts` are Docker's keys of the registries that have a credential.
 */
export async function refusedCredentials(
  images: readonly WorkspaceImage[],
  hosts: ReadonlySet<string>,
  ports: PreflightPorts,
  signal?: AbortSignal,
): Promise<Finding[]> {
  const concerned = images.filter(({ reference }) => reference && hosts.has(hostOfReference(reference).key));
  const refused = (await diagnoseImages(concerned, ports, { signal })).filter(({ code }) => REFUSED.includes(code));
  const needed = await Promise.all(
    refused.map(async ({ place, image }) => place.role === "feature" || !(await ports.hasImage(image))),
  );
  return refused.filter((_, index) => needed[index] === true);
}

/** The failure that stands for them. */
export function refusedBeforeCreation(findings: readonly Finding[]): Failure {
  const registries = [...new Set(findings.map(({ registry }) => registry))];
  return new Failure(
    "creation-failed",
    `The environment was not created: ${registries.join(" and ")} refuses the credential, and trying it again could lock the account.`,
    { step: "preflight", registries },
  );
}
