import type { RegistrySecret } from "../domain/secret/secret";
import { hostLabel } from "./secretRows";
import { t } from "./words";

/** What depends on a secret. */
export interface Dependents {
  /** Names of the environments that are logged in by it, and by no other secret once it is gone. */
  readonly environments: readonly string[];
  /** Images of the workspace at its registry. */
  readonly images: readonly string[];
  /** The secret that counts for its registry once it is gone. */
  readonly successor?: RegistrySecret | undefined;
  /** True if that one counts already, so that nothing changes. */
  readonly isOverridden?: boolean;
}

const MOST_NAMES = 5;

/** What follows from the deletion of a secret, said before it: who is logged out, and what can no longer be pulled. */
export function deletionText(
  secret: RegistrySecret,
  { environments, images, successor, isOverridden }: Dependents,
): string {
  const host = hostLabel(secret.host);
  const loggedOut =
    environments.length === 0
      ? t("Running environments are logged out of {0}.", host)
      : t("Running environments are logged out of {0}: {1}.", host, listed(environments));
  if (successor) {
    const instead = insteadText(successor, host, isOverridden === true);
    return environments.length === 0 ? instead : `${instead}\n${loggedOut}`; // those of other projects
  }
  const lines = [
    loggedOut,
    images.length === 0
      ? t("New environments can no longer pull private images from it.")
      : t("New environments can no longer pull private images from it, such as {0}.", listed(images)),
  ];
  return lines.join("\n");
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
