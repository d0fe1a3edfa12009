import { strict as assert } from "node:assert";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { parseLogLine, parseOutcome, reasonOf } from "../../../src/adapters/devcontainers/events";
import type { CreationEvent } from "../../../src/domain/environment/creation";

/** Recorded with `devcontainer up --log-format json`, @devcontainers/cli 0.89.0; hosts and folders are renamed. */
const recorded = (name: string) => readFileSync(join("test/fixtures/devcontainers", name), "utf8");
const eventsOf = (name: string) =>
  recorded(name)
    .split("\n")
    .map(parseLogLine)
    .filter((event) => event !== undefined);
const steps = (events: readonly CreationEvent[]) =>
  events.filter(({ kind }) => kind === "step").map(({ text }) => text);
const output = (events: readonly CreationEvent[]) =>
  events.filter(({ kind }) => kind === "output").map(({ text }) => text);

describe("the log of the dev container CLI", () => {
  it("of an environment that was created: what takes long, and what commands print", () => {
    const events = eventsOf("up.jsonl");
    assert.deepEqual(steps(events), ["Starting the container", "Running postCreateCommand..."]);
    assert.ok(output(events).includes("hello from postCreate"));
    assert.ok(output(events).some((text) => text.startsWith("@devcontainers/cli 0.89.0")));
  });

  it("never shows what the tool traces: the environment of the container stands there", () => {
    const text = eventsOf("up.jsonl")
      .map((event) => event.text)
      .join("\n");
    assert.ok(recorded("up.jsonl").includes("userEnvProbe"));
    assert.ok(!text.includes("userEnvProbe"));
    assert.doesNotMatch(text, /\u001b/);
  });

  it("of a pull that is refused: each try, and what docker said", () => {
    const events = eventsOf("pull-refused.jsonl");
    assert.deepEqual([...new Set(steps(events))], ["Pulling registry.example.com/acme/private:1"]);
    assert.equal(steps(events).length, 5);
    assert.ok(output(events).some((text) => text.startsWith("Error response from daemon: Get")));
  });

  const reasons: [name: string, reason: RegExp][] = [
    ["pull-refused.jsonl", /^Error response from daemon: Get .*connection refused$/],
    ["no-passwd.jsonl", /^unable to find user root: no matching entries in passwd file$/],
  ];
  for (const [name, reason] of reasons) {
    it(`tells the reason of ${name}`, () =>
      assert.match(reasonOf(eventsOf(name).map(({ text }) => text)) ?? "", reason));
  }

  const lines: [line: object | string, want: string | undefined][] = [
    ["", undefined],
    ["  ", undefined],
    ["{", undefined],
    ['{"type":"text"', undefined],
    ["plain text of a program", "output plain text of a program"],
    ["Error: Command failed", "output Error: Command failed"],
    [{ type: "text", level: 3, text: "hello" }, "output hello"],
    [{ type: "text", level: 2, text: "trace" }, undefined],
    [{ type: "text", level: 5, text: "error" }, "output error"],
    [{ type: "text", level: 3, text: " \r\n" }, undefined],
    [{ type: "text", text: "without a level" }, "output without a level"],
    [{ type: "raw", level: 1, text: "Digest: sha256:0\n" }, "output Digest: sha256:0"],
    [{ type: "raw", level: 3, text: "\u001b[1m\u001b[31mred\u001b[39m\u001b[22m\r\nnext\r\n" }, "output red\nnext"],
    [{ type: "start", level: 2, text: "Run: docker pull ghcr.io/a/b:1" }, "step Pulling ghcr.io/a/b:1"],
    [{ type: "start", level: 2, text: "Run: docker build -f x ." }, "step Building the image"],
    [{ type: "start", level: 3, text: "Run: docker buildx build --load ." }, "step Building the image"],
    [
      { type: "start", level: 3, text: "Run: /opt/bin/docker run --sig-proxy=false -e A=b" },
      "step Starting the container",
    ],
    [{ type: "start", level: 3, text: "Run: docker compose -f x up -d" }, "step Starting the container"],
    [{ type: "start", level: 2, text: "Run: docker buildx version" }, undefined],
    [{ type: "start", level: 2, text: "Run: docker inspect --type image x" }, undefined],
    [{ type: "start", level: 2, text: "Resolving Remote" }, undefined],
    [{ type: "start", level: 2, text: "Run in container: cat /etc/passwd" }, undefined],
    [{ type: "stop", level: 3, text: "Run: docker pull x", startTimestamp: 1 }, undefined],
    [{ type: "progress", name: "Running onCreateCommand...", status: "running" }, "step Running onCreateCommand..."],
    [{ type: "progress", name: "Running onCreateCommand...", status: "succeeded" }, undefined],
    [{ type: "progress" }, undefined],
    [{ type: "other", text: "x" }, undefined],
    [{ type: "text", level: "3", text: "x" }, undefined],
  ];
  for (const [line, want] of lines) {
    it(`${JSON.stringify(line).slice(0, 70)}: ${String(want)}`, () => {
      const event = parseLogLine(typeof line === "string" ? line : JSON.stringify(line));
      assert.equal(event && `${event.kind} ${event.text}`, want);
    });
  }

  const facts: [run: string, want: object][] = [
    ["docker pull ghcr.io/a/b:1", { code: "pulling", detail: "ghcr.io/a/b:1" }],
    ["docker buildx build --load .", { code: "building" }],
    ["docker run --sig-proxy=false", { code: "starting" }],
    [
      "docker compose --project-name app_devcontainer -f x up -d",
      { code: "starting", composeProject: "app_devcontainer" },
    ],
    [
      "docker-compose --project-name app_devcontainer -f x up -d",
      { code: "starting", composeProject: "app_devcontainer" },
    ],
    ["git config --list", {}],
  ];
  for (const [run, want] of facts) {
    it(`tells what is done: ${run}`, () => {
      const event = parseLogLine(JSON.stringify({ type: "start", level: 3, text: `Run: ${run}` }));
      assert.deepEqual(event, { kind: "step", text: event?.text, ...want });
    });
  }

  it("tells which lifecycle command runs", () => {
    const event = parseLogLine(
      JSON.stringify({ type: "progress", name: "Running onCreateCommand...", status: "running" }),
    );
    assert.deepEqual(event, {
      kind: "step",
      text: "Running onCreateCommand...",
      code: "running",
      detail: "onCreateCommand",
    });
  });

  it("never throws, whatever a line is", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (line) => {
        const event = parseLogLine(line);
        assert.ok(event === undefined || event.text.trim() !== "");
      }),
    );
  });
});

