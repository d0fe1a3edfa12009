import type { CreationEvent, CreationStep } from "../domain/environment/creation";
import { t } from "./words";

/** More than this does not fit into the line of a notification. */
const LONGEST_LINE = 100;
/** What the dev container CLI begins every command with. */
const BANNER = "@devcontainers/cli ";

/** What a progress notification says after each event: the step, and the last line that the tool wrote in it. */
export function progressText(): (event: CreationEvent) => string {
  let step = "";
  let line = "";
  return (event) => {
    if (event.kind === "step") {
      step = stepText(event);
      line = "";
    } else {
      const last = lastLine(event.text);
      line = last.length > LONGEST_LINE ? `${last.slice(0, LONGEST_LINE - 1)}…` : last;
    }
    return [step, line].filter((part) => part !== "").join(" — ");
  };
}

/** A step of a creation as a person reads it; what the tool names itself stays in its words. */
export function stepText({ code, detail = "", text }: CreationStep): string {
  switch (code) {
    case "starting-over":
      return t("The last creation was interrupted: starting over");
    case "logging-in":
      return t("Logging in inside the environment");
    case "pulling":
      return t("Pulling {0}", detail);
    case "building":
      return t("Building the image");
    case "starting":
      return t("Starting the container");
    case "running":
      return t("Running {0}", detail);
    default:
      return lastLine(text);
  }
}

function lastLine(text: string): string {
  const lines = text.split("\n").map((part) => part.trim());
  return lines.findLast((part) => part !== "" && !part.startsWith(BANNER)) ?? "";
}
