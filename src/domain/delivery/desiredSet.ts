import { Redacted } from "../redacted";
import type { Container } from "../environment/container";
import type { Environment } from "../environment/environment";
import { contains } from "../environment/hostPath";
import { effectiveSecrets } from "../secret/effective";
import type { NativeTrouble } from "../secret/nativeIdentity";
import { nativeRequest, type SecretLogin } from "../secret/nativeLogins";
import type { RegistrySecret } from "../secret/secret";

/** A login that a cloud does not give, and why. */
export interface Withheld {
  readonly host: string;
  readonly secret: string;
  readonly why: NativeTrouble;
}

/** What an environment should be logged in with: always the whole of it, so that applying it twice changes nothing. */
export interface DesiredSet {
  readonly logins: readonly { readonly host: string; readonly username: string; readonly password: Redacted }[];
  /** Hosts that are left out on purpose: runner-native secrets are not delivered (specification, "How it works"). */
  readonly skipped: readonly { readonly host: string; readonly reason: "runner-native" }[];
  /** Those for which the cloud gives no login now. */
  readonly withheld: readonly Withheld[];
}

/**
 * The desired set of an environment of `project`: every user secret and those of the project (semantics: delivery).
 * `minted` is what the clouds answered, by id of the secret: without a login, nothing is delivered of a runner-native
 * secret, nor of an access key, which is for AWS and for no registry.
 */
export function desiredSet(
  secrets: readonly RegistrySecret[],
  project: string | undefined,
  minted: ReadonlyMap<string, SecretLogin | NativeTrouble> = new Map(),
): DesiredSet {
  const logins: DesiredSet["logins"][number][] = [];
  const skipped: DesiredSet["skipped"][number][] = [];
  const withheld: Withheld[] = [];
  for (const [host, { secret }] of effectiveSecrets(secrets, project)) {
    const { credential } = secret;
    const own = credential.kind === "password" && !nativeRequest(secret) ? credential : undefined;
    const login = minted.get(secret.id) ?? own;
    if (login?.kind === "login" || login?.kind === "password")
      logins.push({ host, username: login.username, password: login.password });
    else if (login) withheld.push({ host, secret: secret.name, why: login });
    else skipped.push({ host, reason: "runner-native" });
  }
  return { logins, skipped, withheld };
}

/**
 * The desired set in the words of `registry-login apply` (devcontainer-feature/src/registry-login/NOTES.md): a header,
 * a line a host, and `end`, without which the hook applies nothing. `advice` is one sentence for whoever works inside.
 */
export function deliveryMessage(set: DesiredSet, environment: Environment, source: string, advice?: string): Redacted {
  const memory = sharedMemory(environment.container);
  const header = ["registry-login 1", `source=${source}`, `shm=${memory}`, ...mountWords(environment)];
  const lines = [
    header.join(" "),
    ...set.logins.map(({ host, username, password }) => {
      const answer = { ServerURL: host, Username: username, Secret: password.reveal() };
      return `set ${host} ${JSON.stringify(answer)}`;
    }),
    ...set.skipped.map(({ host, reason }) => `skip ${host} ${reason}`),
    ...set.withheld.map(({ host, why }) => `skip ${host} ${why.cause}`),
    ...(advice === undefined ? [] : [`advice ${JSON.stringify(advice)}`]),
    "end",
  ];
  return new Redacted(`${lines.join("\n")}\n`);
}

/** Whether other containers or the host can see the container's /dev/shm, from what the engine says of it. */
function sharedMemory({ ipcMode, mounts }: Container): "private" | "shared" | "unknown" {
  // A mounted /dev brings the host's own with it (measured with Docker), although the IPC mode is private.
  if (mounts.some((mount) => isFromOutside(mount) && contains(mount.destination, "/dev/shm"))) return "shared";
  if (ipcMode === "private" || ipcMode === "alone") return "private";
  return ipcMode === "" ? "unknown" : "shared";
}

type Mount = Container["mounts"][number];

/** A tmpfs is the container's own, and goes with it. */
function isFromOutside({ type }: Mount): boolean {
  return type !== "tmpfs";
}

/**
 * What the container shares with the host or with other containers, which the hook cannot find out from inside: it keeps
 * no credential there, and leaves a Docker config of the host alone. A word a mount, so none with white space.
 */
function mountWords({ container, folder }: Environment): string[] {
  const kind = ({ type, source }: Mount) => {
    if (type !== "bind") return "volume";
    return folder !== undefined && contains(source, folder) ? "workspace" : "bind";
  };
  return container.mounts
    .filter((mount) => isFromOutside(mount) && !/\s/.test(mount.destination))
    .map((mount) => `${kind(mount)}=${mount.destination}`);
}
