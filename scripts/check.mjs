// What must hold of the source without running it: types, lint, format, and the tests of the architecture and the manifest.
//   npm run check
import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { setup } from "./setup.mjs";

const ROOT = fileURLToPath(new URL("..", import.meta.url)).replace(/\/$/, "");
const bin = (name) => join(ROOT, "node_modules/.bin", name);

const { missing } = await setup("check");
const shell = shellScripts();
const canCheckShell = !missing.some((need) => need.package === "shellcheck");

const checks = [
  ["types", bin("tsc"), ["--noEmit"]],
  ["lint", bin("eslint"), ["--max-warnings", "0", "--cache", "--cache-location", ".build/eslint/", "."]],
  ["format", bin("prettier"), ["--check", "--log-level", "warn", "."]],
  ...(canCheckShell ? [["shell", "shellcheck", shell]] : []),
  ["house", process.execPath, ["scripts/test.mjs", "unit", "--only", "architecture,manifest"]],
];
let failed = 0;
for (const [name, command, args] of checks) {
  const began = Date.now();
  const { status } = spawnSync(command, args, { cwd: ROOT, stdio: ["ignore", "inherit", "inherit"] });
  if (status !== 0) failed++;
  console.log(`check: ${name} ${status === 0 ? "ok" : "FAILED"} (${((Date.now() - began) / 1000).toFixed(1)} s)`);
}
if (!canCheckShell) {
  console.log("check: shell skipped: shellcheck is not installed");
  if (process.env.CI === "true") failed++;
}
process.exit(failed === 0 ? 0 : 1);

/** Every shell script that git knows of: by its ending, or by its first line. */
function shellScripts() {
  const found = [];
  const walk = (folder) => {
    for (const entry of readdirSync(join(ROOT, folder), { withFileTypes: true })) {
      const path = `${folder}/${entry.name}`;
      if (entry.isDirectory()) walk(path);
      else if (
        /\.sh$/.test(entry.name) ||
        /^#!\/(?:usr\/)?bin\/(?:env )?(?:ba)?sh\b/.test(readFileSync(join(ROOT, path), "utf8").slice(0, 40))
      ) {
        found.push(path);
      }
    }
  };
  for (const folder of ["devcontainer-feature", ".ci"]) walk(folder);
  return found;
}
