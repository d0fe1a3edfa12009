/** A folder of a remote window that lies on this machine. Both paths with `/`. */
export interface HostFolder {
  /** As this machine names it. */
  readonly folder: string;
  /** As the window names the same folder: the one that is open, or one above it. */
  readonly inside: string;
}

/**
 * Where the folder of a remote window (`vscode-remote://AUTHORITY/PATH`) lies on this machine. Undefined where it does not:
 * on another machine, in a volume, or in a container that was only attached to.
 */
export function hostFolderOf({
  authority,
  path,
}: {
  readonly authority: string;
  readonly path: string;
}): HostFolder | undefined {
  const [, kind, name = "", parent] = /^([^+@]+)\+([^@]*)(?:@(.+))?$/.exec(authority) ?? [];
  if (kind === "wsl") return { folder: inDistribution(name, path), inside: path };
  const hostPath = kind === "dev-container" ? hostPathIn(name)?.replace(/\\/g, "/") : undefined;
  if (hostPath === undefined) return undefined;
  // a path of Windows is one wherever the window was opened from
  const isHere = parent === undefined || /^(?:\/\/|[A-Za-z]:)/.test(hostPath);
  const folder = isHere ? hostPath : hostFolderOf({ authority: parent, path: hostPath })?.folder;
  return folder === undefined ? undefined : { folder, inside: counterpart(path, folder) };
}

/** What Dev Containers writes into the authority, in hex: the folder, or JSON that has it as `hostPath`. */
function hostPathIn(hex: string): string | undefined {
  try {
    const text = decodeURIComponent(hex.replace(/..?/g, "%$&"));
    const { hostPath } = (text.startsWith("{") ? JSON.parse(text) : { hostPath: text }) as {
      readonly hostPath?: unknown;
    };
    return typeof hostPath === "string" && /^(?:[\\/]|[A-Za-z]:[\\/])/.test(hostPath) ? hostPath : undefined;
  } catch {
    return undefined;
  }
}

/** A path of a distribution as Windows names it, whose drives are below `/mnt` there. */
function inDistribution(name: string, path: string): string {
  const [, drive, rest = ""] = /^\/mnt\/([a-z])(\/.*)?$/i.exec(path) ?? [];
  return drive === undefined ? `//wsl.localhost/${name}${path}` : `${drive}:${rest || "/"}`;
}

/** The folder is mounted under its own name, if the configuration does not say another; what is open may lie below it. */
function counterpart(path: string, folder: string): string {
  const parts = path.split("/");
  const at = parts.lastIndexOf(folder.split("/").filter(Boolean).at(-1) ?? "");
  return at < 1 ? path : parts.slice(0, at + 1).join("/");
}
