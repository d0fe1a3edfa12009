import * as vscode from "vscode";
import type { Trust } from "../domain/environment/environment";

const CONTAINERS = "knownContainers";
const FOLDERS = "trustedFolders";
const MOST = 500;

/**
 * Which containers are ours and which folders are trusted, for every window of this person (semantics: where things are
 * kept). A folder counts from when it was open in a trusted window: trust belongs to it, not to the window that delivers.
 */
export class KnownEnvironments {
  readonly #state: vscode.Memento;

  constructor(state: vscode.Memento) {
    this.#state = state;
  }

  trust(): Trust {
    return {
      containerIds: new Set(this.#state.get<string[]>(CONTAINERS, [])),
      folders: this.#state.get<string[]>(FOLDERS, []),
    };
  }

  async rememberContainer(id: string): Promise<void> {
    await this.#add(CONTAINERS, [id]);
  }

  async trustOpenFolders(): Promise<void> {
    if (!vscode.workspace.isTrusted) return;
    await this.#add(
      FOLDERS,
      (vscode.workspace.workspaceFolders ?? []).map(({ uri }) => uri.fsPath),
    );
  }

  async #add(key: string, values: readonly string[]): Promise<void> {
    const known = this.#state.get<string[]>(key, []);
    const fresh = values.filter((value) => !known.includes(value));
    if (fresh.length > 0) await this.#state.update(key, [...known, ...fresh].slice(-MOST));
  }
}
