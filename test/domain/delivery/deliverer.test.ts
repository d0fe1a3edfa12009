import { strict as assert } from "node:assert";
import { Deliverer, type DelivererPorts, type DeliveryRound } from "../../../src/domain/delivery/deliverer";
import type { Container } from "../../../src/domain/environment/container";
import { Failure } from "../../../src/domain/failure";
import { silentLog } from "../../../src/domain/log";
import { Redacted } from "../../../src/domain/redacted";
import { nativeTrouble } from "../../../src/domain/secret/nativeIdentity";
import type { RegistrySecret } from "../../../src/domain/secret/secret";
import { APPLIED, FakeEngine } from "../../fakes/fakeEngine";
import { FakeNativeIdentity, fakeLogins } from "../../fakes/fakeNativeIdentity";
import { FakeRecords } from "../../fakes/fakeRecords";
import { failureWith } from "../../fakes/failures";
import { aContainer, aSecret } from "../../fakes/samples";

const LABEL = "devcontainer.local_folder";

function dev(id: string, folder = "/home/dev/app", change: Partial<Container> = {}): Container {
  return aContainer({
    id,
    name: id,
    labels: { [LABEL]: folder },
    mounts: [{ type: "bind", source: folder, destination: "/w" }],
    ...change,
  });
}

function delivererOver(
  engine: FakeEngine,
  change: {
    secrets?: () => Promise<RegistrySecret[]>;
    ids?: string[];
    now?: () => number;
    cloud?: FakeNativeIdentity;
    deliversNative?: boolean;
    trust?: { folders: string[] };
    adviser?: DelivererPorts["adviser"];
  } = {},
) {
  const warnings: string[] = [];
  const records = new FakeRecords();
  const deliverer = new Deliverer({
    engine,
    source: "cli",
    files: { read: () => Promise.resolve(undefined) },
    env: {},
    installScript: () => Promise.resolve(""),
    secrets: change.secrets ?? (() => Promise.resolve([aSecret()])),
    trust: () =>
      Promise.resolve({
        containerIds: new Set(change.ids ?? []),
        folders: change.trust?.folders ?? ["/home/dev/app", "/home/dev/two"],
      }),
    projectOf: (folder) => Promise.resolve(folder),
    records,
    now: change.now ?? (() => 7),
    logins: fakeLogins(change.cloud, change.now),
    deliversNative: () => change.deliversNative === true,
    ...(change.adviser ? { adviser: change.adviser } : {}),
    log: { ...silentLog, warn: (message) => void warnings.push(message) },
  });
  return { deliverer, warnings, records };
}

const delivered = ({ deliveries }: DeliveryRound) =>
  deliveries.map(({ environment, outcome }) => `${environment.container.id} ${outcome.kind}`);

/** A promise and how to keep it. */
function gate() {
  let open: () => void = () => undefined;
  const opened = new Promise<void>((resolve) => (open = resolve));
  return { opened, open };
}

