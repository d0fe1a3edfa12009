import { Failure, isFailure, messageOf } from "../failure";
import type { Log } from "../log";
import type { Container } from "../environment/container";
import { recognise, type Environment, type Recognition, type Trust } from "../environment/environment";
import type { RegistrySecret } from "../secret/secret";
import { deliver, type DeliveryOutcome, type DeliveryPorts } from "./deliver";
import { desiredSet } from "./desiredSet";

export interface DelivererPorts extends DeliveryPorts {
  secrets(): Promise<readonly RegistrySecret[]>;
  /** Which containers are ours and which folders are trusted, now. */
  trust(): Promise<Trust>;
  /** The project that a folder of this machine belongs to. */
  projectOf(folder: string): Promise<string | undefined>;
  readonly log: Log;
}

export interface Delivery {
  readonly environment: Environment;
  readonly outcome: DeliveryOutcome;
}

/** What one round found: where it delivered, and containers that only look like environments. */
export interface DeliveryRound {
  readonly deliveries: readonly Delivery[];
  readonly candidates: readonly Candidate[];
}

/** A running container that says that it is an environment and cannot prove it. */
export interface Candidate {
  readonly container: Container;
  readonly recognition: Recognition & { readonly kind: "candidate" };
}

/** How many environments are delivered to at the same time: one that hangs must not hold up the others. */
const WIDTH = 8;

/** Keeps running environments logged in with what the store holds. Holds no state and no timers. */
export class Deliverer {
  readonly #ports: DelivererPorts;

  constructor(ports: DelivererPorts) {
    this.#ports = ports;
  }

  /**
   * Delivers to every running environment, or to those among `ids` (or in `folder`) only.
   * Throws `engine-unreachable`, `engine-missing`, `storage-unavailable`: then nothing was changed anywhere.
   */
  async deliver(
    only: { readonly ids?: readonly string[]; readonly folder?: string } = {},
    signal?: AbortSignal,
  ): Promise<DeliveryRound> {
    const { log } = this.#ports;
    const { environments, candidates } = await this.#find(only.ids);
    const wanted = environments.filter(({ folder }) => only.folder === undefined || folder === only.folder);
    if (wanted.length === 0) return { deliveries: [], candidates };

    const secrets = await this.#ports.secrets();
    const deliveries = await inParallel(WIDTH, wanted, async (environment): Promise<Delivery> => {
      const project = environment.folder === undefined ? undefined : await this.#ports.projectOf(environment.folder);
      const outcome = await deliver(environment, desiredSet(secrets, project), this.#ports, signal);
      log.info(`Delivery to ${environment.container.name}: ${outcome.kind}`);
      return { environment, outcome };
    });
    return { deliveries, candidates };
  }

  /** Running containers that say that they belong to `folder` (to any, if left out) and cannot prove it. */
  async candidates(folder?: string): Promise<Candidate[]> {
    const { candidates } = await this.#find();
    return candidates.filter(({ recognition }) => folder === undefined || recognition.folder === folder);
  }

  async #find(ids?: readonly string[]) {
    const { engine } = this.#ports;
    const trust = await this.#ports.trust();
    const containers = await (ids ? engine.inspect(ids) : engine.containers([...trust.containerIds]));
    const environments: Environment[] = [];
    const candidates: Candidate[] = [];
    for (const container of containers) {
      if (!container.running) continue;
      const recognition = recognise(container, trust);
      if (recognition.kind === "environment") environments.push(recognition.environment);
      if (recognition.kind === "candidate") candidates.push({ container, recognition });
    }
    return { environments, candidates };
  }

  /**
   * Delivers to each environment (in `folder`, if given) whenever it starts, until `signal` ends it; hands each round to
   * `onRound`. One that hangs does not hold up those that start after it.
   * Throws when the engine goes away: the caller decides when to try again.
   */
  async followStarts(
    onRound: (round: DeliveryRound) => void,
    signal: AbortSignal,
    only: { readonly folder?: string } = {},
  ): Promise<void> {
    const rounds = new Set<Promise<void>>();
    const afterStart = async (id: string) => {
      try {
        const round = await this.deliver({ ...only, ids: [id] }, signal);
        if (round.deliveries.length > 0 || round.candidates.length > 0) onRound(round);
      } catch (error) {
        if (!isFailure(error, "cancelled")) this.#ports.log.warn(`Delivery after a start failed: ${messageOf(error)}`);
      }
    };
    for await (const id of this.#ports.engine.starts(signal)) {
      const round = afterStart(id).finally(() => rounds.delete(round));
      rounds.add(round);
    }
    await Promise.all(rounds);
    if (!signal.aborted) throw new Failure("engine-unreachable", "The container engine ended its stream of events.");
  }
}

async function inParallel<T, R>(width: number, items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  const queue = items.entries();
  const worker = async () => {
    for (const [index, item] of queue) results[index] = await work(item);
  };
  await Promise.all(Array.from({ length: Math.min(width, items.length) }, worker));
  return results;
}
