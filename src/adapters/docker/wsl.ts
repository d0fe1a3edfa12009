import type { DockerClient } from "./engine";

/** Variables that choose the engine; WSL hands over only what `WSLENV` names (learn.microsoft.com, "Share environment variables"). */
const HANDED_OVER = ["DOCKER_HOST", "DOCKER_CONTEXT"];

/**
 * The docker client inside a WSL distribution, for Windows without one of its own: `wsl.exe` runs it without a shell, so that
 * no argument is read twice, and hands standard input through.
 */
export function wslClient(distribution: string, dockerPath: string, env: NodeJS.ProcessEnv): DockerClient {
  const given = HANDED_OVER.filter((name) => (env[name] ?? "") !== "").map((name) => `${name}/u`);
  const shared = [env["WSLENV"] ?? "", ...given].filter((part) => part !== "").join(":");
  return {
    path: "wsl.exe",
    before: ["--distribution", distribution, "--exec", dockerPath],
    // without WSL_UTF8 its own messages are UTF-16 (microsoft/WSL release notes, 0.64)
    env: { ...env, WSL_UTF8: "1", ...(shared === "" ? {} : { WSLENV: shared }) },
  };
}

/**
 * What stands between us and docker, if that is what `text` tells of: WSL's own errors, a distribution without docker, and
 * the script that Docker Desktop puts in its place where its integration is off. Undefined for docker's own words.
 */
export function wslProblem(text: string): string | undefined {
  const lines = text
    .replaceAll("\0", "")
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== "");
  const isWsls = lines.some((line) =>
    /\bWSL_E_\w+|\bWsl\/\w+|Windows Subsystem for Linux|could not be found in this WSL|CreateProcess.*execvpe/i.test(
      line,
    ),
  );
  return isWsls ? lines.slice(0, 2).join(" ") : undefined;
}
