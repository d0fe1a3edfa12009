import * as vscode from "vscode";
import { isFailure, type Failure } from "../domain/failure";
import {
  importCredentials,
  secretToReplace,
  type ImportedCredential,
  type ImportOutcome,
} from "../domain/secret/importing";
import type { FoundLogin, OtherLogins } from "../domain/secret/otherLogins";
import { usernameOf, type RegistrySecret, type Scope } from "../domain/secret/secret";
import { readTriplets } from "../domain/secret/triplets";
import { readVariableText } from "../domain/secret/variableText";
import { failureLine } from "../presentation/failureText";
import { importText, loginDetail, shortPath } from "../presentation/importText";
import { hostLabel } from "../presentation/secretRows";
import { t } from "../presentation/words";
import { COMMANDS } from "./commandIds";
import { placeOf } from "./newSecretState";
import { scopeStep } from "./secretFormRegistry";
import { signalOf, withCancel } from "./show";
import { pick, pickMany, runForm, type FormStep } from "./steps";
import type { TestContext } from "./testSecret";
import { workspaceFiles, workspaceProjects } from "./workspace";

type Context = Pick<TestContext, "ports" | "log">;
type Source = "logins" | "environment" | "clipboard" | "file";

interface State {
  scope: Exclude<Scope, "organization">;
  project?: string;
  source?: Source;
}

/** Something that can be imported: what a row of the list shows, and how its value is had. */
interface Offer {
  readonly login: FoundLogin;
  read(signal: AbortSignal): Promise<ImportedCredential>;
}

/**
 * *Import Secrets*: logins of Docker and Podman, or variables of Codespaces' convention, as secrets of a scope. The person
 * chooses which; only those are read. Gives what became of each, and says it.
 */
export async function importSecrets(context: Context): Promise<readonly ImportOutcome[]> {
  const { ports, log } = context;
  const projects = await workspaceProjects((folder) => ports.projectOf(folder));
  const state: State = { scope: projects.length > 0 ? "project" : "user" };
  await runForm(t("Import Secrets"), state, [sourceStep, scopeStep(projects, projects.length > 0)]);
  const { offers, problems } = await offersOf(state.source ?? "logins", context);
  for (const problem of problems) log.warn(failureLine(problem));
  if (offers.length === 0) {
    sayNothingFound(problems);
    return [];
  }
  const chosen = await choose(offers, problems, state, await ports.secrets.list());
  const { credentials, failed } = await read(chosen);
  const outcomes = [...(await importCredentials(credentials, placeOf(state), ports.secrets)), ...failed];
  say(outcomes, log);
  return outcomes;
}

const sourceStep: FormStep<State> = {
  show: async (known, frame) => {
    const item = (icon: string, label: string, description: string, source: Source) => ({
      label: `$(${icon}) ${label}`,
      description,
      source,
    });
    const items = [
      item(
        "package",
        t("Logins of Docker and Podman"),
        t("their files and credential helpers on this machine"),
        "logins",
      ),
      item("symbol-variable", t("Variables of VS Code's environment"), "*_CONTAINER_REGISTRY_*", "environment"),
      item("clippy", t("The clipboard"), t("variables or logins: .env, JSON, config.json, auth.json"), "clipboard"),
      item("file", t("A file…"), t("variables or logins: .env, JSON, config.json, auth.json"), "file"),
    ];
    const active = items.find(({ source }) => source === known.source);
    const result = await pick({ ...frame, items, placeholder: t("Import from where?"), active });
    if (result.kind === "back") return "back";
    known.source = result.value.source;
    return "next";
  },
};

async function offersOf(
  source: Source,
  { ports }: Context,
): Promise<{ readonly offers: Offer[]; readonly problems: readonly Failure[] }> {
  switch (source) {
    case "logins": {
      const title = t("Looking for logins of Docker and Podman");
      const { logins, problems } = await withCancel(title, (signal) => ports.otherLogins.list(signal));
      return { offers: offersOfLogins(logins, ports.otherLogins), problems };
    }
    case "environment":
      return offersOfVariables(ports.variables(), t("VS Code's environment"));
    case "clipboard":
      return await offersOfText(await vscode.env.clipboard.readText(), t("the clipboard"), ports);
    case "file": {
      const [file] = (await vscode.window.showOpenDialog({ title: t("A file with variables or logins") })) ?? [];
      if (!file) throw new vscode.CancellationError();
      const text = await workspaceFiles.read(file.fsPath);
      return await offersOfText(text ?? "", file.fsPath, ports);
    }
  }
}

