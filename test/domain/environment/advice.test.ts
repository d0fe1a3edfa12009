import { strict as assert } from "node:assert";
import { adviceFor, type AdviceReason } from "../../../src/domain/environment/advice";
import type { CreationRecord, NamedImages } from "../../../src/domain/environment/creationRecord";
import { effectiveSecrets } from "../../../src/domain/secret/effective";
import type { RegistrySecret } from "../../../src/domain/secret/secret";
import { aSecret } from "../../fakes/samples";

const IMAGE = "ghcr.io/acme/app:1";
const OTHER_IMAGE = "registry.example.com/acme/app:1";
const HUB = "https://index.docker.io/v1/";
const ECR = "123456789012.dkr.ecr.eu-central-1.amazonaws.com";
const AT = 5_000;

/** An environment that was created at 5,000 from ghcr.io with the user's secret for it, changed as told. */
function created(change: Partial<CreationRecord> = {}): CreationRecord {
  return {
    folder: "/home/dev/app",
    configFile: "/home/dev/app/.devcontainer.json",
    at: AT,
    outcome: "created",
    containerId: "c0ffee",
    references: [IMAGE],
    secrets: [{ host: "ghcr.io", id: "id-1", kind: "password", updatedAt: 1_000 }],
    ...change,
  };
}
const without = { secrets: [] };
const failed = { outcome: "failed" } as const;
const native = (updatedAt: number) => ({
  references: [`${ECR}/app:1`],
  secrets: [{ host: ECR, id: "id-1", kind: "runner-native" as const, updatedAt }],
});
const images = (...references: string[]): NamedImages => ({ references, incomplete: false });
const newSecret = (change: Parameters<typeof aSecret>[0] = {}) =>
  aSecret({ id: "id-new", createdAt: AT + 1, updatedAt: AT + 1, ...change });
const isNew = (host: string, secret = "GHCR"): AdviceReason => ({ kind: "secret-created", host, secret });

