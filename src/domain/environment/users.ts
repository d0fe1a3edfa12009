import { getNodeValue } from "jsonc-parser";
import { parseJsonText } from "../image/jsonText";
import { expandVariables, variableName, type DevcontainerVariables } from "../image/variables";
import type { WorkspaceFiles } from "../image/workspaceImages";
import { isRecord } from "../record";
import { withoutTriplets } from "../secret/triplets";
import type { Container } from "./container";
import { serviceOf, type Environment } from "./environment";
import { pathBelow } from "./hostPath";

/** Who works inside, and with which part of the environment that `devcontainer exec` would give. */
export interface EnvironmentUser {
  readonly name: string;
  /** Where `remoteEnv` says that logins are kept, which a plain `docker exec` does not see. */
  readonly variables?: Readonly<Record<string, string>>;
  readonly problem?: ValueProblem;
}

/**
 * Variables in a value of the configuration that mean nothing here. `unset`: of this machine or the container, where they have
 * no value, so that the tools take them for empty. `unknown`: nobody can tell what the value is.
 */
export interface ValueProblem {
  readonly kind: "unset" | "unknown";
  /** Such as `remoteEnv.DOCKER_CONFIG`. */
  readonly setting: string;
  /** As it is written. */
  readonly text: string;
  readonly variables: readonly string[];
}

export interface UsersPorts {
  readonly files: Pick<WorkspaceFiles, "read">;
  /** The environment of this process, which dev container tools of this machine have, too. */
  readonly env: NonNullable<DevcontainerVariables["localEnv"]>;
}

type Settings = Readonly<Record<string, unknown>>;

const METADATA_LABEL = "devcontainer.metadata";
/** What decides where logins are kept: Docker's config, and the state folder of the login hook. */
const PLACES = ["DOCKER_CONFIG", "XDG_STATE_HOME"];

/**
 * The users to log in, the remote user first: `remoteUser` and `containerUser` of the container's metadata, each falling back
 * to the user of the container (containers.dev, image metadata: later entries win). As in `devcontainer exec`, `remoteUser`
 * and `remoteEnv` of devcontainer.json as it is now win over the label, where the file can be read, and the variables in
 * both are filled in: the label holds them as they are written (devcontainers/cli src/spec-node/imageMetadata.ts).
 */
export async function usersOf(environment: Environment, { files, env }: UsersPorts): Promise<EnvironmentUser[]> {
  const { container, folder, configFile } = environment;
  const text = configFile === undefined ? undefined : await files.read(configFile);
  const config = text === undefined ? undefined : settingsIn(text);
  const known: DevcontainerVariables = {
    localEnv: withoutTriplets(env),
    containerEnv: container.environment,
    ...(folder === undefined ? {} : { localWorkspaceFolder: folder }),
  };
  const inside = workspaceFolderOf(environment, config, known);
  const variables = inside === undefined ? known : { ...known, containerWorkspaceFolder: inside };
  const entries = [...metadataOf(container), { remoteUser: config?.["remoteUser"], remoteEnv: config?.["remoteEnv"] }];

  const own = nameIn(entries, "containerUser", variables);
  const containerUser = (own?.problem?.kind === "unknown" ? undefined : own?.name) ?? ownUser(container);
  const remote = nameIn(entries, "remoteUser", variables);
  const places = placesIn(entries, variables);
  const problem = [remote?.problem, places.problem].find((found) => found?.kind === "unknown") ?? remote?.problem;
  const name = remote?.name ?? containerUser;
  return [
    {
      name,
      ...(Object.keys(places.variables).length === 0 ? {} : { variables: places.variables }),
      ...(problem === undefined ? {} : { problem }),
    },
    ...(containerUser === name ? [] : [{ name: containerUser }]),
  ];
}

/** Where the folder is inside, as the tools say it; without its configuration, where the container mounts it. */
function workspaceFolderOf(
  { container, folder }: Environment,
  config: Settings | undefined,
  variables: DevcontainerVariables,
): string | undefined {
  const written = config?.["workspaceFolder"];
  if (typeof written === "string") return expandVariables(written, variables).text;
  // of a Compose project it is the root, unless the configuration says something else
  if (config && "dockerComposeFile" in config) return "/";
  if (folder === undefined || serviceOf(container) !== undefined) return undefined;
  const [place] = container.mounts
    .flatMap(({ type, source, destination }) => {
      const below = type === "bind" ? pathBelow(source, folder) : undefined;
      return below === undefined ? [] : [{ below, path: `${destination}${below}` }];
    })
    .sort((a, b) => a.below.length - b.below.length);
  return place?.path;
}

/** The last name that is given; one that is empty once its variables are filled in is none. */
function nameIn(
  entries: readonly Settings[],
  setting: string,
  variables: DevcontainerVariables,
): { readonly name?: string; readonly problem?: ValueProblem } | undefined {
  let problem: ValueProblem | undefined;
  for (const entry of entries.toReversed()) {
    const written = entry[setting];
    if (typeof written !== "string") continue;
    const value = valueOf(setting, written, variables);
    problem ??= value.problem;
    if (value.text !== "") return { name: value.text, ...(problem === undefined ? {} : { problem }) };
  }
  return problem && { problem };
}

function placesIn(
  entries: readonly Settings[],
  known: DevcontainerVariables,
): { readonly variables: Record<string, string>; readonly problem?: ValueProblem | undefined } {
  const variables: Record<string, string> = {};
  const problems: ValueProblem[] = [];
  for (const name of PLACES) {
    const values = entries.flatMap(({ remoteEnv }) => (isRecord(remoteEnv) ? [remoteEnv[name]] : []));
    // containers.dev: null unsets the variable
    const written = values.filter((value) => typeof value === "string" || value === null).at(-1);
    if (typeof written !== "string") continue;
    const { text, problem } = valueOf(`remoteEnv.${name}`, written, known);
    variables[name] = text;
    if (problem?.kind === "unknown") problems.push(problem);
  }
  return { variables, problem: problems[0] };
}

function valueOf(setting: string, written: string, known: DevcontainerVariables) {
  const { text, unresolved } = expandVariables(written, known);
  const unknown = unresolved.filter((placeholder) => text.includes(placeholder));
  const names = [...new Set((unknown.length > 0 ? unknown : unresolved).map(variableName))];
  const problem: ValueProblem | undefined =
    names.length === 0
      ? undefined
      : { kind: unknown.length > 0 ? "unknown" : "unset", setting, text: written, variables: names };
  return { text, problem };
}

function ownUser({ user }: Container): string {
  return user.split(":")[0] || "root";
}

/** An image may carry any text in this label. */
function metadataOf({ labels }: Container): Settings[] {
  try {
    const parsed: unknown = JSON.parse(labels[METADATA_LABEL] ?? "[]");
    return (Array.isArray(parsed) ? parsed : [parsed]).filter(isRecord);
  } catch {
    return [];
  }
}

function settingsIn(text: string): Settings | undefined {
  const root = parseJsonText(text);
  const value: unknown = root && getNodeValue(root);
  return isRecord(value) ? value : undefined;
}
