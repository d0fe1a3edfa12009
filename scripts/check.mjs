// What must hold of the source without running it: types, lint, format, and the tests of the architecture and the manifest.
//   npm run check
import { spawn } from "node:child_process";
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
// side by side: linting takes as long as all the others; what each prints stays together
await Promise.all(
  checks.map(async ([name, command, args]) => {
    const began = Date.now();
    const { status, output } = await outcomeOf(command, args);
    if (status !== 0) failed++;
    const seconds = ((Date.now() - began) / 1000).toFixed(1);
    console.log(`${output}check: ${name} ${status === 0 ? "ok" : "FAILED"} (${seconds} s)`);
  }),
);
if (!canCheckShell) {
  console.log("check: shell skipped: shellcheck is not installed");
  if (process.env.CI === "true") failed++;
}
process.exit(failed === 0 ? 0 : 1);

/** @returns {Promise<{ status: number | null, output: string }>} the status is null for a program that cannot be started */
async function outcomeOf(command, args) {
  const child = spawn(command, args, { cwd: ROOT, stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", (text) => (output += text));
  return await new Promise((resolve) => {
    child.once("error", (error) => resolve({ status: null, output: `${error.message}\n` }));
    child.once("close", (status) => resolve({ status, output }));
  });
}

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
