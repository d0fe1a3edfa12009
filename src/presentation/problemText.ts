import type { WorkspaceProblem } from "../domain/image/problems";
import { relativeTo } from "./findingText";
import { t } from "./words";

/** What stands in the way of reading a file, as a person reads it: where, as seen from `folder`, and what. */
export function problemText(
  folder: string,
  problem: WorkspaceProblem,
): { readonly place: string; readonly text: string } {
  const { file, line } = problem;
  return { place: `${relativeTo(folder, file)}${line === undefined ? "" : `:${line}`}`, text: textOf(problem) };
}

function textOf({ code, detail = "", message }: WorkspaceProblem): string {
  if (code === undefined) return message;
  switch (code) {
    case "syntax":
      return t("The JSON is malformed here ({0}).", detail);
    case "yaml":
      return t("The YAML is malformed here ({0}).", detail);
    case "wrong-type":
      return t("{0} has a value of the wrong kind.", detail);
    case "expected-string":
      return t("Here stands {0} where a string is expected.", detail);
    case "expected-object":
      return t("Here stands {0} where an object is expected.", detail);
    case "invalid-feature":
      return t('"{0}" is not the name of a Feature.', detail);
    case "no-service":
      return t('The Compose files have no service "{0}".', detail);
    case "no-service-named":
      return t("No service is named, so the dev container CLI would not know which to use.");
    case "no-service-image":
      return t('The service "{0}" has neither an image nor a build.', detail);
    case "no-image":
      return t("Neither an image nor a Dockerfile nor a Compose file is named.");
    case "no-file":
      return t("There is no file {0}.", detail);
    case "no-object":
      return t("It does not contain a JSON object, or one nested more than 200 deep.");
    case "too-large":
      return t("It is larger than 1 MB.");
  }
}
