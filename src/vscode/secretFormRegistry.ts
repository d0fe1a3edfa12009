import * as vscode from "vscode";
import { isFailure } from "../domain/failure";
import type { RegistryHost } from "../domain/registry/host";
import { isInScope } from "../domain/secret/registrySecrets";
import type { RegistrySecret } from "../domain/secret/secret";
import {
  checkField,
  checkHost,
  placeholderPrompt,
  presetHost,
  presetValues,
  projectFirst,
  registriesInUse,
  registryChoices,
  type NamedRegistry,
  type RegistryChoice,
} from "../presentation/secretForm";
import { hostLabel, type WorkspaceProject } from "../presentation/secretRows";
import { t } from "../presentation/words";
import { wrong } from "./formChecks";
import { placeOf, type NewSecretState } from "./newSecretState";
import type { ExtensionPorts } from "./ports";
import { ask, pick, type Check, type FormStep } from "./steps";

type Step = FormStep<NewSecretState>;
type Secrets = Pick<ExtensionPorts, "secrets">;

/** The places that a secret can be kept in: the projects of this workspace, and the person's own. */
export function placeItems(projects: readonly WorkspaceProject[]) {
  return [
    ...projects.map(({ name, key }) => ({
      label: `$(repo) ${t("Project")}`,
      description: name,
      detail: key,
      scope: "project" as const,
      project: key,
    })),
    {
      label: `$(account) ${t("User")}`,
      description: t("in every project"),
      scope: "user" as const,
      project: undefined,
    },
  ];
}

/** Project or user. */
export function scopeStep(
  projects: readonly WorkspaceProject[],
  isAsked: boolean,
): FormStep<Pick<NewSecretState, "scope" | "project">> {
  return {
    isShown: () => isAsked,
    show: async (known, frame) => {
      const items = placeItems(projects);
      const active = items.find(({ scope, project }) => scope === known.scope && project === known.project);
      const result = await pick({ ...frame, items, placeholder: t("Who is it for?"), active });
      if (result.kind === "back") return "back";
      known.scope = result.value.scope;
      if (result.value.project === undefined) delete known.project;
      else known.project = result.value.project;
      return "next";
    },
  };
}

/** A registry that the workspace names (the project's own first), a row of the specification's table, or any other. */
export function registryStep(named: readonly NamedRegistry[], { secrets }: Secrets): Step {
  return {
    isShown: ({ isHostGiven }) => !isHostGiven,
    show: async (known, frame) => {
      const inScope = (await secrets.list()).filter((secret) => isInScope(secret, known.scope, known.project));
      const registries = projectFirst(named, known.scope === "project" ? known.project : undefined);
      const used: RegistryChoice[] = registriesInUse(registries, inScope);
      const separator = (label: string) => ({ label, description: "", kind: vscode.QuickPickItemKind.Separator });
      const items: (vscode.QuickPickItem & RegistryChoice)[] = [
        ...(used.length > 0 ? [separator(t("In this workspace")), ...used, separator(t("Registries"))] : []),
        ...registryChoices(),
      ];
      const active = items.find(({ label, host }) => label === known.choice?.label && host === known.choice.host);
      const result = await pick({ ...frame, items, placeholder: t("Registry"), active });
      if (result.kind === "back") return "back";
      const choice = result.value;
      known.choice = choice;
      known.values = choice.preset ? presetValues(choice.preset, registries) : {};
      const text = choice.host?.key ?? (choice.preset?.placeholders.length === 0 ? choice.preset.hostname : undefined);
      if (text === undefined) delete known.host;
      else takeHost(known, text);
      return "next";
    },
  };
}

