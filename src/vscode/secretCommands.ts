import * as vscode from "vscode";
import type { RegistrySecret } from "../domain/secret/secret";
import { t } from "../presentation/words";
import { COMMANDS, CONTEXT } from "./commandIds";
import type { NewSecretStart } from "./newSecret";
import { tick } from "./reached";
import type { TestContext } from "./testSecret";

/** The commands about secrets; `startOf` reads where *New Secret* was started from. */
export function secretCommands(
  context: TestContext,
  startOf: (argument: unknown) => NewSecretStart,
  command: (id: string, run: (argument?: unknown) => Promise<unknown>) => vscode.Disposable,
): vscode.Disposable[] {
  const { ports } = context;
  const forSecret = (id: string, title: string, run: (secret: RegistrySecret, row: unknown) => Promise<unknown>) =>
    command(id, async (row) => {
      const { chooseSecret } = await import("./chooseSecret");
      const secret = await chooseSecret(ports, row, title);
      return secret && (await run(secret, row));
    });
  return [
    command(COMMANDS.newSecret, async (argument) =>
      (await import("./newSecret")).newSecret(context, startOf(argument)),
    ),
    forSecret(COMMANDS.editSecret, t("Edit Secret"), async (secret, row) => {
      const { editSecret } = await import("./editSecret");
      const saved = await editSecret(context, secret, isOfFinding(row));
      if (saved !== secret) await tick(CONTEXT.edited);
      return saved;
    }),
    forSecret(COMMANDS.deleteSecret, t("Delete Secret"), async (secret) =>
      (await import("./deleteSecret")).deleteSecret(context, secret),
    ),
    forSecret(COMMANDS.testSecret, t("Test Secret"), async (secret) =>
      (await import("./testSecret")).testSecret(context, secret),
    ),
    forSecret(COMMANDS.moveSecret, t("Move Secret"), async (secret) =>
      (await import("./moveSecret")).moveSecret(ports, secret),
    ),
    command(COMMANDS.importSecrets, async () => (await import("./importSecrets")).importSecrets(context)),
    command(COMMANDS.exportSecrets, async (row) => (await import("./exportSecrets")).exportSecrets(context, row)),
    forSecret(COMMANDS.copySecretName, t("Copy Name"), ({ name }) => copied(name)),
    forSecret(COMMANDS.copySecretHost, t("Copy Registry Host"), ({ host }) => copied(host.key)),
  ];
}

/** True where a fix leads to a secret: what it mends is looked into again, and says itself how that went. */
function isOfFinding(argument: unknown): boolean {
  return typeof argument === "object" && argument !== null && "isOfFinding" in argument;
}

async function copied(text: string): Promise<void> {
  await vscode.env.clipboard.writeText(text);
  vscode.window.setStatusBarMessage(t("Copied: {0}", text), 3_000);
}
