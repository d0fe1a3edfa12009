import * as vscode from "vscode";
import type { Finding } from "../domain/diagnosis/finding";
import type { Fix } from "../presentation/fixes";
import { t } from "../presentation/words";
import type { Subject } from "../presentation/viewRows";
import type { AgreedRealms } from "./agreedRealms";
import { COMMANDS } from "./commandIds";
import { rangeOf, uriOf, type Marks, type Shown } from "./marks";
import type { NewSecretStart } from "./newSecret";
import type { ExtensionPorts } from "./ports";
import type { ChosenConfig } from "./workspace";

export interface FixContext {
  readonly ports: Pick<ExtensionPorts, "secrets" | "logOut" | "projectOf">;
  readonly marks: Marks;
  readonly agreedRealms: AgreedRealms;
}

/** A fix of a mark, by where the mark stands and what the fix is called: links and lenses carry no more than this. */
export interface FixReference {
  readonly file: string;
  readonly start: number;
  readonly fix: string;
}

/** The fix that a link or lens means, if its mark is still there. */
export function findFix(argument: unknown, marks: Marks): { readonly fix: Fix; readonly shown: Shown } | undefined {
  const { file, start, fix: title } = (argument ?? {}) as Partial<FixReference>;
  if (typeof file !== "string" || typeof start !== "number") return undefined;
  for (const shown of marks.at(file, start)) {
    const fix = shown.mark.fixes.find((known) => known.title === title);
    if (fix) return { fix, shown };
  }
  return undefined;
}

/**
 * Does what a fix says. True if the image may be pulled now where it could not before, so that it is worth asking again;
 * false if nothing was done, or if what was done is seen at the next check. `config` is the one that the finding is of.
 */
export async function runFix(
  fix: Fix,
  finding: Finding,
  context: FixContext,
  config: Pick<ChosenConfig, "folder"> | undefined,
): Promise<boolean> {
  const { ports, agreedRealms } = context;
  switch (fix.kind) {
    case "add-secret": {
      const start: NewSecretStart = {
        host: fix.host,
        ...(config ? { project: await ports.projectOf(config.folder) } : {}),
      };
      return (await vscode.commands.executeCommand(COMMANDS.newSecret, start)) !== undefined;
    }
    case "edit-secret": {
      const known = await ports.secrets.list();
      const secret = known.find(({ name, scope, project }) => {
        return name === fix.name && scope === fix.scope && project === fix.project;
      });
      if (!secret) return false;
      const subject: Subject = { kind: "secret", id: secret.id };
      return (await vscode.commands.executeCommand(COMMANDS.editSecret, { subject, isOfFinding: true })) !== undefined;
    }
    case "log-out": {
      const logOut = t("Log Out");
      const choice = await vscode.window.showWarningMessage(
        t("Take the login for {0} out of Docker's own config?", fix.host.display),
        {
          modal: true,
          detail: t(
            "This runs docker logout. Your registry secrets stay as they are; other tools that use this login of Docker have to log in again.",
          ),
        },
        logOut,
      );
      if (choice !== logOut) return false;
      await ports.logOut(fix.key);
      return true;
    }
    case "replace":
      await rewrite(finding, context.marks, () => fix.text);
      return false;
    case "set-default": {
      const value = await vscode.window.showInputBox({
        title: fix.title.replace(/…$/, ""),
        prompt: t("The value where {0} is not set", fix.name),
        ignoreFocusOut: true,
        validateInput: (text) =>
          /^[\w][\w./:@-]*$/.test(text) ? undefined : t("Letters, digits and the signs of an image's name only."),
      });
      if (value === undefined) return false;
      await rewrite(finding, context.marks, (written) =>
        written.replace(fix.variable, () => `${fix.before}${value}${fix.after}`),
      );
      return false;
    }
    case "agree-to-realm":
      return await agreedRealms.ask(fix.host, fix.realmHost);
    case "show-policy":
      await vscode.commands.executeCommand(COMMANDS.showPolicy, { image: fix.image });
      return false;
    case "open-page":
      await vscode.env.openExternal(vscode.Uri.parse(fix.url));
      return false;
    case "trust-workspace":
      await vscode.commands.executeCommand("workbench.trust.manage");
      return false;
    case "recreate":
      await vscode.commands.executeCommand(COMMANDS.createEnvironment);
      return false;
  }
}

/** Changes the reference in its document, which stays open and unsaved: the person sees what was done. */
async function rewrite(finding: Finding, marks: Marks, change: (written: string) => string): Promise<void> {
  const { file } = finding.place;
  const document = await vscode.workspace.openTextDocument(uriOf(file));
  const shown = marks.in(document).find(({ mark }) => mark.finding === finding);
  if (!shown) return; // the text is another one now
  const range = rangeOf(shown.mark, document.getText());
  const edit = new vscode.WorkspaceEdit();
  edit.replace(document.uri, range, change(document.getText(range)));
  await vscode.window.showTextDocument(document, { selection: range });
  await vscode.workspace.applyEdit(edit);
}
