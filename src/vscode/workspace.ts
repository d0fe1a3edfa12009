import * as vscode from "vscode";
import { findConfigFiles } from "../domain/image/configFiles";
import type { WorkspaceFiles } from "../domain/image/workspaceImages";
import type { WorkspaceProject } from "../presentation/secretRows";
import { t } from "../presentation/words";

const LONGEST_FILE = 4 * 1024 * 1024;

/** Workspace files through VS Code, so that they are found wherever the workspace lies. */
export const workspaceFiles: WorkspaceFiles = {
  async read(path) {
    try {
      const uri = vscode.Uri.file(path);
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
      const entries = await vscode.workspace.fs.readDirectory(vscode.Uri.file(path));
      return entries.filter(([, type]) => (type & vscode.FileType.Directory) !== 0).map(([name]) => name);
    } catch {
      return [];
    }
  },
};

/** A file or folder as the domain names it: absolute, with `/`. */
export function fileOf(uri: vscode.Uri): string {
  return uri.fsPath.replace(/\\/g, "/");
}

/** The open folders as the domain names them. */
export function openFolders(): string[] {
  return (vscode.workspace.workspaceFolders ?? []).map(({ uri }) => fileOf(uri));
}

/** The projects of the open folders; folders that share one are one, with the names of all of them. */
export async function workspaceProjects(projectOf: (folder: string) => Promise<string>): Promise<WorkspaceProject[]> {
  const projects = new Map<string, WorkspaceProject>();
  for (const { name, uri } of vscode.workspace.workspaceFolders ?? []) {
    const key = await projectOf(uri.fsPath);
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
  const folders = vscode.workspace.workspaceFolders ?? [];
  return (await Promise.all(folders.map(({ name, uri }) => configsIn(fileOf(uri), name)))).flat();
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
