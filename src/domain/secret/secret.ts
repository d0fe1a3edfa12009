import { Failure } from "../failure";
import type { Redacted } from "../redacted";
import { identifyRegistry, supportsRunnerNative } from "../registry/catalog";
import type { RegistryHost } from "../registry/host";

/** The literal that both fields hold for a credential that is minted by the cloud's own identity (specification). */
export const RUNNER_NATIVE = "runner-native";

/** Who a secret is for. Organization secrets exist only where the store has them, and are read-only here. */
export type Scope = "user" | "project" | "organization";

/** What is sent to a registry; `runner-native` means that nothing is stored and the cloud's identity answers. */
export type Credential =
  | { readonly kind: "password"; readonly username: string; readonly password: Redacted }
  | { readonly kind: "runner-native" };

/** A container registry secret: the thing a person creates, edits and deletes. */
export interface RegistrySecret {
  readonly id: string;
  readonly name: string;
  readonly scope: Scope;
  /** Key of the project (see `project.ts`) that a secret of scope `project` belongs to. */
  readonly project?: string;
  readonly host: RegistryHost;
  readonly credential: Credential;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
  readonly updatedAt: number;
}

/** Ona's rule for names of secrets (terraform-provider-ona, docs/resources/secret.md). */
const NAME = /^[0-9A-Za-z_]{3,127}$/;

/** Throws `invalid-secret-name` unless `name` has 3 to 127 letters, digits and underscores. */
export function checkSecretName(name: string): void {
  if (NAME.test(name)) return;
  const [problem, why] =
    name.length < 3
      ? ["short", "it has fewer than 3 characters"]
      : name.length > 127
        ? ["long", "it has more than 127 characters"]
        : ["letters", "only letters A–Z, digits and underscores are allowed"];
  throw new Failure("invalid-secret-name", `"${name.slice(0, 127)}" cannot be the name of a secret: ${why}.`, {
    name: name.slice(0, 127),
    why,
    problem,
  });
}

/** The name of a secret that is called `name` elsewhere, where it may be too short for one: `GH` becomes `GH_REGISTRY`. */
export function nameFor(name: string): string {
  return name.length < 3 ? `${name}_REGISTRY` : name;
}

/**
 * A name that a person may keep: made from the host, e.g. `GHCR_IO` for `ghcr.io`, and none of `taken`. Always passes the
 * name rule.
 */
export function suggestSecretName(host: RegistryHost, taken: readonly string[] = []): string {
  const base = host.key.includes("index.docker.io") ? "DOCKER_HUB" : host.key;
  const name = base
    .toUpperCase()
    .replace(/[^0-9A-Z]+/g, "_")
    .replace(/^_+|_+$/g, "");
  const whole = nameFor(name).slice(0, 127);
  return freeName(whole, (one) => taken.includes(one), 127);
}

/** `whole`, or where that is taken the first of `whole_2`, `whole_3`, … that is not; of at most `longest` characters. */
export function freeName(whole: string, isTaken: (name: string) => boolean, longest = Infinity): string {
  for (let number = 2, free = whole; ; number++) {
    if (!isTaken(free)) return free;
    const ending = `_${number}`;
    free = whole.slice(0, longest - ending.length) + ending;
  }
}

/**
 * The credential that two input fields mean: `runner-native` in both is the cloud's own identity, anything else is a
 * username and password. Throws `empty-username`, `empty-password`, or `runner-native-not-supported` for a host whose
 * cloud has no such identity.
 */
export function credentialOf(host: RegistryHost, username: string, password: Redacted): Credential {
  if (username === RUNNER_NATIVE && password.reveal() === RUNNER_NATIVE) {
    if (supportsRunnerNative(identifyRegistry(host).kind)) return { kind: "runner-native" };
    throw new Failure(
      "runner-native-not-supported",
      `${host.key} has no runner-native authentication: it exists for AWS ECR, Google Artifact Registry and Azure Container Registry.`,
      { host: host.key },
    );
  }
  if (username.trim() === "") {
    throw new Failure("empty-username", `The registry username for ${host.key} is empty.`, { host: host.key });
  }
  if (password.isEmpty) {
    throw new Failure("empty-password", `The registry password for ${host.key} is empty.`, { host: host.key });
  }
  return { kind: "password", username, password };
}

/** The username as a row shows it. */
export function usernameOf(credential: Credential): string {
  return credential.kind === "password" ? credential.username : RUNNER_NATIVE;
}
