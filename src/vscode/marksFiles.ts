import * as vscode from "vscode";
import type { WorkspaceFiles } from "../domain/image/workspaceImages";
import { fileOf, workspaceFiles } from "./workspace";

/** The document that is open for a file, if one is. */
export function openDocument(file: string): vscode.TextDocument | undefined {
  return vscode.workspace.textDocuments.find(({ uri }) => uri.scheme !== "git" && fileOf(uri) === file && isReal(uri));
}

/** True for files of a workspace; false for other sides of a comparison, output, settings and the like. */
export function isReal(uri: vscode.Uri): boolean {
  return uri.scheme === "file" || uri.scheme === "vscode-remote";
}

/** Files as the person sees them: what is open with its unsaved changes, everything else from the disk. */
export const shownFiles: WorkspaceFiles = {
  read: async (path) => openDocument(path)?.getText() ?? (await workspaceFiles.read(path)),
  folders: (path) => workspaceFiles.folders(path),
};

/** The same files, with a note of every text that was read: offsets hold for that text only. */
export function noting(files: WorkspaceFiles): { readonly files: WorkspaceFiles; readonly texts: Map<string, string> } {
  const texts = new Map<string, string>();
  return {
    texts,
    files: {
      read: async (path) => {
        const text = await files.read(path);
        if (text !== undefined) texts.set(path, text);
        return text;
      },
      folders: (path) => files.folders(path),
    },
  };
}
