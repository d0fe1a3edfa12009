import type { FrameLocator, Locator, Page } from "playwright-core";
import type { Window } from "../../../scripts/testbed/vscodeHost/window";
import { eventually } from "./processes";

/** How often something is pressed that shows no effect. */
const ATTEMPTS = 5;
/** How long an effect may take until it is pressed again. */
const PATIENCE_MS = 8_000;
/** How long one gesture may take: what it aims at can be drawn anew, or lie under something that goes away. */
const GESTURE_MS = 4_000;

/**
 * A person's hands in a window: whoever sees that a click did nothing clicks again. A window that is busy loses one now and
 * then (a row is drawn anew under the pointer, a menu ignores the first tenth of a second), so each gesture knows what it
 * is for, and is repeated until that shows.
 */
export interface Hands {
  /** How many gestures there have been until now, each counted once, however often it had to be repeated. */
  count(): number;
  /** Opens our view by its icon. */
  openView(): Promise<void>;
  /** The first row of the view with this text. */
  row(text: string | RegExp): Locator;
  /** The first row of the view that a screen reader calls so. */
  rowNamed(name: string): Locator;
  /** Presses a button that a row shows when it is pointed at, until `opened` shows. */
  press(row: Locator, action: string, opened: Locator): Promise<void>;
  /** Chooses a command from the menu of a row, until `opened` shows; without it, until the menu has closed over it. */
  chooseFromMenu(row: Locator, command: string, opened?: Locator): Promise<void>;
  /** Gives the view the focus, by keys only. */
  focusView(): Promise<void>;
  /** Moves the focus in the view to the row that a screen reader calls so, by the arrow keys. */
  focusRow(name: string): Promise<void>;
  /** Chooses a command from the menu of the row that has the focus, by keys only, until `opened` shows. */
  chooseByKeys(command: string, opened: Locator): Promise<void>;
  /** The first row with this text of the list that asks something. */
  choice(text: string | RegExp): Locator;
  /** Chooses that row, until the list asks something else. */
  choose(text: string | RegExp): Promise<void>;
  /** Chooses that row among others, where a list takes several. */
  tick(text: string | RegExp): Promise<void>;
  /** The field or list that asks something, if it shows this text. */
  asking(text: string | RegExp): Locator;
  /** What is entered there. */
  input(): Locator;
  /** Enters a text where `prompt` asks for it, whether it is taken or refused. */
  type(prompt: string | RegExp, text: string): Promise<void>;
  /** Enters a text (or leaves what is there) until something else is asked; gives what was there before. */
  answer(prompt: string | RegExp, text?: string): Promise<string>;
  /** Answers what the form of a secret asks in a row; without a name it is the one that is offered. */
  fillIn(name: string | undefined, username: string, password: string): Promise<void>;
  /** Goes back to the question before; gives what is entered there. */
  back(): Promise<string>;
  /** Closes what asks something. */
  dismiss(): Promise<void>;
  /** The page of ours that is shown: a report, or what a finding means. */
  report(): FrameLocator;
  /** A modal dialog with this text. */
  dialog(text: string | RegExp): Locator;
  /** Presses a button of that dialog until it is closed. */
  decide(text: string | RegExp, button: string | RegExp): Promise<void>;
  /** Presses Delete on the row of that secret until `question` is asked; gives all that the dialog says. */
  askedBeforeDeletion(name: string, question: string): Promise<string>;
  /** A button of a notification. */
  offer(button: string | RegExp): Locator;
  /** Presses something until `opened` shows; without it, until what was pressed is gone. */
  click(what: Locator, opened?: Locator): Promise<void>;
  /** Closes all notifications. */
  clearNotifications(): Promise<void>;
}

