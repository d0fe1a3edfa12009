import type { Failure, FailureCode } from "../domain/failure";
import type { HostProblem } from "../domain/registry/host";
import { t } from "./words";

type Facts = Failure["facts"];
type Said = string | undefined;

/**
 * What failed, in the language of the person, for failures that have these facts; elsewhere the failure's own English
 * sentence stands. In English the two are the same.
 */
const MESSAGES: Partial<Record<FailureCode, readonly [needs: readonly string[], say: (facts: Facts) => Said]>> = {
  "invalid-registry-host": [
    ["problem"],
    ({ problem, value, written }) =>
      `${hostProblem(problem as HostProblem, String(value), written)} ${t('Example: "ghcr.io" or "registry.example.com:5000".')}`,
  ],
  "invalid-secret-name": [["name", "problem"], ({ name, problem }) => nameProblem(String(name), problem)],
  "secret-name-taken": [
    ["scope", "name", "host"],
    ({ scope, name, host }) =>
      scope === "user"
        ? t("A user secret named {0} exists already (for {1}).", String(name), String(host))
        : t("A project secret named {0} exists already (for {1}).", String(name), String(host)),
  ],
  "secret-host-taken": [
    ["scope", "name", "host"],
    ({ scope, name, host, prefix }) => {
      if (prefix !== undefined) return undefined; // of variables: only the command line has those
      return scope === "user"
        ? t("The user secret {0} is for {1} already: edit that one.", String(name), String(host))
        : t("The project secret {0} is for {1} already: edit that one.", String(name), String(host));
    },
  ],
  "secret-not-found": [[], () => t("That secret does not exist any more: it was deleted in another window.")],
  "secret-changed": [
    ["name"],
    ({ name }) => t("The secret {0} was changed in another window meanwhile.", String(name)),
  ],
  "empty-username": [["host"], ({ host }) => t("The registry username for {0} is empty.", String(host))],
  "empty-password": [["host"], ({ host }) => t("The registry password for {0} is empty.", String(host))],
  "no-devcontainer-json": [
    ["folder"],
    ({ folder, file }) =>
      file === undefined
        ? t("{0} has no devcontainer.json.", String(folder))
        : t("There is no file {0}.", String(file)),
  ],
  "invalid-devcontainer-json": [
    ["file", "problem"],
    ({ file, problem }) =>
      problem === "too-large"
        ? t("{0}: The devcontainer.json is larger than 1 MB.", String(file))
        : t(
            "{0}: The devcontainer.json does not contain a JSON object, or one nested more than 200 deep.",
            String(file),
          ),
  ],
  cancelled: [
    ["left"],
    ({ left }) =>
      Array.isArray(left)
        ? t("The creation of the environment was cancelled; this is left of it: {0}.", left.join(", "))
        : t("The creation of the environment was cancelled; what is left of it could not be removed."),
  ],
  "storage-unavailable": [[], ({ reason, detail }) => storageMessage(reason, detail?.toString())],
  "identity-token": [
    ["place", "display"],
    ({ place, display }) =>
      t("{0} is logged in to {1} with a token that only it can use.", String(place), String(display)),
  ],
  "login-not-found": [
    ["place", "display"],
    ({ place, display }) => t("{0} has no login for {1} any more.", String(place), String(display)),
  ],
  "helper-missing": [
    ["helper"],
    ({ helper }) =>
      t("Docker's config names the credential helper docker-credential-{0}, which is not on PATH.", String(helper)),
  ],
  "engine-missing": [
    ["program"],
    ({ program, problem }) =>
      problem === undefined ? t('The docker client "{0}" was not found.', String(program)) : undefined,
  ],
  "engine-unreachable": [["detail"], ({ detail }) => t("The container engine does not answer: {0}", String(detail))],
  "container-gone": [
    ["container"],
    ({ container }) => t("The container {0} is not running.", String(container).slice(0, 12)),
  ],
  "delivery-failed": [["reason", "container", "detail"], (facts) => deliveryMessage(facts)],
  "unknown-token-realm": [
    ["display", "realm"],
    ({ display, realm, agreement }) =>
      agreement === undefined
        ? t(
            "{0} sends its clients to {1} for a token over plain http, where anyone on the way can read it. The credential was not sent.",
            String(display),
            String(realm),
          )
        : t(
            "{0} sends its clients to {1} for a token, which is not known to belong to it. The credential was not sent.",
            String(display),
            String(realm),
          ),
  ],
  "creation-failed": [
    ["step"],
    ({ said, registries }) => {
      if (Array.isArray(registries))
        return t(
          "The environment was not created: {0} refuses the credential, and trying it again could lock the account.",
          registries.join(` ${t("and")} `),
        );
      return said === undefined ? undefined : t("The environment could not be created: {0}", String(said));
    },
  ],
  "program-missing": [
    ["program"],
    ({ program, missing }) =>
      missing === true ? t("{0} could not be started: it was not found.", String(program)) : undefined,
  ],
  "timed-out": [
    ["program", "seconds"],
    ({ program, seconds }) => t("{0} did not end within {1} seconds.", String(program), String(seconds)),
  ],
};

