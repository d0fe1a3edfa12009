import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { dockerEngine } from "../../src/adapters/docker/engine";
import { environmentRecords } from "../../src/adapters/local/environmentRecords";
import { localFiles } from "../../src/adapters/local/files";
import { hookInstallScript } from "../../src/adapters/local/hookFiles";
import { projectOfFolder } from "../../src/adapters/local/projects";
import { Deliverer } from "../../src/domain/delivery/deliverer";
import { silentLog } from "../../src/domain/log";
import { Redacted } from "../../src/domain/redacted";
import { parseRegistryHost } from "../../src/domain/registry/host";
import { triplet } from "../testbed/cli";
import { ROOT, temporaryFolder } from "../testbed/folders";
import { BUSYBOX_IMAGE, ensureImages } from "../testbed/images";
import { run, runOrThrow } from "../testbed/run";
import { startService, untilReady } from "../testbed/service";
import { absolute, contest, type Outcome } from "./measure";

const HOST = "registry.example:5000";
/** How many environments at once, and how often each is measured. */
const SIZES = [
  { count: 1, runs: 25 },
  { count: 20, runs: 10 },
  { count: 100, runs: 5 },
];
/** As the deliverer's own. */
const WIDTH = 8;
const LIMIT = 1.5;
const SETTLED_MS = 3_000;
const IDLE_MS = 20_000;
/** Percent of one core, and megabytes: Node's own start has some 50 of them, the docker client 30. */
const IDLE_CPU = 1;
const IDLE_MEMORY = 200;
/** What the specification allows for a change to reach running environments. */
const SPECIFIED_S = 120;

/** A change of a secret until `get` inside answers it, against as many bare `docker exec`; and what watching costs. */
export async function benchDelivery(): Promise<Outcome[]> {
  await ensureImages(BUSYBOX_IMAGE);
  const folder = temporaryFolder("bench-delivery");
  const outcomes: Outcome[] = [];
  const containers: string[] = [];
  try {
    const workspace = join(folder, "workspace");
    mkdirSync(workspace);
    for (const { count, runs } of SIZES) {
      await inParallel(4, count - containers.length, async () => {
        containers.push(await start(workspace));
      });
      outcomes.push(await delivered(folder, workspace, containers, runs));
    }
    outcomes.push(...(await watching(folder, workspace, containers.length)));
  } finally {
    if (containers.length > 0) await run("docker", ["rm", "--force", "--volumes", ...containers]);
    rmSync(folder, { recursive: true, force: true });
  }
  return outcomes;
}

async function start(workspace: string): Promise<string> {
  const label = ["--label", `devcontainer.local_folder=${workspace}`];
  const mount = ["--volume", `${workspace}:/workspaces/bench`];
  const command = [BUSYBOX_IMAGE, "sleep", "100000"];
  return (await runOrThrow("docker", ["run", "--detach", "--network=none", ...label, ...mount, ...command])).trim();
}

