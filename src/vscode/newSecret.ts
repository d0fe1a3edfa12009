import * as vscode from "vscode";
import { eachOnce } from "../domain/eachOnce";
import { isFailure } from "../domain/failure";
import type { RegistryHost } from "../domain/registry/host";
import { isInScope } from "../domain/secret/registrySecrets";
import type { RegistrySecret, Scope } from "../domain/secret/secret";
import { twinConflictText } from "../presentation/conflictText";
import { failureLine } from "../presentation/failureText";
import type { NamedRegistry } from "../presentation/secretForm";
import { t } from "../presentation/words";
import { COMMANDS } from "./commandIds";
import { editSecret } from "./editSecret";
import { placeOf, type NewSecretState } from "./newSecretState";
import { runnerNativeStep } from "./runnerNative";
import { nameStep, passwordStep, usernameStep } from "./secretFormCredential";
import { hostStep, placeholderStep, registryStep, scopeStep, twinStep } from "./secretFormRegistry";
import { pick, runForm, type FormStep } from "./steps";
import { testStep, type TestContext } from "./testSecret";
import { workspaceProjects } from "./workspace";

/** What may be known before the form opens: the group it was opened from, or the registry that a finding names. */
export interface NewSecretStart {
  readonly scope?: Exclude<Scope, "organization">;
  readonly project?: string;
  readonly host?: RegistryHost;
  readonly name?: string;
}

/**
 * *New Secret*: a form with Back; nothing is written before its last step. Gives the secret (the one that was edited, if the
 * person preferred that), or throws `CancellationError`.
 */
export async function newSecret(context: TestContext, start: NewSecretStart): Promise<RegistrySecret> {
  const { ports } = context;
  const projects = await workspaceProjects((folder) => ports.projectOf(folder));
  const named = await registriesOfImages(context);
  const registries = [...new Set(named.map(({ registry }) => registry))];
  const isScopeAsked = start.scope === undefined && projects.length > 0;
  const { scope = isScopeAsked ? "project" : "user", name: nameAskedFor, ...given } = start;
  const naming = nameStep(ports);
  const steps: FormStep<NewSecretState>[] = [
    typeStep,
    scopeStep(projects, isScopeAsked),
    registryStep(named, ports),
    placeholderStep(0, registries),
    placeholderStep(1, registries),
    hostStep(registries, ports),
    twinStep(ports),
    naming,
    runnerNativeStep(ports),
    usernameStep(),
    passwordStep(),
    testStep(context),
  ];
  const state: NewSecretState = {
    ...given,
    ...(nameAskedFor === undefined ? {} : { nameAskedFor }),
    scope,
    isHostGiven: start.host !== undefined,
  };
  await runForm(t("New Secret"), state, steps);
  if (state.instead) return await editSecret(context, state.instead, state.isHostGiven);
  let secret = await save(ports, state);
  while (secret === undefined) {
    delete state.name;
    await runForm(t("New Secret"), state, steps.slice(steps.indexOf(naming)));
    secret = await save(ports, state);
  }
  const { pulls } = state;
  // a finding that led here is looked into again, and says itself what comes next
  if (pulls !== undefined && !state.isHostGiven) offerEnvironment(secret, pulls);
  return secret;
}

/**
 * Saves what was entered. If another window made a secret for the host meanwhile, the person decides; if one has got the
 * name, that is said, and undefined is given: the form goes on from there.
 */
async function save({ secrets }: TestContext["ports"], state: NewSecretState): Promise<RegistrySecret | undefined> {
  const { name, host, username, password } = state;
  if (name === undefined || host === undefined || username === undefined || password === undefined)
    throw new vscode.CancellationError();
  try {
    return await secrets.create({ ...placeOf(state), name, host, username, password });
  } catch (error) {
    if (!isFailure(error, "secret-host-taken", "secret-name-taken")) throw error;
    const inScope = (await secrets.list()).filter((secret) => isInScope(secret, state.scope, state.project));
    const there = inScope.find((secret) => secret.host.key === host.key);
    if (!there) {
      void vscode.window.showWarningMessage(failureLine(error));
      return undefined;
    }
    const { text, detail, button } = twinConflictText({ name, username }, there);
    const choice = await vscode.window.showWarningMessage(text, { modal: true, detail }, button);
    if (choice !== button) throw new vscode.CancellationError();
    return await secrets.edit(there.id, { username, password });
  }
}

/** The specification's *Secret type*: there is one so far. */
const typeStep: FormStep<NewSecretState> = {
  show: async (_, frame) => {
    const type = {
      label: `$(package) ${t("Container registry")}`,
      description: t("pulls private images and logs in inside environments"),
    };
    const result = await pick({ ...frame, items: [type], placeholder: t("Secret type") });
    return result.kind === "back" ? "back" : "next";
  },
};

/** The registries of the workspace's images, as far as its files tell, with the projects of these files. */
async function registriesOfImages({ references, ports }: TestContext): Promise<NamedRegistry[]> {
  const projectOf = eachOnce((folder: string) => ports.projectOf(folder));
  const named: NamedRegistry[] = [];
  for (const { config, image } of await references.all()) {
    if (image.reference) named.push({ registry: image.reference.registry, project: await projectOf(config.folder) });
  }
  return named;
}

function offerEnvironment({ name }: RegistrySecret, image: string): void {
  void vscode.window
    .showInformationMessage(t("{0} is saved: it pulls {1}.", name, image), t("Create Environment"))
    .then((choice) => choice !== undefined && vscode.commands.executeCommand(COMMANDS.createEnvironment));
}
