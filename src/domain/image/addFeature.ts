import { findNodeAtLocation, parseTree } from "jsonc-parser";
import { Failure } from "../failure";
import { insertInto, layoutOf, type Insertion } from "./jsonInsertion";

/** The login hook as a Feature, where it is published. */
export const LOGIN_FEATURE = "ghcr.io/registry-secrets/registry-secrets/registry-login:0";

/**
 * What adds the login hook's Feature to the text of a devcontainer.json. Only insertions, so that comments, trailing commas
 * and the layout of everything else stay. None if it names a
 * `registry-login` Feature already, from whatever registry. Throws `invalid-devcontainer-json` if the text holds no object.
 */
export function addLoginFeature(text: string): readonly Insertion[] {
  const root = parseTree(text, undefined, { allowTrailingComma: true });
  if (root?.type !== "object") {
    throw new Failure("invalid-devcontainer-json", "The devcontainer.json holds no JSON object.");
  }
  const layout = layoutOf(text);
  const features = findNodeAtLocation(root, ["features"]);
  if (features?.type === "object") {
    const names = (features.children ?? []).map(({ children: [key] = [] }) => String(key?.value));
    if (names.some((name) => /(?:^|\/)registry-login(?:[:@]|$)/.test(name))) return [];
    return insertInto(features, text, layout, () => `"${LOGIN_FEATURE}": {}`);
  }
  if (features) {
    throw new Failure("invalid-devcontainer-json", 'The "features" of the devcontainer.json are no JSON object.');
  }
  return insertInto(root, text, layout, (indent) =>
    indent === undefined
      ? `"features": { "${LOGIN_FEATURE}": {} }`
      : [`"features": {`, `${indent}${layout.unit}"${LOGIN_FEATURE}": {}`, `${indent}}`].join(layout.eol),
  );
}
