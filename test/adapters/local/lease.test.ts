import { strict as assert } from "node:assert";
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { fileLease, STALE_MS } from "../../../src/adapters/local/lease";
import { temporaryFolder } from "../../fakes/temporaryFolder";

describe("a lease", () => {
  const folder = temporaryFolder();
  const file = () => join(folder(), "state", "delivers");
  let now = 0;
  const lease = () => fileLease(file(), () => now);
  /** What another process would have written, changed as told, at `now`. */
  const heldBy = (change: object, text?: string) => {
    const holder = { id: "other", pid: process.pid, host: hostname(), ...change };
    mkdirSync(dirname(file()), { recursive: true });
    writeFileSync(file(), text ?? JSON.stringify(holder));
    utimesSync(file(), now / 1000, now / 1000);
  };

  beforeEach(() => {
    now = Date.now();
  });

  it("is one's at a time, and stays so for as long as that one says so", async () => {
    const [first, second] = [lease(), lease()];
    assert.deepEqual([await first.hold(), await second.hold(), await first.hold()], [true, false, true]);
    for (let beat = 0; beat < 5; beat++) {
      now += STALE_MS - 1_000;
      assert.deepEqual([await first.hold(), await second.hold()], [true, false]);
    }
    assert.equal(statSync(file()).mode & 0o777, 0o600);
  });

  it("of many that ask at once is one's", async () => {
    const answers = await Promise.all(Array.from({ length: 50 }, () => lease().hold()));
    assert.equal(answers.filter((holds) => holds).length, 1);
  });

  it("goes from a silent one to one of the others, and the silent one sees that", async () => {
    const [silent, ...others] = Array.from({ length: 20 }, lease);
    assert.equal(await silent!.hold(), true);
    now += STALE_MS + 1_000;
    for (let beat = 0; beat < 3; beat++) {
      const answers = await Promise.all(others.map((other) => other.hold()));
      assert.equal(answers.filter((holds) => holds).length, 1);
    }
    assert.equal(await silent!.hold(), false);
    assert.deepEqual(readdirSync(dirname(file())), ["delivers"]);
  });

  const others: [what: string, change: object, text: string | undefined, takes: boolean][] = [
    ["a process that is alive", {}, undefined, false],
    ["a process that has gone", { pid: 2 ** 22 - 1 }, undefined, true],
    [
      "a process of another machine, which nobody can see from here",
      { pid: 2 ** 22 - 1, host: "elsewhere" },
      undefined,
      false,
    ],
    ["one that is just writing who it is", {}, "", false],
    ["one whose words nobody understands", {}, "{]", false],
  ];
  for (const [what, change, text, takes] of others) {
    it(`held by ${what} is ${takes ? "taken" : "left to it"}, and taken when it is silent`, async () => {
      heldBy(change, text);
      assert.equal(await lease().hold(), takes);
      heldBy(change, text);
      now += STALE_MS + 1_000;
      assert.equal(await lease().hold(), true);
    });
  }

  it("is taken from one that spoke in the future, when the clock was set back", async () => {
    heldBy({});
    now -= 3_600_000;
    assert.equal(await lease().hold(), true);
  });

  it("is taken in the end also where another was killed while it took it", async () => {
    heldBy({ pid: 2 ** 22 - 1 });
    writeFileSync(`${file()}.takeover`, "");
    writeFileSync(`${file()}.takeover.fresh`, "half");
    assert.equal(await lease().hold(), false);
    now += STALE_MS + 1_000;
    const one = lease();
    assert.deepEqual([await one.hold(), await one.hold()], [false, true]);
    assert.deepEqual(readdirSync(dirname(file())), ["delivers"]);
  });

  it("is a failure where nothing can be written", async () => {
    writeFileSync(join(folder(), "state"), "");
    await assert.rejects(lease().hold());
  });

  it("goes over at once when its process is killed, to exactly one", async () => {
    const processes: { child: ChildProcess; holds: Promise<void> }[] = [];
    const start = () => {
      const child = spawn(process.execPath, [".build/scripts/testbed/leaseHolder.js", file(), "20"], {
        stdio: ["ignore", "pipe", "inherit"],
      });
      const lines = createInterface({ input: child.stdout });
      const holds = new Promise<void>((resolve) => lines.on("line", (line) => line === "holds" && resolve()));
      processes.push({ child, holds });
      return once(lines, "line");
    };
    try {
      await Promise.all(Array.from({ length: 4 }, start));
      for (let left = 4; left > 1; left--) {
        const { pid } = JSON.parse(readFileSync(file(), "utf8")) as { pid: number };
        const holder = processes.findIndex(({ child }) => child.pid === pid);
        assert.ok(holder >= 0);
        const [killed] = processes.splice(holder, 1);
        const others = Promise.race(processes.map(({ holds }) => holds));
        killed?.child.kill("SIGKILL");
        await others;
      }
      assert.ok(existsSync(file()));
    } finally {
      for (const { child } of processes) child.kill("SIGKILL");
    }
  });
});
