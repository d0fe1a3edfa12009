import { strict as assert } from "node:assert";
import fc from "fast-check";
import type { CredentialEvidence } from "../../src/domain/diagnosis/evidence";
import type { Finding } from "../../src/domain/diagnosis/finding";
import { parseImageReference } from "../../src/domain/image/reference";
import { effectiveSecrets } from "../../src/domain/secret/effective";
import { fixesOf, type Fix } from "../../src/presentation/fixes";
import { positionAt } from "../../src/domain/image/range";
import { ago, hoverText, lensTitle, marksOf, outlives } from "../../src/presentation/marks";
import { aFinding, aSecret } from "../fakes/samples";

const FILE = "/home/dev/app/.devcontainer/devcontainer.json";
const SECRET: CredentialEvidence = { kind: "secret", name: "GHCR", scope: "user", username: "alice" };
const LOGIN: CredentialEvidence = { kind: "docker-config", username: "alice" };
const MINUTE = 60_000;

/** A finding on the first `image` in `text`. */
function placed(text: string, image: string, change: Partial<Finding> = {}): Finding {
  const start = text.indexOf(image);
  return aFinding({
    image,
    place: { file: FILE, role: "image", range: { start, end: start + image.length } },
    ...change,
  });
}

describe("marks on a document", () => {
  const TEXT = '{ "image": "ghcr.io/acme/app:1" }';
  const IMAGE = "ghcr.io/acme/app:1";
  const texts = new Map([[FILE, TEXT]]);

  const severities: [name: string, change: Partial<Finding>, severity: string][] = [
    ["what can be pulled has no squiggle", {}, "none"],
    ["what is certain is an error", { code: "no-credential" }, "error"],
    ["what is likely is a warning", { code: "unknown-repository", confidence: "likely" }, "warning"],
  ];
  for (const [name, change, severity] of severities) {
    it(name, () => {
      const [mark] = marksOf([placed(TEXT, IMAGE, change)], texts);
      assert.equal(mark?.severity, severity);
      assert.equal(mark.code, change.code ?? "fine");
      assert.equal(mark.page, `docs/findings/${change.code ?? "fine"}.md`);
      assert.ok(mark.message.includes(IMAGE));
    });
  }

  it("stand on exactly the reference", () => {
    const [mark] = marksOf([placed(TEXT, IMAGE)], texts);
    assert.equal(TEXT.slice(mark?.range.start, mark?.range.end), IMAGE);
  });

  it("are not made where the place is not known, or lies outside of the text", () => {
    assert.deepEqual(marksOf([aFinding()], texts), []);
    assert.deepEqual(marksOf([placed(TEXT, IMAGE)], new Map()), []);
    assert.deepEqual(marksOf([placed(TEXT, IMAGE)], new Map([[FILE, "{}"]])), []);
  });

  it("offer no change of the text where other words stand there", () => {
    const finding = placed(TEXT, IMAGE, {
      code: "unknown-tag",
      remedies: ["fix-tag"],
      tags: ["2"],
      image: "ghcr.io/acme/other:1",
    });
    assert.deepEqual(marksOf([finding], texts)[0]?.fixes, []);
  });

  it("find lines and columns as an editor does, whatever ends the lines", () => {
    fc.assert(
      fc.property(fc.array(fc.stringMatching(/^[a-z ]{0,4}$/)), fc.constantFrom("\n", "\r\n", "\r"), (lines, end) => {
        const text = lines.join(end);
        let offset = 0;
        for (const [line, content] of lines.entries()) {
          assert.deepEqual(positionAt(text, offset), { line, character: 0 });
          assert.deepEqual(positionAt(text, offset + content.length), { line, character: content.length });
          offset += content.length + end.length;
        }
      }),
    );
  });
});

