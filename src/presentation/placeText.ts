import { t } from "./words";

/** Where the extension runs, as VS Code tells it. */
export interface Place {
  /** `vscode.env.remoteName`: `wsl`, `ssh-remote`, `dev-container`, `attached-container`, `codespaces`, or none. */
  readonly remoteName?: string | undefined;
  /** True where the window is a page in a browser (`vscode.env.uiKind`). */
  readonly web: boolean;
  /** True if this runs beside the person (`extensionKind` UI), false if beside the files of the workspace. */
  readonly beside: "person" | "workspace";
  /** True where a folder of the window lies inside its container alone. */
  readonly insideOnly: boolean;
}

/** What works in a place; `all` needs no row. `text` is a sentence for the view, `next` what to do about it. */
export interface PlaceText {
  readonly kind: "local" | "wsl" | "ssh" | "container" | "codespaces" | "browser" | "remote";
  readonly works: "all" | "some";
  readonly text: string;
  readonly next?: string;
}

/** What works where this window is, by where the container engine is that its environments run in. */
export function placeText({ remoteName, web, beside, insideOnly }: Place): PlaceText {
  const here = beside === "person";
  switch (remoteName) {
    case undefined:
      // without a server behind the page the extension is not loaded at all
      return web
        ? {
            kind: "browser",
            works: "all",
            text: t("Everything works that the engine of the server behind this page can do."),
          }
        : {
            kind: "local",
            works: "all",
            text: t("Everything works: VS Code and the container engine are side by side."),
          };
    case "wsl":
      return here
        ? {
            kind: "wsl",
            works: "some",
            text: t("The folder is in WSL: environments of the engine that this Windows reaches are logged in."),
            next: t(
              "If Docker runs only in WSL, name its distribution in the setting registrySecrets.wslDistribution.",
            ),
          }
        : {
            kind: "wsl",
            works: "all",
            text: t("Everything works: the extension runs in WSL, beside the engine there."),
          };
    case "ssh-remote":
      return here
        ? {
            kind: "ssh",
            works: "some",
            text: t(
              "The folder is on another machine: only environments of the engine that this machine reaches are logged in.",
            ),
            next: t("Choose a Docker context of that machine (ssh://…), or install the extension there."),
          }
        : {
            kind: "ssh",
            works: "all",
            text: t("Everything works: the extension runs on the machine of the folder, beside the engine there."),
          };
    case "dev-container":
    case "attached-container":
      if (here && insideOnly)
        return {
          kind: "container",
          works: "some",
          text: t(
            "The folder is inside this container alone: no environment of this machine is of it, and its project secrets reach none.",
          ),
          next: t("Save what environments need as user secrets."),
        };
      return here
        ? {
            kind: "container",
            works: "all",
            text: t(
              "Everything works: the window is inside a container, the extension beside the engine that runs it.",
            ),
          }
        : {
            kind: "container",
            works: "some",
            text: t(
              "The extension runs inside the container: environments can be created and logged in only if an engine is reached from here.",
            ),
            next: t("Install the extension locally, too: then it delivers from outside."),
          };
    case "codespaces":
      return {
        kind: "codespaces",
        works: "some",
        text: t("In a codespace secrets and diagnosis work; the codespace itself is made by GitHub."),
        next: t("Give GitHub its own secrets: NAME_CONTAINER_REGISTRY_SERVER, _USER and _PASSWORD."),
      };
    default:
      return here
        ? {
            kind: "remote",
            works: "some",
            text: t(
              "The folder is on {0}: only environments of the engine that this machine reaches are logged in.",
              remoteName,
            ),
            next: t("Install the extension there as well, or choose a Docker context that leads there."),
          }
        : {
            kind: "remote",
            works: "all",
            text: t("Everything works that the engine beside the folder on {0} can do.", remoteName),
          };
  }
}
