import * as vscode from "vscode";
import { isFailure } from "../domain/failure";
import { Redacted } from "../domain/redacted";
import type { RegistryHost } from "../domain/registry/host";
import type { RegistrySecrets, SecretChange } from "../domain/secret/registrySecrets";
import { usernameOf, type RegistrySecret } from "../domain/secret/secret";
import { conflictText } from "../presentation/conflictText";
import { t } from "../presentation/words";
import { passwordStep, usernameStep, type Kept } from "./secretFormCredential";
import { runForm } from "./steps";
import { testStep, type TestContext } from "./testSecret";

interface EditState {
  readonly host: RegistryHost;
  readonly name: string;
  readonly scope: RegistrySecret["scope"];
  readonly project?: string;
  /** The present one, where the form leaves it as it is. */
  readonly kept?: Redacted;
  username?: string;
  password?: Redacted;
  /** The image that it was found to pull. */
  pulls?: string;
}

/**
 * *Edit*: the username and password only; what is left empty stays. Gives the secret, or throws `CancellationError`. If
 * another window changed or deleted it meanwhile, the person decides, and nothing that was entered is lost.
 * @param isOfFinding true if a finding led here, which is looked into again and says itself what comes next
 */
export async function editSecret(
  context: TestContext,
  secret: RegistrySecret,
  isOfFinding = false,
): Promise<RegistrySecret> {
  const { credential, host, name, scope, project } = secret;
  const present = credential.kind === "password" ? credential : undefined;
  const kept: Kept = { username: usernameOf(credential), hasPassword: present !== undefined };
  const state: EditState = {
    ...{ host, name, scope },
    ...(project === undefined ? {} : { project }),
    ...(present ? { kept: present.password } : {}),
  };
  await runForm(t("Edit {0}", name), state, [
    usernameStep<EditState>(kept),
    passwordStep<EditState>(kept),
    testStep(context),
  ]);
  const { username, password, pulls } = state;
  if (username === undefined || (username === usernameOf(credential) && password === undefined)) return secret;
  const saved = await save(context.ports, secret, { username, ...(password === undefined ? {} : { password }) });
  if (pulls !== undefined && !isOfFinding)
    void vscode.window.showInformationMessage(t("{0} is saved: it pulls {1}.", name, pulls));
  return saved;
}

type Entered = SecretChange & { readonly username: string };

async function save({ secrets }: TestContext["ports"], secret: RegistrySecret, entered: Entered) {
  try {
    return await secrets.edit(secret.id, entered, secret.updatedAt);
  } catch (error) {
    if (!isFailure(error, "secret-changed", "secret-not-found")) throw error;
    const there = (await secrets.list()).find(({ id }) => id === secret.id);
    const { text, detail, button } = conflictText(secret, there, entered);
    const choice = await vscode.window.showWarningMessage(text, { modal: true, detail }, button);
    if (choice !== button) throw new vscode.CancellationError();
    return there ? await secrets.edit(secret.id, entered) : await createAgain(secrets, secret, entered);
  }
}

async function createAgain(
  secrets: RegistrySecrets,
  { name, scope, project, host, credential }: RegistrySecret,
  { username, password }: Entered,
): Promise<RegistrySecret> {
  if (scope === "organization") throw new vscode.CancellationError(); // it is made where the organization keeps it
  const value = password ?? (credential.kind === "password" ? credential.password : new Redacted(""));
  return await secrets.create({
    name,
    scope,
    ...(project === undefined ? {} : { project }),
    host,
    username,
    password: value,
  });
}