describe("the lens", () => {
  const cases: [change: Partial<Finding>, checked: number, title: string][] = [
    [{ credential: SECRET }, 2 * MINUTE, "ghcr.io · as alice · pull ok · 2 min ago"],
    [{ credential: LOGIN }, 30_000, "ghcr.io · as alice · pull ok · just now"],
    [{ registry: "docker.io" }, 3 * 60 * MINUTE, "docker.io · anonymous · pull ok · 3 h ago"],
    [{ code: "no-credential" }, MINUTE, "ghcr.io · no secret · private"],
    [{ code: "no-credential", reason: "untrusted" }, MINUTE, "ghcr.io · Restricted Mode · private"],
    [{ code: "wrong-credential", credential: SECRET }, MINUTE, "ghcr.io · as alice · login refused"],
    [
      { code: "runner-native-unanswered", credential: { kind: "runner-native", name: "E" } },
      MINUTE,
      "ghcr.io · runner-native · nobody is signed in to the cloud",
    ],
    [
      { code: "credential-unavailable", credential: { kind: "broken", reason: "" } },
      MINUTE,
      "ghcr.io · Docker's login cannot be read",
    ],
    [{ code: "invalid-reference", registry: "" }, MINUTE, "not the name of an image"],
  ];
  for (const [change, past, title] of cases) {
    it(title, () => assert.equal(lensTitle(aFinding(change), 1_000_000, 1_000_000 + past), title));
  }

  it("counts days after two", () => {
    assert.equal(ago(47 * 60 * MINUTE), "47 h ago");
    assert.equal(ago(48 * 60 * MINUTE), "2 d ago");
    assert.equal(ago(-1), "just now");
  });

  it("is one line, whatever the registry is called", () => {
    assert.doesNotMatch(lensTitle(aFinding({ registry: "a\nb\u2028c" }), 0, 0), /[\n\u2028]/);
  });
});