/** The sentence that says what failed. */
export function failureMessage({ code, facts, message }: Failure): string {
  const [needs, say] = MESSAGES[code] ?? [];
  const isKnown = needs?.every((name) => facts[name] !== undefined) === true;
  return (isKnown ? say?.(facts) : undefined) ?? message;
}

function deliveryMessage({
  reason,
  container,
  detail,
  seconds,
  user,
  setting,
  text,
  variables,
  exitCode,
}: Facts): Said {
  const [where, said, who] = [String(container), String(detail), String(user)];
  const names = Array.isArray(variables) ? variables.join(", ") : "";
  if (exitCode !== undefined)
    return said === ""
      ? t("The login hook in {0} ended with {1} and said nothing.", where, String(exitCode))
      : t("The login hook in {0} ended with {1}: {2}", where, String(exitCode), said);
  switch (reason) {
    case "install-failed":
      return t("The login hook could not be installed in {0}: {1}", where, said);
    case "timed-out":
      return seconds === undefined
        ? undefined
        : t("Nothing in {0} has answered within {1} seconds.", where, String(seconds));
    case "no-such-user":
      return t("{0} has no user {1}: {2}", where, who, said);
    case "unknown-variable":
      return t('{0} is "{1}", and what {2} stands for is not known here.', String(setting), String(text), names);
    case "variable-not-set":
      return t(
        '{0} is "{1}", and {2} has no value here: {3} is logged in instead.',
        String(setting),
        String(text),
        names,
        who,
      );
    default:
      return undefined; // the hook's own words
  }
}

function storageMessage(reason: unknown, detail: string | undefined): Said {
  switch (reason) {
    case "out-of-reach":
      return t("VS Code does not reach the keyring that holds the secrets: it is locked, or VS Code has not found it.");
    case "not-kept":
      return t(
        "VS Code has found no keyring: it keeps secrets in the memory of one window only, and those saved before are gone.",
      );
    case "discarded":
      return t("VS Code could not decrypt the secrets with the keyring as it is now, and has deleted them.");
    default:
      return detail === undefined ? undefined : t("The secret storage of VS Code cannot be used: {0}", detail);
  }
}

function nameProblem(name: string, problem: unknown): Said {
  switch (problem) {
    case "short":
      return t('"{0}" cannot be the name of a secret: it has fewer than 3 characters.', name);
    case "long":
      return t('"{0}" cannot be the name of a secret: it has more than 127 characters.', name);
    case "letters":
      return t('"{0}" cannot be the name of a secret: only letters A–Z, digits and underscores are allowed.', name);
    default:
      return undefined;
  }
}

function hostProblem(problem: HostProblem, value: string, written: unknown): string {
  switch (problem) {
    case "far-too-long":
      return t("The registry host is far too long.");
    case "empty":
      return t("The registry host is empty.");
    case "spaces":
      return t("A registry host cannot contain spaces or line breaks.");
    case "scheme":
      return t('"{0}" does not start the address of a container registry.', value);
    case "user":
      return t('A registry host cannot contain a user name or password (the part before "@").');
    case "no-brackets":
      return t('"{0}" looks like an IPv6 address, which must stand in brackets, as in "[2001:db8::1]:5000".', value);
    case "no-host":
      return t("This is not a host name with an optional port.");
    case "port-digits":
      return t("What follows the colon is not a port number.");
    case "port-range":
      return t('"{0}" is not a port: ports go from 1 to 65535.', value);
    case "no-name":
      return t("The registry host has no name before its port or path.");
    case "ipv6":
      return t('"{0}" is not an IPv6 address.', value);
    case "too-long":
      return t("The registry host is longer than 253 characters.");
    case "letters":
      return typeof written === "string"
        ? t('"{0}" contains letters that are not ASCII; Docker writes it "{1}".', value, written)
        : t('"{0}" contains letters that are not ASCII.', value);
    case "underscore":
      return t('"{0}" contains an underscore, which Docker does not accept in a host.', value);
    case "ipv4":
      return t('"{0}" is not an IPv4 address.', value);
    case "empty-part":
      return t('"{0}" has an empty part between its dots.', value);
    case "part":
      return t('"{0}" cannot be part of a host.', value);
  }
}
