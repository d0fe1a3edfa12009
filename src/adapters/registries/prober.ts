import type {
  Attempt,
  AttemptOutcome,
  Exchange,
  RegistryProber,
  TriedCredential,
} from "../../domain/diagnosis/evidence";
import { redactText } from "../../domain/redacted";
import { parseRegistryHost } from "../../domain/registry/host";
import type { RegistryError } from "../../domain/registry/protocol";
import type { HttpClient } from "../http/client";
import { Unreachable } from "../http/unreachable";
import { isUnprotected } from "./contact";
import { conversations, type ConversationOptions } from "./conversation";
import { troubleOf, type Challenge } from "./judge";
import type { Talk } from "./requests";

const LONGEST_WORDS = 1000;
const MOST_ERRORS = 50;

/**
 * Asks registries over HTTP as Docker does. `agreedRealms` are token servers on other origins that the person agreed to,
 * as `<registry host>=<realm host>`: a credential goes to no other (security, 1). What references have in common is
 * asked once for as long as this prober lives: make one for each diagnosis.
 */
export function registryProber(
  http: HttpClient,
  agreedRealms: readonly string[],
  options: Partial<Omit<ConversationOptions, "agreedRealms">> = {},
): RegistryProber {
  const talks = conversations(http, {
    agreedRealms,
    insecureRegistries: options.insecureRegistries ?? (() => Promise.resolve([])),
    now: options.now ?? Date.now,
  });

  return {
    async probe(reference, credential, signal) {
      const host = parseRegistryHost(reference.registry);
      const target = { host, reference };
      let challenge: Challenge | undefined;
      const first: Talk = { authority: host.authority, who: "anonymous", log: [], signal };
      const anonymous = await attempt(first, undefined, async () => {
        const answer = await talks.anonymously(target, first);
        challenge = answer.challenge;
        return answer.outcome;
      });
      if (credential === undefined) return { anonymous };
      const second: Talk = { authority: host.authority, who: "with the credential", log: [], signal };
      // Docker asks /v2/ first: a registry may show a manifest to anyone, and ask for a login there
      if (challenge === undefined && ["ok", "refused", "not-found"].includes(anonymous.kind))
        challenge = await talks.ping({ ...second, who: "anonymous" }).catch(unreached);
      // after 429 the credential would only burn another attempt of an account that may be locked already
      const found = challenge;
      if (found === undefined || anonymous.kind === "rate-limited") return { anonymous };
      const work = () => talks.withCredential(target, found, credential, second);
      return { anonymous, authenticated: await attempt(second, credential, work) };
    },

    async realm(authority, signal) {
      const talk: Talk = { authority, who: "anonymous", log: [], signal };
      try {
        const { own, challenge, transport } = await talks.meet("/v2/", talk);
        // no credential may go there, nor to the token server that it names (security, 1)
        if (isUnprotected(transport, authority)) return { kind: "withheld", transport };
        const scheme = challenge ?? (own === undefined ? await talks.ping(talk) : undefined);
        if (scheme?.scheme === "bearer") return { kind: "realm", url: scheme.realm };
        if (own === undefined) return { kind: "none" };
        const trouble = troubleOf(own, "manifest", "none");
        return trouble === undefined || trouble.kind === "refused" ? { kind: "none" } : trouble;
      } catch (error) {
        if (!(error instanceof Unreachable)) throw error;
        return { kind: "unreachable", reason: error.reason, detail: error.message };
      }
    },
  };
}

/** Turns what was thrown into an outcome, and takes whatever is secret out of the evidence. */
async function attempt(
  talk: Talk,
  credential: TriedCredential | undefined,
  work: () => Promise<AttemptOutcome>,
): Promise<Attempt> {
  let outcome: AttemptOutcome;
  try {
    outcome = await work();
    if (outcome.kind === "ok" && talk.expiresAt !== undefined) outcome = { ...outcome, expiresAt: talk.expiresAt };
  } catch (error) {
    if (!(error instanceof Unreachable)) throw error;
    outcome = { kind: "unreachable", reason: error.reason, detail: error.message };
    if (talk.log.at(-1)?.answered !== error.message)
      talk.log.push({ asked: `${talk.authority}, for another image (${talk.who})`, answered: error.message });
  }
  const secrets = credential === undefined ? [] : [secretOf(credential)];
  const clean = (text: string) => printable(redactText(text, secrets));
  const exchanges: Exchange[] = talk.log.map(({ asked, answered }) => ({
    asked: clean(asked),
    answered: clean(answered),
  }));
  if (outcome.kind === "unreachable") return { ...outcome, detail: clean(outcome.detail), exchanges };
  return "errors" in outcome
    ? { ...outcome, errors: outcome.errors.slice(0, MOST_ERRORS).map((error) => cleanError(error, clean)), exchanges }
    : { ...outcome, exchanges };
}

function unreached(error: unknown): undefined {
  if (!(error instanceof Unreachable)) throw error;
  return undefined;
}

/** Words of a registry for a terminal: in one line, and not endless. */
function printable(text: string): string {
  const line = text.replace(/[\p{Cc}\u2028\u2029]+/gu, " ");
  return line.length > LONGEST_WORDS ? `${line.slice(0, LONGEST_WORDS)}…` : line;
}

function secretOf(credential: TriedCredential) {
  return "identityToken" in credential
    ? { value: credential.identityToken }
    : { username: credential.username, value: credential.password };
}

function cleanError(error: RegistryError, clean: (text: string) => string): RegistryError {
  return { code: clean(error.code), message: clean(error.message) };
}
