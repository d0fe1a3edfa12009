import { isFailure } from "../../domain/failure";
import type {
  Attempt,
  AttemptOutcome,
  Exchange,
  RegistryProber,
  TriedCredential,
} from "../../domain/diagnosis/evidence";
import type { ImageReference } from "../../domain/image/reference";
import { base64, redactText } from "../../domain/redacted";
import { knownTokenRealm } from "../../domain/registry/catalog";
import { isLoopback, parseRegistryHost, type RegistryHost } from "../../domain/registry/host";
import { parseChallenges, parseErrorBody, realmIsFollowable, type RegistryError } from "../../domain/registry/protocol";
import { Unreachable, type HttpClient, type HttpRequest, type HttpResponse } from "../http/client";

/** What docker accepts as a manifest, in its order (OCI distribution specification, "Pulling manifests"). */
const MANIFESTS = [
  "application/vnd.oci.image.index.v1+json",
  "application/vnd.docker.distribution.manifest.list.v2+json",
  "application/vnd.oci.image.manifest.v1+json",
  "application/vnd.docker.distribution.manifest.v2+json",
].join(", ");
const MOST_REDIRECTS = 3;
const LONGEST_WORDS = 1000;
/** The grammar of tags (OCI distribution specification, "Pulling manifests"). */
const TAG = /^\w[\w.-]{0,127}$/;

type Challenge =
  { readonly scheme: "basic" } | { readonly scheme: "bearer"; readonly realm: string; readonly service: string };

/**
 * Asks registries over HTTP as Docker does. `agreedRealms` are token servers on other origins that the person agreed to,
 * as `<registry host>=<realm host>`: a credential goes to no other (security, 1).
 */
