import type * as vscode from "vscode";
import type { Trust } from "../domain/environment/environment";
import { isAmong } from "../domain/environment/hostPath";
import type { OpenFolders } from "../presentation/environmentOrder";

const CONTAINERS = "knownContainers";
const UNFINISHED = "unfinishedContainers";
const FOLDERS = "trustedFolders";
const MOST = 500;

/**
 * Which containers are ours and which folders are trusted, for every window of this person (semantics: where things are
 * kept). A folder counts from when it was open in a trusted window until it is open in one that is not: trust belongs to it,
 * not to the window that delivers.
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

  /** Notes of the open folders whether they are trusted, as VS Code has it now. */
  async noteTrust({ folders, isTrusted }: Pick<OpenFolders, "folders" | "isTrusted">): Promise<void> {
    if (isTrusted) {
      await this.#add(FOLDERS, folders);
      return;
    }
    const known = this.#state.get<string[]>(FOLDERS, []);
    const left = known.filter((folder) => !isAmong(folder, folders));
    if (left.length < known.length) await this.#state.update(FOLDERS, left);
  }

  async #add(key: string, values: readonly string[]): Promise<void> {
    const known = this.#state.get<string[]>(key, []);
    const fresh = values.filter((value) => !known.includes(value));
    if (fresh.length > 0) await this.#state.update(key, [...known, ...fresh].slice(-MOST));
  }
}
