import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { engineAddress } from "./engine";
import { temporaryFolder, TESTBED } from "./folders";
import { run, runOrThrow } from "./run";

/** A static busybox: ash and busybox awk. Users root and dev (1000). */
export const BUSYBOX_IMAGE = "registry-secrets-test/busybox:1";
/** Debian's minimal root: dash and mawk. Users root and dev (1000). */
export const DEBIAN_IMAGE = "registry-secrets-test/debian:1";
/** The same with gawk as awk. */
export const DEBIAN_GAWK_IMAGE = "registry-secrets-test/debian-gawk:1";
/** The same with the original awk as awk, and bash as sh. */
export const DEBIAN_ORIGINAL_AWK_IMAGE = "registry-secrets-test/debian-original-awk:1";
/** The busybox image with a real Docker client, for pulls inside a container through the engine's socket. */
export const DOCKER_CLIENT_IMAGE = "registry-secrets-test/docker-client:1";
/** The busybox image with skopeo, for pulls inside a container without an engine. */
export const SKOPEO_IMAGE = "registry-secrets-test/skopeo:1";

const RECIPES = {
  [BUSYBOX_IMAGE]: (tar) => packBusybox(tar),
  [DEBIAN_IMAGE]: packDebian,
  [DEBIAN_GAWK_IMAGE]: (tar) => packDebianWith(tar, "/usr/bin/gawk", { "etc/alternatives/awk": "/usr/bin/gawk" }),
  [DEBIAN_ORIGINAL_AWK_IMAGE]: (tar) =>
    packDebianWith(tar, "/usr/bin/original-awk", {
      "etc/alternatives/awk": "/usr/bin/original-awk",
      "usr/bin/sh": "bash",
    }),
  [DOCKER_CLIENT_IMAGE]: (tar) => packBusybox(tar, [dockerClient()]),
  [SKOPEO_IMAGE]: (tar) => packBusybox(tar, ["/usr/bin/skopeo"]),
} satisfies Record<string, (tar: string) => Promise<void>>;
type Image = keyof typeof RECIPES;

/** Goes up with every change of a recipe, so that an image made by an older one is made anew. */
const RECIPE = { label: "registry-secrets-test.recipe", value: "1" };