describe("a round of deliveries", () => {
  const all = [
    dev("running"),
    dev("stopped", "/home/dev/app", { running: false }),
    dev("foreign", "/home/dev/foreign"),
    dev("claims", "/home/dev/app", { imageLabels: { [LABEL]: "/home/dev/app" } }),
    dev("second", "/home/dev/two"),
    aContainer({ id: "other", labels: {} }),
    aContainer({ id: "known", name: "known", labels: {} }),
  ];

  it("tells each environment its advice, from one adviser that has the secrets of the round", async () => {
    const engine = new FakeEngine([dev("one"), dev("two")]);
    const given: (readonly RegistrySecret[])[] = [];
    const { deliverer } = delivererOver(engine, {
      adviser(secrets) {
        given.push(secrets);
        return ({ container }) => Promise.resolve(`Recreate ${container.id}.`);
      },
    });
    await deliverer.deliver();
    assert.deepEqual(given, [[aSecret()]]);
    for (const { id, stdin } of engine.executions) assert.match(stdin ?? "", new RegExp(`advice "Recreate ${id}\\."`));
    assert.equal(engine.executions.length, 2);
  });

  const cases: [
    what: string,
    only: { ids?: string[]; folder?: string },
    ids: string[],
    want: string[],
    candidates: string[],
  ][] = [
    [
      "all that run and are ours",
      {},
      [],
      ["running delivered", "second delivered"],
      ["foreign untrusted-folder", "claims label-of-image"],
    ],
    ["those of a folder", { folder: "/home/dev/two" }, [], ["second delivered"], []],
    [
      "those of a folder, with who claims to be of it",
      { folder: "/home/dev/app/" },
      [],
      ["running delivered"],
      ["claims label-of-image"],
    ],
    ["some by id", { ids: ["running", "stopped", "other"] }, [], ["running delivered"], []],
    ["a candidate by id is still only a candidate", { ids: ["claims"] }, [], [], ["claims label-of-image"]],
    ["one by id that is of another folder", { ids: ["second"], folder: "/home/dev/app" }, [], [], []],
    [
      "one that is known by id alone",
      {},
      ["known", "gone"],
      ["running delivered", "second delivered", "known delivered"],
      ["foreign untrusted-folder", "claims label-of-image"],
    ],
    ["none", { ids: [] }, [], [], []],
  ];
  for (const [what, only, ids, want, candidates] of cases) {
    it(`goes to ${what}`, async () => {
      const round = await delivererOver(new FakeEngine(all), { ids }).deliverer.deliver(only);
      assert.deepEqual(delivered(round), want);
      assert.deepEqual(
        round.candidates.map(({ container, recognition }) => `${container.id} ${recognition.why}`),
        candidates,
      );
    });
  }

  it("knows a folder in every spelling", async () => {
    const windows = dev("windows", "c:\\code\\app");
    const claims = dev("claims", "c:\\code\\app", { mounts: [] });
    const trust = { folders: ["C:\\code\\app"] };
    const { deliverer } = delivererOver(new FakeEngine([windows, claims]), { trust });
    const round = await deliverer.deliver({ folder: "C:\\code\\app" });
    assert.deepEqual([delivered(round), round.candidates.length], [["windows delivered"], 1]);
    assert.equal((await deliverer.candidates("C:/code/app")).length, 1);
  });

  it("brings each environment what its project has", async () => {
    const engine = new FakeEngine(all);
    const secrets = [
      aSecret({ id: "u", host: "quay.io" }),
      aSecret({ id: "p", host: "ghcr.io", scope: "project", project: "/home/dev/two" }),
    ];
    await delivererOver(engine, { secrets: () => Promise.resolve(secrets) }).deliverer.deliver();
    const sets = engine.executions.map(
      ({ id, stdin = "" }) => `${id}: ${(stdin.match(/^set \S+/gm) ?? []).join(", ")}`,
    );
    assert.deepEqual(sets.sort(), ["running: set quay.io", "second: set quay.io, set ghcr.io"]);
  });

  it("notes how each went; what cannot be noted is no reason to log nobody in", async () => {
    const engine = new FakeEngine(all);
    const { deliverer, records, warnings } = delivererOver(engine);
    engine.answer = ({ id }) => (id === "second" ? { exitCode: 1, stdout: "", stderr: "" } : APPLIED);
    await deliverer.deliver();
    await deliverer.deliver({ ids: ["second"] });
    assert.deepEqual(
      records.delivered.map(({ containerId, at, outcome, attempts }) => ({ containerId, at, outcome, attempts })),
      [
        { containerId: "running", at: 7, outcome: "delivered", attempts: 0 },
        { containerId: "second", at: 7, outcome: "failed", attempts: 2 },
      ],
    );
    records.broken = new Error("the disk is full");
    assert.deepEqual(delivered(await deliverer.deliver({ ids: ["running"] })), ["running delivered"]);
    assert.match(warnings.join(), /could not be noted: the disk is full/);
  });

  it("is not held up by one that fails, goes or hangs", async () => {
    const engine = new FakeEngine([dev("fails"), dev("goes"), dev("hangs"), dev("fine")]);
    const hanging = gate();
    const others = gate();
    let left = 3;
    engine.answer = async ({ id }) => {
      if (id === "hangs") await hanging.opened;
      else if (--left === 0) others.open();
      if (id === "fails") throw new Failure("engine-unreachable", "It does not answer.");
      if (id === "goes") throw new Failure("container-gone", "It is gone.");
      return APPLIED;
    };
    const round = delivererOver(engine).deliverer.deliver();
    await others.opened; // all of them were served while one hangs
    hanging.open();
    assert.deepEqual(delivered(await round), ["fails failed", "goes gone", "hangs delivered", "fine delivered"]);
  });

  it("serves at most eight at a time, and each once", async () => {
    const engine = new FakeEngine(Array.from({ length: 30 }, (_, index) => dev(`c${index}`)));
    let now = 0;
    let most = 0;
    engine.answer = async () => {
      most = Math.max(most, ++now);
      await new Promise(setImmediate);
      now--;
      return APPLIED;
    };
    const round = await delivererOver(engine).deliverer.deliver();
    assert.equal(most, 8);
    assert.deepEqual(
      delivered(round),
      Array.from({ length: 30 }, (_, index) => `c${index} delivered`),
    );
    assert.equal(engine.executions.length, 30);
  });

  it("does not read the secrets where there is nothing to deliver to", async () => {
    const locked = () => Promise.reject(new Failure("storage-unavailable", "Locked."));
    const round = await delivererOver(new FakeEngine(), { secrets: locked }).deliverer.deliver();
    assert.deepEqual(round, { deliveries: [], candidates: [] });
  });

  it("changes nothing where the secrets cannot be read", async () => {
    const engine = new FakeEngine(all);
    const locked = () => Promise.reject(new Failure("storage-unavailable", "Locked."));
    await assert.rejects(
      delivererOver(engine, { secrets: locked }).deliverer.deliver(),
      failureWith("storage-unavailable"),
    );
    assert.deepEqual(engine.executions, []);
  });

  it("tells when the engine does not answer", async () => {
    const engine = new FakeEngine();
    engine.broken = new Failure("engine-unreachable", "It does not answer.");
    await assert.rejects(delivererOver(engine).deliverer.deliver(), failureWith("engine-unreachable"));
  });
});

