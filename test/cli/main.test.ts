import { strict as assert } from "node:assert";
import type { Attempt } from "../../src/domain/diagnosis/evidence";
import { Failure } from "../../src/domain/failure";
import { CONFIG, FakeWorld, FOLDER } from "../fakes/cliPorts";
import { APPLIED } from "../fakes/fakeEngine";
import { aContainer } from "../fakes/samples";

const CANARY = "kT9-canary";
const GHCR = {
  GHCR_CONTAINER_REGISTRY_SERVER: "ghcr.io",
  GHCR_CONTAINER_REGISTRY_USER: "octocat",
  GHCR_CONTAINER_REGISTRY_PASSWORD: CANARY,
};
const REFUSED: Attempt = {
  kind: "refused",
  stage: "manifest",
  scheme: "bearer",
  status: 401,
  errors: [],
  exchanges: [{ asked: "GET x", answered: "401" }],
};
const DEV = aContainer({ id: "0123456789abcdef", name: "app" });

/** A world with this secret in its environment. */
function world(env: FakeWorld["env"] = GHCR): FakeWorld {
  const made = new FakeWorld();
  made.env = env;
  return made;
}

describe("registry-secrets", () => {
  let here: FakeWorld;
  const all = () => [...here.out, ...here.err].join("\n");
  beforeEach(() => (here = world()));
  afterEach(() => assert.ok(!all().includes(CANARY), "a secret was printed"));

  it("help and version end with 0", async () => {
    assert.equal(await here.run("--help"), 0);
    assert.match(all(), /registry-secrets diagnose \[folder\]/);
    here = world();
    assert.equal(await here.run("--version"), 0);
    assert.deepEqual(here.out, ["1.2.3"]);
  });

  it("wrong use ends with 2, and says what is wrong and what next", async () => {
    assert.equal(await here.run("dance"), 2);
    assert.deepEqual([here.out, here.err], [[], ['✗ There is no command "dance". See registry-secrets --help.']]);
  });

  it("wrong use with --json is JSON, too", async () => {
    assert.equal(await here.run("diagnose", "/not/there", "--json"), 2);
    assert.deepEqual(here.json(), {
      outcome: "failed",
      failure: { code: "wrong-use", message: "There is no folder /not/there.", facts: {} },
    });
    assert.deepEqual(here.err, []);
  });

  it("passes on what is no failure: it is a mistake of ours", async () => {
    here.prober.answers = () => {
      throw new TypeError("a mistake");
    };
    await assert.rejects(here.run("diagnose"), TypeError);
  });

  describe("diagnose", () => {
    it("ends with 0 where all can be pulled", async () => {
      assert.equal(await here.run("diagnose"), 0);
      assert.deepEqual(here.out, [
        "✓ ghcr.io/acme/app:1  [fine]",
        "    ghcr.io/acme/app:1 can be pulled with the user secret GHCR (as octocat).",
      ]);
      assert.equal(here.prober.probes.length, 1);
      assert.notEqual(here.prober.probes[0]?.credential, undefined);
    });

    it("ends with 1 where something is wrong, and says what next", async () => {
      here = world({});
      here.prober.answers = () => ({ anonymous: REFUSED });
      assert.equal(await here.run("diagnose", FOLDER), 1);
      assert.match(all(), /→ Add a registry secret for ghcr\.io\./);
    });

    it("--json is one document with the findings", async () => {
      here.prober.answers = () => ({ anonymous: REFUSED, authenticated: { ...REFUSED, stage: "token" } });
      assert.equal(await here.run("diagnose", "--json"), 1);
      const { configFile, findings, problems } = here.json() as {
        configFile: string;
        findings: Record<string, unknown>[];
        problems: unknown[];
      };
      assert.deepEqual([configFile, problems], [CONFIG, []]);
      assert.deepEqual(
        findings.map(({ code, registry }) => [code, registry]),
        [["wrong-credential", "ghcr.io"]],
      );
    });

    it("takes secrets from a file, which beats the environment, and hands on what was agreed", async () => {
      here.secretsFiles = { [`${FOLDER}/s.json`]: { ...GHCR, GHCR_CONTAINER_REGISTRY_USER: "hubot" } };
      assert.equal(await here.run("diagnose", "--secrets-file", "s.json", "--allow-auth-host", "ghcr.io=x.example"), 0);
      assert.match(all(), /as hubot/);
      assert.deepEqual(here.realmsGiven, ["ghcr.io=x.example"]);
    });

    it("tells of a triplet that cannot be used, and goes on", async () => {
      here = world({ ...GHCR, QUAY_CONTAINER_REGISTRY_SERVER: "quay.io" });
      assert.equal(await here.run("diagnose"), 0);
      assert.match(
        here.err.join("\n"),
        /^! QUAY_CONTAINER_REGISTRY_USER and QUAY_CONTAINER_REGISTRY_PASSWORD are missing/,
      );
    });

    const bad: [what: string, files: Record<string, string>, argv: string[], code: number, words: RegExp][] = [
      ["no devcontainer.json", {}, [], 1, /Create \.devcontainer\/devcontainer\.json/],
      [
        "several of them",
        {
          [`${FOLDER}/.devcontainer/a/devcontainer.json`]: "{}",
          [`${FOLDER}/.devcontainer/b/devcontainer.json`]: "{}",
        },
        [],
        1,
        /--config/,
      ],
      ["one that is none", { [CONFIG]: "[1" }, [], 1, /./],
      ["an image with a variable", { [CONFIG]: '{"image": "${localEnv:IMAGE}"}' }, [], 1, /variable that is not set/],
      ["an image that is none", { [CONFIG]: '{"image": "a b"}' }, [], 1, /not the name of an image/],
      [
        "comments and a trailing comma",
        { [CONFIG]: '{ // mine\n "image": "debian", }' },
        [],
        0,
        /debian can be pulled/,
      ],
      ["no image at all", { [CONFIG]: "{}" }, [], 1, /names no image/],
    ];
    for (const [what, files, argv, code, words] of bad) {
      it(`understands ${what}`, async () => {
        here.files = files;
        assert.equal(await here.run("diagnose", ...argv), code);
        assert.match(all(), words);
      });
    }
  });

  describe("up", () => {
    beforeEach(() => {
      here.tool.containerId = DEV.id;
      here.tool.onUp = () => void here.engine.list.push(DEV);
    });

    it("creates, logs in inside, and says so", async () => {
      assert.equal(await here.run("up"), 0);
      assert.deepEqual(here.tool.steps, ["up", `run-user-commands ${DEV.id}`]);
      assert.deepEqual(here.out, [`Created 0123456789ab for ${FOLDER}.`]);
      assert.ok(here.err.includes("  ✓ app: logged in to ghcr.io"));
      assert.ok(here.err.includes("• Pulling"));
      assert.ok(!all().includes("Digest"));
      assert.ok(here.remembered.includes(DEV.id));
    });

    it("gives the creation only what it needs, and the lifecycle commands no part of a triplet", async () => {
      here.secretsFiles = {
        "/s": {
          ...GHCR,
          QUAY_CONTAINER_REGISTRY_SERVER: "quay.io",
          QUAY_CONTAINER_REGISTRY_USER: "q",
          QUAY_CONTAINER_REGISTRY_PASSWORD: "q",
          MINE: "1",
        },
      };
      assert.equal(await here.run("up", "--secrets-file", "/s", "--recreate"), 0);
      const [request] = here.tool.requests;
      assert.deepEqual([...(request?.credentials ?? new Map<string, unknown>()).keys()], ["ghcr.io"]);
      assert.deepEqual(request?.lifecycleVariables, { MINE: "1" });
      assert.equal(request.recreate, true);
    });

    it("--verbose shows the output; --json is one document", async () => {
      assert.equal(await here.run("up", "--verbose", "--json"), 0);
      assert.ok(here.err.includes("  Digest: sha256:0"));
      const { outcome, containerId, isNew, delivery } = here.json() as Record<string, unknown>;
      assert.deepEqual(
        { outcome, containerId, isNew, delivery },
        {
          outcome: "created",
          containerId: DEV.id,
          isNew: true,
          delivery: [{ kind: "delivered", hosts: ["ghcr.io"], skipped: [] }],
        },
      );
    });

    it("notes what it was made from, and says when another creation would help", async () => {
      here.env = {};
      await here.run("up");
      const [record] = here.records.created;
      assert.deepEqual(
        [record?.outcome, record?.containerId, record?.references, record?.secrets],
        ["created", DEV.id, ["ghcr.io/acme/app:1"], []],
      );
      here.out.length = 0;
      here.env = GHCR;
      await here.run("up");
      assert.deepEqual(here.out, [
        `Started 0123456789ab for ${FOLDER}.`,
        "! Recreate the environment: the secret GHCR for ghcr.io did not count when it was created.",
      ]);
      assert.match(here.engine.executions.at(-1)?.stdin ?? "", /^advice "Recreate the environment: the secret GHCR/m);
      here.out.length = 0;
      await here.run("sync");
      assert.match(all(), /^! app: Recreate the environment: the secret GHCR for ghcr\.io/m);
      here.out.length = 0;
      await here.run("sync", "--json");
      const { deliveries } = here.json() as { deliveries: { advice: unknown }[] };
      const reasons = [{ kind: "secret-created", host: "ghcr.io", secret: "GHCR" }];
      assert.deepEqual(deliveries[0]?.advice, { kind: "recreate", reasons });
    });

    it("names the cause of a creation that failed, and ends with 1", async () => {
      here = world({});
      here.tool.onUp = () => {
        throw new Failure("creation-failed", "The environment could not be created: Command failed: docker pull x", {
          reason: "denied: denied",
        });
      };
      here.prober.answers = () => ({ anonymous: REFUSED });
      assert.equal(await here.run("up"), 1);
      assert.match(all(), /The tool said: denied: denied/);
      assert.match(all(), /Add a registry secret for ghcr\.io/);
    });

    it("does not hand a credential to an unknown token server, until that is agreed to", async () => {
      here.prober.realms = { "ghcr.io": { kind: "realm", url: "https://login.example.net/token" } };
      assert.equal(await here.run("up"), 1);
      assert.deepEqual(here.tool.steps, []);
      assert.match(all(), /--allow-auth-host ghcr\.io=login\.example\.net/);
      assert.equal(await here.run("up", "--allow-auth-host", "ghcr.io=login.example.net"), 0);
      assert.deepEqual(here.tool.requests[0]?.allowedRealms, ["ghcr.io=login.example.net"]);
    });

    it("says which secret is not used, and why", async () => {
      here.prober.realms = { "ghcr.io": { kind: "unreachable", reason: "dns", detail: "x" } };
      assert.equal(await here.run("up"), 0);
      assert.ok(here.err.some((line) => line.startsWith("! GHCR is not used: ghcr.io")));
      assert.equal(here.tool.requests[0]?.credentials.size, 0);
    });

    it("ends with 130 when it is cancelled, and leaves no container", async () => {
      here.tool.onCommands = () => here.stopped.abort();
      assert.equal(await here.run("up"), 130);
      assert.deepEqual(here.engine.removed, [DEV.id]);
    });
  });

  describe("sync", () => {
    beforeEach(() => {
      here.engine.list = [DEV];
    });
    const deliveredTo = () => here.engine.executions.map(({ id }) => id);

    it("brings the secrets to the running environments of the folder, and to no other", async () => {
      const other = aContainer({ id: "other", labels: { "devcontainer.local_folder": "/home/dev/other" } });
      here.engine.list.push(other);
      here.known.add("other");
      assert.equal(await here.run("sync"), 0);
      assert.deepEqual(here.out, ["✓ app: logged in to ghcr.io"]);
      assert.deepEqual(deliveredTo(), [DEV.id]);
    });

    for (const [what, env] of [
      ["no secret", {}],
      ["only a broken one", { GHCR_CONTAINER_REGISTRY_SERVER: "ghcr.io" }],
    ] as const) {
      it(`refuses with ${what}: a typing error must not log anyone out`, async () => {
        here.env = env;
        assert.equal(await here.run("sync"), 2);
        assert.deepEqual(deliveredTo(), []);
        assert.match(all(), /No registry secret is given|None of the registry secrets/);
      });
    }

    it("tells of a triplet that cannot be used once, however often it reads it", async () => {
      here.env = { ...GHCR, OTHER_CONTAINER_REGISTRY_SERVER: "quay.io" };
      assert.equal(await here.run("sync"), 0);
      assert.equal(here.err.filter((line) => line.includes("OTHER_CONTAINER_REGISTRY")).length, 1);
    });

    it("--log-out-all takes everything out", async () => {
      here.env = {};
      assert.equal(await here.run("sync", "--log-out-all"), 0);
      assert.match(here.engine.executions[0]?.stdin ?? "", /^registry-login 1 [^\n]*\nend\n$/);
      assert.deepEqual(here.out, ["✓ app: logged out of everything"]);
    });

    it("ends with 1 where a delivery failed; --json says why", async () => {
      here.engine.answer = () => ({
        exitCode: 1,
        stdout: '{"outcome":"refused","code":"no-private-memory","message":"There is none."}',
        stderr: "",
      });
      assert.equal(await here.run("sync", "--json"), 1);
      const { deliveries, candidates } = here.json() as {
        deliveries: { container: string; outcome: Record<string, unknown> }[];
        candidates: unknown[];
      };
      assert.deepEqual([deliveries.length, deliveries[0]?.container, candidates], [1, "app", []]);
      assert.deepEqual(
        [deliveries[0]?.outcome["kind"], deliveries[0]?.outcome["code"], deliveries[0]?.outcome["message"]],
        ["failed", "delivery-failed", "There is none."],
      );
    });

    it("ends with 0 where only the container's own user is not logged in; --json says who and why", async () => {
      const labels = { ...DEV.labels, "devcontainer.metadata": '[{"remoteUser":"dev","containerUser":"1234"}]' };
      here.engine.list = [{ ...DEV, labels }];
      here.engine.answer = ({ user }) =>
        user === "dev"
          ? APPLIED
          : { exitCode: 1, stdout: '{"outcome":"refused","code":"no-home","message":"No home."}', stderr: "" };
      assert.equal(await here.run("sync"), 0);
      assert.match(all(), /^✓ app: logged in to ghcr\.io\n! app: 1234 is not logged in: No home\. /);
      here.out.length = 0;
      assert.equal(await here.run("sync", "--json"), 0);
      const { deliveries } = here.json() as { deliveries: { outcome: { kind: string; troubles: unknown } }[] };
      const facts = { container: "app", user: "1234", reason: "no-home", detail: "No home." };
      assert.deepEqual(deliveries[0]?.outcome.troubles, [{ code: "delivery-failed", message: "No home.", facts }]);
    });

    it("takes the users and their places from devcontainer.json as it is now, without credentials of the machine", async () => {
      here.env = { ...GHCR, WHO: "dev" };
      const labels = { ...DEV.labels, "devcontainer.config_file": CONFIG };
      here.engine.list = [{ ...DEV, labels }];
      const remoteEnv = { DOCKER_CONFIG: "${containerWorkspaceFolder}/${localEnv:GHCR_CONTAINER_REGISTRY_PASSWORD:x}" };
      here.files = { [CONFIG]: JSON.stringify({ remoteUser: "${localEnv:WHO}", remoteEnv }) };
      assert.equal(await here.run("sync"), 0);
      assert.deepEqual(
        here.engine.executions.map(({ user, environment }) => [user, environment]),
        [
          ["dev", { DOCKER_CONFIG: "/workspaces/app/x" }],
          ["root", undefined],
        ],
      );
    });

    it("says that nothing runs, and which candidates it left out", async () => {
      here.engine.list = [aContainer({ id: "x", name: "claims", imageLabels: DEV.labels })];
      assert.equal(await here.run("sync"), 0);
      assert.match(all(), /claims is not delivered to: only its image/);
      assert.match(all(), /has no running environment/);
    });

    it("ends with 1 where the engine does not answer", async () => {
      here.engine.broken = new Failure("engine-unreachable", "The container engine does not answer.");
      assert.equal(await here.run("sync"), 1);
      assert.match(all(), /Start Docker and try again/);
    });

    describe("--watch", () => {
      it("delivers at once and at each start, until it is ended", async () => {
        here.engine.happens = [DEV.id];
        here.onSleep = () => here.stopped.abort();
        assert.equal(await here.run("sync", "--watch"), 130);
        assert.deepEqual(deliveredTo(), [DEV.id, DEV.id]);
        assert.equal(here.onSecretsFile, undefined);
      });

      it("does not deliver to an environment of another folder that starts", async () => {
        const other = aContainer({ id: "other", labels: { "devcontainer.local_folder": "/home/dev/other" } });
        here.engine.list.push(other);
        here.known.add("other");
        here.engine.happens = ["other"];
        here.onSleep = () => here.stopped.abort();
        await here.run("sync", "--watch");
        assert.deepEqual(deliveredTo(), [DEV.id]);
      });

      it("says nothing when a container of another folder starts", async () => {
        const other = aContainer({ id: "other", labels: { "devcontainer.local_folder": "/home/dev/other" } });
        here.engine.list.push(other);
        here.engine.happens = ["other"];
        here.onSleep = () => here.stopped.abort();
        await here.run("sync", "--watch");
        assert.deepEqual(here.out, ["✓ app: logged in to ghcr.io"]);
      });

      it("says of one that only claims to be of the folder what it is, and not that nothing runs", async () => {
        const claims = aContainer({ id: "x", name: "claims", imageLabels: DEV.labels });
        here.engine.happens = {
          // eslint-disable-next-line @typescript-eslint/require-await
          async *[Symbol.asyncIterator]() {
            here.engine.list.push(claims);
            yield "x";
          },
        };
        here.onSleep = () => here.stopped.abort();
        await here.run("sync", "--watch");
        assert.match(all(), /claims is not delivered to: only its image/);
        assert.doesNotMatch(all(), /has no running environment/);
      });

      it("delivers after a start at which the engine did not answer for a moment", async () => {
        here.engine.list = [];
        const inspect = here.engine.inspect.bind(here.engine);
        let hiccups = 1;
        here.engine.inspect = (ids) =>
          hiccups-- > 0
            ? Promise.reject(new Failure("program-failed", "docker ended with 1: i/o timeout"))
            : inspect(ids);
        here.engine.happens = {
          async *[Symbol.asyncIterator]() {
            while (here.out.length === 0) await new Promise(setImmediate); // the first round finds nothing
            here.engine.list = [DEV];
            yield DEV.id;
            while (!here.stopped.signal.aborted) await new Promise(setImmediate);
          },
        };
        here.engine.answer = () => {
          here.stopped.abort();
          return APPLIED;
        };
        assert.equal(await here.run("sync", "--watch"), 130);
        assert.deepEqual(deliveredTo(), [DEV.id]);
        assert.equal(here.sleeps[0], 5_000);
      });

      it("asks again and again after an engine that went away, more and more slowly", async () => {
        here.engine.broken = new Failure("engine-unreachable", "It does not answer.");
        here.onSleep = () => here.sleeps.length === 7 && here.stopped.abort();
        assert.equal(await here.run("sync", "--watch"), 130);
        assert.deepEqual(here.sleeps, [500, 1000, 2000, 5000, 10_000, 10_000, 10_000]);
      });

      it("tries again what failed, when its time has come", async () => {
        let failures = 2;
        here.engine.answer = () => {
          if (failures-- > 0)
            return { exitCode: 1, stdout: '{"outcome":"refused","code":"no","message":"No."}', stderr: "" };
          here.stopped.abort();
          return APPLIED;
        };
        here.engine.happens = {
          async *[Symbol.asyncIterator]() {
            while (!here.stopped.signal.aborted) await new Promise(setImmediate);
            yield "none";
          },
        };
        assert.equal(await here.run("sync", "--watch"), 130);
        assert.deepEqual(here.sleeps.slice(0, 2), [5_000, 15_000]);
        assert.deepEqual(deliveredTo(), [DEV.id, DEV.id, DEV.id]);
      });

      it("delivers when the secrets file changes; one that is broken for a moment costs nothing", async () => {
        here.secretsFiles = { "/s": GHCR };
        let changed: () => void = () => undefined;
        const followed = new Promise<void>((resolve) => (changed = resolve));
        let streams = 0;
        here.engine.happens = {
          async *[Symbol.asyncIterator]() {
            streams++;
            yield "none"; // the file is being watched now
            here.secretsFiles = { "/s": new Failure("invalid-secrets-file", "It is not JSON.") };
            here.onSecretsFile?.();
            while (!here.err.some((line) => line.includes("It is not JSON"))) await new Promise(setImmediate);
            here.secretsFiles = { "/s": { ...GHCR, GHCR_CONTAINER_REGISTRY_USER: "hubot" } };
            here.onSecretsFile?.();
            await followed;
          },
        };
        here.engine.answer = ({ stdin = "" }) => {
          if (stdin.includes("hubot")) changed();
          return { exitCode: 0, stdout: '{"outcome":"applied","hosts":[]}', stderr: "" };
        };
        here.onSleep = () => here.stopped.abort();
        assert.equal(await here.run("sync", "--watch", "--secrets-file", "/s"), 130);
        assert.equal(streams, 1);
        assert.match(here.err.join("\n"), /It is not JSON/);
      });
    });
  });
});
