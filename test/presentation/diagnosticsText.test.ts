import { strict as assert } from "node:assert";
import { Redacted } from "../../src/domain/redacted";
import { deliveryRecordLine, diagnosticsDocument, type Diagnostics } from "../../src/presentation/diagnosticsText";

const CANARY = 'canary/ö"1234567890';
const USER = "alice";
const base64 = Buffer.from(CANARY).toString("base64");
const login = Buffer.from(`${USER}:${CANARY}`).toString("base64");

/** A text in which every form of the secret stands, as tools print it. */
const DIRTY = [CANARY, base64, login, encodeURIComponent(CANARY), JSON.stringify(CANARY)].join(" | ");

const clean: Diagnostics = {
  versions: [["Registry Secrets", "0.1.0"]],
  place: ["Everything works."],
  engine: ["server 28.2.2"],
  dockerConfig: ['auths."ghcr.io".auth: set'],
  settings: [["registrySecrets.dockerPath", '"/home/alice/bin/docker"']],
  secrets: ["user · ghcr.io · password"],
  registries: ["ghcr.io"],
  deliveries: ["0123456789ab · 2026-01-02T00:00:00.000Z · delivered · ghcr.io"],
  log: ["[info] logged in to ghcr.io"],
};

describe("the diagnostics document", () => {
  const secrets = [{ username: USER, value: new Redacted(CANARY) }];

  for (const part of Object.keys(clean) as (keyof Diagnostics)[]) {
    it(`holds no secret that got into its ${part}`, () => {
      const dirty = clean[part].map((line) => (typeof line === "string" ? DIRTY : [line[0], DIRTY]));
      const document = diagnosticsDocument({ ...clean, [part]: dirty }, secrets);
      for (const form of [CANARY, base64, login, encodeURIComponent(CANARY)])
        assert.ok(!document.includes(form), `${form} stands in\n${document}`);
      assert.ok(document.includes("redacted"));
    });
  }

  const foreign: [name: string, line: string, gone: string][] = [
    ["an authorization header of nobody that is known", "Authorization: Bearer abcdefghijkl0123456789", "abcdefghijkl"],
    ["a login in a URL", "pulling https://bob:hunter2@registry.example.com/v2/", "hunter2"],
    ["the name of a home folder", "reading /home/alice/app/.devcontainer/devcontainer.json", "alice"],
  ];
  for (const [name, line, gone] of foreign) {
    it(`leaves out ${name}`, () => {
      const document = diagnosticsDocument({ ...clean, settings: [], log: [line] }, []);
      assert.ok(!document.includes(gone), document);
    });
  }

  it("leaves out a home folder wherever it lies, and none that only begins so", () => {
    const log = ["at /data/alice/app", "cwd: /data/alice", "at /data/alice-2/app"];
    const document = diagnosticsDocument({ ...clean, settings: [], log }, [], "/data/alice");
    for (const line of ["at ~/app", "cwd: ~", "at /data/alice-2/app"]) assert.ok(document.includes(line), document);
  });

  it("names what it is about", () => {
    const document = diagnosticsDocument(clean, secrets);
    for (const expected of ["0.1.0", "28.2.2", "ghcr.io", "auth: set", "End of the log"])
      assert.ok(document.includes(expected), expected);
  });

  it("tells of a delivery when and how it went", () => {
    const known = { containerId: "0123456789abcdef", at: Date.UTC(2026, 0, 2), skipped: [], attempts: 0 };
    const failure = { code: "delivery-failed" as const, message: "No shell.", facts: {} };
    assert.deepEqual(
      [
        deliveryRecordLine({ ...known, outcome: "delivered", hosts: ["ghcr.io", "quay.io"] }),
        deliveryRecordLine({ ...known, outcome: "failed", hosts: [], failure, attempts: 2 }),
      ],
      [
        "0123456789ab · 2026-01-02T00:00:00.000Z · delivered · ghcr.io · quay.io",
        "0123456789ab · 2026-01-02T00:00:00.000Z · failed · delivery-failed: No shell. · attempt 2",
      ],
    );
  });

  it("a line cannot end its block", () => {
    const document = diagnosticsDocument({ ...clean, log: ["```", "# not a heading"] }, []);
    assert.ok(document.includes("````text\n```\n# not a heading\n````"), document);
  });
});