describe("a round after another one", () => {
  /** An engine that has told of its containers once, and takes its time from now on. */
  const after = async (...containers: Container[]) => {
    const engine = new FakeEngine(containers);
    const trust = { folders: ["/home/dev/app"] };
    const { deliverer } = delivererOver(engine, { trust });
    await deliverer.deliver();
    engine.executions.length = 0;
    const asked = gate();
    const list = engine.containers.bind(engine);
    engine.containers = async (ids) => {
      await asked.opened;
      return await list(ids);
    };
    const reached = gate();
    engine.answer = () => {
      reached.open();
      return APPLIED;
    };
    return { engine, deliverer, asked, reached, trust, to: () => engine.executions.map(({ id }) => id).sort() };
  };

  it("goes at once to those that it knows, and to others when the engine has told of them", async () => {
    const { engine, deliverer, asked, reached, to } = await after(dev("one"));
    engine.list.push(dev("new"));
    const round = deliverer.deliver();
    await reached.opened;
    assert.deepEqual(to(), ["one"]);
    asked.open();
    assert.deepEqual(delivered(await round), ["one delivered", "new delivered"]);
    assert.deepEqual(to(), ["new", "one"]);
  });

  it("waits for the engine where others may have joined the memory since", async () => {
    const { engine, deliverer, asked, reached, to } = await after(
      dev("one"),
      dev("two", "/home/dev/app", { ipcMode: "alone" }),
    );
    const round = deliverer.deliver();
    await reached.opened;
    assert.deepEqual(to(), ["one"]);
    engine.list = engine.list.map((container) => ({ ...container, ipcMode: "shareable" }));
    asked.open();
    await round;
    assert.match(engine.executions.find(({ id }) => id === "two")?.stdin ?? "", / shm=shared[ \n]/);
  });

  it("gives nothing to one whose folder is not trusted any more, and says nothing of one that has stopped", async () => {
    const { engine, deliverer, asked, to, trust } = await after(dev("one"));
    trust.folders = [];
    asked.open();
    assert.deepEqual(delivered(await deliverer.deliver()), []);
    assert.deepEqual(to(), []);

    trust.folders = ["/home/dev/app"];
    await deliverer.deliver();
    engine.list = [dev("one", "/home/dev/app", { running: false })];
    engine.answer = () => {
      throw new Failure("container-gone", "It is gone.");
    };
    assert.deepEqual(await deliverer.deliver(), { deliveries: [], candidates: [] });
  });
});

