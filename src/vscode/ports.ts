import type { CredentialLookup } from "../domain/diagnosis/diagnoseImages";
import type { RegistryProber } from "../domain/diagnosis/evidence";
import type { Deliverer } from "../domain/delivery/deliverer";
import type { EnvironmentEntry } from "../domain/delivery/environments";
import type { EnvironmentRecords } from "../domain/delivery/records";
import type { Engine } from "../domain/environment/container";
import type { Environment, Shell } from "../domain/environment/environment";
import type { DevContainerTool } from "../domain/environment/creation";
import type { EffectiveSecret } from "../domain/secret/effective";
import type { NativeLogins } from "../domain/secret/nativeLogins";
import type { OtherLogins } from "../domain/secret/otherLogins";
import type { RegistrySecrets } from "../domain/secret/registrySecrets";
import type { SecretStore } from "../domain/secret/store";
import type { WorkspaceFiles, WorkspaceImagesPorts } from "../domain/image/workspaceImages";

/** What `extension.ts` hands to this folder. */
export interface ExtensionPorts {
  readonly store: SecretStore;
  readonly secrets: RegistrySecrets;
  readonly engine: Engine;
  enginePlatform(): Promise<string | undefined>;
  readonly tool: DevContainerTool;
  readonly files: WorkspaceFiles;
  /** What else knows of the images: the engine's own Compose, which runs on the workspace's files. For trusted ones only. */
  readonly imagePorts: WorkspaceImagesPorts;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly deliverer: Pick<Deliverer, "deliver" | "retry" | "follow">;
  /** True while this window is the one that delivers; asked again and again. One of all windows of this person is. */
  delivers(): Promise<boolean>;
  /** What was created from what, and what was delivered where. */
  readonly records: EnvironmentRecords;
  readonly environments: {
    /** As `listEnvironments`. */
    list(signal?: AbortSignal): Promise<readonly EnvironmentEntry[]>;
    /** Calls `listener` after what `list` gives may have changed, several times for one change. Returns how to stop. */
    onDidChange(listener: () => void): () => void;
  };
  /** A shell in an environment, for a terminal. */
  shell(environment: Environment): Promise<Shell>;
  prober(agreedRealms: readonly string[]): RegistryProber;
  lookUp(secrets: ReadonlyMap<string, EffectiveSecret>): CredentialLookup;
  /** Takes a login out of Docker's own config, by the name that it has there (`docker.io` is Docker Hub). */
  logOut(key: string): Promise<void>;
  /** The logins that the clouds' identities of this machine are given. */
  readonly logins: NativeLogins;
  /** Whether those of runner-native secrets are delivered to environments. */
  deliversNative(): boolean;
  /** The logins of other tools, to be imported. */
  readonly otherLogins: OtherLogins;
  /** The environment of this process with the credentials in it, which no program that is started gets. */
  variables(): Readonly<Record<string, string | undefined>>;
  projectOf(folder: string): Promise<string>;
  rememberContainer(id: string, creation: "unfinished" | "finished"): Promise<void>;
  unfinishedContainers(): Promise<ReadonlySet<string>>;
  readonly diagnostics: DiagnosticsPort;
}

/** What *Collect Diagnostics* asks of the outside, as lines without a value of a login. */
export interface DiagnosticsPort {
  engine(): Promise<readonly string[]>;
  dockerConfig(): Promise<readonly string[]>;
}
