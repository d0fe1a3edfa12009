import { strict as assert } from "node:assert";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { dockerEngine } from "../../../src/adapters/docker/engine";
import type { ContainerEvent } from "../../../src/domain/environment/container";
import { isFailure, type FailureCode } from "../../../src/domain/failure";
import { failureWith } from "../../fakes/failures";
import { StandInDocker, type Answer } from "../../fakes/standInDocker";
import { temporaryFolder } from "../../fakes/temporaryFolder";

const recorded = (name: string) => readFileSync(join("test/fixtures/docker", name), "utf8");
const CONTAINERS = recorded("container-inspect.json");
const IMAGES = recorded("image-inspect.json");
const ID = "3c7950a8033b6774da396b0b17b8544116b0f21eddba898bdc6af3ad1dc16932";
const IMAGE = "sha256:70b6e1bbff01ee5c918bd7aa889b4768ff3979a36ac6d17010b583f1306025ee";

/** What the docker client says (20.10.24 and 28.2.2), each recorded. */
const SAID = {
  noContainer: "Error response from daemon: No such container: 0000000000aa\n",
  notRunning: `Error response from daemon: Container ${ID} is not running\n`,
  noDaemon: "Cannot connect to the Docker daemon at unix:///nonexistent.sock. Is the docker daemon running?\n",
  noImage: `Error response from daemon: no such image: ${IMAGE}: No such image: ${IMAGE}\n`,
  notThere:
    'OCI runtime exec failed: exec failed: unable to start container process: exec: "/usr/local/bin/registry-login": ' +
    "stat /usr/local/bin/registry-login: no such file or directory: unknown\r\n",
} as const;

