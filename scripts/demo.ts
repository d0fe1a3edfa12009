import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { registrySecrets, triplet } from "./testbed/cli";
import { ensureEngine, type Engine } from "./testbed/engine";
import { temporaryFolder } from "./testbed/folders";
import { BUSYBOX_IMAGE, DOCKER_CLIENT_IMAGE, ensureImages, pushImage } from "./testbed/images";
import { startRegistry, type Registry } from "./testbed/registry";
import { run, runOrThrow } from "./testbed/run";

/**
 * The main job on real parts, unattended: a private registry, a dev container on a private image, the wrong password
 * named, the environment created and logged in inside, a rotation that reaches it. Ends with 0 if every step held.
 */
const USER = "alice";
const OLD = "test-password-one";
const NEW = "test-password-two";

const began = Date.now();
let step = 0;

function heading(text: string): void {
  console.log(`\n${++step}. ${text}`);
}

function say(text: string): void {
  for (const line of text.trimEnd().split("\n")) console.log(`   ${line}`);
}

/** Runs a step, says how long it took, and fails the demonstration unless `check` holds. */
async function timed<T>(what: string, work: () => Promise<T>, check: (result: T) => boolean): Promise<T> {
  const start = Date.now();
  const result = await work();
  const took = `${((Date.now() - start) / 1000).toFixed(2)} s`;
  if (!check(result)) {
    say(JSON.stringify(result, undefined, 2).slice(0, 4000));
    throw new Error(`this did not hold: ${what}`);
  }
  console.log(`   ✔ ${what} (${took})`);
  return result;
}

async function demonstrate(folder: string, registry: Registry): Promise<void> {
  const { address } = registry;
  const home = join(folder, "home");
  const workspace = join(folder, "workspace");
  const image = (name: string) => `${address}/acme/${name}:1`;
  mkdirSync(join(workspace, ".devcontainer"), { recursive: true });
  mkdirSync(home);
  writeFileSync(
    join(workspace, ".devcontainer/devcontainer.json"),
    JSON.stringify(
      {
        image: image("base"),
        mounts: ["type=bind,source=/var/run/docker.sock,target=/var/run/docker.sock"],
        remoteUser: "root",
        postCreateCommand: `docker pull -q ${image("tools")} > /tmp/post-create.txt`,
      },
      undefined,
      2,
    ),
  );
  const cli = (args: string[], password?: string) =>
    registrySecrets(args, { home, variables: password === undefined ? {} : triplet(address, USER, password) });
  const inside = async (...command: string[]) => {
    const listed = await runOrThrow("docker", ["ps", "-q", "--filter", `label=devcontainer.local_folder=${workspace}`]);
    return await run("docker", ["exec", listed.trim(), ...command]);
  };
  const forget = (name: string) => run("docker", ["image", "rm", "--force", image(name)]);

  heading(`A private registry at ${address}, and three private images in it`);
  const images: [string, string][] = [
    ["base", DOCKER_CLIENT_IMAGE],
    ["tools", BUSYBOX_IMAGE],
    ["data", BUSYBOX_IMAGE],
  ];
  for (const [name, tag] of images) await pushImage(tag, image(name), { username: USER, password: OLD });
  say(`devcontainer.json names ${image("base")}; its postCreateCommand pulls ${image("tools")}`);

  heading("registry-secrets diagnose, without a secret");
  say(
    (
      await timed(
        "the cause is named: no credential",
        () => cli(["diagnose", workspace]),
        ({ code, stdout }) => code === 1 && stdout.includes("[no-credential]"),
      )
    ).stdout,
  );

  heading("registry-secrets diagnose, with a wrong password");
  say(
    (
      await timed(
        "the cause is named: wrong credential",
        () => cli(["diagnose", workspace], "not-the-password"),
        ({ code, stdout }) => code === 1 && stdout.includes("[wrong-credential]"),
      )
    ).stdout,
  );

  heading("registry-secrets diagnose, with the right one");
  say(
    (
      await timed(
        "all is well",
        () => cli(["diagnose", workspace], OLD),
        ({ code, stdout }) => code === 0 && stdout.includes("[fine]"),
      )
    ).stdout,
  );

  heading("registry-secrets up: the environment is created from the private image");
  const up = await timed(
    "created",
    () => cli(["up", workspace], OLD),
    ({ code }) => code === 0,
  );
  say(up.stderr);
  say(up.stdout);
  await timed(
    "its postCreateCommand pulled a second private image",
    () => inside("cat", "/tmp/post-create.txt"),
    ({ code, stdout }) => code === 0 && stdout.includes(image("tools")),
  );
  await timed(
    "inside, with no editor attached, a real docker client pulls a third private image",
    () => inside("docker", "pull", image("data")),
    ({ code }) => code === 0,
  );
  say((await inside("registry-login", "status")).stdout);

  heading(
    "VS Code writes a credsStore at attach, and its helper is gone: what hides other logins does not hide this one",
  );
  const config = JSON.parse((await inside("cat", "/root/.docker/config.json")).stdout) as object;
  const attached = JSON.stringify({ ...config, credsStore: "dev-containers-gone" });
  await inside("sh", "-c", 'printf "%s" "$0" > /root/.docker/config.json', attached);
  say((await inside("cat", "/root/.docker/config.json")).stdout);
  await forget("data");
  await timed(
    "the pull inside still works: docker asks credHelpers first",
    () => inside("docker", "pull", image("data")),
    ({ code }) => code === 0,
  );
  say((await inside("registry-login", "repair")).stdout);

  heading("The password is rotated in the registry, and the secret with it");
  await registry.setPassword(USER, NEW);
  await forget("data");
  await timed(
    "with the old one the pull inside fails",
    () => inside("docker", "pull", image("data")),
    ({ code }) => code !== 0,
  );
  await timed(
    "registry-secrets sync, and the pull inside works with the new one",
    async () => {
      const sync = await cli(["sync", workspace], NEW);
      say(sync.stdout);
      return await inside("docker", "pull", image("data"));
    },
    ({ code }) => code === 0,
  );

  heading("Nothing is left in the open");
  const id = (
    await runOrThrow("docker", ["ps", "-q", "--filter", `label=devcontainer.local_folder=${workspace}`])
  ).trim();
  const exported = join(folder, "export.tar");
  await timed(
    "docker export of the container holds no password, plain or in base64",
    async () => {
      await runOrThrow("docker", ["export", "-o", exported, id]);
      const bytes = readFileSync(exported);
      return [OLD, NEW].flatMap((password) =>
        [
          password,
          Buffer.from(password).toString("base64"),
          Buffer.from(`${USER}:${password}`).toString("base64"),
        ].filter((form) => bytes.includes(form.replace(/=+$/, ""))),
      );
    },
    (found) => found.length === 0,
  );

  await run("docker", ["rm", "--force", "--volumes", id]);
  for (const name of ["base", "tools", "data"]) await forget(name);
}

