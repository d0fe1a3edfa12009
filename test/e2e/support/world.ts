import { spawn, type ChildProcess } from "node:child_process";
import { randomBytes } from "node:crypto";
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { engineAddress } from "../../../scripts/testbed/engine";
import { ROOT, temporaryFolder } from "../../../scripts/testbed/folders";
import { run, runOrThrow, type RunResult } from "../../../scripts/testbed/run";
import { containersOf } from "./containers";
import { eventually, processesMarked } from "./processes";

const DEFAULT_ENGINE = "unix:///var/run/docker.sock";
const MARK = "REGISTRY_SECRETS_E2E";

export type Variables = Readonly<Record<string, string | undefined>>;

/** The command line while it runs. */
export interface RunningCli {
  readonly pid: number;
  /** All that it has printed so far, on both streams. */
  output(): string;
  /** Resolves as soon as `times` matches of the pattern have been printed; throws if it ends before. */
  until(pattern: RegExp, times?: number): Promise<void>;
  kill(signal: NodeJS.Signals): void;
  readonly ended: Promise<RunResult>;
}

/**
 * One person's machine, made for one test: a home, temporary folders and a workspace of its own, in which the command
 * line that users get is run. The engine is the real one.
 */
export class World {
  readonly folder: string;
  readonly home: string;
  readonly temporary: string;
  readonly runtime: string;
  readonly workspace: string;
  /** What `processesMarked` finds the command line, and all that it starts, by. */
  readonly mark = `${MARK}=${randomBytes(8).toString("hex")}`;
  readonly #environment: NodeJS.ProcessEnv;
  readonly #running = new Set<ChildProcess>();
  readonly #containers: string[] = [];
  readonly #images: string[] = [];

