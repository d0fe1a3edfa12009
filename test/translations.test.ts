import { strict as assert } from "node:assert";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";

const BUNDLE = "l10n/bundle.l10n.de.json";
const SHOWING =
  /^(show(Information|Warning|Error)Message|setStatusBarMessage|showQuickPick|showInputBox|withProgress|report)$/;
const SHOWN = /^(title|placeHolder|placeholder|prompt|label|detail|description|tooltip|message|button)$/;

/** What a source file says to a person: the sentences that it hands to `t`, and what is wrong with how it does so. */
export function wordsOf(name: string, text: string): { readonly sentences: string[]; readonly faults: string[] } {
  const file = ts.createSourceFile(name, text, ts.ScriptTarget.Latest, true);
  const sentences: string[] = [];
  const faults: string[] = [];
  const at = (node: ts.Node) => `${name}:${file.getLineAndCharacterOfPosition(node.getStart(file)).line + 1}`;
  const visit = (node: ts.Node): void => {
    if (ts.isCallExpression(node) && ts.isIdentifier(node.expression) && node.expression.text === "t") {
      const [sentence, ...values] = node.arguments;
      if (sentence && ts.isStringLiteral(sentence)) sentences.push(sentence.text);
      else faults.push(`${at(node)}: the first argument of t must be one "literal", with {0} for what varies.`);
      values.forEach(visit);
      return;
    }
    if (wordsIn(node) !== undefined && isShown(node, name))
      faults.push(`${at(node)}: ${node.getText(file)} is shown to a person: write t("…"), with {0} for what varies.`);
    ts.forEachChild(node, visit);
  };
  visit(file);
  return { sentences, faults };
}

/** The words of a literal or template, if it has any besides icons. */
function wordsIn(node: ts.Node): string | undefined {
  const text = ts.isStringLiteralLike(node)
    ? node.text
    : ts.isTemplateExpression(node)
      ? [node.head, ...node.templateSpans.map(({ literal }) => literal)].map((part) => part.text).join("|")
      : "";
  const bare = text.replace(/\$\([\w~-]+\)/g, "");
  return /\p{L}{2}/u.test(bare) ? bare : undefined;
}

/** A guess that is right for this code: text in a property that VS Code shows, or a whole sentence of `presentation`. */
function isShown(node: ts.Node, name: string): boolean {
  let { parent } = node;
  while (
    ts.isConditionalExpression(parent) ||
    ts.isParenthesizedExpression(parent) ||
    ts.isArrayLiteralExpression(parent)
  )
    parent = parent.parent;
  if (ts.isConditionalExpression(node.parent) && node.parent.condition === node) return false;
  if (ts.isPropertyAssignment(parent) && parent.initializer.pos <= node.pos) return SHOWN.test(parent.name.getText());
  if (ts.isBinaryExpression(parent) && parent.operatorToken.kind === ts.SyntaxKind.EqualsToken)
    return ts.isPropertyAccessExpression(parent.left) && SHOWN.test(parent.left.name.text);
  if (ts.isCallExpression(parent))
    return ts.isPropertyAccessExpression(parent.expression) && SHOWING.test(parent.expression.name.text);
  const sentence = /\p{L}{2,}[,:]? \p{L}{2,}/u.test(wordsIn(node) ?? "");
  return sentence && name.startsWith("src/presentation/") && ts.isReturnStatement(parent);
}

/** The places of a sentence, each once and in order: `{0} {1}`. */
function places(sentence: string): string {
  return [...new Set(sentence.match(/\{\d+\}/g) ?? [])].sort().join(" ");
}

function json(file: string): Record<string, string> {
  return JSON.parse(readFileSync(file, "utf8")) as Record<string, string>;
}

const sources = readdirSync("src", { recursive: true, encoding: "utf8" })
  .filter((file) => file.endsWith(".ts"))
  .map((file) => join("src", file).replaceAll("\\", "/"))
  .map((file) => ({ file, ...wordsOf(file, readFileSync(file, "utf8")) }));

