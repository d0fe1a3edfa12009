import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import { chromium, type BrowserContext } from "playwright-core";

const ARGUMENTS = [
  "--disable-gpu",
  "--disable-quic",
  "--disable-sync",
  "--disable-background-networking",
  "--disable-component-update",
  "--no-first-run",
  "--no-sandbox", // Chromium's sandbox refuses to work for root
];

/**
 * Starts a browser without a screen.
 * @param profile folder in which it keeps what pages store: with the same folder and the same address a page finds it again
 */
export async function launchBrowser(profile: string): Promise<BrowserContext> {
  return chromium.launchPersistentContext(profile, {
    executablePath: browserProgram(),
    args: ARGUMENTS,
    headless: true,
    // `endWithProcess` answers these; Playwright would exit before the others are done. It ends the browser at the exit.
    handleSIGINT: false,
    handleSIGTERM: false,
    handleSIGHUP: false,
    viewport: { width: 1400, height: 900 },
  });
}

function browserProgram(): string {
  const candidates = [process.env["CHROMIUM"] ?? "chromium", "google-chrome"];
  for (const candidate of candidates) {
    for (const folder of candidate.includes("/") ? [""] : (process.env["PATH"] ?? "").split(delimiter)) {
      try {
        accessSync(join(folder, candidate), constants.X_OK);
        return join(folder, candidate);
      } catch {
        // Not here: look further.
      }
    }
  }
  throw new Error("There is no Chromium (Debian: chromium).");
}
