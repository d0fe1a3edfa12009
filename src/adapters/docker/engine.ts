import * as z from "zod/mini";
import { Failure, isFailure } from "../../domain/failure";
import type { ComposePart, Container, ContainerEvent, Engine } from "../../domain/environment/container";
import { COMPOSE_PROJECT_LABEL, FOLDER_LABEL } from "../../domain/environment/environment";
import { follow } from "../process/follow";
import { wslProblem } from "./wsl";
import { run, type Program, type ProgramResult } from "../process/run";

const Labels = z.record(z.string(), z.string());
const Mount = z.object({ Type: z.string(), Source: z.optional(z.string()), Destination: z.string() });
const Inspected = z.object({
  Id: z.string(),
  Name: z.string(),
  Image: z.string(),
  State: z.object({ Running: z.boolean(), StartedAt: z.string() }),
  Config: z.object({
    User: z.optional(z.string()),
    Env: z.nullish(z.array(z.string())),
    Labels: z.nullish(Labels),
  }),
  HostConfig: z.object({ IpcMode: z.optional(z.string()) }),
  Mounts: z.nullish(z.array(Mount)),
});
const InspectedImage = z.object({
  Id: z.string(),
  Config: z.nullish(z.object({ Labels: z.nullish(Labels) })),
});
/** docker's form, and podman's with capital letters. */
const Event = z.object({
  id: z.optional(z.string()),
  ID: z.optional(z.string()),
  Actor: z.optional(z.object({ ID: z.string(), Attributes: z.optional(Labels) })),
  Attributes: z.optional(Labels),
  status: z.optional(z.string()),
  Status: z.optional(z.string()),
});
/** By docker's words and podman's. */
const EVENTS: Readonly<Record<string, ContainerEvent["kind"]>> = {
  start: "started",
  unpause: "started",
  die: "stopped",
  died: "stopped",
  destroy: "removed",
  remove: "removed",
};

/** How what belongs to a Compose project is listed: the id and the name in a line. */
const LISTS: readonly (readonly [kind: ComposePart["kind"], ...args: string[]])[] = [
  ["container", "ps", "--all", "--no-trunc", "--format", "{{.ID}} {{.Names}}"],
  ["network", "network", "ls", "--no-trunc", "--format", "{{.ID}} {{.Name}}"],
  ["volume", "volume", "ls", "--format", "{{.Name}} {{.Name}}"],
];
const QUICK_MS = 20_000;
/** The engine itself waits ten seconds for the processes inside before it ends them. */
const STOP_MS = 60_000;

/** Which client to run, and with which environment (`DOCKER_HOST`, `DOCKER_CONTEXT`, `DOCKER_CONFIG`). */
export interface DockerClient {
  readonly path: string;
  readonly env: NodeJS.ProcessEnv;
  /** What stands before docker's own arguments where `path` is a program that runs the client, as `wsl.exe` does. */
  readonly before?: readonly string[];
}

/** The client with these arguments, as a program to run; `more` is what else there is to say of it. */
export function clientProgram(
  { path, before = [], env }: DockerClient,
  args: readonly string[],
  more: Partial<Program> = {},
): Program {
  return { command: path, args: [...before, ...args], env, ...more };
}