describe("translations", () => {
  const german = json(BUNDLE);
  const sentences = new Set(sources.flatMap((source) => source.sentences));

  it("every sentence has its German one", () => {
    const missing = [...sentences].filter((sentence) => (german[sentence] ?? "").trim() === "");
    const lines = missing.map((sentence) => `  ${JSON.stringify(sentence)}: "…",`);
    assert.ok(missing.length === 0, `add to ${BUNDLE}, in the order of the alphabet:\n${lines.join("\n")}`);
  });

  it("no German sentence is left over", () => {
    const orphans = Object.keys(german).filter((sentence) => !sentences.has(sentence));
    const lines = orphans.map((sentence) => `  ${JSON.stringify(sentence)}`);
    assert.ok(
      orphans.length === 0,
      `nothing in src says these any more: take them out of ${BUNDLE}:\n${lines.join("\n")}`,
    );
  });

  it("a German sentence has the places of the English one", () => {
    const wrong = Object.entries(german).filter(([english, translation]) => places(english) !== places(translation));
    assert.deepEqual(wrong, [], `in ${BUNDLE} the {0}, {1} … differ`);
  });

  it("a sentence is one literal, and what is shown to a person goes through t", () => {
    const faults = sources
      .filter(({ file }) => /^src\/(presentation|vscode)\//.test(file))
      .flatMap((source) => source.faults);
    assert.ok(faults.length === 0, `\n${faults.join("\n")}`);
  });

  it("the manifest is German, too, with the same links and code", () => {
    const [english, translated] = [json("package.nls.json"), json("package.nls.de.json")];
    assert.deepEqual(
      Object.keys(translated).sort(),
      Object.keys(english).sort(),
      "package.nls.json and package.nls.de.json must have the same keys",
    );
    const fixed = (text = "") =>
      [...text.matchAll(/\((?:command|https?):[^)]*\)|`[^`]*`/g)].map(([part]) => part).sort();
    for (const [key, text] of Object.entries(english)) assert.deepEqual(fixed(translated[key]), fixed(text), key);
  });
});

describe("the check of words", () => {
  const cases: [name: string, file: string, text: string, faults: number][] = [
    ["a sentence of t", "src/vscode/a.ts", 'void window.showErrorMessage(t("No {0}", name), t("Show Log"));', 0],
    ["a message", "src/vscode/a.ts", 'void window.showErrorMessage("No registry");', 1],
    ["a button of a message", "src/vscode/a.ts", 'void window.showErrorMessage(text, ...["Show Log"]);', 0],
    ["a template", "src/vscode/a.ts", "window.setStatusBarMessage(`$(key) Delivered to ${name}`);", 1],
    ["a template of an icon and a sentence", "src/vscode/a.ts", "window.setStatusBarMessage(`$(key) ${text}`);", 0],
    ["a title that is chosen", "src/vscode/a.ts", 'const frame = { title: again ? "Recreate" : t("Create") };', 1],
    ["what chooses a title", "src/vscode/a.ts", 'const frame = { title: kind === "create" ? t("Create") : text };', 0],
    ["a property that is set", "src/vscode/a.ts", 'input.placeholder = "Which one?";', 1],
    ["a sentence that is built", "src/vscode/a.ts", "t(`No ${name}`)", 1],
    ["a sentence of presentation", "src/presentation/a.ts", 'return "no such tag";', 1],
    ["a code of presentation", "src/presentation/a.ts", 'return "add-secret";', 0],
    ["a word inside the values of t", "src/vscode/a.ts", 't("No {0}", x({ title: "Create" }))', 1],
  ];
  for (const [name, file, text, faults] of cases) {
    it(name, () => assert.equal(wordsOf(file, text).faults.length, faults, wordsOf(file, text).faults.join("\n")));
  }
});
