import { setImmediate as nextTurn } from "node:timers/promises";
import { strict as assert } from "node:assert";
import { readFileSync } from "node:fs";
import { run, type Program } from "../../../src/adapters/process/run";
import { isFailure } from "../../../src/domain/failure";
import { failureWith } from "../../fakes/failures";

function node(script: string, change: Partial<Program> = {}): Program {
  return { command: process.execPath, args: ["-e", script], ...change };
}

function shell(script: string, change: Partial<Program> = {}): Program {
  return { command: "/bin/sh", args: ["-c", script], ...change };
}

/** False for a process that has ended, also if nobody has taken note of it yet. */
function runs(pid: number): boolean {
  try {
    return !/^\d+ \(.*\) [ZX]/s.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch {
    return false;
  }
}

/** A process closes its streams an instant before it is gone: true once it is, false if it lives on for five seconds. */
async function ended(pid: number): Promise<boolean> {
  const end = Date.now() + 5_000;
  while (runs(pid)) {
    if (Date.now() > end) return false;
    await nextTurn();
  }
  return true;
}

describe("running a program", () => {
  it("gives its output and its exit code, whatever it is", async () => {
    const result = await run(shell("echo out; echo err >&2; exit 3"));
    assert.deepEqual(result, { exitCode: 3, stdout: "out\n", stderr: "err\n" });
  });

  it("hands over stdin and closes it", async () => {
    const stdin = `${"é🔑".repeat(100_000)}\n`;
    assert.equal((await run({ command: "/bin/cat", args: [], stdin })).stdout, stdin);
    assert.equal((await run({ command: "/bin/cat", args: [] })).stdout, "");
  });

  it("does not mind a program that reads none of its stdin", async () => {
    assert.equal((await run(shell("exit 0", { stdin: "x".repeat(5_000_000) }))).exitCode, 0);
  });

  it("shows no argument to a shell", async () => {
    const { stdout } = await run(
      node("process.stdout.write(process.argv[1])", {
        args: ["-e", "process.stdout.write(process.argv[1])", "$(id) `id` ; '\""],
      }),
    );
    assert.equal(stdout, "$(id) `id` ; '\"");
  });

  it("gives it the environment and the folder that it is told", async () => {
    const { stdout } = await run(shell('echo "$A $HOME"; pwd', { env: { A: "1" }, cwd: "/" }));
    assert.equal(stdout, "1 \n/\n");
  });

  it("counts an end by a signal as a failure", async () => {
    assert.equal((await run(shell("kill -9 $$"))).exitCode, 128);
  });

  it("hands out each line as it comes, the last one without its end, too", async () => {
    const lines: string[] = [];
    const errors: string[] = [];
    await run(shell("printf 'one\\r\\ntwo\\n\\nthree'; printf 'e\\n' >&2"), {
      onStdoutLine: (line) => void lines.push(line),
      onStderrLine: (line) => void errors.push(line),
    });
    assert.deepEqual([lines, errors], [["one", "two", "", "three"], ["e"]]);
  });

  it("does not cut a letter in two", async () => {
    const lines: string[] = [];
    const script =
      "const b = Buffer.from('é🔑é\\n'); let i = 0; const f = () => i < b.length ? process.stdout.write(b.subarray(i, ++i), () => setImmediate(f)) : 0; f()";
    const { stdout } = await run(node(script), { onStdoutLine: (line) => void lines.push(line) });
    assert.deepEqual([stdout, lines], ["é🔑é\n", ["é🔑é"]]);
  });

  it("keeps the beginning of a huge output, and lets the program end", async () => {
    const result = await run(
      node("process.stdout.write('x'.repeat(20e6)); process.stderr.write('y'.repeat(20e6))", { maxOutput: 1000 }),
    );
    assert.deepEqual([result.exitCode, result.stdout, result.stderr], [0, "x".repeat(1000), "y".repeat(1000)]);
  });

  it("survives a line without an end", async () => {
    const lines: string[] = [];
    await run(node("process.stdout.write('x'.repeat(5e6) + '\\nlast\\n')", { maxOutput: 10_000 }), {
      onStdoutLine: (line) => void lines.push(line),
    });
    assert.equal(lines.at(-1), "last");
    assert.ok(lines.every((line) => line.length <= 10_000 + 65_536 * 4));
  });

  it("tells that a program is missing, and which", async () => {
    const error: unknown = await run({ command: "no-such-program-of-ours", args: [], stdin: "x" }).catch(
      (thrown: unknown) => thrown,
    );
    assert.ok(isFailure(error, "program-missing"));
    assert.match(error.message, /^no-such-program-of-ours could not be started: it was not found\.$/);
    assert.deepEqual(error.facts, { program: "no-such-program-of-ours", missing: true });
  });

  it("tells that a program may not be started", async () => {
    await assert.rejects(run({ command: "/etc/passwd", args: [] }), failureWith("program-missing", /EACCES/));
  });

  for (const [trouble, command, says] of [
    ["with a name too long for a file", "x".repeat(5_000), /ENAMETOOLONG/],
    ["with a NUL in its name", "a\0b", /null bytes/],
  ] as const) {
    it(`tells that a program ${trouble} cannot be started`, async () => {
      await assert.rejects(run({ command, args: [] }), failureWith("program-missing", says));
    });
  }

  describe("ends the whole group, grandchildren included,", () => {
    // the grandchild keeps the streams open: without its end the run would not end
    const family = shell("sleep 1000 & echo $!; wait", { ownGroup: true });

    it("when its time is over", async () => {
      let grandchild = 0;
      const error: unknown = await run(
        { ...family, timeoutMs: 2_000 }, // time enough to begin, however busy the machine is
        { onStdoutLine: (line) => (grandchild = Number(line)) },
      ).catch((thrown: unknown) => thrown);
      failureWith("timed-out", /^\/bin\/sh did not end within \d+ seconds\.$/)(error);
      assert.ok(grandchild > 0);
      assert.equal(await ended(grandchild), true);
    });

    it("when it is cancelled", async () => {
      const stop = new AbortController();
      let child = 0;
      let grandchild = 0;
      const running = run(family, {
        signal: stop.signal,
        onStart: (pid) => (child = pid),
        onStdoutLine: (line) => {
          grandchild = Number(line);
          stop.abort();
        },
      });
      await assert.rejects(running, failureWith("cancelled"));
      assert.deepEqual([await ended(child), await ended(grandchild)], [true, true]);
    });

    it("when it does not want to end", async () => {
      const stop = new AbortController();
      let child = 0;
      const stubborn = node("process.on('SIGTERM', () => {}); console.log(1); setInterval(() => {}, 1000)", {
        ownGroup: true,
      });
      const running = run(stubborn, {
        signal: stop.signal,
        onStart: (pid) => (child = pid),
        onStdoutLine: () => stop.abort(),
      });
      await assert.rejects(running, failureWith("cancelled"));
      assert.equal(await ended(child), true);
    });
  });

  it("ends also where a process outside the group keeps the streams open", async () => {
    const stop = new AbortController();
    let stranger = 0;
    const running = run(shell("setsid sleep 1000 & echo $!; wait", { ownGroup: true }), {
      signal: stop.signal,
      onStdoutLine: (line) => {
        stranger = Number(line);
        stop.abort();
      },
    });
    await assert.rejects(running, failureWith("cancelled"));
    if (runs(stranger)) process.kill(stranger, "SIGKILL");
  });

  it("gives the answer of a program that left such a process behind", async () => {
    const { stdout, exitCode } = await run(shell("sleep 1000 & echo $!", {}));
    process.kill(Number(stdout), "SIGKILL");
    assert.equal(exitCode, 0);
  });

  it("starts nothing when it was cancelled before", async () => {
    let started = false;
    await assert.rejects(
      run(shell("true"), { signal: AbortSignal.abort(), onStart: () => (started = true) }),
      failureWith("cancelled"),
    );
    assert.equal(started, false);
  });
});