/** The engine behind a docker client: whatever context or `DOCKER_HOST` that client uses. */
export function dockerEngine(client: DockerClient): Engine {
  const program = (args: readonly string[], more: Partial<Program> = {}) =>
    clientProgram(client, args, { timeoutMs: QUICK_MS, ...more });
  const ask = async (args: readonly string[], signal?: AbortSignal) => {
    const result = await runClient(program(args), signal);
    if (result.exitCode !== 0) throw engineFailure(result, client);
    return result.stdout;
  };

  const inspect = async (ids: readonly string[]): Promise<Container[]> => {
    if (ids.length === 0) return [];
    const result = await runClient(program(["container", "inspect", ...ids]));
    // the client prints what it found and ends with 1 when one of the ids is gone
    if (result.exitCode !== 0 && !/no such container/i.test(result.stderr)) throw engineFailure(result, client);
    const containers = parse(z.array(Inspected), result.stdout, "docker container inspect");
    const images = [...new Set(containers.map(({ Image }) => Image))];
    const [labels, joined] = await Promise.all([imageLabels(images), joinedMemory(containers)]);
    return containers.map((container) => toContainer(container, labels.get(container.Image), joined));
  };

  /** The containers whose memory another one has joined; podman lets others join by default. */
  const joinedMemory = async (containers: readonly z.infer<typeof Inspected>[]): Promise<ReadonlySet<string>> => {
    if (!containers.some(isShareable)) return new Set();
    const all = (await ask(["ps", "--no-trunc", "--quiet"])).split("\n").filter((id) => id !== "");
    if (all.length === 0) return new Set();
    const { stdout } = await runClient(
      program(["container", "inspect", "--format", "{{.HostConfig.IpcMode}}", ...all]),
    );
    return new Set(stdout.split("\n").flatMap((mode) => /^container:(\S+)/.exec(mode)?.[1] ?? []));
  };

  // an image's id is the digest of its configuration, so its labels never change
  const labelsOfImages = new Map<string, Record<string, string>>();
  const imageLabels = async (images: readonly string[]): Promise<ReadonlyMap<string, Record<string, string>>> => {
    const unknown = images.filter((image) => !labelsOfImages.has(image));
    if (unknown.length > 0) {
      const { stdout } = await runClient(program(["image", "inspect", ...unknown]));
      const found = parse(z.array(InspectedImage), stdout === "" ? "[]" : stdout, "docker image inspect");
      for (const { Id, Config } of found) labelsOfImages.set(Id, Config?.Labels ?? {});
    }
    return labelsOfImages;
  };

  const labelled = async (label: string, ...options: string[]): Promise<string[]> => {
    const listed = await ask(["ps", ...options, "--no-trunc", "--quiet", "--filter", `label=${label}`]);
    return listed.split("\n").filter((id) => id !== "");
  };

  return {
    async containers(ids = []) {
      return await inspect([...new Set([...(await labelled(FOLDER_LABEL, "--all")), ...ids])]);
    },

    inspect,

    async companions({ id, labels }) {
      const project = labels[COMPOSE_PROJECT_LABEL];
      if (project === undefined) return [];
      const ids = await labelled(`${COMPOSE_PROJECT_LABEL}=${project}`, "--all");
      return await inspect(ids.filter((other) => other !== id));
    },

    async exec(id, { command, user, environment, stdin, timeoutMs }, signal) {
      const options = [
        ...(user === undefined ? [] : ["--user", user]),
        ...Object.entries(environment ?? {}).flatMap(([name, value]) => ["--env", `${name}=${value}`]),
      ];
      const result = await runClient(
        program(["exec", "--interactive", ...options, id, ...command], {
          ...(stdin === undefined ? {} : { stdin }),
          timeoutMs: timeoutMs ?? QUICK_MS,
        }),
        signal,
      );
      const gone =
        /no such container|is not running|is paused|is restarting|cannot exec in a (stopped|paused)|exec sessions on running containers/i;
      if (result.exitCode !== 0 && gone.test(result.stderr)) {
        throw new Failure("container-gone", `The container ${id.slice(0, 12)} is not running.`, { container: id });
      }
      if (result.exitCode !== 0 && CANNOT_CONNECT.test(result.stderr)) throw engineFailure(result, client);
      return result;
    },

    async *events(signal) {
      const kinds = Object.keys(EVENTS).flatMap((event) => ["--filter", `event=${event}`]);
      // what happens before the client is connected counts, too
      const since = ["--since", String(Math.floor(Date.now() / 1000))];
      const args = ["events", ...since, "--filter", "type=container", ...kinds, "--format", "{{json .}}"];
      const { timeoutMs: _, ...endless } = program(args);
      for await (const line of follow(endless, signal)) {
        const event = z.safeParse(Event, tryJson(line));
        if (!event.success) continue;
        const id = event.data.Actor?.ID ?? event.data.id ?? event.data.ID;
        const kind = EVENTS[event.data.status ?? event.data.Status ?? ""];
        const labels = event.data.Actor?.Attributes ?? event.data.Attributes;
        const isLabelled = labels === undefined || FOLDER_LABEL in labels;
        if (id !== undefined && kind !== undefined) yield { id, kind, isLabelled };
      }
    },

    async hasImage(name) {
      const result = await runClient(program(["image", "inspect", "--format", "{{.Id}}", name]));
      if (result.exitCode !== 0 && CANNOT_CONNECT.test(result.stderr)) throw engineFailure(result, client);
      return result.exitCode === 0;
    },

    async composeParts(project) {
      const label = `label=${COMPOSE_PROJECT_LABEL}${project === undefined ? "" : `=${project}`}`;
      const list = async ([kind, ...args]: (typeof LISTS)[number]) =>
        (await ask([...args, "--filter", label])).split("\n").flatMap((line): ComposePart[] => {
          const [id = "", name = id] = line.trim().split(" ");
          return id === "" ? [] : [{ kind, id, name }];
        });
      return (await Promise.all(LISTS.map(list))).flat();
    },

    async stop({ id, labels }, signal) {
      const project = labels[COMPOSE_PROJECT_LABEL];
      const others = project === undefined ? [] : await labelled(`${COMPOSE_PROJECT_LABEL}=${project}`);
      const ids = [...new Set([id, ...others])];
      const result = await runClient(program(["stop", ...ids], { timeoutMs: STOP_MS }), signal);
      if (result.exitCode !== 0 && !/no such container/i.test(result.stderr)) throw engineFailure(result, client);
    },

    async remove(id) {
      const result = await runClient(program(["rm", "--force", "--volumes", id]));
      if (result.exitCode !== 0 && !/no such container/i.test(result.stderr)) throw engineFailure(result, client);
    },

    async removePart({ kind, id }) {
      return (await runClient(program([kind, "rm", id]))).exitCode === 0;
    },
  };

  async function runClient(toRun: Program, signal?: AbortSignal): Promise<ProgramResult> {
    try {
      return await run(toRun, { signal });
    } catch (error) {
      if (!isFailure(error, "program-missing")) throw error;
      throw new Failure(
        "engine-missing",
        `The docker client "${client.path}" was not found.`,
        { program: client.path },
        error,
      );
    }
  }
}