/** Makes those of the images that the engine does not have; nothing comes from another registry. */
export async function ensureImages(...images: Image[]): Promise<void> {
  for (const image of images) {
    const format = `{{index .Config.Labels "${RECIPE.label}"}}`;
    const known = await run("docker", ["image", "inspect", "--format", format, image]);
    if (known.stdout.trim() === RECIPE.value) continue;
    const folder = temporaryFolder("image");
    try {
      const tar = join(folder, "root.tar");
      await RECIPES[image](tar);
      const changes = [
        "ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
        'CMD ["/bin/sh"]',
        `LABEL ${RECIPE.label}=${RECIPE.value}`,
      ];
      await runOrThrow("docker", ["import", ...changes.flatMap((change) => ["--change", change]), tar, image]);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }
}

export interface PushCredential {
  username: string;
  password: string;
}

/**
 * Pushes an image of the engine under a new name, and takes that name away from the engine again, so that a later pull
 * is a real one. The credential lives in a Docker configuration of its own for as long as that takes.
 * @param reference the whole new name: `localhost:5000/acme/app:1`
 */
export async function pushImage(localTag: string, reference: string, credential?: PushCredential): Promise<void> {
  const folder = temporaryFolder("push");
  try {
    const registry = reference.split("/", 1)[0] ?? "";
    const auth = Buffer.from(`${credential?.username ?? ""}:${credential?.password ?? ""}`).toString("base64");
    const config = credential === undefined ? {} : { auths: { [registry]: { auth } } };
    writeFileSync(join(folder, "config.json"), JSON.stringify(config), { mode: 0o600 });
    // The current context is part of the user's configuration, so its address has to be said.
    const environment = { ...process.env, DOCKER_HOST: await engineAddress(), DOCKER_CONFIG: folder };
    await runOrThrow("docker", ["tag", localTag, reference]);
    await runOrThrow("docker", ["push", "--quiet", reference], { environment });
    await runOrThrow("docker", ["rmi", "--no-prune", reference]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const PASSWD = `root:x:0:0:root:/root:/bin/sh
dev:x:1000:1000:dev:/home/dev:/bin/sh
nobody:x:65534:65534:nobody:/:/bin/false
`;
const GROUP = "root:x:0:\ndev:x:1000:\nnobody:x:65534:\n";

/** @param programs of this machine, which go to /usr/bin together with the libraries that they load */
async function packBusybox(tar: string, programs: readonly string[] = []): Promise<void> {
  const root = temporaryFolder("root");
  try {
    for (const name of ["bin", "dev", "etc", "home", "proc", "root", "run", "sys", "tmp", "usr", "var/tmp"]) {
      mkdirSync(join(root, name), { recursive: true });
    }
    chmodSync(join(root, "root"), 0o700);
    for (const name of ["tmp", "var/tmp"]) chmodSync(join(root, name), 0o1777);
    symlinkSync("bin", join(root, "sbin"));
    for (const name of ["bin", "sbin"]) symlinkSync("../bin", join(root, "usr", name));
    writeFileSync(join(root, "etc/passwd"), PASSWD);
    writeFileSync(join(root, "etc/group"), GROUP);

    copyFileSync("/bin/busybox", join(root, "bin/busybox"));
    const applets = (await runOrThrow("/bin/busybox", ["--list"])).split("\n");
    for (const applet of applets) {
      if (applet !== "" && applet !== "busybox") symlinkSync("busybox", join(root, "bin", applet));
    }
    for (const program of programs) await copyProgram(program, root);
    if (programs.length > 0) {
      mkdirSync(join(root, "etc/containers"), { recursive: true });
      const policy = { default: [{ type: "insecureAcceptAnything" }] };
      writeFileSync(join(root, "etc/containers/policy.json"), JSON.stringify(policy));
    }

    await runOrThrow("tar", ["-C", root, "--owner=0", "--group=0", "--numeric-owner", "-cf", tar, "."]);
    mkdirSync(join(root, "home/dev"), { mode: 0o755 });
    const dev = ["--owner=1000", "--group=1000", "--numeric-owner"];
    await runOrThrow("tar", ["-C", root, ...dev, "-rf", tar, "./home/dev"]);
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

/** Debian's client rather than another one further ahead on PATH, which may need what the image lacks. */
function dockerClient(): string {
  const client = "/usr/bin/docker";
  if (existsSync(client)) return client;
  throw new Error(`${client} is not there (Debian: docker.io, from Debian 13 on docker-cli).`);
}

/** Puts a program of this machine into a root file system, with the libraries that it loads; returns their places in it. */
async function copyProgram(program: string, root: string, place: (file: string) => string = (file) => file) {
  const places = [program, ...(await librariesOf(program))].map((file) => {
    const to = join(root, place(file));
    mkdirSync(dirname(to), { recursive: true });
    rmSync(to, { force: true });
    copyFileSync(file, to);
    return place(file);
  });
  return places;
}

async function librariesOf(program: string): Promise<string[]> {
  const { stdout } = await run("ldd", [program]);
  return [...stdout.matchAll(/(?:=> |^\s+)(\/\S+) \(0x/gm)].map((match) => match[1] ?? "");
}

/** The root file system takes a minute, so it is kept in the testbed's folder. */
async function packDebian(tar: string): Promise<void> {
  const kept = join(TESTBED, "debian.tar");
  if (!existsSync(kept)) {
    const root = temporaryFolder("debian");
    try {
      const { address, release } = await debianArchive();
      const limit = 600_000;
      await runOrThrow("debootstrap", ["--variant=minbase", release, root, address], { limit });
      await runOrThrow("chroot", [root, "useradd", "--create-home", "--uid", "1000", "--shell", "/bin/sh", "dev"]);
      const without = [
        "./var/cache/apt/*",
        "./var/lib/apt/lists/*",
        "./usr/share/doc/*",
        "./usr/share/locale/*",
        "./dev/*",
      ];
      const exclude = without.map((pattern) => `--exclude=${pattern}`);
      await runOrThrow("tar", ["-C", root, "--numeric-owner", ...exclude, "-cf", `${kept}.part`, "."]);
      renameSync(`${kept}.part`, kept);
    } finally {
      rmSync(root, { recursive: true, force: true });
    }
  }
  copyFileSync(kept, tar);
}

/** Debian's root with a program of this machine, which has the same release, and with symbolic links. */
async function packDebianWith(tar: string, program: string, links: Readonly<Record<string, string>>): Promise<void> {
  await packDebian(tar);
  const root = temporaryFolder("debian");
  try {
    // Debian's /lib is a symbolic link, which a folder of that name would take the place of.
    const files = await copyProgram(program, root, (file) => file.replace(/^\/(?=lib)/, "/usr/"));
    for (const [link, target] of Object.entries(links)) {
      mkdirSync(dirname(join(root, link)), { recursive: true });
      symlinkSync(target, join(root, link));
    }
    // The same name twice is refused: links take the place of those that are there, libraries that are there stay.
    const there = new Set((await runOrThrow("tar", ["-tf", tar])).split("\n"));
    const replaced = Object.keys(links).map((link) => `./${link}`);
    await runOrThrow("tar", ["--delete", "-f", tar, ...replaced.filter((name) => there.has(name))]);
    const added = files.map((file) => `.${file}`).filter((name) => !there.has(name));
    const owner = ["--owner=0", "--group=0", "--numeric-owner"];
    await runOrThrow("tar", ["-C", root, ...owner, "-rf", tar, ...added, ...replaced]);
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

/** Where this machine's own apt gets the release that it runs: it may be a mirror. */
async function debianArchive(): Promise<{ address: string; release: string }> {
  const release = /^VERSION_CODENAME=(\w+)/m.exec(readFileSync("/etc/os-release", "utf8"))?.[1] ?? "";
  const format = "$(CODENAME) $(COMPONENT) $(REPO_URI)";
  const targets = await runOrThrow("apt-get", ["indextargets", "--format", format, "Created-By: Packages"]);
  const address = new RegExp(`^${release} main (\\S+)$`, "m").exec(targets)?.[1];
  if (address !== undefined) return { address, release };
  throw new Error("apt knows no archive of this Debian release, so no Debian image can be made.");
}