describe("following the starts of containers", () => {
  it("delivers to each that starts and is ours, and tells only of what concerns a person", async () => {
    const engine = new FakeEngine([
      dev("one"),
      dev("foreign", "/home/dev/foreign"),
      aContainer({ id: "other", labels: {} }),
    ]);
    engine.happens = ["other", "one", "gone", "foreign"];
    const rounds: DeliveryRound[] = [];
    const following = delivererOver(engine).deliverer.follow(
      (round) => void rounds.push(round),
      new AbortController().signal,
    );
    await assert.rejects(following, failureWith("engine-unreachable", /stream of events/));
    assert.deepEqual(rounds.flatMap(delivered), ["one delivered"]);
    assert.deepEqual(
      rounds.flatMap(({ candidates }) => candidates.map(({ container }) => container.id)),
      ["foreign"],
    );
  });

  it("does not ask for what others start, unless it is known as ours", async () => {
    const engine = new FakeEngine([aContainer({ id: "foreign", labels: {} }), aContainer({ id: "ours", labels: {} })]);
    engine.happens = ["foreign", "ours"].map((id) => ({ id, kind: "started", isLabelled: false }));
    const asked: string[] = [];
    const inspect = engine.inspect.bind(engine);
    engine.inspect = (ids) => {
      asked.push(...ids);
      return inspect(ids);
    };
    const { deliverer } = delivererOver(engine, { ids: ["ours"] });
    await assert.rejects(deliverer.follow(() => undefined, new AbortController().signal));
    assert.deepEqual(asked, ["ours"]);
    assert.deepEqual(
      engine.executions.map(({ id }) => id),
      ["ours"],
    );
  });

  it("keeps to a folder, where one is given", async () => {
    const engine = new FakeEngine([dev("one"), dev("two", "/home/dev/two")]);
    engine.happens = ["two", "one"];
    const stop = new AbortController();
    const following = delivererOver(engine).deliverer.follow(() => stop.abort(), stop.signal, {
      folder: "/home/dev/app",
    });
    await following;
    assert.deepEqual(
      engine.executions.map(({ id }) => id),
      ["one"],
    );
  });

  it("ends quietly when it is ended", async () => {
    const stop = new AbortController();
    const engine = new FakeEngine();
    stop.abort();
    await delivererOver(engine).deliverer.follow(() => undefined, stop.signal);
    assert.deepEqual(engine.executions, []);
  });

  it("goes on after a delivery that could not be made", async () => {
    const engine = new FakeEngine([dev("one"), dev("two")]);
    engine.happens = ["one", "two"];
    let calls = 0;
    const secrets = () =>
      ++calls === 1 ? Promise.reject(new Failure("storage-unavailable", "Locked.")) : Promise.resolve([aSecret()]);
    const { deliverer, warnings } = delivererOver(engine, { secrets });
    const rounds: DeliveryRound[] = [];
    await assert.rejects(deliverer.follow((round) => void rounds.push(round), new AbortController().signal));
    assert.deepEqual(rounds.flatMap(delivered), ["two delivered"]);
    assert.match(warnings.join(), /Locked/);
  });

  it("does not let one that hangs hold up those that start after it", async () => {
    const engine = new FakeEngine([dev("hangs"), dev("fine")]);
    engine.happens = ["hangs", "fine"];
    const hanging = gate();
    const fine = gate();
    engine.answer = async ({ id }) => {
      if (id === "hangs") await hanging.opened;
      return APPLIED;
    };
    const rounds: string[] = [];
    const following = delivererOver(engine).deliverer.follow((round) => {
      rounds.push(...delivered(round));
      if (rounds.includes("fine delivered")) fine.open();
    }, new AbortController().signal);
    await fine.opened;
    hanging.open();
    await assert.rejects(following, failureWith("engine-unreachable"));
    assert.deepEqual(rounds, ["fine delivered", "hangs delivered"]);
  });

  it("notes that a container has stopped or gone: its memory ended with it", async () => {
    const engine = new FakeEngine([dev("stops"), dev("goes"), dev("stays")]);
    const { deliverer, records } = delivererOver(engine);
    await deliverer.deliver();
    engine.happens = [
      { id: "stops", kind: "stopped" },
      { id: "goes", kind: "stopped" },
      { id: "goes", kind: "removed" },
      { id: "foreign", kind: "stopped" },
    ];
    let events = 0;
    const onEvent = () => {
      events++;
    };
    await assert.rejects(deliverer.follow(() => undefined, new AbortController().signal, { onEvent }));
    assert.equal(events, 4, "each is told, that of a container which is nobody's, too");
    const known = records.delivered.map(({ containerId, outcome, hosts }) => [containerId, outcome, hosts.length]);
    assert.deepEqual(known.sort(), [
      ["stays", "delivered", 1],
      ["stops", "gone", 0],
    ]);
  });
});

