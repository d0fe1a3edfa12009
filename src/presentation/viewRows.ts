import type { TextRange } from "../domain/image/range";
import type { RegistryHost } from "../domain/registry/host";
import type { Scope } from "../domain/secret/secret";
import type { TooltipTable } from "./markdown";

/** Where an image is written. */
export interface ImagePlace {
  readonly file: string;
  readonly range: TextRange;
}

/** What a row is about: a command that is started from a row reads this, and nothing else of it. */
export type Subject =
  /** A group of secrets; with `name` one that is missing there. */
  | { readonly kind: "secrets"; readonly scope: Scope; readonly project?: string; readonly name?: string }
  | { readonly kind: "secret"; readonly id: string }
  | {
      readonly kind: "registry";
      readonly host: RegistryHost;
      readonly project: string;
      /** The secret that counts for it. */
      readonly secretId?: string;
      readonly images: readonly ImagePlace[];
    }
  | ({ readonly kind: "image" } & ImagePlace)
  | {
      readonly kind: "environment";
      readonly containerId: string;
      readonly name: string;
      readonly folder?: string;
      readonly configFile?: string;
    }
  | { readonly kind: "configuration"; readonly name: string; readonly folder: string; readonly configFile: string }
  | { readonly kind: "candidate"; readonly containerId: string; readonly name: string; readonly folder: string }
  | { readonly kind: "nothing" };

/** What a click on a row, or Enter, does. */
export type Click =
  | "new-secret"
  | "open-image"
  | "create"
  | "recreate"
  | "deliver"
  | "confirm"
  | "open-folder"
  | "refresh"
  | "start-anew"
  | "engine-settings"
  | "trust";

/** A row of the view, free of VS Code. */
export interface ViewRow {
  /** Unique in the view, and the same after a refresh. */
  readonly id: string;
  readonly label: string;
  readonly description?: string;
  /** A sentence in Markdown, or a table. */
  readonly tooltip?: string | TooltipTable;
  /** A codicon, and the color of a theme where the state should be seen from afar. */
  readonly icon?: string;
  readonly color?: "list.warningForeground" | "list.errorForeground" | "testing.iconPassed";
  readonly accessibilityLabel: string;
  /** What the menus of the manifest know the row by, e.g. `secret;editable`. */
  readonly context: string;
  readonly subject: Subject;
  readonly click?: Click;
  readonly children?: readonly ViewRow[];
  /** Open from the start. */
  readonly isOpen?: boolean;
  /** What the person is needed for: rows that have this make the badge. */
  readonly attention?: string;
}

/** What the badge tells: how many rows need the person, and what for. */
export function attentionOf(rows: readonly ViewRow[]): readonly string[] {
  return rows.flatMap((row) => [
    ...(row.attention === undefined ? [] : [row.attention]),
    ...attentionOf(row.children ?? []),
  ]);
}
