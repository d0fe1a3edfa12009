import { strict as assert } from "node:assert";
import { httpClient } from "../../../src/adapters/http/client";
import { featureOf, metadataInLayer } from "../../../src/adapters/registries/feature";
import { registryProber } from "../../../src/adapters/registries/prober";
import { askingOnce, featureMetadata } from "../../../src/domain/diagnosis/featureMetadata";
import { parseImageReference } from "../../../src/domain/image/reference";
import { Redacted } from "../../../src/domain/redacted";
import { LoopbackServer } from "../../fakes/loopbackServer";

const METADATA = '{"id": "one", "name": "Größe", "dependsOn": {"ghcr.io/acme/two:1": {}}}';
const DIGEST = `sha256:${"a".repeat(64)}`;
const CONFIG = { mediaType: "application/vnd.devcontainers" };
const withLayer = (size: number) => ({ schemaVersion: 2, config: CONFIG, layers: [{ digest: DIGEST, size }] });

/** One file in a tar (POSIX, ustar): its header and its content, filled up to 512 bytes. */
function entry(name: string, content: string | Buffer): Buffer {
  const bytes = Buffer.from(content as string);
  const header = Buffer.alloc(512);
  header.write(name, 0);
  header.write(`${bytes.length.toString(8).padStart(11, "0")}\0`, 124);
  return Buffer.concat([header, bytes, Buffer.alloc((512 - (bytes.length % 512)) % 512)]);
}

describe("what a Feature in a registry says of itself", () => {
  const manifests: [name: string, manifest: unknown, expected: unknown][] = [
    ["in its annotation", { annotations: { "dev.containers.metadata": METADATA } }, { metadata: METADATA }],
    ["in its layer", withLayer(3000), { layer: DIGEST }],
    ["in a layer that is too large", withLayer(2_000_000), undefined],
    ["is nothing for an image", { config: { mediaType: "x" }, layers: [{ digest: DIGEST, size: 1 }] }, undefined],
    ["is nothing for what is no manifest", [1], undefined],
    ["is nothing for a layer without a digest", { config: CONFIG, layers: [{ digest: "../x", size: 1 }] }, undefined],
  ];
  for (const [name, manifest, expected] of manifests) {
    it(name, () => assert.deepEqual(featureOf(manifest), expected));
  }

  const layers: [name: string, tar: Buffer, expected: string | undefined][] = [
    ["alone", entry("devcontainer-feature.json", METADATA), METADATA],
    [
      "after others that are no text",
      Buffer.concat([
        entry("./README.md", Buffer.from([255, 254, 195])),
        entry("./devcontainer-feature.json", METADATA),
      ]),
      METADATA,
    ],
    ["not at all", entry("install.sh", "echo devcontainer-feature.json"), undefined],
    ["with a size that is no number", Buffer.from(`devcontainer-feature.json\0${"x".repeat(900)}`), undefined],
  ];
  for (const [name, tar, expected] of layers) {
    it(`lies in a layer ${name}`, () => assert.equal(metadataInLayer(tar.toString("utf8")), expected));
  }

  it("is asked for with the credential that counts, and once for a whole diagnosis", async () => {
    const asked: string[] = [];
    const server = await LoopbackServer.start(({ url, headers }, response) => {
      asked.push(`${url} ${headers.authorization === undefined ? "anonymous" : "alice"}`);
      if (headers.authorization === undefined) {
        response.writeHead(401, { "www-authenticate": 'Basic realm="x"' }).end();
      } else if (url.includes("/blobs/")) response.end(entry("devcontainer-feature.json", METADATA));
      else response.end(JSON.stringify(withLayer(2048)));
    });
    try {
      const credential = { username: "alice", password: new Redacted("feature-test-password") };
      const evidence = { kind: "docker-config", username: "alice" } as const;
      const prober = askingOnce(registryProber(httpClient(3_000), []));
      const reference = parseImageReference(`${server.authority}/acme/one:1`);
      const metadata = featureMetadata({ prober, lookUp: () => Promise.resolve({ evidence, credential }) });
      assert.equal(await metadata(reference), METADATA);
      const { authenticated } = await prober.probe(reference, credential);
      assert.equal(authenticated?.kind, "ok");
      assert.deepEqual(asked, [
        "/v2/acme/one/manifests/1 anonymous",
        "/v2/acme/one/manifests/1 alice",
        `/v2/acme/one/blobs/${DIGEST} alice`,
      ]);
      const nobody = featureMetadata(
        { prober, lookUp: () => Promise.reject(new Error("not to be asked")) },
        { anonymousOnly: true },
      );
      assert.equal(await nobody(reference), undefined);
    } finally {
      await server.stop();
    }
  });
});
