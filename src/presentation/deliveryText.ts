import type { DeliveryOutcome } from "../domain/delivery/deliver";
import type { Delivery } from "../domain/delivery/deliverer";
import type { Failure } from "../domain/failure";
import { nativeRegistry } from "../domain/registry/catalog";
import { failureLine } from "./failureText";
import { signInInsideText, withheldText } from "./nativeText";
import { t } from "./words";

/** How a delivery went: in one line, and one for each login that a cloud does not give and each user that is left out. */
export function deliveryLines(delivery: Delivery): string[] {
  const { environment, outcome } = delivery;
  const { name } = environment.container;
  const withheld = outcome.kind === "delivered" ? (outcome.withheld ?? []) : [];
  const loggedIn = outcome.kind === "failed" ? (outcome.loggedIn ?? []) : [];
  const troubles = outcome.kind === "delivered" || outcome.kind === "failed" ? (outcome.troubles ?? []) : [];
  return [
    deliveryLine(delivery),
    ...(loggedIn.length === 0 ? [] : [t("– {0}: only {1} is logged in", name, loggedIn.join(", "))]),
    ...withheld.map((one) => `! ${withheldText(one)}`),
    ...troubles.map((trouble) => `! ${name}: ${troubleText(trouble)}`),
  ];
}

function troubleText(trouble: Failure): string {
  const { user, reason } = trouble.facts;
  const line = failureLine(trouble);
  return reason === "variable-not-set" ? line : t("{0} is not logged in: {1}", String(user), line);
}

function deliveryLine({ environment, outcome }: Delivery): string {
  const { name } = environment.container;
  switch (outcome.kind) {
    case "delivered": {
      const hosts = outcome.hosts.join(", ");
      const skipped = outcome.skipped.join(", ");
      if (hosts === "") {
        if (outcome.withheld !== undefined) return t("– {0}: logged in to nothing", name);
        return skipped === ""
          ? t("✓ {0}: logged out of everything", name)
          : t("✓ {0}: not logged in to {1} (runner-native)", name, skipped);
      }
      return skipped === ""
        ? t("✓ {0}: logged in to {1}", name, hosts)
        : t("✓ {0}: logged in to {1} (not to {2}: runner-native)", name, hosts, skipped);
    }
    case "no-shell":
      return t("– {0}: the image has no shell, so nothing in it could log in", name);
    case "gone":
      return t("– {0}: stopped meanwhile; it is logged in when it starts again", name);
    case "failed":
      return t("✗ {0}: {1}", name, failureLine(outcome.failure));
  }
}

/**
 * What is said of an environment that was created or started, by how the login inside went (undefined: it is none to
 * deliver to).
 */
export function readyText(
  name: string,
  outcome: DeliveryOutcome | undefined,
): { readonly text: string; readonly isWrong: boolean } {
  switch (outcome?.kind) {
    case "delivered": {
      const { hosts, skipped, withheld = [] } = outcome;
      const ready =
        hosts.length > 0
          ? t("The environment of {0} is ready, and logged in inside: {1}.", name, hosts.join(", "))
          : withheld.length + skipped.length > 0
            ? t("The environment of {0} is ready, and not logged in to anything inside.", name)
            : t("The environment of {0} is ready. There is no secret to log in with inside.", name);
      const missing = [
        ...withheld.map(withheldText),
        ...(skipped.length > 0 ? [t("Not logged in to {0} (runner-native).", skipped.join(", "))] : []),
      ];
      return { text: [ready, ...missing].join(" "), isWrong: withheld.length > 0 };
    }
    case "failed": {
      const reason = failureLine(outcome.failure);
      return {
        text: t("The environment of {0} is ready, but the login inside failed: {1}", name, reason),
        isWrong: true,
      };
    }
    case "no-shell":
      return {
        text: t("The environment of {0} is ready. Its image has no shell, so nothing in it could log in.", name),
        isWrong: false,
      };
    case "gone":
    case undefined:
      return { text: t("The environment of {0} is ready, and not logged in inside yet.", name), isWrong: false };
  }
}

/** Of a Compose project only one service is the environment; undefined where there is no other. */
export function otherServicesLine(container: string, others: readonly string[] = []): string | undefined {
  if (others.length === 0) return undefined;
  return t("{0}: nothing is delivered to the other services of its Compose project: {1}", container, others.join(", "));
}

/** For each registry of a cloud that nobody is logged in to inside on purpose: how to log in there. */
export function insideLines({ outcome }: Delivery): string[] {
  if (outcome.kind !== "delivered") return [];
  return outcome.skipped.flatMap((host) => {
    const registry = nativeRegistry(host);
    return registry === undefined ? [] : [signInInsideText(host, registry)];
  });
}

/** Why a container that looks like an environment is not delivered to. */
export function candidateLine(
  container: string,
  why: "label-of-image" | "untrusted-folder" | "folder-not-mounted",
): string {
  switch (why) {
    case "label-of-image":
      return t(
        "{0} is not delivered to: only its image says that it belongs to this folder, and any image can say so.",
        container,
      );
    case "untrusted-folder":
      return t("{0} is not delivered to: its folder is not one that you trust here.", container);
    case "folder-not-mounted":
      return t("{0} is not delivered to: it says that it belongs to this folder, but does not mount it.", container);
  }
}
