import { isFailure } from "../failure";
import { identifyRegistry } from "./catalog";
import { isLoopback, parseRegistryHost } from "./host";

/**
 * How a host is like another: a `spelling` of the same registry that Docker does not match, another `port`, another
 * `region` or `account` of the same cloud's registry, a `domain` above or below it, or one or two letters of `typing`.
 */
export type Likeness = "spelling" | "port" | "region" | "account" | "domain" | "typing";

export interface NearMiss {
  /** As it was given. */
  readonly host: string;
  readonly likeness: Likeness;
}

/** Best first. */
const ORDER: readonly Likeness[] = ["spelling", "port", "region", "account", "domain", "typing"];

/** A short name is one or two letters from many others. */
const SHORTEST_FOR_TYPING = 6;

/**
 * Of the hosts that a credential is `known` for, the one that `wanted` was most likely meant to be, or undefined if none
 * is like it. `wanted` is a registry as Docker spells it in a reference, `known` may hold keys of Docker's config, with
 * scheme and path. A known host that Docker itself would match is not looked for here: give none. Never throws.
 */
export function nearMissHost(wanted: string, known: readonly string[]): NearMiss | undefined {
  const found = known.flatMap((host) => {
    const likeness = host === wanted ? spellingOf(host) : likenessOf(wanted, host);
    return likeness === undefined ? [] : [{ host, likeness, distance: distance(wanted, host) }];
  });
  found.sort(
    (a, b) =>
      ORDER.indexOf(a.likeness) - ORDER.indexOf(b.likeness) || a.distance - b.distance || (a.host < b.host ? -1 : 1),
  );
  const [best] = found;
  return best && { host: best.host, likeness: best.likeness };
}

/** `docker.io` is a name of Docker Hub, and not its key. */
function spellingOf(host: string): Likeness | undefined {
  return identifyRegistry(host).kind === "docker-hub" ? "spelling" : undefined;
}

function likenessOf(wanted: string, known: string): Likeness | undefined {
  const a = hostOf(wanted);
  const b = hostOf(known);
  if (a === undefined || b === undefined) return undefined;
  if (a.key === b.key) return "spelling";
  const [one, other] = [split(a.key), split(b.key)];
  if (one.port === other.port && isLoopback(one.name) && isLoopback(other.name)) return "spelling";
  if (one.name === other.name) return "port";
  const cloud = sameCloud(a.key, b.key);
  if (cloud !== undefined) return cloud;
  if (one.port === other.port && isBelow(one.name, other.name)) return "domain";
  return isTypo(a.key, b.key) ? "typing" : undefined;
}

function sameCloud(one: string, other: string): Likeness | undefined {
  const a = identifyRegistry(one);
  const b = identifyRegistry(other);
  if (a.kind === "ecr" && b.kind === "ecr") return a.account === b.account ? "region" : "account";
  if (a.kind === "acr" && b.kind === "acr") return a.name === b.name ? "region" : "account";
  if (a.kind === "gar" && b.kind === "gar") return "region";
  if (a.kind === "gcr" && b.kind === "gcr") return "region";
  return undefined;
}

function isBelow(a: string, b: string): boolean {
  return [a, b].every((name) => name.includes(".") && !isAddress(name)) && (a.endsWith(`.${b}`) || b.endsWith(`.${a}`));
}

function isTypo(a: string, b: string): boolean {
  if (Math.min(a.length, b.length) < SHORTEST_FOR_TYPING || isAddress(a) || isAddress(b)) return false;
  // both are right: ghcr.io and gcr.io are two registries, one letter apart
  if (identifyRegistry(a).kind !== "other" && identifyRegistry(b).kind !== "other") return false;
  return distance(a, b) <= 2;
}

function isAddress(name: string): boolean {
  return name.startsWith("[") || /^[\d.]+(?::\d+)?$/.test(name);
}

function split(key: string): { name: string; port: string } {
  const [, name = key, port = ""] = /^(.*?)(?::(\d+))?$/.exec(key) ?? [];
  return { name, port };
}

function hostOf(text: string): { readonly key: string } | undefined {
  try {
    return parseRegistryHost(text);
  } catch (error) {
    if (isFailure(error)) return undefined;
    throw error;
  }
}

/** Levenshtein's distance: how many letters differ. */
export function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (const [i, left] of Array.from(a).entries()) {
    const next = [i + 1];
    for (let j = 0; j < b.length; j++) {
      const change = (row[j] ?? 0) + (left === b[j] ? 0 : 1);
      next.push(Math.min(change, (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
