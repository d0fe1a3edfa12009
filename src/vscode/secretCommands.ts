import * as vscode from "vscode";
import { isFailure, type Failure } from "../domain/failure";
import { findConfigFiles, workspaceImages } from "../domain/image/workspaceImages";
import { Redacted } from "../domain/redacted";
import { identifyRegistry, REGISTRY_PRESETS, supportsRunnerNative } from "../domain/registry/catalog";
import type { RegistryHost } from "../domain/registry/host";
import { checkSecretName, RUNNER_NATIVE, usernameOf, type RegistrySecret, type Scope } from "../domain/secret/secret";
import { failureText } from "../presentation/failureText";
import {
  checkField,
  checkHost,
  placeholderPrompt,
  presetHost,
  registryChoices,
  type RegistryChoice,
} from "../presentation/secretForm";
import { hostLabel } from "../presentation/secretRows";
import type { ExtensionPorts } from "./ports";
import type { Row } from "./secretsView";
import { ask, pick, runForm, type Check, type FormStep } from "./steps";
import { workspaceProjects } from "./workspace";

interface NewSecretState {
  scope?: Exclude<Scope, "organization">;
  project?: string;
  name?: string;
  choice?: RegistryChoice;
  /** Answers for the placeholders of the chosen hostname. */
  values?: Readonly<Record<string, string>>;
  host?: RegistryHost;
  username?: string;
  password?: Redacted;
}

/** What may be known before the form opens: the group it was opened from, or the registry that a finding names. */
export interface NewSecretStart {
  readonly scope?: Exclude<Scope, "organization">;
  readonly project?: string;
  readonly host?: RegistryHost;
}

const NEW_TITLE = "New Secret";

/** *New Secret*: a form with Back; nothing is written before its last step. Gives the secret, or throws `CancellationError`. */
export async function newSecret(ports: ExtensionPorts, start: NewSecretStart): Promise<RegistrySecret> {
  const projects = await workspaceProjects((folder) => ports.projectOf(folder));
  const images = registriesOfImages(ports);
  const state: NewSecretState = {};
  const hasScopeStep = start.scope === undefined && projects.length > 0;
  const countShown = ({ choice }: NewSecretState) =>
    4 + (hasScopeStep ? 1 : 0) + (start.host ? 0 : 1 + (choice ? (choice.preset?.placeholders.length ?? 1) : 0));

  const steps: FormStep<NewSecretState>[] = [
    async (_, frame) => {
      const type = {
        label: "$(package) Container registry",
        description: "pulls private images and logs in inside environments",
      };
      const result = await pick({ title: NEW_TITLE, ...frame, items: [type], placeholder: "Secret type" });
      return result.kind === "back" ? "back" : "next";
    },
    async (known, frame) => {
      if (!hasScopeStep) {
        known.scope = start.scope ?? "user";
        if (start.project !== undefined) known.project = start.project;
        return "skip";
      }
      const items = [
        ...projects.map(({ name, key }) => ({
          label: "$(repo) Project",
          description: name,
          detail: key,
          scope: "project" as const,
          project: key,
        })),
        { label: "$(account) User", description: "in every project", scope: "user" as const, project: undefined },
      ];
      const result = await pick({ title: NEW_TITLE, ...frame, items, placeholder: "Who is it for?" });
      if (result.kind === "back") return "back";
      known.scope = result.value.scope;
      if (result.value.project === undefined) delete known.project;
      else known.project = result.value.project;
      return "next";
    },
    async (known, frame) => {
      const result = await ask({
        title: NEW_TITLE,
        ...frame,
        prompt: "Name: identifier for the secret",
        placeholder: "e.g. GHCR_PULL",
        value: known.name ?? "",
        check: (value, accepted) =>
          checked(value === "" && !accepted ? undefined : () => checkSecretName(value)) ??
          (accepted
            ? ports.secrets.checkFree({ ...place(known), name: value }).then(() => undefined, asCheck)
            : undefined),
      });
      if (result.kind === "back") return "back";
      known.name = result.value;
      return "next";
    },
    async (known, frame) => {
      if (start.host) {
        known.host = start.host;
        return "skip";
      }
      const items = registryChoices();
      const active = items.find(({ label }) => label === known.choice?.label);
      for (;;) {
        const result = await pick({ title: NEW_TITLE, ...frame, items, placeholder: "Registry", active });
        if (result.kind === "back") return "back";
        const { preset } = (known.choice = result.value);
        known.values = {};
        if (!preset || preset.placeholders.length > 0) return "next";
        const taken = await takeHost(known, preset.hostname, ports);
        if (!taken) return "next";
        void vscode.window.showErrorMessage(taken.text);
      }
    },
    (known, frame) => placeholderStep(0, known, frame, ports, images),
    (known, frame) => placeholderStep(1, known, frame, ports, images),
    async (known, frame) => {
      if (start.host ?? known.choice?.preset) return "skip";
      const result = await ask({
        title: NEW_TITLE,
        ...frame,
        prompt: "Registry hostname, with its port if it has one",
        placeholder: "e.g. registry.example.com:5000",
        value: known.host?.key ?? "",
        check: async (value, accepted) => {
          if (value === "" && !accepted) return undefined;
          if (accepted) return await takeHost(known, value, ports);
          const found = checkHost(value);
          if (found.kind === "error") return wrong(found.text);
          const unlike = checkField("host", { host: withoutNotes(found.host), images: await images, now: Date.now() });
          return unlike ?? (found.remark === undefined ? undefined : { text: found.remark, isError: false });
        },
      });
      return result.kind === "back" ? "back" : "next";
    },
    async (known, frame) => {
      const preset = presetOf(known.host);
      const native = known.host && supportsRunnerNative(identifyRegistry(known.host).kind);
      const result = await ask({
        title: NEW_TITLE,
        ...frame,
        prompt: `Registry username for ${known.host ? hostLabel(known.host) : ""}${preset ? `: ${preset.usernameHint}` : ""}`,
        placeholder: native ? `or ${RUNNER_NATIVE}` : "",
        value: known.username ?? "",
        check: (value, accepted) =>
          accepted && value.trim() === ""
            ? wrong("Enter the username that the registry knows.")
            : remarkOn("username", known.host, value, undefined),
      });
      if (result.kind === "back") return "back";
      known.username = result.value.trim();
      return "next";
    },
    async (known, frame) => {
      const preset = presetOf(known.host);
      const page = preset?.tokenPage;
      const result = await ask({
        title: NEW_TITLE,
        ...frame,
        prompt: `Registry password or access token${preset ? `: ${preset.passwordHint}` : ""}`,
        password: true,
        value: known.username === RUNNER_NATIVE ? RUNNER_NATIVE : (known.password?.reveal() ?? ""),
        buttons:
          page === undefined
            ? []
            : [{ iconPath: new vscode.ThemeIcon("link-external"), tooltip: "Make a token", url: page }],
        check: (value, accepted) =>
          accepted && value.trim() === ""
            ? wrong("Enter the password or access token.")
            : remarkOn("password", known.host, known.username, value),
      });
      if (result.kind === "back") return "back";
      known.password = new Redacted(result.value.trim());
      return "next";
    },
  ];

  const { scope = "user", project, name, host, username, password } = await runForm(state, steps, countShown);
  if (name === undefined || host === undefined || username === undefined || password === undefined)
    throw new vscode.CancellationError();
  return await ports.secrets.create({
    name,
    scope,
    ...(project === undefined ? {} : { project }),
    host,
    username,
    password,
  });
}

