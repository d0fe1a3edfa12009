import { createServer, type ServerResponse } from "node:http";
import { listen } from "./loopback";

/** The ways in which a registry can be out of order. */
export type Trouble = "html" | "hang" | "close" | "error500" | "tooManyRequests";

export interface BrokenRegistry {
  /** `localhost:PORT` */
  readonly address: string;
  /** What was asked, `GET /v2/`, in order. */
  readonly requests: readonly string[];
  /** From now on it behaves like this. */
  become(trouble: Trouble): void;
  stop(): Promise<void>;
}

const ANSWERS: Record<Trouble, (response: ServerResponse) => void> = {
  html: (response) => {
    const page = "<!DOCTYPE html><html><title>Sign in</title><body>Please sign in to the network.</body></html>";
    response.writeHead(200, { "Content-Type": "text/html; charset=utf-8" }).end(page);
  },
  hang: () => undefined,
  close: (response) => response.destroy(),
  error500: (response) => {
    response.writeHead(500, { "Content-Type": "text/plain" }).end("Internal Server Error");
  },
  tooManyRequests: (response) => {
    const body = { errors: [{ code: "TOOMANYREQUESTS", message: "You have reached your pull rate limit." }] };
    response.writeHead(429, { "Content-Type": "application/json", "Retry-After": "60" }).end(JSON.stringify(body));
  },
};

/** Starts something on the loopback interface that answers every request in the same unhelpful way. */
export async function startBrokenRegistry(trouble: Trouble): Promise<BrokenRegistry> {
  let current = trouble;
  const requests: string[] = [];
  const server = createServer((request, response) => {
    requests.push(`${request.method ?? ""} ${request.url ?? ""}`);
    ANSWERS[current](response);
  });
  const { port, stop } = await listen(server);
  return {
    address: `localhost:${port}`,
    requests,
    become: (next) => {
      current = next;
    },
    stop,
  };
}
