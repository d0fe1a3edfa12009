// Runs the tests: node scripts/test.mjs [unit] [hook] [inhost] [e2e] [--grep TEXT] [--only FILE,FILE]; all tiers if none
// is named. --only takes names of test files without their ending.
//
// Each end-to-end file runs in a process of its own. One that fails in a window of VS Code, which loses a click now and then,
// is run once more, in a new window: what passed only then is named in the last lines as unsteady.
import { spawn } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { bundle, setup, TIERS } from "./setup.mjs";

const ROOT = fileURLToPath(new URL("..", import.meta.url)).replace(/\/$/, "");
const COUNTS = join(ROOT, ".testbed", "counts.json");

/** @typedef {{ passed: number, failed: number, skipped: number, failures?: string[], unsteady?: string[] }} Counts */

/** @type {Record<string, (grep: string | undefined) => Promise<Counts>>} */
const RUN = {
  unit: (grep) => mochaTier("unit", unitTests(), 10_000, grep),
  hook: (grep) => mochaTier("hook", testsIn("test/hook"), 60_000, grep),
  inhost: async (grep) => {
    const entries = ["test/inhost/run.ts", "test/inhost/index.ts", ...testsIn("test/inhost")];
    await bundleTests("inhost", entries);
    return counted([".build/test/inhost/run.js"], { TESTBED_GREP: grep });
  },
  e2e: async (grep) => {
    const { ensureEngine } = await import("../.build/scripts/testbed/engine.js");
    const engine = await ensureEngine();
    if (engine.started) console.log("(a container engine was started, and ends with the tests)");
    try {
      return await endToEnd(testsIn("test/e2e"), grep);
    } finally {
      await engine.stop();
    }
  },
};

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { grep: { type: "string" }, only: { type: "string" } },
});
const only = values.only?.split(",");
const unknown = positionals.filter((name) => !TIERS.includes(name));
if (unknown.length > 0) {
  console.error(`There is no tier ${unknown.join(", ")}: ${TIERS.join(", ")}`);
  process.exit(2);
}
const chosen = TIERS.filter((tier) => positionals.length === 0 || positionals.includes(tier));

const { missing } = await setup("test", chosen).catch((error) => {
  console.error(`setup: ${error.message}`);
  process.exit(1);
});

const total = { passed: 0, failed: 0, skipped: 0 };
const troubles = [];
const unsteady = [];
const add = (counts) => Object.keys(total).forEach((key) => (total[key] += counts[key]));
for (const tier of chosen) {
  const began = Date.now();
  console.log(`\n=== ${tier} ===`);
  const lacking = missing
    .filter((need) => need.tiers.includes(tier))
    .map((need) => `${need.package} (${need.purpose})`);
  if (lacking.length > 0) {
    const why = `${lacking.join(", ")} is not installed`;
    const inCi = process.env.CI === "true";
    console.log(inCi ? `failed: ${tier}: ${why}, and in CI nothing may be skipped` : `skipped: ${tier}: ${why}`);
    add({ passed: 0, failed: inCi ? 1 : 0, skipped: inCi ? 0 : 1 });
    continue;
  }
  const counts = await RUN[tier](values.grep).catch((error) => {
    console.error(`failed: ${tier}: ${error.message}`);
    return { passed: 0, failed: 1, skipped: 0 };
  });
  add(counts);
  for (const failure of counts.unsteady ?? []) unsteady.push(`unsteady: ${tier}: ${failure}`);
  troubles.push(...(counts.failures ?? []).map((failure) => `failed: ${tier}: ${failure}`));
  if (counts.passed === 0 && values.grep === undefined) troubles.push(`${tier}: no test passed`);
  console.log(`${tier}: ${sentence(counts)} (${((Date.now() - began) / 1000).toFixed(1)} s)`);
}

for (const line of [...unsteady, ...troubles]) console.log(line);
console.log(`\n${sentence(total)}`);
process.exit(total.failed > 0 || troubles.length > 0 ? 1 : 0);

function sentence({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed, ${skipped} skipped`;
}

/** @param {string} folder @returns {string[]} its test files, relative to the project's folder */
function testsIn(folder) {
  return readdirSync(join(ROOT, folder), { recursive: true })
    .filter((name) => name.endsWith(".test.ts"))
    .filter((name) => only === undefined || only.includes(basename(name, ".test.ts")))
    .map((name) => `${folder}/${name}`)
    .sort();
}

function unitTests() {
  return testsIn("test").filter((file) => !/^test\/(hook|inhost|e2e)\//.test(file));
}

/** Bundles the tests of a tier into `.build/test`, after removing what an earlier run has left of it. */
async function bundleTests(tier, entries) {
  const old = join(ROOT, ".build/test");
  for (const name of existsSync(old) ? readdirSync(old) : []) {
    const ofOtherTier = TIERS.includes(name) && name !== tier;
    if (name === tier || (tier === "unit" && !ofOtherTier)) rmSync(join(old, name), { recursive: true });
  }
  await bundle(entries, "test");
}

async function mochaTier(tier, files, timeout, grep) {
  await bundleTests(tier, files);
  return await mocha(files, timeout, grep);
}

function mocha(files, timeout, grep) {
  const built = files.map((file) => `.build/${file.replace(/\.ts$/, ".js")}`);
  return counted([".build/scripts/testbed/runMocha.js", ...built], { TESTBED_GREP: grep, TESTBED_TIMEOUT: timeout });
}

/** One file after another: in one process, mocha would leave out the later suites of steps (`bail`) once a test failed. */
async function endToEnd(files, grep) {
  await bundleTests("e2e", files);
  const total = { passed: 0, failed: 0, skipped: 0, failures: [], unsteady: [] };
  for (const file of files) {
    let counts = await mocha([file], 120_000, grep);
    if (counts.failed > 0 && basename(file).startsWith("window")) {
      console.log(`${file} failed: it is run once more, in a new window`);
      const first = counts.failures ?? [file];
      counts = await mocha([file], 120_000, grep);
      if (counts.failed === 0) total.unsteady.push(...first);
    }
    for (const key of ["passed", "failed", "skipped"]) total[key] += counts[key];
    total.failures.push(...(counts.failures ?? []));
  }
  return total;
}

/**
 * Runs a program of ours that writes its counts to a file.
 * @returns {Promise<Counts>} with a failure more if the program failed for another reason than a test
 */
async function counted(args, environment) {
  mkdirSync(join(ROOT, ".testbed"), { recursive: true });
  rmSync(COUNTS, { force: true });
  const env = { ...process.env, TESTBED_COUNTS: COUNTS };
  for (const [name, value] of Object.entries(environment)) if (value !== undefined) env[name] = String(value);
  const options = { cwd: ROOT, env, stdio: ["ignore", "inherit", "inherit"] };
  const child = spawn(process.execPath, ["--enable-source-maps", ...args], options);
  const code = await new Promise((resolve) => child.once("exit", resolve));
  const counts = existsSync(COUNTS) ? JSON.parse(readFileSync(COUNTS, "utf8")) : { passed: 0, failed: 0, skipped: 0 };
  if (code !== 0 && counts.failed === 0) {
    console.log(`the run ended with ${code} without a failed test`);
    counts.failed = 1;
  }
  return counts;
}
