import { Failure, isFailure } from "../../domain/failure";
import { run } from "../process/run";

/** What a credential helper printed and how it ended. */
export interface HelperAnswer {
  readonly stdout: string;
  readonly exitCode: number;
}

export type RunHelper = (
  name: string,
  action: "get" | "list" | "store" | "erase",
  input: string,
) => Promise<HelperAnswer>;

/** A foreign helper gets this long: a hanging one must not hang us (security, 6). */
const LIMIT_MS = 10_000;
const LARGEST_ANSWER = 1024 * 1024;

/**
 * Runs `docker-credential-<name>` of the person's PATH with `input` on stdin, as docker does
 * (docker/docker-credential-helpers, client/command.go). Throws `helper-missing`, `helper-failed` for one
 * that is there and cannot be started, `timed-out`, `cancelled`.
 */
export function helperRunner(env: NodeJS.ProcessEnv, timeoutMs = LIMIT_MS, signal?: AbortSignal): RunHelper {
  return async (name, action, input) => {
    try {
      return await run(
        {
          command: `docker-credential-${name}`,
          args: [action],
          stdin: input,
          env,
          timeoutMs,
          maxOutput: LARGEST_ANSWER,
          ownGroup: true,
        },
        { signal },
      );
    } catch (error) {
      if (!isFailure(error, "program-missing")) throw error;
      const facts = { helper: name };
      if (error.facts["missing"] !== true) throw new Failure("helper-failed", error.message, facts, error);
      throw new Failure(
        "helper-missing",
        `Docker's config names the credential helper docker-credential-${name}, which is not on PATH.`,
        facts,
        error,
      );
    }
  };
}