/** Variables, or a config of Docker or Podman: a person has the one or the other in a file. */
async function offersOfText(text: string, name: string, { otherLogins }: Context["ports"]) {
  const variables = offersOfVariables(readVariableText(text), name);
  const source = await otherLogins.ofText(name, text);
  const { logins, problems } = await source.list();
  return {
    offers: [...variables.offers, ...offersOfLogins(logins, source)],
    problems: [...variables.problems, ...problems],
  };
}

function offersOfLogins(logins: readonly FoundLogin[], source: Pick<OtherLogins, "read">): Offer[] {
  return logins.map((login) => ({
    login,
    read: async (signal) => ({ host: login.host, ...(await source.read(login, signal)) }),
  }));
}

function offersOfVariables(variables: Readonly<Record<string, string | undefined>>, place: string) {
  const { secrets, problems } = readTriplets(variables, Date.now());
  const offers = secrets.flatMap(({ name, host, credential }): Offer[] => {
    if (credential.kind !== "password") return [];
    const { username, password } = credential;
    const login = { place, key: name, host, username };
    return [{ login, read: () => Promise.resolve({ name, host, username, password }) }];
  });
  return { offers, problems };
}

async function choose(
  offers: readonly Offer[],
  problems: readonly Failure[],
  state: State,
  secrets: readonly RegistrySecret[],
): Promise<readonly Offer[]> {
  const home = process.env["HOME"] ?? process.env["USERPROFILE"] ?? "";
  const items: (vscode.QuickPickItem & { readonly offer?: Offer; readonly isNew?: boolean })[] = [];
  const seen = new Set<string>();
  for (const [index, offer] of offers.entries()) {
    const { login } = offer;
    if (offers[index - 1]?.login.place !== login.place) {
      items.push({ label: shortPath(login.place, home), kind: vscode.QuickPickItemKind.Separator });
    }
    const twin = secretToReplace(secrets, placeOf(state), login.host);
    const detail = loginDetail(login, twin && `${twin.name} (${usernameOf(twin.credential)})`);
    items.push({
      label: hostLabel(login.host),
      description: login.username ?? "",
      ...(detail === "" ? {} : { detail }),
      offer,
      isNew: twin === undefined && !seen.has(login.host.key),
    });
    seen.add(login.host.key);
  }
  const frame = { title: t("Import Secrets"), step: 1, total: 1 };
  const placeholder =
    problems.length === 0
      ? t("Which ones? Only these are read.")
      : t("Which ones? Some places cannot be read: see the log.");
  const result = await pickMany({ ...frame, items, placeholder, chosen: items.filter(({ isNew }) => isNew === true) });
  if (result.kind === "back") throw new vscode.CancellationError();
  return result.value.flatMap(({ offer }) => offer ?? []);
}

/** Asks for the values; a helper may have to ask the person in turn. */
async function read(offers: readonly Offer[]) {
  const credentials: ImportedCredential[] = [];
  const failed: ImportOutcome[] = [];
  await vscode.window.withProgress(
    { location: vscode.ProgressLocation.Notification, title: t("Reading the logins"), cancellable: true },
    async (progress, token) => {
      const signal = signalOf(token);
      for (const offer of offers) {
        const { login } = offer;
        progress.report({ message: hostLabel(login.host), increment: 100 / offers.length });
        try {
          credentials.push(await offer.read(signal));
        } catch (error) {
          if (!isFailure(error) || error.code === "cancelled") throw error;
          failed.push({ kind: "failed", host: login.host, failure: error });
        }
      }
    },
  );
  return { credentials, failed };
}

function sayNothingFound(problems: readonly Failure[]): void {
  const [first] = problems;
  if (first) void vscode.window.showErrorMessage(failureLine(first));
  else
    void vscode.window.showInformationMessage(
      t("There is nothing to import there: no login, and no complete set of variables."),
    );
}

function say(outcomes: readonly ImportOutcome[], log: vscode.LogOutputChannel): void {
  for (const outcome of outcomes) if (outcome.kind === "failed") log.warn(failureLine(outcome.failure));
  const { text, isTrouble } = importText(outcomes);
  if (!isTrouble) void vscode.window.showInformationMessage(text);
  else {
    void vscode.window.showWarningMessage(text, t("Show Log")).then((choice) => {
      if (choice !== undefined) void vscode.commands.executeCommand(COMMANDS.showLog);
    });
  }
}
