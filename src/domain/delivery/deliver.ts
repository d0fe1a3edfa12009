import * as z from "zod/mini";
import { Failure, isFailure } from "../failure";
import { redactText } from "../redacted";
import type { Engine } from "../environment/container";
import type { Environment } from "../environment/environment";
import { usersOf, type EnvironmentUser, type UsersPorts, type ValueProblem } from "../environment/users";
import { deliveryMessage, type DesiredSet, type Withheld } from "./desiredSet";

/** How a delivery to one environment went. */
export type DeliveryOutcome =
  | {
      readonly kind: "delivered";
      readonly hosts: readonly string[];
      /** Left out on purpose. */
      readonly skipped: readonly string[];
      readonly withheld?: readonly Withheld[];
      /** What the hook found besides: logins that work, and something else there that does not. */
      readonly warnings?: readonly HookWarning[];
      /** Of other users than the one who works there, whose login failed; and whom somebody else was taken for. */
      readonly troubles?: readonly Failure[];
    }
  /** The image has no shell, so nothing can be installed in it and nothing there could log in. Not an error. */
  | { readonly kind: "no-shell" }
  /** The container stopped or was removed meanwhile. Not an error: it is delivered to when it starts again. */
  | { readonly kind: "gone" }
  | {
      readonly kind: "failed";
      readonly failure: Failure;
      /** Users who are logged in all the same. */
      readonly loggedIn?: readonly string[];
      /** What else failed. */
      readonly troubles?: readonly Failure[];
    };

/** Something inside the environment that harms its logins, in the hook's words. */
export interface HookWarning {
  readonly code: string;
  readonly message: string;
}

export interface DeliveryPorts extends UsersPorts {
  readonly engine: Engine;
  /** A shell script that installs the hook's files; it is run as root on stdin where the feature is absent. */
  installScript(): Promise<string>;
  /** What to tell whoever works inside, besides; undefined if there is nothing. */
  advice?(environment: Environment): Promise<string | undefined>;
  /** Who delivers, for the hook's status: `vscode` or `cli`. */
  readonly source: string;
}

const HOOK = "/usr/local/bin/registry-login";
const TIME_LIMIT_MS = 20_000;

/** The last line that `registry-login apply --json` prints. */
const HookAnswer = z.union([
  z.object({
    outcome: z.literal("applied"),
    hosts: z.array(z.string()),
    warnings: z.catch(z.optional(z.array(z.object({ code: z.string(), message: z.string() }))), undefined),
  }),
  z.object({ outcome: z.literal("refused"), code: z.string(), message: z.string() }),
]);

/**
 * Brings the desired set to one environment, for each of its users, through stdin of `docker exec`; installs the hook
 * first where it is absent or too old. It has failed if it fails for the one who works there, the first; what fails for
 * another user is told besides. Never throws but for `cancelled`.
 */
export async function deliver(
  environment: Environment,
  set: DesiredSet,
  ports: DeliveryPorts,
  signal?: AbortSignal,
): Promise<DeliveryOutcome> {
  const loggedIn: string[] = [];
  const troubles: Failure[] = [];
  const warnings = new Map<string, HookWarning>();
  try {
    const advice = await adviceFor(environment, ports);
    const users = await usersOf(environment, ports);
    for (const user of users) {
      try {
        for (const warning of await applyFor(user, environment, set, advice, ports, signal))
          warnings.set(warning.code, warning);
        loggedIn.push(user.name);
        if (user.problem) troubles.push(valueFailure(user, user.problem, environment));
      } catch (error) {
        if (!isAboutUser(error)) throw error;
        troubles.push(error);
      }
    }
    const [first] = users;
    const failure = first && loggedIn.includes(first.name) ? undefined : troubles.shift();
    if (failure) throw failure;
    return {
      kind: "delivered",
      hosts: set.logins.map(({ host }) => host),
      skipped: set.skipped.map(({ host }) => host),
      ...(set.withheld.length === 0 ? {} : { withheld: set.withheld }),
      ...(warnings.size === 0 ? {} : { warnings: [...warnings.values()] }),
      ...(troubles.length === 0 ? {} : { troubles }),
    };
  } catch (error) {
    if (!isFailure(error)) throw error;
    if (error.code === "cancelled") throw error;
    if (error.code === "no-shell") return { kind: "no-shell" };
    if (error.code === "container-gone") return { kind: "gone" };
    // whoever removes a container ends the hook in it, which then says nothing
    const wasKilled = error.facts["exitCode"] === KILLED;
    if (error.code === "delivery-failed" && !(await isRunning(environment, ports.engine, wasKilled)))
      return { kind: "gone" };
    return {
      kind: "failed",
      failure: error.code === "timed-out" ? tooSlow(environment, error) : error,
      ...(loggedIn.length === 0 ? {} : { loggedIn }),
      ...(troubles.length === 0 ? {} : { troubles }),
    };
  }
}

/** Others may be logged in where this one is not; what hinders the hook itself hinders all of them. */
function isAboutUser(error: unknown): error is Failure {
  return isFailure(error, "delivery-failed") && error.facts["user"] !== undefined;
}

/** What a value of the configuration means for its user: somebody else is taken for the one meant, or nobody can be. */
function valueFailure(
  { name: user }: EnvironmentUser,
  { kind, setting, text, variables }: ValueProblem,
  { container }: Environment,
): Failure {
  const names = variables.join(", ");
  const [reason, why] =
    kind === "unset"
      ? ["variable-not-set", `${names} has no value here: ${user} is logged in instead.`]
      : ["unknown-variable", `what ${names} stands for is not known here.`];
  const message = `${setting} is "${text}", and ${why}`;
  const facts = { reason, container: container.name, user, setting, text, variables, detail: message };
  return new Failure("delivery-failed", message, facts);
}