describe("fixes", () => {
  const told = (fixes: readonly Fix[]) => fixes.map(({ kind, title }) => `${kind}: ${title}`);
  const cases: [name: string, change: Partial<Finding>, written: string | undefined, fixes: string[]][] = [
    [
      "no credential: the form with the host, and the page for tokens",
      { code: "no-credential", remedies: ["add-secret"] },
      undefined,
      ["add-secret: Add a registry secret for ghcr.io…", "open-page: Make a token at GitHub Container Registry"],
    ],
    [
      "no page where the provider has none that is known",
      { code: "no-credential", remedies: ["add-secret"], registry: "reg.example.com:5000" },
      undefined,
      ["add-secret: Add a registry secret for reg.example.com:5000…"],
    ],
    [
      "a wrong secret is edited",
      { code: "wrong-credential", remedies: ["edit-secret"], credential: SECRET },
      undefined,
      ["edit-secret: Edit the user secret GHCR…", "open-page: Make a token at GitHub Container Registry"],
    ],
    [
      "a stale login of Docker's own is forgotten",
      { code: "stale-credential-blocks-public-image", remedies: ["log-out"], credential: LOGIN },
      undefined,
      ["log-out: Forget Docker's login for ghcr.io…"],
    ],
    [
      "logging Docker out does not help against a secret",
      { code: "stale-credential-blocks-public-image", remedies: ["edit-secret", "log-out"], credential: SECRET },
      undefined,
      ["edit-secret: Edit the user secret GHCR…"],
    ],
    [
      "existing tags are put in",
      { code: "unknown-tag", remedies: ["fix-tag"], tags: ["1.2", "1.3"] },
      "ghcr.io/acme/app:9",
      ['replace: Use the tag "1.2"', 'replace: Use the tag "1.3"'],
    ],
    [
      "no tag beside a digest",
      { code: "unknown-tag", remedies: ["fix-tag"], tags: ["1"] },
      `ghcr.io/acme/app:9@sha256:${"a".repeat(64)}`,
      [],
    ],
    [
      "no tag into a name with variables",
      { code: "unknown-tag", remedies: ["fix-tag"], tags: ["1"] },
      "ghcr.io/acme/app:${TAG}",
      [],
    ],
    [
      "no tag that is none",
      { code: "unknown-tag", remedies: ["fix-tag"], tags: ["a b", "-x", '"', "x".repeat(129)] },
      "ghcr.io/acme/app",
      [],
    ],
    [
      "the host that has the credential",
      {
        code: "near-miss-host",
        registry: "reg.example.com:5001",
        similarHost: "reg.example.com:5000",
        remedies: ["use-existing-host"],
      },
      "reg.example.com:5001/a/b:1",
      ["replace: Write it with reg.example.com:5000"],
    ],
    [
      "nothing without the words in the file",
      { code: "near-miss-host", similarHost: "ghcr.io", remedies: ["use-existing-host"] },
      undefined,
      [],
    ],
    [
      "lower case",
      { code: "invalid-reference", registry: "", remedies: ["fix-reference"] },
      "https://ghcr.io/Acme/App:V1",
      ["replace: Write it as ghcr.io/acme/app:V1"],
    ],
    [
      "no guess where there are several ways",
      { code: "invalid-reference", registry: "", remedies: ["fix-reference"] },
      "ghcr.io//app",
      [],
    ],
    [
      "a default for a variable",
      { code: "unresolved-variable", registry: "", remedies: ["set-variable"] },
      "ghcr.io/${localEnv:ORG}/app",
      ["set-default: Give ORG a default…"],
    ],
    [
      "agreeing to a token server",
      { code: "unknown-token-realm", remedies: ["agree-to-realm"], realm: "https://login.example.net/t" },
      undefined,
      ["agree-to-realm: Agree to the token server login.example.net…"],
    ],
    [
      "trusting the workspace",
      { code: "no-credential", reason: "untrusted", remedies: ["trust-workspace"] },
      undefined,
      ["trust-workspace: Manage Workspace Trust"],
    ],
    ["nothing that a click cannot do", { code: "dns", remedies: ["fix-host", "check-network"] }, "ghcr.io/a", []],
    ["nothing for what is fine", {}, "ghcr.io/acme/app:1", []],
  ];
  for (const [name, change, written, fixes] of cases) {
    it(name, () => assert.deepEqual(told(fixesOf(aFinding(change), { written })), fixes));
  }

  it("of a text edit the secret that counts, if there is one", () => {
    const finding = aFinding({
      code: "wrong-credential",
      remedies: ["edit-secret"],
      registry: "r.example",
      credential: { kind: "unsaid" },
    });
    assert.deepEqual(told(fixesOf(finding)), []);
    const secret = { name: "GHCR", scope: "project" } as const;
    assert.deepEqual(told(fixesOf(finding, { secret })), ["edit-secret: Edit the project secret GHCR…"]);
  });

  it("edit the secret of the project that was asked with, and not one of its name in another project", () => {
    const credential = { kind: "secret", name: "GHCR", scope: "project", project: "p", username: "octocat" } as const;
    const [fix] = fixesOf(aFinding({ code: "wrong-credential", remedies: ["edit-secret"], credential }));
    assert.deepEqual(fix && "project" in fix && [fix.name, fix.project], ["GHCR", "p"]);
  });

  it("write what they say", () => {
    const text = (change: Partial<Finding>, written: string) => {
      const [fix] = fixesOf(aFinding(change), { written });
      return fix?.kind === "replace" ? fix.text : undefined;
    };
    const tag = { code: "unknown-tag", remedies: ["fix-tag"], tags: ["1.2"] } as const;
    assert.equal(text(tag, "localhost:5000/a/b"), "localhost:5000/a/b:1.2");
    assert.equal(text(tag, "localhost:5000/a/b:9"), "localhost:5000/a/b:1.2");
    assert.equal(text(tag, "debian:nope"), "debian:1.2");
  });

  it("put the default where the file's own syntax wants it", () => {
    const syntaxes: [written: string, after: string][] = [
      ["ghcr.io/${localEnv:ORG}/app", "ghcr.io/${localEnv:ORG:acme}/app"],
      ["ghcr.io/${ORG}/app", "ghcr.io/${ORG:-acme}/app"],
      ["ghcr.io/$ORG/app", "ghcr.io/${ORG:-acme}/app"],
    ];
    for (const [written, after] of syntaxes) {
      const [fix] = fixesOf(aFinding({ code: "unresolved-variable", remedies: ["set-variable"] }), { written });
      assert.ok(fix?.kind === "set-default");
      assert.equal(
        written.replace(fix.variable, () => `${fix.before}acme${fix.after}`),
        after,
      );
    }
  });

  it("create again only after a failed creation, and only what can be pulled", () => {
    assert.deepEqual(told(fixesOf(aFinding(), { creationFailed: true })), ["recreate: Create the environment again"]);
    assert.deepEqual(told(fixesOf(aFinding({ code: "dns" }), { creationFailed: true })), []);
  });

  it("take no tag that would lead to another registry", () => {
    const finding = aFinding({ code: "unknown-tag", remedies: ["fix-tag"], tags: ["0/a", "1@sha256:0", "", "12"] });
    const texts = fixesOf(finding, { written: "debian" }).map((fix) => (fix.kind === "replace" ? fix.text : fix.kind));
    assert.deepEqual(texts, ["debian:12"]);
  });

  it("give only references, whatever the tags are", () => {
    fc.assert(
      fc.property(
        fc.array(fc.string()),
        fc.constantFrom("debian", "ghcr.io/a/b:1", "localhost:5000/a"),
        (tags, written) => {
          for (const fix of fixesOf(aFinding({ code: "unknown-tag", remedies: ["fix-tag"], tags }), { written })) {
            assert.ok(fix.kind === "replace");
            assert.ok(tags.includes(parseImageReference(fix.text).tag ?? ""), fix.text);
          }
        },
      ),
    );
  });
});

