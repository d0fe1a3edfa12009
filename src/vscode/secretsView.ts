import * as vscode from "vscode";
import { isFailure } from "../domain/failure";
import type { RegistrySecret } from "../domain/secret/secret";
import { secretGroups, type GroupRow, type SecretRow } from "../presentation/secretRows";
import { COMMANDS, CONTEXT } from "./commandIds";
import type { ExtensionPorts } from "./ports";
import { workspaceProjects } from "./workspace";

export type Row =
  | { readonly kind: "group"; readonly group: GroupRow }
  | { readonly kind: "secret"; readonly row: SecretRow }
  | { readonly kind: "empty"; readonly group: GroupRow };

/** The tree of the *Registry Secrets* view. */
export class SecretsView implements vscode.TreeDataProvider<Row> {
  readonly #changed = new vscode.EventEmitter<undefined>();
  readonly onDidChangeTreeData = this.#changed.event;
  readonly #ports: ExtensionPorts;
  readonly #log: vscode.LogOutputChannel;

  constructor(ports: ExtensionPorts, log: vscode.LogOutputChannel) {
    this.#ports = ports;
    this.#log = log;
  }

  refresh(): void {
    this.#changed.fire(undefined);
  }

  async getChildren(row?: Row): Promise<Row[]> {
    if (row?.kind === "group") {
      const { group } = row;
      return group.rows.length === 0
        ? [{ kind: "empty", group }]
        : group.rows.map((secret) => ({ kind: "secret", row: secret }));
    }
    if (row) return [];
    let secrets: RegistrySecret[];
    try {
      secrets = await this.#ports.secrets.list();
    } catch (error) {
      if (!isFailure(error, "storage-unavailable")) throw error;
      this.#log.error(error);
      await this.#setState("unavailable");
      return [];
    }
    await this.#setState(secrets.length === 0 ? "empty" : "ready");
    if (secrets.length === 0) return []; // the welcome text stands instead
    const projects = await workspaceProjects((folder) => this.#ports.projectOf(folder));
    const groups = secretGroups(secrets, projects, Date.now());
    return groups.map((group) => ({ kind: "group", group }));
  }

  getTreeItem(row: Row): vscode.TreeItem {
    switch (row.kind) {
      case "group": {
        const { id, label, description, tooltip, icon, scope } = row.group;
        const item = new vscode.TreeItem(label, vscode.TreeItemCollapsibleState.Expanded);
        Object.assign(item, { id, description, tooltip, contextValue: `group;${scope}` });
        item.iconPath = new vscode.ThemeIcon(icon);
        return item;
      }
      case "secret": {
        const { id, label, description, tooltip, icon, accessibilityLabel } = row.row;
        const item = new vscode.TreeItem(label);
        Object.assign(item, { id, description, contextValue: "secret;editable" });
        item.tooltip = new vscode.MarkdownString(tooltip);
        item.iconPath = new vscode.ThemeIcon(icon);
        item.accessibilityInformation = { label: accessibilityLabel };
        return item;
      }
      case "empty": {
        const item = new vscode.TreeItem("");
        item.id = `empty:${row.group.id}`;
        item.description = row.group.placeholder;
        item.accessibilityInformation = { label: row.group.placeholder };
        item.command = {
          command: COMMANDS.newSecret,
          title: "New Secret",
          arguments: [{ kind: "group", group: row.group }],
        };
        return item;
      }
    }
  }

  async #setState(state: "empty" | "ready" | "unavailable"): Promise<void> {
    await vscode.commands.executeCommand("setContext", CONTEXT.state, state);
  }
}