/** One placeholder of the preset's hostname, such as the region; with the last one the host is known. */
async function placeholderStep(
  index: number,
  known: NewSecretState,
  frame: { step: number; total: number },
  ports: ExtensionPorts,
  images: Promise<readonly string[]>,
): Promise<"next" | "back" | "skip"> {
  const preset = known.choice?.preset;
  const name = preset?.placeholders[index];
  if (!preset || name === undefined) return "skip";
  const { prompt, example, pattern, wrong: complaint } = placeholderPrompt(name);
  const isLast = index === preset.placeholders.length - 1;
  const result = await ask({
    title: NEW_TITLE,
    ...frame,
    prompt: `${prompt} in ${presetHost(preset, { ...blanks(preset.placeholders), ...known.values })}`,
    placeholder: `e.g. ${example}`,
    value: known.values?.[name] ?? "",
    check: async (value, accepted) => {
      if (value === "" && !accepted) return undefined;
      if (!pattern.test(value.trim())) return wrong(complaint);
      if (!isLast) return undefined;
      const host = presetHost(preset, { ...known.values, [name]: value.trim() });
      if (accepted) return await takeHost(known, host, ports);
      const found = checkHost(host);
      return found.kind === "error"
        ? undefined
        : checkField("host", { host: found.host, images: await images, now: Date.now() });
    },
  });
  if (result.kind === "back") return "back";
  known.values = { ...known.values, [name]: result.value.trim() };
  return "next";
}

/** Takes the host into the form, unless it is none or the scope has a secret for it: then says so. */
async function takeHost(known: NewSecretState, text: string, ports: ExtensionPorts): Promise<Check | undefined> {
  const found = checkHost(text);
  if (found.kind === "error") return wrong(found.text);
  known.host = found.host;
  return await ports.secrets.checkFree({ ...place(known), host: found.host }).then(() => undefined, asCheck);
}

/** What lint has to say about one of the two fields of a credential. */
function remarkOn(
  field: "username" | "password",
  host: RegistryHost | undefined,
  username: string | undefined,
  password: string | undefined,
): Check | undefined {
  if (!host) return undefined;
  const value = password === undefined ? undefined : new Redacted(password);
  return checkField(field, { host, username, password: value, now: Date.now() });
}

