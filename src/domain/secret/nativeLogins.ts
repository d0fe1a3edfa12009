import { Failure } from "../failure";
import type { Redacted } from "../redacted";
import { cloudOf, googleUniverse, nativeRegistry, type Cloud } from "../registry/catalog";
import type { RegistryHost } from "../registry/host";
import {
  nativeTrouble,
  type AccessKey,
  type NativeIdentity,
  type NativeIdentityInfo,
  type NativeRequest,
  type NativeTrouble,
} from "./nativeIdentity";
import type { RegistrySecret } from "./secret";

/** What is sent to the registry for a secret, and when it should be asked for again if it is short-lived. */
export interface SecretLogin {
  readonly kind: "login";
  readonly username: string;
  readonly password: Redacted;
  /** Milliseconds since the epoch. */
  readonly renewAt?: number;
}

/** Gives the login of a secret, or why there is none, and says who would answer. Throws only `cancelled`. */
export interface LoginSource {
  loginOf(secret: RegistrySecret, signal?: AbortSignal): Promise<SecretLogin | NativeTrouble>;
  whoAnswers(host: RegistryHost, signal?: AbortSignal): Promise<NativeIdentityInfo | NativeTrouble | undefined>;
}

const ASK_AGAIN_MS = 60_000;
/** However short a token's life is said to be. */
const SOONEST_MS = 1_000;

interface Kept {
  readonly accessKey: AccessKey | undefined;
  readonly login: SecretLogin & { readonly renewAt: number };
  /** Milliseconds since the epoch. */
  readonly endsAt: number;
}

interface Asked {
  readonly accessKey: AccessKey | undefined;
  readonly answer: Promise<SecretLogin | NativeTrouble>;
}

/**
 * The logins behind secrets that hold none: runner-native ones, and access keys of AWS. A token is kept in memory until
 * half its life has gone; callers that come while it is asked for share one request. Only the registry's own cloud is
 * asked, and only for a host that `identifyRegistry` knows as a whole.
 */
export class NativeLogins implements LoginSource {
  readonly #identities: Readonly<Record<Cloud, NativeIdentity>>;
  readonly #now: () => number;
  readonly #limit: () => AbortSignal;
  readonly #kept = new Map<string, Kept>();
  readonly #asked = new Map<string, Asked>();
  /** By Docker's key of the host. */
  readonly #answered = new Map<string, NativeIdentityInfo>();
  readonly #listeners = new Set<() => void>();

  /** `now` gives milliseconds since the epoch, `limit` the time limit of one question to a cloud. */
  constructor(
    identities: Readonly<Record<Cloud, NativeIdentity>>,
    { now, limit }: { readonly now: () => number; readonly limit: () => AbortSignal },
  ) {
    this.#identities = identities;
    this.#now = now;
    this.#limit = limit;
  }

  /** The login of a secret: its own username and password, or one of the cloud's. Throws only `cancelled`. */
  async loginOf(secret: RegistrySecret, signal?: AbortSignal): Promise<SecretLogin | NativeTrouble> {
    const request = nativeRequest(secret);
    if (request) return await this.#login(request, signal);
    const { credential } = secret;
    if (credential.kind === "password") return { ...credential, kind: "login" };
    throw new Failure("runner-native-not-supported", `${secret.host.key} has no runner-native authentication.`, {
      host: secret.host.key,
    });
  }

  /** Who would answer for a runner-native secret of this host; undefined for a host of no cloud. */
  async whoAnswers(host: RegistryHost, signal?: AbortSignal): Promise<NativeIdentityInfo | NativeTrouble | undefined> {
    const registry = nativeRegistry(host);
    if (!registry) return undefined;
    const cloud = cloudOf(registry);
    const answer = this.#inTime(cloud, (limit) => this.#identities[cloud].describe({ host, registry }, limit));
    const who = await unlessAborted(answer, signal, cancelled);
    if (who.kind === "identity") this.#note(host, who);
    return who;
  }

  /** Who answered when that was asked last: nobody is asked now. */
  lastAnswer(host: RegistryHost): NativeIdentityInfo | undefined {
    return this.#answered.get(host.key);
  }

  /** Calls `listener` when another identity answers for a registry than before. Gives what ends that. */
  onDidChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #note({ key }: RegistryHost, who: NativeIdentityInfo): void {
    const isNew = this.#answered.get(key)?.name !== who.name;
    this.#answered.set(key, who);
    if (isNew) for (const listener of this.#listeners) listener();
  }

  /** Forgets every token: the person has signed in anew, or wants to know how it is now. */
  forget(): void {
    this.#kept.clear();
    this.#asked.clear();
  }

