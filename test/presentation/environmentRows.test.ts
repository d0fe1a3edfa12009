import { strict as assert } from "node:assert";
import type { DeliveryRecord } from "../../src/domain/delivery/deliveryRecord";
import type { EnvironmentEntry } from "../../src/domain/delivery/environments";
import type { Advice } from "../../src/domain/environment/advice";
import type { Container } from "../../src/domain/environment/container";
import { Failure } from "../../src/domain/failure";
import { environmentGroup, type Environments } from "../../src/presentation/environmentRows";
import { suggestions, whyReport } from "../../src/presentation/suggestion";
import { attentionOf, type ViewRow } from "../../src/presentation/viewRows";
import { aContainer } from "../fakes/samples";

const NOW = Date.UTC(2026, 0, 2);
const FOLDER = "/home/dev/app";
const OPEN = { folders: [FOLDER], hasConfig: true, isTrusted: true };
const RECREATE: Advice = {
  kind: "recreate",
  reasons: [{ kind: "secret-created", host: "ghcr.io", secret: "GHCR" }],
};

function delivered(change: Partial<DeliveryRecord> = {}): DeliveryRecord {
  return {
    containerId: "c0ffee",
    at: NOW - 120_000,
    outcome: "delivered",
    hosts: ["ghcr.io"],
    skipped: [],
    attempts: 0,
    ...change,
  };
}

function anEntry(
  container: Partial<Container> = {},
  more: { folder?: string; configFile?: string; delivery?: DeliveryRecord; advice?: Advice } = {},
): EnvironmentEntry {
  const { folder = FOLDER, configFile, delivery, advice = { kind: "nothing" } } = more;
  return {
    kind: "environment",
    environment: {
      container: aContainer(container),
      folder,
      ...(configFile === undefined ? {} : { configFile }),
    },
    ...(delivery === undefined ? {} : { delivery }),
    advice,
  };
}

function notCreated(advice: Advice): EnvironmentEntry {
  const configFile = `${FOLDER}/.devcontainer/devcontainer.json`;
  const creation = {
    folder: FOLDER,
    configFile,
    at: NOW - 120_000,
    outcome: "failed",
    references: [],
    secrets: [],
  } as const;
  return { kind: "not-created", creation, advice };
}

const known = (...entries: EnvironmentEntry[]): Environments => ({ kind: "known", entries });
const rows = (environments: Environments, open = OPEN): readonly ViewRow[] =>
  environmentGroup(environments, open, NOW).children ?? [];
const shape = (shown: readonly ViewRow[]) =>
  shown.map(({ label, description, context }) => `${label}|${String(description)}|${context}`);

