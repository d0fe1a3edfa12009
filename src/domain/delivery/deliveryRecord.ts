import * as z from "zod/mini";
import type { FailureCode, FailureFacts } from "../failure";
import type { DeliveryOutcome, HookWarning } from "./deliver";

/** What was delivered to one container, when, and with what outcome: no values, and no hashes of values. */
export interface DeliveryRecord {
  readonly containerId: string;
  /** The last attempt, in milliseconds since the epoch. */
  readonly at: number;
  readonly outcome: DeliveryOutcome["kind"];
  /** Docker's keys of the registries that it is logged in to. */
  readonly hosts: readonly string[];
  /** Runner-native, and left out on purpose. */
  readonly skipped: readonly string[];
  /** Those for which the cloud gave no login. */
  readonly withheld?: readonly string[];
  readonly failure?: { readonly code: FailureCode; readonly message: string; readonly facts: FailureFacts };
  /** What the hook found besides, such as a dead credential store that harms legacy builds. */
  readonly warnings?: readonly HookWarning[];
  /** How many in a row have failed. */
  readonly attempts: number;
  /** When a failed delivery is tried again. */
  readonly nextAttemptAt?: number;
}

/** Between attempts that fail: an installed hook may be repaired at any time, a full disk emptied. */
const BACK_OFF_MS = [5_000, 15_000, 60_000, 300_000, 900_000];

/** How long to wait after that many attempts that failed. */
export function waitAfter(attempts: number): number {
  return BACK_OFF_MS[Math.min(attempts, BACK_OFF_MS.length) - 1] ?? 0;
}

/** What is known of a container after another delivery to it; `previous` is what was known before, if anything. */
export function recordAfter(
  previous: DeliveryRecord | undefined,
  containerId: string,
  outcome: DeliveryOutcome,
  now: number,
): DeliveryRecord {
  const attempted = { containerId, at: now, outcome: outcome.kind };
  switch (outcome.kind) {
    case "delivered":
      return {
        ...attempted,
        hosts: outcome.hosts,
        skipped: outcome.skipped,
        ...(outcome.withheld === undefined ? {} : { withheld: outcome.withheld.map(({ host }) => host) }),
        ...(outcome.warnings === undefined ? {} : { warnings: outcome.warnings }),
        attempts: 0,
      };
    case "no-shell":
    case "gone":
      return { ...attempted, hosts: [], skipped: [], attempts: 0 };
    case "failed": {
      const { code, message, facts } = outcome.failure;
      const attempts = (previous?.attempts ?? 0) + 1;
      // the set that was delivered last stays in the container
      const { hosts = [], skipped = [] } = previous ?? {};
      const failure = { code, message, facts };
      return { ...attempted, hosts, skipped, failure, attempts, nextAttemptAt: now + waitAfter(attempts) };
    }
  }
}

const Facts = z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.array(z.string())]));

/** The form in which records are stored; older and newer versions of the program must read it. */
export const StoredDelivery = z.object({
  containerId: z.string(),
  at: z.number(),
  outcome: z.enum(["delivered", "no-shell", "gone", "failed"]),
  hosts: z.array(z.string()),
  skipped: z.array(z.string()),
  withheld: z.optional(z.array(z.string())),
  failure: z.optional(z.object({ code: z.string(), message: z.string(), facts: Facts })),
  warnings: z.optional(z.array(z.object({ code: z.string(), message: z.string() }))),
  attempts: z.number(),
  nextAttemptAt: z.optional(z.number()),
});
