import { strict as assert } from "node:assert";
import { readFileSync } from "node:fs";
import fc from "fast-check";
import type { Container } from "../../../src/domain/environment/container";
import { recognise, usersOf, type Trust } from "../../../src/domain/environment/environment";
import { aContainer } from "../../fakes/samples";

const FOLDER = "devcontainer.local_folder";
const APP = "/home/dev/app";

/** `environment`, `other`, or why it is only a candidate. */
function verdict(change: Partial<Container>, trust: { ids?: string[]; folders?: string[] } = {}): string {
  const found = recognise(aContainer(change), {
    containerIds: new Set(trust.ids ?? []),
    folders: trust.folders ?? [APP],
  });
  return found.kind === "candidate" ? found.why : found.kind;
}

function bind(source: string, type = "bind"): Container["mounts"] {
  return [{ type, source, destination: "/workspaces/app" }];
}

function labelled(folder: string): Partial<Container> {
  return { labels: { [FOLDER]: folder } };
}

describe("what counts as an environment", () => {
  const cases: [
    what: string,
    change: Partial<Container>,
    trust: { ids?: string[]; folders?: string[] },
    want: string,
  ][] = [
    ["its own label names a trusted folder that it mounts", {}, {}, "environment"],
    ["no label", { labels: {} }, {}, "other"],
    ["no label, but created by us", { labels: {} }, { ids: ["c0ffee"] }, "environment"],
    ["another container was created by us", { labels: {} }, { ids: ["beef"] }, "other"],
    ["the image carries the label", { imageLabels: { [FOLDER]: APP } }, {}, "label-of-image"],
    ["the image carries a label of another folder", { imageLabels: { [FOLDER]: "/elsewhere" } }, {}, "environment"],
    [
      "the image carries the label, but created by us",
      { imageLabels: { [FOLDER]: APP } },
      { ids: ["c0ffee"] },
      "environment",
    ],
    ["a folder that nobody trusts", {}, { folders: [] }, "untrusted-folder"],
    ["a folder beside a trusted one", {}, { folders: ["/home/dev/ap", "/home/dev/app2"] }, "untrusted-folder"],
    ["a folder in a trusted one", {}, { folders: ["/home/dev"] }, "untrusted-folder"],
    ["an untrusted folder, but confirmed", {}, { ids: ["c0ffee"], folders: [] }, "environment"],
    ["an empty label", labelled(""), { folders: [] }, "untrusted-folder"],
    ["nothing mounted", { mounts: [] }, {}, "folder-not-mounted"],
    ["another folder mounted", { mounts: bind("/home/dev/other") }, {}, "folder-not-mounted"],
    ["a folder mounted whose name only begins so", { mounts: bind("/home/dev/ap") }, {}, "folder-not-mounted"],
    ["only a part of it mounted", { mounts: bind(`${APP}/src`) }, {}, "folder-not-mounted"],
    ["the root of its repository mounted", { mounts: bind("/home/dev") }, {}, "environment"],
    ["the root of the machine mounted", { mounts: bind("/") }, {}, "folder-not-mounted"],
    ["a volume of that name", { mounts: bind(APP, "volume") }, {}, "folder-not-mounted"],
    ["the folder among other mounts", { mounts: [...bind("vscode", "volume"), ...bind(APP)] }, {}, "environment"],
    ["a slash at the end", { mounts: bind(`${APP}/`) }, { folders: [`${APP}/`] }, "environment"],
    [
      "Docker Desktop on a Mac",
      { ...labelled("/Users/dev/app"), mounts: bind("/host_mnt/Users/dev/app") },
      { folders: ["/Users/dev/app"] },
      "environment",
    ],
    [
      "Docker Desktop on Windows",
      { ...labelled("c:\\Users\\dev\\app"), mounts: bind("/run/desktop/mnt/host/c/Users/dev/app") },
      { folders: ["C:\\Users\\dev\\app"] },
      "environment",
    ],
    [
      "a Windows path as it is",
      { ...labelled("C:\\Users\\dev\\app"), mounts: bind("c:\\Users\\dev\\app") },
      { folders: ["C:/Users/dev/app"] },
      "environment",
    ],
    [
      "the drive itself mounted",
      { ...labelled("c:\\app"), mounts: bind("/run/desktop/mnt/host/c") },
      { folders: ["c:\\app"] },
      "environment",
    ],
    [
      "another drive",
      { ...labelled("c:\\app"), mounts: bind("/run/desktop/mnt/host/d/app") },
      { folders: ["c:\\app"] },
      "folder-not-mounted",
    ],
    [
      "a folder called host_mnt_",
      { ...labelled("/Users/dev/app"), mounts: bind("/host_mnt_/Users/dev/app") },
      { folders: ["/Users/dev/app"] },
      "folder-not-mounted",
    ],
  ];
  for (const [what, change, trust, want] of cases) {
    it(`${what}: ${want}`, () => assert.equal(verdict(change, trust), want));
  }

  it("tells the folder and the configuration that its labels name", () => {
    const labels = { [FOLDER]: APP, "devcontainer.config_file": `${APP}/.devcontainer.json` };
    const found = recognise(aContainer({ labels }), { containerIds: new Set(), folders: [APP] });
    assert.ok(found.kind === "environment");
    assert.deepEqual([found.environment.folder, found.environment.configFile], [APP, `${APP}/.devcontainer.json`]);
  });

  it("knows neither for a container known only by its id", () => {
    const found = recognise(aContainer({ labels: {} }), { containerIds: new Set(["c0ffee"]), folders: [] });
    assert.ok(found.kind === "environment");
    assert.deepEqual([found.environment.folder, found.environment.configFile], [undefined, undefined]);
  });

  it("is never decided by labels alone", () => {
    const anything = fc.dictionary(fc.oneof(fc.constant(FOLDER), fc.string()), fc.oneof(fc.constant(APP), fc.string()));
    const trust: Trust = { containerIds: new Set(), folders: [APP] };
    fc.assert(
      fc.property(anything, anything, (labels, imageLabels) => {
        assert.notEqual(recognise(aContainer({ labels, imageLabels, mounts: [] }), trust).kind, "environment");
      }),
    );
  });
});

