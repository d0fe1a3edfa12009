import * as vscode from "vscode";
import { Redacted } from "../domain/redacted";
import { identifyRegistry, REGISTRY_PRESETS, supportsRunnerNative } from "../domain/registry/catalog";
import type { RegistryHost } from "../domain/registry/host";
import { isInScope } from "../domain/secret/registrySecrets";
import { checkSecretName, RUNNER_NATIVE, suggestSecretName } from "../domain/secret/secret";
import { hostLabel } from "../presentation/secretRows";
import { t } from "../presentation/words";
import { complaint, remarkOn, wrong } from "./formChecks";
import { placeOf, type NewSecretState } from "./newSecretState";
import type { ExtensionPorts } from "./ports";
import { ask, type FormStep } from "./steps";

/** The two fields of a credential, while they are filled in. */
export interface CredentialState {
  readonly host?: RegistryHost;
  username?: string;
  password?: Redacted;
}

/** The name: one that is free is there to be taken. */
export function nameStep({ secrets }: Pick<ExtensionPorts, "secrets">): FormStep<NewSecretState> {
  return {
    show: async (known, frame) => {
      const taken = (await secrets.list())
        .filter((secret) => isInScope(secret, known.scope, known.project))
        .map(({ name }) => name);
      const offered = known.name ?? known.nameAskedFor ?? (known.host ? suggestSecretName(known.host, taken) : "");
      const result = await ask({
        ...frame,
        prompt: t("Name: identifier for the secret"),
        placeholder: t("e.g. {0}", "GHCR_PULL"),
        value: offered,
        check: (value, accepted) => {
          if (value === "" && !accepted) return undefined;
          return complaint(() =>
            accepted ? secrets.checkFree({ ...placeOf(known), name: value }) : checkSecretName(value),
          );
        },
      });
      if (result.kind === "back") {
        if (result.typed !== offered) known.name = result.typed;
        return "back";
      }
      known.name = result.value;
      return "next";
    },
  };
}

/** What stands in a field that is left empty: `undefined` where it must not be. */
export interface Kept {
  readonly username: string | undefined;
  readonly hasPassword: boolean;
}

const NOTHING_KEPT: Kept = { username: undefined, hasPassword: false };

/** The username; on an edit, what is left empty stays as it is. */
export function usernameStep<S extends CredentialState>(kept: Kept = NOTHING_KEPT): FormStep<S> {
  return {
    show: async (known, frame) => {
      const hint = presetOf(known.host)?.usernameHint;
      const registry = known.host ? hostLabel(known.host) : "";
      const native = known.host && supportsRunnerNative(identifyRegistry(known.host).kind);
      const result = await ask({
        ...frame,
        prompt:
          hint === undefined
            ? t("Registry username for {0}", registry)
            : t("Registry username for {0}: {1}", registry, hint),
        placeholder: kept.username ?? (native ? t("or {0}", RUNNER_NATIVE) : ""),
        value: known.username ?? kept.username ?? "",
        check: (value, accepted) =>
          accepted && value.trim() === "" && kept.username === undefined
            ? wrong(t("Enter the username that the registry knows."))
            : remarkOn("username", known.host, value, undefined),
      });
      if (result.kind === "back") {
        if (result.typed.trim() !== "") known.username = result.typed.trim();
        return "back";
      }
      known.username = result.value.trim() === "" ? (kept.username ?? "") : result.value.trim();
      return "next";
    },
  };
}

/** The password or token; on an edit, what is left empty stays as it is. */
export function passwordStep<S extends CredentialState>(kept: Kept = NOTHING_KEPT): FormStep<S> {
  return {
    show: async (known, frame) => {
      const preset = presetOf(known.host);
      const page = preset?.tokenPage;
      const result = await ask({
        ...frame,
        prompt: passwordPrompt(kept, preset?.passwordHint),
        password: true,
        value: known.username === RUNNER_NATIVE ? RUNNER_NATIVE : (known.password?.reveal() ?? ""),
        buttons:
          page === undefined
            ? []
            : [{ iconPath: new vscode.ThemeIcon("link-external"), tooltip: t("Make a token"), url: page }],
        check: (value, accepted) =>
          accepted && value.trim() === "" && !kept.hasPassword
            ? wrong(t("Enter the password or access token."))
            : remarkOn("password", known.host, known.username, value),
      });
      // what was typed is there again when the person has gone back to correct the username
      const typed = (result.kind === "back" ? result.typed : result.value).trim();
      if (typed === "") delete known.password;
      else if (result.kind === "answer" || known.username !== RUNNER_NATIVE) known.password = new Redacted(typed);
      return result.kind === "back" ? "back" : "next";
    },
  };
}

function passwordPrompt(kept: Kept, hint: string | undefined): string {
  if (kept.hasPassword) return t("Registry password or access token. Leave it empty to keep the present one");
  return hint === undefined
    ? t("Registry password or access token")
    : t("Registry password or access token: {0}", hint);
}

function presetOf(host: RegistryHost | undefined) {
  const kind = host && identifyRegistry(host).kind;
  return REGISTRY_PRESETS.find((preset) => preset.kind === kind);
}
