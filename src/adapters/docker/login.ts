import type { DockerLogin } from "../../domain/diagnosis/credentials";
import { redactText } from "../../domain/redacted";
import { Failure, messageOf } from "../../domain/failure";
import { resolveDockerCredential } from "./config";
import { readConfigText } from "./configFile";
import { helperRunner } from "./helper";

/** What the docker client would send with this environment: its config, its helpers, `DOCKER_AUTH_CONFIG`. */
export function dockerLogin(env: NodeJS.ProcessEnv): DockerLogin {
  const runHelper = helperRunner(env);
  return async (host) => {
    try {
      const text = await readConfigText(env);
      const found = await resolveDockerCredential(text ?? "", host, runHelper, env["DOCKER_AUTH_CONFIG"]);
      if (found?.identityToken) return { username: found.username ?? "<token>", identityToken: found.identityToken };
      if (found?.username === undefined || found.password === undefined) return undefined;
      return { username: found.username, password: found.password };
    } catch (error) {
      throw new Failure("invalid-docker-config", redactText(messageOf(error)), {}, error);
    }
  };
}
