import { strict as assert } from "node:assert";
import type { Finding } from "../../src/domain/diagnosis/finding";
import { FakeWorld, FOLDER } from "../fakes/cliPorts";

const DENIED = 'Error response from daemon: Head "https://ghcr.io/v2/acme/app/manifests/1": denied: denied\n';

describe("registry-secrets explain", () => {
  let here: FakeWorld;
  beforeEach(() => (here = new FakeWorld()));

  it("standard input, for a person", async () => {
    here.texts["-"] = DENIED;
    assert.equal(await here.run("explain"), 1);
    assert.deepEqual(here.out, [
      "✗ ghcr.io/acme/app:1  [wrong-credential]",
      "    ghcr.io refuses the credential that was used: the username or password is wrong, expired or revoked.",
      "    → Edit the secret for ghcr.io.",
      "    or Log out of it: docker logout ghcr.io",
      '    · line 1 → Error response from daemon: Head "https://ghcr.io/v2/acme/app/manifests/1": denied: denied',
    ]);
  });

  it("- is standard input", async () => {
    here.texts["-"] = DENIED;
    assert.equal(await here.run("explain", "-"), 1);
  });

  it("a file, as JSON", async () => {
    here.texts[`${FOLDER}/build.log`] = DENIED;
    assert.equal(await here.run("explain", "build.log", "--json"), 1);
    const { findings } = here.json() as { findings: Finding[] };
    assert.deepEqual(
      findings.map(({ code, registry, image, place }) => ({ code, registry, image, place })),
      [
        {
          code: "wrong-credential",
          registry: "ghcr.io",
          image: "ghcr.io/acme/app:1",
          place: { file: `${FOLDER}/build.log`, role: "text" },
        },
      ],
    );
  });

  it("a likely cause says so", async () => {
    here.texts["-"] = "Error response from daemon: denied\n";
    assert.equal(await here.run("explain"), 1);
    assert.equal(here.out[0], "✗ [no-right-on-repository] (likely)");
  });

  it("a text without a failure ends with 0", async () => {
    here.texts["-"] = "Successfully compiled\n";
    assert.equal(await here.run("explain"), 0);
    assert.deepEqual(here.out, ["The text tells of no failed pull."]);
    here.out.length = 0;
    assert.equal(await here.run("explain", "--json"), 0);
    assert.deepEqual(here.json(), { findings: [] });
  });

  it("a value of this run is not repeated", async () => {
    here.env = {
      A_CONTAINER_REGISTRY_SERVER: "ghcr.io",
      A_CONTAINER_REGISTRY_USER: "octocat",
      A_CONTAINER_REGISTRY_PASSWORD: "kT9-canary",
    };
    here.texts["-"] = "docker login -p kT9-canary ghcr.io; Error response from daemon: denied: denied kT9-canary\n";
    assert.equal(await here.run("explain"), 1);
    assert.ok(![...here.out, ...here.err].join("\n").includes("kT9-canary"));
  });

  const wrong: [argv: string[], words: RegExp][] = [
    [["explain", "nowhere.log"], /no file/],
    [["explain", "a", "b"], /One file at a time/],
    [["explain", "--watch"], /"explain" has no option --watch/],
  ];
  for (const [argv, words] of wrong) {
    it(`${argv.join(" ")} is wrong use`, async () => {
      assert.equal(await here.run(...argv), 2);
      assert.match(here.err.join("\n"), words);
    });
  }
});
