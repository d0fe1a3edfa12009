import type { Redacted } from "../domain/redacted";
import type { RegistryHost } from "../domain/registry/host";
import type { RegistrySecret, Scope } from "../domain/secret/secret";
import type { RegistryChoice } from "../presentation/secretForm";

/** What the form of a new secret knows so far. */
export interface NewSecretState {
  scope: Exclude<Scope, "organization">;
  project?: string;
  choice?: RegistryChoice;
  /** Answers for the placeholders of the chosen hostname. */
  values?: Readonly<Record<string, string>>;
  host?: RegistryHost;
  /** True if the form was opened for this host. */
  readonly isHostGiven: boolean;
  name?: string;
  /** The name that the workspace's files ask for. */
  readonly nameAskedFor?: string;
  username?: string;
  password?: Redacted;
  /** The image that it was found to pull. */
  pulls?: string;
  /** The secret that the person would rather edit. */
  instead?: RegistrySecret;
}

/** The scope, with the project where it has one. */
export function placeOf({
  scope,
  project,
}: {
  readonly scope: NewSecretState["scope"];
  readonly project?: string | undefined;
}) {
  return { scope, ...(scope === "user" || project === undefined ? {} : { project }) };
}
