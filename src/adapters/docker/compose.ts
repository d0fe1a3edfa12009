import { parse } from "yaml";
import * as z from "zod/mini";
import type { ResolvedService, ResolvedServices } from "../../domain/image/composeResolved";
import { isNestedTooDeep } from "../../domain/image/yamlText";
import { run } from "../process/run";
import type { DockerClient } from "./engine";

const Text = z.union([z.string(), z.number(), z.boolean()]);
/** Both Composes write a mapping; a list of `X=y` is what people write, and what some versions leave as it is. */
const Pairs = z.union([z.record(z.string(), z.nullable(Text)), z.array(z.string())]);
const Build = z.object({
  context: z.optional(z.string()),
  dockerfile: z.optional(z.string()),
  dockerfile_inline: z.optional(z.string()),
  target: z.optional(z.string()),
  args: z.nullish(Pairs),
  additional_contexts: z.nullish(Pairs),
});
const Needed = z.nullable(z.object({ required: z.optional(z.boolean()) }));
const Service = z.object({
  image: z.optional(z.string()),
  build: z.nullish(Build),
  depends_on: z.nullish(z.union([z.record(z.string(), Needed), z.array(z.string())])),
  links: z.nullish(z.array(z.string())),
  volumes_from: z.nullish(z.array(z.string())),
  network_mode: z.optional(z.string()),
  ipc: z.optional(z.string()),
  pid: z.optional(z.string()),
  profiles: z.nullish(z.array(z.string())),
  pull_policy: z.optional(z.string()),
  platform: z.optional(z.string()),
});
const Config = z.object({ services: z.nullish(z.record(z.string(), Service)) });

const LIMIT_MS = 5_000;

/** The engine's own Compose. `command` and `before` are what comes before its options. */
interface Compose {
  readonly command: string;
  readonly before: readonly string[];
  readonly after: readonly string[];
}

/**
 * What the engine's own Compose makes of a project's files: `docker compose config`, else `docker-compose config`, chosen as
 * the dev container CLI does (devcontainers/cli src/spec-node/dockerCompose.ts, `dockerComposeCLIConfig`). `cwd` is the
 * folder it runs in and `env` its whole environment. Undefined if there is no Compose, if it refuses the files, or if all
 * takes longer than five seconds. What it prints holds values of the environment; only what names images is kept.
 */
export function composeConfig(
  client: Pick<DockerClient, "path">,
  options: { readonly composePath?: string; readonly timeoutMs?: number } = {},
): (
  files: readonly string[],
  cwd: string,
  env: Readonly<Record<string, string | undefined>>,
) => Promise<ResolvedServices | undefined> {
  const candidates: Compose[] = [
    { command: client.path, before: ["compose"], after: ["--format", "json"] },
    { command: options.composePath ?? "docker-compose", before: [], after: [] },
  ];
  return async (files, cwd, given) => {
    const signal = AbortSignal.timeout(options.timeoutMs ?? LIMIT_MS);
    // nothing is fetched from elsewhere just because a file names it (docker/compose, remote resources)
    const env = { ...given, COMPOSE_EXPERIMENTAL_GIT_REMOTE: "false", COMPOSE_EXPERIMENTAL_OCI_REMOTE: "false" };
    const ask = async (compose: Compose, args: readonly string[]) =>
      await run({ command: compose.command, args: [...compose.before, ...args], cwd, env, ownGroup: true }, { signal });
    for (const compose of candidates) {
      try {
        const version = await ask(compose, ["version", "--short"]);
        if (version.exitCode !== 0) continue;
        const isFirst = /^\s*v?1\./.test(version.stdout);
        const before = [...files.flatMap((file) => ["-f", file]), ...(isFirst ? [] : ["--profile", "*"])];
        const result = await ask(compose, [...before, "config", ...(isFirst ? [] : compose.after)]);
        return result.exitCode === 0 ? readComposeConfig(result.stdout) : undefined;
      } catch {
        if (signal.aborted) return undefined;
      }
    }
    return undefined;
  };
}

/** The services in what `config` prints, JSON or YAML; undefined if it is neither or of another shape. */
export function readComposeConfig(stdout: string): ResolvedServices | undefined {
  if (isNestedTooDeep(stdout)) return undefined;
  let printed: unknown;
  try {
    printed = parse(stdout, { logLevel: "error", maxAliasCount: 0 });
  } catch {
    return undefined;
  }
  const config = Config.safeParse(printed);
  if (!config.success) return undefined;
  return new Map(Object.entries(config.data.services ?? {}).map(([name, service]) => [name, toService(service)]));
}

function toService(service: z.infer<typeof Service>): ResolvedService {
  const { image, build, profiles, pull_policy: pullPolicy, platform } = service;
  return {
    dependsOn: dependencies(service),
    profiles: profiles ?? [],
    ...(image === undefined ? {} : { image: plain(image) }),
    ...(build ? { build: toBuild(build) } : {}),
    ...(pullPolicy === undefined ? {} : { pullPolicy }),
    ...(platform === undefined ? {} : { platform: plain(platform) }),
  };
}

function toBuild(build: z.infer<typeof Build>): NonNullable<ResolvedService["build"]> {
  const { context, dockerfile, dockerfile_inline: inline, target, args, additional_contexts: contexts } = build;
  return {
    args: pairs(args),
    additionalContexts: pairs(contexts),
    ...(context === undefined ? {} : { context: plain(context).replaceAll("\\", "/") }),
    ...(dockerfile === undefined ? {} : { dockerfile: plain(dockerfile) }),
    ...(inline === undefined ? {} : { dockerfileInline: plain(inline) }),
    ...(target === undefined ? {} : { target: plain(target) }),
  };
}

function pairs(given: z.infer<typeof Pairs> | null | undefined): Record<string, string> {
  const entries: [string, string | number | boolean | null][] = Array.isArray(given)
    ? given.map((pair) => [pair.split("=", 1)[0] ?? "", pair.includes("=") ? pair.slice(pair.indexOf("=") + 1) : null])
    : Object.entries(given ?? {});
  return Object.fromEntries(
    entries.flatMap(([name, value]) => (value === null ? [] : [[name, plain(String(value))] as const])),
  );
}

function dependencies(service: z.infer<typeof Service>): Record<string, boolean> {
  const { depends_on: needed, links, volumes_from: volumes, network_mode: network, ipc, pid } = service;
  const implied = [
    ...(links ?? []).map((link) => link.split(":", 1)[0] ?? ""),
    // docker-compose 1 writes "service:data:ro" for "data:ro"
    ...(volumes ?? []).flatMap((one) => /^(?!container:)(?:service:)?([^:]+)/.exec(one)?.[1] ?? []),
    ...[network, ipc, pid].flatMap((mode) => /^service:(.+)$/.exec(mode ?? "")?.[1] ?? []),
  ];
  const named = Array.isArray(needed)
    ? needed.map((name) => [name, true] as const)
    : Object.entries(needed ?? {}).map(([name, how]) => [name, how?.required !== false] as const);
  return Object.fromEntries([...implied.map((name) => [name, true] as const), ...named]);
}

/** `config` writes a dollar as two, so that its output could be a Compose file again. */
function plain(text: string): string {
  return text.replaceAll("$$", "$");
}
