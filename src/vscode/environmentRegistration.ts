import type * as vscode from "vscode";
import type { Background } from "./background";
import { COMMANDS } from "./commandIds";
import type { ActionContext } from "./environmentActions";
import type { EnvironmentContext } from "./environmentCommands";

const actions = () => import("./environmentActions");

/** The commands about environments; each takes the row that it was started from. `command` registers one. */
export function environmentCommands(
  context: EnvironmentContext & ActionContext,
  background: Background,
  command: (id: string, run: (argument?: unknown) => Promise<unknown>) => vscode.Disposable,
): vscode.Disposable[] {
  const create = (recreate: boolean) => async (argument: unknown) => {
    const { createCommand } = await import("./environmentCommands");
    try {
      await createCommand(context, recreate, argument);
    } finally {
      await context.list.refresh();
    }
  };
  return [
    command(COMMANDS.createEnvironment, create(false)),
    command(COMMANDS.startEnvironment, create(false)),
    command(COMMANDS.recreateEnvironment, create(true)),
    command(COMMANDS.stopEnvironment, async (row) => (await actions()).stopCommand(context, row)),
    command(COMMANDS.openTerminal, async (row) => (await actions()).terminalCommand(context, row)),
    command(COMMANDS.confirmEnvironment, async (row) => (await actions()).confirmCommand(context, background, row)),
    command(COMMANDS.reopenInContainer, async () => (await actions()).reopenCommand()),
    command(COMMANDS.openFolder, async (row) => (await actions()).openFolderCommand(row)),
    command(COMMANDS.addFeature, async (row) => {
      const { addFeatureCommand } = await import("./addFeatureCommand");
      await addFeatureCommand(row, context.references);
    }),
  ];
}
