import type { Environment, Shell } from "../../domain/environment/environment";
import { samePath } from "../../domain/environment/hostPath";
import type { EnvironmentUser } from "../../domain/environment/users";
import type { DockerClient } from "./engine";

/** The best shell that the image has. */
const BEST_SHELL = 'exec "$(command -v bash || command -v ash || command -v sh)"';

/** A shell in an environment as one of its users, in the folder's place inside, for a terminal to run. */
export function dockerShell({
  path,
  env,
}: DockerClient): (environment: Environment, user: EnvironmentUser | undefined) => Shell {
  return ({ container, folder }, user) => {
    const place = container.mounts.find(({ source }) => folder !== undefined && samePath(source, folder))?.destination;
    const engine = Object.entries(env).filter(([name, value]) => name.startsWith("DOCKER_") && value !== undefined);
    return {
      path,
      args: [
        "exec",
        "--interactive",
        "--tty",
        ...(user === undefined ? [] : ["--user", user.name]),
        ...Object.entries(user?.variables ?? {}).flatMap(([name, value]) => ["--env", `${name}=${value}`]),
        ...(place === undefined ? [] : ["--workdir", place]),
        container.id,
        "/bin/sh",
        "-c",
        BEST_SHELL,
      ],
      // the client's own way to the engine; a login of the person's is nobody's business here
      env: Object.fromEntries(engine.filter(([name]) => name !== "DOCKER_AUTH_CONFIG")),
    };
  };
}
