import { lookup } from "node:dns/promises";
import { isInNetwork } from "../http/proxy";

/**
 * True if the engine regards the registry as insecure: `entries` are hosts (with the port that the image names) and
 * networks in CIDR notation, as `docker info` lists them. A name is looked up only where there are networks (moby/moby
 * daemon/pkg/registry/config.go, `isSecureIndex`).
 */
export async function isInsecureRegistry(
  authority: string,
  entries: readonly string[],
  addressesOf: (name: string) => Promise<readonly string[]> = addresses,
): Promise<boolean> {
  if (entries.includes(authority)) return true;
  const networks = entries.filter((entry) => entry.includes("/") && entry !== "127.0.0.0/8" && entry !== "::1/128");
  if (networks.length === 0) return false;
  const name = authority.replace(/:\d+$/, "").replace(/^\[|\]$/g, "");
  const found = await addressesOf(name).catch(() => []);
  return found.some((address) => networks.some((network) => isInNetwork(address, network)));
}

async function addresses(name: string): Promise<string[]> {
  return (await lookup(name, { all: true })).map(({ address }) => address);
}
