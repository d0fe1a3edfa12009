// Builds the extension, the command line and the credential store with esbuild: `node scripts/build.mjs [--release]`.
import { build } from "esbuild";
import { chmodSync, readdirSync, rmSync } from "node:fs";
import { basename } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const release = process.argv.includes("--release");

/** Libraries that are heavy and not needed at the start: each becomes a file of its own, loaded when first needed. */
const LAZY = { undici: "scripts/undici.cjs" };

/** @type {import("esbuild").BuildOptions} */
const common = {
  absWorkingDir: root,
  bundle: true,
  platform: "node",
  target: "node20",
  format: "cjs",
  mainFields: ["module", "main"], // jsonc-parser's UMD entry requires files that a bundle does not have
  sourcemap: release ? false : "linked",
  minify: release,
  keepNames: true,
  supported: { "dynamic-import": false }, // becomes require: Node reads a file for import() through a slow scanner
  logLevel: "warning",
  metafile: true,
  legalComments: "none",
};

/** Rewrites an import of a lazy library to the file that holds it. @type {import("esbuild").Plugin} */
const lazyLibraries = {
  name: "lazy-libraries",
  setup(build) {
    const filter = new RegExp(`^(${Object.keys(LAZY).join("|")})$`);
    build.onResolve({ filter }, ({ path }) => ({ path: `./${path}.js`, external: true }));
  },
};

const results = await Promise.all([
  build({
    ...common,
    entryPoints: ["src/extension.ts", "src/cli.ts", "src/credentialStore.ts"],
    outdir: "dist",
    external: ["vscode"],
    plugins: [lazyLibraries],
  }),
  ...Object.entries(LAZY).map(([name, entry]) =>
    build({ ...common, entryPoints: [{ in: entry, out: name }], outdir: "dist" }),
  ),
]);
// what an earlier build left must not be shipped
const outputs = new Set(results.flatMap(({ metafile }) => Object.keys(metafile.outputs).map((path) => basename(path))));
for (const name of readdirSync(`${root}/dist`))
  if (!outputs.has(name)) rmSync(`${root}/dist/${name}`, { recursive: true });
chmodSync(`${root}/dist/cli.js`, 0o755);