describe("what happened while nobody looked", () => {
  it("is noted by the next round: what has stopped, and what is there no more", async () => {
    const engine = new FakeEngine([dev("stops"), dev("goes"), dev("stays")]);
    const { deliverer, records } = delivererOver(engine);
    await deliverer.deliver();
    engine.list = [dev("stops", "/home/dev/app", { running: false }), dev("stays")];
    await deliverer.deliver();
    assert.deepEqual(records.delivered.map(({ containerId, outcome }) => `${containerId} ${outcome}`).sort(), [
      "stays delivered",
      "stops gone",
    ]);
  });
});

describe("a delivery that failed", () => {
  const broken = { exitCode: 1, stdout: '{"outcome":"refused","code":"no-space","message":"No room."}', stderr: "" };
  const aBrokenOne = () => {
    const engine = new FakeEngine([dev("broken"), dev("fine")]);
    engine.answer = ({ id }) => (id === "broken" ? broken : APPLIED);
    let now = 0;
    const made = delivererOver(engine, { now: () => now });
    return { engine, ...made, at: (time: number) => (now = time) };
  };

  it("is tried again when its time has come, alone, and later and later", async () => {
    const { deliverer, engine, at } = aBrokenOne();
    await deliverer.deliver();
    assert.equal(deliverer.retryAt, 5_000);
    engine.executions.length = 0;
    at(4_999);
    assert.deepEqual(await deliverer.retry(), { deliveries: [], candidates: [] });
    at(5_000);
    assert.deepEqual(delivered(await deliverer.retry()), ["broken failed"]);
    assert.deepEqual(
      engine.executions.map(({ id }) => id),
      ["broken"],
    );
    assert.equal(deliverer.retryAt, 20_000);
  });

  it("is not tried again once it has been made, or the container has stopped", async () => {
    const made = aBrokenOne();
    await made.deliverer.deliver();
    made.engine.answer = () => APPLIED;
    await made.deliverer.deliver();
    assert.equal(made.deliverer.retryAt, undefined);

    const stopped = aBrokenOne();
    await stopped.deliverer.deliver();
    stopped.engine.list = [dev("fine")];
    stopped.at(5_000);
    await stopped.deliverer.retry();
    assert.equal(stopped.deliverer.retryAt, undefined);
    assert.deepEqual(
      stopped.records.delivered.map(({ containerId }) => containerId),
      ["fine"],
    );
  });

  it("is not forgotten where the engine does not answer when its time has come", async () => {
    const { deliverer, engine, at } = aBrokenOne();
    await deliverer.deliver();
    at(5_000);
    engine.broken = new Failure("engine-unreachable", "It does not answer.");
    await assert.rejects(deliverer.retry(), failureWith("engine-unreachable"));
    assert.equal(deliverer.retryAt, 10_000);
  });
});