  private constructor(engine: string) {
    this.folder = temporaryFolder("e2e");
    this.home = join(this.folder, "home");
    this.temporary = join(this.folder, "tmp");
    // the path of a socket may have some 100 characters only
    this.runtime = mkdtempSync(join(tmpdir(), "e2e-run-"));
    this.workspace = join(this.folder, `e2e-${randomBytes(6).toString("hex")}`);
    for (const folder of [this.home, this.temporary, this.workspace]) mkdirSync(folder);
    const inherited = Object.entries(process.env).filter(
      ([name]) => !/^(DOCKER_.*|XDG_.*|.*_CONTAINER_REGISTRY_.*)$/i.test(name),
    );
    this.#environment = {
      ...Object.fromEntries(inherited),
      HOME: this.home,
      TMPDIR: this.temporary,
      XDG_RUNTIME_DIR: this.runtime,
      ...(engine === DEFAULT_ENGINE ? {} : { DOCKER_HOST: engine }),
      [MARK]: this.mark.slice(MARK.length + 1),
    };
  }

  /** A world with an empty home and an empty workspace, which is a git repository. */
  static async create(): Promise<World> {
    const world = new World(await engineAddress());
    await runOrThrow("git", ["init", "--quiet", world.workspace]);
    return world;
  }

  /** The environment of its programs; a variable that is undefined is taken away. */
  environment(variables: Variables = {}): NodeJS.ProcessEnv {
    const merged = { ...this.#environment, ...variables };
    return Object.fromEntries(Object.entries(merged).filter(([, value]) => value !== undefined));
  }

  /** Writes a file, given by its path from the world's folder or as an absolute one; returns its path. */
  write(path: string, content: unknown, mode = 0o644): string {
    const file = path.startsWith("/") ? path : join(this.folder, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, typeof content === "string" ? content : JSON.stringify(content, undefined, 2), { mode });
    return file;
  }

  /** Writes the workspace's devcontainer.json, and commits whatever the workspace holds then. */
  async devcontainer(content: unknown): Promise<string> {
    const file = this.write(join(this.workspace, ".devcontainer/devcontainer.json"), content);
    await this.commit();
    return file;
  }

  async commit(): Promise<void> {
    const git = ["-C", this.workspace, "-c", "user.name=e2e", "-c", "user.email=e2e@example.invalid"];
    await runOrThrow("git", [...git, "add", "--all", "."]);
    await runOrThrow("git", [...git, "commit", "--quiet", "--allow-empty", "-m", "as it was"]);
  }

  /** What git says of the workspace: empty if it is as committed, ignored files included. */
  async gitStatus(): Promise<string> {
    return await runOrThrow("git", ["-C", this.workspace, "status", "--porcelain", "--ignored"]);
  }

  /** Writes the person's own Docker config. */
  dockerConfig(content: unknown): string {
    return this.write(join(this.home, ".docker/config.json"), content, 0o600);
  }

  /** A program that the world's PATH finds first; returns the variables that say so. */
  program(name: string, script: string): Variables {
    this.write(join(this.folder, "bin", name), script, 0o755);
    return { PATH: `${join(this.folder, "bin")}:${process.env["PATH"] ?? ""}` };
  }

  /** Runs the command line to its end. */
  async cli(args: readonly string[], variables: Variables = {}): Promise<RunResult> {
    return await this.start(args, variables).ended;
  }

  /** Runs the command line and goes on while it works. */
  start(args: readonly string[], variables: Variables = {}): RunningCli {
    const child = spawn(process.execPath, [join(ROOT, "dist/cli.js"), ...args], {
      cwd: this.folder,
      env: this.environment(variables),
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.#running.add(child);
    let stdout = "";
    let stderr = "";
    const changed = new Set<() => void>();
    const note = () => {
      for (const look of [...changed]) look();
    };
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      stdout += text;
      note();
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      stderr += text;
      note();
    });
    let over = false;
    const ended = new Promise<RunResult>((resolve) => {
      child.once("close", (code) => {
        over = true;
        this.#running.delete(child);
        resolve({ code: code ?? 128, stdout, stderr });
        note();
      });
    });
    return {
      pid: child.pid ?? 0,
      output: () => stdout + stderr,
      until: (pattern, times = 1) =>
        new Promise((resolve, reject) => {
          const every = new RegExp(pattern, `${pattern.flags.replace("g", "")}g`);
          const look = () => {
            const enough = [...(stdout + stderr).matchAll(every)].length >= times;
            if (!enough && !over) return;
            changed.delete(look);
            if (enough) resolve();
            else reject(new Error(`It ended without ${pattern.source}:\n${stdout}${stderr}`));
          };
          changed.add(look);
          look();
        }),
      kill: (signal) => void child.kill(signal),
      ended,
    };
  }

  /** The containers of the workspace, stopped ones included. */
  async containers(): Promise<string[]> {
    return await containersOf(this.workspace, "--all");
  }

  /** The one container of the workspace. */
  async container(): Promise<string> {
    const [id, ...others] = await this.containers();
    if (id === undefined || others.length > 0) throw new Error(`The workspace has ${others.length + 1} containers.`);
    return id;
  }

  /** Starts a container that this world removes in the end; returns its id. */
  async runContainer(args: readonly string[]): Promise<string> {
    const id = (await runOrThrow("docker", ["run", "--detach", ...args])).trim();
    this.#containers.push(id);
    return id;
  }

  /**
   * Starts a container as the dev container CLI, or VS Code, would have made it for the workspace.
   * @param metadata what devcontainer.json says, as the label `devcontainer.metadata` tells it
   * @param more arguments of `docker run`
   */
  async runEnvironment(image: string, metadata: object = {}, more: readonly string[] = []): Promise<string> {
    return await this.runContainer([
      ...["--label", `devcontainer.local_folder=${this.workspace}`],
      ...["--label", `devcontainer.metadata=${JSON.stringify([metadata])}`],
      ...["--volume", `${this.workspace}:/workspaces/e2e`],
      ...[...more, image, "sleep", "100000"],
    ]);
  }

  /** Builds an image of its own from a Dockerfile and other files, given by name; returns its name. */
  async buildImage(dockerfile: string, files: Readonly<Record<string, string>> = {}): Promise<string> {
    const name = `registry-secrets-test/e2e-${randomBytes(6).toString("hex")}:1`;
    const context = mkdtempSync(join(this.folder, "context-"));
    writeFileSync(join(context, "Dockerfile"), dockerfile);
    for (const [file, source] of Object.entries(files)) copyFileSync(source, join(context, file));
    this.#images.push(name);
    const environment = { ...process.env, DOCKER_BUILDKIT: "0" };
    await runOrThrow("docker", ["build", "--quiet", "--tag", name, context], { environment });
    return name;
  }

  /** What creations have left in the folders for temporary things: nothing, if all is well. */
  leftovers(): string[] {
    return [this.temporary, this.runtime].flatMap((folder) =>
      readdirSync(folder)
        .filter((name) => name.startsWith("registry-secrets-"))
        .map((name) => join(folder, name)),
    );
  }

  /**
   * Waits until nothing that the command line has started is left. But for one: the dev container CLI leaves the
   * `docker run` of a container running for as long as the container does.
   */
  async quiet(): Promise<void> {
    const left = () =>
      processesMarked(this.mark)
        .filter(({ command }) => !/^\S*docker run --sig-proxy=false /.test(command))
        .map(({ pid, command }) => `${pid} ${command}`);
    await eventually("every process of the command line has ended", () => left().length === 0 || undefined).catch(
      (error: unknown) => {
        throw new Error([String(error), ...left()].join("\n"));
      },
    );
  }

  read(path: string): string {
    return readFileSync(path.startsWith("/") ? path : join(this.folder, path), "utf8");
  }

  /** Removes containers, images and folders, and ends what still runs. */
  async close(): Promise<void> {
    for (const child of this.#running) child.kill("SIGKILL");
    const containers = [...this.#containers, ...(await this.containers())];
    if (containers.length > 0) await run("docker", ["rm", "--force", "--volumes", ...containers]);
    const reference = `reference=vsc-${this.workspace.split("/").at(-1) ?? ""}*`;
    const built = words(await runOrThrow("docker", ["images", "--quiet", "--filter", reference]));
    const images = [...new Set([...built, ...this.#images])];
    if (images.length > 0) await run("docker", ["rmi", "--force", ...images]);
    rmSync(this.folder, { recursive: true, force: true });
    rmSync(this.runtime, { recursive: true, force: true });
  }
}

function words(text: string): string[] {
  return text.split(/\s+/).filter((word) => word !== "");
}

/** Runs a command in a container, as its own user or as `user`. */
export async function inside(container: string, command: readonly string[], user?: string): Promise<RunResult> {
  const as = user === undefined ? [] : ["--user", user];
  return await run("docker", ["exec", ...as, container, ...command]);
}

/** A login, as a credential helper answers it. */
export interface HelperAnswer {
  readonly Username: string;
  readonly Secret: string;
}

/** What the credential helper inside answers for a registry, as Docker would ask it; undefined if it knows none. */
export async function helperAnswer(
  container: string,
  server: string,
  user = "root",
): Promise<HelperAnswer | undefined> {
  const command = ["exec", "--interactive", "--user", user, container, "docker-credential-registry-login", "get"];
  const { code, stdout } = await run("docker", command, { input: server });
  return code === 0 ? (JSON.parse(stdout) as HelperAnswer) : undefined;
}

/**
 * Waits until the helper inside answers so; of a login only what `wanted` names is looked at.
 * @param wanted undefined: until it knows no login for that registry
 */
export async function untilInside(
  container: string,
  server: string,
  wanted: Partial<HelperAnswer> | undefined,
  { user, limit }: { readonly user?: string; readonly limit?: number | undefined } = {},
): Promise<void> {
  const what = `the helper inside answers ${wanted === undefined ? "nothing" : JSON.stringify(wanted)} for ${server}`;
  await eventually(
    what,
    async () => {
      const answer = await helperAnswer(container, server, user);
      if (answer === undefined || wanted === undefined) return answer === wanted || undefined;
      const { Username = answer.Username, Secret = answer.Secret } = wanted;
      return (answer.Username === Username && answer.Secret === Secret) || undefined;
    },
    limit,
  );
}

/** The files below a folder, without following symbolic links. */
export function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}