export function handsOn(window: Pick<Window, "page" | "runCommand">): Hands {
  const { page } = window;
  let interactions = 0;
  const interact = (gesture: () => Promise<void>, tookEffect: () => Promise<boolean>) => {
    interactions++;
    return repeated(gesture, tookEffect);
  };
  const widget = page.locator(".quick-input-widget:visible");
  const row = (text: string | RegExp) => page.locator(".pane-body .monaco-list-row").filter({ hasText: text }).first();
  const rowNamed = (name: string) => page.locator(`.pane-body .monaco-list-row[aria-label="${name}"]`).first();
  // rows are used again, and keep what an earlier one showed as its detail
  const label = (text: string | RegExp) => page.locator(".monaco-icon-label:visible").filter({ hasText: text });
  const choice = (text: string | RegExp) =>
    page
      .locator(".quick-input-list:visible .monaco-list-row")
      .filter({ has: label(text) })
      .first();
  const asking = (text: string | RegExp) => widget.filter({ hasText: text });
  const input = () => widget.locator("input.input").first();
  const dialog = (text: string | RegExp) => page.locator(".monaco-dialog-box").filter({ hasText: text });
  const report = () => page.frameLocator("iframe.webview.ready:visible").frameLocator("#active-frame");
  const offer = (button: string | RegExp) =>
    page.locator(".notification-list-item .monaco-button:visible").filter({ hasText: button }).first();
  const click = (what: Locator, opened?: Locator) =>
    interact(
      () => what.click({ timeout: GESTURE_MS }),
      () => (opened ? shows(opened) : hides(what)),
    );
  const type = async (prompt: string | RegExp, text: string) => {
    interactions++;
    await asking(prompt).waitFor();
    await input().fill(text);
    await input().press("Enter");
  };
  const press = (on: Locator, action: string, opened: Locator) =>
    interact(
      async () => {
        await on.hover({ timeout: GESTURE_MS });
        await on.locator(`.action-label[aria-label*="${action}"]`).first().click({ timeout: GESTURE_MS });
      },
      () => shows(opened),
    );
  const answer = async (prompt: string | RegExp, text?: string) => {
    await asking(prompt).waitFor();
    const present = await input().inputValue();
    const before = await asked(page);
    const isAnswered = async () => (await asked(page)) !== before;
    await interact(
      async () => {
        if (await isAnswered()) return;
        if (text !== undefined) {
          // a file dialog that is only just there writes its folder over it, and looks again only at another text
          if ((await input().inputValue()) === text) await input().fill("");
          await input().fill(text);
        }
        await input().press("Enter", { timeout: GESTURE_MS }); // a report that opens late takes the focus away
      },
      () => becomes(isAnswered),
    );
    return present;
  };

  return {
    count: () => interactions,
    row,
    rowNamed,
    choice,
    asking,
    input,
    type,
    report,
    dialog,
    offer,
    click,
    press,
    answer,
    openView: () =>
      click(
        page.locator('.activitybar [aria-label*="Registry Secrets"]').first(),
        page.locator('.sidebar [aria-label*="Registry Secrets"]').first(),
      ),
    chooseFromMenu: async (on, command, opened) => {
      const item = page.locator(".context-view .action-label").filter({ hasText: command }).first();
      await interact(
        async () => {
          if (await item.isVisible()) await page.keyboard.press("Escape");
          await on.click({ button: "right", timeout: GESTURE_MS });
          await repeated(
            () => item.click({ timeout: GESTURE_MS }),
            () => hides(item, 1_000),
          );
        },
        () => (opened ? shows(opened) : hides(item)),
      );
    },
    focusView: () =>
      interact(
        async () => {
          const title = "Registry Secrets: Focus on Registry Secrets View";
          if (!(await input().isVisible())) await page.keyboard.press("F1");
          await input().fill(`>${title}`, { timeout: GESTURE_MS });
          await choice(title).waitFor({ timeout: GESTURE_MS });
          await page.keyboard.press("Enter");
        },
        () => shows(page.locator(".sidebar .pane-body .monaco-list:focus")),
      ),
    focusRow: async (name) => {
      const focused = page.locator(".pane-body .monaco-list-row.focused");
      const isThere = async () => (await focused.getAttribute("aria-label").catch(() => undefined)) === name;
      await interact(
        async () => {
          await page.keyboard.press("Home");
          for (let left = await page.locator(".pane-body .monaco-list-row").count(); left > 0; left--) {
            if (await becomes(isThere, 200)) return;
            await page.keyboard.press("ArrowDown");
          }
        },
        () => becomes(isThere, 1_000),
      );
    },
    chooseByKeys: async (command, opened) => {
      const focused = page.locator(".context-view .action-item.focused").filter({ hasText: command });
      await interact(
        async () => {
          await page.keyboard.press("Shift+F10");
          const items = page.locator(".context-view .action-label");
          await items.first().waitFor({ timeout: GESTURE_MS });
          for (let left = await items.count(); left > 0 && !(await becomes(() => focused.isVisible(), 200)); left--) {
            await page.keyboard.press("ArrowDown");
          }
          await page.keyboard.press((await focused.isVisible()) ? "Enter" : "Escape");
        },
        () => shows(opened),
      );
    },
    choose: async (text) => {
      await choice(text).waitFor();
      const before = await asked(page);
      const isChosen = async () => (await asked(page)) !== before;
      await interact(
        async () => {
          // a row of the next list may have the same words
          if (!(await isChosen())) await choice(text).click({ timeout: GESTURE_MS });
        },
        () => becomes(isChosen),
      );
    },
    tick: async (text) => {
      await choice(text).waitFor();
      const isTicked = async () => (await choice(text).getAttribute("aria-checked")) === "true";
      await interact(
        async () => {
          if (!(await isTicked())) await choice(text).click({ timeout: GESTURE_MS });
        },
        () => becomes(isTicked),
      );
    },
    fillIn: async (name, username, password) => {
      await answer("Name: identifier for the secret", name);
      await answer("Registry username", username);
      await answer("Registry password or access token", password);
    },
    back: async () => {
      const before = await asked(page);
      await interact(
        () => widget.locator(".codicon-quick-input-back").click({ timeout: GESTURE_MS }),
        () => becomes(async () => (await asked(page)) !== before),
      );
      return await input().inputValue();
    },
    dismiss: () =>
      interact(
        () => page.keyboard.press("Escape"),
        () => hides(widget.first()),
      ),
    decide: async (text, button) => {
      await dialog(text).waitFor();
      await interact(
        () => dialog(text).locator(".monaco-button").filter({ hasText: button }).first().click({ timeout: GESTURE_MS }),
        () => hides(dialog(text)),
      );
    },
    askedBeforeDeletion: async (name, question) => {
      await press(row(new RegExp(`^${name}`)), "Delete Secret", dialog(question));
      return await dialog(question).innerText();
    },
    clearNotifications: async () => {
      await window.runCommand("Notifications: Clear All Notifications");
      await page.locator(".notification-list-item:visible").first().waitFor({ state: "hidden" });
    },
  };
}

