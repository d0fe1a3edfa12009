/**
 * Paths of the machine that runs containers, as the tools around it spell them. The same folder is `C:\app` to Windows,
 * `/mnt/c/app` to a WSL distribution, `/run/desktop/mnt/host/c/app` to Docker Desktop; `/home/ann/app` of a distribution
 * is `\\wsl.localhost\Ubuntu\home\ann\app` to Windows; a Mac's `/app` is `/host_mnt/app` to its virtual machine.
 */
export function samePath(a: string, b: string): boolean {
  return plainPath(a) === plainPath(b);
}

/** True if the folder is one of `folders`, however each is spelled. */
export function isAmong(folder: string | undefined, folders: readonly string[]): boolean {
  return folder !== undefined && folders.some((other) => samePath(other, folder));
}

/** True if `path` is `folder`, or lies in it. Both may be spelled as Windows or as the engine sees them. */
export function contains(folder: string, path: string): boolean {
  return pathBelow(folder, path) !== undefined;
}

/** Where `path` is in `folder`: `/web` of `/app/web` in `/app`, empty if they are the same; undefined if it is not in it. */
export function pathBelow(folder: string, path: string): string | undefined {
  const [outer, inner] = [asEngineSees(folder), asEngineSees(path)];
  return outer === inner || (outer !== "/" && inner.startsWith(`${outer}/`)) ? inner.slice(outer.length) : undefined;
}

/** The distribution and its own path behind `\\wsl.localhost\Ubuntu\home\ann` or `\\wsl$\…`; undefined for any other path. */
export function wslPath(path: string): { readonly distribution: string; readonly path: string } | undefined {
  const [, distribution, inside] = /^[\\/]{2}wsl(?:\.localhost|\$)[\\/]([^\\/]+)([\\/].*)?$/i.exec(path) ?? [];
  return distribution === undefined ? undefined : { distribution, path: (inside ?? "/").replace(/\\/g, "/") };
}

/** One spelling for each folder; two distributions keep their folders apart. */
function plainPath(path: string): string {
  const wsl = wslPath(path);
  if (wsl) return `wsl:${wsl.distribution.toLowerCase()}:${withoutEnd(wsl.path)}`;
  const slashed = path
    .replace(/\\/g, "/")
    .replace(/^\/host_mnt(?=\/)/, "")
    .replace(/^\/(?:run\/desktop\/mnt\/host|mnt)\/([a-zA-Z])(?=\/|$)/, "$1:")
    .replace(/^([A-Za-z]):/, (drive) => drive.toLowerCase());
  return withoutEnd(slashed);
}

/** The engine of a distribution knows its own paths only. */
function asEngineSees(path: string): string {
  return plainPath(wslPath(path)?.path ?? path);
}

function withoutEnd(path: string): string {
  return path.length > 1 ? path.replace(/\/+$/, "") : path;
}
