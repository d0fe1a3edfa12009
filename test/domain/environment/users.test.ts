import { strict as assert } from "node:assert";
import { readFileSync } from "node:fs";
import fc from "fast-check";
import type { Container } from "../../../src/domain/environment/container";
import type { Environment } from "../../../src/domain/environment/environment";
import { usersOf } from "../../../src/domain/environment/users";
import { aContainer } from "../../fakes/samples";

const APP = "/home/dev/app";
const CONFIG = `${APP}/.devcontainer/devcontainer.json`;

/** The environment of a container with this metadata, and this text in its devcontainer.json, if any. */
async function usersIn(
  metadata: unknown,
  { env = {}, config, ...change }: Partial<Container> & { env?: Record<string, string>; config?: unknown } = {},
) {
  const label = typeof metadata === "string" ? metadata : JSON.stringify(metadata);
  const labels = metadata === undefined ? {} : { "devcontainer.metadata": label };
  const environment: Environment = {
    container: aContainer({ labels, ...change }),
    folder: APP,
    ...(config === undefined ? {} : { configFile: CONFIG }),
  };
  const text = typeof config === "string" ? config : JSON.stringify(config);
  const read = (path: string) => Promise.resolve(path === CONFIG ? text : undefined);
  return await usersOf(environment, { files: { read }, env });
}

/** In words: `vscode with DOCKER_CONFIG=/cfg, root`. */
async function users(...given: Parameters<typeof usersIn>): Promise<string> {
  return (await usersIn(...given))
    .map(({ name, variables = {}, problem }) => {
      const given = Object.entries(variables).map(([variable, value]) => `${variable}=${value}`);
      const what = problem ? [`${problem.kind} ${problem.setting}: ${problem.variables.join(" ")}`] : [];
      return [name, ...given, ...what].join("; ");
    })
    .join(", ");
}

