import type { AttemptOutcome, Exchange, TriedCredential } from "../../domain/diagnosis/evidence";
import { barsRegistry } from "../../domain/diagnosis/refusal";
import type { ImageReference } from "../../domain/image/reference";
import { knownTokenRealm } from "../../domain/registry/catalog";
import { isLoopback, type RegistryHost } from "../../domain/registry/host";
import { parseErrorBody, realmIsFollowable } from "../../domain/registry/protocol";
import type { HttpClient, HttpResponse } from "../http/client";
import { Unreachable } from "../http/unreachable";
import { firstContacts, isUnprotected, type Hello, type Meet } from "./contact";
import { metadataInLayer } from "./feature";
import { challengeOf, judge, MANIFESTS, tagsOf, type Challenge } from "./judge";
import { askRegistry, type Talk } from "./requests";
import { sharing, type Sharing } from "./sharing";
import { basic, requestToken, type BearerChallenge, type Token } from "./token";

export interface ConversationOptions {
  /** Token servers on other origins that the person agreed to, as `<registry host>=<realm host>`. */
  readonly agreedRealms: readonly string[];
  /** Hosts and networks that the engine speaks plain http to; asked for only where https fails. */
  readonly insecureRegistries: () => Promise<readonly string[]>;
  readonly now: () => number;
}

export interface Target {
  readonly host: RegistryHost;
  readonly reference: ImageReference;
}

interface Answer<T> {
  readonly value: T;
  readonly exchanges: readonly Exchange[];
  readonly expiresAt?: string | undefined;
  /** In milliseconds; for ever if absent. */
  readonly freshUntil?: number;
}

/** What an attempt without a credential met, and how the registry wants its clients to authenticate. */
interface Met {
  readonly outcome: AttemptOutcome;
  readonly challenge?: Challenge | undefined;
}

/** Talks with registries as Docker does. Everything that references have in common is asked once. Throws `Unreachable`. */
export interface Conversations {
  readonly meet: Meet;
  anonymously(target: Target, talk: Talk): Promise<Met>;
  withCredential(
    target: Target,
    challenge: Challenge,
    credential: TriedCredential,
    talk: Talk,
  ): Promise<AttemptOutcome>;
  /** How the registry as a whole authenticates: what Docker asks before anything else. */
  ping(talk: Talk): Promise<Challenge | undefined>;
}

