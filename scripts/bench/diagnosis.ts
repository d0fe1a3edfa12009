import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { createServer, request } from "node:http";
import { join } from "node:path";
import { httpClient } from "../../src/adapters/http/client";
import { registryProber } from "../../src/adapters/registries/prober";
import { parseImageReference } from "../../src/domain/image/reference";
import { Redacted } from "../../src/domain/redacted";
import { registrySecrets, triplet } from "../testbed/cli";
import { ROOT, temporaryFolder } from "../testbed/folders";
import { BUSYBOX_IMAGE, ensureImages, pushImage } from "../testbed/images";
import { listen } from "../testbed/loopback";
import { startRegistry } from "../testbed/registry";
import { run } from "../testbed/run";
import { contest, type Outcome } from "./measure";

const USER = "alice";
const PASSWORD = "bench-test-password";

/** The diagnosis against `skopeo inspect`, against its bare round trips, and against the creation that fails. */
export async function benchDiagnosis(): Promise<Outcome[]> {
  await ensureImages(BUSYBOX_IMAGE);
  const registry = await startRegistry({ auth: "htpasswd", users: [{ name: USER, password: PASSWORD }] });
  const folder = temporaryFolder("bench");
  const outcomes: Outcome[] = [];
  try {
    const image = `${registry.address}/acme/base:1`;
    await pushImage(BUSYBOX_IMAGE, image, { username: USER, password: PASSWORD });
    const home = join(folder, "home");
    const workspace = (name: string, content: object) => {
      const path = join(folder, name);
      mkdirSync(join(path, ".devcontainer"), { recursive: true });
      writeFileSync(join(path, ".devcontainer/devcontainer.json"), JSON.stringify(content));
      return path;
    };
    mkdirSync(home);
    const expect = (code: number, result: { code: number; stdout: string; stderr: string }) => {
      if (result.code !== code) throw new Error(`ended with ${result.code}: ${result.stderr}${result.stdout}`);
    };

    /** Both as whole processes; `limit` is left out where it is beyond any program for Node (docs/performance.md). */
    const againstSkopeo = async (address: string, where: string, limit?: number) => {
      const name = `${address}/acme/base:1`;
      const folderOf = workspace(where.replaceAll(" ", "-"), { image: name });
      const variables = triplet(address, USER, PASSWORD);
      const skopeo = ["inspect", "--tls-verify=false", `--creds=${USER}:${PASSWORD}`, `docker://${name}`];
      return await contest({
        name: `diagnose a private image ${where}, both probes, as a whole process`,
        ...(limit === undefined ? {} : { limit }),
        runs: 15,
        ours: async () => expect(0, await registrySecrets(["diagnose", folderOf], { home, variables })),
        otherName: "skopeo inspect, one probe",
        other: async () => expect(0, await run("skopeo", skopeo)),
      });
    };
    const far = await farAway(registry.address);
    try {
      outcomes.push(await againstSkopeo(`localhost:${far.port}`, "whose registry answers 100 ms late", 2));
    } finally {
      await far.stop();
    }
    outcomes.push(await againstSkopeo(registry.address, "on this machine"));

    const http = httpClient(10_000);
    const reference = parseImageReference(image);
    const url = `http://${registry.address}/v2/acme/base/manifests/1`;
    const accept = "application/vnd.docker.distribution.manifest.v2+json";
    const authorization = `Basic ${Buffer.from(`${USER}:${PASSWORD}`).toString("base64")}`;
    const credential = { username: USER, password: new Redacted(PASSWORD) };
    const prober = () => registryProber(http, []);
    outcomes.push(
      await contest({
        name: "both probes in the process",
        limit: 1.3,
        runs: 30,
        ours: async () => {
          const { anonymous, authenticated } = await prober().probe(reference, credential);
          if (anonymous.kind !== "refused" || authenticated?.kind !== "ok") throw new Error("the probes disagree");
        },
        otherName: "the same requests, bare (https first, as Docker does for this machine)",
        other: async () => {
          await http.send({ url: url.replace("http:", "https:"), headers: { accept } }).catch(() => undefined);
          await http.send({ url, headers: { accept } });
          await http.send({ url, headers: { accept, authorization } });
        },
      }),
    );

    const bad = workspace("bad", { image: `${registry.address}/acme/base:1` });
    outcomes.push(
      await contest({
        name: "a failing image diagnosed",
        limit: 1 / 20,
        runs: 10,
        ours: async () => expect(1, await registrySecrets(["diagnose", bad], { home })),
        otherName: "the devcontainer up that fails on it",
        other: async () => {
          const script = join(ROOT, "node_modules/@devcontainers/cli/devcontainer.js");
          expect(
            1,
            await run(process.execPath, [script, "up", "--workspace-folder", bad], {
              environment: { ...process.env, HOME: home },
            }),
          );
        },
      }),
    );
    outcomes.push(await manyReferences(registry.address, credential));
  } finally {
    await registry.stop();
    rmSync(folder, { recursive: true, force: true });
  }
  return outcomes;
}

/** The registry, as if it were far away: each of its answers comes a tenth of a second late. */
async function farAway(address: string): Promise<{ port: number; stop: () => Promise<void> }> {
  const slow = createServer((asked, answer) => {
    setTimeout(() => {
      const onwards = request(`http://${address}${asked.url ?? "/"}`, { headers: asked.headers }, (given) => {
        answer.writeHead(given.statusCode ?? 502, given.headers);
        given.pipe(answer);
      });
      onwards.end();
    }, 100);
  });
  return await listen(slow);
}

/** Thirty images of a registry that is far away. */
async function manyReferences(address: string, credential: { username: string; password: Redacted }): Promise<Outcome> {
  const { port, stop } = await farAway(address);
  const references = Array.from({ length: 30 }, (_, index) =>
    parseImageReference(`localhost:${port}/acme/base:${index === 0 ? 1 : `t${index}`}`),
  );
  try {
    const probe = async (wanted: typeof references) => {
      const prober = registryProber(httpClient(10_000), []);
      await Promise.all(wanted.map((reference) => prober.probe(reference, credential)));
    };
    return await contest({
      name: "30 references, each answer 100 ms late",
      limit: 1.5,
      runs: 10,
      ours: () => probe(references),
      otherName: "one reference",
      other: () => probe(references.slice(1, 2)),
    });
  } finally {
    await stop();
  }
}
