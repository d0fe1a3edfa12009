import { strict as assert } from "node:assert";
import { WindowFolders } from "../../src/vscode/windowFolders";

const file = (path: string) => ({ scheme: "file", authority: "", path, fsPath: path });
const remote = (authority: string, path: string) => ({ scheme: "vscode-remote", authority, path, fsPath: path });
const container = `dev-container+${Buffer.from('{"hostPath":"/w/app"}').toString("hex")}`;

interface Case {
  readonly open: readonly ReturnType<typeof file>[];
  /** What the domain calls the folders. */
  readonly folders: readonly string[];
  readonly isInsideOnly?: boolean;
  /** A file of the window, what the domain calls it, and where it is read: on this machine, or in the window. */
  readonly uri: ReturnType<typeof file>;
  readonly file: string;
  readonly readIn: "machine" | "window";
}

describe("the files of a window", () => {
  const config = ".devcontainer/devcontainer.json";
  const cases: Record<string, Case> = {
    "on this machine": {
      open: [file("/w/app"), file("/w/tool")],
      folders: ["/w/app", "/w/tool"],
      uri: file(`/w/app/${config}`),
      file: `/w/app/${config}`,
      readIn: "machine",
    },
    "after Reopen in Container": {
      open: [remote(container, "/workspaces/app")],
      folders: ["/w/app"],
      uri: remote(container, `/workspaces/app/${config}`),
      file: `/w/app/${config}`,
      readIn: "machine",
    },
    "of several folders in a container": {
      open: [remote(container, "/workspaces/app/web"), remote(container, "/workspaces/app/api")],
      folders: ["/w/app"],
      uri: remote(container, "/workspaces/app/api/Dockerfile"),
      file: "/w/app/api/Dockerfile",
      readIn: "machine",
    },
    "in WSL, seen from Windows": {
      open: [remote("wsl+Ubuntu", "/home/ann/app")],
      folders: ["//wsl.localhost/Ubuntu/home/ann/app"],
      uri: remote("wsl+Ubuntu", `/home/ann/app/${config}`),
      file: `//wsl.localhost/Ubuntu/home/ann/app/${config}`,
      readIn: "machine",
    },
    "on another machine": {
      open: [remote("ssh-remote+far", "/home/ann/app")],
      folders: ["/home/ann/app"],
      uri: remote("ssh-remote+far", `/home/ann/app/${config}`),
      file: `/home/ann/app/${config}`,
      readIn: "window",
    },
    "in a container that was attached to": {
      open: [remote("attached-container+2f776562", "/workspaces/app")],
      folders: ["/workspaces/app"],
      isInsideOnly: true,
      uri: remote("attached-container+2f776562", `/workspaces/app/${config}`),
      file: `/workspaces/app/${config}`,
      readIn: "window",
    },
  };
  for (const [what, want] of Object.entries(cases)) {
    it(what, () => {
      const window = new WindowFolders(want.open.map((uri) => ({ name: "app", uri })));
      assert.deepEqual(
        window.open.map(({ folder, isInsideOnly }) => [folder, isInsideOnly]),
        want.folders.map((folder) => [folder, want.isInsideOnly === true]),
      );
      assert.equal(window.fileOf(want.uri), want.file);
      const { scheme, authority, path } = want.uri;
      const there = scheme === "file" ? undefined : { scheme, authority, path };
      assert.deepEqual(window.inWindow(want.file), there);
      assert.deepEqual(window.elsewhere(want.file), want.readIn === "window" ? there : undefined);
    });
  }

  it("outside of what is open keep their names, and are read on this machine", () => {
    const window = new WindowFolders([{ name: "app", uri: remote(container, "/workspaces/app") }]);
    assert.equal(window.fileOf(remote(container, "/etc/hosts")), "/etc/hosts");
    assert.equal(window.fileOf(remote(container, "/workspaces/app2/x")), "/workspaces/app2/x");
    assert.equal(window.fileOf(file("/w/app/x")), "/w/app/x");
    assert.equal(window.elsewhere("/w/tool/x"), undefined);
  });
});
