import { existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { BrowserContext, Locator, Page } from "playwright-core";
import { ARTIFACTS, temporaryFolder } from "../folders";
import { freePort } from "../loopback";
import { launchBrowser } from "./browser";
import { installVsix, startServer, type Server, type ServerOptions } from "./server";

export interface WindowOptions {
  /** A packed extension to install. */
  vsix?: string;
  /** The folder of an extension to use as it is, its `main` already built; or of several. */
  developmentPath?: string | readonly string[];
  /** The folder to open, as an absolute path, or a file `*.code-workspace` that names several. None: an empty window. */
  folder?: string;
  settings?: Record<string, unknown>;
  /** Folder that keeps secrets, extensions and the state of the window for the next call; otherwise all goes with `stop`. */
  profile?: string;
  /** See `ServerOptions`. */
  trust?: "restricted" | "off";
  /** Put on top of the environment that extensions run in. */
  environment?: Record<string, string>;
  /**
   * The language of extensions, as `de`. The workbench itself stays English: its translations are an extension of their
   * own, which is only needed for its own texts (`_VSCODE_NLS_LANGUAGE` is what VS Code's own language packs set).
   */
  language?: string;
}

export interface Window {
  readonly page: Page;
  /** Writes `artifacts/NAME.png` and returns that path. */
  screenshot(name: string): Promise<string>;
  /** After a test has failed: the screenshot, what is being asked, and the texts of all notifications, also of hidden ones. */
  failed(name: string): Promise<void>;
  /** Runs a command from the palette by its whole title, `Category: Title`. */
  runCommand(title: string): Promise<void>;
  /** The message of a notification with this text, where it shows. */
  toast(text: string | RegExp): Locator;
  /**
   * Waits for a notification that matches, and returns its text. Where several come at once VS Code shows some in its list of
   * notifications only: that list is opened then.
   */
  notification(text: string | RegExp): Promise<string>;
  /** Loads the window again, as *Developer: Reload Window* does. */
  reload(): Promise<void>;
  stop(): Promise<void>;
}

/**
 * Opens a folder in a real window of VS Code, without a screen.
 * @throws Error when the window does not come up; `artifacts/window-failed.png` shows it then
 */
export async function openWindow(options: WindowOptions): Promise<Window> {
  const folder = options.profile ?? temporaryFolder("window");
  mkdirSync(folder, { recursive: true });
  const server = await startWindowServer(folder, options);
  let browser: BrowserContext | undefined;
  const stop = async () => {
    await browser?.close();
    await server.stop();
    if (options.profile === undefined) rmSync(folder, { recursive: true, force: true });
  };
  try {
    browser = await launchBrowser(join(folder, "browser"));
    const page = browser.pages()[0] ?? (await browser.newPage());
    const window = windowOn(page, server, options.folder, stop);
    if (options.language !== undefined)
      await page.addInitScript(`globalThis._VSCODE_NLS_LANGUAGE = ${JSON.stringify(options.language)};`);
    await page.goto(addressOf(server, options.folder));
    await untilWorkbench(page, options.folder);
    return window;
  } catch (error) {
    await browser?.pages()[0]?.screenshot({ path: artifact("window-failed") });
    await stop();
    throw error;
  }
}

/** A server with the extension, for a browser that a person opens at `url`; nothing in it is driven. */
export async function startWindowServerFor(options: WindowOptions): Promise<{ url: string; stop(): Promise<void> }> {
  const server = await startWindowServer(temporaryFolder("open-window"), options);
  return { url: addressOf(server, options.folder), stop: () => server.stop() };
}

function addressOf({ url }: Server, folder: string | undefined): string {
  if (folder === undefined) return `${url}?ew=true`;
  const kind = folder.endsWith(".code-workspace") ? "workspace" : "folder";
  return `${url}?${kind}=${encodeURIComponent(folder)}`;
}

async function startWindowServer(folder: string, options: WindowOptions): Promise<Server> {
  // The browser keeps secrets for an address, so a profile has to come back on the same port.
  const portFile = join(folder, "port");
  const port = existsSync(portFile) ? Number(readFileSync(portFile, "utf8")) : await freePort();
  writeFileSync(portFile, String(port));
  const serverOptions: ServerOptions = {
    mode: "persistent",
    folder,
    port,
    trust: options.trust ?? "off",
    ...(options.settings && { settings: options.settings }),
    ...(options.environment && { environment: options.environment }),
  };
  if (options.vsix !== undefined) await installVsix(serverOptions, options.vsix);
  for (const path of [options.developmentPath ?? []].flat()) linkExtension(join(folder, "extensions"), path);
  return startServer(serverOptions);
}

/**
 * VS Code takes every folder of the extensions folder for an installed extension. (An extension under development in its
 * own sense would need the smoke-test driver, which hides notifications.)
 */
function linkExtension(extensions: string, developmentPath: string): void {
  const manifest = JSON.parse(readFileSync(join(developmentPath, "package.json"), "utf8")) as Record<string, string>;
  const { publisher, name, version } = manifest;
  mkdirSync(extensions, { recursive: true });
  const link = join(extensions, `${String(publisher)}.${String(name)}-${String(version)}`);
  if (!existsSync(link)) symlinkSync(developmentPath, link);
}

function windowOn(page: Page, server: Server, folder: string | undefined, stop: () => Promise<void>): Window {
  const toast = (text: string | RegExp) =>
    page.locator(".notification-list-item-message:visible").filter({ hasText: text }).first();
  const screenshot = async (name: string) => {
    const path = artifact(name);
    await page.screenshot({ path, animations: "disabled" }); // what slides in or fades is shown where it comes to rest
    return path;
  };
  const window: Window = {
    page,
    stop,
    toast,
    screenshot,
    failed: async (name) => {
      await screenshot(`${name}-failed`);
      const questions = await page.locator(".quick-input-widget:visible, .monaco-dialog-box:visible").allInnerTexts();
      console.error(["The window asks:", ...questions].join("\n  "));
      await window.runCommand("Notifications: Show Notifications");
      const texts = await page.locator(".notifications-center .notification-list-item-message").allInnerTexts();
      console.error(["The window's notifications:", ...texts].join("\n  "));
      await screenshot(`${name}-failed-notifications`);
    },
    runCommand: async (title) => {
      const input = page.locator(".quick-input-widget:visible input.input").first();
      const row = page.locator(".quick-input-list:visible .monaco-list-row").filter({
        has: page.getByText(title, { exact: true }),
      });
      // a palette that was opened before the extension is known does not hear of its commands, and one that another part of
      // the window takes the focus from closes
      for (let left = 3; ; left--) {
        await pressUntil(page, "F1", input);
        const chosen = input.fill(`>${title}`).then(() => row.first().click({ timeout: left > 0 ? 5_000 : 30_000 }));
        const isChosen = await chosen.then(
          () => true,
          (error: unknown) => {
            if (left === 0) throw error;
            return false;
          },
        );
        if (isChosen) return;
        if (await input.isVisible()) await page.keyboard.press("Escape");
      }
    },
    notification: async (text) => {
      const isShown = await toast(text)
        .waitFor({ timeout: 15_000 })
        .then(
          () => true,
          () => false,
        );
      if (!isShown) await window.runCommand("Notifications: Show Notifications");
      await toast(text).waitFor();
      return toast(text).innerText();
    },
    reload: async () => {
      await page.reload();
      await untilWorkbench(page, folder);
    },
  };
  return window;
}

/** Presses a key until what it opens is there: a window that is busy, or only just there, loses one now and then. */
export async function pressUntil(page: Page, key: string, opened: Locator): Promise<void> {
  for (let left = 4; left > 0; left--) {
    await page.keyboard.press(key);
    const isThere = await opened.waitFor({ timeout: 4_000 }).then(
      () => true,
      () => false,
    );
    if (isThere) return;
  }
  await opened.waitFor();
}

/** The first rows of whichever view is open come when the extension host is being started; an empty window has none. */
async function untilWorkbench(page: Page, folder: string | undefined): Promise<void> {
  const shown = page.locator(
    `.monaco-workbench ${folder === undefined ? ".activitybar .action-item" : ".sidebar .monaco-list-row"}`,
  );
  await shown.first().waitFor({ timeout: 60_000 });
}

function artifact(name: string): string {
  mkdirSync(ARTIFACTS, { recursive: true });
  return join(ARTIFACTS, `${name}.png`);
}
