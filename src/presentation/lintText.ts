import type { LintRemark } from "../domain/secret/lint";
import { expiryText } from "./expiryText";
import { t } from "./words";

/** A remark in one sentence. `now` is when it is read, in milliseconds since the epoch. */
export function lintText({ code, field, facts }: LintRemark, now: number): string {
  const host = String(facts["host"] ?? t("the registry"));
  switch (code) {
    case "host-with-path":
      return t(
        "Docker looks credentials up by host: saved as {0}, for all of its repositories (not only {1})",
        host,
        String(facts["path"] ?? ""),
      );
    case "host-unlike-image":
      return t(
        "An image of this workspace is at {0}: to Docker that is another registry than {1}.",
        String(facts["image"] ?? ""),
        host,
      );
    case "white-space":
      return t("The white space around it is removed: Docker would send it.");
    case "quotes":
      return t("The quotes around it would be sent to the registry, too.");
    case "placeholder":
      return t("This is a placeholder, not the value itself.");
    case "login-command":
      return field === "username"
        ? t("This is a whole login command: paste only the username.")
        : t("This is a whole login command: paste only the password or token.");
    case "runner-native-once":
      return t("runner-native means the cloud's own identity, and stands in both fields.");
    case "runner-native-elsewhere":
      return t(
        "runner-native exists for AWS ECR, Google Artifact Registry and Azure Container Registry only: enter a username.",
      );
    case "swapped-fields":
      return t("This looks like a token: it belongs into the next field.");
    case "email-for-docker-id":
      return t("Docker Hub wants the Docker ID here: with the e-mail address it often refuses the login.");
    case "ecr-username":
      return t("The username for a token of ECR is AWS.");
    case "ecr-access-key":
      return t("AWS swaps this access key for a token of ECR, again and again; the registry never gets the key.");
    case "ecr-temporary-key":
      return t("A temporary access key is of no use without its session token: use runner-native.");
    case "acr-username":
      return t("A service principal signs in with its application (client) id, a GUID.");
    case "acr-null-username":
      return t("With an access token the username is 00000000-0000-0000-0000-000000000000.");
    case "gar-access-token-username":
      return t("The username for an access token of Google is oauth2accesstoken.");
    case "gar-key-username":
      return t("The username for a key file of Google is _json_key.");
    case "authorization-header":
      return t("This is a whole Authorization header: paste only the token.");
    case "base64-of-login":
      return t("This is base64 of a username and password, as config.json has it: paste the password itself.");
    case "fine-grained-token":
      return t("GitHub's registry takes no fine-grained token: make a classic one with read:packages.");
    case "no-token":
      return t("This does not look like a token of GitHub (ghp_…), and its registry takes no account passwords.");
    case "token-of-other-registry":
      return t(
        "This is a token of {0}, which {1} does not know.",
        String(facts["owner"] ?? t("another service")),
        host,
      );
    case "gitlab-token-scope":
      return t("The token needs the scope read_registry.");
    case "job-token":
      return t("A job token dies with its CI job: use a deploy token.");
    case "ecr-no-token":
      return t("This is no token of ECR: use the output of aws ecr get-login-password, or runner-native.");
    case "ecr-token":
      return t("A token of ECR lives 12 hours. With runner-native there is nothing to renew.");
    case "access-token":
      if (facts["hours"] === 1)
        return t("An access token lives an hour. With runner-native there is nothing to renew.");
      return t(
        "An access token lives {0} hours. With runner-native there is nothing to renew.",
        String(facts["hours"] ?? t("a few")),
      );
    case "json-key-no-json":
      return t("_json_key wants the text of the key file, which is JSON.");
    case "json-key-is-base64":
      return t("This is the key file in base64: its username is _json_key_base64.");
    case "json-key-not-base64":
      return t("_json_key_base64 wants the key file in base64.");
    case "null-user-without-token":
      return t("This username goes with an access token (az acr login --expose-token), which this is not.");
    case "expired":
    case "expires":
      return t("This token {0}.", expiryText(Number(facts["at"]), now));
  }
}