describe("the environments", () => {
  const cases: [what: string, environments: Environments, want: string[]][] = [
    [
      "running, with a cloud that gives no login",
      known(anEntry({}, { delivery: delivered({ withheld: ["acme.azurecr.io"] }) })),
      ["app|not logged in to acme.azurecr.io|environment;running;here"],
    ],
    [
      "running and logged in",
      known(anEntry({}, { delivery: delivered() })),
      ["app|logged in 2 min ago|environment;running;here"],
    ],
    ["running, nothing delivered yet", known(anEntry()), ["app|not logged in yet|environment;running;here"]],
    [
      "running without secrets",
      known(anEntry({}, { delivery: delivered({ hosts: [] }) })),
      ["app|no secrets to log in with|environment;running;here"],
    ],
    [
      "stopped",
      known(anEntry({ running: false }, { delivery: delivered() })),
      ["app|stopped|environment;stopped;here"],
    ],
    [
      "outdated",
      known(anEntry({}, { delivery: delivered(), advice: RECREATE })),
      ["app|outdated · logged in 2 min ago|environment;running;here"],
    ],
    [
      "of another folder",
      known(anEntry({}, { folder: "/home/dev/tool", delivery: delivered() })),
      ["|Create Environment…|empty", "tool|logged in 2 min ago|environment;running"],
    ],
    [
      "two configurations of one folder",
      known(
        anEntry({ id: "one" }),
        anEntry({ id: "two" }, { configFile: `${FOLDER}/.devcontainer/tools/devcontainer.json` }),
      ),
      ["app|not logged in yet|environment;running;here", "app (tools)|not logged in yet|environment;running;here"],
    ],
    [
      "those of the open folders first, and running ones before stopped ones",
      known(
        anEntry({ id: "a" }, { folder: "/home/dev/a" }),
        anEntry({ id: "b", running: false }),
        anEntry({ id: "c" }),
      ),
      [
        "app|not logged in yet|environment;running;here",
        "app|stopped|environment;stopped;here",
        "a|not logged in yet|environment;running",
      ],
    ],
    [
      "as people count, those of other folders behind",
      known(
        anEntry({ id: "a", running: false }, { folder: "/home/dev/app10" }),
        anEntry({ id: "b", running: false }, { folder: "/home/dev/app2" }),
        anEntry({ id: "c" }),
      ),
      [
        "app|not logged in yet|environment;running;here",
        "app2|stopped|environment;stopped",
        "app10|stopped|environment;stopped",
      ],
    ],
    ["none yet", known(), ["|Create Environment…|empty"]],
    ["not known yet", { kind: "asking" }, ["|Asking the container engine…|asking"]],
  ];
  for (const [what, environments, want] of cases) {
    it(what, () => assert.deepEqual(shape(rows(environments)), want));
  }

  it("are not offered to be created where the workspace is not trusted", () => {
    const [row] = rows(known(), { ...OPEN, isTrusted: false });
    assert.deepEqual([row?.description, row?.click], ["No environments", undefined]);
  });

  it("say what helps in a row that does it, and need the person then", () => {
    const [row] = rows(known(anEntry({}, { advice: RECREATE })));
    assert.deepEqual(
      row?.children?.map(({ label, click }) => [label, click]),
      [["Recreate", "recreate"]],
    );
    assert.match(row.children[0]?.description ?? "", /the secret GHCR for ghcr\.io/);
    assert.equal(attentionOf([row]).length, 1);
  });

  it("of a folder that is not trusted offer nothing that needs trust, and need nobody for it", () => {
    const restricted = { ...OPEN, isTrusted: false };
    const failedLogin = delivered({
      outcome: "failed",
      failure: { code: "delivery-failed", message: "No.", facts: {} },
    });
    const shown = rows(
      known(anEntry({}, { advice: RECREATE }), notCreated(RECREATE), anEntry({ id: "b" }, { delivery: failedLogin })),
      restricted,
    );
    assert.deepEqual(
      shown.map((row) => [row.description, row.children?.map(({ click }) => click), row.attention]),
      [
        ["outdated · not logged in yet", undefined, undefined],
        ["creation failed 2 min ago", undefined, undefined],
        ["login failed 2 min ago", ["deliver"], "app: login failed 2 min ago"],
      ],
    );
  });

  it("of other folders lead to their window, and need nobody here", () => {
    const [, row] = rows(known(anEntry({}, { folder: "/home/dev/tool", advice: RECREATE })));
    assert.equal(row?.children?.[0]?.click, "open-folder");
    assert.deepEqual(attentionOf([row]), []);
  });

  it("say why a delivery failed, and deliver again", () => {
    const failure = { code: "delivery-failed" as const, message: "The home cannot be written.", facts: {} };
    const delivery = delivered({ outcome: "failed", failure, attempts: 1 });
    const [row] = rows(known(anEntry({}, { delivery })));
    assert.equal(row?.description, "login failed 2 min ago");
    assert.deepEqual([row.children?.[0]?.click, row.children?.[0]?.description], ["deliver", failure.message]);
  });

  for (const [code, click] of [
    ["engine-missing", "engine-settings"],
    ["engine-unreachable", "refresh"],
  ] as const) {
    it(`${code} is a row with an action, and no emptiness`, () => {
      const [row] = rows({ kind: "failed", failure: new Failure(code, "It is not there.") });
      assert.equal(row?.click, click);
      assert.ok(row.label !== "" && row.description !== "");
    });
  }
});

describe("the suggestion to recreate", () => {
  it("is made for the open folders only, and only where it helps", () => {
    const entries = [
      anEntry({ id: "fine" }),
      anEntry({ id: "outdated" }, { advice: RECREATE }),
      anEntry({ id: "elsewhere" }, { folder: "/home/dev/tool", advice: RECREATE }),
    ];
    assert.deepEqual(
      suggestions(entries, OPEN).map(({ action, name, subject }) => [
        action,
        name,
        subject.kind === "environment" ? subject.containerId : "",
      ]),
      [["recreate", "app", "outdated"]],
    );
  });

  it("is not made where nothing may be created", () => {
    const entries = [anEntry({}, { advice: RECREATE }), notCreated(RECREATE)];
    assert.deepEqual(suggestions(entries, { ...OPEN, isTrusted: false }), []);
    assert.equal(suggestions(entries, OPEN).length, 2);
  });

  it("has the same key for the same reason, and another one for another", () => {
    const other: Advice = { kind: "recreate", reasons: [{ kind: "permission-changed", host: "ghcr.io" }] };
    const keyOf = (advice: Advice) => suggestions([anEntry({}, { advice })], OPEN)[0]?.key;
    assert.equal(keyOf(RECREATE), keyOf({ ...RECREATE }));
    assert.notEqual(keyOf(RECREATE), keyOf(other));
  });

  it("tells why, and what a new environment costs", () => {
    const [first] = suggestions([anEntry({}, { advice: RECREATE })], OPEN);
    assert.ok(first);
    assert.match(whyReport(first), /^# Why app should be recreated\n\n- .*GHCR/);
    assert.match(whyReport(first), /lost with the old container/);
  });
});
