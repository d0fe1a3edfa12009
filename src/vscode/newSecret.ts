import * as vscode from "vscode";
import { eachOnce } from "../domain/eachOnce";
import type { RegistryHost } from "../domain/registry/host";
import type { RegistrySecret, Scope } from "../domain/secret/secret";
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
  const steps: FormStep<NewSecretState>[] = [
    typeStep,
    scopeStep(projects, isScopeAsked),
    registryStep(named, ports),
    placeholderStep(0, registries),
    placeholderStep(1, registries),
    hostStep(registries, ports),
    twinStep(ports),
    nameStep(ports),
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
  const { instead, name, host, username, password, pulls } = await runForm(t("New Secret"), state, steps);
  if (instead) return await editSecret(context, instead, state.isHostGiven);
  if (name === undefined || host === undefined || username === undefined || password === undefined)
    throw new vscode.CancellationError();
  const secret = await ports.secrets.create({ ...placeOf(state), name, host, username, password });
  // a finding that led here is looked into again, and says itself what comes next
  if (pulls !== undefined && !state.isHostGiven) offerEnvironment(secret, pulls);
  return secret;
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