/** semantics.md, "What an event means for an environment": the column of the pull. */
const TABLE: [
  event: string,
  creation: CreationRecord | undefined,
  secrets: RegistrySecret[],
  now: NamedImages | undefined,
  reasons: AdviceReason[],
][] = [
  ["nothing happened", created(), [aSecret()], images(IMAGE), []],

  ["a value was rotated", created(), [aSecret({ updatedAt: AT + 1 })], images(IMAGE), []],
  [
    "a value was rotated after a creation that failed: the image is not here",
    created(failed),
    [aSecret({ updatedAt: AT + 1 })],
    images(IMAGE),
    [{ kind: "creation-failed", host: "ghcr.io" }],
  ],
  [
    "a creation failed, and another secret counts that was there before, since the one that it used is gone",
    created(failed),
    [aSecret({ id: "id-older", createdAt: 10, updatedAt: 10 })],
    images(IMAGE),
    [{ kind: "creation-failed", host: "ghcr.io" }],
  ],
  [
    "another secret counts that was there before: the image is here",
    created(),
    [aSecret({ id: "id-older", createdAt: 10, updatedAt: 10 })],
    images(IMAGE),
    [],
  ],
  ["a creation failed, and nothing has changed since", created(failed), [aSecret()], images(IMAGE), []],
  [
    "a creation failed, and a value was rotated that it did not use",
    created({ ...failed, secrets: [{ host: "quay.io", id: "id-1", kind: "password", updatedAt: 1_000 }] }),
    [aSecret({ host: "quay.io", updatedAt: AT + 1 })],
    images(IMAGE),
    [],
  ],

  ["a secret came for a used host", created(without), [newSecret()], images(IMAGE), [isNew("ghcr.io")]],
  [
    "a secret came for Docker Hub, whose key is no part of the image's name",
    created({ ...without, references: ["docker.io/acme/app:1"] }),
    [newSecret({ host: "docker.io" })],
    images("docker.io/acme/app:1"),
    [isNew(HUB)],
  ],
  ["a secret came for a host that is not used", created(without), [newSecret({ host: "quay.io" })], images(IMAGE), []],
  [
    "a secret came for a host that is not used, and the creation had failed",
    created({ ...without, ...failed }),
    [newSecret({ host: "quay.io" })],
    images(IMAGE),
    [isNew("quay.io")],
  ],
  ["a secret came in place of a deleted one", created(), [newSecret()], images(IMAGE), [isNew("ghcr.io")]],
  [
    "an older secret counts since another was deleted",
    created(),
    [aSecret({ id: "id-0", createdAt: 500, updatedAt: 500 })],
    images(IMAGE),
    [],
  ],
  [
    "a user's secret came that hides the project's",
    created(),
    [aSecret({ scope: "project", project: "p" }), newSecret({ name: "MINE" })],
    images(IMAGE),
    [isNew("ghcr.io", "MINE")],
  ],
  [
    "a secret came for another project",
    created(without),
    [newSecret({ scope: "project", project: "q" })],
    images(IMAGE),
    [],
  ],
  [
    "a secret was there, and counts only now",
    created(without),
    [aSecret({ scope: "project", project: "p" })],
    images(IMAGE),
    [isNew("ghcr.io")],
  ],

  [
    "another image is named",
    created(),
    [aSecret()],
    images("ghcr.io/acme/app:2"),
    [{ kind: "reference-changed", from: [IMAGE], to: ["ghcr.io/acme/app:2"] }],
  ],
  [
    "an image is named besides",
    created(),
    [aSecret()],
    images(IMAGE, OTHER_IMAGE),
    [{ kind: "reference-changed", from: [], to: [OTHER_IMAGE] }],
  ],
  [
    "the image is on another host, for which a secret came",
    created(),
    [aSecret(), newSecret({ host: "registry.example.com", name: "ACME" })],
    images(OTHER_IMAGE),
    [isNew("registry.example.com", "ACME"), { kind: "reference-changed", from: [IMAGE], to: [OTHER_IMAGE] }],
  ],
  ["the configuration cannot be read now", created(), [aSecret()], undefined, []],
  ["not all names are known now", created(), [aSecret()], { references: [], incomplete: true }, []],
  ["not all names were known then", created({ references: [], incomplete: true }), [aSecret()], images(IMAGE), []],

  ["a secret was deleted", created(), [], images(IMAGE), []],
  ["a secret was deleted after a creation that failed", created(failed), [], images(IMAGE), []],

  [
    "the cloud's own identity answers now",
    created({ references: [`${ECR}/app:1`], secrets: [{ host: ECR, id: "id-1", kind: "password", updatedAt: 1_000 }] }),
    [aSecret({ host: ECR, runnerNative: true, updatedAt: AT + 1 })],
    images(`${ECR}/app:1`),
    [{ kind: "permission-changed", host: ECR }],
  ],
  [
    "what the cloud's own identity may was changed",
    created(native(1_000)),
    [aSecret({ host: ECR, runnerNative: true, updatedAt: AT + 1 })],
    images(`${ECR}/app:1`),
    [{ kind: "permission-changed", host: ECR }],
  ],
  [
    "a password answers in place of the cloud's own identity: delivered, and the image is here",
    created(native(1_000)),
    [aSecret({ host: ECR, updatedAt: AT + 1 })],
    images(`${ECR}/app:1`),
    [],
  ],
  ["nobody noted how it was created", undefined, [newSecret()], images(IMAGE), []],
];

describe("another identity at the cloud than the one that pulled the image", () => {
  const ARN = "arn:aws:sts::123456789012:assumed-role/dev";
  const recorded = (identity?: string) => {
    const [secret] = native(1_000).secrets;
    const more = identity === undefined ? {} : { identity };
    return created({ ...native(1_000), secrets: secret ? [{ ...secret, ...more }] : [] });
  };
  const changed: AdviceReason[] = [{ kind: "permission-changed", host: ECR }];
  const cases: [what: string, then: string | undefined, now: string | undefined, reasons: AdviceReason[]][] = [
    ["the same one", ARN, ARN, []],
    ["another one", ARN, `${ARN}-2`, changed],
    ["one that was not noted then", undefined, ARN, []],
    ["nobody answers now, or nobody was asked", ARN, undefined, []],
  ];
  for (const [what, then, now, reasons] of cases) {
    it(`${what}: ${reasons.length === 0 ? "nothing" : "recreate"}`, () => {
      const secrets = effectiveSecrets([aSecret({ host: ECR, runnerNative: true })], "p");
      const identities = new Map(now === undefined ? [] : [[ECR, now]]);
      const advice = adviceFor(recorded(then), { secrets, images: images(`${ECR}/app:1`), identities });
      assert.deepEqual(advice, reasons.length === 0 ? { kind: "nothing" } : { kind: "recreate", reasons });
    });
  }
});

describe("what changes mean for an environment's own image", () => {
  for (const [event, creation, secrets, now, reasons] of TABLE) {
    it(`${event}: ${reasons.length === 0 ? "nothing" : "recreate"}`, () => {
      const advice = adviceFor(creation, { secrets: effectiveSecrets(secrets, "p"), images: now });
      assert.deepEqual(advice, reasons.length === 0 ? { kind: "nothing" } : { kind: "recreate", reasons });
    });
  }
});
