import * as z from "zod/mini";
import { Failure, isFailure } from "../../domain/failure";
import type { Container, Engine } from "../../domain/environment/container";
import { follow } from "../process/follow";
import { run, type Program, type ProgramResult } from "../process/run";

const Mount = z.object({ Type: z.string(), Source: z.optional(z.string()), Destination: z.string() });
const Inspected = z.object({
  Id: z.string(),
  Name: z.string(),
  Image: z.string(),
  State: z.object({ Running: z.boolean(), StartedAt: z.string() }),
  Config: z.object({
    User: z.optional(z.string()),
    Env: z.nullish(z.array(z.string())),
    Labels: z.nullish(z.record(z.string(), z.string())),
  }),
  HostConfig: z.object({ IpcMode: z.optional(z.string()) }),
  Mounts: z.nullish(z.array(Mount)),
});
const InspectedImage = z.object({
  Id: z.string(),
  Config: z.nullish(z.object({ Labels: z.nullish(z.record(z.string(), z.string())) })),
});
const StartEvent = z.object({ id: z.optional(z.string()), Actor: z.optional(z.object({ ID: z.string() })) });

const FOLDER_LABEL = "devcontainer.local_folder";
const QUICK_MS = 20_000;

/** Which client to run, and with which environment (`DOCKER_HOST`, `DOCKER_CONTEXT`, `DOCKER_CONFIG`). */
export interface DockerClient {
  readonly path: string;
  readonly env: NodeJS.ProcessEnv;
}

/** The engine behind a docker client: whatever context or `DOCKER_HOST` that client uses. */
export function dockerEngine(client: DockerClient): Engine {
  const program = (args: readonly string[], more: Partial<Program> = {}): Program => ({
    command: client.path,
    args,
    env: client.env,
    timeoutMs: QUICK_MS,
    ...more,
  });
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
    const labels = await imageLabels(images);
    return containers.map((container) => toContainer(container, labels.get(container.Image)));
  };

  const imageLabels = async (images: readonly string[]) => {
    if (images.length === 0) return new Map<string, Record<string, string>>();
    const { stdout } = await runClient(program(["image", "inspect", ...images]));
    const found = parse(z.array(InspectedImage), stdout === "" ? "[]" : stdout, "docker image inspect");
    return new Map(found.map(({ Id, Config }) => [Id, Config?.Labels ?? {}]));
  };

  return {
    async containers(ids = []) {
      const listed = await ask(["ps", "--all", "--no-trunc", "--quiet", "--filter", `label=${FOLDER_LABEL}`]);
      return await inspect([...new Set([...listed.split("\n").filter((id) => id !== ""), ...ids])]);
    },

    inspect,

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
      const gone = /no such container|is not running|is paused|is restarting|cannot exec in a (stopped|paused)/i;
      if (result.exitCode !== 0 && gone.test(result.stderr)) {
        throw new Failure("container-gone", `The container ${id.slice(0, 12)} is not running.`, { container: id });
      }
      if (result.exitCode !== 0 && CANNOT_CONNECT.test(result.stderr)) throw engineFailure(result, client);
      return result;
    },

    async *starts(signal) {
      const args = ["events", "--filter", "type=container", "--filter", "event=start", "--format", "{{json .}}"];
      const { timeoutMs: _, ...endless } = program(args);
      for await (const line of follow(endless, signal)) {
        const event = z.safeParse(StartEvent, tryJson(line));
        const id = event.success ? (event.data.Actor?.ID ?? event.data.id) : undefined;
        if (id !== undefined) yield id;
      }
    },

    async hasImage(name) {
      const result = await runClient(program(["image", "inspect", "--format", "{{.Id}}", name]));
      if (result.exitCode !== 0 && CANNOT_CONNECT.test(result.stderr)) throw engineFailure(result, client);
      return result.exitCode === 0;
    },

    async remove(id) {
      const result = await runClient(program(["rm", "--force", "--volumes", id]));
      if (result.exitCode !== 0 && !/no such container/i.test(result.stderr)) throw engineFailure(result, client);
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

function engineFailure({ stderr, exitCode }: ProgramResult, client: DockerClient): Failure {
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

/** An image that cannot be asked (it is gone) may have carried every label: none of them counts as the container's own. */
function toContainer(
  container: z.infer<typeof Inspected>,
  imageLabels: Record<string, string> = container.Config.Labels ?? {},
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
    ipcMode: container.HostConfig.IpcMode ?? "",
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
