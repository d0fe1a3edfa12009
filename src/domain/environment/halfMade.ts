import { isFailure } from "../failure";
import type { ComposePart, Container, Engine } from "./container";
import { COMPOSE_PROJECT_LABEL, CONFIG_LABEL, FOLDER_LABEL } from "./environment";
import { samePath } from "./hostPath";

/** A configuration, by its files. */
export interface Named {
  readonly folder: string;
  readonly configFile: string;
}

/** What there is before a creation, so that it takes away nothing but its own when it is cancelled. */
export interface Present {
  /** The ids of the configuration's containers. */
  readonly containers: ReadonlySet<string>;
  /** The ids of whatever belongs to a Compose project; undefined where the engine does not tell. */
  readonly parts: ReadonlySet<string> | undefined;
}

/** The containers of this configuration: a folder may have several. */
export async function containersOf(named: Named, engine: Engine): Promise<Container[]> {
  return (await engine.containers()).filter(({ labels }) => isOf(labels, named));
}

function isOf(labels: Readonly<Record<string, string>>, { folder, configFile }: Named): boolean {
  const { [FOLDER_LABEL]: ofFolder, [CONFIG_LABEL]: ofConfig } = labels;
  if (ofFolder === undefined || !samePath(ofFolder, folder)) return false;
  return ofConfig === undefined || samePath(ofConfig, configFile);
}

/** Throws what the engine throws when it does not answer at all. */
export async function presentBefore(named: Named, engine: Engine): Promise<Present> {
  const containers = new Set((await containersOf(named, engine)).map(({ id }) => id));
  try {
    return { containers, parts: new Set((await engine.composeParts()).map(({ id }) => id)) };
  } catch (error) {
    if (!isFailure(error)) throw error;
    return { containers, parts: undefined };
  }
}

/**
 * Removes what was not there before: the configuration's containers, and of its Compose projects (`projects` besides those
 * of these containers) the other containers, the networks and the volumes. Gives what it leaves or cannot remove.
 */
export async function removeHalfMade(
  named: Named,
  before: Present,
  projects: ReadonlySet<string>,
  engine: Engine,
): Promise<readonly string[]> {
  const made = (await containersOf(named, engine)).filter(({ id }) => !before.containers.has(id));
  for (const { id } of made) await engine.remove(id);
  const left: string[] = [];
  for (const project of new Set([...projects, ...made.flatMap(({ labels }) => labels[COMPOSE_PROJECT_LABEL] ?? [])]))
    left.push(...(await removeFromProject(project, named, before, engine)));
  return left;
}

async function removeFromProject(project: string, named: Named, before: Present, engine: Engine): Promise<string[]> {
  const isNew = ({ id }: { readonly id: string }) => before.parts?.has(id) === false;
  const others = await engine.companions({ id: "", labels: { [COMPOSE_PROJECT_LABEL]: project } });
  for (const container of others) {
    const isOfAnother = FOLDER_LABEL in container.labels && !isOf(container.labels, named);
    if (isNew(container) && !isOfAnother) await engine.remove(container.id);
  }
  const remaining = await engine.composeParts(project);
  if (before.parts === undefined) return remaining.map(nameOf);
  const made = remaining.filter(isNew);
  // networks and volumes that a container still has are not taken from it
  if (remaining.some(({ kind }) => kind === "container")) return made.map(nameOf);
  const left: string[] = [];
  for (const part of made) if (!(await engine.removePart(part))) left.push(nameOf(part));
  return left;
}

function nameOf({ kind, name }: ComposePart): string {
  return `${kind} ${name}`;
}