describe("a round that could not be made", () => {
  const hiccup = new Failure("program-failed", "docker ended with 1: i/o timeout");
  const world = () => {
    const engine = new FakeEngine([dev("one"), dev("two")]);
    const clock = { now: 0 };
    return { engine, clock, ...delivererOver(engine, { now: () => clock.now }) };
  };
  const startOf = async (deliverer: Deliverer, engine: FakeEngine, id: string) => {
    engine.happens = [id];
    await assert.rejects(deliverer.follow(() => undefined, new AbortController().signal));
  };

  it("after a start is made again, later and later, for that container alone", async () => {
    const { engine, clock, deliverer } = world();
    engine.broken = hiccup;
    await startOf(deliverer, engine, "one");
    assert.equal(deliverer.retryAt, 5_000);
    clock.now = 5_000;
    await assert.rejects(deliverer.retry(), failureWith("program-failed"));
    assert.equal(deliverer.retryAt, 20_000);
    engine.broken = undefined;
    clock.now = 20_000;
    assert.deepEqual(delivered(await deliverer.retry()), ["one delivered"]);
    assert.equal(deliverer.retryAt, undefined);
  });

  it("for all is made again for all", async () => {
    const { engine, clock, deliverer } = world();
    engine.broken = hiccup;
    await assert.rejects(deliverer.deliver(), failureWith("program-failed"));
    assert.equal(deliverer.retryAt, 5_000);
    engine.broken = undefined;
    clock.now = 5_000;
    assert.deepEqual(delivered(await deliverer.retry()), ["one delivered", "two delivered"]);
    assert.equal(deliverer.retryAt, undefined);
  });

  it("for all is not made again once another one has been", async () => {
    const { engine, deliverer } = world();
    engine.broken = hiccup;
    await assert.rejects(deliverer.deliver());
    engine.broken = undefined;
    await deliverer.deliver();
    assert.equal(deliverer.retryAt, undefined);
  });

  it("is not made again for a container that has stopped meanwhile", async () => {
    const { engine, deliverer } = world();
    engine.broken = hiccup;
    await startOf(deliverer, engine, "one");
    engine.happens = [{ id: "one", kind: "stopped" }];
    await assert.rejects(deliverer.follow(() => undefined, new AbortController().signal));
    assert.equal(deliverer.retryAt, undefined);
  });

  for (const code of ["engine-unreachable", "engine-missing", "invalid-secrets-file", "cancelled"] as const) {
    it(`for all is left to whoever follows the engine, or repairs the file: ${code}`, async () => {
      const { engine, deliverer } = world();
      engine.broken = new Failure(code, "It is so.");
      await assert.rejects(deliverer.deliver(), failureWith(code));
      assert.equal(deliverer.retryAt, undefined);
    });
  }
});

