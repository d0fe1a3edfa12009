import type { Page } from "playwright-core";

/** What a person answers to the form of *New Secret*; it starts where the quick input is open. */
export interface SecretAnswers {
  readonly name: string;
  readonly host: string;
  readonly username: string;
  readonly password: string;
}

const MOST_STEPS = 14;
/** In the order in which they are tried, where the form offers several of them. */
const CHOICES = [/Container registry/, /^\W*User/, /Another registry/, /^\W*Save/];

/**
 * Makes a user secret by answering whatever the form asks next, so that tests about other things do not depend on the
 * order of its steps.
 */
export async function answerSecretForm(page: Page, answers: SecretAnswers): Promise<void> {
  const rows = page.locator(".quick-input-list:visible .monaco-list-row");
  const texts: [prompt: RegExp, text: string][] = [
    [/hostname/i, answers.host],
    [/registry username/i, answers.username],
    [/password or access token/i, answers.password],
    [/identifier for the secret/, answers.name],
  ];
  let seen = "";
  for (let step = 0; step < MOST_STEPS; step++) {
    const text = await changed(page, seen);
    if (text === "closed") return;
    seen = text;
    const [, answer] = texts.find(([prompt]) => prompt.test(text)) ?? [];
    if (answer === undefined) {
      const choice = CHOICES.find((known) => text.split("\n").some((line) => known.test(line)));
      if (!choice) throw new Error(`The form asks something unknown: ${text}`);
      await rows.filter({ hasText: choice }).first().click();
    } else {
      await page.locator(".quick-input-widget input.input").first().fill(answer);
      await page.keyboard.press("Enter");
    }
  }
  throw new Error(`The form has no end: ${seen}`);
}

/** The text of the form once it is another one than `before`, or "closed" once it stays away. Runs in the page. */
const CHANGED = `((before) => {
  const widget = document.querySelector(".quick-input-widget");
  if (!widget || widget.style.display === "none") {
    window.hiddenSince ??= Date.now();
    return before !== "" && Date.now() - window.hiddenSince > 1000 ? "closed" : false;
  }
  window.hiddenSince = undefined;
  const parts = [".quick-input-title", ".quick-input-message", ".quick-input-list"];
  const text = parts.map((part) => widget.querySelector(part)?.innerText ?? "").join("\\n");
  const steps = (all) => all.split("\\n")[0];
  return text.trim() !== "" && steps(text) !== steps(before) ? text : false;
})`;

async function changed(page: Page, before: string): Promise<string> {
  const handle = await page.waitForFunction(`${CHANGED}(${JSON.stringify(before)})`, undefined, { timeout: 20_000 });
  return String(await handle.jsonValue());
}
