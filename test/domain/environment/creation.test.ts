import { strict as assert } from "node:assert";
import {
  createEnvironment,
  type CreatedEnvironment,
  type CreationEvent,
  type CreationOutcome,
  type CreationRequest,
} from "../../../src/domain/environment/creation";
import { Failure, type FailureCode } from "../../../src/domain/failure";
import { silentLog } from "../../../src/domain/log";
import { FakeDevContainerTool } from "../../fakes/fakeDevContainerTool";
import { FakeEngine } from "../../fakes/fakeEngine";
import { failureWith } from "../../fakes/failures";
import { aContainer } from "../../fakes/samples";

const REQUEST: CreationRequest = {
  folder: "/home/dev/app",
  configFile: "/home/dev/app/.devcontainer.json",
  recreate: false,
  credentials: new Map(),
  allowedRealms: [],
};
const OLD = aContainer({ id: "old1" });
const FOREIGN = aContainer({ id: "foreign", labels: { "devcontainer.local_folder": "/home/dev/other" } });

/** A creation whose steps are noted; `during` runs inside the step of that name. */
class Creation {
  readonly tool = new FakeDevContainerTool();
  readonly engine = new FakeEngine([OLD, FOREIGN]);
  readonly stop = new AbortController();
  readonly events: CreationEvent[] = [];
  readonly warnings: string[] = [];
  readonly recorded: CreationOutcome[] = [];
  broken: Error | undefined;
  unfinished: ReadonlySet<string> = new Set();
  during: Partial<Record<"up" | "remember" | "deliver" | "commands", () => void>> = {};

  constructor() {
    this.tool.onUp = () => {
      this.engine.list.push(aContainer({ id: this.tool.containerId }));
      this.during.up?.();
    };
    this.tool.onCommands = () => this.during.commands?.();
  }

  async run(): Promise<CreatedEnvironment> {
    const step = (name: "remember" | "deliver") => (id: string, more?: unknown) => {
      this.tool.steps.push(`${name} ${id}${typeof more === "string" ? ` ${more}` : ""}`);
      this.during[name]?.();
      return Promise.resolve();
    };
    return await createEnvironment(
      REQUEST,
      {
        tool: this.tool,
        engine: this.engine,
        remember: step("remember"),
        unfinished: () => Promise.resolve(this.unfinished),
        record: (outcome) => {
          this.recorded.push(outcome);
          return this.broken ? Promise.reject(this.broken) : Promise.resolve();
        },
        deliver: step("deliver"),
        log: { ...silentLog, warn: (message) => void this.warnings.push(message) },
      },
      (event) => void this.events.push(event),
      this.stop.signal,
    ).finally(() => assert.equal(this.tool.open, 0, "what the tool made is taken away"));
  }
}

function fails(): never {
  throw new Failure("creation-failed", "It failed.");
}

