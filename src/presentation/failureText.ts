import type { Failure, FailureCode } from "../domain/failure";

/** What a person reads of a failure: what failed, and what to do next. */
export interface FailureText {
  readonly message: string;
  readonly next: string;
}

/** The next step for each code; the message is the failure's own sentence. */
const NEXT: Record<FailureCode, (facts: Failure["facts"]) => string> = {
  "invalid-image-reference": () => "Write it as registry/repository:tag, with the repository in lower case.",
  "invalid-registry-host": () => "Give the bare host, such as ghcr.io or registry.example.com:5000.",
  "invalid-secret-name": () => "Use 3 to 127 letters, digits and underscores.",
  "secret-name-taken": () => "Choose another name, or edit the secret that has it.",
  "secret-host-taken": ({ name }) => `Edit ${String(name)}, or delete it first.`,
  "secret-not-found": () => "Look at the list again: it has been refreshed.",
  "empty-username": () => "Enter the username that the registry knows.",
  "empty-password": () => "Enter the password or access token.",
  "runner-native-not-supported": () => "Enter a username and a password or access token.",
  "incomplete-triplet": () => "Set the missing variable, or unset the others.",
  "invalid-secrets-file": () => "Repair the file or give another one with --secrets-file.",
  "invalid-devcontainer-json": () => "Repair the file: it must hold one JSON object (comments are fine).",
  "no-devcontainer-json": () => "Create .devcontainer/devcontainer.json there, or name another folder.",
  "several-devcontainer-json": () => "Name the one to use with --config.",
  "invalid-dockerfile": () => "Repair the Dockerfile.",
  "invalid-compose-file": () => "Repair the Compose file.",
  "invalid-docker-config": () => "Repair Docker's config.json: it must be plain JSON without comments.",
  "invalid-challenge": () => "Check that the host is a container registry.",
  "wrong-use": () => "See registry-secrets --help.",
  "storage-unavailable": () => "Unlock the keyring of this machine and try again. Nothing was changed.",
  "storage-corrupt": () => "Delete the secret and create it again.",
  "helper-missing": ({ helper }) =>
    `Install docker-credential-${String(helper)}, or remove it from Docker's config.json.`,
  "helper-failed": () => "Run the helper by hand to see what it needs.",
  "engine-missing": () =>
    "Install Docker, or name the client that you use (setting registrySecrets.dockerPath, on the command line REGISTRY_SECRETS_DOCKER).",
  "engine-unreachable": () => "Start Docker and try again.",
  "container-gone": () => "Start the environment and try again.",
  "no-shell": () => "Nothing to do: an image without a shell has nothing that could log in.",
  "delivery-failed": ({ next }) => (typeof next === "string" ? next : "It is tried again at the next change or start."),
  "unknown-token-realm": ({ agreement, host }) =>
    typeof agreement === "string"
      ? `If that server is right, agree to it: --allow-auth-host ${agreement}`
      : `Ask whoever runs ${String(host)} to give out its tokens over https.`,
  "creation-failed": ({ reason, step }) => {
    if (step === "preflight") return "Correct the credential first.";
    return typeof reason === "string" ? `The tool said: ${reason}` : "See the log for the reason.";
  },
  "program-failed": () => "See the log for its output.",
  "program-missing": ({ program }) => `Install ${String(program)} or put it on PATH.`,
  "timed-out": () => "Try again; if it stays so, see the log.",
  "too-large": () => "Check that the file is the right one.",
  cancelled: () => "Nothing to do.",
  "untrusted-workspace": () => "Trust the workspace first (command: Workspaces: Manage Workspace Trust).",
};

/** The failure as a person reads it, wherever it is shown. */
export function failureText(failure: Failure): FailureText {
  return { message: failure.message, next: NEXT[failure.code](failure.facts) };
}

/** Both sentences as one text. */
export function failureLine(failure: Failure): string {
  const { message, next } = failureText(failure);
  return `${message.replace(/([^.!?:)])$/, "$1.")} ${next}`;
}
