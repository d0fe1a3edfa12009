import * as vscode from "vscode";
import { messageOf } from "../domain/failure";
import { deliveryRecordLine, diagnosticsDocument, type Diagnostics } from "../presentation/diagnosticsText";
import { placeText } from "../presentation/placeText";
import { hostLabel } from "../presentation/secretRows";
import { knownSecrets } from "./checks";
import { SETTINGS } from "./commandIds";
import type { References } from "./marksReferences";
import { placeOf } from "./place";
import type { ExtensionPorts } from "./ports";

const LOG_LINES = 200;

interface DiagnosticsContext {
  readonly ports: ExtensionPorts;
  readonly references: References;
  readonly extension: vscode.Extension<unknown>;
  /** The folder in which VS Code keeps the log of this window. */
  readonly logFolder: vscode.Uri;
}

/** *Collect Diagnostics*: what someone who is to help needs to know, as an untitled document that holds no secret. */
export async function collectDiagnostics(context: DiagnosticsContext): Promise<string> {
  const { ports } = context;
  const [engine, dockerConfig, secrets, deliveries, log] = await Promise.all([
    ports.diagnostics.engine().catch(asLine),
    ports.diagnostics.dockerConfig().catch(asLine),
    secretLines(ports).catch(asLine),
    ports.records
      .deliveries()
      .then((records) => records.map(deliveryRecordLine))
      .catch(asLine),
    endOfLog(context.logFolder),
  ]);
  const references = await context.references.all();
  const settings = vscode.workspace.getConfiguration("registrySecrets");
  const { text, next } = placeText(placeOf(context.extension.extensionKind));
  const diagnostics: Diagnostics = {
    versions: versionsOf(context.extension),
    place: next === undefined ? [text] : [text, next],
    engine,
    dockerConfig,
    settings: Object.values(SETTINGS).map((name): [string, string] => [
      `registrySecrets.${name}`,
      String(settings.get(name)),
    ]),
    secrets,
    registries: [...new Set(references.flatMap(({ image }) => image.reference?.registry ?? []))].sort(),
    deliveries,
    log,
  };
  const home = ports.env["HOME"] ?? ports.env["USERPROFILE"];
  const content = diagnosticsDocument(diagnostics, await knownSecrets(ports).catch(() => []), home);
  const document = await vscode.workspace.openTextDocument({ language: "markdown", content });
  await vscode.window.showTextDocument(document);
  return content;
}

function versionsOf({ packageJSON, extensionKind }: vscode.Extension<unknown>): [string, string][] {
  const { version } = packageJSON as { version: string };
  return [
    ["Registry Secrets", version],
    ["VS Code", `${vscode.version} (${vscode.env.appName}, ${vscode.env.appHost}, ${vscode.env.language})`],
    ["Node", `${process.version} ${process.platform}/${process.arch}`],
    ["remote", vscode.env.remoteName ?? "-"],
    ["kind", extensionKind === vscode.ExtensionKind.UI ? "ui" : "workspace"],
    ["trusted", String(vscode.workspace.isTrusted)],
  ];
}

async function secretLines({ store }: ExtensionPorts): Promise<string[]> {
  const { secrets, unreadable } = await store.list();
  return [
    ...secrets.map(({ scope, host, credential }) => `${scope} · ${hostLabel(host)} · ${credential.kind}`),
    ...unreadable.map(() => "unreadable"),
  ];
}

/** What this window has logged: VS Code flushes it to a file of its own. */
async function endOfLog(folder: vscode.Uri): Promise<string[]> {
  try {
    const files = await vscode.workspace.fs.readDirectory(folder);
    const name = files.map(([file]) => file).find((file) => file.endsWith(".log"));
    if (name === undefined) return [];
    const bytes = await vscode.workspace.fs.readFile(vscode.Uri.joinPath(folder, name));
    return new TextDecoder().decode(bytes).trimEnd().split(/\r?\n/).slice(-LOG_LINES);
  } catch (error) {
    return asLine(error);
  }
}

function asLine(error: unknown): string[] {
  return [messageOf(error)];
}