describe("creating an environment", () => {
  it("makes the container, logs in inside, and only then runs the lifecycle commands", async () => {
    const creation = new Creation();
    const created = await creation.run();
    assert.deepEqual(creation.tool.steps, [
      "up",
      "remember new1 unfinished",
      "deliver new1",
      "run-user-commands new1",
      "remember new1 finished",
    ]);
    assert.deepEqual(created, {
      containerId: "new1",
      remoteUser: "dev",
      workspaceFolder: "/workspaces/app",
      isNew: true,
    });
    assert.deepEqual(
      creation.events.map(({ text }) => text),
      ["Pulling", "Digest: sha256:0", "Logging in inside the environment"],
    );
    assert.deepEqual(creation.engine.removed, []);
  });

  const outcomes: [what: string, change: (creation: Creation) => void, recorded: CreationOutcome[]][] = [
    ["a new container", () => undefined, [{ outcome: "created", containerId: "new1" }]],
    ["nothing of one that was only started", ({ tool }) => (tool.containerId = "old1"), []],
    [
      "a container whose lifecycle commands fail",
      ({ during }) => (during.commands = fails),
      [{ outcome: "created", containerId: "new1" }],
    ],
    [
      "a creation that failed, where no container is left",
      (creation) => (creation.tool.onUp = () => ((creation.engine.list = []), fails())),
      [{ outcome: "failed" }],
    ],
    ["nothing where the container from before is still there", ({ during }) => (during.up = fails), []],
  ];
  for (const [what, change, recorded] of outcomes) {
    it(`notes ${what}`, async () => {
      const creation = new Creation();
      change(creation);
      await creation.run().catch(() => undefined);
      assert.deepEqual(creation.recorded, recorded);
    });
  }

  it("goes on where nothing can be noted", async () => {
    const creation = new Creation();
    creation.broken = new Error("the disk is full");
    await creation.run();
    assert.match(creation.warnings.join(), /could not be noted: the disk is full/);
  });

  it("does not call a container its own that was there before and was only started", async () => {
    const creation = new Creation();
    creation.tool.containerId = "old1";
    assert.equal((await creation.run()).isNew, false);
    assert.deepEqual(creation.tool.steps, ["up", "deliver old1", "run-user-commands old1"]);
  });

  for (const step of ["up", "remember", "deliver", "commands"] as const) {
    it(`leaves nothing of itself when it is cancelled in the step "${step}"`, async () => {
      const creation = new Creation();
      creation.during[step] = () => {
        creation.stop.abort();
        if (step !== "remember") throw new Failure("cancelled", "Cancelled.");
      };
      await assert.rejects(creation.run(), failureWith("cancelled", /nothing of it is left/));
      assert.deepEqual(creation.engine.removed, ["new1"]);
      assert.deepEqual(creation.engine.list, [OLD, FOREIGN]);
    });

    it(`ends when it is cancelled in the step "${step}" without a failure of that step`, async () => {
      const creation = new Creation();
      creation.during[step] = () => creation.stop.abort();
      await assert.rejects(creation.run(), failureWith("cancelled"));
      assert.deepEqual(creation.engine.removed, ["new1"]);
      const last = {
        up: "remember new1 unfinished",
        remember: "remember new1 unfinished",
        deliver: "deliver new1",
        commands: "remember new1 finished",
      };
      assert.equal(creation.tool.steps.at(-1), last[step]);
    });
  }

  it("makes anew what a killed creation left, and says so", async () => {
    const creation = new Creation();
    creation.unfinished = new Set(["old1"]);
    await creation.run();
    assert.deepEqual(
      creation.tool.requests.map(({ recreate }) => recreate),
      [true],
    );
    assert.equal(creation.events[0]?.text, "The last creation was interrupted: starting over");
  });

  it("starts a container of its own that was finished, and one that it does not know", async () => {
    for (const unfinished of [new Set<string>(), new Set(["foreign"])]) {
      const creation = new Creation();
      creation.unfinished = unfinished;
      await creation.run();
      assert.deepEqual(
        creation.tool.requests.map(({ recreate }) => recreate),
        [false],
      );
    }
  });

  it("keeps the container that was there before when it is cancelled", async () => {
    const creation = new Creation();
    creation.tool.containerId = "old1";
    creation.during.commands = () => creation.stop.abort();
    await assert.rejects(creation.run(), failureWith("cancelled"));
    assert.ok(!creation.engine.removed.includes("old1"));
  });

  it("removes no container that another configuration of the folder was given meanwhile, however the folder is spelled", async () => {
    const labels = (config: string) => ({
      "devcontainer.local_folder": "/host_mnt/home/dev/app/",
      "devcontainer.config_file": `/home/dev/app/${config}`,
    });
    const creation = new Creation();
    creation.during.up = () => {
      creation.engine.list.push(aContainer({ id: "other", labels: labels(".devcontainer/other/devcontainer.json") }));
      creation.engine.list.push(aContainer({ id: "half", labels: labels(".devcontainer.json") }));
      creation.stop.abort();
    };
    await assert.rejects(creation.run(), failureWith("cancelled"));
    assert.deepEqual(creation.engine.removed, ["new1", "half"]);
  });

  const PROJECT = { "com.docker.compose.project": "app_devcontainer" };
  const OF_APP = { ...aContainer().labels, ...PROJECT };
  const part = (kind: "network" | "volume", name: string, project = "app_devcontainer") => ({
    ...{ kind, id: name, name, project },
  });
  /** A creation of a Compose project that is cancelled; `began` is what there is of the project by then. */
  const composed = (began: (creation: Creation) => void, step: "up" | "commands" = "commands") => {
    const creation = new Creation();
    creation.tool.onUp = (_, onEvent) => {
      onEvent({ kind: "step", text: "Starting the container", composeProject: "app_devcontainer" });
      began(creation);
      if (step === "up") creation.stop.abort();
    };
    creation.during.commands = () => creation.stop.abort();
    return creation;
  };
  const makeAll = ({ engine }: Creation) => {
    engine.list.push(aContainer({ id: "db1", name: "db", labels: PROJECT }));
    engine.list.push(aContainer({ id: "new1", labels: OF_APP }));
    engine.parts.push(
      part("network", "app_default"),
      part("volume", "app_data"),
      part("network", "other_default", "x"),
    );
  };

  for (const step of ["up", "commands"] as const) {
    it(`removes the whole of a Compose project when it is cancelled in the step "${step}"`, async () => {
      const creation = composed(makeAll, step);
      await assert.rejects(creation.run(), failureWith("cancelled", /nothing of it is left/));
      assert.deepEqual(creation.engine.removed, ["new1", "db1", "app_default", "app_data"]);
    });
  }

  it("removes the containers of a Compose project that has come no further", async () => {
    const creation = composed(({ engine }) => {
      engine.list.push(aContainer({ id: "db1", labels: PROJECT }));
      engine.parts.push(part("network", "app_default"));
    }, "up");
    await assert.rejects(creation.run(), failureWith("cancelled", /nothing of it is left/));
    assert.deepEqual(creation.engine.removed, ["db1", "app_default"]);
  });

  it("keeps what a Compose project had before", async () => {
    const creation = composed(makeAll);
    creation.engine.list.push(aContainer({ id: "cache0", labels: PROJECT }));
    creation.engine.parts.push(part("network", "old_net"), part("volume", "old_data"));
    await assert.rejects(
      creation.run(),
      failureWith("cancelled", /this is left of it: network app_default, volume app_data\./),
    );
    assert.deepEqual(creation.engine.removed, ["new1", "db1"]);
    assert.ok(creation.engine.list.some(({ id }) => id === "cache0"));
  });

  it("keeps the volumes of a Compose project whose containers were removed before", async () => {
    const creation = composed(makeAll);
    creation.engine.parts.push(part("volume", "old_data"));
    await assert.rejects(creation.run(), failureWith("cancelled", /nothing of it is left/));
    assert.deepEqual(creation.engine.removed, ["new1", "db1", "app_default", "app_data"]);
    assert.ok(creation.engine.parts.some(({ id }) => id === "old_data"));
  });

  it("keeps the container that another configuration was given meanwhile in the same Compose project", async () => {
    const labels = { ...OF_APP, "devcontainer.config_file": "/home/dev/app/.devcontainer/other/devcontainer.json" };
    const creation = composed((one) => {
      makeAll(one);
      one.engine.list.push(aContainer({ id: "other", name: "other", labels }));
    });
    await assert.rejects(creation.run(), failureWith("cancelled", /this is left of it: container other, network /));
    assert.deepEqual(creation.engine.removed, ["new1", "db1"]);
  });

  it("says what the engine does not let go of", async () => {
    const creation = composed(makeAll);
    creation.engine.used.add("app_data");
    await assert.rejects(creation.run(), failureWith("cancelled", /this is left of it: volume app_data\.$/));
  });

  it("does nothing at all when it was cancelled before it began", async () => {
    const creation = new Creation();
    creation.stop.abort();
    await assert.rejects(creation.run(), failureWith("cancelled"));
    assert.deepEqual([creation.tool.steps, creation.engine.removed], [[], []]);
  });

  const failures: [step: "up" | "remember" | "deliver" | "commands", code: FailureCode, ran: string[]][] = [
    ["up", "creation-failed", ["up"]],
    ["deliver", "engine-unreachable", ["up", "remember new1 unfinished", "deliver new1"]],
    [
      "commands",
      "creation-failed",
      ["up", "remember new1 unfinished", "deliver new1", "run-user-commands new1", "remember new1 finished"],
    ],
  ];
  for (const [step, code, ran] of failures) {
    it(`stops at a failure of the step "${step}", and removes nothing: a person may look into it`, async () => {
      const creation = new Creation();
      creation.during[step] = () => {
        throw new Failure(code, "It failed.");
      };
      await assert.rejects(creation.run(), failureWith(code));
      assert.deepEqual(creation.tool.steps, ran);
      assert.deepEqual(creation.engine.removed, []);
    });
  }

  it("does not begin when the engine does not answer", async () => {
    const creation = new Creation();
    creation.engine.broken = new Failure("engine-unreachable", "It does not answer.");
    await assert.rejects(creation.run(), failureWith("engine-unreachable"));
    assert.deepEqual(creation.tool.steps, []);
  });

  it("is cancelled also when the engine has gone meanwhile, and says what could not be removed", async () => {
    const creation = new Creation();
    creation.during.up = () => {
      creation.stop.abort();
      creation.engine.broken = new Failure("engine-unreachable", "It went away.");
    };
    await assert.rejects(creation.run(), failureWith("cancelled", /what is left of it could not be removed/));
    assert.match(creation.warnings.join(), /could not be removed: It went away/);
  });
});
