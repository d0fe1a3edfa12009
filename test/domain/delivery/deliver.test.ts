import { strict as assert } from "node:assert";
import { deliver, type DeliveryOutcome } from "../../../src/domain/delivery/deliver";
import { desiredSet } from "../../../src/domain/delivery/desiredSet";
import type { CommandResult, Container } from "../../../src/domain/environment/container";
import type { Environment } from "../../../src/domain/environment/environment";
import { Failure } from "../../../src/domain/failure";
import { failureMessage } from "../../../src/presentation/failureMessages";
import { APPLIED, FakeEngine } from "../../fakes/fakeEngine";
import { failureWith } from "../../fakes/failures";
import { aContainer, aSecret } from "../../fakes/samples";

const SET = desiredSet(
  [aSecret({ password: "kT9-canary" }), aSecret({ id: "2", host: "acme.azurecr.io", runnerNative: true })],
  undefined,
);
/** What docker prints for a program that is not there: on stdout (recorded with docker 20.10 and 28.2). */
const NOT_THERE: CommandResult = {
  exitCode: 126,
  stdout:
    'OCI runtime exec failed: exec failed: unable to start container process: exec: "/usr/local/bin/registry-login": ' +
    "stat /usr/local/bin/registry-login: no such file or directory: unknown\r\n",
  stderr: "",
};
const DONE: CommandResult = { exitCode: 0, stdout: "", stderr: "" };
const refused = (code: string, message: string): CommandResult => ({
  exitCode: 1,
  stdout: `${JSON.stringify({ outcome: "refused", code, message })}\n`,
  stderr: "",
});

function environment(metadata: object = {}, environment: Container["environment"] = {}): Environment {
  const labels = { "devcontainer.metadata": JSON.stringify([metadata]) };
  return { container: aContainer({ labels, environment }), folder: "/home/dev/app" };
}

const MACHINE = { files: { read: () => Promise.resolve(undefined) }, env: {}, source: "cli" };

/** Delivers to an environment whose commands give `answers`, one after the other. */
async function deliverTo(answers: (CommandResult | Error)[], to = environment(), there = [aContainer()]) {
  const engine = new FakeEngine(there);
  engine.answer = () => {
    const next = answers.shift();
    assert.ok(next, "one command too many");
    if (next instanceof Error) throw next;
    return next;
  };
  const installScript = () => Promise.resolve("# the hook\n");
  const outcome = await deliver(to, SET, { ...MACHINE, engine, installScript });
  const ran = engine.executions.map(({ command, user }) => `${String(user)}: ${command.join(" ")}`);
  return { outcome, ran, engine };
}

const APPLY = "root: /usr/local/bin/registry-login apply --json";
const INSTALL = "root: /bin/sh -s";

