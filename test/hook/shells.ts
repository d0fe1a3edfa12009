import { strict as assert } from "node:assert";
import { execFileSync, spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";

export const SCRIPTS = join(process.cwd(), "devcontainer-feature/src/registry-login");
export const AWKS = ["mawk", "busybox", "gawk", "original-awk"];
/** The pairs that images have: Debian, busybox and Alpine, Debian with gawk, bash as sh with the original awk. */
export const PAIRS = [
  ["dash", "mawk"],
  ["busybox", "busybox"],
  ["dash", "gawk"],
  ["bash", "original-awk"],
] as const;

/** Where a program of that name stands on PATH, or undefined. */
export function which(name: string): string | undefined {
  const folders = (process.env["PATH"] ?? "").split(delimiter);
  return folders.map((folder) => join(folder, name)).find((file) => existsSync(file));
}

/** For `before`: leaves the suite out, aloud, where a program or something else that it needs is missing. In CI it fails. */
export function needs(
  what: string,
  programs: readonly string[],
  others: Readonly<Record<string, boolean>> = {},
): Mocha.Func {
  return function () {
    const missing =
      programs.find((name) => which(name) === undefined) ?? Object.keys(others).find((name) => others[name] !== true);
    if (missing === undefined) return;
    assert.ok(process.env["CI"] !== "true", `${missing} is missing: install it, CI skips nothing`);
    console.log(`SKIPPED: ${what}, because ${missing} is missing`);
    this.skip();
  };
}

export interface Outcome {
  stdout: string;
  stderr: string;
  exit: number | null;
}

/** A throw-away home with a memory-backed runtime folder, and a PATH on which `sh` and `awk` are the ones to be tested. */
export class Home {
  readonly root = mkdtempSync(join(tmpdir(), "hook-"));
  readonly memory = mkdtempSync("/dev/shm/hook-");
  readonly home = join(this.root, "home");
  readonly config = join(this.home, ".docker/config.json");
  readonly state = join(this.home, ".local/state/registry-login");
  readonly bin = join(this.root, "bin");

  constructor(shell: string, awk: string) {
    mkdirSync(this.bin);
    mkdirSync(join(this.home, ".docker"), { recursive: true });
    symlinkSync(which(shell) ?? shell, join(this.bin, "sh"));
    symlinkSync(which(awk) ?? awk, join(this.bin, "awk"));
  }

  start(program: string, args: string[], environment: Record<string, string> = {}): ChildProcess {
    return this.#spawn([join(SCRIPTS, program), ...args], environment);
  }

  /** Starts a program whose whole process group can be killed by `-pid`. */
  startGroup(program: string, args: string[], input: string): { pid: number; ended: Promise<unknown> } {
    const child = this.#spawn([join(SCRIPTS, program), ...args], {}, true);
    const ended = once(child, "close"); // of its streams, too: nothing of the group is left then
    child.stdin?.on("error", () => undefined);
    child.stdin?.end(input);
    child.stdout?.resume();
    child.stderr?.resume();
    return { pid: child.pid ?? 0, ended };
  }

  #spawn(args: string[], environment: Record<string, string>, detached = false): ChildProcess {
    return spawn(join(this.bin, "sh"), args, {
      detached,
      cwd: this.root,
      env: {
        PATH: `${this.bin}:/usr/local/bin:/usr/bin:/bin`,
        HOME: this.home,
        XDG_RUNTIME_DIR: this.memory,
        ...environment,
      },
    });
  }

  run(program: string, args: string[], input = "", environment: Record<string, string> = {}): Promise<Outcome> {
    return finished(this.start(program, args, environment), input);
  }

  /** Runs the shell itself. */
  shell(args: string[], environment: Record<string, string> = {}, input = ""): Promise<Outcome> {
    return finished(this.#spawn(args, environment), input);
  }

  apply(lines: string[], environment: Record<string, string> = {}): Promise<Outcome> {
    return this.run("registry-login", ["apply", "--json"], delivery(lines), environment);
  }

  helper(action: string, input = "", environment: Record<string, string> = {}): Promise<Outcome> {
    return this.run("docker-credential-registry-login", [action], input, environment);
  }

  configText(): string {
    return readFileSync(this.config, "utf8");
  }

  /** Whether any file below the home holds `text`. */
  homeHolds(text: string): boolean {
    try {
      execFileSync("grep", ["-rFq", "--", text, this.home]);
      return true;
    } catch {
      return false;
    }
  }

  remove(): void {
    rmSync(this.root, { recursive: true, force: true });
    rmSync(this.memory, { recursive: true, force: true });
  }
}

/** What a program has answered in JSON. */
export function answer({ stdout }: Outcome): Record<string, unknown> {
  return JSON.parse(stdout) as Record<string, unknown>;
}

/** A whole delivery. /dev/shm itself counts as shared, so that the runtime folder is what gets chosen. */
export function delivery(lines: string[], mounts: readonly string[] = []): string {
  return [["registry-login 1 source=cli shm=shared", ...mounts].join(" "), ...lines, "end", ""].join("\n");
}

export function set(host: string, username: string, secret: string): string {
  return `set ${host} ${JSON.stringify({ ServerURL: host, Username: username, Secret: secret })}`;
}

function finished(child: ChildProcess, input: string): Promise<Outcome> {
  const outcome: Outcome = { stdout: "", stderr: "", exit: null };
  child.stdout?.setEncoding("utf8").on("data", (text: string) => (outcome.stdout += text));
  child.stderr?.setEncoding("utf8").on("data", (text: string) => (outcome.stderr += text));
  child.stdin?.on("error", () => undefined); // a program that refuses early does not read its input
  child.stdin?.end(input);
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (exit) => resolve({ ...outcome, exit }));
  });
}
