import type { DeliveryOutcome } from "./deliver";

/** Runs a delivery to a container in its turn. */
export type Turn = (id: string, work: () => Promise<DeliveryOutcome>) => Promise<DeliveryOutcome>;

/**
 * Keeps deliveries to one container one after the other, and never lets an older one come after a younger: it would bring
 * back the secrets of before the last change.
 */
export class Order {
  #rounds = 0;
  readonly #last = new Map<string, { readonly round: number; readonly outcome: Promise<DeliveryOutcome> }>();

  /** A turn for a round that begins now, before it reads the secrets. */
  next(): Turn {
    const round = ++this.#rounds;
    return async (id, work) => {
      const last = this.#last.get(id);
      const outcome = (async () => {
        const before = await last?.outcome.catch(() => undefined);
        return last !== undefined && last.round > round && before !== undefined ? before : await work();
      })();
      const mine = { round: Math.max(round, last?.round ?? 0), outcome };
      this.#last.set(id, mine);
      try {
        return await outcome;
      } finally {
        if (this.#last.get(id) === mine) this.#last.delete(id);
      }
    };
  }
}
