import { strict as assert } from "node:assert";
import { environmentAdviser, listEnvironments, type EnvironmentEntry } from "../../../src/domain/delivery/environments";
import type { CreationRecord } from "../../../src/domain/environment/creationRecord";
import { Failure } from "../../../src/domain/failure";
import type { RegistrySecret } from "../../../src/domain/secret/secret";
import { failureWith } from "../../fakes/failures";
import { FakeEngine } from "../../fakes/fakeEngine";
import { FakeRecords } from "../../fakes/fakeRecords";
import { aContainer, aSecret } from "../../fakes/samples";

const FOLDER = "/home/dev/app";
const CONFIG = `${FOLDER}/.devcontainer.json`;
const LABELS = { "devcontainer.local_folder": FOLDER, "devcontainer.config_file": CONFIG };
const CREATED: CreationRecord = {
  folder: FOLDER,
  configFile: CONFIG,
  at: 5_000,
  outcome: "created",
  containerId: "c0ffee",
  references: ["ghcr.io/acme/app:1"],
  secrets: [],
};

/** What `list` depends on, changed by each test. */
function aWorld() {
  const world = {
    engine: new FakeEngine([aContainer({ labels: LABELS })]),
    records: new FakeRecords(),
    all: [] as RegistrySecret[],
    config: '{"image": "ghcr.io/acme/app:1"}' as string | undefined,
    composed: 0,
    reads: 0,
    folders: [FOLDER],
    list: (signal?: AbortSignal, only?: ReadonlySet<string>) => listEnvironments(world.ports(), signal, only),
    ports: () => ({
      engine: world.engine,
      records: world.records,
      secrets: () => Promise.resolve(world.all),
      trust: () => Promise.resolve({ containerIds: new Set(["c0ffee"]), folders: world.folders }),
      projectOf: (folder: string) => Promise.resolve(folder),
      files: {
        read: (path: string) => {
          world.reads += 1;
          if (path.endsWith("compose.yml")) return Promise.resolve("services: {app: {image: ghcr.io/acme/app:1}}");
          return Promise.resolve(path === CONFIG ? world.config : undefined);
        },
        folders: () => Promise.resolve([]),
      },
      env: {},
      imagePorts: {
        composeConfig: () => {
          world.composed += 1;
          return Promise.resolve(undefined);
        },
      },
    }),
  };
  return world;
}

const short = (entries: readonly EnvironmentEntry[]) =>
  entries.map((entry) => {
    switch (entry.kind) {
      case "environment":
        return `${entry.environment.container.id} ${entry.advice.kind}`;
      case "candidate":
        return `${entry.candidate.container.id} ${entry.candidate.recognition.why}`;
      case "not-created":
        return `none ${entry.advice.kind}`;
    }
  });