const CANNOT_CONNECT =
  /cannot connect to the docker daemon|error during connect|is the docker daemon running|connection refused|context .* not found|permission denied while trying to connect/i;

function engineFailure({ stdout, stderr, exitCode }: ProgramResult, client: DockerClient): Failure {
  const problem = client.before === undefined ? undefined : wslProblem(`${stdout}\n${stderr}`);
  if (problem !== undefined)
    return new Failure("engine-missing", `Docker cannot be reached in WSL: ${problem}`, {
      program: client.path,
      problem,
    });
  const detail = stderr.trim().split("\n").at(-1) ?? "";
  return CANNOT_CONNECT.test(stderr)
    ? new Failure("engine-unreachable", `The container engine does not answer: ${detail}`, {
        detail,
        program: client.path,
      })
    : new Failure("program-failed", `${client.path} ended with ${exitCode}: ${detail}`, {
        detail,
        program: client.path,
      });
}

function isShareable({ HostConfig }: z.infer<typeof Inspected>): boolean {
  return HostConfig.IpcMode === "shareable";
}

/** An image that cannot be asked (it is gone) may have carried every label: none of them counts as the container's own. */
function toContainer(
  container: z.infer<typeof Inspected>,
  imageLabels: Record<string, string> = container.Config.Labels ?? {},
  joined: ReadonlySet<string> = new Set(),
): Container {
  return {
    id: container.Id,
    name: container.Name.replace(/^\//, ""),
    running: container.State.Running,
    startedAt: container.State.StartedAt,
    labels: container.Config.Labels ?? {},
    imageLabels,
    mounts: (container.Mounts ?? []).map(({ Type, Source, Destination }) => ({
      type: Type,
      source: Source ?? "",
      destination: Destination,
    })),
    user: container.Config.User ?? "",
    environment: Object.fromEntries(
      (container.Config.Env ?? []).map((entry) => {
        const at = entry.indexOf("=");
        return at < 0 ? [entry, ""] : [entry.slice(0, at), entry.slice(at + 1)];
      }),
    ),
    ipcMode: isShareable(container) && !joined.has(container.Id) ? "alone" : (container.HostConfig.IpcMode ?? ""),
  };
}

function parse<T>(schema: z.ZodMiniType<T>, text: string, from: string): T {
  const parsed = z.safeParse(schema, tryJson(text));
  if (parsed.success) return parsed.data;
  throw new Failure("program-failed", `${from} answered in a form that is not known.`, {
    program: from,
    detail: "unknown answer",
  });
}

function tryJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
