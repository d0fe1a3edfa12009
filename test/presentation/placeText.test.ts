import { strict as assert } from "node:assert";
import { placeText, type Place, type PlaceText } from "../../src/presentation/placeText";

describe("where it runs", () => {
  const cases: [name: string, place: Partial<Place>, kind: PlaceText["kind"], works: PlaceText["works"]][] = [
    ["a folder of this machine", {}, "local", "all"],
    ["WSL, the extension in it", { remoteName: "wsl", beside: "workspace" }, "wsl", "all"],
    ["WSL, the extension on Windows", { remoteName: "wsl" }, "wsl", "some"],
    ["SSH, the extension there", { remoteName: "ssh-remote", beside: "workspace" }, "ssh", "all"],
    ["SSH, the extension here", { remoteName: "ssh-remote" }, "ssh", "some"],
    ["inside a container, the extension outside", { remoteName: "dev-container" }, "container", "all"],
    [
      "inside a container, the folder in a volume",
      { remoteName: "dev-container", insideOnly: true },
      "container",
      "some",
    ],
    ["attached to a container", { remoteName: "attached-container", insideOnly: true }, "container", "some"],
    [
      "inside a container with the extension",
      { remoteName: "dev-container", beside: "workspace" },
      "container",
      "some",
    ],
    ["a page of a server that names no remote", { web: true, beside: "workspace" }, "browser", "all"],
    ["a browser with a server", { web: true, remoteName: "remote", beside: "workspace" }, "remote", "all"],
    ["a codespace in a browser", { web: true, remoteName: "codespaces", beside: "workspace" }, "codespaces", "some"],
    ["a codespace from the desktop", { remoteName: "codespaces" }, "codespaces", "some"],
    ["a tunnel", { remoteName: "tunnel" }, "remote", "some"],
  ];
  for (const [name, place, kind, works] of cases) {
    it(name, () => {
      const text = placeText({ web: false, beside: "person", insideOnly: false, ...place });
      assert.deepEqual([text.kind, text.works], [kind, works]);
      // where not everything works, the person reads what to do
      assert.equal(text.next !== undefined, works === "some");
    });
  }
});
