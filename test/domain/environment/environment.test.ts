import { strict as assert } from "node:assert";
import fc from "fast-check";
import type { Container } from "../../../src/domain/environment/container";
import { recognise, type Trust } from "../../../src/domain/environment/environment";
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
