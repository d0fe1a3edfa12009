import { strict as assert } from "node:assert";
import { isKnownPublic } from "../../../src/domain/image/knownPublic";
import { parseImageReference } from "../../../src/domain/image/reference";

describe("images that everybody may pull", () => {
  const cases: [image: string, known: boolean][] = [
    ["debian", true],
    ["docker.io/library/debian:12", true],
    ["acme/app", false],
    ["library.example.com/library/debian", false],
    ["mcr.microsoft.com/devcontainers/base:bookworm", true],
    ["mcr.microsoft.com.example.com/devcontainers/base", false],
    ["public.ecr.aws/docker/library/debian", true],
    ["registry.k8s.io/pause:3.9", true],
    ["ghcr.io/devcontainers/features/node:1", true],
    ["ghcr.io/devcontainers-acme/app", false],
  ];
  for (const [image, known] of cases) {
    it(`${image}: ${known ? "public" : "not known"}`, () => {
      assert.equal(isKnownPublic(parseImageReference(image)), known);
    });
  }
});
