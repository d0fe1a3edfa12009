import { strict as assert } from "node:assert";
import { follow } from "../../../src/adapters/process/follow";

async function collect(lines: AsyncIterable<string>): Promise<string[]> {
  const all: string[] = [];
  for await (const line of lines) all.push(line);
  return all;
}

describe("following a program", () => {
  const never = new AbortController().signal;

  it("gives its lines, and ends with it", async () => {
    const program = { command: "/bin/sh", args: ["-c", "printf 'one\\r\\ntwo\\nthree'; echo no >&2; exit 3"] };
    assert.deepEqual(await collect(follow(program, never)), ["one", "two", "three"]);
  });

  it("is ended by the signal", async () => {
    const stop = new AbortController();
    const lines: string[] = [];
    for await (const line of follow({ command: "/bin/sh", args: ["-c", "echo one; exec sleep 1000"] }, stop.signal)) {
      lines.push(line);
      stop.abort();
    }
    assert.deepEqual(lines, ["one"]);
  });

  it("ends the program when nobody listens any more", async () => {
    for await (const line of follow({ command: "/bin/sh", args: ["-c", "echo $$; exec sleep 1000"] }, never)) {
      assert.ok(Number(line) > 0);
      break;
    }
  });

  it("starts nothing when it was ended before", async () => {
    assert.deepEqual(await collect(follow({ command: "/bin/echo", args: ["x"] }, AbortSignal.abort())), []);
  });

  it("is empty for a program that is missing", async () => {
    assert.deepEqual(await collect(follow({ command: "no-such-program-of-ours", args: [] }, never)), []);
  });
});
