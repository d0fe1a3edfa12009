import { strict as assert } from "node:assert";
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, sep } from "node:path";
import ts from "typescript";

/** The rooms of the domain in the order in which they may know of each other. */
const ROOMS = ["registry", "image", "secret", "environment", "delivery", "diagnosis"];
const PURE_LIBRARIES = ["zod/mini", "jsonc-parser", "yaml"];
const ROOT = process.cwd();
const SRC = join(ROOT, "src");

/** Every specifier that a file imports: type-only and dynamic imports and re-exports included. */
export function importsOf(text: string): string[] {
  return ts.preProcessFile(text, true, true).importedFiles.map(({ fileName }) => fileName);
}

/** Why `file` (relative to src, with slashes) may not import `specifier`, or undefined if it may. */
export function violation(file: string, specifier: string): string | undefined {
  const relativeImport = specifier.startsWith(".");
  const target = relativeImport ? join(dirname(file), specifier).split(sep).join("/") : specifier;
  const place = file.split("/");
  const goal = target.split("/");
  const no = (why: string) => `src/${file} imports "${specifier}": ${why}.`;

  if (relativeImport && target.startsWith("..")) return no("nothing outside src/ may be imported");
  if (file === "extension.ts" || file === "cli.ts" || file === "credentialStore.ts") return undefined;

  switch (place[0]) {
    case "domain": {
      if (!relativeImport) {
        return PURE_LIBRARIES.includes(specifier) ? undefined : no("the domain is pure and knows only pure libraries");
      }
      if (goal[0] !== "domain") return no("the domain knows nothing outside itself");
      if (goal.length === 2) return undefined;
      if (place.length === 2) return no("the files at the top of the domain know no room");
      const here = ROOMS.indexOf(place[1] ?? "");
      const there = ROOMS.indexOf(goal[1] ?? "");
      if (here < 0) return no(`"${String(place[1])}" is not a room of the domain (${ROOMS.join(" → ")})`);
      return there >= 0 && there <= here ? undefined : no(`rooms know only earlier rooms (${ROOMS.join(" → ")})`);
    }
    case "presentation":
      if (specifier === "@vscode/l10n" && file === "presentation/words.ts") return undefined;
      if (!relativeImport) return no("presentation is pure and uses no library");
      return goal[0] === "domain" || goal[0] === "presentation" ? undefined : no("presentation knows only the domain");
    case "adapters":
      if (specifier === "vscode") return no("only src/vscode may import vscode");
      if (!relativeImport) return undefined;
      if (goal[0] === "domain") return undefined;
      if (goal[0] === "adapters" && (goal[1] === place[1] || goal[1] === "process" || goal[1] === "http"))
        return undefined;
      return no("an adapter knows the domain, process and http, and no other adapter");
    case "vscode":
      if (!relativeImport) {
        return specifier === "vscode" ? undefined : no("src/vscode uses only its host's library");
      }
      return ["domain", "presentation", "vscode"].includes(goal[0] ?? "")
        ? undefined
        : no("src/vscode knows the domain and presentation, never adapters");
    case "cli":
      if (!relativeImport) {
        return specifier === "node:util" ? undefined : no("src/cli uses only node:util");
      }
      return ["domain", "presentation", "cli"].includes(goal[0] ?? "")
        ? undefined
        : no("src/cli knows the domain and presentation, never adapters");
    default:
      return no("this file lies in no folder of the house");
  }
}

function sources(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(".ts"))
    .map((entry) => relative(SRC, join(entry.parentPath, entry.name)).split(sep).join("/"));
}

describe("architecture", () => {
  it("sees every form of import", () => {
    const text = `import type { A } from "a"; import "b"; export * from "c"; const d = () => import("d"); const e = ' from "no"';`;
    assert.deepEqual(importsOf(text), ["a", "b", "c", "d"]);
  });

  it("every import goes the way the house allows", () => {
    const files = sources(SRC);
    assert.ok(files.length > 10, "the walk found the sources");
    const wrong = files.flatMap((file) =>
      importsOf(readFileSync(join(SRC, file), "utf8")).flatMap((specifier) => violation(file, specifier) ?? []),
    );
    assert.deepEqual(wrong, []);
  });

  const cases: [name: string, file: string, specifier: string, allowed: boolean][] = [
    ["a room may know an earlier room", "domain/secret/secret.ts", "../registry/host", true],
    ["a room may not know a later room", "domain/registry/host.ts", "../secret/secret", false],
    ["the domain may not know Node", "domain/secret/secret.ts", "node:fs", false],
    ["the domain may know zod/mini", "domain/secret/secret.ts", "zod/mini", true],
    ["the domain may not know an adapter", "domain/secret/secret.ts", "../../adapters/http/client", false],
    ["an adapter may not know another adapter", "adapters/docker/engine.ts", "../registries/probe", false],
    ["an adapter may know process", "adapters/docker/engine.ts", "../process/run", true],
    ["an adapter may not know vscode", "adapters/local/store.ts", "vscode", false],
    ["vscode may not know an adapter", "vscode/view.ts", "../adapters/docker/engine", false],
    ["only the file of the words may know the library of translations", "presentation/rows.ts", "@vscode/l10n", false],
    ["presentation may not know vscode", "presentation/rows.ts", "vscode", false],
    ["the composition root may know all", "extension.ts", "./adapters/docker/engine", true],
  ];
  for (const [name, file, specifier, allowed] of cases) {
    it(name, () => {
      assert.equal(violation(file, specifier) === undefined, allowed);
    });
  }
});
