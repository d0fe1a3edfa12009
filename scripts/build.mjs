// Builds the extension, the command line and the credential store with esbuild into dist/:
//   node scripts/build.mjs [--release] [--outdir DIR] [--list]
// --list prints, as JSON, which files of the sources and libraries each program loads at its start.
//
// A start must load little. What the sources ask for with `import()` goes into files of its own, loaded when first needed; what
// the start needs is one file, from which those take what they share with it (state and classes exist once).
import { build } from "esbuild";
import { chmodSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { basename, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

const root = fileURLToPath(new URL("..", import.meta.url));
const { values: options } = parseArgs({
  options: {
    release: { type: "boolean", default: false },
    outdir: { type: "string", default: "dist" },
    list: { type: "boolean", default: false },
  },
});
const outdir = resolve(root, options.outdir);

/** Libraries that are heavy and know nothing of us: each is a file of its own that the programs share. */
const LIBRARIES = {
  yaml: "yaml",
  awsSdk: "./src/adapters/aws/awsSdk.ts",
  azureSdk: "./src/adapters/azure/azureSdk.ts",
  googleSdk: "./src/adapters/gcp/googleSdk.ts",
};

/** @type {import("esbuild").BuildOptions} */
const common = {
  absWorkingDir: root,
  bundle: true,
  platform: "node",
  target: "node20",
  mainFields: ["module", "main"], // jsonc-parser's UMD entry requires files that a bundle does not have
  logLevel: "warning",
  legalComments: "none",
  outdir,
  write: false,
};

/** @type {import("esbuild").BuildOptions} */
const asShipped = {
  ...common,
  format: "cjs",
  minify: options.release,
  sourcemap: options.release ? false : "linked",
  supported: { "dynamic-import": false }, // becomes require: Node reads a file for import() through a slow scanner
};

/** Rewrites an import of a shared library to the file that holds it. @type {import("esbuild").Plugin} */
const sharedLibraries = {
  name: "shared-libraries",
  setup(build) {
    const filter = new RegExp(`^(?:\\./)?(${Object.keys(LIBRARIES).join("|")})$`);
    build.onResolve({ filter }, ({ path }) => ({ path: `./${basename(path)}.js`, external: true }));
  },
};

const programs = await Promise.all([
  program("extension"),
  program("cli", "#!/usr/bin/env node"),
  program("credentialStore"),
]);
const libraries = await Promise.all(
  Object.entries(LIBRARIES).map(([name, entry]) => build({ ...asShipped, entryPoints: [{ in: entry, out: name }] })),
);
write([...programs, ...libraries].flatMap(({ outputFiles }) => outputFiles));
chmodSync(`${outdir}/cli.js`, 0o755);
if (options.list) {
  console.log(JSON.stringify(Object.fromEntries(programs.map(({ name, start }) => [name, start])), undefined, 2));
}

/**
 * `src/<name>.ts` as `<name>.js`, and its later parts as `<name>-….js`. esbuild splits only into ES modules, and into many:
 * so its parts are bundled once more, those of the start into one.
 */
async function program(name, firstLine) {
  const { outputFiles, metafile } = await build({
    ...common,
    entryPoints: [`src/${name}.ts`],
    format: "esm",
    splitting: true,
    entryNames: name,
    chunkNames: `${name}-[name]-[hash]`,
    external: ["vscode"],
    plugins: [sharedLibraries],
    sourcemap: options.release ? false : "inline",
    metafile: true,
  });
  const nameOf = (path) => `./${basename(path)}`;
  const texts = new Map(outputFiles.map(({ path, text }) => [nameOf(path), text]));
  const outputs = Object.entries(metafile.outputs).map(([path, output]) => ({ part: nameOf(path), ...output }));
  /** What each part imports of the others at once. */
  const imports = new Map(
    outputs.map(({ part, imports }) => [
      part,
      imports.flatMap(({ path, kind, external }) => (kind === "import-statement" && !external ? [nameOf(path)] : [])),
    ]),
  );
  const main = `./${name}.js`;
  const start = new Set([main]);
  for (const part of start) for (const other of imports.get(part)) start.add(other);
  const later = [...imports.keys()].filter((part) => !start.has(part));
  const exportName = (part) => part.replace(/\W/g, "_");
  const shared = [...start].filter((part) => part !== main && later.some((one) => imports.get(one).includes(part)));
  const startText = [
    `export * from "${main}";`,
    ...shared.map((part) => `export * as ${exportName(part)} from "${part}";`),
  ].join("\n");

  /** @type {(entry: string) => import("esbuild").Plugin} */
  const partsOf = (entry) => ({
    name: "parts",
    setup(build) {
      build.onResolve({ filter: /.*/ }, ({ path, kind, namespace }) => {
        if (kind === "entry-point")
          return entry === main ? { path, namespace: "start" } : { path: entry, namespace: "part" };
        const isElsewhere = !start.has(path) || kind === "dynamic-import" || namespace === "of-the-start";
        if (isElsewhere) return { path, external: true };
        return { path, namespace: start.has(entry) ? "part" : "of-the-start" };
      });
      build.onLoad({ filter: /.*/, namespace: "start" }, () => ({ contents: startText }));
      build.onLoad({ filter: /.*/, namespace: "part" }, ({ path }) => ({ contents: texts.get(path) }));
      build.onLoad({ filter: /.*/, namespace: "of-the-start" }, ({ path }) => ({
        contents: `module.exports = require("${main}").${exportName(path)};`,
      }));
    },
  });
  const results = await Promise.all(
    [main, ...later].map((part) =>
      build({
        ...asShipped,
        entryPoints: [{ in: part, out: part.slice(2, -3) }],
        plugins: [partsOf(part)],
        ...(part === main && firstLine !== undefined ? { banner: { js: firstLine } } : {}),
      }),
    ),
  );
  return {
    name,
    outputFiles: results.flatMap(({ outputFiles }) => outputFiles),
    start: outputs.filter(({ part }) => start.has(part)).flatMap(({ inputs }) => Object.keys(inputs)),
  };
}

/** Writes what was built; what an earlier build left must not be shipped. */
function write(files) {
  mkdirSync(outdir, { recursive: true });
  const names = new Set(files.map(({ path }) => basename(path)));
  for (const name of readdirSync(outdir)) if (!names.has(name)) rmSync(`${outdir}/${name}`, { recursive: true });
  for (const { path, contents } of files) writeFileSync(path, contents);
}