describe("the users of an environment", () => {
  const withConfig = (value: unknown) => ({ remoteEnv: { DOCKER_CONFIG: value } });
  const cases: [what: string, given: Parameters<typeof usersIn>, want: string][] = [
    ["no metadata", [undefined], "root"],
    ["no metadata, an image with a user", [undefined, { user: "node" }], "node"],
    ["an image with a user and a group", [undefined, { user: "1000:1000" }], "1000"],
    ["an image with a group only", [undefined, { user: ":1000" }], "root"],
    ["a remote user", [[{ remoteUser: "vscode" }]], "vscode, root"],
    ["the same twice", [[{ remoteUser: "vscode", containerUser: "vscode" }]], "vscode"],
    ["both", [[{ remoteUser: "vscode" }, { containerUser: "node" }]], "vscode, node"],
    ["only a container user", [[{ containerUser: "node" }]], "node"],
    ["later entries win", [[{ remoteUser: "one" }, {}, { remoteUser: "two" }]], "two, root"],
    ["an empty user is none", [[{ remoteUser: "vscode" }, { remoteUser: "" }]], "vscode, root"],
    ["one entry without a list", [{ remoteUser: "vscode" }], "vscode, root"],
    ["users that are no text", [[{ remoteUser: 5, containerUser: null }]], "root"],
    ["broken JSON", ["[{", { user: "node" }], "node"],
    ["JSON that is something else", ["null"], "root"],
    ["a list of something else", [[null, 3, "x", ["y"]]], "root"],

    ["a variable of this machine", [[{ remoteUser: "${localEnv:USER}" }], { env: { USER: "dev" } }], "dev, root"],
    ["the older name of it", [[{ remoteUser: "${env:USER}" }], { env: { USER: "dev" } }], "dev, root"],
    ["its default", [[{ remoteUser: "${localEnv:USER:vscode}" }]], "vscode, root"],
    [
      "one without a value, which the tools take for empty",
      [[{ remoteUser: "vscode" }, { remoteUser: "${localEnv:USER}" }]],
      "vscode; unset remoteUser: USER, root",
    ],
    ["one without a value, and nobody else", [[{ remoteUser: "${localEnv:USER}" }]], "root; unset remoteUser: USER"],
    ["an empty default, which is meant", [[{ remoteUser: "${localEnv:USER:}" }]], "root"],
    [
      "a part of a registry credential, which goes to no container",
      [
        [{ remoteUser: "${localEnv:X_CONTAINER_REGISTRY_PASSWORD:dev}" }],
        { env: { X_CONTAINER_REGISTRY_PASSWORD: "p" } },
      ],
      "dev, root",
    ],
    [
      "a variable of the container",
      [[{ remoteUser: "${containerEnv:WHO}" }], { environment: { WHO: "dev" } }],
      "dev, root",
    ],
    ["a variable that means nothing", [[{ remoteUser: "${who}" }]], "${who}; unknown remoteUser: who, root"],
    ["a container user with one", [[{ containerUser: "${localEnv:USER}" }], { env: { USER: "dev" } }], "dev"],
    ["a container user that nobody knows", [[{ containerUser: "${who}" }], { user: "node" }], "node"],

    ["the configuration as it is now", [[{ remoteUser: "old" }], { config: { remoteUser: "new" } }], "new, root"],
    ["a configuration without a user", [[{ remoteUser: "old" }], { config: {} }], "old, root"],
    ["its comments", [undefined, { config: '{ // mine\n "remoteUser": "dev", }' }], "dev, root"],
    ["a configuration that is none", [[{ remoteUser: "old" }], { config: "[1" }], "old, root"],
    ["not its container user, which takes a new container", [undefined, { config: { containerUser: "new" } }], "root"],

    ["a Docker config", [[{ remoteUser: "vscode", ...withConfig("/cfg") }]], "vscode; DOCKER_CONFIG=/cfg, root"],
    ["a later Docker config wins", [[withConfig("/one"), withConfig("/two")]], "root; DOCKER_CONFIG=/two"],
    ["null unsets it", [[withConfig("/one"), withConfig(null)]], "root"],
    ["one that is no text", [[withConfig(5)]], "root"],
    ["an environment that is no object", [[{ remoteEnv: "DOCKER_CONFIG=/x" }]], "root"],
    ["the configuration's", [[withConfig("/one")], { config: withConfig("/two") }], "root; DOCKER_CONFIG=/two"],
    [
      "another state folder",
      [[{ remoteEnv: { XDG_STATE_HOME: "/state", PATH: "/x" } }]],
      "root; XDG_STATE_HOME=/state",
    ],
    [
      "one with a variable of the container",
      [[withConfig("${containerEnv:HOME}/.cfg")], { environment: { HOME: "/home/x" } }],
      "root; DOCKER_CONFIG=/home/x/.cfg",
    ],
    ["one with a variable that is not set", [[withConfig("${containerEnv:NO}/.cfg")]], "root; DOCKER_CONFIG=/.cfg"],
    ["one with a default", [[withConfig("${localEnv:NO:/tmp}/.cfg")]], "root; DOCKER_CONFIG=/tmp/.cfg"],
    [
      "one below the folder here",
      [[withConfig("${localWorkspaceFolder}/${localWorkspaceFolderBasename}")]],
      "root; DOCKER_CONFIG=/home/dev/app/app",
    ],
    [
      "one below the folder inside",
      [[withConfig("${containerWorkspaceFolder}/.dc/${containerWorkspaceFolderBasename}")]],
      "root; DOCKER_CONFIG=/workspaces/app/.dc/app",
    ],
    [
      "one that only another tool knows",
      [[withConfig("${devcontainerId}/.docker")]],
      "root; DOCKER_CONFIG=${devcontainerId}/.docker; unknown remoteEnv.DOCKER_CONFIG: devcontainerId",
    ],
  ];
  for (const [what, given, want] of cases) {
    it(`${what}: ${want}`, async () => assert.equal(await users(...given), want));
  }

  const inside: [what: string, config: unknown, change: Partial<Container>, want: string | undefined][] = [
    ["as the configuration says", { workspaceFolder: "/src/web" }, {}, "/src/web"],
    [
      "as it says with variables",
      { workspaceFolder: "/w/${localWorkspaceFolderBasename}/${localEnv:SUB:x}" },
      {},
      "/w/app/x",
    ],
    ["the root of a Compose project", { dockerComposeFile: "compose.yaml" }, {}, "/"],
    ["as a Compose project says", { dockerComposeFile: [], workspaceFolder: "/app" }, {}, "/app"],
    ["where it is mounted", {}, {}, "/workspaces/app"],
    ["where it is mounted, without a configuration", undefined, {}, "/workspaces/app"],
    [
      "below the root of its repository",
      {},
      { mounts: [{ type: "bind", source: "/home/dev", destination: "/workspaces/dev" }] },
      "/workspaces/dev/app",
    ],
    [
      "in the nearest of several mounts",
      {},
      {
        mounts: [
          { type: "bind", source: "/home", destination: "/host" },
          { type: "bind", source: APP, destination: "/workspaces/app" },
        ],
      },
      "/workspaces/app",
    ],
    ["nowhere", {}, { mounts: [{ type: "volume", source: APP, destination: "/w" }] }, undefined],
    ["not known of a Compose project alone", undefined, { labels: { "com.docker.compose.service": "app" } }, undefined],
  ];
  for (const [what, config, change, want] of inside) {
    it(`have their folder ${what}: ${String(want)}`, async () => {
      const labels = {
        ...change.labels,
        "devcontainer.metadata": JSON.stringify([withConfig("${containerWorkspaceFolder}")]),
      };
      const [user] = await usersIn(undefined, { ...change, labels, ...(config === undefined ? {} : { config }) });
      assert.equal(user?.problem === undefined ? user?.variables?.["DOCKER_CONFIG"] : undefined, want);
    });
  }

  it("are those of a container that the dev container CLI made", async () => {
    const [recorded] = JSON.parse(readFileSync("test/fixtures/docker/container-inspect.json", "utf8")) as [
      { Config: { Labels: Record<string, string> } },
    ];
    assert.deepEqual(await usersIn(undefined, { labels: recorded.Config.Labels }), [
      { name: "root", variables: { DOCKER_CONFIG: "/workspaces/app/.docker" } },
    ]);
  });

  it("are one or two whatever a label or a configuration holds", async () => {
    const anything = fc.oneof(fc.string(), fc.json());
    await fc.assert(
      fc.asyncProperty(anything, anything, async (label, config) => {
        const found = await usersIn(label, { config });
        assert.ok(found.length === 1 || found.length === 2);
        for (const { name } of found) assert.notEqual(name, "");
      }),
    );
  });
});
