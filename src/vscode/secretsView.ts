import * as vscode from "vscode";
import { registriesInUse, type ImageInUse } from "../domain/diagnosis/registriesInUse";
import { isFailure } from "../domain/failure";
import type { DeclaredSecret } from "../domain/secret/declarations";
import type { RegistrySecret } from "../domain/secret/secret";
import { environmentGroup } from "../presentation/environmentRows";
import { tooltipMarkdown } from "../presentation/markdown";
import { placeRows, restrictedRow, storageRow } from "../presentation/noticeRows";
import { placeText, type Place } from "../presentation/placeText";
import { registryGroup } from "../presentation/registryRows";
import { secretGroups } from "../presentation/secretRows";
import { attentionOf, type Click, type ViewRow } from "../presentation/viewRows";
import { t } from "../presentation/words";
import { COMMANDS, CONTEXT, SETTINGS, VIEW } from "./commandIds";
import type { EnvironmentList } from "./environmentList";
import { LatestReading } from "./latestReading";
import type { Marks } from "./marks";
import type { References } from "./marksReferences";
import type { ExtensionPorts } from "./ports";
import { showTrouble } from "./show";
import { eachOnce, openFolders, workspaceProjects } from "./workspace";

/** What the welcome texts of the manifest are chosen by. */
type State = "ready" | "empty" | "untrusted" | "no-engine" | StorageState;
type StorageState = "unavailable" | "out-of-reach" | "not-kept" | "discarded";
const STORAGE_STATES: readonly StorageState[] = ["out-of-reach", "not-kept", "discarded"];

export interface ViewContext {
  readonly ports: ExtensionPorts;
  readonly references: References;
  readonly marks: Marks;
  readonly list: EnvironmentList;
  readonly log: vscode.LogOutputChannel;
  readonly place: Place;
}

interface Shown {
  readonly rows: ViewRow[];
  readonly state: State;
  readonly hasSecrets: boolean;
}

/** The tree of the *Registry Secrets* view: reads what there is, and shows the rows that `presentation` makes of it. */
export class SecretsView implements vscode.TreeDataProvider<ViewRow>, vscode.Disposable {
  readonly #changed = new vscode.EventEmitter<undefined>();
  readonly onDidChangeTreeData = this.#changed.event;
  readonly #context: ViewContext;
  readonly #tree: vscode.TreeView<ViewRow>;
  /** What the tree shows, or is about to. */
  readonly #shown = new LatestReading(() => this.#read());
  readonly #listeners: readonly { dispose(): unknown }[];

