// Takes the README's pictures anew: npm run pictures. They are what the window tests see on their way.
import { spawnSync } from "node:child_process";
import { copyFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("..", import.meta.url));

/** The test whose screenshot it is, the screenshot, and the picture of the README. */
const PICTURES = [
  ["window", "diagnosis-wrong-password", "diagnosis"],
  ["windowEnvironments", "environments-suggestion", "environments"],
];

const tests = PICTURES.map(([test]) => test).join(",");
const args = ["scripts/test.mjs", "e2e", "--only", tests];
const { status } = spawnSync(process.execPath, args, { cwd: ROOT, stdio: "inherit" });
if (status !== 0) process.exit(status ?? 1);
for (const [, screenshot, picture] of PICTURES) {
  copyFileSync(join(ROOT, `artifacts/${screenshot}.png`), join(ROOT, `docs/images/${picture}.png`));
  console.log(`docs/images/${picture}.png`);
}
