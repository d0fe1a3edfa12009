import { parseArgs } from "node:util";
import type { PolicyField } from "../domain/diagnosis/policyValue";
import { Failure, messageOf } from "../domain/failure";
import type { PolicyText } from "../presentation/policyText";

export interface CliArguments {
  readonly command: "diagnose" | "explain" | "up" | "sync" | "policy" | "help" | "version";
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
  /** Whether runner-native secrets are delivered, too. */
  readonly deliverNative: boolean;
  /** Names of containers that the person calls environments. */
  readonly confirmed: readonly string[];
  readonly verbose: boolean;
  /** Of the command `policy`. */
  readonly policy?: PolicyArguments;
}

export interface PolicyArguments {
  /** `ecr`, `gar` or `acr`, as typed. */
  readonly cloud: string;
  /** An image or a host, as typed; absent: of the current folder's dev container. */
  readonly image?: string;
  readonly values: Readonly<Partial<Record<PolicyField, string>>>;
  readonly form?: keyof Pick<PolicyText, "json" | "command" | "terraform">;
}

const POLICY_OPTIONS = {
  repository: { type: "string" },
  role: { type: "string" },
  project: { type: "string" },
  location: { type: "string" },
  member: { type: "string" },
  principal: { type: "string" },
} as const satisfies Record<PolicyField, { type: "string" }>;
const FORMS = { json: "json", cli: "command", terraform: "terraform" } as const;

const COMMANDS = ["diagnose", "explain", "up", "sync", "policy", "help", "version"] as const;

/** Which options each command knows, beyond those of all. */
const OWN: Record<CliArguments["command"], readonly string[]> = {
  diagnose: ["config", "allow-auth-host", "timeout"],
  explain: [],
  up: ["config", "allow-auth-host", "timeout", "recreate", "deliver-native"],
  sync: ["watch", "log-out-all", "confirm", "deliver-native"],
  policy: ["config", "as", ...Object.keys(POLICY_OPTIONS)],
  help: [],
  version: [],
};
const OF_ALL = ["json", "secrets-file", "help", "version", "verbose"];

export const USAGE = `registry-secrets: private container images for dev containers

  registry-secrets diagnose [folder]   say for each image of the dev container whether it can be pulled, and if not, why
  registry-secrets explain [file]      say what an error text or log means: of a file, or of standard input
  registry-secrets up [folder]         create the environment, with private images, and log in inside it
  registry-secrets sync [folder]       bring changed secrets to the folder's running environments
  registry-secrets policy ecr|gar|acr [image]
                                       write what lets a cloud's identity pull the image: as JSON, command and Terraform

Secrets come from the variables <X>_CONTAINER_REGISTRY_SERVER, _USER and _PASSWORD of the environment, or from a file:
  --secrets-file FILE     {"NAME": "value"}, as the dev container CLI reads it; beats the environment
Options
  --config FILE           the devcontainer.json, where the folder has several
  --json                  one JSON document on standard output
  --verbose               what is done, on standard error
  --timeout SECONDS       limit of one request to a registry (diagnose, up; default 10)
  --allow-auth-host R=H   agree that registry R gets its tokens from host H (diagnose, up; may be repeated)
  --recreate              remove the existing container first (up)
  --deliver-native        log in inside with runner-native secrets, too, for some hours (up, sync; --watch renews)
  --watch                 stay, and deliver again whenever an environment starts or the secrets file changes (sync)
  --confirm CONTAINER     this container is an environment of the folder, although it cannot prove it (sync; once)
  --repository, --role    for ECR: the repository (* for many), the role or its ARN (policy)
  --project, --location, --member
                          for Google: whose repository, where, and who pulls it (policy)
  --principal GUID        for ACR: the object id of the identity (policy)
  --as FORM               only this form of it: json, cli or terraform (policy)
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
        "deliver-native": { type: "boolean" },
        confirm: { type: "string", multiple: true },
        verbose: { type: "boolean" },
        as: { type: "string" },
        ...POLICY_OPTIONS,
        help: { type: "boolean", short: "h" },
        version: { type: "boolean" },
      },
    });
  } catch (error) {
    throw wrong((messageOf(error).split(". ")[0] ?? "").replace(/\.$/, ""));
  }
  const { values, positionals } = parsed;
  const [word = "help", place = ".", ...others] = positionals;
  const [image, ...rest] = word === "policy" ? others : [undefined, ...others];
  const command =
    values.help === true ? "help" : values.version === true ? "version" : COMMANDS.find((known) => known === word);
  if (command === undefined) throw wrong(`There is no command "${word}"`);
  if (rest.length > 0) {
    const what = command === "explain" ? "file" : command === "policy" ? "image" : "folder";
    throw wrong(`One ${what} at a time: "${rest.join(" ")}" is too much`);
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
    folder: command === "explain" || command === "policy" ? "." : place,
    ...(command === "explain" && place !== "-" && positionals.length > 1 ? { file: place } : {}),
    ...(values.config === undefined ? {} : { config: values.config }),
    ...(values["secrets-file"] === undefined ? {} : { secretsFile: values["secrets-file"] }),
    allowedRealms,
    timeoutSeconds,
    json: values.json === true,
    recreate: values.recreate === true,
    watch: values.watch === true,
    logOutAll: values["log-out-all"] === true,
    deliverNative: values["deliver-native"] === true,
    confirmed: values.confirm ?? [],
    verbose: values.verbose === true,
    ...(command === "policy" ? { policy: policyArguments(values, positionals[1] ?? "", image) } : {}),
  };
}

function policyArguments(
  given: Readonly<Partial<Record<PolicyField | "as", string>>>,
  cloud: string,
  image: string | undefined,
): PolicyArguments {
  const { as, ...others } = given;
  if (as !== undefined && !Object.hasOwn(FORMS, as)) {
    throw wrong(`--as takes ${Object.keys(FORMS).join(", ")}, not "${as}"`);
  }
  const fields = Object.keys(POLICY_OPTIONS) as PolicyField[];
  return {
    cloud,
    ...(image === undefined ? {} : { image }),
    values: Object.fromEntries(
      fields.flatMap((field) => (others[field] === undefined ? [] : [[field, others[field]]])),
    ),
    ...(as === undefined ? {} : { form: FORMS[as as keyof typeof FORMS] }),
  };
}

function wrong(what: string): Failure {
  return new Failure("wrong-use", `${what}.`);
}
