import type { AttemptOutcome, RateLimit } from "../../domain/diagnosis/evidence";
import { parseChallenges, parseErrorBody } from "../../domain/registry/protocol";
import { parseExpirationHeader } from "../../domain/secret/expiry";
import { LARGEST_BODY, type HttpResponse } from "../http/client";
import { featureOf, isObject, object } from "./feature";

/** What docker accepts as a manifest, in its order (OCI distribution specification, "Pulling manifests"). */
const MANIFEST_TYPES = [
  "application/vnd.oci.image.index.v1+json",
  "application/vnd.docker.distribution.manifest.list.v2+json",
  "application/vnd.oci.image.manifest.v1+json",
  "application/vnd.docker.distribution.manifest.v2+json",
];
export const MANIFESTS = MANIFEST_TYPES.join(", ");

/** The grammar of tags (OCI distribution specification, "Pulling manifests"). */
const TAG = /^\w[\w.-]{0,127}$/;
const PLATFORM_WORD = /^[\w.-]{1,32}$/;
const MOST_PLATFORMS = 50;
const LONGEST_SCOPE = 1000;

/** How a registry wants its clients to authenticate. */
export type Challenge =
  | { readonly scheme: "basic" }
  | {
      readonly scheme: "bearer";
      readonly realm: string;
      readonly service: string;
      readonly scopes: readonly string[];
    };

/** The challenge that docker would answer: Bearer before Basic (moby/moby daemon/pkg/registry/auth.go). */
export function challengeOf(response: HttpResponse): Challenge | undefined {
  if (response.status !== 401) return undefined;
  const challenges = parseChallenges(response.headers.get("www-authenticate") ?? []);
  for (const { scheme, parameters } of challenges) {
    const { realm = "", service = "", scope = "" } = parameters;
    if (scheme !== "bearer" || !URL.canParse(realm)) continue;
    const scopes = scope.length > LONGEST_SCOPE ? [] : scope.split(" ").filter((part) => part !== "");
    return { scheme: "bearer", realm, service, scopes };
  }
  return challenges.some(({ scheme }) => scheme === "basic") ? { scheme: "basic" } : undefined;
}

/** What the answer for a manifest means for the attempt. */
export function judge(response: HttpResponse, scheme: "basic" | "bearer" | "none"): AttemptOutcome {
  return troubleOf(response, "manifest", scheme) ?? manifestIn(response);
}

/** What an answer says is wrong; undefined for one that says so by nothing but its body. */
export function troubleOf(
  response: HttpResponse,
  stage: "token" | "manifest",
  scheme: "basic" | "bearer" | "none",
): AttemptOutcome | undefined {
  const { status, body } = response;
  const errors = parseErrorBody(body);
  const looksLikePage = /^\s*</.test(body) || /text\/html/i.test(contentType(response));
  // a proxy in front of a registry asks for a login with a page, too
  const isPage = errors.length === 0 && looksLikePage && challengeOf(response) === undefined;
  if (status === 429) {
    const retryAfter = response.headers.get("retry-after")?.[0];
    const wait = retryAfter === undefined ? {} : { retryAfter };
    return { kind: "rate-limited", errors, ...wait, ...rateLimitOf(response) };
  }
  if (status >= 500) return { kind: "server-error", status, errors };
  if (isPage || (status >= 300 && status < 400)) return notARegistry(response);
  if (status === 404) {
    const codes = errors.map(({ code }) => code);
    const what = codes.includes("NAME_UNKNOWN") ? "repository" : "unknown";
    return { kind: "not-found", what, errors };
  }
  return status >= 400 ? { kind: "refused", stage, scheme, status, errors } : undefined;
}

/** An answer that is not one of a registry or of its token server, whatever its status says. */
export function notARegistry(response: HttpResponse): AttemptOutcome {
  return { kind: "not-a-registry", status: response.status, contentType: contentType(response) };
}

