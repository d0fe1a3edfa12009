import { strict as assert } from "node:assert";
import { hostFolderOf, type HostFolder } from "../../../src/domain/environment/hostFolder";

const hex = (text: string) => Buffer.from(text, "utf8").toString("hex");
const container = (text: string | object) =>
  `dev-container+${hex(typeof text === "string" ? text : JSON.stringify(text))}`;

/** What Dev Containers adds beside the path, as found in authorities that people published. */
const more = {
  localDocker: false,
  settings: { context: "desktop-linux" },
  configFile: {
    $mid: 1,
    fsPath: "/home/ann/app/.devcontainer/devcontainer.json",
    external: "file:///home/ann/app/.devcontainer/devcontainer.json",
    path: "/home/ann/app/.devcontainer/devcontainer.json",
    scheme: "file",
  },
};

describe("where the folder of a remote window lies on this machine", () => {
  const app: HostFolder = { folder: "/home/ann/app", inside: "/workspaces/app" };
  const cases: [what: string, authority: string, path: string, want: HostFolder | undefined][] = [
    // microsoft/vscode-remote-release #2133
    ["a path in hex", container("/home/ann/app"), "/workspaces/app", app],
    [
      "the same, as it is written",
      "dev-container+2f686f6d652f616e6e2f617070",
      "/home/ubuntu",
      { folder: "/home/ann/app", inside: "/home/ubuntu" },
    ],
    ["JSON", container({ hostPath: "/home/ann/app" }), "/workspaces/app", app],
    ["JSON with what else there is", container({ hostPath: "/home/ann/app", ...more }), "/workspaces/app", app],
    // microsoft/vscode-remote-release #4643
    [
      "with an engine elsewhere",
      container({ hostPath: "/home/ann/app", settings: { host: "ssh://far.example" } }),
      "/workspaces/app",
      app,
    ],
    [
      "letters beyond ASCII",
      container({ hostPath: "/home/ann/müsli" }),
      "/workspaces/müsli",
      { folder: "/home/ann/müsli", inside: "/workspaces/müsli" },
    ],
    ["a folder below it", container("/home/ann/app"), "/workspaces/app/src/web", app],
    [
      "a folder of a repository that is mounted whole",
      container("/home/ann/mono/packages/app"),
      "/workspaces/mono/packages/app",
      { folder: "/home/ann/mono/packages/app", inside: "/workspaces/mono/packages/app" },
    ],
    ["under another name", container("/home/ann/app"), "/code", { folder: "/home/ann/app", inside: "/code" }],
    [
      "of Windows",
      container({ hostPath: "c:\\Users\\ann\\app" }),
      "/workspaces/app",
      { folder: "c:/Users/ann/app", inside: "/workspaces/app" },
    ],
    [
      "of a distribution",
      container({ hostPath: "\\\\wsl.localhost\\Ubuntu\\home\\ann\\app", localDocker: false }),
      "/workspaces/app",
      { folder: "//wsl.localhost/Ubuntu/home/ann/app", inside: "/workspaces/app" },
    ],
    [
      "of a distribution, opened from its window",
      `${container({ hostPath: "\\\\wsl.localhost\\Ubuntu\\home\\ann\\app" })}@wsl+ubuntu`,
      "/workspaces/app",
      { folder: "//wsl.localhost/Ubuntu/home/ann/app", inside: "/workspaces/app" },
    ],
    [
      "of a distribution, as it names it",
      `${container("/home/ann/app")}@wsl+Ubuntu`,
      "/workspaces/app",
      { folder: "//wsl.localhost/Ubuntu/home/ann/app", inside: "/workspaces/app" },
    ],
    [
      "a window in WSL",
      "wsl+Ubuntu-24.04",
      "/home/ann/app",
      { folder: "//wsl.localhost/Ubuntu-24.04/home/ann/app", inside: "/home/ann/app" },
    ],
    ["a window in WSL on a drive of Windows", "wsl+Ubuntu", "/mnt/c/app", { folder: "c:/app", inside: "/mnt/c/app" }],
    ["on another machine", "ssh-remote+far.example", "/home/ann/app", undefined],
    ["in a container on another machine", `${container("/home/ann/app")}@ssh-remote+far`, "/workspaces/app", undefined],
    ["in a container that was attached to", `attached-container+${hex('{"containerName":"/web"}')}`, "/app", undefined],
    ["in a volume", container({ volumeName: "app", folder: "app" }), "/workspaces/app", undefined],
    ["no path", container("app"), "/workspaces/app", undefined],
    ["JSON that is cut off", container('{"hostPath":"/home/ann/app"'), "/workspaces/app", undefined],
    ["no hex", "dev-container+opaque", "/workspaces/app", undefined],
    ["bytes that are no text", "dev-container+2fff", "/workspaces/app", undefined],
    ["half a byte", "dev-container+2f6", "/workspaces/app", undefined],
    ["a codespace", "codespaces+fancy-name", "/workspaces/app", undefined],
    ["nothing known", "", "/workspaces/app", undefined],
  ];
  for (const [what, authority, path, want] of cases) {
    it(what, () => assert.deepEqual(hostFolderOf({ authority, path }), want));
  }
});
