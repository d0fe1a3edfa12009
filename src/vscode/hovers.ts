import * as vscode from "vscode";
import { t } from "../presentation/words";
import { escapeMarkdown } from "../presentation/markdown";
import { COMMANDS } from "./commandIds";
import { commandUri, rangeOf, type Marks } from "./marks";
import { fileOf } from "./workspace";

/** The evidence for a mark, with what to do about it as links. Only our own commands can be links in it. */
export function hoverProvider(marks: Marks): vscode.HoverProvider {
  return {
    async provideHover(document, position) {
      const text = document.getText();
      const here = marks.in(document).filter(({ mark }) => rangeOf(mark, text).contains(position));
      const [first] = here;
      if (!first) return undefined;
      const { hoverText } = await import("../presentation/marks");
      const parts = here.map(({ mark, checkedAt }) => {
        const file = fileOf(document.uri);
        const { start } = mark.range;
        const links = [
          ...mark.fixes.map(({ title, button }) => link(button, COMMANDS.applyFix, { file, start, fix: title })),
          link(t("Check Again"), COMMANDS.checkPull, { file, start }),
          link(t("Report"), COMMANDS.showFinding, { file, start }),
          link(t("What This Means"), COMMANDS.showPage, mark.finding.code),
        ];
        const markdown = new vscode.MarkdownString(hoverText(mark, links, checkedAt, Date.now()), true);
        markdown.isTrusted = {
          enabledCommands: [COMMANDS.applyFix, COMMANDS.checkPull, COMMANDS.showFinding, COMMANDS.showPage],
        };
        return markdown;
      });
      return new vscode.Hover(parts, rangeOf(first.mark, text));
    },
  };
}

function link(title: string, command: string, argument: unknown): string {
  const address = commandUri(command, argument).toString().replace(/\(/g, "%28").replace(/\)/g, "%29");
  return `[${escapeMarkdown(title)}](${address})`;
}
