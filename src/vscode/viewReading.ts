import * as vscode from "vscode";
import { registriesInUse, type ImageInUse } from "../domain/diagnosis/registriesInUse";
import { eachOnce } from "../domain/eachOnce";
import { isFailure } from "../domain/failure";
import type { DeclaredSecret } from "../domain/secret/declarations";
import type { RegistrySecret } from "../domain/secret/secret";
import { environmentGroup } from "../presentation/environmentRows";
import { placeRows, restrictedRow, storageRow } from "../presentation/noticeRows";
import { placeText, type Place } from "../presentation/placeText";
import { registryGroup } from "../presentation/registryRows";
import { secretGroups } from "../presentation/secretRows";
import type { ViewRow } from "../presentation/viewRows";
import type { EnvironmentList } from "./environmentList";
import type { Marks } from "./marks";
import type { References } from "./marksReferences";
import type { ExtensionPorts } from "./ports";
import { openFolders, workspaceProjects } from "./workspace";

/** What the welcome texts of the manifest are chosen by. */
type State = "ready" | "empty" | "untrusted" | "no-engine" | StorageState;
type StorageState = "unavailable" | "out-of-reach" | "not-kept" | "discarded";
const STORAGE_STATES: readonly StorageState[] = ["out-of-reach", "not-kept", "discarded"];

/** What the view is read from. */
export interface ViewContext {
  readonly ports: ExtensionPorts;
  readonly references: References;
  readonly marks: Marks;
  readonly list: EnvironmentList;
  readonly log: vscode.LogOutputChannel;
  readonly place: Place;
}

/** The project of a folder; a folder is looked into once for all rows. */
type ProjectOf = (folder: string) => Promise<string>;

/** What the view shows: its rows, or none and why. */
export interface Shown {
  readonly rows: ViewRow[];
  readonly state: State;
  readonly hasSecrets: boolean;
}

/** Reads what there is, and makes the rows of it. */
export async function readView(context: ViewContext): Promise<Shown> {
  const { ports, log, references, list, place } = context;
  const environments = list.known;
  const hasEnvironments = environments.kind === "known" && environments.entries.length > 0;
  const configs = await references.configs();
  const { isTrusted } = vscode.workspace;
  const open = { folders: openFolders(), hasConfig: configs.length > 0, isTrusted };
  const notices = [...(isTrusted ? [] : [restrictedRow()]), ...placeRows(placeText(place))];
  let secrets: RegistrySecret[];
  try {
    secrets = await ports.secrets.list();
  } catch (error) {
    if (!isFailure(error, "storage-unavailable")) throw error;
    log.error(error);
    const rows = hasEnvironments
      ? [...notices, storageRow(error), environmentGroup(environments, open, Date.now())]
      : [];
    const state = STORAGE_STATES.find((reason) => reason === error.facts["reason"]) ?? "unavailable";
    return { rows, state, hasSecrets: false };
  }
  const hasSecrets = secrets.length > 0;
  if (!hasSecrets && !open.hasConfig && !hasEnvironments) {
    const state = !isTrusted ? "untrusted" : environments.kind === "failed" ? "no-engine" : "empty";
    return { rows: [], state, hasSecrets };
  }
  const projectOf = eachOnce((folder: string) => ports.projectOf(folder));
  const projects = await workspaceProjects(projectOf);
  const registries = registriesInUse(await imagesInUse(context, projectOf), secrets);
  const problems = (await references.problems()).map(({ config, problem }) => ({ folder: config.folder, problem }));
  const rows = [
    ...notices,
    ...secretGroups(secrets, projects, Date.now(), await declaredSecrets(context, projectOf)),
    ...(registries.length + problems.length > 0 ? [registryGroup(registries, problems, open.folders.length)] : []),
    environmentGroup(environments, open, Date.now()),
  ];
  return { rows, state: "ready", hasSecrets };
}

/** What the files ask for, by project. */
async function declaredSecrets(
  { references }: ViewContext,
  projectOf: ProjectOf,
): Promise<ReadonlyMap<string, readonly DeclaredSecret[]>> {
  const declared = new Map<string, DeclaredSecret[]>();
  for (const { config, secret } of await references.declared()) {
    const project = await projectOf(config.folder);
    declared.set(project, [...(declared.get(project) ?? []), secret]);
  }
  return declared;
}

async function imagesInUse({ references, marks }: ViewContext, projectOf: ProjectOf): Promise<ImageInUse[]> {
  return await Promise.all(
    (await references.all()).map(async ({ config, image }) => {
      const found = marks
        .at(image.file, image.range.start)
        .find((shown) => shown.config.configFile === config.configFile)?.mark.finding;
      return {
        project: await projectOf(config.folder),
        folder: config.folder,
        image,
        ...(found === undefined ? {} : { finding: found }),
      };
    }),
  );
}