describe("delivery to one environment", () => {
  it("applies the whole set by stdin, and says what it brought and what not", async () => {
    const { outcome, ran, engine } = await deliverTo([APPLIED]);
    assert.deepEqual(outcome, { kind: "delivered", hosts: ["ghcr.io"], skipped: ["acme.azurecr.io"] });
    assert.deepEqual(ran, [APPLY]);
    const [execution] = engine.executions;
    assert.match(
      execution?.stdin ?? "",
      /^registry-login 1 source=cli shm=private workspace=\/workspaces\/app\nset ghcr\.io .*kT9-canary.*\nskip acme/,
    );
    const { stdin: _, ...open } = execution ?? {};
    assert.ok(!JSON.stringify(open).includes("canary"));
  });

  for (const [what, advice, line] of [
    ["is told inside", () => Promise.resolve("Recreate it."), /^advice "Recreate it\."$/m],
    [
      "that cannot be found out is no reason to log nobody in",
      () => Promise.reject(new Failure("storage-unavailable", "x")),
      /^end$/m,
    ],
  ] as const) {
    it(`advice ${what}`, async () => {
      const engine = new FakeEngine();
      const installScript = () => Promise.resolve("");
      const outcome = await deliver(environment(), SET, { ...MACHINE, engine, installScript, advice });
      assert.equal(outcome.kind, "delivered");
      assert.match(engine.executions[0]?.stdin ?? "", line);
    });
  }

  it("keeps what the hook found besides, once, and whatever form it has", async () => {
    const dead = { code: "dead-store", message: "The credential store desktop is missing." };
    const warned = (warnings: unknown): CommandResult => ({
      exitCode: 0,
      stdout: JSON.stringify({ outcome: "applied", hosts: [], warnings }),
      stderr: "",
    });
    const to = environment({ remoteUser: "vscode" });
    const { outcome } = await deliverTo([warned([dead]), warned([dead])], to);
    assert.deepEqual(outcome.kind === "delivered" && outcome.warnings, [dead]);
    for (const form of [undefined, null, "text", [], [5], [{ code: 5 }]]) {
      const { outcome: plain } = await deliverTo([warned(form)]);
      assert.deepEqual(plain, { kind: "delivered", hosts: ["ghcr.io"], skipped: ["acme.azurecr.io"] });
    }
  });

  const echoes: [where: string, answers: CommandResult[]][] = [
    ["refusal", [refused("kT9-canary", "I was given octocat:kT9-canary, in base64 b2N0b2NhdDprVDktY2FuYXJ5")]],
    ["code", [refused("kT9-canary", "no")]],
    ["installation", [NOT_THERE, { exitCode: 1, stdout: "", stderr: "kT9-canary" }]],
  ];
  for (const [where, answers] of echoes) {
    it(`keeps no value that a container says back in its ${where}`, async () => {
      const { outcome } = await deliverTo(answers);
      assert.ok(outcome.kind === "failed");
      assert.doesNotMatch(JSON.stringify([outcome.failure.message, outcome.failure.facts]), /canary|b2N0b2NhdDpr/);
    });
  }

  it("keeps no end of text that a container says", async () => {
    const { outcome } = await deliverTo([refused("no", "x".repeat(1_000_000))]);
    assert.ok(outcome.kind === "failed" && outcome.failure.message.length < 1_000);
  });

  it("serves each user in turn, the remote user where its logins are kept", async () => {
    const to = environment({ remoteUser: "vscode", remoteEnv: { DOCKER_CONFIG: "/cfg", XDG_STATE_HOME: "/state" } });
    const { outcome, ran, engine } = await deliverTo([APPLIED, APPLIED], to);
    assert.equal(outcome.kind, "delivered");
    assert.deepEqual(ran, ["vscode: /usr/local/bin/registry-login apply --json", APPLY]);
    assert.deepEqual(
      engine.executions.map(({ environment: variables }) => variables),
      [{ DOCKER_CONFIG: "/cfg", XDG_STATE_HOME: "/state" }, undefined],
    );
  });

  const cases: [what: string, answers: (CommandResult | Error)[], outcome: string, ran: string[]][] = [
    ["installs the hook where it is absent (126)", [NOT_THERE, DONE, APPLIED], "delivered", [APPLY, INSTALL, APPLY]],
    [
      "installs the hook where it is absent (127)",
      [{ ...NOT_THERE, exitCode: 127 }, DONE, APPLIED],
      "delivered",
      [APPLY, INSTALL, APPLY],
    ],
    [
      "replaces a hook that is too old",
      [refused("unsupported-protocol", "Too old."), DONE, APPLIED],
      "delivered",
      [APPLY, INSTALL, APPLY],
    ],
    ["installs once only", [NOT_THERE, DONE, NOT_THERE], "failed delivery-failed exit-126", [APPLY, INSTALL, APPLY]],
    [
      "gives up on a hook that stays too old",
      [refused("unsupported-protocol", "Too old."), DONE, refused("unsupported-protocol", "Too old.")],
      "failed delivery-failed unsupported-protocol",
      [APPLY, INSTALL, APPLY],
    ],
    [
      "leaves an image without a shell",
      [NOT_THERE, { ...NOT_THERE, stdout: 'exec: "/bin/sh": no such file' }],
      "no-shell",
      [APPLY, INSTALL],
    ],
    [
      "leaves an image without users, as one from scratch",
      [{ ...NOT_THERE, stdout: "unable to find user root: no matching entries in passwd file\r\n" }],
      "no-shell",
      [APPLY],
    ],
    [
      "tells that the hook cannot be installed",
      [NOT_THERE, { exitCode: 1, stdout: "", stderr: "x\nmkdir: Read-only file system\n" }],
      "failed delivery-failed install-failed",
      [APPLY, INSTALL],
    ],
    ["leaves a container that has gone", [new Failure("container-gone", "It is gone.")], "gone", [APPLY]],
    [
      "leaves a container that goes during the installation",
      [NOT_THERE, new Failure("container-gone", "It is gone.")],
      "gone",
      [APPLY, INSTALL],
    ],
    [
      "passes on why the hook refuses",
      [refused("no-private-memory", "There is no private memory.")],
      "failed delivery-failed no-private-memory",
      [APPLY],
    ],
    ["tells of a time limit", [new Failure("timed-out", "Too long.")], "failed delivery-failed timed-out", [APPLY]],
    [
      "passes on an engine that went away",
      [new Failure("engine-unreachable", "It does not answer.")],
      "failed engine-unreachable undefined",
      [APPLY],
    ],
    ["is not fooled by an empty answer", [DONE], "failed delivery-failed exit-0", [APPLY]],
    [
      "is not fooled by garbage",
      [{ exitCode: 0, stdout: '{"outcome":"applied"}\nhello\n', stderr: "" }],
      "failed delivery-failed exit-0",
      [APPLY],
    ],
    [
      "is not fooled by another JSON",
      [{ exitCode: 0, stdout: '{"outcome":"applied"}\n', stderr: "" }],
      "failed delivery-failed exit-0",
      [APPLY],
    ],
    [
      "reads the last line, whatever a profile prints before",
      [{ ...APPLIED, stdout: `Welcome!\r\n${APPLIED.stdout}` }],
      "delivered",
      [APPLY],
    ],
    ["counts the answer, not the exit code", [{ ...APPLIED, exitCode: 1 }], "delivered", [APPLY]],
  ];
  for (const [what, answers, want, ran] of cases) {
    it(what, async () => {
      const { outcome, ran: really } = await deliverTo([...answers]);
      const got =
        outcome.kind === "failed"
          ? `failed ${outcome.failure.code} ${String(outcome.failure.facts["reason"])}`
          : outcome.kind;
      assert.equal(got, want);
      assert.deepEqual(really, ran);
      if (outcome.kind === "failed") assert.match(outcome.failure.message, /^[A-Z].*\S$/s);
    });
  }

  it("leaves a container that was removed, or has stopped, under the hook", async () => {
    const killed = { exitCode: 137, stdout: "", stderr: "" };
    const gone = new Failure("container-gone", "It is gone.");
    const outcomes = [];
    for (const [there, answers] of [
      [[], []],
      [[aContainer({ running: false })], []],
      [[aContainer()], [DONE]], // the hook alone was killed
      [[aContainer()], [NOT_THERE]], // the engine tells of the container's end a moment later
      [[aContainer()], [gone]],
    ] as const) {
      outcomes.push((await deliverTo([killed, ...answers], environment(), [...there])).outcome.kind);
    }
    assert.deepEqual(outcomes, ["gone", "gone", "failed", "gone", "gone"]);
  });

  it("gives the hook's own reason, or what the installation said last", async () => {
    const hook = (await deliverTo([refused("no-private-memory", "There is no private memory.")])).outcome;
    assert.ok(hook.kind === "failed");
    assert.equal(hook.failure.message, "There is no private memory.");
    assert.equal(failureMessage(hook.failure), hook.failure.message);
    const silent = (await deliverTo([NOT_THERE, { exitCode: 3, stdout: "", stderr: "" }])).outcome;
    assert.ok(silent.kind === "failed");
    assert.match(silent.failure.message, /ended with 3$/);
  });

  it("throws only when it is cancelled", async () => {
    await assert.rejects(deliverTo([new Failure("cancelled", "Cancelled.")]), failureWith("cancelled"));
  });

  it("hands on the signal", async () => {
    const stop = new AbortController();
    const engine = new FakeEngine();
    engine.answer = (_, signal) => {
      assert.equal(signal, stop.signal);
      return APPLIED;
    };
    await deliver(environment(), SET, { ...MACHINE, engine, installScript: () => Promise.resolve("") }, stop.signal);
    assert.equal(engine.executions.length, 1);
  });

  const ONE_OF_TWO = environment({ remoteUser: "dev", containerUser: "1234" });
  const readOnly = refused("home-read-only", "The home cannot be written.");
  /** What docker says on stdout, and podman on stderr, of a user that is not there (docker 28.2, podman 4.3). */
  const NO_USER = "unable to find user dev: no matching entries in passwd file";
  const noUser: CommandResult = { exitCode: 126, stdout: `${NO_USER}\r\n`, stderr: "" };
  const troublesOf = (outcome: DeliveryOutcome) =>
    "troubles" in outcome
      ? outcome.troubles.map(({ facts }) => `${String(facts["user"])} ${String(facts["reason"])}`)
      : [];

  it("has brought it where the one who works there has it, and says who has not", async () => {
    const { outcome } = await deliverTo([APPLIED, readOnly], ONE_OF_TWO);
    assert.equal(outcome.kind, "delivered");
    assert.deepEqual(troublesOf(outcome), ["1234 home-read-only"]);
  });

  it("has failed where the one who works there has it not, and says who has", async () => {
    const { outcome, ran } = await deliverTo([readOnly, APPLIED], ONE_OF_TWO);
    assert.ok(outcome.kind === "failed");
    assert.deepEqual([outcome.failure.message, outcome.loggedIn], ["The home cannot be written.", ["1234"]]);
    assert.equal(ran.length, 2);
  });

  it("says of each user why it is not logged in", async () => {
    const { outcome } = await deliverTo([noUser, readOnly], ONE_OF_TWO);
    assert.ok(outcome.kind === "failed");
    assert.deepEqual([outcome.failure.facts["reason"], outcome.loggedIn], ["no-such-user", undefined]);
    assert.deepEqual(troublesOf(outcome), ["1234 home-read-only"]);
  });

  it("stops at what hinders the hook itself, and says who is logged in already", async () => {
    const { outcome } = await deliverTo([APPLIED, new Failure("timed-out", "Too long.")], ONE_OF_TWO);
    assert.ok(outcome.kind === "failed");
    assert.deepEqual([outcome.failure.facts["reason"], outcome.loggedIn], ["timed-out", ["dev"]]);
  });

  for (const [engine, answer] of [
    ["docker", noUser],
    ["podman", { exitCode: 255, stdout: "", stderr: `Error: ${NO_USER}\n` }],
  ] as const) {
    it(`installs nothing for a user that is not there, and says so in the words of ${engine}`, async () => {
      const { outcome, ran } = await deliverTo([answer], environment({ containerUser: "dev" }));
      assert.ok(outcome.kind === "failed");
      assert.equal(outcome.failure.facts["reason"], "no-such-user");
      assert.match(outcome.failure.message, /^app has no user dev: .*no matching entries in passwd file$/);
      assert.equal(ran.length, 1);
    });
  }

  it("passes on what the engine says, without values", async () => {
    const said = { exitCode: 126, stdout: "", stderr: "x\nOCI runtime exec failed: kT9-canary\n" };
    const { outcome } = await deliverTo([said, DONE, said]);
    assert.ok(outcome.kind === "failed");
    assert.equal(outcome.failure.message, "The login hook in app ended with 126: OCI runtime exec failed: [redacted]");
    assert.equal(failureMessage(outcome.failure), outcome.failure.message);
  });

  it("asks the container nothing where nobody knows where the logins belong", async () => {
    const text = "${devcontainerId}/x";
    const to = environment({ remoteUser: "dev", remoteEnv: { DOCKER_CONFIG: text } });
    const { outcome, ran } = await deliverTo([APPLIED], to);
    assert.ok(outcome.kind === "failed");
    const { message, facts } = outcome.failure;
    assert.equal(
      message,
      `remoteEnv.DOCKER_CONFIG is "${text}", and what devcontainerId stands for is not known here.`,
    );
    assert.equal(failureMessage(outcome.failure), message);
    assert.deepEqual([facts["reason"], outcome.loggedIn, ran], ["unknown-variable", ["root"], [APPLY]]);
  });

  it("says whom it took for a user that has no name here", async () => {
    const { outcome } = await deliverTo([APPLIED], environment({ remoteUser: "${localEnv:USER}" }));
    assert.deepEqual([outcome.kind, troublesOf(outcome)], ["delivered", ["root variable-not-set"]]);
    const { outcome: failed } = await deliverTo([readOnly], environment({ remoteUser: "${localEnv:USER}" }));
    assert.deepEqual([failed.kind, troublesOf(failed)], ["failed", []]);
  });
});
