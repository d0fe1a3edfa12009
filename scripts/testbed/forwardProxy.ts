import { rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { connect } from "node:net";
import { join } from "node:path";
import { temporaryFolder } from "./folders";
import { freePort, listen } from "./loopback";
import { startService, untilReady } from "./service";

/** A forward proxy on the loopback interface. */
export interface ForwardProxy {
  readonly port: number;
  stop(): Promise<void>;
}

/**
 * A forward proxy that leads https under some names to ports of this machine, and nothing else anywhere: with it real
 * programs reach a stand-in by the name of the real registry. `asked` are names with ports, in order.
 */
export async function startMappingProxy(
  portOf: (host: string) => number | undefined,
): Promise<ForwardProxy & { readonly asked: string[] }> {
  const asked: string[] = [];
  const server = createServer((_, response) => response.writeHead(403).end());
  server.on("connect", (request, socket, head) => {
    const target = request.url ?? "";
    asked.push(target);
    const [, host] = /^(.*):443$/.exec(target) ?? [];
    const port = host === undefined ? undefined : portOf(host);
    if (port === undefined) {
      socket.end("HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n");
      return;
    }
    const there = connect(port, "127.0.0.1", () => {
      socket.write("HTTP/1.1 200 Connection established\r\n\r\n");
      there.write(head);
      there.pipe(socket).pipe(there);
    });
    there.on("error", () => socket.destroy());
    socket.on("error", () => there.destroy());
  });
  const { port, stop } = await listen(server);
  return { port, asked, stop };
}

/**
 * A real forward proxy (Debian: tinyproxy) that wants this login, and hands everything on to the proxy at `upstream`, so
 * that nothing leaves this machine.
 */
export async function startTinyproxy(
  login: { readonly user: string; readonly password: string },
  upstream: number,
): Promise<ForwardProxy & { log(): string }> {
  const folder = temporaryFolder("tinyproxy");
  const port = await freePort();
  const configuration = [
    `Port ${port}`,
    "Listen 127.0.0.1",
    "Timeout 60",
    "LogLevel Connect",
    "MaxClients 50",
    "Allow 127.0.0.1",
    `BasicAuth ${login.user} ${login.password}`,
    `Upstream http 127.0.0.1:${upstream}`,
  ];
  writeFileSync(join(folder, "tinyproxy.conf"), `${configuration.join("\n")}\n`, { mode: 0o600 });
  const service = await startService({
    command: "tinyproxy",
    arguments: ["-d", "-c", join(folder, "tinyproxy.conf")],
    logFile: join(folder, "tinyproxy.log"),
  });
  await untilReady("tinyproxy", service, () => canConnect(port), 20_000);
  return {
    port,
    log: () => service.output(),
    stop: async () => {
      await service.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function canConnect(port: number): Promise<true | undefined> {
  return await new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => resolve(undefined));
  });
}
