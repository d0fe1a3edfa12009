import * as vscode from "vscode";
import { findConfigFiles } from "../domain/image/configFiles";
import type { WorkspaceFiles } from "../domain/image/workspaceImages";
import type { WorkspaceProject } from "../presentation/secretRows";
import { t } from "../presentation/words";
import { WindowFolders, type OpenFolder } from "./windowFolders";

const LONGEST_FILE = 4 * 1024 * 1024;

/** The folders that are open now. */
function folders(): WindowFolders {
  return new WindowFolders(vscode.workspace.workspaceFolders ?? []);
}

/** The open folders; those that are one and the same on this machine once. */
export function openWorkspace(): readonly OpenFolder[] {
  return folders().open;
}

/** The open folders as the domain names them. */
export function openFolders(): string[] {
  return openWorkspace().map(({ folder }) => folder);
}

/** A file or folder as the domain names it: absolute, with `/`, and as this machine does where it lies here. */
export function fileOf(uri: vscode.Uri): string {
  return folders().fileOf(uri);
}

/** The same file as the window names it: in a remote window there. */
export function uriInWindow(file: string): vscode.Uri {
  const there = folders().inWindow(file);
  return there ? vscode.Uri.from(there) : vscode.Uri.file(file);
}

function uriToRead(file: string): vscode.Uri {
  const there = folders().elsewhere(file);
  return there ? vscode.Uri.from(there) : vscode.Uri.file(file);
}

/** Workspace files through VS Code, so that they are found wherever the workspace lies. */
export const workspaceFiles: WorkspaceFiles = {
  async read(path) {
    try {
      const uri = uriToRead(path);
      // a workspace may name a device or a pipe, which has no end or no beginning
      const { type, size } = await vscode.workspace.fs.stat(uri);
      if ((type & vscode.FileType.File) === 0 || size > LONGEST_FILE) return undefined;
      return new TextDecoder().decode(await vscode.workspace.fs.readFile(uri));
    } catch {
      return undefined;
    }
  },
  async folders(path) {
    try {
      const entries = await vscode.workspace.fs.readDirectory(uriToRead(path));
      return entries.filter(([, type]) => (type & vscode.FileType.Directory) !== 0).map(([name]) => name);
    } catch {
      return [];
    }
  },
};

/** The projects of the open folders; folders that share one are one, with the names of all of them. */
export async function workspaceProjects(projectOf: (folder: string) => Promise<string>): Promise<WorkspaceProject[]> {
  const projects = new Map<string, WorkspaceProject>();
  for (const { name, folder } of openWorkspace()) {
    const key = await projectOf(folder);
    const known = projects.get(key);
    projects.set(key, { name: known ? `${known.name}, ${name}` : name, key });
  }
  return [...projects.values()];
}

export interface ChosenConfig {
  readonly folder: string;
  readonly name: string;
  readonly configFile: string;
}

/**
 * The devcontainer.json that a command is about: the only one of the workspace (or of `among`), or the person's choice.
 * Undefined: none, or no choice.
 */
export async function chooseConfig(
  purpose: string,
  among?: readonly ChosenConfig[],
): Promise<ChosenConfig | undefined> {
  const choices = (among ?? (await workspaceConfigs())).map((config) => ({
    ...config,
    label: config.configFile.slice(config.folder.length + 1),
    description: config.name,
  }));
  if (choices.length > 1)
    return await vscode.window.showQuickPick(choices, {
      title: purpose,
      placeHolder: t("Which configuration?"),
      ignoreFocusOut: true,
    });
  if (choices.length === 0) void offerConfig();
  return choices[0];
}

async function workspaceConfigs(): Promise<ChosenConfig[]> {
  return (await Promise.all(openWorkspace().map(({ name, folder }) => configsIn(folder, name)))).flat();
}

/** The configurations of a folder, in the order of the specification. */
export async function configsIn(folder: string, name: string): Promise<ChosenConfig[]> {
  return (await findConfigFiles(folder, workspaceFiles)).map((configFile) => ({ folder, name, configFile }));
}

/** Says that there is no configuration, and opens one to be written and saved. */
async function offerConfig(): Promise<void> {
  const [folder] = vscode.workspace.workspaceFolders ?? [];
  const choice = await vscode.window.showInformationMessage(
    t("This workspace has no devcontainer.json. Create .devcontainer/devcontainer.json with an image, and try again."),
    ...(folder ? [t("Create It")] : []),
  );
  if (choice === undefined || !folder) return;
  const file = vscode.Uri.joinPath(folder.uri, ".devcontainer", "devcontainer.json").with({ scheme: "untitled" });
  const editor = await vscode.window.showTextDocument(await vscode.workspace.openTextDocument(file));
  await editor.insertSnippet(new vscode.SnippetString('{\n\t"image": "${1:registry.example.com/team/image:1}"\n}\n'));
}
