import { parseArgs } from "node:util";
import { Failure, messageOf } from "../domain/failure";

export interface CliArguments {
  readonly command: "diagnose" | "explain" | "up" | "sync" | "help" | "version";
  /** As typed; the current folder if left out. */
  readonly folder: string;
  /** The text that `explain` reads, as typed; absent for standard input. */
  readonly file?: string;
  readonly config?: string;
  readonly secretsFile?: string;
  readonly allowedRealms: readonly string[];
  readonly timeoutSeconds: number;
  readonly json: boolean;
  readonly recreate: boolean;
  readonly watch: boolean;
  readonly logOutAll: boolean;
  /** Names of containers that the person calls environments. */
  readonly confirmed: readonly string[];
  readonly verbose: boolean;
}

const COMMANDS = ["diagnose", "explain", "up", "sync", "help", "version"] as const;

/** Which options each command knows, beyond those of all. */
const OWN: Record<CliArguments["command"], readonly string[]> = {
  diagnose: ["config", "allow-auth-host", "timeout"],
  explain: [],
  up: ["config", "allow-auth-host", "timeout", "recreate"],
  sync: ["watch", "log-out-all", "confirm"],
  help: [],
  version: [],
};
const OF_ALL = ["json", "secrets-file", "help", "version", "verbose"];

export const USAGE = `registry-secrets: private container images for dev containers

  registry-secrets diagnose [folder]   say for each image of the dev container whether it can be pulled, and if not, why
  registry-secrets explain [file]      say what an error text or log means: of a file, or of standard input
  registry-secrets up [folder]         create the environment, with private images, and log in inside it
  registry-secrets sync [folder]       bring changed secrets to the folder's running environments

Secrets come from the variables <X>_CONTAINER_REGISTRY_SERVER, _USER and _PASSWORD of the environment, or from a file:
  --secrets-file FILE     {"NAME": "value"}, as the dev container CLI reads it; beats the environment
Options
  --config FILE           the devcontainer.json, where the folder has several
  --json                  one JSON document on standard output
  --verbose               what is done, on standard error
  --timeout SECONDS       limit of one request to a registry (diagnose, up; default 10)
  --allow-auth-host R=H   agree that registry R gets its tokens from host H (diagnose, up; may be repeated)
  --recreate              remove the existing container first (up)
  --watch                 stay, and deliver again whenever an environment starts or the secrets file changes (sync)
  --confirm CONTAINER     this container is an environment of the folder, although it cannot prove it (sync; once)
  --log-out-all           without any secret: take all logins out of the environments (sync)

Exit codes: 0 fine, 1 something was found or failed, 2 wrong use, 130 cancelled.
`;

/** Reads the command line. Throws the failure `wrong-use` with what is wrong in it. */
export function parseArguments(argv: readonly string[]): CliArguments {
  let parsed;
  try {
    parsed = parseArgs({
      args: [...argv],
      allowPositionals: true,
      options: {
        config: { type: "string" },
        "secrets-file": { type: "string" },
        "allow-auth-host": { type: "string", multiple: true },
        timeout: { type: "string" },
        json: { type: "boolean" },
        recreate: { type: "boolean" },
        watch: { type: "boolean" },
        "log-out-all": { type: "boolean" },
        confirm: { type: "string", multiple: true },
        verbose: { type: "boolean" },
        help: { type: "boolean", short: "h" },
        version: { type: "boolean" },
      },
    });
  } catch (error) {
    throw wrong((messageOf(error).split(". ")[0] ?? "").replace(/\.$/, ""));
  }
  const { values, positionals } = parsed;
  const [word = "help", place = ".", ...rest] = positionals;
  const command =
    values.help === true ? "help" : values.version === true ? "version" : COMMANDS.find((known) => known === word);
  if (command === undefined) throw wrong(`There is no command "${word}"`);
  if (rest.length > 0) {
    throw wrong(`One ${command === "explain" ? "file" : "folder"} at a time: "${rest.join(" ")}" is too much`);
  }
  const foreign = Object.keys(values).find((name) => !OF_ALL.includes(name) && !OWN[command].includes(name));
  if (foreign !== undefined && command !== "help") throw wrong(`"${command}" has no option --${foreign}`);
  const timeoutSeconds = Number(values.timeout ?? "10");
  if (!(timeoutSeconds > 0 && timeoutSeconds <= 600)) throw wrong("--timeout takes seconds from 1 to 600");
  const allowedRealms = values["allow-auth-host"] ?? [];
  for (const entry of allowedRealms) {
    if (!/^[^=\s]+=[^=\s/]+$/.test(entry)) throw wrong(`--allow-auth-host takes <registry>=<host>, not "${entry}"`);
  }
  return {
    command,
    folder: command === "explain" ? "." : place,
    ...(command === "explain" && place !== "-" && positionals.length > 1 ? { file: place } : {}),
    ...(values.config === undefined ? {} : { config: values.config }),
    ...(values["secrets-file"] === undefined ? {} : { secretsFile: values["secrets-file"] }),
    allowedRealms,
    timeoutSeconds,
    json: values.json === true,
    recreate: values.recreate === true,
    watch: values.watch === true,
    logOutAll: values["log-out-all"] === true,
    confirmed: values.confirm ?? [],
    verbose: values.verbose === true,
  };
}

function wrong(what: string): Failure {
  return new Failure("wrong-use", `${what}.`);
}
