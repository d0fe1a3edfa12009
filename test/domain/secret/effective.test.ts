import { strict as assert } from "node:assert";
import fc from "fast-check";
import { effectiveSecrets, isOnlyOne, successorsOf } from "../../../src/domain/secret/effective";
import type { RegistrySecret } from "../../../src/domain/secret/secret";
import { aSecret } from "../../fakes/samples";

/** `id` of the winner, then those of the shadowed ones. */
function idsFor(host: string, secrets: readonly RegistrySecret[], project: string | undefined): string {
  const found = effectiveSecrets(secrets, project).get(host);
  return found === undefined ? "" : [found.secret, ...found.shadowed].map(({ id }) => id).join(" ");
}

describe("the effective secret of a host", () => {
  const user = aSecret({ id: "user" });
  const one = aSecret({ id: "one", scope: "project", project: "one", updatedAt: 9_000 });
  const two = aSecret({ id: "two", scope: "project", project: "two" });
  const organization = aSecret({ id: "org", scope: "organization", updatedAt: 99_000 });
  const newer = aSecret({ id: "newer", updatedAt: 2_000 });
  const lost = aSecret({ id: "lost", scope: "project" });

  const cases: [what: string, secrets: RegistrySecret[], project: string | undefined, want: string][] = [
    ["the only one", [user], "one", "user"],
    ["user beats project", [one, user], "one", "user one"],
    ["user beats a newer organization secret", [organization, user], "one", "user org"],
    ["project beats organization", [organization, one], "one", "one org"],
    ["all three", [organization, one, user], "one", "user one org"],
    ["that of another project counts for nothing", [two], "one", ""],
    ["outside any project those of projects count for nothing", [one, organization], undefined, "org"],
    ["the newest in a scope", [user, newer], "one", "newer user"],
    ["a project secret without a project belongs to none", [lost], "one", ""],
  ];
  for (const [what, secrets, project, want] of cases) {
    it(what, () => assert.equal(idsFor("ghcr.io", secrets, project), want));
  }

  it("has a successor in each project that has another secret for the host", () => {
    const all = [user, one, two, aSecret({ id: "other", host: "quay.io" })];
    const ids = (projects: readonly (string | undefined)[]) => successorsOf(user, all, projects).map(({ id }) => id);
    assert.deepEqual(ids(["one", "two", "one", "three", undefined]), ["one", "two"]);
    assert.deepEqual(ids(["three"]), []);
  });

  it("is the only one where no other would count without it", () => {
    const among = (secret: RegistrySecret, secrets: RegistrySecret[], project: string) =>
      isOnlyOne(secret, secrets, project);
    assert.equal(among(user, [user, one], "two"), true);
    assert.equal(among(user, [user, one], "one"), false);
    assert.equal(among(one, [user, one], "one"), false);
    assert.equal(among(one, [one], "two"), false);
  });

  it("is found by Docker's key, whatever the spelling was", () => {
    assert.equal(
      idsFor("https://index.docker.io/v1/", [aSecret({ id: "hub", host: "hub.docker.com" })], undefined),
      "hub",
    );
  });

  it("never depends on the order in which a store lists its secrets", () => {
    const secret = fc.record({
      scope: fc.constantFrom("user" as const, "project" as const, "organization" as const),
      project: fc.constantFrom("one", "two"),
      host: fc.constantFrom("ghcr.io", "quay.io", "docker.io"),
      updatedAt: fc.integer({ min: 0, max: 2 }),
    });
    const lists = fc
      .array(secret, { maxLength: 8 })
      .map((parts) => parts.map((part, index) => aSecret({ ...part, id: `id-${index}` })))
      .chain((secrets) =>
        fc.tuple(
          fc.constant(secrets),
          fc.shuffledSubarray(secrets, { minLength: secrets.length, maxLength: secrets.length }),
        ),
      );
    fc.assert(
      fc.property(lists, ([secrets, shuffled]) => {
        const listed = effectiveSecrets(secrets, "one");
        const again = effectiveSecrets(shuffled, "one");
        assert.deepEqual(new Set(listed.keys()), new Set(again.keys()));
        for (const [host, effective] of listed) assert.deepEqual(again.get(host), effective);
        // and no secret is lost or counted twice
        const counted = [...listed.values()].flatMap(({ secret, shadowed }) => [secret, ...shadowed]);
        const concerned = secrets.filter(({ scope, project }) => scope !== "project" || project === "one");
        assert.deepEqual(counted.map(({ id }) => id).sort(), concerned.map(({ id }) => id).sort());
      }),
    );
  });

  it("does not change the list that it was given", () => {
    const secrets = Object.freeze([organization, one, user]);
    effectiveSecrets(secrets, "one");
    assert.deepEqual(
      secrets.map(({ id }) => id),
      ["org", "one", "user"],
    );
  });
});
