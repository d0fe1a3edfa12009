import type { Delivery } from "../domain/delivery/deliverer";
import { failureLine } from "./failureText";

/** How a delivery went, in one line. */
export function deliveryLine({ environment, outcome }: Delivery): string {
  const { name } = environment.container;
  switch (outcome.kind) {
    case "delivered": {
      const hosts =
        outcome.hosts.length === 0 ? "logged out of everything" : `logged in to ${outcome.hosts.join(", ")}`;
      const skipped = outcome.skipped.length === 0 ? "" : ` (not to ${outcome.skipped.join(", ")}: runner-native)`;
      return `✓ ${name}: ${hosts}${skipped}`;
    }
    case "no-shell":
      return `– ${name}: the image has no shell, so nothing in it could log in`;
    case "gone":
      return `– ${name}: stopped meanwhile; it is logged in when it starts again`;
    case "failed":
      return `✗ ${name}: ${failureLine(outcome.failure)}`;
  }
}

/** Why a container that looks like an environment is not delivered to. */
export function candidateLine(
  container: string,
  why: "label-of-image" | "untrusted-folder" | "folder-not-mounted",
): string {
  switch (why) {
    case "label-of-image":
      return `${container} is not delivered to: only its image says that it belongs to this folder, and any image can say so.`;
    case "untrusted-folder":
      return `${container} is not delivered to: its folder is not one that you trust here.`;
    case "folder-not-mounted":
      return `${container} is not delivered to: it says that it belongs to this folder, but does not mount it.`;
  }
}
