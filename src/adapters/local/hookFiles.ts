import { randomBytes } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

/**
 * A shell script that carries the hook's files and runs their `install.sh` as root: what a delivery feeds to `sh -s`
 * where the feature is absent. `folder` is `devcontainer-feature/src/registry-login`. Needs only `cat`, `mkdir`, `rm`.
 */
export async function hookInstallScript(folder: string): Promise<string> {
  const names = (await readdir(folder)).filter((name) => !/\.(md|json)$/.test(name)).sort();
  const mark = `END_${randomBytes(8).toString("hex")}`;
  const parts = await Promise.all(
    names.map(async (name) => {
      const text = await readFile(join(folder, name), "utf8");
      return `cat > "$d/${name}" <<'${mark}'\n${text.endsWith("\n") ? text : `${text}\n`}${mark}\n`;
    }),
  );
  return [
    "set -e",
    "umask 077",
    `d="\${TMPDIR:-/tmp}/registry-login-install-${mark}"`,
    'mkdir "$d" 2>/dev/null || { mkdir -p "${TMPDIR:-/tmp}" && mkdir "$d"; }',
    "trap 'rm -rf \"$d\"' EXIT",
    ...parts,
    'sh "$d/install.sh" </dev/null',
    "",
  ].join("\n");
}
