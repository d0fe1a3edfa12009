/** Every command of the manifest. `test/manifest.test.ts` holds the two together. */
export const COMMANDS = {
  newSecret: "registrySecrets.newSecret",
  editSecret: "registrySecrets.editSecret",
  deleteSecret: "registrySecrets.deleteSecret",
  testSecret: "registrySecrets.testSecret",
  moveSecret: "registrySecrets.moveSecret",
  importSecrets: "registrySecrets.importSecrets",
  exportSecrets: "registrySecrets.exportSecrets",
  copySecretName: "registrySecrets.copySecretName",
  copySecretHost: "registrySecrets.copySecretHost",
  refresh: "registrySecrets.refresh",
  createEnvironment: "registrySecrets.createEnvironment",
  recreateEnvironment: "registrySecrets.recreateEnvironment",
  stopEnvironment: "registrySecrets.stopEnvironment",
  openTerminal: "registrySecrets.openTerminal",
  reopenInContainer: "registrySecrets.reopenInContainer",
  addFeature: "registrySecrets.addFeature",
  diagnose: "registrySecrets.diagnose",
  explain: "registrySecrets.explain",
  showPolicy: "registrySecrets.showPolicy",
  explainTerminalSelection: "registrySecrets.explainTerminalSelection",
  copyReport: "registrySecrets.copyReport",
  deliver: "registrySecrets.deliver",
  showLog: "registrySecrets.showLog",
  collectDiagnostics: "registrySecrets.collectDiagnostics",
  getStarted: "registrySecrets.getStarted",
  // for rows, lenses, hovers and quick fixes, and not in the palette
  openImage: "registrySecrets.openImage",
  startEnvironment: "registrySecrets.startEnvironment",
  confirmEnvironment: "registrySecrets.confirmEnvironment",
  openFolder: "registrySecrets.openFolder",
  checkPull: "registrySecrets.checkPull",
  applyFix: "registrySecrets.applyFix",
  showFinding: "registrySecrets.showFinding",
  showPage: "registrySecrets.showPage",
  startAnew: "registrySecrets.startAnew",
} as const;

export const VIEW = "registrySecrets.secrets";

/** Context keys that the manifest's when-clauses use. */
export const CONTEXT = {
  /** Which welcome text stands in an empty view; `ready` if it has rows. */
  state: "registrySecrets.state",
  hasSecrets: "registrySecrets.hasSecrets",
  /** The paths of all files that the configurations of the workspace consist of. */
  files: "registrySecrets.files",
  /** True once this window has logged an environment in; the next three: once that command has come to its end. */
  delivered: "registrySecrets.delivered",
  diagnosed: "registrySecrets.diagnosed",
  edited: "registrySecrets.edited",
  explained: "registrySecrets.explained",
  /** True while the report is the active editor. */
  report: "registrySecrets.report",
} as const;

/** Settings, under `registrySecrets`. */
export const SETTINGS = {
  dockerPath: "dockerPath",
  wslDistribution: "wslDistribution",
  timeoutSeconds: "timeoutSeconds",
  automatically: "diagnose.automatically",
  deliverNativeTokens: "deliverNativeTokens",
} as const;