/** In this process, as the extension does it once it has heard of the change. */
async function delivered(folder: string, workspace: string, ids: readonly string[], runs: number): Promise<Outcome> {
  let password = "";
  const times: number[] = [];
  let began = 0;
  const records = environmentRecords(join(folder, "state"));
  const deliverer = new Deliverer({
    engine: dockerEngine({ path: "docker", env: process.env }),
    installScript: () => hookInstallScript(join(ROOT, "devcontainer-feature/src/registry-login")),
    source: "cli",
    files: localFiles,
    env: process.env,
    secrets: () => Promise.resolve([aSecret(password)]),
    trust: () => Promise.resolve({ containerIds: new Set<string>(), folders: [workspace] }),
    projectOf: projectOfFolder,
    records: {
      deliveries: () => records.deliveries(),
      saveDelivery: (id, record) => {
        if (record?.outcome === "delivered") times.push(performance.now() - began);
        return records.saveDelivery(id, record);
      },
    },
    now: () => Date.now(),
    log: silentLog,
    logins: { loginOf: () => Promise.reject(new Error("no secret of a cloud is delivered here")) },
    deliversNative: () => false,
  });
  await deliverer.deliver(); // installs the hook
  times.length = 0;
  const outcome = await contest({
    name: `a changed secret is inside ${ids.length} environments`,
    limit: LIMIT,
    runs,
    ours: async () => {
      password = `value-${Math.random()}`;
      began = performance.now();
      await deliverer.deliver();
      return times.at(-1);
    },
    otherName: "as many bare docker exec",
    other: () => inParallel(WIDTH, ids.length, (index) => execute(ids[index] ?? "", ["true"])),
  });
  await inParallel(WIDTH, ids.length, async (index) => {
    const get = ["exec", "--interactive", ids[index] ?? "", "docker-credential-registry-login", "get"];
    const said = await runOrThrow("docker", get, { input: HOST });
    if (!said.includes(password)) throw new Error("an environment has not got the new value");
  });
  const sorted = times.sort((a, b) => a - b);
  const p95 = (sorted[Math.ceil(sorted.length * 0.95) - 1] ?? 0) / 1000;
  console.log(`  p95 of an environment: ${p95.toFixed(2)} s; the specification allows ${SPECIFIED_S} s`);
  return outcome;
}

/** What the command line costs while it stays and nothing happens, with the docker client that tells it of events. */
async function watching(folder: string, workspace: string, count: number): Promise<Outcome[]> {
  const file = join(folder, "secrets.json");
  const write = (password: string) => writeFileSync(file, JSON.stringify(triplet(HOST, "alice", password)));
  write("value-one");
  const service = await startService({
    command: process.execPath,
    arguments: [join(ROOT, "dist/cli.js"), "sync", workspace, "--watch", "--secrets-file", file],
    logFile: join(folder, "watch.log"),
    environment: { ...process.env, HOME: folder },
  });
  const deliveries = (times: number) => () =>
    service.output().split("logged in to").length > times * count ? true : undefined;
  try {
    await untilReady("sync --watch", service, deliveries(1));
    await delay(SETTLED_MS);
    const before = costOf(service.pid);
    await delay(IDLE_MS);
    const { cpuMs, memory } = costOf(service.pid);
    write("value-two");
    const changed = performance.now();
    await untilReady("sync --watch", service, deliveries(2));
    const took = (performance.now() - changed) / 1000;
    console.log(
      `  from the change of the secrets file until sync --watch has said it of all ${count}: ${took.toFixed(1)} s`,
    );
    return [
      absolute(
        `CPU of watching ${count} environments, idle`,
        ((cpuMs - before.cpuMs) / IDLE_MS) * 100,
        "% of a core",
        IDLE_CPU,
      ),
      absolute(`memory of watching ${count} environments`, memory, "MB", IDLE_MEMORY),
    ];
  } finally {
    await service.stop();
  }
}

/** What the processes of a group (proc_pid_stat(5)) have used so far, and the memory that they have. */
function costOf(group: number): { cpuMs: number; memory: number } {
  let ticks = 0;
  let kilobytes = 0;
  for (const pid of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
    try {
      const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
      const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
      if (Number(fields[2]) !== group) continue;
      ticks += Number(fields[11]) + Number(fields[12]);
      kilobytes += Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? 0);
    } catch {
      // it has ended meanwhile
    }
  }
  return { cpuMs: ticks * 10, memory: kilobytes / 1024 };
}

function aSecret(value: string) {
  return {
    id: "bench",
    name: "BENCH",
    scope: "user" as const,
    host: parseRegistryHost(HOST),
    credential: { kind: "password" as const, username: "alice", password: new Redacted(value) },
    createdAt: 0,
    updatedAt: 0,
  };
}

async function execute(id: string, command: readonly string[]): Promise<void> {
  await runOrThrow("docker", ["exec", id, ...command]);
}

async function inParallel(width: number, count: number, work: (index: number) => Promise<void>): Promise<void> {
  let next = 0;
  const worker = async () => {
    while (next < count) await work(next++);
  };
  await Promise.all(Array.from({ length: Math.min(width, count) }, worker));
}