export function registryProber(http: HttpClient, agreedRealms: readonly string[]): RegistryProber {
  const schemes = new Map<string, "https" | "http">();

  /** One request to a registry, by https, or by http where Docker would: on this machine only. */
  async function ask(
    authority: string,
    path: string,
    headers: Record<string, string>,
    log: Exchange[],
    who: string,
    signal?: AbortSignal,
  ) {
    const known = schemes.get(authority);
    try {
      const response = await follow({ url: `${known ?? "https"}://${authority}${path}`, headers, signal }, log, who);
      schemes.set(authority, known ?? "https");
      return response;
    } catch (error) {
      const plain = error instanceof Unreachable && (error.reason === "tls" || error.reason === "closed");
      if (known !== undefined || !plain || !isLoopback(authority)) throw error;
      log.pop();
      const response = await follow({ url: `http://${authority}${path}`, headers, signal }, log, who);
      schemes.set(authority, "http");
      return response;
    }
  }

  /** Sends a request and follows redirects: elsewhere without the credential, and never into a private network. */
  async function follow(request: HttpRequest, log: Exchange[], who: string): Promise<HttpResponse> {
    let next = request;
    for (let redirects = 0; ; redirects++) {
      const response = await exchange(next, log, who);
      const location =
        response.status >= 300 && response.status < 400 ? response.headers.get("location")?.[0] : undefined;
      if (location === undefined || redirects === MOST_REDIRECTS) return response;
      const from = new URL(next.url);
      if (!URL.canParse(location, next.url)) return response;
      const target = new URL(location, next.url);
      const sameOrigin = target.origin === from.origin;
      // a body holds an identity token; what is not followed is judged as it stands
      if (!sameOrigin && (next.body !== undefined || !realmIsFollowable(target.href, from.host))) return response;
      const { authorization: _, ...headers } = next.headers ?? {};
      next = { ...next, url: target.href, headers: sameOrigin ? (next.headers ?? {}) : headers };
    }
  }

  async function exchange(request: HttpRequest, log: Exchange[], who: string): Promise<HttpResponse> {
    const asked = `${request.method ?? "GET"} ${redactText(request.url)} (${who})`;
    try {
      const response = await http.send(request);
      const [first] = parseErrorBody(response.body);
      const said =
        first === undefined ? "" : ` ${[first.code, first.message].filter((part) => part !== "").join(": ")}`;
      log.push({ asked, answered: `${response.status}${said}` });
      return response;
    } catch (error) {
      if (error instanceof Unreachable) log.push({ asked, answered: error.message });
      throw error;
    }
  }

  async function token(
    challenge: Challenge & { scheme: "bearer" },
    repository: string,
    credential: TriedCredential | undefined,
    log: Exchange[],
    signal?: AbortSignal,
  ): Promise<{ token: string } | AttemptOutcome> {
    const scope = `repository:${repository}:pull`;
    const url = new URL(challenge.realm);
    let request: HttpRequest;
    if (credential !== undefined && "identityToken" in credential) {
      const form = {
        grant_type: "refresh_token",
        refresh_token: credential.identityToken.reveal(),
        service: challenge.service,
        scope,
        client_id: "registry-secrets",
      };
      const headers = { "content-type": "application/x-www-form-urlencoded" };
      request = { url: url.href, method: "POST", headers, body: new URLSearchParams(form).toString(), signal };
    } else {
      if (challenge.service !== "") url.searchParams.set("service", challenge.service);
      url.searchParams.set("scope", scope);
      if (credential) url.searchParams.set("account", credential.username);
      request = { url: url.href, headers: basic(credential), signal };
    }
    const response = await follow(request, log, credential ? "with the credential" : "anonymous");
    if (response.status !== 200) return judge(response, "token", "bearer");
    const issued = tokenOf(response.body);
    return issued === undefined
      ? { kind: "not-a-registry", status: 200, contentType: contentType(response) }
      : { token: issued };
  }

  /** An attempt from the challenge on: the token if there is one to get, then the manifest. */
  async function answer(
    challenge: Challenge,
    target: { host: RegistryHost; reference: ImageReference },
    credential: TriedCredential | undefined,
    log: Exchange[],
    signal?: AbortSignal,
  ): Promise<AttemptOutcome> {
    const { host, reference } = target;
    const who = credential ? "with the credential" : "anonymous";
    let headers: Record<string, string>;
    if (challenge.scheme === "basic") {
      headers = basic(credential);
    } else {
      const known = knownTokenRealm(host, challenge.realm) || agreed(host, challenge.realm);
      if (credential ? !known : !known && !realmIsFollowable(challenge.realm, host.authority)) {
        return { kind: "unknown-realm", realm: challenge.realm };
      }
      const issued = await token(challenge, reference.repository, credential, log, signal);
      if ("kind" in issued) return issued;
      headers = { authorization: `Bearer ${issued.token}` };
    }
    const response = await ask(
      host.authority,
      manifestPath(reference),
      { accept: MANIFESTS, ...headers },
      log,
      who,
      signal,
    );
    const outcome = judge(response, "manifest", challenge.scheme);
    return outcome.kind === "not-found" ? await lookCloser(outcome, target, headers, log, who, signal) : outcome;
  }

  /** Many registries say "manifest unknown" for an unknown repository, too: the list of tags tells them apart. */
  async function lookCloser(
    outcome: AttemptOutcome & { kind: "not-found" },
    { host, reference }: { host: RegistryHost; reference: ImageReference },
    headers: Record<string, string>,
    log: Exchange[],
    who: string,
    signal?: AbortSignal,
  ): Promise<AttemptOutcome> {
    if (outcome.what === "repository") return outcome;
    const response = await ask(
      host.authority,
      `/v2/${reference.repository}/tags/list?n=100`,
      headers,
      log,
      who,
      signal,
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

  function agreed(host: RegistryHost, realm: string): boolean {
    const url = new URL(realm);
    if (url.protocol !== "https:" && !isLoopback(url.host)) return false;
    return agreedRealms.some(
      (entry) => entry === `${host.key}=${url.host}` || entry === `${host.authority}=${url.host}`,
    );
  }

  /** Turns what was thrown into an outcome, and takes whatever is secret out of the evidence. */
  async function attempt(
    log: Exchange[],
    credential: TriedCredential | undefined,
    work: () => Promise<AttemptOutcome>,
  ): Promise<Attempt> {
    let outcome: AttemptOutcome;
    try {
      outcome = await work();
    } catch (error) {
      if (!(error instanceof Unreachable)) throw error;
      outcome = { kind: "unreachable", reason: error.reason, detail: error.message };
    }
    const secrets = credential === undefined ? [] : [secretOf(credential)];
    const clean = (text: string) => printable(redactText(text, secrets));
    const exchanges = log.map(({ asked, answered }) => ({ asked: clean(asked), answered: clean(answered) }));
    return "errors" in outcome
      ? { ...outcome, errors: outcome.errors.map((error) => cleanError(error, clean)), exchanges }
      : { ...outcome, exchanges };
  }

  return {
    async probe(reference, credential, signal) {
      const host = parseRegistryHost(reference.registry);
      const target = { host, reference };
      let challenge: Challenge | undefined;
      const log: Exchange[] = [];
      const anonymous = await attempt(log, undefined, async () => {
        const response = await ask(
          host.authority,
          manifestPath(reference),
          { accept: MANIFESTS },
          log,
          "anonymous",
          signal,
        );
        challenge = challengeOf(response);
        if (challenge?.scheme === "bearer") return await answer(challenge, target, undefined, log, signal);
        const outcome = judge(response, "manifest", challenge?.scheme ?? "none");
        return outcome.kind === "not-found" ? await lookCloser(outcome, target, {}, log, "anonymous", signal) : outcome;
      });
      // after 429 the credential would only burn another attempt of an account that may be locked already
      if (credential === undefined || challenge === undefined || anonymous.kind === "rate-limited")
        return { anonymous };
      const found = challenge;
      const second: Exchange[] = [];
      const authenticated = await attempt(second, credential, () => answer(found, target, credential, second, signal));
      return { anonymous, authenticated };
    },

    async realm(authority, signal) {
      try {
        const response = await ask(authority, "/v2/", {}, [], "anonymous", signal);
        const challenge = challengeOf(response);
        if (challenge?.scheme === "bearer") return { kind: "realm", url: challenge.realm };
        const outcome = judge(response, "manifest", "none");
        return outcome.kind === "ok" || outcome.kind === "refused" ? { kind: "none" } : outcome;
      } catch (error) {
        if (isFailure(error) || !(error instanceof Unreachable)) throw error;
        return { kind: "unreachable", reason: error.reason, detail: error.message };
      }
    },
  };
}

function manifestPath({ repository, tag, digest }: ImageReference): string {
  return `/v2/${repository}/manifests/${digest ?? tag ?? "latest"}`;
}

/** The challenge that docker would answer: Bearer before Basic (moby/moby, registry/auth.go). */
function challengeOf(response: HttpResponse): Challenge | undefined {
  if (response.status !== 401) return undefined;
  const challenges = parseChallenges(response.headers.get("www-authenticate") ?? []);
  const bearer = challenges.find(
    ({ scheme, parameters }) => scheme === "bearer" && URL.canParse(parameters["realm"] ?? ""),
  );
  if (bearer)
    return { scheme: "bearer", realm: bearer.parameters["realm"] ?? "", service: bearer.parameters["service"] ?? "" };
  return challenges.some(({ scheme }) => scheme === "basic") ? { scheme: "basic" } : undefined;
}

function judge(
  response: HttpResponse,
  stage: "token" | "manifest",
  scheme: "basic" | "bearer" | "none",
): AttemptOutcome {
  const { status, body } = response;
  const errors = parseErrorBody(body);
  const looksLikePage = /^\s*</.test(body) || /text\/html/i.test(contentType(response));
  // a proxy in front of a registry asks for a login with a page, too
  const isPage = errors.length === 0 && looksLikePage && challengeOf(response) === undefined;
  if (status === 429) {
    const retryAfter = response.headers.get("retry-after")?.[0];
    return { kind: "rate-limited", errors, ...(retryAfter === undefined ? {} : { retryAfter }) };
  }
  if (status >= 500) return { kind: "server-error", status, errors };
  if (isPage || (status >= 300 && status < 400))
    return { kind: "not-a-registry", status, contentType: contentType(response) };
  if (status === 404) {
    const codes = errors.map(({ code }) => code);
    const what = codes.includes("NAME_UNKNOWN") ? "repository" : "unknown";
    return { kind: "not-found", what, errors };
  }
  if (status >= 400) return { kind: "refused", stage, scheme, status, errors };
  return { kind: "ok" };
}

/** Words of a registry for a terminal: in one line, and not endless. */
function printable(text: string): string {
  const line = text.replace(/[\p{Cc}\u2028\u2029]+/gu, " ");
  return line.length > LONGEST_WORDS ? `${line.slice(0, LONGEST_WORDS)}…` : line;
}

function contentType(response: HttpResponse): string {
  return response.headers.get("content-type")?.[0] ?? "";
}

function basic(credential: TriedCredential | undefined): Record<string, string> {
  if (credential === undefined || "identityToken" in credential) return {};
  return { authorization: `Basic ${base64(`${credential.username}:${credential.password.reveal()}`)}` };
}

function secretOf(credential: TriedCredential) {
  return "identityToken" in credential
    ? { value: credential.identityToken }
    : { username: credential.username, value: credential.password };
}

function cleanError(error: RegistryError, clean: (text: string) => string): RegistryError {
  return { code: clean(error.code), message: clean(error.message) };
}

function tokenOf(body: string): string | undefined {
  const parsed = tryJson(body) as { token?: unknown; access_token?: unknown } | null | undefined;
  const found = parsed?.token ?? parsed?.access_token;
  return typeof found === "string" && found !== "" ? found : undefined;
}

function tagsOf(body: string): string[] | undefined {
  const { tags } = (tryJson(body) ?? {}) as { tags?: unknown };
  return Array.isArray(tags)
    ? tags.filter((tag): tag is string => typeof tag === "string" && TAG.test(tag)).slice(0, 100)
    : undefined;
}

function tryJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
