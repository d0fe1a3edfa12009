import { createServer } from "node:https";
import { text } from "node:stream/consumers";
import type { Certificate } from "./certificates";
import { listen } from "./loopback";
import type { StandIn } from "./standIns";

/** A request that a server of stand-ins has seen. */
export interface Seen {
  readonly host: string;
  readonly method: string;
  readonly path: string;
  /** `Basic`, `Bearer`, or nothing. */
  readonly authorization: string | undefined;
  readonly body: string;
}

export interface StandInServer {
  readonly port: number;
  /** What was asked, in order. */
  readonly seen: Seen[];
  /** How many connections were open at once at most. */
  mostConnections(): number;
  stop(): Promise<void>;
}

/**
 * Serves stand-ins over TLS on a free port of the loopback interface; which of them answers is told by the Host field.
 * @param delay milliseconds before each answer
 */
export async function serveStandIns(
  standIns: readonly StandIn[],
  { certificate, key }: Certificate,
  delay = 0,
): Promise<StandInServer> {
  const seen: Seen[] = [];
  let open = 0;
  let most = 0;
  const server = createServer({ cert: certificate, key }, (request, response) => {
    void (async () => {
      const host = (request.headers.host ?? "").replace(/:\d+$/, "");
      const url = new URL(request.url ?? "/", `https://${host}`);
      const body = await text(request);
      const { authorization } = request.headers;
      seen.push({
        host,
        method: request.method ?? "",
        path: url.pathname,
        authorization: authorization?.split(" ", 1)[0],
        body,
      });
      const standIn = standIns.find(({ hosts }) => hosts.includes(host));
      const ask = { method: request.method ?? "", host, url, headers: { authorization }, body };
      const said = (await standIn?.answer(ask)) ?? { status: 421, body: "no such host here" };
      if (delay > 0) await new Promise((resolve) => setTimeout(resolve, delay));
      response.writeHead(said.status, { ...said.headers });
      response.end(typeof said.body === "string" ? said.body : JSON.stringify(said.body ?? ""));
    })();
  });
  server.on("secureConnection", (socket) => {
    most = Math.max(most, ++open);
    socket.once("close", () => open--);
  });
  const { port, stop } = await listen(server);
  return { port, seen, mostConnections: () => most, stop };
}
