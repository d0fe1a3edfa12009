/**
 * The project of a workspace folder: its git remote `origin`, normalised so that clones by ssh and by https share it,
 * else the folder itself (semantics: scope).
 */

/**
 * The url of the remote `origin` in the text of a `.git/config`, or undefined. Read as git reads it (git-config(1),
 * "Syntax"): section and variable names in any case, comments, quotes, a variable on the line of its section.
 */
export function originOf(gitConfig: string): string | undefined {
  let inOrigin = false;
  for (const line of gitConfig.split(/\r?\n/)) {
    const section = /^\s*\[\s*([^\]"]*(?:"(?:[^"\\]|\\.)*"\s*)?)\](.*)$/.exec(line);
    if (section) inOrigin = /^remote\s+"origin"\s*$/i.test(section[1] ?? "");
    const url = inOrigin ? /^\s*url\s*=\s*(.*)$/i.exec(section?.[2] ?? line)?.[1] : undefined;
    const value = url === undefined ? "" : valueOf(url);
    if (value !== "") return value;
  }
  return undefined;
}

/** A value without its quotes, its escapes and the comment behind it. */
function valueOf(text: string): string {
  const parts = text.match(/"(?:[^"\\]|\\.)*"|\\.|[^"\\#;]+|[#;].*/g) ?? [];
  const comment = parts.findIndex((part) => /^[#;]/.test(part));
  return parts
    .slice(0, comment < 0 ? undefined : comment)
    .map((part) => part.replace(/^"(.*)"$/, "$1").replace(/\\(.)/g, "$1"))
    .join("")
    .trim();
}

/**
 * The key of the project: `github.com/acme/app` for every spelling of that remote (without user, password, port of the
 * scheme and `.git`), or `folder:<path>` where there is no remote on a host.
 */
export function projectKey(folder: string, origin: string | undefined): string {
  const key = origin === undefined ? undefined : normaliseRemote(origin);
  return key ?? `folder:${folder}`;
}

function normaliseRemote(url: string): string | undefined {
  const withScheme = /^(?:https?|ssh|git|git\+ssh):\/\/(?:[^/]*@)?(\[[^\]]+\]|[^/:]+)(?::\d*)?\/+(.+)$/i.exec(url);
  const scp = /^(?:[^@/\s]+@)?([A-Za-z0-9.-]{2,}):(?!\/\/)\/*(.+)$/.exec(url);
  const [, host, path] = withScheme ?? scp ?? [];
  if (host === undefined || path === undefined) return undefined;
  const clean = path
    .replace(/[?#].*$/, "")
    .replace(/\/+$/, "")
    .replace(/\.git$/i, "");
  return clean === "" ? undefined : `${host.toLowerCase()}/${clean}`;
}