function tooSlow({ container: { name } }: Environment, cause: Failure): Failure {
  const seconds = TIME_LIMIT_MS / 1000;
  const message = `Nothing in ${name} has answered within ${seconds} seconds.`;
  const facts = { reason: "timed-out", container: name, detail: message, seconds };
  return new Failure("delivery-failed", message, facts, cause);
}

/** What a shell says of a program that SIGKILL ended. */
const KILLED = 137;

/** `wasKilled`: the hook ended as it does when its container is killed, which the engine tells of a moment later. */
async function isRunning({ container: { id } }: Environment, engine: Engine, wasKilled: boolean): Promise<boolean> {
  try {
    const [found] = await engine.inspect([id]);
    if (found?.running !== true || !wasKilled) return found?.running === true;
    const alive = { command: ["/bin/sh", "-c", ":"], user: "root", stdin: "", timeoutMs: TIME_LIMIT_MS };
    return (await engine.exec(id, alive)).exitCode === 0;
  } catch (error) {
    if (isFailure(error)) return error.code !== "container-gone"; // it may be
    throw error;
  }
}

async function applyFor(
  user: EnvironmentUser,
  environment: Environment,
  set: DesiredSet,
  advice: string | undefined,
  ports: DeliveryPorts,
  signal: AbortSignal | undefined,
): Promise<readonly HookWarning[]> {
  const { id, name } = environment.container;
  if (user.problem?.kind === "unknown") throw valueFailure(user, user.problem, environment);
  const clean = (text: string) => cleanWords(text, set);
  const apply = async () => {
    const result = await ports.engine.exec(
      id,
      {
        command: [HOOK, "apply", "--json"],
        user: user.name,
        ...(user.variables === undefined ? {} : { environment: user.variables }),
        stdin: deliveryMessage(set, environment, ports.source, advice).reveal(),
        timeoutMs: TIME_LIMIT_MS,
      },
      signal,
    );
    return {
      ...result,
      answer: parseAnswer(result.stdout),
      said: clean(lastLine(result.stderr) || lastLine(result.stdout)),
    };
  };

  let result = await apply();
  const facts = { container: name, user: user.name };
  if (result.answer === undefined && NO_SUCH_USER.test(result.said)) {
    if (user.name === "root") throw noShell(name); // it has no users at all, as an image FROM scratch
    const message = `${name} has no user ${user.name}: ${result.said}`;
    throw new Failure("delivery-failed", message, { ...facts, reason: "no-such-user", detail: result.said });
  }
  const absent = result.answer === undefined && (result.exitCode === 126 || result.exitCode === 127);
  const tooOld = result.answer?.outcome === "refused" && result.answer.code === "unsupported-protocol";
  if (absent || tooOld) {
    await install(environment, ports, clean, signal);
    result = await apply();
  }
  const { answer, exitCode, said } = result;
  if (answer?.outcome === "applied") {
    return (answer.warnings ?? []).map(({ code, message }) => ({ code: clean(code), message: clean(message) }));
  }
  if (answer) {
    const message = clean(answer.message);
    throw new Failure("delivery-failed", message, { ...facts, reason: clean(answer.code), detail: message });
  }
  const ended = `The login hook in ${name} ended with ${exitCode}`;
  const message = said === "" ? `${ended} and said nothing.` : `${ended}: ${said}`;
  throw new Failure("delivery-failed", message, { ...facts, reason: `exit-${exitCode}`, exitCode, detail: said });
}

/** What docker and podman say of `exec --user` with a name that is not in the container's /etc/passwd or /etc/group. */
const NO_SUCH_USER = /^(?:Error: )?unable to find (?:user|group) |no matching entries in (?:passwd|group) file/;

/** What cannot be told is no reason to log nobody in. */
async function adviceFor(environment: Environment, ports: DeliveryPorts): Promise<string | undefined> {
  try {
    return await ports.advice?.(environment);
  } catch (error) {
    if (isFailure(error)) return undefined;
    throw error;
  }
}

async function install(
  environment: Environment,
  ports: DeliveryPorts,
  clean: (text: string) => string,
  signal: AbortSignal | undefined,
): Promise<void> {
  const { id, name } = environment.container;
  const { exitCode, stderr } = await ports.engine.exec(
    id,
    { command: ["/bin/sh", "-s"], user: "root", stdin: await ports.installScript(), timeoutMs: TIME_LIMIT_MS },
    signal,
  );
  if (exitCode === 0) return;
  if (exitCode === 126 || exitCode === 127) throw noShell(name);
  const detail = clean(lastLine(stderr)) || `install.sh ended with ${exitCode}`;
  throw new Failure("delivery-failed", `The login hook could not be installed in ${name}: ${detail}`, {
    reason: "install-failed",
    container: name,
    detail,
  });
}

function noShell(name: string): Failure {
  return new Failure("no-shell", `The image of ${name} has no /bin/sh.`);
}

const LONGEST_WORDS = 500;

/** What a container says is kept and shown, and it may say anything: the values that it was given, or no end of text. */
function cleanWords(text: string, set: DesiredSet): string {
  const secrets = set.logins.map(({ username, password }) => ({ username, value: password }));
  const clean = redactText(text, secrets);
  return clean.length > LONGEST_WORDS ? `${clean.slice(0, LONGEST_WORDS)}…` : clean;
}

function lastLine(text: string): string {
  return text.trim().split("\n").at(-1) ?? "";
}

function parseAnswer(stdout: string) {
  try {
    const parsed = z.safeParse(HookAnswer, JSON.parse(lastLine(stdout)));
    return parsed.success ? parsed.data : undefined;
  } catch {
    return undefined;
  }
}
