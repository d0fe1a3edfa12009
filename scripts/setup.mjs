// Makes a fresh clone ready, on a machine that has nothing but Node and npm (and, on Debian or Ubuntu as root, apt):
//   node scripts/setup.mjs start | open | test [tier…]
// It may be run again at any time; what is there already is not touched. It never asks anything.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  accessSync,
  appendFileSync,
  chmodSync,
  constants,
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { delimiter, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const ROOT = fileURLToPath(new URL("..", import.meta.url)).replace(/\/$/, "");
const TESTBED = join(ROOT, ".testbed");
const LOG = join(TESTBED, "setup.log");
/** Packages that are unpacked here and not installed: on PATH, Docker would take them for everyone's default store. */
const HELPERS = join(TESTBED, "helpers");

/** The tiers of `npm test`, in their order. */
export const TIERS = ["unit", "hook", "inhost", "e2e"];

/**
 * What comes from the system: the package of Debian and Ubuntu, what it is for, who needs it, whether it is there.
 * `start` and `open` stand for `npm start` and `npm run open`, `check` for `npm run check`, the others for tiers of the tests.
 * @typedef {{ package: string, purpose: string, tiers: string[] }} Need
 * @type {(Need & { present: () => boolean, unpacked?: boolean })[]}
 */
const NEEDS = [
  {
    package: "docker-cli", // Debian 13 and newer; before, docker.io has both
    purpose: "the Docker client",
    tiers: ["start", "open", "e2e"],
    present: () => has("docker"),
  },
  {
    package: "docker.io",
    purpose: "a container engine",
    tiers: ["start", "open", "e2e"],
    present: () => has("docker") && (engineAnswers() || has("dockerd")),
  },
  {
    package: "iptables",
    purpose: "the container engine's network",
    tiers: ["start", "open", "e2e"],
    present: () => engineAnswers() || has("iptables"),
  },
  {
    package: "docker-registry",
    purpose: "a private registry",
    tiers: ["start", "open", "e2e"],
    present: () => has("docker-registry"),
  },
  {
    package: "apache2-utils",
    purpose: "the registry's passwords (htpasswd)",
    tiers: ["start", "open", "e2e"],
    present: () => has("htpasswd"),
  },
  {
    package: "busybox-static",
    purpose: "an image made from nothing, and a shell for the hook",
    tiers: ["start", "open", "hook", "e2e"],
    present: hasStaticBusybox,
  },
  { package: "git", purpose: "workspaces that are repositories", tiers: ["start", "e2e"], present: () => has("git") },
  {
    package: "openssl",
    purpose: "the certificate of the registry's token server",
    tiers: ["e2e"],
    present: () => has("openssl"),
  },
  { package: "skopeo", purpose: "a second registry client", tiers: ["e2e"], present: () => has("skopeo") },
  { package: "podman", purpose: "a third registry client", tiers: ["e2e"], present: () => has("podman") },
  { package: "buildah", purpose: "a fourth registry client", tiers: ["e2e"], present: () => has("buildah") },
  {
    package: "debootstrap",
    purpose: "a Debian image",
    tiers: ["e2e"],
    present: () => existsSync(join(TESTBED, "debian.tar")) || has("debootstrap"),
  },
  {
    package: "jq",
    purpose: "reading JSON in tests of shell scripts",
    tiers: ["hook", "e2e"],
    present: () => has("jq"),
  },
  { package: "gawk", purpose: "one of the hook's awks", tiers: ["hook", "e2e"], present: () => has("gawk") },
  { package: "mawk", purpose: "one of the hook's awks", tiers: ["hook"], present: () => has("mawk") },
  {
    package: "original-awk",
    purpose: "one of the hook's awks",
    tiers: ["hook", "e2e"],
    present: () => has("original-awk"),
  },
  { package: "dash", purpose: "one of the hook's shells", tiers: ["hook"], present: () => has("dash") },
  { package: "bash", purpose: "one of the hook's shells", tiers: ["hook"], present: () => has("bash") },
  {
    package: "shellcheck",
    purpose: "checking the shell scripts",
    tiers: ["check", "hook"],
    present: () => has("shellcheck"),
  },
  {
    package: "tinyproxy",
    purpose: "a forward proxy that wants a login",
    tiers: ["unit", "e2e"],
    present: () => has("tinyproxy"),
  },
  {
    package: "docker-compose",
    purpose: "the judge of how Compose files are read",
    tiers: ["unit", "e2e"],
    present: () => has("docker-compose"),
  },
  { package: "gnupg", purpose: "the keys of pass", tiers: ["unit"], present: () => has("gpg") },
  {
    package: "pass",
    purpose: "the keeper behind a real credential helper",
    tiers: ["unit"],
    unpacked: true,
    present: () => existsSync(join(HELPERS, "usr/bin/pass")),
  },
  {
    package: "golang-docker-credential-helpers",
    purpose: "real credential helpers",
    tiers: ["unit"],
    unpacked: true,
    present: () => existsSync(join(HELPERS, "usr/bin/docker-credential-pass")),
  },
  {
    package: "chromium",
    purpose: "a window for VS Code",
    tiers: ["inhost", "e2e"],
    present: () => [process.env.CHROMIUM ?? "chromium", "google-chrome"].some(has),
  },
];

/**
 * Makes the clone ready for one purpose.
 * @param {"start" | "open" | "test"} purpose
 * @param {string[]} [tiers] for `test`: the tiers that will run; all of them if absent
 * @returns {Promise<{ missing: Need[] }>} what is not there and could not be installed
 * @throws Error when the npm packages or the build fail
 */
export async function setup(purpose, tiers = TIERS) {
  const began = Date.now();
  mkdirSync(TESTBED, { recursive: true });
  writeFileSync(LOG, "");
  const users = purpose === "test" ? (tiers.length === TIERS.length ? ["check", ...tiers] : tiers) : [purpose];

  installNpmPackages();
  const missing = installSystemPackages(users);
  await buildAll();
  if (users.some((user) => ["open", "inhost", "e2e"].includes(user))) installVscodeHost();

  for (const need of missing) {
    const skipped = need.tiers.filter((tier) => users.includes(tier));
    say(`missing: ${need.package} (${need.purpose}); without it will not run: ${skipped.join(", ")}`);
  }
  say(`ready${missing.length > 0 ? " as far as possible" : ""} (${seconds(began)})`);
  return { missing };
}

function installNpmPackages() {
  if (npmPackagesAreThere()) return;
  step("npm packages", () => {
    execute("npm", ["ci", "--no-audit", "--no-fund"], { cwd: ROOT });
  });
}

/** Whether node_modules holds what package-lock.json names: by npm's own record of what it has installed, not by times. */
function npmPackagesAreThere() {
  const wanted = JSON.parse(readFileSync(join(ROOT, "package-lock.json"), "utf8")).packages;
  let installed;
  try {
    installed = JSON.parse(readFileSync(join(ROOT, "node_modules/.package-lock.json"), "utf8")).packages;
  } catch {
    return false;
  }
  const names = Object.keys(wanted).filter((name) => name !== "");
  return (
    names.every((name) => wanted[name].optional || installed[name]?.integrity === wanted[name].integrity) &&
    Object.keys(installed).every((name) => wanted[name] !== undefined)
  );
}

/** @param {string[]} users @returns {Need[]} */
function installSystemPackages(users) {
  const lacking = () =>
    NEEDS.filter((need) => need.tiers.some((tier) => users.includes(tier)) && !need.present()).map(
      ({ package: name, purpose, tiers }) => ({ package: name, purpose, tiers }),
    );
  const before = lacking();
  if (before.length === 0 || process.getuid?.() !== 0 || !has("apt-get")) return before;

  const names = before.map((need) => need.package);
  try {
    step(`system packages: ${names.join(" ")}`, () => {
      const apt = ["-qq", "-o", "DPkg::Lock::Timeout=120"];
      const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
      execute("apt-get", [...apt, "update"], { env });
      const known = names.filter((name) => aptCanInstall(name));
      const isUnpacked = (name) => NEEDS.some((need) => need.package === name && need.unpacked);
      const toInstall = known.filter((name) => !isUnpacked(name));
      if (toInstall.length > 0) {
        execute("apt-get", [...apt, "install", "-y", "--no-install-recommends", ...toInstall], { env });
      }
      for (const name of known.filter(isUnpacked)) unpack(name, env);
    });
  } catch (error) {
    say(error.message);
  }
  engine = undefined;
  return lacking();
}

/** Fetches a package and takes it apart below `HELPERS`. */
function unpack(name, env) {
  const folder = join(TESTBED, "download", name);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  // as root, apt fetches as a user of its own, who must be able to write here
  execute("apt-get", ["-qq", "-o", "APT::Sandbox::User=root", "download", name], { cwd: folder, env });
  for (const file of readdirSync(folder)) execute("dpkg", ["-x", join(folder, file), HELPERS]);
  rmSync(folder, { recursive: true, force: true });
}

function aptCanInstall(name) {
  const { stdout } = spawnSync("apt-cache", ["policy", name], {
    encoding: "utf8",
    env: { ...process.env, LC_ALL: "C" },
  });
  return /Candidate: (?!\(none\))/.test(stdout ?? "");
}

/** dist/ and the scripts that are written in TypeScript, when their sources have changed. */
async function buildAll() {
  const folders = ["src", "scripts"].map((name) => join(ROOT, name));
  const inputs = ["package.json", "package-lock.json"].map((name) => join(ROOT, name));
  const fingerprint = hash(
    [...folders.flatMap(filesBelow), ...inputs].map((file) => [file, statSync(file).size, statSync(file).mtimeMs]),
  );
  const stamp = join(ROOT, ".build", "fingerprint");
  const outputs = [join(ROOT, ".build/scripts"), join(ROOT, "dist")];
  if (outputs.every(existsSync) && existsSync(stamp) && readFileSync(stamp, "utf8") === fingerprint) return;
  await stepAsync("build", async () => {
    rmSync(stamp, { force: true });
    const sources = filesBelow(join(ROOT, "src")).filter((file) => file.endsWith(".ts"));
    if (sources.length > 0) execute(process.execPath, ["scripts/build.mjs"], { cwd: ROOT });
    const atTop = readdirSync(join(ROOT, "scripts")).filter((name) => name.endsWith(".ts"));
    const entries = [
      ...atTop,
      "testbed/engine.ts",
      "testbed/leaseHolder.ts",
      "testbed/runMocha.ts",
      "testbed/vscodeHost/code.ts",
    ];
    await bundle(
      entries.map((name) => `scripts/${name}`),
      "scripts",
    );
    chmodSync(join(ROOT, ".build/scripts/testbed/vscodeHost/code.js"), 0o755);
    writeFileSync(stamp, fingerprint);
  });
}

/**
 * Bundles TypeScript files into `.build/<base>/…`; packages stay outside, in node_modules.
 * @param {string[]} entryPoints relative to the project's folder
 * @param {string} base the folder below which the entry points lie
 */
export async function bundle(entryPoints, base) {
  const { build } = await import("esbuild");
  await build({
    absWorkingDir: ROOT,
    entryPoints,
    outbase: base,
    outdir: `.build/${base}`,
    bundle: true,
    platform: "node",
    target: "node20",
    format: "cjs",
    packages: "external",
    loader: { ".json": "json" },
    sourcemap: "linked",
    logLevel: "warning",
  });
}

/**
 * A VS Code server from npm, without a compiler. `--ignore-scripts`, because code-server would otherwise refuse any Node
 * but its own and compile native modules; two of them are missed at run time and have stand-ins in testbed/vscode-host.
 */
function installVscodeHost() {
  const recipe = join(ROOT, "scripts/testbed/vscode-host");
  const target = join(TESTBED, "vscode-host");
  const stamp = join(target, "recipe");
  const fingerprint = hash([
    installVscodeHost.toString(),
    ...filesBelow(recipe).map((file) => readFileSync(file, "utf8")),
  ]);
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === fingerprint) return;

  step("VS Code host", () => {
    const part = `${target}.part`;
    for (const folder of [part, target]) rmSync(folder, { recursive: true, force: true });
    mkdirSync(part, { recursive: true });
    copyFileSync(join(recipe, "package.json"), join(part, "package.json"));
    const install = ["install", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"];
    execute("npm", [...install, "--no-package-lock"], { cwd: part });
    const vscode = join(part, "node_modules/code-server/lib/vscode");
    // `npm ci` refuses: the lock file that comes with VS Code does not fit its package.json.
    execute("npm", [...install, "--omit=dev", "--no-save"], { cwd: vscode });
    // 217 MB that no test loads
    for (const heavy of ["@github", "@microsoft/mxc-sdk"]) {
      rmSync(join(vscode, "node_modules", heavy), { recursive: true, force: true });
    }
    copyFileSync(join(recipe, "spdlog.js"), join(vscode, "node_modules/@vscode/spdlog/index.js"));
    const watchdog = join(vscode, "node_modules/@vscode/native-watchdog/build/Release");
    mkdirSync(watchdog, { recursive: true });
    copyFileSync(join(recipe, "watchdog.js"), join(watchdog, "watchdog.js"));
    writeFileSync(join(part, "recipe"), fingerprint);
    renameSync(part, target);
  });
}

/** Whether a program is on PATH, or is itself the path of one. */
function has(command) {
  const folders = command.includes("/") ? [""] : [...(process.env.PATH ?? "").split(delimiter), "/usr/sbin", "/sbin"];
  return folders.some((folder) => {
    try {
      accessSync(join(folder, command), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

/** @type {boolean | undefined} */
let engine;
function engineAnswers() {
  engine ??= spawnSync("docker", ["version"], { stdio: "ignore", timeout: 15_000 }).status === 0;
  return engine;
}

/** The image is made of this one file, so it must need no other: ldd finds fault with a static program. */
function hasStaticBusybox() {
  return existsSync("/bin/busybox") && spawnSync("ldd", ["/bin/busybox"], { stdio: "ignore" }).status !== 0;
}

function filesBelow(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name))
    .sort();
}

function hash(value) {
  return createHash("sha256").update(JSON.stringify(value)).digest("hex");
}

function say(text) {
  console.log(`setup: ${text}`);
}

function seconds(since) {
  return `${((Date.now() - since) / 1000).toFixed(1)} s`;
}

function step(name, work) {
  const began = Date.now();
  say(`${name} …`);
  work();
  say(`${name.split(":")[0]} done (${seconds(began)})`);
}

async function stepAsync(name, work) {
  const began = Date.now();
  await work();
  say(`${name} done (${seconds(began)})`);
}

/** Runs a program quietly: what it prints goes to the log, and its end into the error if it fails. */
function execute(command, args, options) {
  const result = spawnSync(command, args, {
    ...options,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "pipe"],
    maxBuffer: 64e6,
  });
  const output = `${result.stdout ?? ""}${result.stderr ?? ""}`;
  appendFileSync(LOG, `$ ${command} ${args.join(" ")}\n${output}\n`);
  if (result.status === 0) return;
  const lines = output.trim().split("\n");
  const shown = lines.length <= 30 ? lines : [...lines.slice(0, 15), "…", ...lines.slice(-15)];
  const reason = result.error?.message ?? result.status ?? result.signal;
  throw new Error(
    `${command} ${args.join(" ")} failed (${reason}); all of its output is in ${LOG}:\n${shown.join("\n")}`,
  );
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  const [purpose = "start", ...tiers] = process.argv.slice(2);
  if (!["start", "open", "test"].includes(purpose)) {
    console.error("usage: node scripts/setup.mjs start | open | test [tier…]");
    process.exit(2);
  }
  await setup(purpose, tiers.length > 0 ? tiers : undefined).catch((error) => {
    console.error(`setup: ${error.message}`);
    process.exit(1);
  });
}