/** One placeholder of the preset's hostname, such as the region; with the last one the host is known. */
export function placeholderStep(index: number, registries: readonly string[]): Step {
  return {
    isShown: ({ choice }) => choice?.preset?.placeholders[index] !== undefined,
    show: async (known, frame) => {
      const preset = known.choice?.preset;
      const name = preset?.placeholders[index];
      if (!preset || name === undefined) return "next";
      const { prompt, example, pattern, wrong: fault } = placeholderPrompt(name);
      const isLast = index === preset.placeholders.length - 1;
      const blanks = Object.fromEntries(preset.placeholders.map((blank) => [blank, `[${blank}]`]));
      const before = Object.fromEntries(
        preset.placeholders.slice(0, index).map((done) => [done, known.values?.[done] ?? ""]),
      );
      const result = await ask({
        ...frame,
        prompt: t("{0} in {1}", prompt, presetHost(preset, { ...blanks, ...before })),
        placeholder: t("e.g. {0}", example),
        value: known.values?.[name] ?? "",
        check: (value, accepted) => {
          if (value === "" && !accepted) return undefined;
          if (!pattern.test(value.trim())) return wrong(fault);
          if (!isLast) return undefined;
          const host = presetHost(preset, { ...known.values, [name]: value.trim() });
          return accepted ? takeHost(known, host) : unlikeImages(host, registries);
        },
      });
      if (result.kind === "back") return "back";
      known.values = { ...known.values, [name]: result.value.trim() };
      return "next";
    },
  };
}

/** The hostname of a registry that is in no table. */
export function hostStep(registries: readonly string[], ports: Secrets): Step {
  return {
    isShown: ({ choice }) => choice !== undefined && !choice.preset && !choice.host,
    show: async (known, frame) => {
      const result = await ask({
        ...frame,
        prompt: t("Registry hostname, with its port if it has one"),
        placeholder: t("e.g. {0}", "registry.example.com:5000"),
        value: known.host?.key ?? "",
        check: async (value, accepted) => {
          if (value === "" && !accepted) return undefined;
          if (accepted) return takeHost(known, value);
          const found = checkHost(value);
          if (found.kind === "error") return wrong(found.text);
          const twin = await twinOf(known, found.host, ports);
          if (twin) return { text: twinText(twin), isError: false, isWarning: true };
          const unlike = unlikeImages(found.host.key, registries);
          return unlike ?? (found.remark === undefined ? undefined : { text: found.remark, isError: false });
        },
      });
      return result.kind === "back" ? "back" : "next";
    },
  };
}

/** A second secret for a registry in one scope is refused: the first is there to be edited. */
export function twinStep(ports: Secrets): Step {
  return {
    isExtra: true,
    show: async (known, frame) => {
      const twin = known.host && (await twinOf(known, known.host, ports));
      if (!twin) return "skip";
      const edit = { label: `$(edit) ${t("Edit {0}", twin.name)}`, description: t("its username and password") };
      const other = { label: `$(arrow-left) ${t("Choose another registry")}`, description: "" };
      const result = await pick({ ...frame, items: [edit, other], placeholder: twinText(twin) });
      if (result.kind === "back" || result.value !== edit) return "back";
      known.instead = twin;
      return "end";
    },
  };
}

function twinText({ name, scope, host }: RegistrySecret): string {
  return scope === "user"
    ? t("The user secret {0} is for {1} already. Edit {0} instead.", name, hostLabel(host))
    : t("The project secret {0} is for {1} already. Edit {0} instead.", name, hostLabel(host));
}

/** The secret that this scope has for the host. */
async function twinOf(known: NewSecretState, host: RegistryHost, { secrets }: Secrets) {
  try {
    await secrets.checkFree({ ...placeOf(known), host });
    return undefined;
  } catch (error) {
    if (!isFailure(error, "secret-host-taken")) throw error;
    const id = error.facts["id"];
    return (await secrets.list()).find((secret) => secret.id === id);
  }
}

/** Takes the host into the form, unless it is none. */
function takeHost(known: NewSecretState, text: string): Check | undefined {
  const found = checkHost(text);
  if (found.kind === "error") return wrong(found.text);
  if (known.host?.key !== found.host.key) delete known.name; // what was suggested for another host
  known.host = found.host;
  return undefined;
}

/** A host that is like one of the workspace's, and is not it. What was taken off the host has been said already. */
function unlikeImages(text: string, images: readonly string[]): Check | undefined {
  const found = checkHost(text);
  return found.kind === "error"
    ? undefined
    : checkField("host", { host: { ...found.host, notes: [] }, images, now: Date.now() });
}
