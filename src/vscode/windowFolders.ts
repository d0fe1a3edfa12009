import { hostFolderOf } from "../domain/environment/hostFolder";

/** The parts of a `vscode.Uri` that matter here. */
interface UriParts {
  readonly scheme: string;
  readonly authority: string;
  readonly path: string;
  readonly fsPath: string;
}

/** An open folder; `folder` is how the domain names it: absolute, with `/`, and as this machine does where it lies here. */
export interface OpenFolder {
  readonly name: string;
  readonly folder: string;
  /** True of what lies inside a container alone, as in a volume: nothing on this machine is that folder. */
  readonly isInsideOnly: boolean;
}

type RemoteFile = Pick<UriParts, "scheme" | "authority" | "path">;

interface RemoteFolder extends RemoteFile {
  readonly folder: string;
  readonly inside: string;
  readonly isHere: boolean;
}

/** The open folders of a window, and the files in them by the names that the domain, the window and the disk have for them. */
export class WindowFolders {
  readonly open: readonly OpenFolder[];
  readonly #remote: readonly RemoteFolder[];

  constructor(folders: readonly { readonly name: string; readonly uri: UriParts }[]) {
    this.#remote = folders.flatMap(({ uri }) => (isRemote(uri) ? [remoteFolder(uri)] : []));
    const open = folders.map(({ name, uri }): OpenFolder => {
      if (!isRemote(uri)) return { name, folder: this.fileOf(uri), isInsideOnly: false };
      const { folder, isHere } = remoteFolder(uri);
      return { name, folder, isInsideOnly: !isHere && /^(?:dev|attached)-container\+/.test(uri.authority) };
    });
    // several folders of a container may be of one folder of this machine
    this.open = open.filter(({ folder }, index) => open.findIndex((other) => other.folder === folder) === index);
  }

  /** A file or folder as the domain names it. */
  fileOf(uri: UriParts): string {
    if (!isRemote(uri)) return uri.fsPath.replace(/\\/g, "/");
    const known = this.#remote.find(({ inside }) => isIn(inside, uri.path));
    return known ? known.folder + uri.path.slice(known.inside.length) : uri.path;
  }

  /** The same file as the window names it, if it is one of a remote folder. */
  inWindow(file: string): RemoteFile | undefined {
    const known = this.#remote.find(({ folder }) => isIn(folder, file));
    if (!known) return undefined;
    const { scheme, authority, inside, folder } = known;
    return { scheme, authority, path: inside + file.slice(folder.length) };
  }

  /** Where the file is read if not on this machine. */
  elsewhere(file: string): RemoteFile | undefined {
    return this.#remote.some(({ folder, isHere }) => isHere && isIn(folder, file)) ? undefined : this.inWindow(file);
  }
}

function isRemote({ scheme }: UriParts): boolean {
  return scheme === "vscode-remote";
}

function remoteFolder({ scheme, authority, path }: UriParts): RemoteFolder {
  const host = hostFolderOf({ authority, path });
  return { scheme, authority, path, isHere: host !== undefined, ...(host ?? { folder: path, inside: path }) };
}

function isIn(folder: string, path: string): boolean {
  return path === folder || path.startsWith(`${folder}/`);
}
