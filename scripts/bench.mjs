// Measures, as ratios against another way to the same end in the same run: npm run bench [-- CASE…].
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { bundle, setup } from "./setup.mjs";

const ROOT = fileURLToPath(new URL("..", import.meta.url)).replace(/\/$/, "");

const { missing } = await setup("test");
for (const need of missing) console.log(`${need.package} (${need.purpose}) is not installed: cases that need it fail`);
spawnSync(process.execPath, ["scripts/build.mjs", "--release"], { cwd: ROOT, stdio: "inherit" });
await bundle(["scripts/bench/main.ts"], "scripts");
const { status } = spawnSync(process.execPath, [".build/scripts/bench/main.js", ...process.argv.slice(2)], {
  cwd: ROOT,
  stdio: "inherit",
});
process.exit(status ?? 1);
