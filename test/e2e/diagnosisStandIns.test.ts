import assert from "node:assert/strict";
import { rmSync } from "node:fs";
import { makeAuthority, type Authority } from "../../scripts/testbed/certificates";
import { triplet } from "../../scripts/testbed/cli";
import { temporaryFolder } from "../../scripts/testbed/folders";
import { startMappingProxy } from "../../scripts/testbed/forwardProxy";
import * as standIns from "../../scripts/testbed/standIns";
import { serveStandIns, type StandInServer } from "../../scripts/testbed/standInServer";
import { parseImageReference } from "../../src/domain/image/reference";
import { CASES } from "./support/registryCases";
import { World } from "./support/world";

/** The shipped command line, which meets each well-known registry's stand-in under the registry's own name. */
describe("registry-secrets diagnose --json, against well-known registries", () => {
  const all = Object.values(standIns).filter((one) => typeof one === "object" && "answer" in one);
  const names = all.flatMap(({ hosts }) => [...hosts]);
  const folder = temporaryFolder("well-known");
  let authority: Authority;
  let server: StandInServer;
  let proxy: Awaited<ReturnType<typeof startMappingProxy>>;
  let world: World;

  before(async () => {
    authority = await makeAuthority(folder, "Well-known");
    server = await serveStandIns(all, await authority.issue(names));
    proxy = await startMappingProxy((host) => (names.includes(host) ? server.port : undefined));
    world = await World.create();
  });
  after(async () => {
    await world.close();
    await proxy.stop();
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  for (const [registry, cases] of Object.entries(CASES)) {
    for (const [what, image, login, code] of cases) {
      it(`${registry}: ${what}: ${code}`, async () => {
        await world.devcontainer({ image });
        const { registry: host } = parseImageReference(image);
        const { code: exit, stdout } = await world.cli(["diagnose", world.workspace, "--json"], {
          HTTPS_PROXY: `http://127.0.0.1:${proxy.port}`,
          SSL_CERT_FILE: authority.certificateFile,
          ...(login === undefined ? {} : triplet(host, login.username, login.password)),
        });
        const { findings } = JSON.parse(stdout) as { findings: { code: string; image: string; remedies: string[] }[] };
        assert.deepEqual(
          findings.map((finding) => [finding.image, finding.code]),
          [[image, code]],
          stdout,
        );
        assert.equal(exit, code === "fine" ? 0 : 1);
        assert.equal(findings[0]?.remedies.length === 0, code === "fine", "a trouble has a remedy, and nothing else");
        if (login) assert.ok(!stdout.includes(login.password));
      });
    }
  }
});
