import * as vscode from "vscode";
import type { Place } from "../presentation/placeText";
import { openWorkspace } from "./workspace";

/** Where this window and this extension are. `kind` is the extension's own `extensionKind`. */
export function placeOf(kind: vscode.ExtensionKind): Place {
  return {
    remoteName: vscode.env.remoteName,
    web: vscode.env.uiKind === vscode.UIKind.Web,
    insideOnly: openWorkspace().some(({ isInsideOnly }) => isInsideOnly),
    beside: kind === vscode.ExtensionKind.UI ? "person" : "workspace",
  };
}
