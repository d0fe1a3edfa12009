import * as vscode from "vscode";
import { tooltipMarkdown } from "../presentation/markdown";
import { attentionOf, type Click, type ViewRow } from "../presentation/viewRows";
import { t } from "../presentation/words";
import { COMMANDS, CONTEXT, SETTINGS, VIEW } from "./commandIds";
import { LatestReading } from "./latestReading";
import { showTrouble } from "./show";
import type { Shown, ViewContext } from "./viewReading";

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
    // the badge, the palette and the walkthrough tell of it also where nobody has opened the view
    void context.references.configs().then(refresh);
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
    if (!(await this.#shown.renew())) return;
    await this.#tell();
    this.#changed.fire(undefined);
  }

  async getChildren(row?: ViewRow): Promise<ViewRow[]> {
    return row ? [...(row.children ?? [])] : await this.#tell();
  }

  /** Sets what hangs on the rows outside of the tree, which VS Code asks for its rows only while it is seen. */
  async #tell(): Promise<ViewRow[]> {
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

  /** What makes the rows is loaded when somebody looks at them. */
  async #read(): Promise<Shown> {
    const { readView } = await import("./viewReading");
    return await readView(this.#context);
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
