import { Failure, isFailure } from "../../domain/failure";

/** Answers by key; see `sharing`. */
export type Sharing<T> = (key: string, work: () => Promise<T>, signal?: AbortSignal) => Promise<T>;

/**
 * Work that one caller does for all: who asks for the same key meanwhile or later gets the same answer. What fails is
 * forgotten, and what its caller cancelled is begun anew by the next who waits. `isFresh` says whether an answer of
 * before still counts.
 */
export function sharing<T>(isFresh: (value: T) => boolean = () => true): Sharing<T> {
  const known = new Map<string, Promise<T>>();
  return async (key, work, signal) => {
    for (;;) {
      const running = known.get(key);
      if (running === undefined) {
        const mine = work();
        known.set(key, mine);
        return await mine.catch((error: unknown) => {
          known.delete(key);
          throw error;
        });
      }
      try {
        const value = await unlessAborted(running, signal);
        if (isFresh(value)) return value;
        if (known.get(key) === running) known.delete(key);
      } catch (error) {
        if (!isFailure(error, "cancelled") || signal?.aborted === true) throw error;
        if (known.get(key) === running) known.delete(key);
      }
    }
  };
}

async function unlessAborted<T>(running: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return await running;
  let stop: () => void = () => undefined;
  const aborted = new Promise<never>((_resolve, reject) => {
    stop = () => reject(new Failure("cancelled", "Cancelled."));
    if (signal.aborted) stop();
    else signal.addEventListener("abort", stop, { once: true });
  });
  try {
    return await Promise.race([running, aborted]);
  } finally {
    signal.removeEventListener("abort", stop);
  }
}
