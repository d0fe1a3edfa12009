import type { EnvironmentEntry } from "../domain/delivery/environments";
import type { Environment } from "../domain/environment/environment";
import { isAmong } from "../domain/environment/hostPath";
import { compareNames } from "../domain/nameOrder";

/** What the window has open: only there an environment can be created, and only there it needs the person. */
export interface OpenFolders {
  readonly folders: readonly string[];
  /** True if one of them has a devcontainer.json. */
  readonly hasConfig: boolean;
  /** False in Restricted Mode, where nothing is created. */
  readonly isTrusted: boolean;
}

/** Whether an environment is of an open folder, and can be created anew from it. */
export type Standing = "here" | "restricted" | "elsewhere";

/** The standing of an environment of `folder`. */
export function standingOf(folder: string | undefined, { folders, isTrusted }: OpenFolders): Standing {
  if (!isAmong(folder, folders)) return "elsewhere";
  return isTrusted ? "here" : "restricted";
}

/** True of an environment of an open folder, made or failed; what is not confirmed counts for nothing. */
export function isHere(entry: EnvironmentEntry, { folders }: OpenFolders): boolean {
  if (entry.kind === "candidate") return false;
  return isAmong(entry.kind === "environment" ? entry.environment.folder : entry.creation.folder, folders);
}

/** Those of the open folders, then what runs, then the rest; what is not confirmed comes last, in the same order. */
export function byNearness(open: OpenFolders): (a: EnvironmentEntry, b: EnvironmentEntry) => number {
  const rank = (entry: EnvironmentEntry): number => {
    switch (entry.kind) {
      case "candidate":
        return isAmong(entry.candidate.recognition.folder, open.folders) ? 4 : 5;
      case "not-created":
        return isAmong(entry.creation.folder, open.folders) ? 0 : 3;
      case "environment":
        return (
          (isAmong(entry.environment.folder, open.folders) ? 0 : 2) + (entry.environment.container.running ? 0 : 1)
        );
    }
  };
  const name = (entry: EnvironmentEntry): string =>
    entry.kind === "environment"
      ? nameOf(entry.environment)
      : entry.kind === "candidate"
        ? entry.candidate.container.name
        : nameOf(entry.creation);
  return (a, b) => rank(a) - rank(b) || compareNames(name(a), name(b));
}

/** The folder, and which of its configurations if it is not the usual one; a container without a folder by its own name. */
export function nameOf(environment: Pick<Environment, "folder" | "configFile"> & Partial<Environment>): string {
  const { folder, configFile = "", container } = environment;
  if (folder === undefined) return container?.name ?? "";
  const base = last(folder);
  const named = /[\\/]\.devcontainer[\\/]([^\\/]+)[\\/]devcontainer\.json$/.exec(configFile)?.[1];
  return named === undefined ? base : `${base} (${named})`;
}

function last(path: string): string {
  return (
    path
      .split(/[\\/]/)
      .filter((part) => part !== "")
      .at(-1) ?? path
  );
}
