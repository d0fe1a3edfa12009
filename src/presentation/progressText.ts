import type { CreationEvent } from "../domain/environment/creation";

/** More than this does not fit into the line of a notification. */
const LONGEST_LINE = 100;
/** What the dev container CLI begins every command with. */
const BANNER = "@devcontainers/cli ";

/** What a progress notification says after each event: the step, and the last line that the tool wrote in it. */
export function progressText(): (event: CreationEvent) => string {
  let step = "";
  let line = "";
  return ({ kind, text }) => {
    const last =
      text
        .split("\n")
        .map((part) => part.trim())
        .findLast((part) => part !== "" && !part.startsWith(BANNER)) ?? "";
    if (kind === "step") {
      step = last;
      line = "";
    } else line = last.length > LONGEST_LINE ? `${last.slice(0, LONGEST_LINE - 1)}…` : last;
    return [step, line].filter((part) => part !== "").join(" — ");
  };
}