/** The registries of the workspace's images, as far as its files tell. */
async function registriesOfImages({ files, env }: ExtensionPorts): Promise<string[]> {
  const registries = new Set<string>();
  for (const { uri } of vscode.workspace.workspaceFolders ?? []) {
    const folder = uri.fsPath.replace(/\\/g, "/");
    for (const configFile of await findConfigFiles(folder, files)) {
      try {
        const { images } = await workspaceImages(folder, configFile, files, env);
        for (const { reference } of images) if (reference) registries.add(reference.registry);
      } catch (error) {
        if (!isFailure(error)) throw error; // a file that is not understood tells nothing here
      }
    }
  }
  return [...registries];
}

/** The host without what was taken off, which has been said already. */
function withoutNotes(host: RegistryHost): RegistryHost {
  return { ...host, notes: [] };
}

/** *Edit*: the username and password only; what is left empty stays. */
export async function editSecret(ports: ExtensionPorts, secret: RegistrySecret): Promise<RegistrySecret> {
  const title = `Edit ${secret.name}`;
  const state: { username?: string; password?: Redacted } = {};
  await runForm(
    state,
    [
      async (known, frame) => {
        const result = await ask({
          title,
          ...frame,
          prompt: `Registry username for ${hostLabel(secret.host)}`,
          value: known.username ?? usernameOf(secret.credential),
          check: (value, accepted) =>
            accepted && value.trim() === ""
              ? wrong("Enter the username that the registry knows.")
              : remarkOn("username", secret.host, value, undefined),
        });
        if (result.kind === "back") return "back";
        known.username = result.value.trim();
        return "next";
      },
      async (known, frame) => {
        const keep = secret.credential.kind === "password";
        const result = await ask({
          title,
          ...frame,
          prompt: keep
            ? "Registry password or access token. Leave it empty to keep the present one"
            : "Registry password or access token",
          password: true,
          check: (value, accepted) =>
            accepted && value.trim() === "" && !keep
              ? wrong("Enter the password or access token.")
              : remarkOn("password", secret.host, known.username, value),
        });
        if (result.kind === "back") return "back";
        if (result.value.trim() !== "") known.password = new Redacted(result.value.trim());
        return "next";
      },
    ],
    () => 2,
  );
  return await ports.secrets.edit(secret.id, state);
}

/** *Delete*, after a question that says what follows. Undefined if the person thought better of it. */
export async function deleteSecret(ports: ExtensionPorts, secret: RegistrySecret): Promise<RegistrySecret | undefined> {
  const remove = "Delete";
  const choice = await vscode.window.showWarningMessage(
    `Delete the ${secret.scope} secret ${secret.name}?`,
    {
      modal: true,
      detail:
        `Running environments are logged out of ${hostLabel(secret.host)}, ` +
        "and new ones can no longer pull private images from it.",
    },
    remove,
  );
  return choice === remove ? await ports.secrets.delete(secret.id) : undefined;
}

/** The secret of a row, or of the person's choice when the command came from the palette. */
export async function secretOf(
  ports: ExtensionPorts,
  row: unknown,
  title: string,
): Promise<RegistrySecret | undefined> {
  const secrets = await ports.secrets.list();
  const id = (row as Row | undefined)?.kind === "secret" ? (row as Row & { kind: "secret" }).row.id : undefined;
  if (id !== undefined) return secrets.find((secret) => secret.id === id);
  const items = secrets.map((secret) => ({
    label: secret.name,
    description: `${hostLabel(secret.host)} · ${usernameOf(secret.credential)}`,
    detail: secret.scope,
    secret,
  }));
  return (await vscode.window.showQuickPick(items, { title, placeHolder: "Which secret?", matchOnDescription: true }))
    ?.secret;
}

function place({ scope = "user", project }: NewSecretState) {
  return { scope, ...(project === undefined ? {} : { project }) };
}

function presetOf(host: RegistryHost | undefined) {
  const kind = host && identifyRegistry(host).kind;
  return REGISTRY_PRESETS.find((preset) => preset.kind === kind);
}

function blanks(names: readonly string[]): Record<string, string> {
  return Object.fromEntries(names.map((name) => [name, `[${name}]`]));
}

function checked(work: (() => void) | undefined): Check | undefined {
  try {
    work?.();
    return undefined;
  } catch (error) {
    return asCheck(error);
  }
}

function asCheck(error: unknown): Check {
  if (!isFailure(error)) throw error;
  return wrong(textOf(error));
}

function textOf(failure: Failure): string {
  const { message, next } = failureText(failure);
  return failure.code === "invalid-secret-name" ? message : `${message} ${next}`;
}

function wrong(text: string): Check {
  return { text, isError: true };
}
