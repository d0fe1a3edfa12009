import { strict as assert } from "node:assert";
import fc from "fast-check";
import { deliveryMessage, desiredSet } from "../../../src/domain/delivery/desiredSet";
import { Redacted } from "../../../src/domain/redacted";
import { nativeTrouble, type NativeTrouble } from "../../../src/domain/secret/nativeIdentity";
import type { SecretLogin } from "../../../src/domain/secret/nativeLogins";
import type { Container } from "../../../src/domain/environment/container";
import type { Environment } from "../../../src/domain/environment/environment";
import { aContainer, aSecret } from "../../fakes/samples";

const ECR = "123456789012.dkr.ecr.eu-west-1.amazonaws.com";

const NOTHING = { logins: [], skipped: [], withheld: [] };

function environment(ipcMode = "private", mounts: Container["mounts"] = []): Environment {
  return { container: aContainer({ ipcMode, mounts }), folder: "/home/dev/app" };
}

describe("the desired set", () => {
  const user = aSecret({ id: "u", host: "ghcr.io", username: "u" });
  const hub = aSecret({ id: "h", host: "docker.io", username: "h" });
  const one = aSecret({ id: "p", host: "ghcr.io", username: "p", scope: "project", project: "one" });
  const two = aSecret({ id: "q", host: "quay.io", username: "q", scope: "project", project: "two" });
  const native = aSecret({ id: "n", host: ECR, runnerNative: true });

  const cases: [
    what: string,
    secrets: (typeof user)[],
    project: string | undefined,
    logins: string[],
    skipped: string[],
  ][] = [
    ["nothing", [], "one", [], []],
    [
      "every user secret, whatever the image needs",
      [user, hub],
      "one",
      ["ghcr.io u", "https://index.docker.io/v1/ h"],
      [],
    ],
    ["those of the project, and of no other", [one, two], "one", ["ghcr.io p"], []],
    ["no project's outside any", [one, two, hub], undefined, ["https://index.docker.io/v1/ h"], []],
    ["one for each host: the effective one", [one, user], "one", ["ghcr.io u"], []],
    ["runner-native is left out, and said", [native, user], "one", ["ghcr.io u"], [`${ECR} runner-native`]],
  ];
  for (const [what, secrets, project, logins, skipped] of cases) {
    it(what, () => {
      const set = desiredSet(secrets, project);
      assert.deepEqual(set.logins.map(({ host, username }) => `${host} ${username}`).sort(), logins);
      assert.deepEqual(
        set.skipped.map(({ host, reason }) => `${host} ${reason}`),
        skipped,
      );
    });
  }
});

