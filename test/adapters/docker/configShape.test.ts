import { strict as assert } from "node:assert";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { dockerConfigShape, shapeOf } from "../../../src/adapters/docker/configShape";
import { temporaryFolder } from "../../fakes/temporaryFolder";

describe("the shape of Docker's config", () => {
  const folder = temporaryFolder();
  const cases: [name: string, config: unknown, lines: string[]][] = [
    [
      "logins in the file",
      { auths: { "ghcr.io": { auth: "Y2FuYXJ5" }, "quay.io": {} } },
      ['auths."ghcr.io".auth: set', 'auths."quay.io": empty'],
    ],
    [
      "helpers and the context by their names",
      { credsStore: "desktop.exe", credHelpers: { "gcr.io": "gcloud" }, currentContext: "colima" },
      ["credsStore: desktop.exe", 'credHelpers."gcr.io": gcloud', "currentContext: colima"],
    ],
    ["a helper that is no name", { credsStore: "canary canary" }, ["credsStore: set"]],
    [
      "headers and proxies, which may hold a login",
      { HttpHeaders: { "X-Meta": "canary" }, proxies: { default: { httpProxy: "http://u:canary@proxy:1" } } },
      ['HttpHeaders."X-Meta": set', "proxies.default.httpProxy: set"],
    ],
    ["a login in a key", { auths: { "https://u:canary@ghcr.io": {} } }, ['auths."https://[redacted]@ghcr.io": empty']],
    ["a list", { aliases: ["canary"] }, ["aliases: empty"]],
  ];
  for (const [name, config, lines] of cases) {
    it(name, () => {
      assert.deepEqual(shapeOf(JSON.stringify(config)), lines);
    });
  }

  it("of a file that is not JSON", () => assert.deepEqual(shapeOf("auth = canary"), ["not JSON"]));

  it("of a file that is endless", () => {
    const auths = Object.fromEntries(Array.from({ length: 5_000 }, (_, index) => [`host${index}.example.com`, {}]));
    assert.equal(shapeOf(JSON.stringify({ auths })).length, 101);
  });

  it("names the file, there or not", async () => {
    const file = join(folder(), "config.json");
    const env = { DOCKER_CONFIG: folder() };
    assert.deepEqual(await dockerConfigShape(env), [`${file}: absent`]);
    writeFileSync(file, '{"credsStore":"pass"}');
    assert.deepEqual(await dockerConfigShape(env), [file, "credsStore: pass"]);
  });
});
