import * as vscode from "vscode";
import { eachOnce } from "../domain/eachOnce";
import { isFailure } from "../domain/failure";
import { effectiveSecrets, isOnlyOne, successorsOf } from "../domain/secret/effective";
import type { RegistrySecret } from "../domain/secret/secret";
import { deletionText, type Dependents } from "../presentation/deletionText";
import { nameOf } from "../presentation/environmentOrder";
import { t } from "../presentation/words";
import { imagesAt, type TestContext } from "./testSecret";
import { workspaceProjects } from "./workspace";

/** *Delete*, after a question that says what follows. Undefined if the person thought better of it. */
export async function deleteSecret(context: TestContext, secret: RegistrySecret): Promise<RegistrySecret | undefined> {
  const remove = t("Delete");
  const choice = await vscode.window.showWarningMessage(
    secret.scope === "user"
      ? t("Delete the user secret {0}?", secret.name)
      : t("Delete the project secret {0}?", secret.name),
    { modal: true, detail: deletionText(secret, await dependentsOf(context, secret)) },
    remove,
  );
  return choice === remove ? await context.ports.secrets.delete(secret.id) : undefined;
}

async function dependentsOf(context: TestContext, secret: RegistrySecret): Promise<Dependents> {
  const { ports } = context;
  const all = await ports.secrets.list();
  const projectOf = eachOnce((folder: string) => ports.projectOf(folder));
  const open = (await workspaceProjects(projectOf)).map(({ key }) => key);
  const projects = secret.project !== undefined ? [secret.project] : open.length > 0 ? open : [undefined];
  const counts = (project: string | undefined) =>
    effectiveSecrets(all, project).get(secret.host.key)?.secret.id === secret.id;
  return {
    environments: await loggedOutWithout(context, secret, all, projectOf),
    images: await imagesAt(context, secret.host, async ({ folder }) => isOnlyOne(secret, all, await projectOf(folder))),
    successors: successorsOf(secret, all, projects),
    isOverridden: !projects.some(counts),
  };
}

/** The environments that are logged in by it and by none without it, as the view calls them; none where no engine can be asked. */
async function loggedOutWithout(
  { ports }: TestContext,
  secret: RegistrySecret,
  all: readonly RegistrySecret[],
  projectOf: (folder: string) => Promise<string>,
): Promise<string[]> {
  try {
    const names: string[] = [];
    for (const entry of await ports.environments.list()) {
      if (entry.kind !== "environment" || entry.delivery?.hosts.includes(secret.host.key) !== true) continue;
      const { folder } = entry.environment;
      const project = folder === undefined ? undefined : await projectOf(folder);
      if (isOnlyOne(secret, all, project)) names.push(nameOf(entry.environment));
    }
    return names;
  } catch (error) {
    if (isFailure(error, "engine-missing", "engine-unreachable")) return [];
    throw error;
  }
}
