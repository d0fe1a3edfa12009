import { applyEdits, findNodeAtLocation, modify, type FormattingOptions } from "jsonc-parser";
import { parseJsonText, stringOf } from "../image/jsonText";
import { readPrefixes } from "./triplets";
import { variableNames } from "./exporting";

/** A registry secret that a devcontainer.json declares by three names of Codespaces' convention. */
export interface DeclaredSecret {
  readonly prefix: string;
  /** What the file says about it, if anything. */
  readonly description?: string;
}

/**
 * The registry secrets that the `secrets` block of a devcontainer.json declares (containers.dev, "secrets"): those of which
 * all three variables are named. Empty for what is no such file. Never throws.
 */
export function declaredSecrets(jsoncText: string): DeclaredSecret[] {
  const root = parseJsonText(jsoncText);
  const block = root && findNodeAtLocation(root, ["secrets"]);
  if (block?.type !== "object") return [];
  const names = (block.children ?? []).flatMap((property) => stringOf(property.children?.[0]) ?? []);
  return readPrefixes(names).map((prefix) => {
    const about = names
      .filter((name) => name.toUpperCase().startsWith(`${prefix}_CONTAINER_REGISTRY_`))
      .flatMap((name) => stringOf(findNodeAtLocation(block, [name, "description"])) ?? []);
    return { prefix, ...(about[0] === undefined ? {} : { description: about[0] }) };
  });
}

/** What is written about a variable. */
export interface Declaration {
  readonly prefix: string;
  /** For each of the three, in the order of `variableNames`. */
  readonly descriptions: readonly [string, string, string];
}

/**
 * The text of a devcontainer.json with these secrets declared; what is declared already stays as it is. Comments, order,
 * indentation and line ends of the file stay. No value is written: the block holds names only.
 */
export function withDeclarations(jsoncText: string, declarations: readonly Declaration[]): string {
  const mark = /^\uFEFF/.exec(jsoncText)?.[0] ?? "";
  const formattingOptions = formattingOf(jsoncText);
  let text = jsoncText.slice(mark.length);
  for (const { prefix, descriptions } of declarations) {
    for (const [index, name] of variableNames(prefix).entries()) {
      const root = parseJsonText(text);
      if (root && findNodeAtLocation(root, ["secrets", name])) continue;
      const description = descriptions[index];
      text = applyEdits(text, modify(text, ["secrets", name], { description }, { formattingOptions }));
    }
  }
  return mark + text;
}

/** The file's own indentation and line ends. */
function formattingOf(text: string): FormattingOptions {
  const indent = /^[ \t]+(?=["/])/m.exec(text)?.[0] ?? "  ";
  return {
    insertSpaces: !indent.startsWith("\t"),
    tabSize: indent.startsWith("\t") ? 4 : indent.length,
    eol: text.includes("\r\n") ? "\r\n" : "\n",
  };
}
