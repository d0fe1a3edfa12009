import type { AttemptOutcome, Exchange, TriedCredential } from "../../domain/diagnosis/evidence";
import { barsRegistry } from "../../domain/diagnosis/refusal";
import type { ImageReference } from "../../domain/image/reference";
import { knownTokenRealm } from "../../domain/registry/catalog";
import { isLoopback, type RegistryHost } from "../../domain/registry/host";
import { parseErrorBody, realmIsFollowable } from "../../domain/registry/protocol";
import type { HttpClient, HttpResponse } from "../http/client";
import { Unreachable } from "../http/unreachable";
import { isInsecureRegistry } from "./insecure";
import { challengeOf, judge, MANIFESTS, tagsOf, type Challenge } from "./judge";
import { askRegistry, type Talk, type Transport } from "./requests";
import { sharing } from "./sharing";
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

/** What a registry said first: how it is spoken to, and how it wants its clients to authenticate. */
interface Hello {
  readonly transport: Transport;
  readonly challenge?: Challenge | undefined;
}

interface Answer<T> {
  readonly value: T;
  readonly exchanges: readonly Exchange[];
  readonly expiresAt?: string | undefined;
  /** In milliseconds; for ever if absent. */
  readonly freshUntil?: number;
}

/** Talks with registries as Docker does. Everything that references have in common is asked once. Throws `Unreachable`. */
export interface Conversations {
  /** The first contact, by asking for `path`; `own` is the answer if it was this call that asked. */
  meet(path: string, talk: Talk): Promise<Hello & { own?: HttpResponse }>;
  anonymously(target: Target, talk: Talk): Promise<{ outcome: AttemptOutcome; challenge?: Challenge | undefined }>;
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
  const hellos = sharing<Hello>();
  const pings = sharing<Challenge | undefined>();
  const tokens = sharing<Answer<Token | AttemptOutcome>>(isFresh);
  /** Per registry and credential: why it is not sent there again, if so. */
  const gates = sharing<Answer<AttemptOutcome | undefined>>();
  const credentials: TriedCredential[] = [];

  async function meet(path: string, talk: Talk): Promise<Hello & { own?: HttpResponse }> {
    let own: HttpResponse | undefined;
    const hello = await hellos(
      talk.authority,
      async () => {
        const { transport, response } = await firstContact(path, talk);
        own = response;
        return { transport, challenge: challengeOf(response) };
      },
      talk.signal,
    );
    return own === undefined ? hello : { ...hello, own };
  }

  /** By https, and where that fails as Docker would go on: it believes any certificate of this machine, and takes http. */
  async function firstContact(path: string, talk: Talk): Promise<{ transport: Transport; response: HttpResponse }> {
    const { authority, log } = talk;
    let transport: Transport = isLoopback(authority) ? "unverified" : "verified";
    for (;;) {
      try {
        return { transport, response: await askRegistry(http, transport, path, { accept: MANIFESTS }, talk) };
      } catch (error) {
        const next: Transport | undefined =
          error instanceof Unreachable ? nextTransport(transport, error, authority) : undefined;
        if (next === undefined || !(isLoopback(authority) || (await isInsecure(authority)))) throw error;
        log.pop();
        transport = next;
      }
    }
  }

  async function isInsecure(authority: string): Promise<boolean> {
    return await isInsecureRegistry(authority, await insecureRegistries().catch(() => []));
  }

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

  /** The credential's first use at a registry goes alone; if it is refused there, no other reference sends it again. */
  async function behindGate<T>(
    credential: TriedCredential,
    talk: Talk,
    send: () => Promise<T>,
    outcomeOf: (sent: T) => AttemptOutcome | undefined,
  ): Promise<T | AttemptOutcome> {
    let sent: { value: T } | undefined;
    const key = JSON.stringify([talk.authority, credentialKey(credential)]);
    const from = talk.log.length;
    const gate = await gates(
      key,
      async () => {
        sent = { value: await send() };
        const outcome = outcomeOf(sent.value);
        const barred = outcome !== undefined && barsRegistry(outcome) ? outcome : undefined;
        return { value: barred, exchanges: talk.log.slice(from) };
      },
      talk.signal,
    );
    if (sent !== undefined) return sent.value;
    if (gate.value === undefined) return await send();
    talk.log.push(...gate.exchanges);
    return gate.value;
  }

