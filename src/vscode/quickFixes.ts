import * as vscode from "vscode";
import { COMMANDS } from "./commandIds";
import { rangeOf, type Marks } from "./marks";
import { fileOf } from "./workspace";

/** What can be done about the marks in a range. A document that has changed since has no marks, so none is offered. */
export function quickFixProvider(marks: Marks): vscode.CodeActionProvider {
  return {
    provideCodeActions(document, range) {
      const text = document.getText();
      const offered = new Map<string, vscode.CodeAction>();
      for (const { mark } of marks.in(document)) {
        const place = rangeOf(mark, text);
        if (!place.intersection(range)) continue;
        for (const [index, fix] of mark.fixes.entries()) {
          const action = new vscode.CodeAction(fix.title, vscode.CodeActionKind.QuickFix);
          if (mark.severity !== "none") action.diagnostics = [marks.diagnosticOf(mark, text)];
          action.isPreferred = index === 0 && mark.severity === "error";
          if (fix.kind === "replace") {
            action.edit = new vscode.WorkspaceEdit();
            action.edit.replace(document.uri, place, fix.text);
          } else {
            const argument = { file: fileOf(document.uri), start: mark.range.start, fix: fix.title };
            action.command = { command: COMMANDS.applyFix, title: fix.title, arguments: [argument] };
          }
          offered.set(fix.title, action);
        }
      }
      return [...offered.values()];
    },
  };
}
