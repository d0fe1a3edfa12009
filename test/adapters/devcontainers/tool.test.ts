import { strict as assert } from "node:assert";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { devContainerTool, type RunConfig } from "../../../src/adapters/devcontainers/tool";
import type { CreationEvent, CreationRequest, CreationSteps } from "../../../src/domain/environment/creation";
import { isFailure } from "../../../src/domain/failure";
import { Redacted } from "../../../src/domain/redacted";
import { failureWith } from "../../fakes/failures";
import { temporaryFolder } from "../../fakes/temporaryFolder";

describe("the dev container CLI as a program", () => {
  const folder = temporaryFolder();
  const configFile = () => join(folder(), ".devcontainer", "devcontainer.json");
  const lockFile = () => join(folder(), ".devcontainer", "devcontainer-lock.json");
  let opened = 0;
  let closed = 0;
  let guarded: string[] = [];
  beforeEach(() => {
    opened = 0;
    closed = 0;
    guarded = [];
    mkdirSync(join(folder(), ".devcontainer"));
    mkdirSync(join(folder(), "run"));
  });

  const request = (change: Partial<CreationRequest> = {}): CreationRequest => ({
    folder: folder(),
    configFile: configFile(),
    recreate: false,
    credentials: new Map([["ghcr.io", { username: "octocat", password: new Redacted("kT9-canary") }]]),
    allowedRealms: [],
    ...change,
  });

  /** The tool, whose program is `script`: it sees its arguments as `args`, and `say` writes a line of the log. */
  function toolOf(script: string) {
    const program = join(folder(), "devcontainer.js");
    writeFileSync(
      program,
      `const args = process.argv.slice(2); const fs = require("fs");
       const say = (text, type = "text") => console.error(JSON.stringify({ type, level: 3, text }));
       fs.writeFileSync(${JSON.stringify(join(folder(), "args.json"))}, JSON.stringify(args));
       ${script}`,
    );
    const config: RunConfig = {
      env: { PATH: process.env["PATH"], DOCKER_CONFIG: "/private" },
      folder: join(folder(), "run"),
      guard: (group) => {
        guarded.push(`guard ${typeof group}`);
        return () => void guarded.push("forget");
      },
      close: () => {
        closed++;
        return Promise.resolve();
      },
    };
    const tool = devContainerTool({
      node: process.execPath,
      script: program,
      dockerPath: "/bin/docker",
      openConfig: () => {
        opened++;
        return Promise.resolve(config);
      },
    });
    /** One step of a creation of its own. */
    const only = async <T>(request: CreationRequest, step: (steps: CreationSteps) => Promise<T>) => {
      const steps = await tool.begin(request);
      return await step(steps).finally(() => steps.close());
    };
    type Listener = (event: CreationEvent) => void;
    return {
      tool,
      up: (request: CreationRequest, onEvent: Listener, signal?: AbortSignal) =>
        only(request, (steps) => steps.up(onEvent, signal)),
      runUserCommands: (request: CreationRequest, containerId: string, onEvent: Listener, signal?: AbortSignal) =>
        only(request, (steps) => steps.runUserCommands(containerId, onEvent, signal)),
    };
  }

  const SUCCESS = `console.log(JSON.stringify({ outcome: "success", containerId: "c1", remoteUser: "dev", remoteWorkspaceFolder: "/w" }));`;
  const args = () => JSON.parse(readFileSync(join(folder(), "args.json"), "utf8")) as string[];
  const never = () => assert.fail("no event was expected");

  it("creates without the lifecycle commands, in the private config, and says what it made", async () => {
    const tool = toolOf(
      `if (process.env.DOCKER_CONFIG !== "/private" || process.env.ELECTRON_RUN_AS_NODE !== "1") process.exit(9); ${SUCCESS}`,
    );
    assert.deepEqual(await tool.up(request({ allowedRealms: ["a=b", "c=d"] }), never), {
      containerId: "c1",
      remoteUser: "dev",
      workspaceFolder: "/w",
    });
    assert.deepEqual(args(), [
      "up",
      "--workspace-folder",
      folder(),
      "--config",
      configFile(),
      "--docker-path",
      "/bin/docker",
      "--log-format",
      "json",
      "--oci-auth-hardening",
      "--allow-cross-origin-auth-host",
      "a=b",
      "--allow-cross-origin-auth-host",
      "c=d",
      "--skip-post-create",
      "--no-lockfile",
    ]);
    assert.deepEqual([closed, guarded], [1, ["guard number", "forget"]]);
  });

  it("has one private config for all steps of a creation", async () => {
    const { tool } = toolOf(SUCCESS);
    const steps = await tool.begin(request());
    await steps.up(never);
    await steps.runUserCommands("c1", never);
    assert.deepEqual([opened, closed], [1, 0]);
    await steps.close();
    assert.deepEqual([opened, closed], [1, 1]);
  });

  it("removes the existing container where it is told to", async () => {
    await toolOf(SUCCESS).up(request({ recreate: true }), never);
    assert.ok(args().includes("--remove-existing-container"));
  });

  it("runs the lifecycle commands in the container that it is told, with the person's own variables by a file", async () => {
    const script = `const at = args.indexOf("--secrets-file") + 1; say(at > 0 ? fs.readFileSync(args[at], "utf8") + (fs.statSync(args[at]).mode & 0o777).toString(8) : "none"); ${SUCCESS}`;
    const events: CreationEvent[] = [];
    const tool = toolOf(script);
    await tool.runUserCommands(request({ lifecycleVariables: { A: "b" } }), "c1", (event) => void events.push(event));
    assert.equal(
      args().slice(0, 1).concat(args().slice(-4)).join(" "),
      `run-user-commands --container-id c1 --secrets-file ${join(folder(), "run", "lifecycle-variables.json")}`,
    );
    await tool.runUserCommands(request(), "c1", (event) => void events.push(event));
    assert.deepEqual(
      events.map(({ text }) => text),
      ['{"A":"b"}600', "none"],
    );
    assert.ok(!JSON.stringify(args()).includes("canary"));
  });

  it("gives no variables to the creation: a payload there would be in every command's environment", async () => {
    await toolOf(SUCCESS).up(request({ lifecycleVariables: { A: "b" } }), never);
    assert.ok(!args().includes("--secrets-file"));
  });

  it("redacts what the tool prints before anyone sees it", async () => {
    const events: CreationEvent[] = [];
    const script = `say("sent kT9-canary and ${Buffer.from("octocat:kT9-canary").toString("base64")}"); console.log(JSON.stringify({ outcome: "error", message: "denied for kT9-canary" }));`;
    const error: unknown = await toolOf(script)
      .up(request(), (event) => void events.push(event))
      .catch((thrown: unknown) => thrown);
    assert.ok(isFailure(error, "creation-failed"));
    assert.deepEqual(
      events.map(({ text }) => text),
      ["sent [redacted] and [redacted]"],
    );
    assert.ok(!JSON.stringify([error.message, error.facts]).includes("canary"));
    assert.equal(error.facts["said"], "denied for [redacted]");
  });

  const failures: [what: string, script: string, said: RegExp, reason: RegExp | undefined][] = [
    [
      "the outcome",
      `say("denied: denied"); say("Command failed: docker pull x"); console.log(JSON.stringify({ outcome: "error", message: "Command failed: docker pull x" }));`,
      /docker pull x/,
      /^denied: denied$/,
    ],
    [
      "only a description",
      `console.log(JSON.stringify({ outcome: "error", description: "It did not work." }));`,
      /It did not work/,
      undefined,
    ],
    ["nothing at all", `process.exit(3);`, /ended with 3/, undefined],
    ["a crash", `throw new Error("socket hang up");`, /ended with 1/, /socket hang up/],
  ];
  for (const [what, script, said, reason] of failures) {
    it(`fails with ${what}`, async () => {
      const error: unknown = await toolOf(script)
        .up(request(), () => undefined)
        .catch((thrown: unknown) => thrown);
      assert.ok(isFailure(error, "creation-failed"));
      assert.match(error.message, said);
      if (reason) assert.match(String(error.facts["reason"]), reason);
      else assert.equal(error.facts["reason"], undefined);
      assert.equal(error.facts["step"], "up");
      assert.equal(closed, 1);
    });
  }

  it("fails when the tool names no container", async () => {
    await assert.rejects(
      toolOf(`console.log('{"outcome":"success"}')`).up(request(), never),
      failureWith("creation-failed", /no container/),
    );
  });

  it("ends the tool and takes the private config away when it is cancelled", async () => {
    const stop = new AbortController();
    const work = toolOf(`say("working"); setInterval(() => {}, 1000);`).up(request(), () => stop.abort(), stop.signal);
    await assert.rejects(work, failureWith("cancelled"));
    assert.equal(closed, 1);
  });

  describe("the lock file of the workspace", () => {
    const writes = `fs.writeFileSync(LOCK, "new");`;
    const script = (more: string) =>
      `const LOCK = require("path").join(process.cwd(), ".devcontainer/devcontainer-lock.json"); ${more}`;

    it("is not left where there was none", async () => {
      await toolOf(script(writes + SUCCESS)).up(request(), never);
      assert.equal(existsSync(lockFile()), false);
    });

    for (const [what, more] of [
      ["changed", writes],
      ["removed", "fs.rmSync(LOCK);"],
      ["left alone", ""],
    ] as const) {
      it(`has its bytes again where the tool has ${what} it, also after a failure; its pins count`, async () => {
        writeFileSync(lockFile(), "old");
        await toolOf(script(more + SUCCESS)).up(request(), never);
        assert.equal(readFileSync(lockFile(), "utf8"), "old");
        assert.ok(!args().includes("--no-lockfile"));
        await assert.rejects(toolOf(script(`${more} process.exit(1)`)).up(request(), never));
        assert.equal(readFileSync(lockFile(), "utf8"), "old");
      });
    }

    it("beside a .devcontainer.json has a dot", async () => {
      writeFileSync(join(folder(), ".devcontainer-lock.json"), "old");
      await toolOf(SUCCESS).up(request({ configFile: join(folder(), ".devcontainer.json") }), never);
      assert.ok(!args().includes("--no-lockfile"));
    });
  });
});
