import { strict as assert } from "node:assert";
import { secretGroups, type GroupRow } from "../../src/presentation/secretRows";
import { aSecret } from "../fakes/samples";

const NOW = Date.UTC(2026, 0, 2);
const PROJECT = { name: "app", key: "github.com/acme/app" };
const OTHER = { name: "tool", key: "folder:/home/dev/tool" };

function shape(groups: readonly GroupRow[]): string[] {
  return groups.flatMap(({ label, description, rows }) => [
    `${label} ${description}`.trim(),
    ...rows.map((row) => `  ${row.label}: ${row.description}`),
  ]);
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
      "two for one host in one scope: the older says so",
      [mine, aSecret({ id: "n", name: "NEW", updatedAt: 9e9 })],
      [],
      ["User", "  MINE: ghcr.io · octocat · overridden by NEW", "  NEW: ghcr.io · octocat"],
    ],
  ];
  for (const [what, secrets, projects, want] of cases) {
    it(what, () => assert.deepEqual(shape(secretGroups(secrets, projects, NOW)), want));
  }

  it("show no password anywhere", () => {
    const groups = secretGroups([mine, ours, ecr], [PROJECT], NOW);
    assert.ok(!JSON.stringify(groups).includes("s3cret"));
    for (const { rows } of groups)
      for (const row of rows) assert.doesNotMatch(JSON.stringify(row), /undefined|\[object|redacted/);
  });

  it("have ids of their own, also of the groups", () => {
    const ids = secretGroups([mine, ours, theirs], [PROJECT, OTHER], NOW).flatMap(({ id, rows }) => [
      id,
      ...rows.map((row) => row.id),
    ]);
    assert.equal(new Set(ids).size, ids.length);
  });

  it("say the times in the tooltip, and which secret is used instead", () => {
    const [group] = secretGroups([ours, mine], [PROJECT], NOW);
    const tooltip = group?.rows[0]?.tooltip ?? "";
    assert.match(tooltip, /Updated \| 1970-01-01 00:00 UTC/);
    assert.match(tooltip, /The user secret MINE is used/);
  });

  it("keep foreign text in its cell of the tooltip", () => {
    const evil = aSecret({ username: "a|b\n\n# x <img> [y](command:z) `c`" });
    const lines = secretGroups([evil], [], NOW)[0]?.rows[0]?.tooltip.split("\n") ?? [];
    assert.equal(lines.length, 8);
    const row = lines.find((line) => line.startsWith("| Username"));
    assert.equal(row, "| Username | a\\|b # x \\<img\\> \\[y\\](command:z) \\`c\\` |");
  });
});
