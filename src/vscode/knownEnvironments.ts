import * as vscode from "vscode";
import type { Trust } from "../domain/environment/environment";

const CONTAINERS = "knownContainers";
const UNFINISHED = "unfinishedContainers";
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

  /** Those whose creation never came to an end. */
  unfinishedContainers(): ReadonlySet<string> {
    return new Set(this.#state.get<string[]>(UNFINISHED, []));
  }

  async rememberContainer(id: string, creation: "unfinished" | "finished"): Promise<void> {
    await this.#add(CONTAINERS, [id]);
    const others = this.#state.get<string[]>(UNFINISHED, []).filter((other) => other !== id);
    await this.#state.update(UNFINISHED, creation === "unfinished" ? [...others, id].slice(-MOST) : others);
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
