import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { ROOT } from "../testbed/folders";
import { DOCKER_CLIENT_IMAGE, ensureImages } from "../testbed/images";
import { startRegistry } from "../testbed/registry";
import { run, runOrThrow } from "../testbed/run";
import { contest, type Outcome } from "./measure";

const USER = "alice";
const PASSWORD = "bench-test-password";
const SIZES = [
  { count: 1, runs: 15 },
  { count: 10, runs: 11, limit: 0.5 },
  { count: 50, runs: 5 },
];

/** A delivery inside a container against as many `docker login`s there, and against itself; and one answer of the helper. */
export async function benchHook(): Promise<Outcome[]> {
  await ensureImages(DOCKER_CLIENT_IMAGE);
  const registry = await startRegistry({ auth: "htpasswd", users: [{ name: USER, password: PASSWORD }] });
  const socket = ["--volume", "/var/run/docker.sock:/var/run/docker.sock", "--network", "host"];
  const id = (
    await runOrThrow("docker", ["run", "--detach", ...socket, DOCKER_CLIENT_IMAGE, "sleep", "100000"])
  ).trim();
  const shell = new Shell(id);
  try {
    await runOrThrow("docker", ["cp", join(ROOT, "devcontainer-feature/src/registry-login"), `${id}:/tmp/hook`]);
    await shell.run("sh /tmp/hook/install.sh");
    return await contests(shell, registry.address);
  } finally {
    await shell.end();
    await run("docker", ["rm", "--force", "--volumes", id]);
    await registry.stop();
  }
}

async function contests(shell: Shell, address: string): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  const login = `echo ${PASSWORD} | DOCKER_CONFIG=/tmp/other docker login --username ${USER} --password-stdin ${address} >/dev/null 2>&1`;
  for (const { count, ...rest } of SIZES) {
    outcomes.push(
      await contest({
        ...rest,
        name: `a delivery of ${count} registries inside a container`,
        ours: await turns(shell, count),
        otherName: `${count} × docker login there, to a registry on this machine`,
        other: () => shell.run(`for n in $(seq ${count}); do ${login} || exit 1; done`),
      }),
    );
  }
  const one = await turns(shell, 1);
  outcomes.push(
    await contest({
      name: "a delivery of 50 registries inside a container",
      limit: 3,
      runs: 15,
      ours: await turns(shell, 50),
      otherName: "a delivery of 1",
      other: one,
    }),
  );
  // Twenty at once, so that what is measured is more than the way to the container and back.
  const twenty = (command: string) => () => shell.run(`for n in $(seq 20); do ${command}; done`);
  outcomes.push(
    await contest({
      name: "20 × docker-credential-registry-login get",
      limit: 2,
      runs: 15,
      ours: twenty("echo a0.example | docker-credential-registry-login get >/dev/null || exit 1"),
      otherName: "20 × sh -c :",
      other: twenty("echo a0.example | sh -c : >/dev/null || exit 1"),
    }),
  );
  return outcomes;
}

/** Deliveries of two sets of `count` registries in turns: each logs in to all of its own, and out of all of the other. */
async function turns(shell: Shell, count: number): Promise<() => Promise<void>> {
  for (const name of ["a", "b"]) {
    const lines = Array.from({ length: count }, (_, n) => {
      const host = `${name}${n}.example`;
      return `set ${host} ${JSON.stringify({ ServerURL: host, Username: USER, Secret: PASSWORD })}`;
    });
    const delivery = ["registry-login 1 source=bench shm=private", ...lines, "end"].join("\n");
    await shell.run(`cat >/tmp/${name}.${count} <<'DELIVERY'\n${delivery}\nDELIVERY`);
  }
  let n = 0;
  // `a` last, for whoever asks for one of its registries afterwards.
  return () => shell.run(`registry-login apply --json </tmp/${n++ % 2 === 0 ? "b" : "a"}.${count} >/dev/null`);
}

/** A shell that stays open in a container, so that starting one is not part of what is measured. */
class Shell {
  readonly #child;
  #said = "";

  constructor(container: string) {
    this.#child = spawn("docker", ["exec", "--interactive", container, "sh"], { stdio: ["pipe", "pipe", "inherit"] });
    this.#child.stdout.setEncoding("utf8").on("data", (text: string) => (this.#said += text));
  }

  /** Runs a command in a subshell. @throws Error when it does not end with 0 */
  async run(command: string): Promise<void> {
    this.#said = "";
    this.#child.stdin.write(`(\n${command}\n)\necho "@$?@"\n`);
    let code: string | undefined;
    while ((code = /@(\d+)@/.exec(this.#said)?.[1]) === undefined) await once(this.#child.stdout, "data");
    if (code !== "0") throw new Error(`ended with ${code}: ${command.slice(0, 200)}`);
  }

  async end(): Promise<void> {
    this.#child.stdin.end();
    if (this.#child.exitCode === null) await once(this.#child, "exit");
  }
}
