import { Failure, isFailure, messageOf, type FailureCode } from "../failure";
import type { Log } from "../log";
import type { Container } from "../environment/container";
import { recognise, type Environment, type Recognition, type Trust } from "../environment/environment";
import { samePath } from "../environment/hostPath";
import type { RegistrySecret } from "../secret/secret";
import { deliver, type DeliveryOutcome, type DeliveryPorts } from "./deliver";
import { effectiveSecrets } from "../secret/effective";
import type { NativeTrouble } from "../secret/nativeIdentity";
import { nativeRequest, type LoginSource, type SecretLogin } from "../secret/nativeLogins";
import { recordAfter, waitAfter, type DeliveryRecord } from "./deliveryRecord";
import { desiredSet } from "./desiredSet";
import { Order, type Turn } from "./order";
import type { EnvironmentRecords } from "./records";

export interface DelivererPorts extends Omit<DeliveryPorts, "advice"> {
  /** For one round, which has these secrets: gives what to tell whoever works inside an environment, besides. */
  adviser?(secrets: readonly RegistrySecret[]): NonNullable<DeliveryPorts["advice"]>;
  secrets(): Promise<readonly RegistrySecret[]>;
  /** Which containers are ours and which folders are trusted, now. */
  trust(): Promise<Trust>;
  /** The project that a folder of this machine belongs to. */
  projectOf(folder: string): Promise<string | undefined>;
  /** Where it is noted how each delivery went. */
  readonly records: Pick<EnvironmentRecords, "deliveries" | "saveDelivery">;
  /** Milliseconds since the epoch. */
  now(): number;
  readonly log: Log;
  /** The clouds' logins for secrets that hold none. */
  readonly logins: Pick<LoginSource, "loginOf">;
  /** Whether those of runner-native secrets are delivered, too. By default they are not (specification). */
  deliversNative(): boolean;
}

type Minted = ReadonlyMap<string, SecretLogin | NativeTrouble>;

export interface Delivery {
  readonly environment: Environment;
  readonly outcome: DeliveryOutcome;
}

/** What one round found: where it delivered, and containers that only look like environments. */
export interface DeliveryRound {
  readonly deliveries: readonly Delivery[];
  readonly candidates: readonly Candidate[];
}

/** A container that says that it is an environment and cannot prove it. */
export interface Candidate {
  readonly container: Container;
  readonly recognition: Recognition & { readonly kind: "candidate" };
}

/** Which environments: those among `ids` or in `folder` only. */
export interface Only {
  readonly ids?: readonly string[];
  readonly folder?: string;
}

/** How many environments are delivered to at the same time: one that hangs must not hold up the others. */
const WIDTH = 8;
/** When a cloud is asked again that gave no login: somebody may have signed in meanwhile. */
const ASK_CLOUD_AGAIN_MS = 300_000;
/** Stands for all environments where others stand for one container. */
const ALL = "all";
/** What passes by itself: a round that failed for it is made again. What needs the person begins a round when it is there. */
const PASSING: readonly FailureCode[] = ["program-failed", "timed-out", "storage-unavailable"];

/**
 * Keeps running environments logged in with what the store holds. Has no timers: it knows what is due, and the caller says
 * when.
 */
export class Deliverer {
  readonly #ports: DelivererPorts;
  readonly #order = new Order();
  /** When to deliver again by container: what failed, and what a cloud gave for some hours. */
  readonly #due = new Map<string, number>();
  /** How many rounds in a row could not even begin, because the engine or the store did not answer. */
  readonly #missed = new Map<string, number>();
  /**
   * Those that ran when the engine was asked last: a change is brought to them first, before it is asked again. What makes
   * a container an environment stays as it is while it lives, but for memory that others may join later: none of these.
   */
  readonly #known = new Map<string, Container>();

  constructor(ports: DelivererPorts) {
    this.#ports = ports;
  }

  /**
   * Delivers to every running environment, or to some `only`.
   * Throws `engine-unreachable`, `engine-missing`, `storage-unavailable`: then nothing was changed anywhere.
   */
  async deliver(only: Only = {}, signal?: AbortSignal): Promise<DeliveryRound> {
    const whom = only.ids ?? [ALL];
    try {
      const round = await this.#round(only, signal);
      for (const one of whom) this.#missed.delete(one);
      if (!only.ids) this.#due.delete(ALL);
      return round;
    } catch (error) {
      // whoever follows an engine that went away begins anew when it is back, with all of them
      const passes = isFailure(error, ...PASSING) || (only.ids && isFailure(error, "engine-unreachable"));
      if (passes) for (const one of whom) this.#againLater(one);
      throw error;
    }
  }