describe("the message of a delivery", () => {
  it("is the header, a line for each host, and the end", () => {
    const secrets = [
      aSecret({ id: "1", host: "docker.io", username: "whale", password: "p1" }),
      aSecret({ id: "2", host: ECR, runnerNative: true, updatedAt: 1 }),
    ];
    assert.equal(
      deliveryMessage(desiredSet(secrets, undefined), environment(), "vscode").reveal(),
      "registry-login 1 source=vscode shm=private\n" +
        'set https://index.docker.io/v1/ {"ServerURL":"https://index.docker.io/v1/","Username":"whale","Secret":"p1"}\n' +
        `skip ${ECR} runner-native\n` +
        "end\n",
    );
  });

  it("carries a sentence for whoever works inside, as a JSON string", () => {
    const text = deliveryMessage(NOTHING, environment(), "cli", 'Recreate\n"it".').reveal();
    assert.equal(text, 'registry-login 1 source=cli shm=private\nadvice "Recreate\\n\\"it\\"."\nend\n');
  });

  it("has the cloud's login of a secret that holds none, or the word for why there is none", () => {
    const ids = ["native", "key", "none"] as const;
    const hosts = { native: ECR, key: ECR.replace("eu", "us"), none: "europe-docker.pkg.dev" };
    const secrets = ids.map((id) => aSecret({ id, host: hosts[id], runnerNative: true }));
    const minted = new Map<string, SecretLogin | NativeTrouble>([
      ["native", { kind: "login", username: "AWS", password: new Redacted("t") }],
      ["none", nativeTrouble("google", "session-expired", "")],
    ]);
    const text = deliveryMessage(desiredSet(secrets, undefined, minted), environment(), "cli").reveal();
    assert.deepEqual(text.split("\n").slice(1, -2).sort(), [
      `set ${ECR} {"ServerURL":"${ECR}","Username":"AWS","Secret":"t"}`,
      `skip ${hosts.key} runner-native`,
      `skip ${hosts.none} session-expired`,
    ]);
  });

  it("of nothing takes every login out", () => {
    const text = deliveryMessage(NOTHING, environment(), "cli").reveal();
    assert.equal(text, "registry-login 1 source=cli shm=private\nend\n");
  });

  const modes: [ipcMode: string, want: string][] = [
    ["private", "private"],
    ["alone", "private"],
    ["host", "shared"],
    ["shareable", "shared"],
    ["container:0123", "shared"],
    ["none", "shared"],
    ["", "unknown"],
  ];
  for (const [mode, want] of modes) {
    it(`calls the shared memory of ipc mode ${JSON.stringify(mode)} ${want}`, () => {
      const text = deliveryMessage(NOTHING, environment(mode), "cli").reveal();
      assert.match(text, new RegExp(` shm=${want}\n`));
    });
  }

  const mountCases: [what: string, mount: Container["mounts"][number], words: string][] = [
    [
      "a folder of the host",
      { type: "bind", source: "/home/dev/.docker", destination: "/root/.docker" },
      "private bind=/root/.docker",
    ],
    ["the host's shared memory", { type: "bind", source: "/dev/shm", destination: "/dev/shm" }, "shared bind=/dev/shm"],
    ["the host's devices", { type: "bind", source: "/dev", destination: "/dev" }, "shared bind=/dev"],
    ["one device", { type: "bind", source: "/dev/snd", destination: "/dev/snd" }, "private bind=/dev/snd"],
    ["shared memory of others", { type: "volume", source: "/v", destination: "/dev/shm" }, "shared volume=/dev/shm"],
    ["a volume", { type: "volume", source: "/v", destination: "/home/dev" }, "private volume=/home/dev"],
    ["a mount of a kind that is new", { type: "image", source: "", destination: "/i" }, "private volume=/i"],
    ["a tmpfs, which is its own", { type: "tmpfs", source: "", destination: "/run/user/1000" }, "private"],
    ["a tmpfs for its shared memory", { type: "tmpfs", source: "", destination: "/dev/shm" }, "private"],
    ["the workspace", { type: "bind", source: "/home/dev/app", destination: "/w" }, "private workspace=/w"],
    ["a folder above the workspace", { type: "bind", source: "/home/dev", destination: "/w" }, "private workspace=/w"],
    ["a folder of the workspace", { type: "bind", source: "/home/dev/app/a", destination: "/a" }, "private bind=/a"],
    ["what has a name of two words", { type: "bind", source: "/a b", destination: "/a b" }, "private"],
    ["what has a name of two lines", { type: "bind", source: "/a", destination: "/a\nend" }, "private"],
  ];
  for (const [what, mount, words] of mountCases) {
    it(`tells of mounts: ${what}`, () => {
      const text = deliveryMessage(NOTHING, environment("private", [mount]), "cli").reveal();
      assert.equal(text, `registry-login 1 source=cli shm=${words}\nend\n`);
    });
  }

  const values = [
    "a\nb",
    "a\r\nend\n",
    'quo"te',
    "back\\slash",
    "emoji 🔑 é",
    "tab\tnul\0",
    "\u2028\u2029\u0085",
    "\ud800",
    " ",
    "end",
    "set ghcr.io {}",
    "$(id) `id` '",
  ];
  for (const value of values) {
    it(`keeps the password ${JSON.stringify(value)} on its line`, () => {
      const set = desiredSet([aSecret({ username: value, password: value })], undefined);
      const lines = deliveryMessage(set, environment(), "cli").reveal().split("\n");
      assert.equal(lines.length, 4);
      const [, host, json = ""] = /^set (\S+) (.*)$/s.exec(lines[1] ?? "") ?? [];
      assert.equal(host, "ghcr.io");
      assert.deepEqual(JSON.parse(json), { ServerURL: "ghcr.io", Username: value, Secret: value });
    });
  }

  it("has one line for each login whatever it holds, and is not printed", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.string({ unit: "binary" }), fc.string({ unit: "binary" }))), (pairs) => {
        const secrets = pairs.map(([username, password], index) =>
          aSecret({ id: String(index), host: `h${index}.example.com`, username, password }),
        );
        const message = deliveryMessage(desiredSet(secrets, undefined), environment(), "cli");
        assert.equal(message.reveal().split(/[\r\n]/).length, pairs.length + 3);
        assert.equal(String(message), "[redacted]");
      }),
    );
  });
});
