import { strict as assert } from "node:assert";
import { existsSync, readFileSync } from "node:fs";
import { COMMANDS, CONTEXT, SETTINGS, VIEW } from "../src/vscode/commandIds";

interface WalkthroughStep {
  id: string;
  title: string;
  description: string;
  media: { svg: string; altText: string };
  completionEvents: string[];
}

interface Manifest {
  main: string;
  bin: Record<string, string>;
  dependencies: Record<string, string>;
  engines: { vscode: string };
  devDependencies: Record<string, string>;
  contributes: {
    commands: { command: string; title: string; category: string }[];
    views: Record<string, { id: string }[]>;
    viewsContainers: { activitybar: { id: string; icon: string }[] };
    viewsWelcome: { view: string; contents: string; when?: string }[];
    walkthroughs: { id: string; steps: WalkthroughStep[] }[];
    menus: Record<string, { command: string; when?: string }[]>;
    configuration: {
      properties: Record<string, { scope?: string; markdownDescription?: string; description?: string }>;
    };
  };
}

const text = readFileSync("package.json", "utf8");
const manifest = JSON.parse(text) as Manifest;
const words = JSON.parse(readFileSync("package.nls.json", "utf8")) as Record<string, string>;
const { contributes } = manifest;
const sorted = (values: Iterable<string>) => [...new Set(values)].sort();

describe("manifest", () => {
  it("declares exactly the commands of the table", () => {
    assert.deepEqual(sorted(contributes.commands.map(({ command }) => command)), sorted(Object.values(COMMANDS)));
    for (const { category } of contributes.commands) assert.equal(category, "Registry Secrets");
  });

  it("uses in menus only commands that it declares", () => {
    const used = Object.values(contributes.menus).flatMap((entries) => entries.map(({ command }) => command));
    const known: string[] = Object.values(COMMANDS);
    assert.deepEqual(
      used.filter((command) => !known.includes(command)),
      [],
    );
  });

  it("offers on a row what creates an environment only in a trusted workspace", () => {
    const creates: string[] = [COMMANDS.createEnvironment, COMMANDS.recreateEnvironment, COMMANDS.startEnvironment];
    const entries = contributes.menus["view/item/context"]?.filter(({ command }) => creates.includes(command)) ?? [];
    assert.ok(entries.length > 5);
    for (const { command, when } of entries) assert.match(when ?? "", / && isWorkspaceTrusted$/, command);
  });

  it("links in welcome texts only to commands that it declares, and to Workspace Trust", () => {
    const known: string[] = [...Object.values(COMMANDS), "workbench.trust.manage", "workbench.action.openSettings"];
    for (const { contents } of contributes.viewsWelcome) {
      const links = [...translate(contents).matchAll(/\(command:([^)?]+)[^)]*\)/g)].map(([, command]) => command);
      assert.ok(links.length > 0);
      for (const link of links) assert.ok(known.includes(link ?? ""), link);
    }
  });

  it("has one walkthrough of at most five steps, each with a picture, a command, and an event that ends it", () => {
    const [walkthrough, ...others] = contributes.walkthroughs;
    assert.deepEqual(others, []);
    assert.equal(walkthrough?.id, "start", "Get Started opens it by this id");
    assert.ok(walkthrough.steps.length <= 5);
    const commands: string[] = Object.values(COMMANDS);
    const contexts: string[] = Object.values(CONTEXT);
    for (const { id, title, description, media, completionEvents } of walkthrough.steps) {
      assert.ok(translate(title).length > 5 && translate(media.altText).length > 20, id);
      assert.ok(existsSync(media.svg), media.svg);
      const links = [...translate(description).matchAll(/\(command:([^)]+)\)/g)].map(([, command]) => command ?? "");
      assert.ok(links.length === 1 && links.every((link) => commands.includes(link)), description);
      assert.equal(completionEvents.length, 1);
      const [, kind, name = ""] = /^(onCommand|onContext):([\w.]+)/.exec(completionEvents[0] ?? "") ?? [];
      assert.ok((kind === "onCommand" ? commands : contexts).includes(name), completionEvents[0]);
    }
  });

  it("declares exactly the settings of the table, each described, and programs only in application scope", () => {
    const { properties } = contributes.configuration;
    assert.deepEqual(
      sorted(Object.keys(properties)),
      sorted(Object.values(SETTINGS).map((name) => `registrySecrets.${name}`)),
    );
    for (const [name, { scope, markdownDescription, description }] of Object.entries(properties)) {
      assert.ok(translate(markdownDescription ?? description ?? "").length > 20, name);
      if (/path$/i.test(name)) assert.equal(scope, "application", `${name} names a program (security, 2)`);
    }
  });

  it("uses in when-clauses only context keys and views that exist", () => {
    const clauses = [...text.matchAll(/"when": "([^"]+)"/g)].map(([, clause]) => clause ?? "");
    const ours = clauses.flatMap((clause) => [...clause.matchAll(/\bregistrySecrets\.\w+/g)].map(([key]) => key));
    const known: string[] = [...Object.values(CONTEXT), VIEW];
    assert.ok(ours.length > 0);
    assert.deepEqual(
      ours.filter((key) => !known.includes(key)),
      [],
    );
    assert.deepEqual(
      Object.values(contributes.views)
        .flat()
        .map(({ id }) => id),
      [VIEW],
    );
  });

  it("has words for every key, and a key for every word", () => {
    const used = [...text.matchAll(/"%([\w.]+)%"/g)].map(([, key]) => key ?? "");
    assert.deepEqual(sorted(used), sorted(Object.keys(words)));
  });

  it("names files that exist, and ships one dependency", () => {
    for (const { icon } of contributes.viewsContainers.activitybar) assert.ok(existsSync(icon), icon);
    assert.deepEqual(Object.keys(manifest.dependencies), ["@devcontainers/cli"]);
    assert.equal(manifest.bin["registry-secrets"], "dist/cli.js");
  });

  it("is typed against the oldest VS Code that it supports", () => {
    assert.equal(`^${String(manifest.devDependencies["@types/vscode"])}`, manifest.engines.vscode);
  });
});

function translate(value: string): string {
  return value.replace(/^%([\w.]+)%$/, (_, key: string) => words[key] ?? "");
}