  async #login(request: NativeRequest, signal?: AbortSignal): Promise<SecretLogin | NativeTrouble> {
    const { accessKey } = request;
    const place = placeOf(request);
    const kept = this.#kept.get(place);
    if (kept && isSame(kept.accessKey, accessKey) && this.#now() < kept.login.renewAt) return kept.login;
    let asked = this.#asked.get(place);
    if (!asked || !isSame(asked.accessKey, accessKey)) {
      asked = { accessKey, answer: this.#ask(place, request) };
      this.#asked.set(place, asked);
    }
    // the request goes on when one of its callers gives up: it has a time limit of its own
    return await unlessAborted(asked.answer, signal, cancelled);
  }

  /** What is past half its life is used on while the cloud gives no other, and the cloud left in peace for a minute. */
  #stillGood(place: string, { accessKey }: NativeRequest): SecretLogin | undefined {
    const kept = this.#kept.get(place);
    const again = this.#now() + ASK_AGAIN_MS;
    if (!kept || !isSame(kept.accessKey, accessKey) || again >= kept.endsAt) return undefined;
    const login = { ...kept.login, renewAt: again };
    this.#kept.set(place, { ...kept, login });
    return login;
  }

  /** Neither every library nor every request can be stopped: when the time is up, the answer is not waited for. */
  async #inTime<T>(cloud: Cloud, ask: (limit: AbortSignal) => Promise<T>): Promise<T | NativeTrouble> {
    const limit = this.#limit();
    try {
      return await unlessAborted(ask(limit), limit, () => new Failure("timed-out", "No answer in time."));
    } catch (error) {
      if (!limit.aborted) throw error;
      return nativeTrouble(cloud, "unreachable", "no answer in time");
    }
  }

  async #ask(place: string, request: NativeRequest): Promise<SecretLogin | NativeTrouble> {
    await Promise.resolve(); // so that the caller has noted what is asked
    const mine = this.#asked.get(place);
    try {
      const cloud = cloudOf(request.registry);
      const given = await this.#inTime(cloud, (limit) => this.#identities[cloud].login(request, limit));
      const hasEnded = given.kind === "login" && given.lifeMs <= 0;
      const answer = hasEnded ? nativeTrouble(cloud, "wrong-clock", "the token had ended when it came") : given;
      if (answer.kind !== "login") return this.#stillGood(place, request) ?? answer;
      const { username, password, lifeMs } = answer;
      const now = this.#now();
      const login = { kind: "login" as const, username, password, renewAt: now + Math.max(lifeMs / 2, SOONEST_MS) };
      if (this.#asked.get(place) === mine)
        this.#kept.set(place, { accessKey: request.accessKey, login, endsAt: now + lifeMs });
      return login;
    } finally {
      if (this.#asked.get(place) === mine) this.#asked.delete(place);
    }
  }
}

/** What the cloud must be asked for a secret, or undefined if the secret itself holds what the registry wants. */
export function nativeRequest({ host, credential }: RegistrySecret): NativeRequest | undefined {
  const registry = nativeRegistry(host);
  if (!registry) return undefined;
  if (credential.kind === "runner-native") return { host, registry };
  const isAws = registry.kind === "ecr" || registry.kind === "ecr-public";
  return isAws && isAccessKeyId(credential.username)
    ? { host, registry, accessKey: { id: credential.username, secret: credential.password } }
    : undefined;
}

/**
 * True for the id of a long-term access key of AWS (IAM user guide, "Unique identifiers"). A temporary one (`ASIA…`) is
 * of no use without its session token, for which a secret has no field.
 */
export function isAccessKeyId(username: string): boolean {
  return /^AKIA[A-Z0-9]{12,124}$/.test(username);
}

/** Registries for which one token does: a token of ECR is good for every registry of its region that the identity may use. */
function placeOf({ host, registry, accessKey }: NativeRequest): string {
  const whose = accessKey === undefined ? "" : ` ${accessKey.id}`;
  switch (registry.kind) {
    case "ecr":
      return `ecr ${registry.partition} ${registry.region} ${String(registry.fips)}${whose}`;
    case "ecr-public":
      return `ecr-public${whose}`;
    case "gar":
    case "gcr":
      return `google ${googleUniverse(host)}`;
    case "acr":
      return `acr ${host.key}`;
  }
}

function isSame(one: AccessKey | undefined, other: AccessKey | undefined): boolean {
  if (one === undefined || other === undefined) return one === other;
  return one.id === other.id && one.secret.equals(other.secret);
}

function cancelled(): Failure {
  return new Failure("cancelled", "Cancelled.");
}

/** The answer, unless the signal is aborted first. Throws what `failure` makes then. */
async function unlessAborted<T>(
  answer: Promise<T>,
  signal: AbortSignal | undefined,
  failure: () => Failure,
): Promise<T> {
  if (!signal) return await answer;
  return await new Promise<T>((resolve, reject) => {
    const stop = () => reject(failure());
    answer.then(resolve, reject).finally(() => signal.removeEventListener("abort", stop));
    if (signal.aborted) stop();
    else signal.addEventListener("abort", stop, { once: true });
  });
}
