import { strict as assert } from "node:assert";
import { tooltipMarkdown } from "../../src/presentation/markdown";
import { secretGroups } from "../../src/presentation/secretRows";
import type { ViewRow } from "../../src/presentation/viewRows";
import { aSecret } from "../fakes/samples";

const NOW = Date.UTC(2026, 0, 2);
const PROJECT = { name: "app", key: "github.com/acme/app" };
const OTHER = { name: "tool", key: "folder:/home/dev/tool" };

function shape(groups: readonly ViewRow[]): string[] {
  return groups.flatMap((group) => [
    `${group.label} ${group.description ?? ""}`.trim(),
    ...secretsIn(group).map((row) => `  ${row.label}: ${String(row.description)}`),
  ]);
}

function secretsIn({ children = [] }: ViewRow): ViewRow[] {
  return children.filter(({ subject }) => subject.kind === "secret");
}

describe("the rows of the view", () => {
  const mine = aSecret({ id: "m", name: "MINE" });
  const ours = aSecret({ id: "o", name: "OURS", scope: "project", project: PROJECT.key, username: "bot" });
  const theirs = aSecret({ id: "t", name: "THEIRS", scope: "project", project: OTHER.key, host: "quay.io" });
  const hub = aSecret({ id: "h", name: "HUB", host: "docker.io" });
  const ecr = aSecret({
    id: "e",
    name: "ECR",
    host: "123456789012.dkr.ecr.eu-west-1.amazonaws.com",
    runnerNative: true,
  });

  const cases: [what: string, secrets: (typeof mine)[], projects: (typeof PROJECT)[], want: string[]][] = [
    ["no folder open", [mine, ours], [], ["User", "  MINE: ghcr.io · octocat"]],
    ["no secrets", [], [PROJECT], ["Project app", "User"]],
    [
      "one beaten by another",
      [ours, mine],
      [PROJECT],
      ["Project app", "  OURS: ghcr.io · bot · overridden by MINE", "User", "  MINE: ghcr.io · octocat"],
    ],
    [
      "a group for each project",
      [ours, theirs],
      [PROJECT, OTHER],
      ["Project app", "  OURS: ghcr.io · bot", "Project tool", "  THEIRS: quay.io · octocat", "User"],
    ],
    ["those of other projects are not shown", [theirs], [PROJECT], ["Project app", "User"]],
    ["Docker Hub by its name", [hub], [], ["User", "  HUB: Docker Hub · octocat"]],
    ["runner-native", [ecr], [], ["User", "  ECR: 123456789012.dkr.ecr.eu-west-1.amazonaws.com · runner-native"]],
    [
      "those of the organization, where the store has any",
      [aSecret({ id: "g", name: "ACME", scope: "organization" }), mine],
      [],
      ["User", "  MINE: ghcr.io · octocat", "Organization", "  ACME: ghcr.io · octocat · overridden by MINE"],
    ],
    [
      "two for one host in one scope: the older says so",
      [mine, aSecret({ id: "n", name: "NEW", updatedAt: 9e9 })],
      [],
      ["User", "  MINE: ghcr.io · octocat · overridden by NEW", "  NEW: ghcr.io · octocat"],
    ],
  ];
  for (const [what, secrets, projects, want] of cases) {
    it(what, () => assert.deepEqual(shape(secretGroups(secrets, projects, NOW)), want));
  }

  it("an empty group says so, and starts the form in its scope", () => {
    const [project, user] = secretGroups([], [PROJECT], NOW);
    const [first] = project?.children ?? [];
    assert.deepEqual([first?.description, first?.click], ["No project secrets", "new-secret"]);
    assert.deepEqual(first?.subject, { kind: "secrets", scope: "project", project: PROJECT.key });
    assert.equal(user?.children?.[0]?.accessibilityLabel, "No user secrets");
  });

  it("one that devcontainer.json declares is asked for until there is one of its name", () => {
    const declared = new Map([[PROJECT.key, [{ prefix: "BASE", description: "For [base]" }, { prefix: "BASE" }]]]);
    const asked = (secrets: (typeof mine)[]) =>
      secretGroups(secrets, [PROJECT, OTHER], NOW, declared).map(({ children = [] }) =>
        children.filter(({ context }) => context === "declared"),
      );
    const [[row, ...more] = [], ...others] = asked([theirs]);
    assert.deepEqual(
      [row?.label, row?.description, row?.click],
      ["BASE", "asked for by devcontainer.json", "new-secret"],
    );
    assert.deepEqual(row?.subject, { kind: "secrets", scope: "project", project: PROJECT.key, name: "BASE" });
    assert.deepEqual([more, ...others], [[], [], []]);
    const elsewhere = aSecret({ id: "x", name: "BASE", scope: "project", project: OTHER.key });
    assert.equal(asked([elsewhere])[0]?.length, 1);
    for (const given of [
      aSecret({ id: "u", name: "base" }),
      aSecret({ id: "p", name: "BASE", scope: "project", project: PROJECT.key }),
    ])
      assert.deepEqual(asked([given]), [[], [], []]);
  });

  for (const [prefix, name] of [
    ["GH", "GH_REGISTRY"],
    ["GITHUB_PKG", "GITHUB_PKG"],
    ["1A2", "1A2"],
  ] as const) {
    it(`${prefix}, which devcontainer.json declares, is the secret ${name}`, () => {
      const declared = new Map([[PROJECT.key, [{ prefix }]]]);
      const rows = (secrets: (typeof mine)[]) =>
        (secretGroups(secrets, [PROJECT], NOW, declared)[0]?.children ?? []).filter(
          ({ context }) => context === "declared",
        );
      const subject = rows([])[0]?.subject;
      assert.ok(subject?.kind === "secrets" && subject.name === name);
      assert.deepEqual(rows([aSecret({ name })]), []);
    });
  }

  it("those of the organization cannot be edited", () => {
    const groups = secretGroups([aSecret({ scope: "organization" })], [], NOW);
    assert.deepEqual(
      groups.flatMap(secretsIn).map(({ context }) => context),
      ["secret;organization"],
    );
    assert.equal(groups.at(-1)?.context, "group;organization");
  });

  it("are closed from a hundred and one in a group on, which says how many they are, those that have expired first", () => {
    const part = (claims: object) => Buffer.from(JSON.stringify(claims)).toString("base64url");
    const expired = `${part({ alg: "RS256" })}.${part({ exp: NOW / 1000 - 60 })}.c2lnbmVk`;
    const many = (count: number) =>
      Array.from({ length: count }, (_, index) =>
        aSecret({
          id: `${index}`,
          name: `N${index}`,
          host: `registry${index}.example.com`,
          ...(index === 50 ? { password: expired } : {}),
        }),
      );
    const [hundred] = secretGroups(many(100), [], NOW);
    assert.deepEqual([hundred?.isOpen, hundred?.description, hundred?.children?.[0]?.label], [true, undefined, "N0"]);
    const [more] = secretGroups(many(101), [], NOW);
    assert.deepEqual([more?.isOpen, more?.description], [false, "101 secrets"]);
    assert.deepEqual(
      more?.children?.slice(0, 3).map(({ label }) => label),
      ["N50", "N0", "N1"],
    );
  });

  it("show no password anywhere", () => {
    const groups = secretGroups([mine, ours, ecr], [PROJECT], NOW);
    assert.ok(!JSON.stringify(groups).includes("s3cret"));
    for (const group of groups)
      for (const row of secretsIn(group)) assert.doesNotMatch(JSON.stringify(row), /undefined|\[object|redacted/);
  });

  it("have ids of their own, also of the groups", () => {
    const ids = secretGroups([mine, ours, theirs], [PROJECT, OTHER], NOW).flatMap(({ id, children = [] }) => [
      id,
      ...children.map((row) => row.id),
    ]);
    assert.equal(new Set(ids).size, ids.length);
  });

  it("say the times in the tooltip, and which secret is used instead", () => {
    const [group] = secretGroups([ours, mine], [PROJECT], NOW);
    const tooltip = tooltipMarkdown(group?.children?.[0]?.tooltip ?? "");
    assert.match(tooltip, /Updated \| 1970-01-01 00:00 UTC/);
    assert.match(tooltip, /The user secret MINE is used/);
  });

  it("keep foreign text in its cell of the tooltip", () => {
    const evil = aSecret({ username: "a|b\n\n# x <img> [y](command:z) `c`" });
    const lines = tooltipMarkdown(secretGroups([evil], [], NOW)[0]?.children?.[0]?.tooltip ?? "").split("\n");
    assert.equal(lines.length, 8);
    const row = lines.find((line) => line.startsWith("| Username"));
    assert.equal(row, "| Username | a\\|b # x \\<img\\> \\[y\\](command:z) \\`c\\` |");
  });
});
