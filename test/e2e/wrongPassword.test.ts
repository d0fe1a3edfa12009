import assert from "node:assert/strict";
import { createServer, request } from "node:http";
import { BUSYBOX_IMAGE, ensureImages } from "../../scripts/testbed/images";
import { triplet } from "../../scripts/testbed/cli";
import { listen } from "../../scripts/testbed/loopback";
import { openRegistry, USER, type PrivateRegistry } from "./support/privateRegistry";
import { World } from "./support/world";

/** Docker Hub locks accounts after a few failed logins, and the dev container CLI tries a failed pull five times. */
describe("A wrong password at creation", () => {
  let registry: PrivateRegistry;
  let world: World;

  before(async () => {
    await ensureImages(BUSYBOX_IMAGE);
    registry = await openRegistry({ base: BUSYBOX_IMAGE });
  });
  after(() => registry.stop());
  beforeEach(async () => {
    world = await World.create();
  });
  afterEach(() => world.close());

  it("is sent once, named, and no container is made", async () => {
    let sent = 0;
    // stands before the registry and counts the requests that carry a credential
    const counter = createServer((asked, answer) => {
      if (asked.headers.authorization !== undefined) sent++;
      const target = `http://${registry.address}${asked.url ?? "/"}`;
      const onwards = request(target, { method: asked.method, headers: asked.headers }, (given) => {
        answer.writeHead(given.statusCode ?? 502, given.headers);
        given.pipe(answer);
      });
      asked.pipe(onwards);
    });
    const { port, stop } = await listen(counter);
    try {
      const address = `localhost:${port}`;
      await world.devcontainer({ image: `${address}/acme/base:1` });
      const { code, stdout } = await world.cli(
        ["up", "--json", world.workspace],
        triplet(address, USER, "not-the-password"),
      );
      assert.equal(code, 1);
      const answer = JSON.parse(stdout) as { outcome: string; failure: { code: string }; findings: { code: string }[] };
      assert.deepEqual(
        [answer.outcome, answer.failure.code, ...answer.findings.map((finding) => finding.code)],
        ["failed", "creation-failed", "wrong-credential"],
      );
      assert.equal(sent, 1);
      assert.deepEqual(await world.containers(), []);
    } finally {
      await stop();
    }
  });

  it("does not stand in the way of an image that the engine has already", async () => {
    const image = `${registry.address}/acme/base:1`;
    await world.devcontainer({ image, remoteUser: "root" });
    const first = await world.cli(["up", world.workspace], registry.variables());
    assert.equal(first.code, 0, first.stderr);
    const second = await world.cli(["up", "--recreate", world.workspace], registry.variables("not-the-password"));
    assert.equal(second.code, 0, second.stdout + second.stderr);
  });
});
