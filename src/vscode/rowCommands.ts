import * as vscode from "vscode";
import { findConfigFiles } from "../domain/image/configFiles";
import type { Subject } from "../presentation/viewRows";
import { rangeOf, uriOf } from "./marks";
import type { References } from "./marksReferences";
import { chooseConfig, type ChosenConfig, fileOf, workspaceFiles } from "./workspace";

/** What a command was started about, if it was started from a row of the view. */
export function subjectOf(argument: unknown): Subject | undefined {
  return (argument as { readonly subject?: Subject } | undefined)?.subject;
}

/** The references that a command was started about: those of a row, or the one that a lens or hover names. */
export function placesOf(argument: unknown): readonly { readonly file: string; readonly start: number }[] {
  const subject = subjectOf(argument);
  if (subject?.kind === "image") return [{ file: subject.file, start: subject.range.start }];
  if (subject?.kind === "registry") return subject.images.map(({ file, range }) => ({ file, start: range.start }));
  const { file, start } = (argument ?? {}) as { readonly file?: unknown; readonly start?: unknown };
  return typeof file === "string" && typeof start === "number" ? [{ file, start }] : [];
}

/**
 * The configuration that a command is about: that of the row it was started from, or of the file, or the person's choice.
 * Undefined: none, or no choice.
 */
export async function configOf(
  argument: unknown,
  purpose: string,
  references: References,
): Promise<ChosenConfig | undefined> {
  if (argument instanceof vscode.Uri) return await chooseConfig(purpose, await references.configsOf(fileOf(argument)));
  const subject = subjectOf(argument);
  if (subject?.kind !== "environment" && subject?.kind !== "configuration") return await chooseConfig(purpose);
  if (subject.folder === undefined) return undefined;
  const folder = subject.folder.replace(/\\/g, "/");
  const { configFile, name } = subject;
  if (configFile !== undefined) return { folder, name, configFile: configFile.replace(/\\/g, "/") };
  const configs = await findConfigFiles(folder, workspaceFiles);
  return await chooseConfig(
    purpose,
    configs.map((file) => ({ folder, name, configFile: file })),
  );
}

/** Opens the file of an image with its name selected. */
export async function openImage(row: unknown): Promise<void> {
  const subject = subjectOf(row);
  if (subject?.kind !== "image") return;
  const document = await vscode.workspace.openTextDocument(uriOf(subject.file));
  await vscode.window.showTextDocument(document, { selection: rangeOf(subject, document.getText()) });
}