  async function manifest(hello: Hello, { reference }: Target, headers: Record<string, string>, talk: Talk) {
    return await askRegistry(http, hello.transport, manifestPath(reference), { accept: MANIFESTS, ...headers }, talk);
  }

  /** Many registries say "manifest unknown" for an unknown repository, too: the list of tags tells them apart. */
  async function conclude(
    outcome: AttemptOutcome,
    hello: Hello,
    { reference }: Target,
    headers: Record<string, string>,
    talk: Talk,
  ): Promise<AttemptOutcome> {
    if (outcome.kind !== "not-found" || outcome.what === "repository") return outcome;
    const path = `/v2/${reference.repository}/tags/list?n=100`;
    const response = await askRegistry(http, hello.transport, path, headers, talk);
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
        : await behindGate(credential, talk, ask, (sent) => ("token" in sent ? undefined : sent));
    if ("kind" in issued) return issued;
    const headers = { authorization: `Bearer ${issued.token}` };
    const outcome = judge(await manifest(hello, target, headers, talk), "manifest", "bearer");
    return await conclude(outcome, hello, target, headers, talk);
  }

  function credentialKey(credential: TriedCredential | undefined): number {
    if (credential === undefined) return -1;
    const known = credentials.findIndex((other) => isSame(other, credential));
    return known >= 0 ? known : credentials.push(credential) - 1;
  }

  return {
    meet,

    async anonymously(target, talk) {
      const hello = await meet(manifestPath(target.reference), talk);
      if (hello.own === undefined && hello.challenge?.scheme === "bearer") {
        const { challenge } = hello;
        return { outcome: await withToken(hello, challenge, target, undefined, talk), challenge };
      }
      const response = hello.own ?? (await manifest(hello, target, {}, talk));
      const challenge = challengeOf(response);
      if (challenge?.scheme === "bearer")
        return { outcome: await withToken(hello, challenge, target, undefined, talk), challenge };
      const outcome = judge(response, "manifest", challenge?.scheme ?? "none");
      return { outcome: await conclude(outcome, hello, target, {}, talk), challenge };
    },

    async withCredential(target, challenge, credential, talk) {
      const hello = await meet("/v2/", talk);
      const { transport } = hello;
      if (transport !== "verified" && !isLoopback(talk.authority)) return { kind: "withheld", transport };
      if (challenge.scheme === "bearer") return await withToken(hello, challenge, target, credential, talk);
      const headers = basic(credential);
      const send = async () => judge(await manifest(hello, target, headers, talk), "manifest", "basic");
      const outcome = await behindGate(credential, talk, send, (sent) => sent);
      return await conclude(outcome, hello, target, headers, talk);
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

function nextTransport(now: Transport, { reason }: Unreachable, authority: string): Transport | undefined {
  if (reason === "unknown-authority" || reason === "certificate-invalid")
    return now === "verified" ? "unverified" : undefined;
  const speaksOtherwise = reason === "plain-http" || reason === "tls" || reason === "closed";
  // https and http are at two ports where the image names none
  const isElsewhere = !/:\d+$/.test(authority) && (reason === "refused" || reason === "timeout");
  return now !== "plain" && (speaksOtherwise || isElsewhere) ? "plain" : undefined;
}

function manifestPath({ repository, tag, digest }: ImageReference): string {
  return `/v2/${repository}/manifests/${digest ?? tag ?? "latest"}`;
}

function isSame(one: TriedCredential, other: TriedCredential): boolean {
  if ("identityToken" in one) return "identityToken" in other && one.identityToken.equals(other.identityToken);
  return "password" in other && one.username === other.username && one.password.equals(other.password);
}
