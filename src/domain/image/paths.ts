/** The folder of a file. */
export function parentOf(path: string): string {
  return path.slice(0, Math.max(1, path.lastIndexOf("/")));
}

/** The last part of a path. */
export function baseOf(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

/**
 * `path` as seen from the absolute `base`, without `.`, `..` and doubled slashes. Both are written with `/`; where `base`
 * is a Windows path (`C:/…`, `//server/…`), `\` in `path` counts as `/`, as in the dev container CLI.
 */
export function join(base: string, path: string): string {
  const isWindows = /^(?:[A-Za-z]:\/|\/\/)/.test(base);
  const written = isWindows ? path.replaceAll("\\", "/") : path;
  const absolute = written.startsWith("/") || /^[A-Za-z]:\//.test(written);
  const whole = absolute ? written : `${base}/${written}`;
  const root = isWindows && whole.startsWith("//") ? "//" : whole.startsWith("/") ? "/" : "";
  const parts: string[] = [];
  for (const part of whole.split("/")) {
    if (part === "..") parts.pop();
    else if (part !== "." && part !== "") parts.push(part);
  }
  return root + parts.join("/");
}
