import { strict as assert } from "node:assert";
import { spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { composeConfig, readComposeConfig } from "../../../src/adapters/docker/compose";
import { imageSources } from "../../../src/domain/image/devcontainerFile";
import { workspaceImages } from "../../../src/domain/image/workspaceImages";
import { diskFiles, fixtures, plainImages, plainResolved } from "../../fixtures/workspaces/fixture";

/** Where the engine's Compose and we differ on purpose, with the reason. */
const DIFFERENCES: Readonly<Record<string, string>> = {};

const environment = { PATH: process.env["PATH"], HOME: process.env["HOME"] };

describe("the engine's own Compose", () => {
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), "compose-"));
  });
  after(() => rmSync(folder, { recursive: true }));

  /** A program of a few lines of shell. */
  function program(name: string, ...lines: string[]): string {
    const path = join(folder, name);
    writeFileSync(path, ["#!/bin/sh", ...lines, ""].join("\n"));
    chmodSync(path, 0o755);
    return path;
  }
  const nowhere = "/nonexistent/program";

  it("is asked for all profiles, as JSON, in the folder, and fetches nothing", async () => {
    const path = program(
      "docker-v2",
      'if [ "$2" = version ]; then echo 2.30.3; exit; fi',
      `printf '%s|' "$PWD" "$COMPOSE_EXPERIMENTAL_GIT_REMOTE" "$COMPOSE_EXPERIMENTAL_OCI_REMOTE" "$A" "$@" > "${folder}/asked"`,
      `echo '{"services": {"app": {"image": "ghcr.io/acme/app:1"}}}'`,
    );
    const services = await composeConfig({ path })(["/w/a.yml", "/w/b.yml"], "/", { ...environment, A: "1" });
    assert.deepEqual([...(services ?? [])], [["app", { image: "ghcr.io/acme/app:1", dependsOn: {}, profiles: [] }]]);
    assert.equal(
      readFileSync(join(folder, "asked"), "utf8"),
      "/|false|false|1|compose|-f|/w/a.yml|-f|/w/b.yml|--profile|*|config|--format|json|",
    );
  });

  it("of the first version has neither profiles nor formats", async () => {
    const composePath = program(
      "docker-compose-v1",
      'if [ "$1" = version ]; then echo 1.29.2; exit; fi',
      `printf '%s|' "$@" > "${folder}/asked-v1"`,
      "printf 'services:\\n  app:\\n    image: alpine\\n'",
    );
    const services = await composeConfig({ path: nowhere }, { composePath })(["/w/a.yml"], "/", environment);
    assert.deepEqual(
      [...(services ?? [])].map(([name]) => name),
      ["app"],
    );
    assert.equal(readFileSync(join(folder, "asked-v1"), "utf8"), "-f|/w/a.yml|config|");
  });

  it("is the separate program where the client has no plugin", async () => {
    const path = program("docker-bare", 'echo "docker: unknown command: docker compose" >&2', "exit 1");
    const composePath = program("docker-compose-2", "echo 2.1.0");
    // what it prints for `config` is no mapping, so it is known to have been asked
    assert.equal(await composeConfig({ path }, { composePath })(["/w/a.yml"], "/", environment), undefined);
    const found = program("docker-compose-3", 'if [ "$1" = version ]; then echo 2.1.0; exit; fi', "echo '{}'");
    assert.deepEqual(await composeConfig({ path }, { composePath: found })([], "/", environment), new Map());
  });

  it("says nothing where it is missing, refuses, or takes too long", async () => {
    const refuses = program("docker-refuses", 'if [ "$2" = version ]; then echo 2.30.3; exit; fi', "exit 15");
    const hangs = program("docker-hangs", "exec sleep 600");
    const ask = (path: string, timeoutMs?: number) =>
      composeConfig({ path }, { composePath: nowhere, ...(timeoutMs === undefined ? {} : { timeoutMs }) })(
        ["/w/a.yml"],
        "/",
        environment,
      );
    assert.equal(await ask(nowhere), undefined);
    assert.equal(await ask(refuses), undefined);
    assert.equal(await ask(hangs, 200), undefined);
  });

  const outputs: [name: string, stdout: string, expected: [string, object][] | undefined][] = [
    [
      "everything that names images",
      JSON.stringify({
        name: "x",
        services: {
          app: {
            image: "ghcr.io/acme/$$app",
            build: {
              context: "/w",
              dockerfile: "D",
              dockerfile_inline: "FROM $$X",
              target: "dev",
              args: { A: "1", B: null, C: 3 },
              additional_contexts: { base: "docker-image://alpine" },
            },
            depends_on: {
              db: { condition: "service_started", required: false },
              web: { condition: "service_started" },
            },
            links: ["cache:c"],
            volumes_from: ["container:x", "service:data:ro", "logs"],
            network_mode: "service:net",
            profiles: ["dev"],
            pull_policy: "never",
            environment: { SECRET: "x" },
          },
        },
      }),
      [
        [
          "app",
          {
            image: "ghcr.io/acme/$app",
            build: {
              context: "/w",
              dockerfile: "D",
              dockerfileInline: "FROM $X",
              target: "dev",
              args: { A: "1", C: "3" },
              additionalContexts: { base: "docker-image://alpine" },
            },
            dependsOn: { cache: true, data: true, logs: true, net: true, db: false, web: true },
            profiles: ["dev"],
            pullPolicy: "never",
          },
        ],
      ],
    ],
    [
      "lists of older versions",
      "services:\n  app:\n    build: {context: 'C:\\w', args: [A=1=2, B]}\n    depends_on: [db]\n",
      [
        [
          "app",
          {
            build: { context: "C:/w", args: { A: "1=2" }, additionalContexts: {} },
            dependsOn: { db: true },
            profiles: [],
          },
        ],
      ],
    ],
    ["no services", "{}", []],
    ["no mapping", "2.1.0", undefined],
    ["another shape", '{"services": {"app": {"image": 7}}}', undefined],
    ["nothing", "", undefined],
    ["no YAML", "{", undefined],
    ["aliases without end", "a: &a [x, x]\nservices: {app: {profiles: *a}}", undefined],
  ];
  for (const [name, stdout, expected] of outputs) {
    it(`prints ${name}`, () => {
      const services = readComposeConfig(stdout);
      assert.deepEqual(services && [...services], expected);
    });
  }

  describe("docker-compose of this machine, on every fixture", () => {
    const version = spawnSync("docker-compose", ["version", "--short"], { encoding: "utf8" });
    const isThere = version.status === 0 && version.stdout.trim().startsWith("1.29");
    const config = composeConfig({ path: nowhere }, { timeoutMs: 60_000 });
    for (const { name, folder: root, configFile, expected } of fixtures("compose-")) {
      const reason = DIFFERENCES[name];
      it(`${name}${reason === undefined ? "" : ` (differs: ${reason})`}`, async function () {
        if (!isThere) {
          console.log("      docker-compose 1.29 is not on this machine, so this is skipped");
          this.skip();
        }
        this.timeout(60_000);
        const env = { ...environment, ...expected.environment };
        const files = imageSources((await diskFiles.read(configFile)) ?? "").compose?.files ?? [];
        const paths = files.map(({ text }) => join(dirname(configFile), text));
        const services = await config(paths, root, env);
        assert.deepEqual(services === undefined ? null : plainResolved(services, root), expected.services);
        const found = await workspaceImages(root, configFile, diskFiles, env, {
          composeConfig: () => Promise.resolve(services),
        });
        const { images, problems } = expected;
        assert.deepEqual(await plainImages(found, root, diskFiles), { images, problems });
      });
    }
  });
});
