#!/usr/bin/env node
// Stands in for the executable of desktop VS Code: understands the arguments that @vscode/test-electron passes, runs the
// tests in the extension host of a VS Code server with a browser as its window, and ends with 0 or 1.
import { rmSync } from "node:fs";
import { join, resolve } from "node:path";
import { format, parseArgs } from "node:util";
import type { Page } from "playwright-core";
import { temporaryFolder } from "../folders";
import { endWithProcess } from "../service";
import { launchBrowser } from "./browser";
import { startServer } from "./server";

interface TestRun {
  extensions: string[];
  tests: string;
  /** The folder or .code-workspace to open, if any. */
  workspace: string | undefined;
  userData: string | undefined;
  installed: string | undefined;
}

const LIMIT = Number(process.env["TESTBED_INHOST_LIMIT"] ?? 300_000);

function readArguments(args: string[]): TestRun {
  const { values, positionals } = parseArgs({
    args,
    strict: false,
    allowPositionals: true,
    options: {
      extensionDevelopmentPath: { type: "string", multiple: true },
      extensionTestsPath: { type: "string" },
      "user-data-dir": { type: "string" },
      "extensions-dir": { type: "string" },
    },
  });
  const path = (value: unknown) => (typeof value === "string" ? resolve(value) : undefined);
  const extensions = values["extensionDevelopmentPath"];
  const tests = path(values["extensionTestsPath"]);
  if (tests === undefined) throw new Error("--extensionTestsPath is missing.");
  return {
    extensions: (Array.isArray(extensions) ? extensions : []).map((extension) => resolve(String(extension))),
    tests,
    workspace: path(positionals[0]),
    userData: path(values["user-data-dir"]),
    installed: path(values["extensions-dir"]),
  };
}

/** @returns what VS Code wants to end with: 0 when the tests' `run` was resolved */
async function runTests(wanted: TestRun, folder: string): Promise<number> {
  const server = await startServer({
    mode: "bare",
    tests: true,
    folder,
    ...(wanted.userData !== undefined && { userData: wanted.userData }),
    ...(wanted.installed !== undefined && { extensions: wanted.installed }),
  });
  try {
    const browser = await launchBrowser(join(folder, "browser"));
    try {
      const page = browser.pages()[0] ?? (await browser.newPage());
      return await untilExit(page, address(server.url, server.port, wanted));
    } finally {
      await browser.close();
    }
  } finally {
    await server.stop();
  }
}

/** The workbench calls two functions of the page: one for every line of its log, one when the extension host has ended. */
async function untilExit(page: Page, url: string): Promise<number> {
  const log: string[] = [];
  await page.exposeFunction("codeAutomationLog", (_type: string, args: unknown[]) => void log.push(format(...args)));
  let timer: NodeJS.Timeout | undefined;
  const exit = new Promise<number>((finish, fail) => {
    void page.exposeFunction("codeAutomationExit", finish).then(() => page.goto(url), fail);
    page.once("crash", () => fail(new Error("the page crashed")));
    timer = setTimeout(() => fail(new Error(`no end after ${LIMIT / 1000} s`)), LIMIT);
  });
  try {
    return await exit;
  } catch (error) {
    throw new Error(`${String(error)}\nThe end of the workbench's log:\n${log.slice(-40).join("\n")}`, {
      cause: error,
    });
  } finally {
    clearTimeout(timer);
  }
}

function address(url: string, port: number, wanted: TestRun): string {
  const remote = (path: string) =>
    `vscode-remote://127.0.0.1:${port}${path.split("/").map(encodeURIComponent).join("/")}`;
  const payload = [
    ...wanted.extensions.map((path) => ["extensionDevelopmentPath", remote(path)]),
    ["extensionTestsPath", remote(wanted.tests)],
    ["skipWelcome", "true"],
    ["skipReleaseNotes", "true"],
  ];
  const query = new URLSearchParams({ payload: JSON.stringify(payload) });
  if (wanted.workspace === undefined) query.set("ew", "true");
  else query.set(wanted.workspace.endsWith(".code-workspace") ? "workspace" : "folder", wanted.workspace);
  return `${url}?${query.toString()}`;
}

const folder = temporaryFolder("code");
const removeFolder = () => rmSync(folder, { recursive: true, force: true });
endWithProcess({ stop: () => Promise.resolve(), kill: removeFolder });
runTests(readArguments(process.argv.slice(2)), folder).then(
  (code) => process.exit(code === 0 ? 0 : 1),
  (error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    process.exit(1);
  },
);
