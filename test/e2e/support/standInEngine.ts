import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { join } from "node:path";

/** An engine without containers, at a socket of its own: it can be off, and it can take its time. */
export interface StandInEngine {
  /** For `DOCKER_HOST`. */
  readonly address: string;
  start(): Promise<void>;
  /** It goes on to hear what it is asked, and answers nothing. */
  hold(): void;
  /** It answers what waits, and whatever comes. */
  answer(): void;
  stop(): Promise<void>;
}

/** Its socket lies in `folder`; at first it is off. */
export function standInEngine(folder: string): StandInEngine {
  const socket = join(folder, "engine.sock");
  const waiting: (() => void)[] = [];
  let isHeld = false;
  const server = createServer((request, response) => {
    const reply = () => replyTo(request, response);
    if (isHeld) waiting.push(reply);
    else reply();
  });
  return {
    address: `unix://${socket}`,
    start: () => new Promise((resolve) => server.listen(socket, resolve)),
    hold: () => (isHeld = true),
    answer: () => {
      isHeld = false;
      for (const reply of waiting.splice(0)) reply();
    },
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** As much of Docker's API as its client asks for to say that there is nothing. */
function replyTo({ url = "" }: IncomingMessage, response: ServerResponse): void {
  const json = (status: number, answer: unknown) =>
    response.writeHead(status, { "Content-Type": "application/json" }).end(JSON.stringify(answer));
  response.setHeader("Api-Version", "1.41").setHeader("OSType", "linux");
  const [path = ""] = url.replace(/^\/v[\d.]+/, "").split("?");
  if (path === "/_ping") response.end("OK");
  else if (path === "/version") json(200, { Version: "20.10.0", ApiVersion: "1.41", Os: "linux", Arch: "amd64" });
  else if (path === "/containers/json") json(200, []);
  else if (path === "/events") response.writeHead(200).flushHeaders();
  else json(404, { message: `No such object: ${path}` });
}
