import * as vscode from "vscode";
import { Failure } from "../domain/failure";
import { folderOfConfigFile } from "../domain/image/configFiles";
import { baseOf } from "../domain/image/paths";
import type { Subject } from "../presentation/viewRows";
import { rangeOf, uriOf } from "./marks";
import type { References } from "./marksReferences";
import { chooseConfig, type ChosenConfig, configsIn, fileOf } from "./workspace";

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
 * Undefined: no choice. Throws `no-devcontainer-json` if the row or the file has none.
 */
export async function configOf(
  argument: unknown,
  purpose: string,
  references: References,
): Promise<ChosenConfig | undefined> {
  if (argument instanceof vscode.Uri)
    return await chooseConfig(purpose, await configsOfFile(fileOf(argument), references));
  const subject = subjectOf(argument);
  if (subject?.kind !== "environment" && subject?.kind !== "configuration") return await chooseConfig(purpose);
  if (subject.folder === undefined) return undefined;
  const folder = subject.folder.replace(/\\/g, "/");
  const { configFile, name } = subject;
  if (configFile !== undefined) return { folder, name, configFile: configFile.replace(/\\/g, "/") };
  return await chooseConfig(purpose, someOf(await configsIn(folder, name), folder));
}

/** Those of the workspace that the file is part of; else the file itself, which may be of a folder that is not open. */
async function configsOfFile(file: string, references: References): Promise<readonly ChosenConfig[]> {
  const known = await references.configsOf(file);
  const folder = folderOfConfigFile(file);
  if (known.length > 0 || folder === undefined) return someOf(known, file);
  return [{ folder, name: baseOf(folder), configFile: file }];
}

function someOf(configs: readonly ChosenConfig[], folder: string): readonly ChosenConfig[] {
  if (configs.length > 0) return configs;
  throw new Failure("no-devcontainer-json", `${folder} has no devcontainer.json.`, { folder });
}

/** Opens the file of an image with its name selected. */
export async function openImage(row: unknown): Promise<void> {
  const subject = subjectOf(row);
  if (subject?.kind !== "image") return;
  const document = await vscode.workspace.openTextDocument(uriOf(subject.file));
  await vscode.window.showTextDocument(document, { selection: rangeOf(subject, document.getText()) });
}