/** What engines take (OCI image specification, manifest.md and image-index.md, and its forerunner schema 2 of Docker). */
function manifestIn(response: HttpResponse): AttemptOutcome {
  const limits = rateLimitOf(response);
  const { body } = response;
  // of a larger one only a part was read
  if (body.length >= LARGEST_BODY)
    return beginsAsManifest(response) ? { kind: "ok", ...limits } : notARegistry(response);
  const manifest = object(tryJson(body));
  if (manifest["schemaVersion"] === 1 && Array.isArray(manifest["fsLayers"])) return { kind: "outdated-format" };
  const isImage = isObject(manifest["config"]) && Array.isArray(manifest["layers"]);
  if (manifest["schemaVersion"] !== 2 || !(isImage || Array.isArray(manifest["manifests"])))
    return notARegistry(response);
  const platforms = platformsOf(manifest);
  const feature = featureOf(manifest);
  return {
    kind: "ok",
    ...(platforms === undefined ? {} : { platforms }),
    ...(feature === undefined ? {} : { feature }),
    ...limits,
  };
}

function beginsAsManifest(response: HttpResponse): boolean {
  const type = contentType(response).split(";", 1)[0]?.trim().toLowerCase();
  return MANIFEST_TYPES.some((known) => known === type) || /"schemaVersion"\s{0,9}:\s{0,9}2/.test(response.body);
}

export function contentType(response: HttpResponse): string {
  return response.headers.get("content-type")?.[0] ?? "";
}

/** The token in a token server's answer, and for how long it holds (Distribution, spec/auth/token.md and oauth.md). */
export function tokenOf(body: string): { token: string; seconds: number } | undefined {
  const parsed = object(tryJson(body));
  const found = [parsed["token"], parsed["access_token"]].find((value) => typeof value === "string" && value !== "");
  if (typeof found !== "string") return undefined;
  const seconds = parsed["expires_in"];
  // 60 where nothing is said, which is also the least (moby/moby, registry/client/auth/session.go)
  return { token: found, seconds: typeof seconds === "number" ? Math.max(seconds, 60) : 60 };
}

/** The tags in the answer to `tags/list`, if it is one; at most a hundred. */
export function tagsOf(body: string): string[] | undefined {
  const { tags } = object(tryJson(body));
  return Array.isArray(tags)
    ? tags.filter((tag): tag is string => typeof tag === "string" && TAG.test(tag)).slice(0, 100)
    : undefined;
}

/** When the token in use ends, if GitHub told it in a header. */
export function expirationOf(response: HttpResponse): string | undefined {
  const text = response.headers.get("github-authentication-token-expiration")?.[0];
  const expiry = text === undefined ? undefined : parseExpirationHeader(text);
  return expiry && new Date(expiry.at).toISOString();
}

/**
 * The platforms of an index or list, without what is no image (BuildKit's attestations are `unknown/unknown`); undefined
 * for the manifest of one image, and for an index that names none: the platform stands in another file then.
 */
function platformsOf(manifest: unknown): string[] | undefined {
  const { manifests } = object(manifest);
  if (!Array.isArray(manifests)) return undefined;
  const isSaid = manifests.some((entry) => isObject(object(entry)["platform"]));
  if (manifests.length > 0 && !isSaid) return undefined;
  const platforms = manifests.flatMap((entry) => {
    const { os, architecture, variant } = object(object(entry)["platform"]);
    const words = [os, architecture, ...(variant === undefined || variant === "" ? [] : [variant])];
    const isName = words.every((word) => typeof word === "string" && PLATFORM_WORD.test(word));
    return isName && os !== "unknown" ? [words.join("/")] : [];
  });
  return [...new Set(platforms)].slice(0, MOST_PLATFORMS);
}

function rateLimitOf({ headers }: HttpResponse): { rateLimit?: RateLimit } {
  const limit = /^(\d{1,9})(?:;w=(\d{1,9}))?$/.exec(headers.get("ratelimit-limit")?.[0] ?? "");
  const remaining = /^(\d{1,9})(?:;|$)/.exec(headers.get("ratelimit-remaining")?.[0] ?? "");
  const source = /^[\w.:-]{1,64}$/.exec(headers.get("docker-ratelimit-source")?.[0] ?? "");
  if (limit === null && remaining === null) return {};
  return {
    rateLimit: {
      ...(limit === null ? {} : { limit: Number(limit[1]) }),
      ...(limit?.[2] === undefined ? {} : { windowSeconds: Number(limit[2]) }),
      ...(remaining === null ? {} : { remaining: Number(remaining[1]) }),
      ...(source === null ? {} : { source: source[0] }),
    },
  };
}

function tryJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
