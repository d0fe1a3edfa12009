import type { SecretChange, SecretDraft } from "../domain/secret/registrySecrets";
import { usernameOf, type RegistrySecret } from "../domain/secret/secret";
import { hostLabel } from "./secretRows";
import { t } from "./words";

/** A question with one way on: closing it leaves all as it is. */
export interface ConflictText {
  readonly text: string;
  readonly detail: string;
  readonly button: string;
}

/**
 * What a person is asked whose edit of `seen` meets another window's: `there` is what that window has saved, undefined if
 * it deleted the secret. Says both sides, without a password.
 */
export function conflictText(
  seen: RegistrySecret,
  there: RegistrySecret | undefined,
  { username = usernameOf(seen.credential), password }: SecretChange,
): ConflictText {
  const host = hostLabel(seen.host);
  if (!there) {
    return {
      text: t("{0} was deleted elsewhere while you edited it.", seen.name),
      detail: t("Create it again for {0}, with the username {1}?", host, username),
      button: t("Create It Again"),
    };
  }
  const said = [
    t("Saved there for {0}: the username {1}.", host, usernameOf(there.credential)),
    password === undefined
      ? t("Entered here: the username {0}; the password that was saved there stays.", username)
      : t("Entered here: the username {0} and a password.", username),
    t("Replace what was saved there with what you entered here, or keep it as it is there?"),
  ];
  return {
    text: t("{0} was changed elsewhere while you edited it.", seen.name),
    detail: said.join("\n"),
    button: t("Replace It"),
  };
}

/** What a person is asked who has filled in a new secret for a host that got one meanwhile: `there`. */
export function twinConflictText(
  { name, username }: Pick<SecretDraft, "name" | "username">,
  there: RegistrySecret,
): ConflictText {
  const host = hostLabel(there.host);
  const said = [
    t("Saved there for {0}: the username {1}.", host, usernameOf(there.credential)),
    t("Entered here: the username {0} and a password.", username),
    ...(name === there.name ? [] : [t("The name {0} stays.", there.name)]),
    t("Replace what was saved there with what you entered here, or keep it as it is there?"),
  ];
  return {
    text: t("{0} was saved for {1} while you filled in the form.", there.name, host),
    detail: said.join("\n"),
    button: t("Replace It"),
  };
}
