import type { LintRemark } from "../domain/secret/lint";
import { expiryText } from "./expiryText";

/** A remark in one sentence. `now` is when it is read, in milliseconds since the epoch. */
export function lintText({ code, field, facts }: LintRemark, now: number): string {
  const host = String(facts["host"] ?? "the registry");
  switch (code) {
    case "host-with-path":
      return `Docker looks credentials up by host: saved as ${host}, for all of its repositories (not only ${String(facts["path"] ?? "")})`;
    case "host-unlike-image":
      return `An image of this workspace is at ${String(facts["image"] ?? "")}: to Docker that is another registry than ${host}.`;
    case "white-space":
      return "The white space around it is removed: Docker would send it.";
    case "quotes":
      return "The quotes around it would be sent to the registry, too.";
    case "placeholder":
      return "This is a placeholder, not the value itself.";
    case "login-command":
      return `This is a whole login command: paste only the ${field === "username" ? "username" : "password or token"}.`;
    case "runner-native-once":
      return "runner-native means the cloud's own identity, and stands in both fields.";
    case "swapped-fields":
      return "This looks like a token: it belongs into the next field.";
    case "email-for-docker-id":
      return "Docker Hub wants the Docker ID here: with the e-mail address it often refuses the login.";
    case "ecr-username":
      return "The username for a token of ECR is AWS.";
    case "ecr-access-key":
      return "ECR does not take an access key: use AWS and the output of aws ecr get-login-password, or runner-native.";
    case "acr-username":
      return "A service principal signs in with its application (client) id, a GUID.";
    case "acr-null-username":
      return "With an access token the username is 00000000-0000-0000-0000-000000000000.";
    case "gar-access-token-username":
      return "The username for an access token of Google is oauth2accesstoken.";
    case "gar-key-username":
      return "The username for a key file of Google is _json_key.";
    case "authorization-header":
      return "This is a whole Authorization header: paste only the token.";
    case "base64-of-login":
      return "This is base64 of a username and password, as config.json has it: paste the password itself.";
    case "fine-grained-token":
      return "GitHub's registry takes no fine-grained token: make a classic one with read:packages.";
    case "no-token":
      return "This does not look like a token of GitHub (ghp_…), and its registry takes no account passwords.";
    case "token-of-other-registry":
      return `This is a token of ${String(facts["owner"] ?? "another service")}, which ${host} does not know.`;
    case "gitlab-token-scope":
      return "The token needs the scope read_registry.";
    case "job-token":
      return "A job token dies with its CI job: use a deploy token.";
    case "ecr-no-token":
      return "This is no token of ECR: use the output of aws ecr get-login-password, or runner-native.";
    case "ecr-token":
      return "A token of ECR lives 12 hours. With runner-native there is nothing to renew.";
    case "access-token":
      return `An access token lives ${facts["hours"] === 1 ? "an hour" : `${String(facts["hours"] ?? "a few")} hours`}. With runner-native there is nothing to renew.`;
    case "json-key-no-json":
      return "_json_key wants the text of the key file, which is JSON.";
    case "json-key-is-base64":
      return "This is the key file in base64: its username is _json_key_base64.";
    case "json-key-not-base64":
      return "_json_key_base64 wants the key file in base64.";
    case "null-user-without-token":
      return "This username goes with an access token (az acr login --expose-token), which this is not.";
    case "expired":
    case "expires":
      return `This token ${expiryText(Number(facts["at"]), now)}.`;
  }
}
