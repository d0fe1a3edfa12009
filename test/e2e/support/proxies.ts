import { createServer as createHttpServer, request, type IncomingMessage } from "node:http";
import { connect, createServer, type AddressInfo, type Socket } from "node:net";
import { listen } from "../../../scripts/testbed/loopback";

/** Something in front of a registry that lets a chosen request wait for ever. */
export interface SlowRegistry {
  readonly address: string;
  /** Resolves when the request has come that is kept waiting. */
  readonly reached: Promise<void>;
  stop(): Promise<void>;
}

/** Starts a proxy in front of the registry at `target` that never answers a request with a credential that `isSlow`. */
export async function startSlowRegistry(
  target: string,
  isSlow: (request: IncomingMessage) => boolean,
): Promise<SlowRegistry> {
  let tell: () => void = () => undefined;
  const reached = new Promise<void>((resolve) => (tell = resolve));
  const server = createHttpServer((incoming, outgoing) => {
    if (incoming.headers.authorization !== undefined && isSlow(incoming)) {
      tell();
      return;
    }
    const { method, url, headers } = incoming;
    const forwarded = request(`http://${target}${url ?? ""}`, { method, headers }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(outgoing);
    });
    forwarded.on("error", () => outgoing.destroy());
    incoming.pipe(forwarded);
  });
  const { port, stop } = await listen(server);
  return { address: `localhost:${port}`, reached, stop };
}

/** Something in front of the engine that can be taken away. */
export interface EngineProxy {
  /** For `DOCKER_HOST`. */
  readonly address: string;
  /** How many connections have come. */
  connections(): number;
  /** From now on nobody listens, and open connections are cut. */
  stop(): Promise<void>;
}

/**
 * Starts a proxy in front of the engine at `address` (a `unix://` or `tcp://` one): at the path `socketFile`, or without it
 * at a port of the loopback interface.
 * @throws Error when the engine is reached in another way
 */
export async function startEngineProxy(address: string, socketFile?: string): Promise<EngineProxy> {
  const [, kind, place = ""] = /^(unix|tcp):\/\/(.+)$/.exec(address) ?? [];
  if (kind === undefined) throw new Error(`No proxy can stand in front of ${address}.`);
  const open = () => (kind === "unix" ? connect(place) : connect(Number(place.split(":")[1]), place.split(":")[0]));
  const sockets = new Set<Socket>();
  let count = 0;
  // the client half-closes an attached connection, and goes on reading
  const server = createServer({ allowHalfOpen: true }, (client) => {
    count++;
    const engine = open();
    for (const [from, to] of [
      [client, engine],
      [engine, client],
    ] as const) {
      sockets.add(from);
      from.on("error", () => to.destroy());
      from.once("close", () => sockets.delete(from));
      from.pipe(to);
    }
  });
  await new Promise<void>((resolve) =>
    socketFile === undefined ? server.listen(0, "127.0.0.1", resolve) : server.listen(socketFile, resolve),
  );
  return {
    address:
      socketFile === undefined ? `tcp://127.0.0.1:${(server.address() as AddressInfo).port}` : `unix://${socketFile}`,
    connections: () => count,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}