export function conversations(http: HttpClient, options: ConversationOptions): Conversations {
  const { agreedRealms, insecureRegistries, now } = options;
  const isFresh = ({ freshUntil }: Answer<unknown>) => freshUntil === undefined || now() < freshUntil;
  const meet = firstContacts(http, insecureRegistries);
  const pings = sharing<Challenge | undefined>();
  const tokens = sharing<Answer<Token | AttemptOutcome>>(isFresh);
  const logins = sharing<Answer<AttemptOutcome | undefined>>();
  const strangers = sharing<Answer<Met | undefined>>();
  const tagLists = sharing<Answer<HttpResponse>>();
  const credentials: TriedCredential[] = [];

  async function token(
    hello: Hello,
    challenge: BearerChallenge,
    repository: string,
    credential: TriedCredential | undefined,
    talk: Talk,
  ): Promise<Token | AttemptOutcome> {
    const key = JSON.stringify([talk.authority, repository, challenge.realm, credentialKey(credential)]);
    return await heard(talk, (own) =>
      tokens(
        key,
        async () => {
          const value = await requestToken(http, hello.transport, challenge, repository, credential, own);
          const freshUntil = "token" in value ? { freshUntil: now() + value.seconds * 1000 } : {};
          return { value, exchanges: own.log, expiresAt: own.expiresAt, ...freshUntil };
        },
        talk.signal,
      ),
    );
  }

  /** The first goes alone; what it finds that settles the matter for all is the others' answer. Else each goes itself. */
  async function firstAlone<T, Settled extends T>(
    settled: Sharing<Answer<Settled | undefined>>,
    key: string,
    talk: Talk,
    go: () => Promise<T>,
    settling: (found: T) => Settled | undefined,
  ): Promise<T> {
    let own: { value: T } | undefined;
    const from = talk.log.length;
    const work = async () => {
      own = { value: await go() };
      return { value: settling(own.value), exchanges: talk.log.slice(from) };
    };
    const { value, exchanges } = await settled(key, work, talk.signal);
    if (own !== undefined) return own.value;
    if (value === undefined) return await go();
    talk.log.push(...exchanges);
    return value;
  }

  /** If a credential is refused at its first use at a registry, no other reference sends it again. */
  async function login<T>(
    credential: TriedCredential,
    talk: Talk,
    send: () => Promise<T | AttemptOutcome>,
    outcomeOf: (sent: T | AttemptOutcome) => AttemptOutcome | undefined,
  ): Promise<T | AttemptOutcome> {
    const key = JSON.stringify([talk.authority, credentialKey(credential)]);
    return await firstAlone<T | AttemptOutcome, AttemptOutcome>(logins, key, talk, send, (sent) => {
      const outcome = outcomeOf(sent);
      return outcome !== undefined && barsRegistry(outcome) ? outcome : undefined;
    });
  }

  async function manifest(hello: Hello, { reference }: Target, headers: Record<string, string>, talk: Talk) {
    return await askRegistry(http, hello.transport, manifestPath(reference), { accept: MANIFESTS, ...headers }, talk);
  }

  /** What a Feature without an annotation says of itself, from its layer; nothing if that cannot be had. */
  async function fromLayer(
    layer: string,
    hello: Hello,
    repository: string,
    headers: Record<string, string>,
    talk: Talk,
  ) {
    const path = `/v2/${repository}/blobs/${layer}`;
    const answer = await askRegistry(http, hello.transport, path, headers, talk).catch((error: unknown) => {
      if (!(error instanceof Unreachable)) throw error;
      return undefined;
    });
    const metadata = answer?.status === 200 ? metadataInLayer(answer.body) : undefined;
    return metadata === undefined ? {} : { feature: { metadata } };
  }

  /**
   * Asks what the answer for the manifest leaves open. Many registries say "manifest unknown" for an unknown repository,
   * too: the list of tags tells them apart.
   */
  async function conclude(
    outcome: AttemptOutcome,
    hello: Hello,
    { reference }: Target,
    credential: TriedCredential | undefined,
    headers: Record<string, string>,
    talk: Talk,
  ): Promise<AttemptOutcome> {
    if (outcome.kind === "ok" && outcome.feature !== undefined && "layer" in outcome.feature) {
      const { feature, ...rest } = outcome;
      return { ...rest, ...(await fromLayer(feature.layer, hello, reference.repository, headers, talk)) };
    }
    if (outcome.kind !== "not-found" || outcome.what === "repository") return outcome;
    const path = `/v2/${reference.repository}/tags/list?n=100`;
    const key = JSON.stringify([talk.authority, path, credentialKey(credential)]);
    const response = await heard(talk, (own) =>
      tagLists(
        key,
        async () => ({ value: await askRegistry(http, hello.transport, path, headers, own), exchanges: own.log }),
        talk.signal,
      ),
    );
    const errors = parseErrorBody(response.body);
    if (response.status === 404 && errors.some(({ code }) => code === "NAME_UNKNOWN"))
      return { kind: "not-found", what: "repository", errors };
    const tags = response.status === 200 ? tagsOf(response.body) : undefined;
    return {
      ...outcome,
      what: tags !== undefined || outcome.what === "tag" ? "tag" : "unknown",
      ...(tags ? { tags } : {}),
    };
  }

  /** Whether a token may be asked for at the realm (security, 1). */
  function mayAsk(host: RegistryHost, realm: string, credential: TriedCredential | undefined): boolean {
    if (knownTokenRealm(host, realm)) return true;
    const url = new URL(realm);
    const isProtected = url.protocol === "https:" || isLoopback(url.host);
    const names = [`${host.key}=${url.host}`, `${host.authority}=${url.host}`];
    if (isProtected && agreedRealms.some((entry) => names.includes(entry))) return true;
    return credential === undefined && realmIsFollowable(realm, host.authority);
  }

  /** With a token from the server that the challenge names. */
  async function withToken(
    hello: Hello,
    challenge: BearerChallenge,
    target: Target,
    credential: TriedCredential | undefined,
    talk: Talk,
  ): Promise<AttemptOutcome> {
    if (!mayAsk(target.host, challenge.realm, credential)) return { kind: "unknown-realm", realm: challenge.realm };
    const ask = () => token(hello, challenge, target.reference.repository, credential, talk);
    const issued =
      credential === undefined
        ? await ask()
        : await login<Token>(credential, talk, ask, (sent) => ("kind" in sent ? sent : undefined));
    if ("kind" in issued) return issued;
    const headers = { authorization: `Bearer ${issued.token}` };
    const outcome = judge(await manifest(hello, target, headers, talk), "bearer");
    return await conclude(outcome, hello, target, credential, headers, talk);
  }

  async function stranger(target: Target, talk: Talk): Promise<Met> {
    const hello = await meet(manifestPath(target.reference), talk);
    if (hello.own === undefined && hello.challenge?.scheme === "bearer") {
      const { challenge } = hello;
      return { outcome: await withToken(hello, challenge, target, undefined, talk), challenge };
    }
    const response = hello.own ?? (await manifest(hello, target, {}, talk));
    const challenge = challengeOf(response);
    if (challenge?.scheme === "bearer")
      return { outcome: await withToken(hello, challenge, target, undefined, talk), challenge };
    const outcome = judge(response, challenge?.scheme ?? "none");
    return { outcome: await conclude(outcome, hello, target, undefined, {}, talk), challenge };
  }

  function credentialKey(credential: TriedCredential | undefined): number {
    if (credential === undefined) return -1;
    const known = credentials.findIndex((other) => isSame(other, credential));
    return known >= 0 ? known : credentials.push(credential) - 1;
  }

  return {
    meet,

    async anonymously(target, talk) {
      const key = JSON.stringify([talk.authority, target.reference.repository]);
      // who may pull is settled by repository: where one tag is refused, the others are
      const settling = (met: Met) => (met.outcome.kind === "refused" ? met : undefined);
      return await firstAlone(strangers, key, talk, () => stranger(target, talk), settling);
    },

    async withCredential(target, challenge, credential, talk) {
      const hello = await meet("/v2/", talk);
      const { transport } = hello;
      if (isUnprotected(transport, talk.authority)) return { kind: "withheld", transport };
      if (challenge.scheme === "bearer") return await withToken(hello, challenge, target, credential, talk);
      const headers = basic(credential);
      const send = async () => judge(await manifest(hello, target, headers, talk), "basic");
      const outcome = await login<AttemptOutcome>(credential, talk, send, (sent) => sent);
      return await conclude(outcome, hello, target, credential, headers, talk);
    },

    async ping(talk) {
      const hello = await meet("/v2/", talk);
      if (hello.challenge !== undefined) return hello.challenge;
      const ask = async () => challengeOf(await askRegistry(http, hello.transport, "/v2/", {}, talk));
      return await pings(talk.authority, ask, talk.signal);
    },
  };
}

/** Shared work, with what was said in it told to everyone who uses it. */
async function heard<T>(talk: Talk, work: (own: Talk) => Promise<Answer<T>>): Promise<T> {
  const own: Talk = { ...talk, log: [] };
  try {
    const { value, exchanges, expiresAt } = await work(own);
    talk.log.push(...exchanges);
    talk.expiresAt ??= expiresAt;
    return value;
  } catch (error) {
    talk.log.push(...own.log);
    throw error;
  }
}

function manifestPath({ repository, tag, digest }: ImageReference): string {
  return `/v2/${repository}/manifests/${digest ?? tag ?? "latest"}`;
}

function isSame(one: TriedCredential, other: TriedCredential): boolean {
  if ("identityToken" in one) return "identityToken" in other && one.identityToken.equals(other.identityToken);
  return "password" in other && one.username === other.username && one.password.equals(other.password);
}
