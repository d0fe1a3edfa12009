import type { Container } from "./container";
import { contains, isAmong } from "./hostPath";

/** A dev container of a folder that is ours to deliver to. */
export interface Environment {
  readonly container: Container;
  /** The folder on this machine, as its label spells it; undefined for a container known only by its id. */
  readonly folder?: string;
  readonly configFile?: string;
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
/** Docker Compose writes it to whatever belongs to a project. */
export const COMPOSE_PROJECT_LABEL = "com.docker.compose.project";
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
  if (!isAmong(folder, trust.folders)) {
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
  };
}