describe("the reason among lines", () => {
  const cases: [what: string, lines: string[], want: string | undefined][] = [
    ["none", ["all is well", ""], undefined],
    [
      "only that a command failed",
      ["Command failed: docker pull x", "Error: Command failed: docker pull x", "    at async x (error.js:1:2)"],
      undefined,
    ],
    ["the last of several", ["denied: one", "ok", "denied: two", "ok"], "denied: two"],
    ["the last line of a text", ["ERROR: failed to solve: x\nok\n  unauthorized: y  \n"], "unauthorized: y"],
    [
      "before what the tool says of it",
      [
        "denied: denied",
        "Retrying (Attempt 4) with error \n\t'Command failed: docker pull x'",
        "Error fetching image details: No manifest found for x.",
        "Error response from daemon: no such image: x",
      ],
      "denied: denied",
    ],
  ];
  for (const [what, lines, want] of cases) {
    it(what, () => assert.equal(reasonOf(lines), want));
  }
});

describe("the outcome of the dev container CLI", () => {
  it("of an environment that was created", () => {
    const outcome = parseOutcome(recorded("up.stdout.json"));
    assert.ok(outcome?.outcome === "success");
    assert.match(outcome.containerId ?? "", /^[0-9a-f]{64}$/);
    assert.deepEqual([outcome.remoteUser, outcome.remoteWorkspaceFolder], ["root", "/workspaces/ok"]);
  });

  it("of a pull that was refused", () => {
    assert.deepEqual(parseOutcome(recorded("pull-refused.stdout.json")), {
      outcome: "error",
      message: "Command failed: docker pull registry.example.com/acme/private:1",
      description: "An error occurred setting up the container.",
    });
  });

  const others: [stdout: string, want: string | undefined][] = [
    ["", undefined],
    ["text\n", undefined],
    ['{"outcome":"maybe"}', undefined],
    ['{"outcome":"error"}\n{"outcome":"success"}\n', "success"],
    ['{"outcome":"success"}\nwarning: something\n\n', "success"],
    ['{"outcome":"success","containerId":5}', undefined],
  ];
  for (const [stdout, want] of others) {
    it(JSON.stringify(stdout), () => assert.equal(parseOutcome(stdout)?.outcome, want));
  }
});
