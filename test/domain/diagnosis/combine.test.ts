import { strict as assert } from "node:assert";
import { combineFindings, isAbout } from "../../../src/domain/diagnosis/combine";
import type { Finding } from "../../../src/domain/diagnosis/finding";
import { aFinding } from "../../fakes/samples";

describe("what a text tells and what the registries answer", () => {
  const told = (change: Partial<Finding> = {}) =>
    aFinding({ code: "no-credential", confidence: "likely", image: "ghcr.io/acme/app", ...change });
  const cases: [name: string, told: Finding, probed: Finding, codes: string[]][] = [
    [
      "one finding where both agree",
      told(),
      aFinding({ code: "no-credential", confidence: "likely" }),
      ["no-credential"],
    ],
    ["the probe where it is certain", told(), aFinding({ code: "wrong-credential" }), ["wrong-credential"]],
    [
      "both where neither is certain",
      told(),
      aFinding({ code: "unknown", confidence: "likely" }),
      ["unknown", "no-credential"],
    ],
    ["both where the image can be pulled now", told(), aFinding(), ["fine", "no-credential"]],
    [
      "both for two images",
      told({ image: "quay.io/a/b" }),
      aFinding({ code: "wrong-credential" }),
      ["wrong-credential", "no-credential"],
    ],
  ];
  for (const [name, text, probe, codes] of cases) {
    it(name, () =>
      assert.deepEqual(
        combineFindings([text], [probe]).map(({ code }) => code),
        codes,
      ),
    );
  }

  it("know an image by its whole name where the file has variables", () => {
    const written = aFinding({ code: "wrong-credential", image: "ghcr.io/${ORG}/app:1" });
    const probe = { ...written, resolved: "ghcr.io/acme/app:1" };
    assert.deepEqual(combineFindings([told()], [probe]), [probe]);
    assert.equal(combineFindings([told()], [written]).length, 2);
  });
});

describe("a finding of a text is about an image", () => {
  const cases: [finding: Partial<Finding>, image: string, about: boolean][] = [
    [{ image: "ghcr.io/acme/app" }, "ghcr.io/acme/app:1", true],
    [{ image: "ghcr.io/acme/app:1" }, "ghcr.io/acme/app:1", true],
    [{ image: "ghcr.io/acme/app:2" }, "ghcr.io/acme/app:1", false],
    [{ image: "debian" }, "docker.io/library/debian:12", true],
    [{ image: "", registry: "ghcr.io" }, "ghcr.io/acme/app:1", true],
    [{ image: "", registry: "quay.io" }, "ghcr.io/acme/app:1", false],
    [{ image: "", registry: "" }, "ghcr.io/acme/app:1", false],
    [{ image: "Not An Image" }, "Not An Image", true],
  ];
  for (const [finding, image, about] of cases) {
    it(`${finding.image || finding.registry || "nothing"} · ${image}: ${about ? "yes" : "no"}`, () => {
      assert.equal(isAbout(aFinding(finding), image), about);
    });
  }
});
