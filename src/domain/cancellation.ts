import { Failure } from "./failure";

/** Throws the `cancelled` failure if `signal` was aborted. */
export function throwIfCancelled(signal: AbortSignal | undefined): void {
  if (signal?.aborted === true) throw new Failure("cancelled", "Cancelled.");
}
