import { strict as assert } from "node:assert";
import fc from "fast-check";
import { diagnosisReport, diagnosisSummary } from "../../src/presentation/report";
import { aFinding } from "../fakes/samples";

const FOLDER = "/home/dev/app";
const CONFIG = `${FOLDER}/.devcontainer/devcontainer.json`;

describe("the report of a diagnosis", () => {
  it("names the image that is meant, and what is written", () => {
    const finding = aFinding({ image: "${BASE}", resolved: "reg.example.com/acme/app:7" });
    const report = diagnosisReport(FOLDER, CONFIG, [finding], []);
    assert.ok(report.includes("## ✓ `reg.example.com/acme/app:7`, written as `${BASE}`\n"), report);
  });

  it("has what is wrong first, with what to do and the evidence", () => {
    const bad = aFinding({
      code: "no-credential",
      image: "ghcr.io/acme/private",
      remedies: ["add-secret"],
      evidence: [{ asked: "GET https://ghcr.io/v2/ (anonymous)", answered: "401" }],
    });
    const report = diagnosisReport(FOLDER, CONFIG, [aFinding(), bad], [{ file: CONFIG, message: "a file is missing" }]);
    assert.equal(
      report,
      [
        "# Pull diagnosis",
        "",
        ".devcontainer/devcontainer.json — 2 images, 1 cannot be pulled.",
        "",
        "> ⚠ .devcontainer/devcontainer.json: a file is missing",
        "",
        "## ✗ `ghcr.io/acme/private`",
        "",
        "**ghcr.io/acme/private is private, and there is no credential for ghcr.io.**",
        "",
        "What to do:",
        "",
        "1. Add a registry secret for ghcr.io.",
        "",
        "Named as *image* in `.devcontainer/devcontainer.json` · code `no-credential` · certain",
        "",
        "```text",
        "GET https://ghcr.io/v2/ (anonymous) → 401",
        "```",
        "",
        "## ✓ `ghcr.io/acme/app:1`",
        "",
        "**ghcr.io/acme/app:1 can be pulled without a credential.**",
        "",
        "Named as *image* in `.devcontainer/devcontainer.json` · code `fine` · certain",
        "",
      ].join("\n"),
    );
  });

  for (const [home, shown] of [
    ["/home/alice/.docker/config.json", "~/.docker/config.json"],
    ["/Users/alice/.docker/config.json", "~/.docker/config.json"],
    ["C:\\Users\\alice\\.docker\\config.json", "~\\.docker\\config.json"],
    ["/root/.docker/config.json", "~/.docker/config.json"],
    ["https://example.com/home", "https://example.com/home"],
    ["GET https://example.com/v2/home/alice/app", "GET https://example.com/v2/home/alice/app"],
    ["example.com/home/alice/app:1", "example.com/home/alice/app:1"],
    ["(/home/alice/x)", "(~/x)"],
    ["cwd: /home/alice", "cwd: ~"],
    ["/home/alice: permission denied", "~: permission denied"],
    ["folder:/home/alice/app", "folder:~/app"],
    ["file:///home/alice/x.js:1", "file://~/x.js:1"],
    ["file:///c%3A/Users/alice/app", "file://~/app"],
    ["/var/home/alice/app", "~/app"],
    ["/mnt/c/Users/alice/app", "~/app"],
    ["/host_mnt/Users/alice/app", "~/app"],
    ["C:\\Users\\Alice Smith\\app", "~\\app"],
    ["C:\\\\Users\\\\alice\\\\app", "~\\\\app"],
    ["\\\\wsl.localhost\\Ubuntu\\home\\alice\\app", "\\\\wsl.localhost\\Ubuntu~\\app"],
    ["vscode-remote://wsl+ubuntu/home/alice/app", "vscode-remote://wsl+ubuntu~/app"],
    ["/srv/home/alice/app", "/srv/home/alice/app"],
    ["https://example.com/Users/alice", "https://example.com/Users/alice"],
  ] as const) {
    it(`shows ${home} as ${shown}, since it is pasted into issues`, () => {
      const evidence = [{ asked: `Docker's ${home} for ghcr.io`, answered: "has no login" }];
      const report = diagnosisReport(FOLDER, CONFIG, [aFinding({ evidence })], []);
      assert.ok(report.includes(`Docker's ${shown} for ghcr.io → has no login`), report);
    });
  }

  it("says that there is no image", () => {
    const report = diagnosisReport(FOLDER, CONFIG, [], []);
    assert.match(report, /names no image/);
    assert.doesNotMatch(report, /can be pulled/);
  });

  const attacks = [
    "x` <img src=x onerror=alert(1)> `",
    "``` `` `",
    "`",
    "a | b | c",
    "[click](command:workbench.action.terminal.new)",
    "![x](https://tracker.example/x.png)",
    "<script>alert(1)</script>",
    "&lt;b&gt; &#96;",
    "x\n\n# forged heading\n\n- forged item",
    "x\r\n```\nforged\n```",
    "**bold** _it_ ~~no~~",
    "x\u2028y\u0085z",
  ];
  for (const attack of attacks) {
    it(`cannot be forged by the image ${JSON.stringify(attack)}`, () => {
      const plain = aFinding({
        code: "invalid-reference",
        image: "x",
        registry: "y",
        remedies: ["fix-repository"],
        evidence: [{ asked: "a", answered: "b" }],
      });
      const evil = aFinding({
        ...plain,
        image: attack,
        registry: attack,
        place: { file: `${FOLDER}/${attack}`, role: "image" },
        evidence: [{ asked: attack, answered: attack }],
      });
      const report = diagnosisReport(FOLDER, CONFIG, [evil], [{ file: `${FOLDER}/${attack}`, message: attack }]);
      const expected = diagnosisReport(FOLDER, CONFIG, [plain], [{ file: `${FOLDER}/f`, message: "m" }]);
      assert.deepEqual(shapeOf(report), shapeOf(expected), report);
    });
  }

  it("cannot be forged by any text", () => {
    const plain = aFinding({ code: "invalid-reference", image: "x", remedies: ["fix-repository"] });
    fc.assert(
      fc.property(
        fc.string({
          minLength: 1,
          unit: fc.constantFrom("`", "\\", "<", "a", " ", "*", "[", "]", "\n", "#", "|", "&", "$"),
        }),
        (text) => {
          const report = diagnosisReport(FOLDER, CONFIG, [{ ...plain, image: text }], []);
          assert.deepEqual(shapeOf(report), shapeOf(diagnosisReport(FOLDER, CONFIG, [plain], [])), report);
        },
      ),
    );
  });
});

