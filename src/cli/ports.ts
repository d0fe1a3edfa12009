import type { DockerLogin } from "../domain/diagnosis/credentials";
import type { RegistryProber } from "../domain/diagnosis/evidence";
import type { EnvironmentRecords } from "../domain/delivery/records";
import type { Engine } from "../domain/environment/container";
import type { DevContainerTool } from "../domain/environment/creation";
import type { WorkspaceFiles, WorkspaceImagesPorts } from "../domain/image/workspaceImages";
import type { Log } from "../domain/log";
import type { LoginSource } from "../domain/secret/nativeLogins";

/** The world around the command line; `cli.ts` makes it of adapters. */
export interface CliPorts {
  /** Writes a line of the result to standard output. */
  print(line: string): void;
  /** Writes a line about the work to standard error. */
  tell(line: string): void;
  readonly log: Log;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly version: string;
  readonly signal: AbortSignal;
  now(): number;
  /** Waits; ends early when the signal is aborted. */
  sleep(milliseconds: number): Promise<void>;
  /** The absolute path of what was typed, with `/`. Throws `wrong-use` if there is no such folder. */
  folderAt(path: string): Promise<string>;
  pathAt(path: string): string;
  /** The end of a text, of a file or of standard input. Throws `wrong-use` if there is no such file. */
  readText(path: string | undefined, signal: AbortSignal): Promise<string>;
  readSecretsFile(path: string): Promise<Record<string, string>>;
  /** Calls back when the file has changed; returns how to stop. */
  watchFile(path: string, onChange: () => void): () => void;
  readonly files: WorkspaceFiles;
  /** What else knows of the images: the engine's own Compose. */
  readonly imagePorts: WorkspaceImagesPorts;
  readonly engine: Engine;
  readonly tool: DevContainerTool;
  readonly dockerLogin: DockerLogin;
  /** The logins that the clouds' identities of this machine are given. */
  readonly logins: LoginSource;
  enginePlatform(): Promise<string | undefined>;
  prober(allowedRealms: readonly string[], timeoutSeconds: number): RegistryProber;
  installScript(): Promise<string>;
  projectOf(folder: string): Promise<string>;
  /** What was created from what, and what was delivered where. */
  readonly records: EnvironmentRecords;
  knownContainers(): Promise<ReadonlySet<string>>;
  unfinishedContainers(): Promise<ReadonlySet<string>>;
  remember(containerId: string, creation: "unfinished" | "finished"): Promise<void>;
}

/** How a command ended: `house.md`, exit codes. */
export const EXIT = { fine: 0, found: 1, wrongUse: 2, cancelled: 130 } as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];
