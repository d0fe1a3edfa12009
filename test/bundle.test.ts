import { strict as assert } from "node:assert";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** What a start may weigh: VS Code reads and compiles it whenever a window opens. */
const LARGEST_START = 200_000;

/** What no start needs: large, or part of what a command does. */
const LATER = [
  "node_modules/yaml",
  "node_modules/jsonc-parser",
  "node_modules/@aws-sdk",
  "node_modules/google-auth-library",
  "node_modules/@azure",
  "src/domain/diagnosis/errorTexts",
  "src/domain/image/dockerfile.ts",
  "src/domain/image/composeFile.ts",
  "src/adapters/registries",
  "src/adapters/http",
];

describe("the release build", function () {
  this.timeout(60_000);
  let folder: string;
  let starts: Record<"extension" | "cli" | "credentialStore", string[]>;

  before(() => {
    folder = mkdtempSync(join(tmpdir(), "bundle-"));
    const args = ["scripts/build.mjs", "--release", "--list", "--outdir", folder];
    starts = JSON.parse(execFileSync(process.execPath, args, { encoding: "utf8" })) as typeof starts;
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  for (const program of ["extension", "cli"] as const) {
    it(`starts ${program} with one file that is not large`, () => {
      const size = statSync(join(folder, `${program}.js`)).size;
      assert.ok(
        size < LARGEST_START,
        `dist/${program}.js has ${size} bytes, at most ${LARGEST_START} are allowed: load what the start does not need with import()`,
      );
      assert.ok(starts[program].length > 20, "the list of what it holds is whole");
      assert.deepEqual(
        starts[program].filter((file) => LATER.some((heavy) => file.startsWith(heavy))),
        [],
      );
    });
  }

  it("loads no second file with the extension, and its parts take what they share from it", () => {
    const script = `
      const Module = require("node:module");
      const load = Module._load;
      const { join } = require("node:path");
      const folder = ${JSON.stringify(folder)};
      // a module is only read here, not run: whatever name it takes from VS Code is there
      const anything = new Proxy(function () {}, { get: () => anything, apply: () => anything });
      const text = require("node:fs").readFileSync(join(folder, "extension.js"), "utf8");
      const vscode = Object.fromEntries(Array.from(text.matchAll(/\\.([A-Za-z]\\w*)/g), ([, name]) => [name, anything]));
      Module._load = function (id, ...rest) { return id === "vscode" ? vscode : load.call(this, id, ...rest); };
      const own = () => Object.keys(require.cache).filter((file) => file.startsWith(folder)).map((file) => file.slice(folder.length + 1));
      require(join(folder, "extension.js"));
      const start = own();
      for (const file of require("node:fs").readdirSync(folder)) if (file.startsWith("extension-")) require(join(folder, file));
      console.log(JSON.stringify({ start, all: own() }));`;
    const printed = execFileSync(process.execPath, ["-e", script], { encoding: "utf8" });
    const { start, all } = JSON.parse(printed) as { start: string[]; all: string[] };
    assert.deepEqual(start, ["extension.js"]);
    const built = readdirSync(folder).filter((file) => file.startsWith("extension"));
    assert.ok(built.length > 10);
    assert.deepEqual(all.filter((file) => built.includes(file)).sort(), built.sort());
  });

  it("starts the credential store, which Docker runs for every registry, with next to nothing", () => {
    assert.deepEqual(starts.credentialStore, ["src/credentialStore.ts"]);
  });
});
