/** Every command of the manifest. `test/manifest.test.ts` holds the two together. */
export const COMMANDS = {
  newSecret: "registrySecrets.newSecret",
  editSecret: "registrySecrets.editSecret",
  deleteSecret: "registrySecrets.deleteSecret",
  refresh: "registrySecrets.refresh",
  createEnvironment: "registrySecrets.createEnvironment",
  recreateEnvironment: "registrySecrets.recreateEnvironment",
  diagnose: "registrySecrets.diagnose",
  explain: "registrySecrets.explain",
  explainTerminalSelection: "registrySecrets.explainTerminalSelection",
  copyReport: "registrySecrets.copyReport",
  deliver: "registrySecrets.deliver",
  showLog: "registrySecrets.showLog",
  // for lenses, hovers and quick fixes, and not in the palette
  checkPull: "registrySecrets.checkPull",
  applyFix: "registrySecrets.applyFix",
  showFinding: "registrySecrets.showFinding",
  showPage: "registrySecrets.showPage",
} as const;

export const VIEW = "registrySecrets.secrets";

/** Context keys that the manifest's when-clauses use. */
export const CONTEXT = {
  state: "registrySecrets.state",
  /** The paths of all files that the configurations of the workspace consist of. */
  files: "registrySecrets.files",
  /** True while the report is the active editor. */
  report: "registrySecrets.report",
} as const;

/** Settings, under `registrySecrets`. */
export const SETTINGS = {
  dockerPath: "dockerPath",
  timeoutSeconds: "timeoutSeconds",
  automatically: "diagnose.automatically",
} as const;