async function main(): Promise<void> {
  let engine: Engine | undefined;
  let registry: Registry | undefined;
  const folder = temporaryFolder("demo");
  try {
    engine = await ensureEngine();
    await ensureImages(BUSYBOX_IMAGE, DOCKER_CLIENT_IMAGE);
    registry = await startRegistry({ auth: "htpasswd", users: [{ name: USER, password: OLD }] });
    await demonstrate(folder, registry);
    console.log(`\nAll of it held, in ${((Date.now() - began) / 1000).toFixed(0)} s.`);
  } catch (error) {
    process.exitCode = 1;
    console.log(`\n✘ ${error instanceof Error ? error.message : String(error)}`);
    if (!engine || !registry) await withoutEngine(folder);
  } finally {
    await registry?.stop();
    await engine?.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** What needs neither engine nor registry: a diagnosis of a registry that is not there. */
async function withoutEngine(folder: string): Promise<void> {
  console.log("   The demonstration needs a container engine and a registry. On Debian or Ubuntu, as root:");
  console.log(
    "   apt-get install docker.io docker-registry apache2-utils busybox-static — elsewhere Docker Desktop, and Debian's registry.",
  );
  const workspace = join(folder, "workspace");
  mkdirSync(join(workspace, ".devcontainer"), { recursive: true });
  mkdirSync(join(folder, "home"), { recursive: true });
  writeFileSync(join(workspace, ".devcontainer/devcontainer.json"), '{ "image": "localhost:1/acme/base:1" }');
  heading("What needs neither: registry-secrets diagnose of a registry that is not there");
  const { stdout } = await registrySecrets(["diagnose", workspace], { home: join(folder, "home") });
  say(stdout);
}

void main();
