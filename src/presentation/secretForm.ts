import { isFailure } from "../domain/failure";
import { ecrHost, identifyRegistry, REGISTRY_PRESETS, type RegistryPreset } from "../domain/registry/catalog";
import { parseRegistryHost, type HostNote, type RegistryHost } from "../domain/registry/host";
import type { RegistrySecret } from "../domain/secret/secret";
import { lintCredential, type LintInput, type LintRemark } from "../domain/secret/lint";
import { failureText } from "./failureText";
import { lintText } from "./lintText";
import { hostLabel } from "./secretRows";
import { t } from "./words";

/** A choice of registry in the form: a row of the specification's table, or any other host. */
export interface RegistryChoice {
  readonly label: string;
  readonly description: string;
  readonly preset?: RegistryPreset;
  /** Of a registry that the workspace's files name: nothing is left to be filled in. */
  readonly host?: RegistryHost;
}

/** A registry as Docker spells it, and the project whose files name it. */
export interface NamedRegistry {
  readonly registry: string;
  readonly project: string;
}

/** The registries, those of a project before those of the others. */
export function projectFirst(named: readonly NamedRegistry[], project: string | undefined): string[] {
  const isOwn = (one: NamedRegistry) => one.project === project;
  const ordered = [...named.filter(isOwn), ...named.filter((one) => !isOwn(one))];
  return [...new Set(ordered.map(({ registry }) => registry))];
}

/**
 * The registries that the workspace names, each once: those without a secret first. `registries` as Docker spells them,
 * `secrets` are those of the scope that the new one is for.
 */
export function registriesInUse(
  registries: readonly string[],
  secrets: readonly RegistrySecret[],
): (RegistryChoice & { readonly host: RegistryHost })[] {
  const hosts = new Map<string, RegistryHost>();
  for (const registry of registries) {
    const found = checkHost(registry); // docker's grammar allows hosts that no network has
    if (found.kind === "fine") hosts.set(found.host.key, found.host);
  }
  const choices = [...hosts.values()].map((host) => {
    const twin = secrets.find((secret) => secret.host.key === host.key);
    const description = twin ? t("{0} is for it already", twin.name) : t("named in this workspace");
    return { label: hostLabel(host), description, host, isTaken: twin !== undefined };
  });
  return choices
    .sort((a, b) => Number(a.isTaken) - Number(b.isTaken))
    .map(({ label, description, host }) => ({ label, description, host }));
}

/** What the workspace's registries tell of a preset's placeholders: the account and region of its ECR, and the like. */
export function presetValues(preset: RegistryPreset, registries: readonly string[]): Readonly<Record<string, string>> {
  for (const registry of registries) {
    const identity = identifyRegistry(registry);
    if (identity.kind !== preset.kind) continue;
    switch (identity.kind) {
      case "ecr":
        return { "account-id": identity.account, region: identity.region };
      case "gar":
        return identity.region === undefined ? {} : { region: identity.region };
      case "acr":
        return { name: identity.name };
      default:
        return {};
    }
  }
  return {};
}

/** The choices in the specification's order, and another host last. */
export function registryChoices(): RegistryChoice[] {
  return [
    ...REGISTRY_PRESETS.map((preset) => ({ label: preset.label, description: preset.hostname, preset })),
    { label: t("Another registry…"), description: t("any host, with its port if it has one") },
  ];
}

/** The host of a preset whose placeholders are filled in, e.g. `acme.azurecr.io`. */
export function presetHost(preset: RegistryPreset, values: Readonly<Record<string, string>>): string {
  const { "account-id": account, region } = values;
  if (preset.kind === "ecr" && account !== undefined && region !== undefined) return ecrHost(account, region);
  return preset.placeholders.reduce((host, name) => host.replace(`[${name}]`, values[name] ?? ""), preset.hostname);
}

/** What to type for a placeholder, with an example. */
export function placeholderPrompt(name: string): { prompt: string; example: string; pattern: RegExp; wrong: string } {
  switch (name) {
    case "account-id":
      return {
        prompt: t("AWS account ID"),
        example: "123456789012",
        pattern: /^\d{12}$/,
        wrong: t("An AWS account ID has 12 digits."),
      };
    case "region":
      return {
        prompt: t("Region"),
        example: "europe-west1, eu-central-1",
        pattern: /^[a-z][a-z0-9-]*$/,
        wrong: t("A region has lower-case letters, digits and hyphens, such as europe-west1."),
      };
    default:
      return {
        prompt: t("Registry name"),
        example: "acme",
        pattern: /^[a-z0-9]+(-[a-z0-9]+)?$/i,
        wrong: t("The name of the registry has letters and digits only."),
      };
  }
}

/** The answer to a host while it is typed: an error, a remark on what is understood, or nothing to say. */
export type HostCheck =
  | { readonly kind: "error"; readonly text: string }
  | { readonly kind: "fine"; readonly host: RegistryHost; readonly remark?: string };

/** Checks a typed registry hostname. */
export function checkHost(text: string): HostCheck {
  try {
    const host = parseRegistryHost(text);
    const remark = host.notes.length > 0 ? remarkOf(host, host.notes) : undefined;
    return { kind: "fine", host, ...(remark === undefined ? {} : { remark }) };
  } catch (error) {
    if (!isFailure(error)) throw error;
    return { kind: "error", text: text.trim() === "" ? t("Enter the registry hostname.") : failureText(error).message };
  }
}

/** What there is to say about a field while it is typed, or undefined: an error forbids to go on, a warning does not. */
export function checkField(
  field: LintRemark["field"],
  input: LintInput & { readonly now: number },
): { readonly text: string; readonly isError: boolean; readonly isWarning: boolean } | undefined {
  const { password: _, ...before } = input;
  const said = field === "password" ? lintCredential(before) : [];
  // what the password says about the username is said where the password is typed
  const remarks = lintCredential(input).filter(
    (remark) =>
      remark.field === field ||
      (field === "password" && remark.field === "username" && !said.some(({ code }) => code === remark.code)),
  );
  if (remarks.length === 0) return undefined;
  return {
    text: remarks.map((remark) => lintText(remark, input.now)).join(" "),
    isError: remarks.some(({ severity }) => severity === "error"),
    isWarning: remarks.some(({ severity }) => severity === "warning"),
  };
}

function remarkOf(host: RegistryHost, notes: readonly HostNote[]): string {
  if (notes.some(({ code }) => code === "hub-spelling")) return t("This is Docker Hub: saved as {0}", host.key);
  const path = notes.find(({ code }) => code === "path");
  return path && path.text !== "/"
    ? t(
        "Docker looks credentials up by host: saved as {0}, for all of its repositories (not only {1})",
        host.key,
        path.text,
      )
    : t("Saved as {0}", host.key);
}
