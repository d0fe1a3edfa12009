import type { Page } from "playwright-core";
import { openWindow, type Window, type WindowOptions } from "../../../scripts/testbed/vscodeHost/window";
import { handsOn, type Hands } from "./hands";

/** How long what is waited for may take in a window on a busy machine. */
const PATIENCE_MS = 45_000;

/** A window, its page, and hands on it. */
export interface OpenWindow {
  readonly window: Window;
  readonly page: Page;
  readonly hands: Hands;
}

/**
 * The window of a suite: gives what opens it in `before`. The window is closed when another one is opened and when the suite
 * ends; of a test that fails its look and its notifications are kept under `name`. The clipboard can be read and written.
 */
export function suiteWindow(name: string): (options: WindowOptions) => Promise<OpenWindow> {
  let window: Window | undefined;
  after(() => window?.stop());
  afterEach(async function () {
    if (this.currentTest?.state === "failed" && window?.page.isClosed() === false) await window.failed(name);
  });
  return async (options) => {
    await window?.stop();
    window = await openWindow(options);
    const { page } = window;
    page.setDefaultTimeout(PATIENCE_MS);
    await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
    return { window, page, hands: handsOn(window) };
  };
}
