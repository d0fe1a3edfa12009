// Packs the extension: npm run package [-- FILE]. Prints the size and what is in it.
import { createVSIX, listFiles } from "@vscode/vsce";
import { statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url)).replace(/\/$/, "");
const packagePath = process.argv[2] ?? join(root, "registry-secrets.vsix");

const kilobytes = (bytes) => `${(bytes / 1024).toFixed(1).padStart(8)} kB`;

await createVSIX({ cwd: root, packagePath, skipLicense: false });
const files = await listFiles({ cwd: root, packagedDependencies: [] });
for (const file of files) console.log(`${kilobytes(statSync(join(root, file)).size)}  ${file}`);
console.log(`${kilobytes(statSync(packagePath).size)}  ${packagePath}`);
