import type { CredentialLookup } from "../domain/diagnosis/diagnoseImages";
import type { RegistryProber } from "../domain/diagnosis/evidence";
import type { Deliverer } from "../domain/delivery/deliverer";
import type { Engine } from "../domain/environment/container";
import type { DevContainerTool } from "../domain/environment/creation";
import type { EffectiveSecret } from "../domain/secret/effective";
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
  readonly deliverer: Deliverer;
  prober(agreedRealms: readonly string[]): RegistryProber;
  lookUp(secrets: ReadonlyMap<string, EffectiveSecret>): CredentialLookup;
  /** Takes a login out of Docker's own config, by the name that it has there (`docker.io` is Docker Hub). */
  logOut(key: string): Promise<void>;
  projectOf(folder: string): Promise<string>;
  rememberContainer(id: string, creation: "unfinished" | "finished"): Promise<void>;
  unfinishedContainers(): Promise<ReadonlySet<string>>;
}
