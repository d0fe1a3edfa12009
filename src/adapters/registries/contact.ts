import { isLoopback } from "../../domain/registry/host";
import type { HttpClient, HttpResponse } from "../http/client";
import { Unreachable } from "../http/unreachable";
import { isInsecureRegistry } from "./insecure";
import { challengeOf, MANIFESTS, type Challenge } from "./judge";
import { askRegistry, type Talk, type Transport } from "./requests";
import { sharing } from "./sharing";

/** What a registry said first: how it is spoken to, and how it wants its clients to authenticate. */
export interface Hello {
  readonly transport: Transport;
  readonly challenge?: Challenge | undefined;
}

/** The first contact, by asking for `path`; `own` is the answer if it was this call that asked. Throws `Unreachable`. */
export type Meet = (path: string, talk: Talk) => Promise<Hello & { readonly own?: HttpResponse }>;

/** Meets each registry once. `insecureRegistries` is asked only where https fails. */
export function firstContacts(http: HttpClient, insecureRegistries: () => Promise<readonly string[]>): Meet {
  const hellos = sharing<Hello>();

  /** By https, and where that fails as Docker would go on: it believes any certificate of this machine, and takes http. */
  async function contact(path: string, talk: Talk): Promise<{ transport: Transport; response: HttpResponse }> {
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

  return async (path, talk) => {
    let own: HttpResponse | undefined;
    const work = async () => {
      const { transport, response } = await contact(path, talk);
      own = response;
      return { transport, challenge: challengeOf(response) };
    };
    const hello = await hellos(talk.authority, work, talk.signal);
    return own === undefined ? hello : { ...hello, own };
  };
}

/** True if anyone on the way could read what is sent. */
export function isUnprotected(transport: Transport, authority: string): transport is "unverified" | "plain" {
  return transport !== "verified" && !isLoopback(authority);
}

function nextTransport(now: Transport, { reason }: Unreachable, authority: string): Transport | undefined {
  if (reason === "unknown-authority" || reason === "certificate-invalid")
    return now === "verified" ? "unverified" : undefined;
  const speaksOtherwise = reason === "plain-http" || reason === "tls" || reason === "closed";
  // https and http are at two ports where the image names none
  const isElsewhere = !/:\d+$/.test(authority) && (reason === "refused" || reason === "timeout");
  return now !== "plain" && (speaksOtherwise || isElsewhere) ? "plain" : undefined;
}
