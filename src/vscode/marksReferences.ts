import * as vscode from "vscode";
import { isFailure } from "../domain/failure";
import { findConfigFiles } from "../domain/image/configFiles";
import type { DeclaredSecret } from "../domain/secret/declarations";
import type { WorkspaceProblem } from "../domain/image/problems";
import type { WorkspaceImage } from "../domain/image/workspaceImages";
import { CONTEXT } from "./commandIds";
import { isReal, noting, shownFiles } from "./marksFiles";
import { uriOf } from "./marks";
import type { ExtensionPorts } from "./ports";
import { type ChosenConfig, fileOf, openWorkspace } from "./workspace";

/** A reference in a file, and the configuration that it belongs to. */
export interface Reference {
  readonly config: ChosenConfig;
  readonly image: WorkspaceImage;
}

/** A registry secret that a configuration declares. */
export interface Declared {
  readonly config: ChosenConfig;
  readonly secret: DeclaredSecret;
}

/** What stands in the way of reading a file of a configuration. */
export interface Problem {
  readonly config: ChosenConfig;
  readonly problem: WorkspaceProblem;
}

interface Scan {
  readonly configs: readonly { readonly config: ChosenConfig; readonly files: ReadonlySet<string> }[];
  readonly references: readonly Reference[];
  readonly declared: readonly Declared[];
  readonly problems: readonly Problem[];
  readonly texts: ReadonlyMap<string, string>;
}

/** Files that may name an image, by how such files are called; which of them do is found out by reading. */
const LIKELY = "**/{devcontainer.json,.devcontainer.json,*ockerfile*,*ontainerfile*,*.yml,*.yaml,.env}";

/** Of a folder that comes or goes with what is in it, as with another branch, VS Code may tell of the folder alone. */
const FOLDERS = "{**/.devcontainer,**/.devcontainer/*}";

/**
 * Which images the configurations of the workspace name, and where. Reads files, asks nobody; read anew after each change
 * of a file that counts.
 */
export class References implements vscode.Disposable {
  readonly #ports: Pick<ExtensionPorts, "env">;
  readonly #changed = new vscode.EventEmitter<undefined>();
  /** The references may be others now. */
  readonly onDidChange = this.#changed.event;
  readonly #fileChanged = new vscode.EventEmitter<string>();
  /** A file that may name an image has changed on the disk, or has gone. */
  readonly onDidChangeFile = this.#fileChanged.event;
  readonly #listeners: readonly { dispose(): unknown }[];
  #scan: Promise<Scan> | undefined;
  #files: ReadonlySet<string> = new Set();

  constructor(ports: Pick<ExtensionPorts, "env">) {
    this.#ports = ports;
    const watcher = vscode.workspace.createFileSystemWatcher(LIKELY);
    const folders = vscode.workspace.createFileSystemWatcher(FOLDERS, false, true);
    const onDisk = (uri: vscode.Uri) => {
      this.#forget();
      this.#fileChanged.fire(fileOf(uri));
    };
    this.#listeners = [
      watcher,
      folders,
      this.#changed,
      this.#fileChanged,
      watcher.onDidCreate(onDisk),
      watcher.onDidChange(onDisk),
      watcher.onDidDelete(onDisk),
      folders.onDidCreate(onDisk),
      folders.onDidDelete(onDisk),
      vscode.workspace.onDidChangeWorkspaceFolders(() => this.#forget()),
      vscode.workspace.onDidChangeTextDocument(({ document }) => {
        if (isReal(document.uri) && this.#files.has(fileOf(document.uri))) this.#forget();
      }),
    ];
    void this.#now();
  }

  /** The references in a document, each once for every configuration that has it. */
  async in(document: vscode.TextDocument): Promise<readonly Reference[]> {
    if (!isReal(document.uri)) return [];
    const file = fileOf(document.uri);
    const read = (await this.#now()).texts.get(file);
    // the document may be newer than what was read, and the watcher later than both
    if (read !== undefined && read !== document.getText()) this.#scan = undefined;
    return (await this.#now()).references.filter(({ image }) => image.file === file);
  }

  /** All references of the workspace. */
  async all(): Promise<readonly Reference[]> {
    return (await this.#now()).references;
  }

  /** All registry secrets that the configurations of the workspace declare. */
  async declared(): Promise<readonly Declared[]> {
    return (await this.#now()).declared;
  }

  /** All that could not be read or understood; its images are not among the references. */
  async problems(): Promise<readonly Problem[]> {
    return (await this.#now()).problems;
  }

  /** All configurations of the workspace. */
  async configs(): Promise<readonly ChosenConfig[]> {
    return (await this.#now()).configs.map(({ config }) => config);
  }

  /** The configurations that a file is part of. */
  async configsOf(file: string): Promise<readonly ChosenConfig[]> {
    return (await this.#now()).configs.filter(({ files }) => files.has(file)).map(({ config }) => config);
  }

  #forget(): void {
    this.#scan = undefined;
    this.#changed.fire(undefined);
    void this.#now();
  }

  #now(): Promise<Scan> {
    return (this.#scan ??= this.#read());
  }

  async #read(): Promise<Scan> {
    const configs: { config: ChosenConfig; files: ReadonlySet<string> }[] = [];
    const references: Reference[] = [];
    const declared: Declared[] = [];
    const problems: Problem[] = [];
    const read = new Map<string, string>();
    for (const { name, folder } of openWorkspace()) {
      for (const configFile of await findConfigFiles(folder, shownFiles)) {
        const config = { folder, name, configFile };
        const { files, texts } = noting(shownFiles);
        try {
          const { workspaceImages } = await import("../domain/image/workspaceImages");
          const found = await workspaceImages(folder, configFile, files, this.#ports.env);
          references.push(...found.images.map((image) => ({ config, image })));
          problems.push(...found.problems.map((problem) => ({ config, problem })));
        } catch (error) {
          if (!isFailure(error)) throw error;
          const code = error.facts["problem"] === "too-large" ? "too-large" : "no-object";
          // where it has gone since, the next change tells
          if (error.code !== "no-devcontainer-json")
            problems.push({ config, problem: { file: configFile, code, message: error.message } });
        }
        const { declaredSecrets } = await import("../domain/secret/declarations");
        declared.push(...declaredSecrets(texts.get(configFile) ?? "").map((secret) => ({ config, secret })));
        configs.push({ config, files: new Set(texts.keys()) });
        for (const [file, text] of texts) read.set(file, text);
      }
    }
    this.#files = new Set(configs.flatMap(({ files }) => [...files]));
    const paths = [...this.#files].filter((file) => !file.endsWith("/.env")).map((file) => uriOf(file).fsPath);
    await vscode.commands.executeCommand("setContext", CONTEXT.files, paths);
    return { configs, references, declared, problems, texts: read };
  }

  dispose(): void {
    for (const listener of this.#listeners) listener.dispose();
  }
}
