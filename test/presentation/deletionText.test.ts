import { strict as assert } from "node:assert";
import { deletionText, type Dependents } from "../../src/presentation/deletionText";
import type { RegistrySecret } from "../../src/domain/secret/secret";
import { aSecret } from "../fakes/samples";

describe("what is said before a deletion", () => {
  const nothing: Dependents = { environments: [], images: [] };
  const cases: [what: string, dependents: Dependents, want: string, secret?: RegistrySecret][] = [
    [
      "nothing is known to depend on it",
      nothing,
      "Running environments are logged out of ghcr.io.\nNew environments can no longer pull private images from it.",
    ],
    [
      "environments and images depend on it",
      { environments: ["app", "web"], images: ["ghcr.io/acme/app:1"] },
      "Running environments are logged out of ghcr.io: app, web.\n" +
        "New environments can no longer pull private images from it, such as ghcr.io/acme/app:1.",
    ],
    [
      "many depend on it",
      { environments: ["a", "b", "c", "d", "e", "f", "g"], images: [] },
      "Running environments are logged out of ghcr.io: a, b, c, d, e and 2 more.\n" +
        "New environments can no longer pull private images from it.",
    ],
    [
      "the project's secret takes its place",
      { ...nothing, successors: [aSecret({ name: "TEAM", scope: "project", project: "p" })] },
      "The project secret TEAM is used for ghcr.io then.",
    ],
    [
      "the project's secret takes its place, but not in another project",
      {
        environments: ["web"],
        images: ["ghcr.io/acme/web:1"],
        successors: [aSecret({ name: "TEAM", scope: "project", project: "p" })],
      },
      "The project secret TEAM is used for ghcr.io then.\nRunning environments are logged out of ghcr.io: web.\n" +
        "New environments can no longer pull private images from it, such as ghcr.io/acme/web:1.",
    ],
    [
      "each project's own takes its place",
      { ...nothing, successors: ["API", "WEB"].map((name) => aSecret({ name, scope: "project", project: name })) },
      "The project secret API is used for ghcr.io then.\nThe project secret WEB is used for ghcr.io then.",
    ],
    [
      "a user secret takes its place",
      { ...nothing, successors: [aSecret({ name: "MINE" })] },
      "The user secret MINE is used for ghcr.io then.",
    ],
    [
      "a user secret counts already",
      { ...nothing, successors: [aSecret({ name: "MINE" })], isOverridden: true },
      "The user secret MINE is used for ghcr.io already: nothing changes here.",
    ],
    [
      "it is a project's, and other projects may have one of its name",
      { ...nothing, successors: [aSecret({ name: "MINE" })] },
      "Project: git.example.com/shop/api\nThe user secret MINE is used for ghcr.io then.",
      aSecret({ scope: "project", project: "git.example.com/shop/api" }),
    ],
  ];
  for (const [what, dependents, want, secret = aSecret()] of cases) {
    it(what, () => assert.equal(deletionText(secret, dependents), want));
  }
});