  #againLater(one: string): void {
    const attempts = (this.#missed.get(one) ?? 0) + 1;
    this.#missed.set(one, attempts);
    this.#due.set(one, this.#ports.now() + waitAfter(attempts));
  }

  async #round(only: Only, signal?: AbortSignal): Promise<DeliveryRound> {
    const turn = this.#order.next();
    const trust = await this.#ports.trust();
    const before = new Map((await this.#ports.records.deliveries()).map((record) => [record.containerId, record]));
    const isWanted = ({ folder }: { readonly folder?: string }) => isOf(only.folder, folder);
    const bringTo = async (environments: readonly Environment[]): Promise<Delivery[]> => {
      if (environments.length === 0) return [];
      const secrets = await this.#ports.secrets();
      const advice = this.#ports.adviser?.(secrets);
      const ports = { ...this.#ports, ...(advice ? { advice } : {}) };
      return await inParallel(WIDTH, environments, async (environment) => {
        const previous = before.get(environment.container.id);
        return { environment, outcome: await this.#bring(environment, secrets, ports, turn, previous, signal) };
      });
    };
    const known = only.ids ? [] : recogniseAll([...this.#known.values()], trust).environments.filter(isWanted);
    const knownIds = new Set(known.map(({ container }) => container.id));
    const early = await bringTo(known);
    const { containers, environments, candidates } = await this.#find(trust, only.ids);
    await this.#forgetOthers(containers, before, only.ids);
    const late = await bringTo(environments.filter((found) => isWanted(found) && !knownIds.has(found.container.id)));
    const running = new Set(environments.map(({ container }) => container.id));
    return {
      deliveries: [...early.filter(({ environment }) => running.has(environment.container.id)), ...late],
      candidates: candidates.filter(({ recognition }) => isWanted(recognition)),
    };
  }

  async #bring(
    environment: Environment,
    secrets: readonly RegistrySecret[],
    ports: DeliveryPorts,
    turn: Turn,
    previous: DeliveryRecord | undefined,
    signal: AbortSignal | undefined,
  ): Promise<DeliveryOutcome> {
    const { id, name } = environment.container;
    const project = environment.folder === undefined ? undefined : await this.#ports.projectOf(environment.folder);
    return await turn(id, async () => {
      const minted = await this.#minted(secrets, project, signal);
      const made = await deliver(environment, desiredSet(secrets, project, minted), ports, signal);
      this.#ports.log.info(`Delivery to ${name}: ${made.kind}`);
      await this.#note(recordAfter(previous, id, made, this.#ports.now()));
      if (made.kind === "delivered") this.#renew(id, minted);
      return made;
    });
  }

  /** Running containers that say that they belong to `folder` (to any, if left out) and cannot prove it. */
  async candidates(folder?: string): Promise<Candidate[]> {
    const { candidates } = await this.#find(await this.#ports.trust());
    return candidates.filter(({ recognition }) => isOf(folder, recognition.folder));
  }

  /** When the next delivery is due: one that failed, or of a login that is to be renewed; undefined if none is. */
  get retryAt(): number | undefined {
    return this.#due.size === 0 ? undefined : Math.min(...this.#due.values());
  }

  /** Tries again what is due. Throws as `deliver` does. */
  async retry(only: Pick<Only, "folder"> = {}, signal?: AbortSignal): Promise<DeliveryRound> {
    const now = this.#ports.now();
    const ids = [...this.#due].filter(([, at]) => at <= now).map(([id]) => id);
    if (ids.length === 0) return { deliveries: [], candidates: [] };
    // in the meantime it is nobody's turn; after a round that cannot be made, it is theirs again
    for (const id of ids) this.#due.delete(id);
    return await this.deliver(ids.includes(ALL) ? only : { ...only, ids }, signal);
  }

  /**
   * Delivers to each environment (in `folder`, if given) whenever it starts or goes on, and notes that one has stopped,
   * until `signal` ends it; hands each round to `onRound`, and calls `onEvent` after whatever happened to one that may be
   * one. One that hangs does not hold up those that start after it.
   * Throws when the engine goes away: the caller decides when to try again.
   */
  async follow(
    onRound: (round: DeliveryRound) => void | Promise<void>,
    signal: AbortSignal,
    { onEvent = () => undefined, ...only }: Pick<Only, "folder"> & { readonly onEvent?: () => void } = {},
  ): Promise<void> {
    const rounds = new Set<Promise<void>>();
    const afterStart = async (id: string) => {
      try {
        const round = await this.deliver({ ...only, ids: [id] }, signal);
        if (round.deliveries.length > 0 || round.candidates.length > 0) await onRound(round);
      } catch (error) {
        if (!isFailure(error, "cancelled")) this.#ports.log.warn(`Delivery after a start failed: ${messageOf(error)}`);
      }
    };
    for await (const { id, kind, isLabelled } of this.#ports.engine.events(signal)) {
      // what others do on this machine costs nothing
      if (!isLabelled && !(await this.#ports.trust()).containerIds.has(id)) continue;
      if (kind !== "started") {
        await this.#ended(id, kind);
        onEvent();
        continue;
      }
      const round = afterStart(id).finally(() => {
        rounds.delete(round);
        onEvent();
      });
      rounds.add(round);
    }
    await Promise.all(rounds);
    if (!signal.aborted) throw new Failure("engine-unreachable", "The container engine ended its stream of events.");
  }

  async #find(trust: Trust, ids?: readonly string[]) {
    const { engine } = this.#ports;
    const containers = await (ids ? engine.inspect(ids) : engine.containers([...trust.containerIds]));
    const found = recogniseAll(containers, trust);
    if (!ids) this.#known.clear();
    for (const { container } of found.environments)
      if (container.ipcMode === "private") this.#known.set(container.id, container);
    return { containers, ...found };
  }

  /** What happened to containers while nobody followed them. */
  async #forgetOthers(
    containers: readonly Container[],
    records: ReadonlyMap<string, DeliveryRecord>,
    ids: readonly string[] = [...records.keys()],
  ): Promise<void> {
    for (const id of ids) {
      if (!records.has(id)) continue;
      const container = containers.find((found) => found.id === id);
      if (container === undefined) await this.#ended(id, "removed");
      else if (!container.running && records.get(id)?.outcome !== "gone") await this.#ended(id, "stopped");
    }
  }

  /** The memory of a container ends with it, so nothing is delivered in it any more. */
  async #ended(id: string, kind: "stopped" | "removed"): Promise<void> {
    this.#due.delete(id);
    this.#missed.delete(id);
    this.#known.delete(id);
    const known = (await this.#ports.records.deliveries()).some(({ containerId }) => containerId === id);
    if (!known) return;
    if (kind === "removed") await this.#save(id, undefined);
    else await this.#save(id, recordAfter(undefined, id, { kind: "gone" }, this.#ports.now()));
  }

  async #note(record: DeliveryRecord): Promise<void> {
    const { containerId, nextAttemptAt } = record;
    if (nextAttemptAt === undefined) this.#due.delete(containerId);
    else this.#due.set(containerId, nextAttemptAt);
    await this.#save(containerId, record);
  }

  /** What the clouds answer for the secrets that an environment of the project shall have, by id; all are asked at once. */
  async #minted(
    secrets: readonly RegistrySecret[],
    project: string | undefined,
    signal?: AbortSignal,
  ): Promise<Minted> {
    const { logins } = this.#ports;
    const asked = [...effectiveSecrets(secrets, project).values()].flatMap(({ secret }) => {
      const request = nativeRequest(secret);
      const isWanted = request && (request.accessKey !== undefined || this.#ports.deliversNative());
      return isWanted ? [secret] : [];
    });
    const answer = async (secret: RegistrySecret) => [secret.id, await logins.loginOf(secret, signal)] as const;
    return new Map(await Promise.all(asked.map(answer)));
  }

  /** Short-lived logins are delivered anew before they end, and missing ones asked for again. */
  #renew(id: string, minted: Minted): void {
    const times = [...minted.values()].flatMap((answer) =>
      answer.kind === "login" ? (answer.renewAt ?? []) : this.#ports.now() + ASK_CLOUD_AGAIN_MS,
    );
    if (times.length > 0) this.#due.set(id, Math.min(...times));
  }

  /** What cannot be noted is no reason to log nobody in. */
  async #save(id: string, record: DeliveryRecord | undefined): Promise<void> {
    try {
      await this.#ports.records.saveDelivery(id, record);
    } catch (error) {
      this.#ports.log.warn(`How the delivery to ${id.slice(0, 12)} went could not be noted: ${messageOf(error)}`);
    }
  }
}

/** True if an environment of `folder` is wanted where those of `wanted` are; of any, if that is left out. */
function isOf(wanted: string | undefined, folder: string | undefined): boolean {
  return wanted === undefined || (folder !== undefined && samePath(folder, wanted));
}

function recogniseAll(containers: readonly Container[], trust: Trust) {
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

async function inParallel<T, R>(width: number, items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  const queue = items.entries();
  const worker = async () => {
    for (const [index, item] of queue) results[index] = await work(item);
  };
  await Promise.all(Array.from({ length: Math.min(width, items.length) }, worker));
  return results;
}
