import type { Failure, FailureCode } from "../domain/failure";
import { failureMessage } from "./failureMessages";
import { t } from "./words";

/** What a person reads of a failure: what failed, and what to do next. */
export interface FailureText {
  readonly message: string;
  readonly next: string;
}

/** The next step for each code. */
const NEXT: Record<FailureCode, (facts: Failure["facts"]) => string> = {
  "invalid-image-reference": () => t("Write it as registry/repository:tag, with the repository in lower case."),
  "invalid-registry-host": () => t("Give the bare host, such as ghcr.io or registry.example.com:5000."),
  "invalid-secret-name": () => t("Use 3 to 127 letters, digits and underscores."),
  "secret-name-taken": () => t("Choose another name, or edit the secret that has it."),
  "secret-host-taken": ({ name }) => t("Edit {0}, or delete it first.", String(name)),
  "secret-not-found": () => t("Look at the list again: it has been refreshed."),
  "secret-changed": () => t("Look at it again, then edit it once more."),
  "empty-username": () => t("Enter the username that the registry knows."),
  "empty-password": () => t("Enter the password or access token."),
  "runner-native-not-supported": () => t("Enter a username and a password or access token."),
  "invalid-policy-value": ({ field }) => t("Give another {0}.", String(field)),
  "incomplete-triplet": () => t("Set the missing variable, or unset the others."),
  "invalid-secrets-file": () => t("Repair the file or give another one with --secrets-file."),
  "invalid-devcontainer-json": () => t("Repair the file: it must hold one JSON object (comments are fine)."),
  "no-devcontainer-json": () => t("Create .devcontainer/devcontainer.json there, or name another folder."),
  "several-devcontainer-json": () => t("Name the one to use with --config."),
  "invalid-dockerfile": () => t("Repair the Dockerfile."),
  "invalid-compose-file": () => t("Repair the Compose file."),
  "invalid-docker-config": () => t("Repair Docker's config.json: it must be plain JSON without comments."),
  "invalid-challenge": () => t("Check that the host is a container registry."),
  "wrong-use": () => t("See registry-secrets --help."),
  "storage-unavailable": ({ reason }) => storageNext(reason),
  "storage-corrupt": () => t("Delete the secret and create it again."),
  "identity-token": () => t("Make a password or an access token for it, and create a secret with that."),
  "login-not-found": () => t("Log in again, or create a secret with the username and password."),
  "helper-missing": ({ helper }) =>
    t("Install docker-credential-{0}, or remove it from Docker's config.json.", String(helper)),
  "helper-failed": () => t("Run the helper by hand to see what it needs."),
  "engine-missing": () =>
    t(
      "Install Docker, or name the client that you use (setting registrySecrets.dockerPath, on the command line REGISTRY_SECRETS_DOCKER).",
    ),
  "engine-unreachable": () => t("Start Docker and try again."),
  "container-gone": () => t("Start the environment and try again."),
  "no-shell": () => t("Nothing to do: an image without a shell has nothing that could log in."),
  "delivery-failed": ({ next, reason }) => (typeof next === "string" ? next : deliveryNext(reason)),
  "unknown-token-realm": ({ agreement, host }) =>
    typeof agreement === "string"
      ? t("If that server is right, agree to it: --allow-auth-host {0}", agreement)
      : t("Ask whoever runs {0} to give out its tokens over https.", String(host)),
  "creation-failed": ({ reason, step }) => {
    if (step === "preflight") return t("Correct the credential first.");
    return typeof reason === "string" ? t("The tool said: {0}", reason) : t("See the log for the reason.");
  },
  "program-failed": () => t("See the log for its output."),
  "program-missing": ({ program }) => t("Install {0} or put it on PATH.", String(program)),
  "timed-out": () => t("Try again; if it stays so, see the log."),
  "too-large": () => t("Check that the file is the right one."),
  cancelled: ({ left }) =>
    left === undefined ? t("Nothing to do.") : t("Remove it by hand, or create the environment again."),
  "untrusted-workspace": () => t("Trust the workspace first (command: Workspaces: Manage Workspace Trust)."),
};

function deliveryNext(reason: unknown): string {
  switch (reason) {
    case "no-such-user":
      return t("Name a user of the image as remoteUser, or recreate the environment.");
    case "unknown-variable":
      return t(
        "Write the value itself into devcontainer.json, or use ${localEnv:…}, ${containerEnv:…} or ${containerWorkspaceFolder}.",
      );
    case "variable-not-set":
      return t(
        "If that is wrong, give it a value where this program runs, or write a default: ${localEnv:NAME:default}.",
      );
    default:
      return t("It is tried again at the next change or start.");
  }
}

function storageNext(reason: unknown): string {
  switch (reason) {
    case "out-of-reach":
      return t(
        "Unlock the keyring, then quit VS Code and start it again: it asks the keyring once, when it starts. What the keyring holds is not touched.",
      );
    case "not-kept":
      return t("Set up a keyring, then quit VS Code and start it again; or start with an empty list.");
    case "discarded":
      return t("Start with an empty list, and create them again.");
    default:
      return t("Unlock the keyring of this machine and try again. Nothing was changed.");
  }
}

/** The failure as a person reads it, wherever it is shown. */
export function failureText(failure: Failure): FailureText {
  return { message: failureMessage(failure), next: NEXT[failure.code](failure.facts) };
}

/** Both sentences as one text. */
export function failureLine(failure: Failure): string {
  const { message, next } = failureText(failure);
  return `${message.replace(/([^.!?:)])$/, "$1.")} ${next}`;
}