  constructor(context: ViewContext) {
    this.#context = context;
    this.#tree = vscode.window.createTreeView(VIEW, { treeDataProvider: this });
    const refresh = () => this.refresh();
    this.#listeners = [
      this.#changed,
      this.#tree,
      vscode.workspace.onDidChangeWorkspaceFolders(refresh),
      vscode.workspace.onDidGrantWorkspaceTrust(refresh),
      context.references.onDidChange(refresh),
      context.marks.onDidChange(refresh),
      context.list.onDidChange(refresh),
      this.#tree.onDidChangeVisibility(({ visible }) => visible && void context.list.refresh()),
    ];
  }

  /** Shows what there is by now. */
  refresh(): void {
    this.#reload().catch((error: unknown) => showTrouble(error, this.#context.log));
  }

  /**
   * The rows are read before the tree is told of a change: between its question and our answer VS Code knows no row, and a
   * button that is pressed then starts its command without one.
   */
  async #reload(): Promise<void> {
    if (await this.#shown.renew()) this.#changed.fire(undefined);
  }

  async getChildren(row?: ViewRow): Promise<ViewRow[]> {
    if (row) return [...(row.children ?? [])];
    const { rows, state, hasSecrets } = await this.#shown.current();
    await vscode.commands.executeCommand("setContext", CONTEXT.state, rows.length > 0 ? "ready" : state);
    await vscode.commands.executeCommand("setContext", CONTEXT.hasSecrets, hasSecrets);
    this.#showBadge(rows);
    return rows;
  }

  getTreeItem(row: ViewRow): vscode.TreeItem {
    const { None, Collapsed, Expanded } = vscode.TreeItemCollapsibleState;
    const item = new vscode.TreeItem(row.label, row.children ? (row.isOpen === true ? Expanded : Collapsed) : None);
    item.id = row.id;
    item.contextValue = row.context;
    item.accessibilityInformation = { label: row.accessibilityLabel };
    if (row.description !== undefined) item.description = row.description;
    if (row.icon !== undefined)
      item.iconPath = new vscode.ThemeIcon(row.icon, row.color && new vscode.ThemeColor(row.color));
    if (row.click !== undefined) {
      const given = row.click === "engine-settings" ? `registrySecrets.${SETTINGS.dockerPath}` : row;
      item.command = { ...clickCommand(row.click), arguments: [given] };
    }
    return item;
  }

  /** VS Code asks for the tooltip once somebody points at the row. */
  resolveTreeItem(item: vscode.TreeItem, { tooltip }: ViewRow): vscode.TreeItem {
    if (tooltip !== undefined) item.tooltip = new vscode.MarkdownString(tooltipMarkdown(tooltip));
    return item;
  }

  async #read(): Promise<Shown> {
    const { ports, log, references, list, place } = this.#context;
    const environments = list.known;
    const hasEnvironments = environments.kind === "known" && environments.entries.length > 0;
    const configs = await references.configs();
    const { isTrusted } = vscode.workspace;
    const open = { folders: openFolders(), hasConfig: configs.length > 0, isTrusted };
    const notices = [...(isTrusted ? [] : [restrictedRow()]), ...placeRows(placeText(place))];
    let secrets: RegistrySecret[];
    try {
      secrets = await ports.secrets.list();
    } catch (error) {
      if (!isFailure(error, "storage-unavailable")) throw error;
      log.error(error);
      const rows = hasEnvironments
        ? [...notices, storageRow(error), environmentGroup(environments, open, Date.now())]
        : [];
      const state = STORAGE_STATES.find((reason) => reason === error.facts["reason"]) ?? "unavailable";
      return { rows, state, hasSecrets: false };
    }
    const hasSecrets = secrets.length > 0;
    if (!hasSecrets && !open.hasConfig && !hasEnvironments) {
      const state = !isTrusted ? "untrusted" : environments.kind === "failed" ? "no-engine" : "empty";
      return { rows: [], state, hasSecrets };
    }
    const projects = await workspaceProjects((folder) => ports.projectOf(folder));
    const registries = registriesInUse(await this.#imagesInUse(), secrets);
    const rows = [
      ...notices,
      ...secretGroups(secrets, projects, Date.now(), await this.#declared()),
      ...(registries.length > 0 ? [registryGroup(registries, open.folders.length)] : []),
      environmentGroup(environments, open, Date.now()),
    ];
    return { rows, state: "ready", hasSecrets };
  }

  /** What the files ask for, by project. */
  async #declared(): Promise<ReadonlyMap<string, readonly DeclaredSecret[]>> {
    const declared = new Map<string, DeclaredSecret[]>();
    for (const { config, secret } of await this.#context.references.declared()) {
      const project = await this.#context.ports.projectOf(config.folder);
      declared.set(project, [...(declared.get(project) ?? []), secret]);
    }
    return declared;
  }

  async #imagesInUse(): Promise<ImageInUse[]> {
    const { ports, references, marks } = this.#context;
    const projectOf = eachOnce((folder) => ports.projectOf(folder));
    return await Promise.all(
      (await references.all()).map(async ({ config, image }) => {
        const found = marks
          .at(image.file, image.range.start)
          .find((shown) => shown.config.configFile === config.configFile)?.mark.finding;
        return {
          project: await projectOf(config.folder),
          folder: config.folder,
          image,
          ...(found === undefined ? {} : { finding: found }),
        };
      }),
    );
  }

  /** A badge only where something needs the person. */
  #showBadge(rows: readonly ViewRow[]): void {
    const attention = attentionOf(rows);
    this.#tree.badge = attention.length === 0 ? undefined : { value: attention.length, tooltip: attention.join("\n") };
  }

  dispose(): void {
    for (const listener of this.#listeners) listener.dispose();
  }
}

/** What a click does, as a command that gets the row. */
function clickCommand(click: Click): { readonly command: string; readonly title: string } {
  switch (click) {
    case "new-secret":
      return { command: COMMANDS.newSecret, title: t("New Secret") };
    case "open-image":
      return { command: COMMANDS.openImage, title: t("Open") };
    case "create":
      return { command: COMMANDS.createEnvironment, title: t("Create") };
    case "recreate":
      return { command: COMMANDS.recreateEnvironment, title: t("Recreate") };
    case "deliver":
      return { command: COMMANDS.deliver, title: t("Deliver Again") };
    case "confirm":
      return { command: COMMANDS.confirmEnvironment, title: t("Confirm") };
    case "open-folder":
      return { command: COMMANDS.openFolder, title: t("Open Folder") };
    case "engine-settings":
      return { command: "workbench.action.openSettings", title: t("Open Settings") };
    case "refresh":
      return { command: COMMANDS.refresh, title: t("Refresh") };
    case "start-anew":
      return { command: COMMANDS.startAnew, title: t("Start with an Empty List") };
    case "trust":
      return { command: "workbench.trust.manage", title: t("Manage Workspace Trust") };
  }
}
