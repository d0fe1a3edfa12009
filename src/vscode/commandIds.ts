/** Every command of the manifest. `test/manifest.test.ts` holds the two together. */
export const COMMANDS = {
  newSecret: "registrySecrets.newSecret",
  editSecret: "registrySecrets.editSecret",
  deleteSecret: "registrySecrets.deleteSecret",
  refresh: "registrySecrets.refresh",
  createEnvironment: "registrySecrets.createEnvironment",
  recreateEnvironment: "registrySecrets.recreateEnvironment",
  diagnose: "registrySecrets.diagnose",
  deliver: "registrySecrets.deliver",
  showLog: "registrySecrets.showLog",
} as const;

export const VIEW = "registrySecrets.secrets";

/** Context keys that the manifest's when-clauses use. */
export const CONTEXT = { state: "registrySecrets.state" } as const;

/** Settings, under `registrySecrets`. */
export const SETTINGS = { dockerPath: "dockerPath", timeoutSeconds: "timeoutSeconds" } as const;
