import type { Failure } from "../failure";
import type { Redacted } from "../redacted";
import type { RegistryHost } from "../registry/host";

/** A login that another tool of this machine has, as it is found: nobody was asked for its value yet. */
export interface FoundLogin {
  /** Where it was found: a file, a credential helper, a variable. */
  readonly place: string;
  /** The name that the tool has it under. */
  readonly key: string;
  readonly host: RegistryHost;
  /** Present only where the place tells it before it is asked for the value. */
  readonly username?: string;
  /** Podman may be logged in to a part of a registry; a registry secret is for all of it. */
  readonly path?: string;
}

/** The logins of other tools on this machine: Docker's with its helpers, and Podman's. */
export interface OtherLogins {
  /**
   * All of them; of several for one registry in one place, or for the same part of it, one. What cannot be read is a problem, and the others are still
   * found. Throws only `cancelled`.
   */
  list(
    signal?: AbortSignal,
  ): Promise<{ readonly logins: readonly FoundLogin[]; readonly problems: readonly Failure[] }>;
  /**
   * The value of one. Throws `identity-token` for what only its tool can use, `login-not-found` if it is gone, what a helper
   * that fails throws, and `cancelled`.
   */
  read(login: FoundLogin, signal?: AbortSignal): Promise<{ readonly username: string; readonly password: Redacted }>;
  /** The same of a text that is called `name`: what Docker or Podman would read as its file. Other texts have none. */
  ofText(name: string, text: string): Promise<Pick<OtherLogins, "list" | "read">>;
}