/**
 * The structure of a report: of each line how it begins, and its signs that mean something, without code and without
 * what is escaped. A text that breaks out of its place changes it.
 */
function shapeOf(markdown: string): string[] {
  let fence = "";
  return markdown.split("\n").map((line) => {
    const mark = /^(`{3,})(?:text)?$/.exec(line)?.[1] ?? "";
    if (fence !== "") {
      if (mark.length < fence.length) return "code";
      fence = "";
      return "end of code";
    }
    if (mark !== "") {
      fence = mark;
      return "code begins";
    }
    const begin = /^(?:#+ |> |\d+\. |[-+*] |={2,}$)?/.exec(line)?.[0] ?? "";
    const signs = line
      .slice(begin.length)
      .replace(/\\[!-/:-@[-`{-~]|(`+)(?!`)(?:.*?[^`])\1(?!`)/g, "")
      .replace(/[^`<*_[\]|~&\p{Cc}\u2028]|(?<=\w)_(?=\w)/gu, "");
    return begin + signs;
  });
}

describe("the summary of a diagnosis", () => {
  const bad = aFinding({ code: "no-credential", remedies: ["add-secret"] });
  const cases: [findings: ReturnType<typeof aFinding>[], want: RegExp][] = [
    [[], /^The dev container configuration names no image\.$/],
    [[aFinding()], /^All is well: the image can be pulled\.$/],
    [[aFinding(), aFinding()], /^All 2 images can be pulled\.$/],
    [[aFinding(), bad], /^ghcr\.io\/acme\/app:1 is private.*ghcr\.io\.$/],
    [[bad, aFinding(), bad, bad], /\(and 2 more\)$/],
  ];
  for (const [findings, want] of cases) {
    it(`of ${findings.map(({ code }) => code).join(", ") || "nothing"}`, () =>
      assert.match(diagnosisSummary(findings), want));
  }
});