describe("the engine behind a docker client", () => {
  const folder = temporaryFolder();
  const standIn = () => new StandInDocker(folder());
  const engineOf = (docker: StandInDocker) => dockerEngine({ path: docker.path, env: { PATH: "/usr/bin:/bin" } });

  it("lists what carries the label and what is known, with what recorded containers say", async () => {
    const docker = standIn()
      .on("ps", { stdout: `${ID}\n` })
      .on("container inspect", { stdout: CONTAINERS })
      .on("image inspect", { stdout: IMAGES });
    const containers = await engineOf(docker).containers([ID, "known2"]);
    assert.deepEqual(docker.calls, [
      ["ps", "--all", "--no-trunc", "--quiet", "--filter", "label=devcontainer.local_folder"],
      ["container", "inspect", ID, "known2"],
      ["image", "inspect", IMAGE],
    ]);
    assert.equal(containers.length, 1);
    const { labels, environment, ...rest } = containers[0]!;
    assert.deepEqual(rest, {
      id: ID,
      name: "magical_goldberg",
      running: true,
      startedAt: "2026-11-23T16:41:06.796671697Z",
      imageLabels: {},
      mounts: [{ type: "bind", source: "/home/dev/app", destination: "/workspaces/ok" }],
      user: "",
      ipcMode: "private",
    });
    assert.equal(labels["devcontainer.local_folder"], "/home/dev/app");
    assert.equal(environment["HOME"], "/root");
  });

  it("asks nothing where there is nothing to ask for", async () => {
    const docker = standIn().on("ps", { stdout: "" });
    assert.deepEqual(await engineOf(docker).containers(), []);
    assert.deepEqual(await engineOf(docker).inspect([]), []);
    assert.equal(docker.calls.length, 1);
  });

  it("leaves out a container that is gone", async () => {
    const docker = standIn()
      .on("container inspect", { stdout: CONTAINERS, stderr: SAID.noContainer, exitCode: 1 })
      .on("image inspect", { stdout: IMAGES });
    assert.deepEqual(
      (await engineOf(docker).inspect([ID, "0000000000aa"])).map(({ id }) => id),
      [ID],
    );
  });

  it("gives the labels of the image, which prove nothing", async () => {
    const labelled = IMAGES.replace('"Labels": null', '"Labels": {"devcontainer.local_folder": "/x"}');
    const docker = standIn().on("container inspect", { stdout: CONTAINERS }).on("image inspect", { stdout: labelled });
    assert.deepEqual((await engineOf(docker).inspect([ID]))[0]?.imageLabels, { "devcontainer.local_folder": "/x" });
  });

  it("asks once for the labels of an image, which never change", async () => {
    const docker = standIn().on("container inspect", { stdout: CONTAINERS }).on("image inspect", { stdout: IMAGES });
    const engine = engineOf(docker);
    const [first, second] = [await engine.inspect([ID]), await engine.inspect([ID])];
    assert.deepEqual(first, second);
    assert.equal(docker.calls.filter(([what]) => what === "image").length, 1);
  });

  it("takes every label for the image's where the image cannot be asked", async () => {
    const docker = standIn()
      .on("container inspect", { stdout: CONTAINERS })
      .on("image inspect", { stdout: "[]\n", stderr: SAID.noImage, exitCode: 1 });
    const [container] = await engineOf(docker).inspect([ID]);
    assert.deepEqual(container?.imageLabels, container?.labels);
    assert.equal(container?.imageLabels["devcontainer.local_folder"], "/home/dev/app");
  });

  const sparse = {
    Id: "a",
    Name: "/a",
    Image: "i",
    State: { Running: false, StartedAt: "" },
    Config: {},
    HostConfig: {},
  };
  it("understands a container of which little is said", async () => {
    const config = { Labels: null, Env: ["A=b=c", "EMPTY=", "ODD"], User: "1000:1000" };
    const text = JSON.stringify([{ ...sparse, Mounts: [{ Type: "tmpfs", Destination: "/t" }], Config: config }]);
    const docker = standIn()
      .on("container inspect", { stdout: text })
      .on("image inspect", { stdout: '[{"Id":"i","Config":null}]' });
    const [container] = await engineOf(docker).inspect(["a"]);
    assert.deepEqual(container, {
      id: "a",
      name: "a",
      running: false,
      startedAt: "",
      labels: {},
      imageLabels: {},
      mounts: [{ type: "tmpfs", source: "", destination: "/t" }],
      user: "1000:1000",
      environment: { A: "b=c", EMPTY: "", ODD: "" },
      ipcMode: "",
    });
  });

  const bad: [what: string, answer: Answer, code: FailureCode][] = [
    ["the engine does not run", { stderr: SAID.noDaemon, exitCode: 1 }, "engine-unreachable"],
    [
      "a context is missing",
      { stderr: 'context "nope": context not found: open /x/meta.json\n', exitCode: 1 },
      "engine-unreachable",
    ],
    [
      "the socket is another's",
      { stderr: "permission denied while trying to connect to the Docker daemon socket\n", exitCode: 1 },
      "engine-unreachable",
    ],
    ["the client fails otherwise", { stderr: "x\nunknown flag: --no-trunc\n", exitCode: 125 }, "program-failed"],
    ["the client prints something else", { stdout: "<html>" }, "program-failed"],
    ["the client prints another JSON", { stdout: '[{"Id": 5}]' }, "program-failed"],
  ];
  for (const [what, answer, code] of bad) {
    it(`tells that ${what}: ${code}`, async () => {
      const docker = standIn().on("container inspect", answer);
      await assert.rejects(engineOf(docker).inspect([ID]), failureWith(code));
    });
  }

  it("tells that there is no client, and which", async () => {
    const engine = dockerEngine({ path: join(folder(), "absent"), env: {} });
    for (const work of [engine.containers(), engine.exec("x", { command: ["true"] }), engine.remove("x")]) {
      const error: unknown = await work.catch((thrown: unknown) => thrown);
      assert.ok(isFailure(error, "engine-missing"));
      assert.match(error.message, /absent/);
    }
  });

  describe("running a command inside", () => {
    it("sends what is secret by stdin alone, and gives back how it ended", async () => {
      const docker = standIn().on("exec", { stdout: "out\n", stderr: "err\n", exitCode: 7 });
      const result = await engineOf(docker).exec(ID, {
        command: ["/x", "apply", "--json"],
        user: "vscode",
        environment: { DOCKER_CONFIG: "/c d" },
        stdin: "set ghcr.io kT9-canary\n",
      });
      assert.deepEqual(result, { exitCode: 7, stdout: "out\n", stderr: "err\n" });
      assert.deepEqual(docker.calls, [
        ["exec", "--interactive", "--user", "vscode", "--env", "DOCKER_CONFIG=/c d", ID, "/x", "apply", "--json"],
      ]);
      assert.equal(docker.stdin, "set ghcr.io kT9-canary\n");
    });

    it("without a user and an environment", async () => {
      const docker = standIn().on("exec", {});
      await engineOf(docker).exec(ID, { command: ["true"] });
      assert.deepEqual(docker.calls, [["exec", "--interactive", ID, "true"]]);
    });

    const answers: [what: string, answer: Answer, want: FailureCode | number][] = [
      ["a program that is not there is an answer", { stdout: SAID.notThere, exitCode: 126 }, 126],
      ["a container that is gone", { stderr: SAID.noContainer, exitCode: 1 }, "container-gone"],
      ["a container that is stopped", { stderr: SAID.notRunning, exitCode: 1 }, "container-gone"],
      [
        "a container that is paused",
        {
          stderr: `Error response from daemon: Container ${ID} is paused, unpause the container before exec\n`,
          exitCode: 1,
        },
        "container-gone",
      ],
      ["an engine that went away", { stderr: SAID.noDaemon, exitCode: 1 }, "engine-unreachable"],
      ["a command that fails", { stderr: "sh: boom\n", exitCode: 1 }, 1],
    ];
    for (const [what, answer, want] of answers) {
      it(`${what}: ${want}`, async () => {
        const work = engineOf(standIn().on("exec", answer)).exec(ID, { command: ["true"] });
        if (typeof want === "number") assert.equal((await work).exitCode, want);
        else await assert.rejects(work, failureWith(want));
      });
    }

    it("is ended by its time limit", async () => {
      const docker = standIn().on("exec", {}, "exec sleep 1000");
      await assert.rejects(engineOf(docker).exec(ID, { command: ["x"], timeoutMs: 300 }), failureWith("timed-out"));
    });

    it("is ended by the signal", async () => {
      const docker = standIn().on("exec", {}, "exec sleep 1000");
      const stop = new AbortController();
      const work = engineOf(docker).exec(ID, { command: ["x"] }, stop.signal);
      stop.abort();
      await assert.rejects(work, failureWith("cancelled"));
    });
  });

  describe("what happens to containers", () => {
    const EVENTS = [
      ["start", "unpause", "die", "died", "destroy", "remove"].flatMap((event) => ["--filter", `event=${event}`]),
      ["--format", "{{json .}}"],
    ].flat();

    /** By docker and by podman. */
    const UNLABELLED = [
      { status: "start", Actor: { ID: "bare", Attributes: { image: "busybox", name: "a" } } },
      { Status: "start", ID: "pod", Attributes: { other: "label" } },
    ]
      .map((event) => `${JSON.stringify(event)}\n`)
      .join("");

    it("is what recorded events say, and garbage is passed over", async () => {
      const events = `garbage\n{}\n[]\n${recorded("start-event.jsonl")}{"id":"old-style","status":"die"}\n{"id":"x","status":"exec_die: ls"}\n${UNLABELLED}`;
      const docker = standIn().on("events", { stdout: events });
      const seen: ContainerEvent[] = [];
      const began = Math.floor(Date.now() / 1000);
      for await (const event of engineOf(docker).events(new AbortController().signal)) seen.push(event);
      assert.deepEqual(seen, [
        { id: ID, kind: "started", isLabelled: true },
        { id: "old-style", kind: "stopped", isLabelled: true },
        { id: "bare", kind: "started", isLabelled: false },
        { id: "pod", kind: "started", isLabelled: false },
      ]);
      const [[events_, option, since, ...rest] = []] = docker.calls;
      assert.deepEqual([events_, option, ...rest], ["events", "--since", "--filter", "type=container", ...EVENTS]);
      assert.ok(Math.abs(Number(since) - began) <= 1);
    });

    it("is understood in podman's words, too", async () => {
      const docker = standIn().on("events", { stdout: recorded("podman-events.jsonl") });
      const kinds: string[] = [];
      for await (const { id, kind } of engineOf(docker).events(new AbortController().signal)) {
        assert.match(id, /^f69f3b19/);
        kinds.push(kind);
      }
      assert.deepEqual(kinds, ["started", "started", "stopped", "removed"]);
    });

    it("ends with the signal", async () => {
      const docker = standIn().on("events", {}, `echo '{"id":"one","status":"start"}'; exec sleep 1000`);
      const stop = new AbortController();
      const ids: string[] = [];
      for await (const { id } of engineOf(docker).events(stop.signal)) {
        ids.push(id);
        stop.abort();
      }
      assert.deepEqual(ids, ["one"]);
    });
  });

  const memory: [what: string, others: string, ipcMode: string][] = [
    ["that another container has joined is shared", `private\n\ncontainer:${ID}\n`, "shareable"],
    ["that nobody has joined is its own so far, as podman makes them", "shareable\ncontainer:0123\n", "alone"],
  ];
  for (const [what, others, ipcMode] of memory) {
    it(`memory ${what}`, async () => {
      const docker = standIn()
        .on("container inspect --format {{.HostConfig.IpcMode}}", { stdout: others })
        .on("container inspect", { stdout: CONTAINERS.replace('"IpcMode": "private"', '"IpcMode": "shareable"') })
        .on("image inspect", { stdout: IMAGES })
        .on("ps --no-trunc --quiet", { stdout: `${ID}\nother\n` });
      const [container] = await engineOf(docker).inspect([ID]);
      assert.equal(container?.ipcMode, ipcMode);
    });
  }

  it("removes a container with its volumes; one that is gone is no error", async () => {
    const docker = standIn().on(`rm --force --volumes ${ID}`, {}).on("rm", { stderr: SAID.noContainer, exitCode: 1 });
    await engineOf(docker).remove(ID);
    await engineOf(docker).remove("0000000000aa");
    const broken = new StandInDocker(folder()).on("rm", { stderr: SAID.noDaemon, exitCode: 1 });
    await assert.rejects(engineOf(broken).remove(ID), failureWith("engine-unreachable"));
  });

  it("lists what belongs to a Compose project, and removes its networks and volumes", async () => {
    const docker = standIn()
      .on("ps", { stdout: `${ID} app_db_1\n` })
      .on("network ls", { stdout: "8fd8 app_default\n" })
      .on("volume ls", { stdout: "app_data app_data\n" })
      .on("network rm 8fd8", {})
      .on("volume rm", {
        stderr: "Error response from daemon: remove app_data: volume is in use - [12]\n",
        exitCode: 1,
      });
    const [container, network, volume] = await engineOf(docker).composeParts("app");
    assert.deepEqual(container, { kind: "container", id: ID, name: "app_db_1" });
    assert.deepEqual(network, { kind: "network", id: "8fd8", name: "app_default" });
    assert.deepEqual(volume, { kind: "volume", id: "app_data", name: "app_data" });
    assert.ok(docker.calls.every((call) => call.at(-1) === "label=com.docker.compose.project=app"));
    assert.equal(await engineOf(docker).removePart(network), true);
    assert.equal(await engineOf(docker).removePart(volume), false);
    await engineOf(docker).composeParts();
    assert.equal(docker.calls.at(-1)?.at(-1), "label=com.docker.compose.project");
  });
});
