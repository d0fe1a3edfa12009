import { strict as assert } from "node:assert";
import { createServer } from "node:net";
import type { AddressInfo, Socket } from "node:net";
import { httpClient } from "../../../src/adapters/http/client";
import { Unreachable } from "../../../src/adapters/http/unreachable";
import { failureWith } from "../../fakes/failures";
import { LoopbackServer } from "../../fakes/loopbackServer";

describe("one request over http", () => {
  let server: LoopbackServer;
  const answers: Record<string, Parameters<typeof LoopbackServer.start>[0]> = {
    "/": (_, response) => void response.writeHead(200, { "X-Two": ["a", "b"], "X-One": "1" }).end("hello é"),
    "/redirect": (_, response) => void response.writeHead(302, { Location: "/" }).end(),
    "/hang": () => undefined,
    "/close": (_, response) => void response.destroy(),
    "/half": (_, response) => {
      response.writeHead(200, { "Content-Length": "1000" });
      response.write("half", () => response.destroy());
    },
    "/drip": (_, response) => {
      response.writeHead(200);
      response.write("drip");
    },
    "/endless": (_, response) => {
      response.writeHead(200);
      const pour = () => {
        while (!response.destroyed && response.write("x".repeat(65_536)));
      };
      response.on("drain", pour);
      pour();
    },
    "/headers": (_, response) => void response.writeHead(200, { "X-Big": "x".repeat(40_000) }).end(),
    "/echo": ({ method, body, headers }, response) =>
      void response.end(`${method} ${String(headers["x-a"])} ${body} ${String(headers["user-agent"])}`),
  };
  before(async () => (server = await LoopbackServer.start((seen, response) => answers[seen.url]?.(seen, response))));
  after(() => server.stop());

  const client = httpClient(2_000);
  const url = (path: string) => `http://${server.authority}${path}`;
  const trouble = async (target: string, timeoutMs = 2_000) => {
    const error: unknown = await httpClient(timeoutMs)
      .send({ url: target })
      .catch((thrown: unknown) => thrown);
    assert.ok(error instanceof Unreachable, String(error));
    return error;
  };

  it("gives status, headers and body", async () => {
    const { status, headers, body } = await client.send({ url: url("/") });
    assert.deepEqual([status, body, headers.get("x-two"), headers.get("x-one")], [200, "hello é", ["a", "b"], ["1"]]);
  });

  it("sends method, headers and body, and its name", async () => {
    const { body } = await client.send({ url: url("/echo"), method: "POST", headers: { "x-a": "1" }, body: "b=é" });
    assert.equal(body, "POST 1 b=é registry-secrets");
  });

  it("does not follow a redirect", async () => {
    assert.equal((await client.send({ url: url("/redirect") })).status, 302);
  });

  it("keeps a megabyte of a body without an end", async () => {
    const { body } = await client.send({ url: url("/endless") });
    assert.equal(body.length, 1024 * 1024);
  });

  const troubles: [what: string, path: string, reason: Unreachable["reason"], words: RegExp, limitMs?: number][] = [
    ["hangs", "/hang", "timeout", /no answer from 127\.0\.0\.1:\d+ within 0\.3 s/, 300],
    ["begins and hangs", "/drip", "timeout", /within 0\.3 s/, 300],
    ["closes", "/close", "closed", /closed the connection/],
    ["closes in the middle", "/half", "closed", /closed the connection/],
    ["sends endless headers", "/headers", "other", /endless headers/],
  ];
  for (const [what, path, reason, words, limitMs = 8_000] of troubles) {
    it(`tells of a server that ${what}: ${reason}`, async () => {
      const error = await trouble(url(path), limitMs);
      assert.equal(error.reason, reason);
      assert.match(error.message, words);
    });
  }

  it("tells that nothing listens", async () => {
    const port = await new Promise<number>((resolve) => {
      const probe = createServer().listen(0, "127.0.0.1", () => {
        const { port: free } = probe.address() as AddressInfo;
        probe.close(() => resolve(free));
      });
    });
    const error = await trouble(`http://127.0.0.1:${port}/`);
    assert.equal(error.reason, "refused");
    assert.match(error.message, new RegExp(`nothing listens at 127\\.0\\.0\\.1:${port}`));
  });

  it("tells that a name is not found", async function () {
    this.timeout(60_000); // a resolver that does not answer has time limits of its own
    assert.equal((await trouble("http://registry.invalid/", 55_000)).reason, "dns");
  });

  it("tells that a server speaks no TLS", async () => {
    const error = await trouble(`https://${server.authority}/`);
    assert.equal(error.reason, "plain-http");
    assert.match(error.message, /127\.0\.0\.1:\d+ answers plain http to https/);
  });

  it("tells of what is no http", async () => {
    const sockets: Socket[] = [];
    const odd = createServer((socket) => {
      sockets.push(socket);
      socket.on("error", () => undefined).write("SSH-2.0-OpenSSH_9\r\n");
    });
    await new Promise<void>((resolve) => odd.listen(0, "127.0.0.1", resolve));
    const error = await trouble(`http://127.0.0.1:${(odd.address() as AddressInfo).port}/`);
    assert.equal(error.reason, "other");
    assert.match(error.message, /answers is no HTTP/);
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => odd.close(resolve));
  });

  it("is cancelled by the signal, before and meanwhile", async () => {
    await assert.rejects(client.send({ url: url("/"), signal: AbortSignal.abort() }), failureWith("cancelled"));
    const stop = new AbortController();
    const work = client.send({ url: url("/hang"), signal: stop.signal });
    setImmediate(() => stop.abort());
    await assert.rejects(work, failureWith("cancelled"));
  });
});
