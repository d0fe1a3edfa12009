import { strict as assert } from "node:assert";
import { folderOfConfigFile } from "../../../src/domain/image/configFiles";

describe("the folder that a devcontainer.json is of", () => {
  const cases: [what: string, file: string, want: string | undefined][] = [
    ["in .devcontainer", "/w/app/.devcontainer/devcontainer.json", "/w/app"],
    ["beside the files", "/w/app/.devcontainer.json", "/w/app"],
    ["one of several", "/w/app/.devcontainer/tools/devcontainer.json", "/w/app"],
    ["of a folder in another", "/w/app/packages/tool/.devcontainer/devcontainer.json", "/w/app/packages/tool"],
    ["of Windows", "c:/app/.devcontainer/devcontainer.json", "c:/app"],
    ["too deep", "/w/app/.devcontainer/a/b/devcontainer.json", undefined],
    ["where none is looked for", "/w/app/devcontainer.json", undefined],
    ["another file", "/w/app/.devcontainer/Dockerfile", undefined],
  ];
  for (const [what, file, want] of cases) it(what, () => assert.equal(folderOfConfigFile(file), want));
});
