import type { Container } from "./container";
import { contains, samePath } from "./hostPath";

/** A dev container of a folder that is ours to deliver to. */
export interface Environment {
  readonly container: Container;
  /** The folder on this machine, as its label spells it; undefined for a container known only by its id. */
  readonly folder?: string;
  readonly configFile?: string;
  /** Users to log in, the remote user first. */
  readonly users: readonly EnvironmentUser[];
}

/** Who works inside, and with which part of the environment that `devcontainer exec` would give. */
export interface EnvironmentUser {
  readonly name: string;
  /** `remoteEnv.DOCKER_CONFIG` of the configuration, which a plain `docker exec` does not see. */
  readonly dockerConfig?: string;
}

/** A shell inside, for a terminal to run. */
export interface Shell {
  readonly path: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** What is known beyond what containers say of themselves (security, 3). */
export interface Trust {
  /** Containers that we created or that the person confirmed. */
  readonly containerIds: ReadonlySet<string>;
  /** Folders that the person trusts. */
  readonly folders: readonly string[];
}

/** Whether a container is an environment, only looks like one (and why), or does not even look like one. */
export type Recognition =
  | { readonly kind: "environment"; readonly environment: Environment }
  | {
      readonly kind: "candidate";
      readonly folder: string;
      readonly why: "label-of-image" | "untrusted-folder" | "folder-not-mounted";
    }
  | { readonly kind: "other" };

export const FOLDER_LABEL = "devcontainer.local_folder";
export const CONFIG_LABEL = "devcontainer.config_file";
const METADATA_LABEL = "devcontainer.metadata";
const SERVICE_LABEL = "com.docker.compose.service";

/**
 * Decides whether a container is an environment. Labels only find candidates, because an image can carry them: it must
 * be known by id, or its *own* label must name a trusted folder that it *also* mounts from the host (security, 3).
 */
export function recognise(container: Container, trust: Trust): Recognition {
  const folder = container.labels[FOLDER_LABEL];
  if (trust.containerIds.has(container.id))
    return { kind: "environment", environment: environmentOf(container, folder) };
  if (folder === undefined) return { kind: "other" };
  if (container.imageLabels[FOLDER_LABEL] === folder) return { kind: "candidate", folder, why: "label-of-image" };
  if (!trust.folders.some((trusted) => samePath(trusted, folder))) {
    return { kind: "candidate", folder, why: "untrusted-folder" };
  }
  if (!container.mounts.some((mount) => mount.type === "bind" && contains(mount.source, folder))) {
    return { kind: "candidate", folder, why: "folder-not-mounted" };
  }
  return { kind: "environment", environment: environmentOf(container, folder) };
}

/** The name of the Compose service that a container runs; undefined for one that is of no Compose project. */
export function serviceOf({ labels }: Container): string | undefined {
  return labels[SERVICE_LABEL];
}

function environmentOf(container: Container, folder: string | undefined): Environment {
  const configFile = container.labels[CONFIG_LABEL];
  return {
    container,
    ...(folder === undefined ? {} : { folder }),
    ...(configFile === undefined ? {} : { configFile }),
    users: usersOf(container),
  };
}

/**
 * The users of a dev container: `remoteUser` and `containerUser` of its metadata, each falling back to the user of
 * the container (containers.dev, image metadata: later entries win).
 */
export function usersOf(container: Container): EnvironmentUser[] {
  const metadata = metadataOf(container.labels[METADATA_LABEL]);
  const last = (key: string) => {
    const values = metadata.map((entry) => entry[key]).filter((value) => typeof value === "string" && value !== "");
    return values.at(-1) as string | undefined;
  };
  const containerUser = last("containerUser") ?? (container.user.split(":")[0] || "root");
  const remoteUser = last("remoteUser") ?? containerUser;
  const dockerConfig = dockerConfigOf(metadata, container.environment);
  return [
    { name: remoteUser, ...(dockerConfig === undefined ? {} : { dockerConfig }) },
    ...(containerUser === remoteUser ? [] : [{ name: containerUser }]),
  ];
}

function dockerConfigOf(metadata: readonly Record<string, unknown>[], environment: Container["environment"]) {
  let value: string | undefined;
  for (const { remoteEnv } of metadata) {
    const entry = isRecord(remoteEnv) ? remoteEnv["DOCKER_CONFIG"] : undefined;
    if (typeof entry === "string") value = entry;
    if (entry === null) value = undefined; // containers.dev: null unsets the variable
  }
  const resolved = value?.replace(
    /\$\{containerEnv:([^:}]+)(?::([^}]*))?\}/g,
    (_, name: string, fallback: string | undefined) => environment[name] ?? fallback ?? "",
  );
  // the label holds variables as they are written; what only the dev container CLI can resolve is no folder
  return resolved?.includes("${") === true ? undefined : resolved;
}

function metadataOf(label: string | undefined): Record<string, unknown>[] {
  if (label === undefined) return [];
  try {
    const parsed: unknown = JSON.parse(label);
    return (Array.isArray(parsed) ? parsed : [parsed]).filter(isRecord);
  } catch {
    return []; // an image may carry any text in this label
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
