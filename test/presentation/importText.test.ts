import { strict as assert } from "node:assert";
import { Failure } from "../../src/domain/failure";
import { parseRegistryHost } from "../../src/domain/registry/host";
import type { ImportOutcome } from "../../src/domain/secret/importing";
import { importText, loginDetail, shortPath } from "../../src/presentation/importText";
import { aSecret } from "../fakes/samples";

describe("what became of an import", () => {
  const made: ImportOutcome = { kind: "created", secret: aSecret() };
  const failed: ImportOutcome = {
    kind: "failed",
    host: parseRegistryHost("docker.io"),
    failure: new Failure("login-not-found", "docker-credential-pass has no login for docker.io any more."),
  };
  const why =
    "Not Docker Hub: docker-credential-pass has no login for docker.io any more. Log in again, or create a secret with the username and password.";
  const cases: [outcomes: ImportOutcome[], want: string, isTrouble: boolean][] = [
    [[made], "1 secret imported.", false],
    [[made, { ...made, kind: "replaced" }], "2 secrets imported.", false],
    [[failed], why, true],
    [[made, failed], `1 secret imported. ${why}`, true],
    [[failed, failed, failed], `${why} (2 more in the log)`, true],
  ];
  for (const [outcomes, want, isTrouble] of cases) {
    it(want, () => assert.deepEqual(importText(outcomes), { text: want, isTrouble }));
  }
});

describe("a login before it is chosen", () => {
  const quay = { place: "auth.json", key: "quay.io/acme", host: parseRegistryHost("quay.io") };
  it("says what it would change, and how far it reaches", () => {
    assert.equal(loginDetail(quay, undefined), "");
    assert.equal(loginDetail(quay, "QUAY (robot)"), "replaces the username and password of QUAY (robot)");
    assert.equal(
      loginDetail({ ...quay, path: "quay.io/acme" }, "QUAY (robot)"),
      "replaces the username and password of QUAY (robot) · is for quay.io/acme only; the secret will be for all of quay.io",
    );
  });

  const paths: [place: string, home: string, want: string][] = [
    ["/home/dev/.docker/config.json", "/home/dev", "~/.docker/config.json"],
    ["C:\\Users\\dev\\.docker\\config.json", "C:\\Users\\dev", "~/.docker/config.json"],
    ["/home/developer/x", "/home/dev", "/home/developer/x"],
    ["docker-credential-pass", "", "docker-credential-pass"],
    ["docker-credential-of-a-vendor-with-a-long-name", "", "docker-credential-of-a-vendor-with-a-long-name"],
    ["/srv/projects/acme/deployment/secrets/team.env", "/home/dev", "…/deployment/secrets/team.env"],
    ["C:\\work\\projects\\acme\\deployment\\team.env", "C:\\Users\\dev", "…\\acme\\deployment\\team.env"],
    [
      "/srv/a-file-with-a-name-that-is-too-long-by-itself.env",
      "",
      "…/a-file-with-a-name-that-is-too-long-by-itself.env",
    ],
  ];
  for (const [place, home, want] of paths) it(want, () => assert.equal(shortPath(place, home), want));
});
