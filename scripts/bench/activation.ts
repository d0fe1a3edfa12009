import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { ROOT, temporaryFolder } from "../testbed/folders";
import { openWindow } from "../testbed/vscodeHost/window";
import { median, type Outcome } from "./measure";

const STARTS = 10;
const LIMIT = 3;
const NOTHING = { publisher: "bench", name: "nothing", version: "1.0.0" };

/** How long VS Code says that our activation takes (*Developer: Show Running Extensions*), next to one that does nothing. */
export async function benchActivation(): Promise<Outcome[]> {
  const folder = temporaryFolder("bench-activation");
  const workspace = join(folder, "app");
  mkdirSync(join(workspace, ".devcontainer"), { recursive: true });
  writeFileSync(join(workspace, ".devcontainer/devcontainer.json"), '{"image": "localhost:5000/acme/base:1"}\n');
  writeExtension(join(folder, "nothing"));
  const window = await openWindow({ developmentPath: [ROOT, join(folder, "nothing")], folder: workspace });
  await window.page.setViewportSize({ width: 1400, height: 3000 }); // rows below the end of the list are not there
  const ours: number[] = [];
  const nothing: number[] = [];
  try {
    for (let start = 0; start < STARTS; start++) {
      if (start > 0) await window.reload();
      await window.runCommand("Developer: Show Running Extensions");
      ours.push(await activationOf(window.page, "Registry Secrets"));
      nothing.push(await activationOf(window.page, NOTHING.name));
      await window.page.keyboard.press("Escape");
    }
  } finally {
    await window.stop();
    rmSync(folder, { recursive: true, force: true });
  }
  const [a, b] = [median(ours), median(nothing)];
  const ratio = a / b;
  const holds = ratio <= LIMIT;
  console.log(
    `${holds ? "✔" : "✘"} activation as VS Code tells it: ${a} ms; of an extension that does nothing: ${b} ms; ratio ` +
      `${ratio.toFixed(2)} (at most ${LIMIT}; ${STARTS} starts, ours ${Math.min(...ours)} to ${Math.max(...ours)} ms)`,
  );
  return [{ name: "activation", ours: a, other: b, ratio, holds }];
}

function writeExtension(folder: string): void {
  mkdirSync(folder);
  const manifest = {
    ...NOTHING,
    engines: { vscode: "^1.105.0" },
    activationEvents: ["onStartupFinished"],
    main: "./main.js",
    extensionKind: ["ui", "workspace"],
  };
  writeFileSync(join(folder, "package.json"), JSON.stringify(manifest));
  writeFileSync(join(folder, "main.js"), "exports.activate = () => undefined;\n");
}

/** Milliseconds, of the row of *Running Extensions*. */
async function activationOf(page: Page, name: string): Promise<number> {
  const time = page
    .locator(".runtime-extensions-editor .extension")
    .filter({ hasText: name })
    .locator(".activation-time")
    .filter({ hasText: /\d+ms/ });
  const [, milliseconds] = /(\d+)ms/.exec(await time.first().innerText()) ?? [];
  return Number(milliseconds);
}
