import { Redacted } from "../redacted";
import type { Environment } from "../environment/environment";
import { effectiveSecrets } from "../secret/effective";
import type { RegistrySecret } from "../secret/secret";

/** What an environment should be logged in with: always the whole of it, so that applying it twice changes nothing. */
export interface DesiredSet {
  readonly logins: readonly { readonly host: string; readonly username: string; readonly password: Redacted }[];
  /** Hosts that are left out on purpose: runner-native secrets are not delivered (specification, "How it works"). */
  readonly skipped: readonly { readonly host: string; readonly reason: "runner-native" }[];
}

/** The desired set of an environment of `project`: every user secret and those of the project (semantics: delivery). */
export function desiredSet(secrets: readonly RegistrySecret[], project: string | undefined): DesiredSet {
  const logins: DesiredSet["logins"][number][] = [];
  const skipped: DesiredSet["skipped"][number][] = [];
  for (const [host, { secret }] of effectiveSecrets(secrets, project)) {
    const { credential } = secret;
    if (credential.kind === "password") {
      logins.push({ host, username: credential.username, password: credential.password });
    } else {
      skipped.push({ host, reason: "runner-native" });
    }
  }
  return { logins, skipped };
}

/**
 * The desired set in the words of `registry-login apply` (devcontainer-feature/src/registry-login/NOTES.md): a header,
 * a line a host, and `end`, without which the hook applies nothing.
 */
export function deliveryMessage(set: DesiredSet, environment: Environment, source: string): Redacted {
  const lines = [
    `registry-login 1 source=${source} shm=${sharedMemory(environment.container.ipcMode)}`,
    ...set.logins.map(({ host, username, password }) => {
      const answer = { ServerURL: host, Username: username, Secret: password.reveal() };
      return `set ${host} ${JSON.stringify(answer)}`;
    }),
    ...set.skipped.map(({ host, reason }) => `skip ${host} ${reason}`),
    "end",
  ];
  return new Redacted(`${lines.join("\n")}\n`);
}

/** Whether other containers or the host can see the container's /dev/shm, from what the engine says of its IPC mode. */
function sharedMemory(ipcMode: string): "private" | "shared" | "unknown" {
  if (ipcMode === "private") return "private";
  return ipcMode === "" ? "unknown" : "shared";
}
