import * as vscode from "vscode";
import type { RegistryHost } from "../domain/registry/host";
import { t } from "../presentation/words";

const KEY = "agreedTokenServers";

/** Token servers on other origins that the person agreed to, once, by name (security, 1). */
export class AgreedRealms {
  readonly #state: vscode.Memento;

  constructor(state: vscode.Memento) {
    this.#state = state;
  }

  /** As `<registry host>=<realm host>`. */
  list(): readonly string[] {
    return this.#state.get<string[]>(KEY, []);
  }

  /** True if the person agreed before or agrees now. */
  async ask(host: RegistryHost, realmHost: string): Promise<boolean> {
    const entry = `${host.authority}=${realmHost}`;
    if (this.list().includes(entry)) return true;
    const agree = t("Send It There");
    const choice = await vscode.window.showWarningMessage(
      t("{0} sends its clients to {1} for a token.", host.display, realmHost),
      {
        modal: true,
        detail: t(
          "That server is not known to belong to this registry. It would receive your username and password. Agree only if your registry's documentation names it. You are asked once.",
        ),
      },
      agree,
    );
    if (choice !== agree) return false;
    await this.#state.update(KEY, [...this.list(), entry]);
    return true;
  }
}