describe("the hover", () => {
  it("says what to do, the evidence and when; the cause stands at the squiggle already", () => {
    const finding = placed("ghcr.io/acme/app:1", "ghcr.io/acme/app:1", {
      code: "no-credential",
      remedies: ["add-secret"],
      evidence: [{ asked: "GET https://ghcr.io/v2/ (anonymous)", answered: "401" }],
    });
    const [mark] = marksOf([finding], new Map([[FILE, "ghcr.io/acme/app:1"]]));
    assert.ok(mark);
    assert.equal(
      hoverText(mark, ["[New Secret](x)", "[Report](y)"], 0, 2 * MINUTE),
      [
        "1. Add a registry secret for ghcr.io.",
        "",
        "[New Secret](x)&nbsp;&nbsp;·&nbsp;&nbsp;[Report](y)",
        "",
        "```text",
        "GET https://ghcr.io/v2/ (anonymous) → 401",
        "```",
        "",
        "Checked 2 min ago",
      ].join("\n"),
    );
  });

  it("says what is fine, which has no squiggle", () => {
    const text = "ghcr.io/acme/app:1";
    const [mark] = marksOf([placed(text, text)], new Map([[FILE, text]]));
    assert.ok(mark);
    assert.match(hoverText(mark, [], 0, 0), /^\$\(pass\) ghcr\.io\/acme\/app:1 can be pulled without a credential\.\n/);
  });

  it("says where a cause is only likely", () => {
    const text = "ghcr.io/acme/app:1";
    const [mark] = marksOf([placed(text, text, { code: "unknown", confidence: "likely" })], new Map([[FILE, text]]));
    assert.ok(mark);
    assert.match(hoverText(mark, [], 0, 0), /Likely, not certain/);
  });

  it("cannot be made to hold a link or HTML by what a registry says", () => {
    const text = "ghcr.io/acme/app:1";
    const evil = "[click](command:registrySecrets.applyFix) <img src=x> ``` $(x)";
    const [mark] = marksOf(
      [
        placed(text, text, {
          code: "timeout",
          detail: evil,
          registry: evil,
          evidence: [{ asked: evil, answered: evil }],
        }),
      ],
      new Map([[FILE, text]]),
    );
    assert.ok(mark);
    const [beforeEvidence = ""] = hoverText(mark, [], 0, 0).split("\n````text\n");
    assert.doesNotMatch(beforeEvidence, /(?<!\\)\[click|(?<!\\)</);
  });
});

describe("a finding after a change of the secrets", () => {
  const found = 2_000;
  const cases: [name: string, credential: CredentialEvidence, secrets: ReturnType<typeof aSecret>[], holds: boolean][] =
    [
      ["holds with the same secret", SECRET, [aSecret()], true],
      ["ends when that secret was edited", SECRET, [aSecret({ updatedAt: 3_000 })], false],
      ["ends when it was deleted", SECRET, [], false],
      ["ends when another counts now", SECRET, [aSecret({ name: "OTHER" })], false],
      ["ends when there is one for its registry now", { kind: "none" }, [aSecret()], false],
      ["ends for Docker's own login, too", LOGIN, [aSecret()], false],
      ["holds when the new one is for another registry", { kind: "none" }, [aSecret({ host: "quay.io" })], true],
    ];
  for (const [name, credential, secrets, holds] of cases) {
    it(name, () => {
      assert.equal(outlives(aFinding({ credential }), found, effectiveSecrets(secrets, undefined)), holds);
    });
  }
});