describe("the users of an environment", () => {
  function users(metadata: unknown, change: Partial<Container> = {}): string {
    const label = typeof metadata === "string" ? metadata : JSON.stringify(metadata);
    const labels = { [FOLDER]: APP, ...(metadata === undefined ? {} : { "devcontainer.metadata": label }) };
    return usersOf(aContainer({ labels, ...change }))
      .map(({ name, dockerConfig }) => (dockerConfig === undefined ? name : `${name} with ${dockerConfig}`))
      .join(", ");
  }
  const withConfig = (value: unknown) => ({ remoteEnv: { DOCKER_CONFIG: value } });

  const cases: [what: string, metadata: unknown, change: Partial<Container>, want: string][] = [
    ["no metadata", undefined, {}, "root"],
    ["no metadata, an image with a user", undefined, { user: "node" }, "node"],
    ["an image with a user and a group", undefined, { user: "1000:1000" }, "1000"],
    ["an image with a group only", undefined, { user: ":1000" }, "root"],
    ["a remote user", [{ remoteUser: "vscode" }], {}, "vscode, root"],
    ["the same twice", [{ remoteUser: "vscode", containerUser: "vscode" }], {}, "vscode"],
    ["both", [{ remoteUser: "vscode" }, { containerUser: "node" }], {}, "vscode, node"],
    ["only a container user", [{ containerUser: "node" }], {}, "node"],
    ["later entries win", [{ remoteUser: "one" }, {}, { remoteUser: "two" }], {}, "two, root"],
    ["an empty user is none", [{ remoteUser: "vscode" }, { remoteUser: "" }], {}, "vscode, root"],
    ["one entry without a list", { remoteUser: "vscode" }, {}, "vscode, root"],
    ["users that are no text", [{ remoteUser: 5, containerUser: null }], {}, "root"],
    ["broken JSON", "[{", { user: "node" }, "node"],
    ["JSON that is something else", "null", {}, "root"],
    ["a list of something else", [null, 3, "x", ["y"]], {}, "root"],
    ["a Docker config", [{ remoteUser: "vscode", ...withConfig("/cfg") }], {}, "vscode with /cfg, root"],
    ["a later Docker config wins", [withConfig("/one"), withConfig("/two")], {}, "root with /two"],
    ["null unsets it", [withConfig("/one"), withConfig(null)], {}, "root"],
    [
      "one with a variable of the container",
      [withConfig("${containerEnv:HOME}/.cfg")],
      { environment: { HOME: "/home/x" } },
      "root with /home/x/.cfg",
    ],
    ["one with a variable that is not set", [withConfig("${containerEnv:NO}/.cfg")], {}, "root with /.cfg"],
    ["one with a default", [withConfig("${containerEnv:NO:/tmp}/.cfg")], {}, "root with /tmp/.cfg"],
    [
      "one that only the dev container CLI can resolve",
      [withConfig("${containerWorkspaceFolder}/.docker")],
      {},
      "root",
    ],
    ["one that is no text", [withConfig(5)], {}, "root"],
    ["an environment that is no object", [{ remoteEnv: "DOCKER_CONFIG=/x" }], {}, "root"],
  ];
  for (const [what, metadata, change, want] of cases) {
    it(`${what}: ${want}`, () => assert.equal(users(metadata, change), want));
  }

  it("are those of a container that the dev container CLI made", () => {
    const [recorded] = JSON.parse(readFileSync("test/fixtures/docker/container-inspect.json", "utf8")) as [
      { Config: { Labels: Record<string, string> } },
    ];
    assert.deepEqual(usersOf(aContainer({ labels: recorded.Config.Labels })), [{ name: "root" }]);
  });

  it("are one or two whatever a label holds", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (label) => {
        const found = usersOf(aContainer({ labels: { "devcontainer.metadata": label } }));
        assert.ok(found.length === 1 || found.length === 2);
        for (const { name } of found) assert.notEqual(name, "");
      }),
    );
  });
});
