import * as vscode from "vscode";
import { missingFields, policiesFor, policySubject, type PolicySubject } from "../domain/diagnosis/policies";
import type { PolicyField } from "../domain/diagnosis/policyValue";
import { isFailure } from "../domain/failure";
import { familiarName } from "../domain/image/reference";
import { nativeRegistry } from "../domain/registry/catalog";
import { failureText } from "../presentation/failureText";
import { fieldPrompt, policyDocument } from "../presentation/policyText";
import { t } from "../presentation/words";
import type { EnvironmentContext } from "./environmentCommands";

/**
 * *Show Pull Policy*: what lets an identity pull an image, in a document. Of the image that a finding names (`argument`), or
 * of one of the workspace's; asks for what the image's name does not tell.
 */
export async function policyCommand(context: EnvironmentContext, argument: unknown): Promise<void> {
  const { image } = (argument ?? {}) as { readonly image?: unknown };
  const text = typeof image === "string" ? image : await chooseImage(context);
  if (text === undefined) return;
  const found = policySubject(text);
  const values: Partial<Record<PolicyField, string>> = { ...found.values };
  for (const field of missingFields(found)) {
    const value = await askFor(field, { host: found.host, values }, context);
    if (value === undefined) return;
    values[field] = value;
  }
  const content = policyDocument(found.host.display, policiesFor({ host: found.host, values }));
  await vscode.window.showTextDocument(await vscode.workspace.openTextDocument({ language: "markdown", content }));
}

/** One of the workspace's images at a cloud's registry, or what the person types. */
async function chooseImage({ references }: EnvironmentContext): Promise<string | undefined> {
  const images = (await references.all()).flatMap(({ image: { reference } }) =>
    reference && nativeRegistry(reference.registry) ? [familiarName(reference)] : [],
  );
  const [first, ...others] = new Set(images);
  if (first !== undefined && others.length === 0) return first;
  if (first !== undefined) {
    return await vscode.window.showQuickPick([first, ...others], {
      title: t("Show Pull Policy"),
      placeHolder: t("Which image?"),
    });
  }
  return await vscode.window.showInputBox({
    title: t("Show Pull Policy"),
    prompt: t("An image at AWS ECR, Google Artifact Registry or Azure Container Registry"),
    placeHolder: t("e.g. {0}", "123456789012.dkr.ecr.eu-central-1.amazonaws.com/acme/base"),
    ignoreFocusOut: true,
    validateInput: complaintOf((text) => missingFields(policySubject(text))),
  });
}

/** Asks for one value; what the cloud says of this machine's identity is there to be taken. */
async function askFor(
  field: PolicyField,
  known: PolicySubject,
  { ports }: EnvironmentContext,
): Promise<string | undefined> {
  const { prompt, example } = fieldPrompt(field);
  const isIdentity = field === "role" || field === "member";
  const who = isIdentity && vscode.workspace.isTrusted ? await ports.logins.whoAnswers(known.host) : undefined;
  const missing = missingFields(known).filter((other) => other !== field);
  return await vscode.window.showInputBox({
    title: t("Show Pull Policy"),
    prompt,
    placeHolder: t("e.g. {0}", example),
    value: who?.kind === "identity" ? (who.name ?? "") : "",
    ignoreFocusOut: true,
    // the others are not known yet, and are no reason to complain here
    validateInput: complaintOf((text) => {
      if (missing.length === 0) policiesFor({ host: known.host, values: { ...known.values, [field]: text } });
    }),
  });
}

function complaintOf(check: (text: string) => unknown) {
  return (text: string): string | undefined => {
    if (text.trim() === "") return undefined;
    try {
      check(text.trim());
      return undefined;
    } catch (error) {
      if (isFailure(error)) return failureText(error).message;
      throw error;
    }
  };
}
