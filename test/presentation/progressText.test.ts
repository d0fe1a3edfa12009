import { strict as assert } from "node:assert";
import { readFileSync } from "node:fs";
import { parseLogLine } from "../../src/adapters/devcontainers/events";
import type { CreationStep } from "../../src/domain/environment/creation";
import { progressText, stepText } from "../../src/presentation/progressText";
import { useTranslations } from "../../src/presentation/words";

const step = (code: CreationStep["code"], detail?: string): CreationStep => ({
  kind: "step",
  text: "in English",
  ...(code === undefined ? {} : { code }),
  ...(detail === undefined ? {} : { detail }),
});

describe("the progress of a creation", () => {
  afterEach(() => useTranslations(undefined));

  it("is the step, and the last line that was printed in it", () => {
    const message = progressText();
    assert.equal(message({ kind: "output", text: "@devcontainers/cli 0.89.0. Node.js.\nStart" }), "Start");
    assert.equal(message(step("pulling", "ghcr.io/a/b:1")), "Pulling ghcr.io/a/b:1");
    assert.equal(message({ kind: "output", text: "one\n two \n" }), "Pulling ghcr.io/a/b:1 — two");
    assert.equal(message({ kind: "output", text: "x".repeat(200) }), `Pulling ghcr.io/a/b:1 — ${"x".repeat(99)}…`);
    assert.equal(message(step("starting")), "Starting the container");
    assert.equal(message({ kind: "step", text: "git config --list" }), "git config --list");
  });

  it("is the tool's own, where that is recorded, without a change", () => {
    const lines = readFileSync("test/fixtures/devcontainers/up.jsonl", "utf8").split("\n");
    const said = lines.flatMap((line) => {
      const event = parseLogLine(line);
      return event?.kind === "step" ? [stepText(event)] : [];
    });
    assert.deepEqual(said, ["Starting the container", "Running postCreateCommand"]);
  });

  it("is German in a German window", () => {
    useTranslations(JSON.parse(readFileSync("l10n/bundle.l10n.de.json", "utf8")) as Record<string, string>);
    const said = (["starting-over", "logging-in", "building", "starting"] as const).map((code) => stepText(step(code)));
    assert.deepEqual(said, [
      "Die letzte Erstellung wurde unterbrochen: Es wird von vorn begonnen",
      "Anmeldung in der Umgebung",
      "Das Image wird gebaut",
      "Der Container wird gestartet",
    ]);
    assert.equal(stepText(step("pulling", "ghcr.io/a/b:1")), "ghcr.io/a/b:1 wird abgerufen");
    assert.equal(stepText(step("running", "postCreateCommand")), "postCreateCommand läuft");
  });
});
