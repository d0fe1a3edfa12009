import { strict as assert } from "node:assert";
import { Deliverer, type DeliveryRound } from "../../../src/domain/delivery/deliverer";
import type { Container } from "../../../src/domain/environment/container";
import { Failure } from "../../../src/domain/failure";
import { silentLog } from "../../../src/domain/log";
import type { RegistrySecret } from "../../../src/domain/secret/secret";
import { APPLIED, FakeEngine } from "../../fakes/fakeEngine";
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

function delivererOver(engine: FakeEngine, change: { secrets?: () => Promise<RegistrySecret[]>; ids?: string[] } = {}) {
  const warnings: string[] = [];
  const deliverer = new Deliverer({
    engine,
    source: "cli",
    installScript: () => Promise.resolve(""),
    secrets: change.secrets ?? (() => Promise.resolve([aSecret()])),
    trust: () =>
      Promise.resolve({ containerIds: new Set(change.ids ?? []), folders: ["/home/dev/app", "/home/dev/two"] }),
    projectOf: (folder) => Promise.resolve(folder),
    log: { ...silentLog, warn: (message) => void warnings.push(message) },
  });
  return { deliverer, warnings };
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
    [
      "those of a folder",
      { folder: "/home/dev/two" },
      [],
      ["second delivered"],
      ["foreign untrusted-folder", "claims label-of-image"],
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

describe("following the starts of containers", () => {
  it("delivers to each that starts and is ours, and tells only of what concerns a person", async () => {
    const engine = new FakeEngine([
      dev("one"),
      dev("foreign", "/home/dev/foreign"),
      aContainer({ id: "other", labels: {} }),
    ]);
    engine.startIds = ["other", "one", "gone", "foreign"];
    const rounds: DeliveryRound[] = [];
    const following = delivererOver(engine).deliverer.followStarts(
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

  it("keeps to a folder, where one is given", async () => {
    const engine = new FakeEngine([dev("one"), dev("two", "/home/dev/two")]);
    engine.startIds = ["two", "one"];
    const stop = new AbortController();
    const following = delivererOver(engine).deliverer.followStarts(() => stop.abort(), stop.signal, {
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
    await delivererOver(engine).deliverer.followStarts(() => undefined, stop.signal);
    assert.deepEqual(engine.executions, []);
  });

  it("goes on after a delivery that could not be made", async () => {
    const engine = new FakeEngine([dev("one"), dev("two")]);
    engine.startIds = ["one", "two"];
    let calls = 0;
    const secrets = () =>
      ++calls === 1 ? Promise.reject(new Failure("storage-unavailable", "Locked.")) : Promise.resolve([aSecret()]);
    const { deliverer, warnings } = delivererOver(engine, { secrets });
    const rounds: DeliveryRound[] = [];
    await assert.rejects(deliverer.followStarts((round) => void rounds.push(round), new AbortController().signal));
    assert.deepEqual(rounds.flatMap(delivered), ["two delivered"]);
    assert.match(warnings.join(), /Locked/);
  });

  it("does not let one that hangs hold up those that start after it", async () => {
    const engine = new FakeEngine([dev("hangs"), dev("fine")]);
    engine.startIds = ["hangs", "fine"];
    const hanging = gate();
    const fine = gate();
    engine.answer = async ({ id }) => {
      if (id === "hangs") await hanging.opened;
      return APPLIED;
    };
    const rounds: string[] = [];
    const following = delivererOver(engine).deliverer.followStarts((round) => {
      rounds.push(...delivered(round));
      if (rounds.includes("fine delivered")) fine.open();
    }, new AbortController().signal);
    await fine.opened;
    hanging.open();
    await assert.rejects(following, failureWith("engine-unreachable"));
    assert.deepEqual(rounds, ["fine delivered", "hangs delivered"]);
  });
});
