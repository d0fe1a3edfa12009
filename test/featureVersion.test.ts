import { strict as assert } from "node:assert";
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const FOLDER = join(process.cwd(), "devcontainer-feature");
const FILES = join(FOLDER, "src/registry-login");

function json(file: string): Record<string, string> {
  return JSON.parse(readFileSync(file, "utf8")) as Record<string, string>;
}

/** Names and contents of all that is published. */
function fingerprint(): string {
  const hash = createHash("sha256");
  for (const name of readdirSync(FILES).sort()) {
    hash.update(`${name}\n`).update(
      createHash("sha256")
        .update(readFileSync(join(FILES, name)))
        .digest(),
    );
  }
  return hash.digest("hex");
}

describe("The version of the Feature", () => {
  const { version } = json(join(FILES, "devcontainer-feature.json"));

  it("goes up with every change of its files", () => {
    const now = { version, sha256: fingerprint() };
    const noted = json(join(FOLDER, "fingerprint.json"));
    if (noted["sha256"] === now.sha256) return;
    assert.notEqual(
      version,
      noted["version"],
      `The files of the Feature have changed since ${String(version)}: raise "version" in devcontainer-feature.json and VERSION in find.sh, and run this again`,
    );
    assert.fail(`The version is a new one: write to devcontainer-feature/fingerprint.json: ${JSON.stringify(now)}`);
  });

  it("is the one that its programs say", () => {
    assert.match(readFileSync(join(FILES, "find.sh"), "utf8"), new RegExp(`^VERSION=${String(version)}$`, "m"));
  });
});
