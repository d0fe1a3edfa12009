import type { Advice, AdviceReason } from "../domain/environment/advice";
import { parseRegistryHost } from "../domain/registry/host";
import { t } from "./words";

/** Why an environment should be created again, one sentence a reason; nothing where nothing helps. */
export function adviceLines(advice: Advice): string[] {
  return advice.kind === "nothing" ? [] : advice.reasons.map(adviceLine);
}

/** All of it in one line, for whoever works inside; undefined where nothing helps. */
export function adviceInOneLine(advice: Advice): string | undefined {
  return advice.kind === "nothing" ? undefined : adviceLines(advice).join(" ");
}

/** One reason, and what to do about it. */
export function adviceLine(reason: AdviceReason): string {
  switch (reason.kind) {
    case "secret-created":
      return t(
        "Recreate the environment: the secret {0} for {1} did not count when it was created.",
        reason.secret,
        nameOf(reason.host),
      );
    case "reference-changed": {
      const [from, to] = [reason.from.join(", "), reason.to.join(", ")];
      if (from === "") return t("Recreate the environment: its configuration names {0} now.", to);
      if (to === "") return t("Recreate the environment: its configuration does not name {0} any more.", from);
      return t(
        "Recreate the environment: its configuration names {0} now, and named {1} when it was created.",
        to,
        from,
      );
    }
    case "permission-changed":
      return t(
        "Recreate the environment: the cloud's own identity answers for {0} in another way now.",
        nameOf(reason.host),
      );
    case "creation-failed":
      return reason.host === undefined
        ? t("Create the environment again: the last creation failed.")
        : t(
            "Create the environment again: the last creation failed, and the credential for {0} has changed since.",
            nameOf(reason.host),
          );
  }
}

function nameOf(host: string): string {
  return parseRegistryHost(host).display;
}
