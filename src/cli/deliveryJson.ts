import type { DeliveryOutcome } from "../domain/delivery/deliver";
import type { Failure } from "../domain/failure";

/** How a delivery went, with all that its failures say. */
export function outcomeAsJson(outcome: DeliveryOutcome): object {
  const plain = ({ code, message, facts }: Failure) => ({ code, message, facts });
  if (outcome.kind === "gone" || outcome.kind === "no-shell") return outcome;
  const troubles = outcome.troubles ? { troubles: outcome.troubles.map(plain) } : {};
  if (outcome.kind === "delivered") return { ...outcome, ...troubles };
  const { kind, failure, loggedIn } = outcome;
  return { kind, ...plain(failure), ...(loggedIn ? { loggedIn } : {}), ...troubles };
}