describe("logins that a cloud gives", () => {
  const ECR = "123456789012.dkr.ecr.eu-central-1.amazonaws.com";
  const GAR = "europe-docker.pkg.dev";
  const HOUR = 3_600_000;
  const native = aSecret({ id: "native", name: "NATIVE", host: ECR, runnerNative: true });
  const google = aSecret({ id: "google", name: "GOOGLE", host: GAR, runnerNative: true });
  const key = aSecret({ id: "key", host: ECR, username: `AKIA${"X".repeat(16)}`, password: "of-the-key" });
  const own = aSecret({ id: "own", host: "ghcr.io", password: "own" });
  const expired = nativeTrouble("aws", "session-expired", "The session has ended.", { profile: "dev" });

  const world = (secrets: RegistrySecret[], deliversNative = true) => {
    const engine = new FakeEngine([dev("one"), dev("two")]);
    const cloud = new FakeNativeIdentity();
    const clock = { now: 0 };
    const made = delivererOver(engine, {
      secrets: () => Promise.resolve(secrets),
      now: () => clock.now,
      cloud,
      deliversNative,
    });
    /** The lines that environment `one` was last given. */
    const brought = () => {
      const last = engine.executions.filter(({ id }) => id === "one").at(-1)?.stdin ?? "";
      return last.split("\n").filter((line) => /^(set|skip) /.test(line));
    };
    return { ...made, engine, cloud, clock, brought };
  };
  const set = (host: string, username: string, secret: string) =>
    `set ${host} ${JSON.stringify({ ServerURL: host, Username: username, Secret: secret })}`;

  it("are not asked for by default, and a runner-native registry is left out", async () => {
    const { deliverer, cloud, brought } = world([native, own], false);
    await deliverer.deliver();
    assert.deepEqual(brought().sort(), [set("ghcr.io", "octocat", "own"), `skip ${ECR} runner-native`]);
    assert.deepEqual(cloud.asked, []);
    assert.equal(deliverer.retryAt, undefined);
  });

  it("are asked for once for all environments, where that is wanted", async () => {
    const { deliverer, cloud, brought } = world([native, own]);
    await deliverer.deliver();
    assert.deepEqual(brought().sort(), [set(ECR, "AWS", "token-1"), set("ghcr.io", "octocat", "own")]);
    assert.equal(cloud.asked.length, 1);
  });

  it("take the place of an access key by default, which is for AWS and not for the registry", async () => {
    const { deliverer, cloud, engine, brought } = world([key], false);
    await deliverer.deliver();
    assert.deepEqual(brought(), [set(ECR, "AWS", "token-1")]);
    assert.equal(cloud.asked[0]?.accessKey?.secret.reveal(), "of-the-key");
    assert.ok(engine.executions.every(({ stdin = "" }) => !stdin.includes("of-the-key")));
  });

  it("are renewed at half their life, with everything else that is wanted", async () => {
    const { deliverer, clock, brought } = world([native, own]);
    await deliverer.deliver();
    assert.equal(deliverer.retryAt, 6 * HOUR);
    clock.now = 6 * HOUR - 1;
    assert.deepEqual(delivered(await deliverer.retry()), []);
    clock.now = 6 * HOUR;
    assert.deepEqual(delivered(await deliverer.retry()), ["one delivered", "two delivered"]);
    assert.deepEqual(brought().sort(), [set(ECR, "AWS", "token-2"), set("ghcr.io", "octocat", "own")]);
    assert.equal(deliverer.retryAt, 12 * HOUR);
  });

  it("stay while the cloud does not answer, until they end; then it is asked every five minutes", async () => {
    const { deliverer, cloud, clock, brought, records } = world([native, own]);
    await deliverer.deliver();
    cloud.answer = () => expired;
    clock.now = 6 * HOUR;
    await deliverer.retry();
    assert.ok(brought().includes(set(ECR, "AWS", "token-1")), "what was given is still good");
    assert.equal(deliverer.retryAt, clock.now + 60_000);

    clock.now = 12 * HOUR;
    const [delivery] = (await deliverer.retry()).deliveries;
    assert.deepEqual(brought().sort(), [set("ghcr.io", "octocat", "own"), `skip ${ECR} session-expired`]);
    assert.deepEqual(delivery?.outcome.kind === "delivered" && delivery.outcome.withheld, [
      { host: ECR, secret: "NATIVE", why: expired },
    ]);
    assert.deepEqual(records.delivered[0]?.withheld, [ECR]);
    assert.equal(deliverer.retryAt, clock.now + 300_000);

    cloud.answer = new FakeNativeIdentity().answer;
    clock.now += 300_000;
    await deliverer.retry();
    assert.ok(brought().some((line) => line.startsWith(`set ${ECR}`)));
    assert.ok(records.delivered.every(({ withheld }) => withheld === undefined));
  });

  it("that one cloud does not give hold up nothing else", async () => {
    const { deliverer, cloud, brought } = world([native, google, own]);
    const other = gate();
    cloud.answer = async (count) => {
      // neither answers before both are asked
      if (count === 2) other.open();
      await other.opened;
      return cloud.asked[count - 1]?.host.key === GAR
        ? nativeTrouble("google", "unreachable", "ECONNREFUSED")
        : { kind: "login", username: "AWS", password: new Redacted("t"), lifeMs: HOUR };
    };
    assert.deepEqual(delivered(await deliverer.deliver()), ["one delivered", "two delivered"]);
    assert.deepEqual(brought().sort(), [
      set(ECR, "AWS", "t"),
      set("ghcr.io", "octocat", "own"),
      `skip ${GAR} unreachable`,
    ]);
  });
});

it("a change during a long round is not undone by it", async () => {
  const engine = new FakeEngine([dev("one")]);
  let password = "old";
  const { deliverer } = delivererOver(engine, { secrets: () => Promise.resolve([aSecret({ password })]) });
  const slow = gate();
  const begun = gate();
  engine.answer = async () => {
    begun.open();
    await slow.opened;
    return APPLIED;
  };
  const first = deliverer.deliver();
  await begun.opened;
  password = "new";
  const second = deliverer.deliver();
  await new Promise(setImmediate);
  slow.open();
  await Promise.all([first, second]);
  const brought = engine.executions.map(({ stdin = "" }) => /"Secret":"(\w+)"/.exec(stdin)?.[1]);
  assert.deepEqual(brought, ["old", "new"]);
});
