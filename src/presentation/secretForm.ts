import { isFailure } from "../domain/failure";
import { REGISTRY_PRESETS, type RegistryPreset } from "../domain/registry/catalog";
import { parseRegistryHost, type HostNote, type RegistryHost } from "../domain/registry/host";
import { lintCredential, type LintInput, type LintRemark } from "../domain/secret/lint";
import { failureText } from "./failureText";
import { lintText } from "./lintText";

/** A choice of registry in the form: a row of the specification's table, or any other host. */
export interface RegistryChoice {
  readonly label: string;
  readonly description: string;
  readonly preset?: RegistryPreset;
}

/** The choices in the specification's order, and another host last. */
export function registryChoices(): RegistryChoice[] {
  return [
    ...REGISTRY_PRESETS.map((preset) => ({ label: preset.label, description: preset.hostname, preset })),
    { label: "Another registry…", description: "any host, with its port if it has one" },
  ];
}

/** The host of a preset whose placeholders are filled in, e.g. `acme.azurecr.io`. */
export function presetHost(preset: RegistryPreset, values: Readonly<Record<string, string>>): string {
  return preset.placeholders.reduce((host, name) => host.replace(`[${name}]`, values[name] ?? ""), preset.hostname);
}

/** What to type for a placeholder, with an example. */
export function placeholderPrompt(name: string): { prompt: string; example: string; pattern: RegExp; wrong: string } {
  switch (name) {
    case "account-id":
      return {
        prompt: "AWS account ID",
        example: "123456789012",
        pattern: /^\d{12}$/,
        wrong: "An AWS account ID has 12 digits.",
      };
    case "region":
      return {
        prompt: "Region",
        example: "europe-west1, or eu-central-1",
        pattern: /^[a-z][a-z0-9-]*$/,
        wrong: "A region has lower-case letters, digits and hyphens, such as europe-west1.",
      };
    default:
      return {
        prompt: "Registry name",
        example: "acme",
        pattern: /^[a-z0-9]+(-[a-z0-9]+)?$/i,
        wrong: "The name of the registry has letters and digits only.",
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
    return { kind: "error", text: text.trim() === "" ? "Enter the registry hostname." : failureText(error).message };
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
  if (notes.some(({ code }) => code === "hub-spelling")) return `This is Docker Hub: saved as ${host.key}`;
  const path = notes.find(({ code }) => code === "path");
  return path && path.text !== "/"
    ? `Docker looks credentials up by host: saved as ${host.key}, for all of its repositories (not only ${path.text})`
    : `Saved as ${host.key}`;
}
