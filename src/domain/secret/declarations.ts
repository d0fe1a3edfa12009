import { findNodeAtLocation } from "jsonc-parser";
import { Failure } from "../failure";
import { inserted, insertInto, layoutOf, type Insertion } from "../image/jsonInsertion";
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
 * indentation and line ends of the file stay. No value is written: the block holds names only. Throws
 * `invalid-devcontainer-json` if there is no place for them.
 */
export function withDeclarations(jsoncText: string, declarations: readonly Declaration[]): string {
  const mark = /^\uFEFF/.exec(jsoncText)?.[0] ?? "";
  let text = jsoncText.slice(mark.length);
  for (const { prefix, descriptions } of declarations) {
    for (const [index, name] of variableNames(prefix).entries()) {
      text = inserted(text, declaration(text, name, descriptions[index] ?? ""));
    }
  }
  return mark + text;
}

/** What declares one variable; nothing if it is declared already. */
function declaration(text: string, name: string, description: string): readonly Insertion[] {
  const root = parseJsonText(text);
  const block = root && findNodeAtLocation(root, ["secrets"]);
  const place = block ?? root;
  if (place?.type !== "object")
    throw new Failure("invalid-devcontainer-json", "The devcontainer.json holds no JSON object to declare secrets in.");
  if (block && findNodeAtLocation(block, [name])) return [];
  const layout = layoutOf(text);
  const object = (key: string, content: (indent: string | undefined) => string) => (indent: string | undefined) =>
    indent === undefined
      ? `"${key}": { ${content(undefined)} }`
      : [`"${key}": {`, `${indent}${layout.unit}${content(indent + layout.unit)}`, `${indent}}`].join(layout.eol);
  const variable = object(name, () => `"description": ${JSON.stringify(description)}`);
  return insertInto(place, text, layout, block ? variable : object("secrets", variable));
}
