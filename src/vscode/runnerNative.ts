import * as vscode from "vscode";
import { nativeRegistry } from "../domain/registry/catalog";
import type { RegistryHost } from "../domain/registry/host";
import { Redacted } from "../domain/redacted";
import { RUNNER_NATIVE } from "../domain/secret/secret";
import { troubleText, whoText } from "../presentation/nativeText";
import { t } from "../presentation/words";
import type { ExtensionPorts } from "./ports";
import type { CredentialState } from "./secretFormCredential";
import { pick, type FormStep } from "./steps";

type NativePorts = Pick<ExtensionPorts, "logins" | "deliversNative">;

/**
 * For a registry of a cloud: its own identity, with who would answer, or a username and password. The identity fills both
 * fields with `runner-native`, as the specification says. Left out for every other registry.
 */
export function runnerNativeStep<S extends CredentialState>(ports: NativePorts): FormStep<S> {
  return {
    isShown: ({ host }) => host !== undefined && nativeRegistry(host) !== undefined,
    show: async (known, frame) => {
      const { host } = known;
      if (!host) return "skip";
      const native = { label: `$(cloud) ${RUNNER_NATIVE}`, ...(await answering(host, ports)), isNative: true };
      const own = {
        label: `$(key) ${t("Username and password")}`,
        description: t("kept in the store of secrets"),
        isNative: false,
      };
      const active = known.username !== undefined && known.username !== RUNNER_NATIVE ? own : native;
      const result = await pick({
        ...frame,
        items: [native, own],
        placeholder: t("Who logs in to {0}?", host.display),
        active,
      });
      if (result.kind === "back") return "back";
      if (result.value.isNative) {
        known.username = RUNNER_NATIVE;
        known.password = new Redacted(RUNNER_NATIVE);
      } else if (known.username === RUNNER_NATIVE) {
        delete known.username;
        delete known.password;
      }
      return "next";
    },
  };
}

/** Who would answer here and now, or why nobody does. No cloud is asked from an untrusted workspace (security, 2). */
async function answering(host: RegistryHost, { logins, deliversNative }: NativePorts) {
  if (!vscode.workspace.isTrusted) {
    const detail = t("Who would answer is asked for once you trust this workspace.");
    return { description: t("nothing is stored"), detail };
  }
  const who = await vscode.window.withProgress(
    { location: vscode.ProgressLocation.Window, title: t("Asking who would answer for {0}", host.display) },
    () => logins.whoAnswers(host),
  );
  if (who?.kind === "identity") {
    const detail = deliversNative()
      ? t("Nothing is stored. Environments are logged in inside with short-lived tokens.")
      : t("Nothing is stored. Environments are not logged in inside with it.");
    return { description: whoText(who), detail };
  }
  return { description: t("nothing is stored"), ...(who ? { detail: troubleText(who, host.display) } : {}) };
}
