import { createServer, type IncomingMessage, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";

/** One request as the server saw it. */
export interface Seen {
  readonly method: string;
  readonly url: string;
  readonly authorization: string | undefined;
  readonly body: string;
  readonly headers: IncomingMessage["headers"];
}

/** A server on this machine that notes what it is asked, and what it is told of credentials. */
export class LoopbackServer {
  readonly seen: Seen[] = [];
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
  }

  static async start(answer: (seen: Seen, response: Parameters<RequestListener>[1]) => void): Promise<LoopbackServer> {
    const server = createServer((request, response) => {
      let body = "";
      request.setEncoding("utf8");
      request.on("data", (chunk: string) => (body += chunk));
      request.on("end", () => {
        const { method = "", url = "", headers } = request;
        const seen = { method, url, authorization: headers.authorization, body, headers };
        started.seen.push(seen);
        answer(seen, response);
      });
    });
    const started = new LoopbackServer(server);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return started;
  }

  /** `127.0.0.1:PORT` */
  get authority(): string {
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** The requests as `GET /v2/`, with a `*` behind each that carried a credential. */
  get log(): string[] {
    return this.seen.map(
      ({ method, url, authorization }) => `${method} ${url}${authorization === undefined ? "" : "*"}`,
    );
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
