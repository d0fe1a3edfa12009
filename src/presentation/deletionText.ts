import type { RegistrySecret } from "../domain/secret/secret";
import { hostLabel } from "./secretRows";
import { t } from "./words";

/** What depends on a secret. */
export interface Dependents {
  /** Names of the environments that are logged in by it, and by no other secret once it is gone. */
  readonly environments: readonly string[];
  /** Images of the workspace that are pulled with it, and with no other secret once it is gone. */
  readonly images: readonly string[];
  /** The secrets that count for its registry once it is gone: of several projects each may have one. */
  readonly successors?: readonly RegistrySecret[];
  /** True if they count already, so that nothing changes. */
  readonly isOverridden?: boolean;
}

const MOST_NAMES = 5;

/** What follows from the deletion of a secret, said before it: who is logged out, and what can no longer be pulled. */
export function deletionText(
  secret: RegistrySecret,
  { environments, images, successors = [], isOverridden }: Dependents,
): string {
  const host = hostLabel(secret.host);
  const loggedOut =
    environments.length === 0
      ? t("Running environments are logged out of {0}.", host)
      : t("Running environments are logged out of {0}: {1}.", host, listed(environments));
  const noLongerPulled =
    images.length === 0
      ? t("New environments can no longer pull private images from it.")
      : t("New environments can no longer pull private images from it, such as {0}.", listed(images));
  // two projects may each have one of this name
  const project = secret.project === undefined ? [] : [t("Project: {0}", secret.project)];
  if (successors.length === 0) return [...project, loggedOut, noLongerPulled].join("\n");
  // with one that takes its place, what is lost is lost in other projects
  return [
    ...project,
    ...successors.map((successor) => insteadText(successor, host, isOverridden === true)),
    ...(environments.length === 0 ? [] : [loggedOut]),
    ...(images.length === 0 ? [] : [noLongerPulled]),
  ].join("\n");
}

function insteadText({ name, scope }: RegistrySecret, host: string, isAlready: boolean): string {
  if (isAlready) {
    return scope === "user"
      ? t("The user secret {0} is used for {1} already: nothing changes here.", name, host)
      : t("The project secret {0} is used for {1} already: nothing changes here.", name, host);
  }
  return scope === "user"
    ? t("The user secret {0} is used for {1} then.", name, host)
    : t("The project secret {0} is used for {1} then.", name, host);
}

function listed(names: readonly string[]): string {
  const shown = names.slice(0, MOST_NAMES).join(", ");
  return names.length > MOST_NAMES ? t("{0} and {1} more", shown, names.length - MOST_NAMES) : shown;
}