describe("the list of environments", () => {
  it("has running and stopped ones, and what only looks like one", async () => {
    const world = aWorld();
    world.engine.list.push(
      aContainer({ id: "stopped", running: false }),
      aContainer({ id: "foreign", labels: { "devcontainer.local_folder": "/home/other" } }),
      aContainer({ id: "no dev container", labels: {} }),
    );
    assert.deepEqual(short(await world.list()), ["c0ffee nothing", "stopped nothing", "foreign untrusted-folder"]);
  });

  it("tells what was delivered, what it was made from, and what would help", async () => {
    const world = aWorld();
    const delivery = { containerId: "c0ffee", at: 1, outcome: "gone", hosts: [], skipped: [], attempts: 0 } as const;
    world.records.delivered = [delivery, { ...delivery, containerId: "other" }];
    world.records.created = [CREATED];
    world.all = [aSecret({ createdAt: 6_000 })];
    const [entry] = await world.list();
    assert.ok(entry?.kind === "environment");
    assert.deepEqual([entry.delivery, entry.creation], [delivery, CREATED]);
    const reason = { kind: "secret-created", host: "ghcr.io", secret: "GHCR" };
    assert.deepEqual(entry.advice, { kind: "recreate", reasons: [reason] });
  });

  it("names the other services of a Compose project, to which nothing is delivered", async () => {
    const world = aWorld();
    const service = (name: string, project = "one") => ({
      "com.docker.compose.project": project,
      "com.docker.compose.service": name,
    });
    world.engine.list = [
      aContainer({ labels: { ...LABELS, ...service("app") } }),
      aContainer({ id: "db", labels: service("db") }),
      aContainer({ id: "cache1", labels: service("cache"), running: false }),
      aContainer({ id: "cache2", labels: service("cache") }),
      aContainer({ id: "other", labels: service("web", "another") }),
    ];
    const services = async () =>
      (await world.list()).map((entry) => (entry.kind === "environment" ? entry.otherServices : "?"));
    assert.deepEqual(await services(), [["cache", "db"]]);
    world.engine.list = world.engine.list.slice(0, 1);
    assert.deepEqual(await services(), [undefined]);
  });

  it("reads each configuration once, however many containers it has", async () => {
    const world = aWorld();
    world.records.created = [CREATED];
    await world.list();
    const once = world.reads;
    world.engine.list.push(aContainer({ id: "second", labels: LABELS }), aContainer({ id: "third", labels: LABELS }));
    world.reads = 0;
    await world.list();
    assert.equal(world.reads, once);
  });

  it("runs no program on the files of a folder that is not trusted", async () => {
    const world = aWorld();
    world.config = '{"dockerComposeFile": "compose.yml", "service": "app"}';
    world.records.created = [CREATED];
    world.folders = [];
    assert.deepEqual(short(await world.list()), ["c0ffee nothing"]);
    assert.equal(world.composed, 0);
    world.folders = [FOLDER];
    await world.list();
    assert.equal(world.composed, 1);
  });

  for (const config of [undefined, "{ not JSON"]) {
    it(`says nothing where the configuration is ${String(config)}`, async () => {
      const world = aWorld();
      world.records.created = [CREATED];
      world.config = config;
      assert.deepEqual(short(await world.list()), ["c0ffee nothing"]);
    });
  }

  describe("after a creation that failed", () => {
    const failed: CreationRecord = { ...CREATED, outcome: "failed" };
    const world = () => {
      const made = aWorld();
      const { containerId: _, ...record } = failed;
      made.records.created = [record];
      made.engine.list = [];
      return made;
    };

    it("has a row for it although there is no container, and says when trying again helps", async () => {
      const here = world();
      assert.deepEqual(short(await here.list()), ["none nothing"]);
      here.all = [aSecret({ createdAt: 6_000 })];
      assert.deepEqual(short(await here.list()), ["none recreate"]);
    });

    it("has none where the configuration has gone", async () => {
      const here = world();
      here.config = undefined;
      assert.deepEqual(await here.list(), []);
    });

    it("has none where another program made a container since, which has the advice", async () => {
      const here = world();
      here.engine.list = [aContainer({ id: "c0ffee", labels: LABELS })];
      here.all = [aSecret({ createdAt: 6_000 })];
      assert.deepEqual(short(await here.list()), ["c0ffee recreate"]);
    });
  });

  for (const code of ["engine-missing", "engine-unreachable"] as const) {
    it(`fails with ${code}, which is no empty list`, async () => {
      const world = aWorld();
      world.engine.broken = new Failure(code, "It is not there.");
      await assert.rejects(world.list(), failureWith(code));
    });
  }

  it("looks at nothing else where it is asked for some containers only", async () => {
    const world = aWorld();
    world.engine.list.push(aContainer({ id: "another", labels: LABELS }));
    world.records.created = [{ ...CREATED, configFile: "/home/dev/app/other.json", outcome: "failed" }];
    assert.deepEqual(short(await world.list(undefined, new Set(["another"]))), ["another nothing"]);
    assert.equal(world.reads, 0);
  });

  it("gives the advice of several environments after one reading of what they were made from", async () => {
    const world = aWorld();
    world.records.created = [CREATED];
    const advise = environmentAdviser(world.ports(), [aSecret({ createdAt: 6_000 })]);
    const [entry] = await world.list();
    assert.ok(entry?.kind === "environment");
    let readings = 0;
    const creations = world.records.creations.bind(world.records);
    world.records.creations = () => {
      readings += 1;
      return creations();
    };
    assert.equal((await advise(entry.environment)).kind, "recreate");
    const { reads } = world;
    assert.equal((await advise(entry.environment)).kind, "recreate");
    assert.deepEqual([readings, world.reads], [1, reads]);
  });

  it("ends when it is cancelled", async () => {
    await assert.rejects(aWorld().list(AbortSignal.abort()), failureWith("cancelled"));
  });
});