/** Does something until it has taken effect. The last attempt's own error is thrown, or that nothing came of it. */
async function repeated(gesture: () => Promise<void>, tookEffect: () => Promise<boolean>): Promise<void> {
  let trouble: unknown;
  for (let left = ATTEMPTS; left > 0; left--) {
    trouble = await gesture().then(
      () => undefined,
      (error: unknown) => error,
    );
    if (await tookEffect()) return;
  }
  throw trouble instanceof Error ? trouble : new Error("What was pressed has had no effect.");
}

const becomes = (holds: () => Promise<boolean>, limit = PATIENCE_MS) =>
  eventually("it has taken effect", async () => (await holds()) || undefined, limit).catch(() => false);
const shows = (what: Locator) => settled(what.first().waitFor({ timeout: PATIENCE_MS }));
const hides = (what: Locator, timeout = PATIENCE_MS) => settled(what.waitFor({ state: "hidden", timeout }));
const settled = (promise: Promise<void>) =>
  promise.then(
    () => true,
    () => false,
  );

/** Which question is open, by its title, its step, and what its field holds the place for; empty if none is. */
async function asked(page: Page): Promise<string> {
  return await page.evaluate<string>(`(() => {
    const widget = document.querySelector(".quick-input-widget");
    if (!widget || widget.style.display === "none") return "";
    const input = widget.querySelector("input.input");
    return [widget.querySelector(".quick-input-title")?.innerText, input?.placeholder, input?.type].join("|");
  })()`);
}
