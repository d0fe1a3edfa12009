import { strict as assert } from "node:assert";
import fc from "fast-check";
import { Failure } from "../../../src/domain/failure";
import {
  familiarName,
  formatReference,
  parseImageReference,
  withDefaultTag,
  type ImageReference,
} from "../../../src/domain/image/reference";
import { fixtureRows, judge, orFailure, type Row } from "../../fixtures/vectors/judge";

type ReferenceRow = Row & {
  in: string;
  docker?: {
    error?: string;
    domain: string;
    repository: string;
    tag: string | null;
    digest: string | null;
    familiar: string;
    full: string;
  };
};

describe("image reference", () => {
  const wrong: [text: string, message: RegExp][] = [
    ["", /empty/],
    ["https://ghcr.io/acme/app", /is a URL/],
    ["ghcr.io/Acme/app", /"Acme\/app".*lower case/],
    ["ghcr.io/acme/app:", /"" in .* is not a tag/],
    ["ghcr.io/acme/app:a b", /space/],
    ["ghcr.io/acme//app", /empty part/],
    ["ghcr.io/acme/-app", /"-app" in its path/],
    ["ghcr.io/acme/app@sha256:abc", /is not a digest/],
    ["a_b.example.com/app", /"a_b.example.com".*not the host/],
    ["a".repeat(64), /image id/],
    ["a/".repeat(5000), /far too long/],
  ];
  for (const [text, message] of wrong) {
    it(`refuses ${JSON.stringify(text.slice(0, 40))} and says why`, () => {
      assert.throws(
        () => parseImageReference(text),
        (error) => error instanceof Failure && error.code === "invalid-image-reference" && message.test(error.message),
      );
    });
  }

  it("does not repeat the password of a URL", () => {
    assert.throws(
      () => parseImageReference("https://user:hunter2@ghcr.io/acme/app"),
      (error) => error instanceof Failure && !(error.message + JSON.stringify(error.facts)).includes("hunter2"),
    );
  });

  it("adds the default tag only where neither tag nor digest is given", () => {
    const digest = `sha256:${"a".repeat(64)}`;
    const full = ["debian", "debian:12", `debian@${digest}`].map((text) =>
      familiarName(withDefaultTag(parseImageReference(text))),
    );
    assert.deepEqual(full, ["debian:latest", "debian:12", `debian@${digest}`]);
  });

  it("a reference survives being written and read, in both forms", () => {
    const component = fc.stringMatching(/^[a-z0-9]{1,5}([._-][a-z0-9]{1,3})?$/);
    const reference: fc.Arbitrary<ImageReference> = fc
      .record({
        registry: fc.constantFrom("docker.io", "ghcr.io", "localhost", "localhost:5000", "[2001:db8::1]:5000", "Foo"),
        path: fc.array(component, { minLength: 1, maxLength: 4 }),
        tag: fc.option(fc.stringMatching(/^\w[\w.-]{0,20}$/), { nil: undefined }),
        digest: fc.option(fc.stringMatching(/^[a-f0-9]{64}$/), { nil: undefined }),
      })
      .map(({ registry, path, tag, digest }) => ({
        registry,
        repository: registry === "docker.io" && path.length === 1 ? `library/${path.join("/")}` : path.join("/"),
        ...(tag === undefined ? {} : { tag }),
        ...(digest === undefined ? {} : { digest: `sha256:${digest}` }),
      }));
    fc.assert(
      fc.property(reference, (expected) => {
        assert.deepEqual(parseImageReference(formatReference(expected)), expected);
        assert.deepEqual(parseImageReference(familiarName(expected)), expected);
      }),
      { numRuns: 500 },
    );
  });

  it("any text is a reference or a Failure, and what is read is written the same", () => {
    const hostile = fc.string({
      unit: fc.constantFrom("a", "A", "/", ":", "@", ".", "-", "_", "[", "]", "0"),
      maxLength: 40,
    });
    fc.assert(
      fc.property(fc.oneof(fc.string(), hostile), (text) => {
        const reference = orFailure(() => parseImageReference(text), "invalid-image-reference");
        if (reference !== undefined) assert.deepEqual(parseImageReference(formatReference(reference)), reference);
      }),
      { numRuns: 2000 },
    );
  });

  describe("vectors: what docker pull makes of a name", () => {
    judge(
      fixtureRows<ReferenceRow>("image-references").filter((row) => row.docker !== undefined),
      { 72: "the collector's program had no SHA-512; Docker itself has it" },
      ({ in: text, docker }) => {
        const reference = orFailure(() => parseImageReference(text), "invalid-image-reference");
        if (docker?.error !== undefined) {
          assert.equal(reference, undefined);
          return;
        }
        assert.ok(reference !== undefined, "is refused");
        const { registry, repository, tag = null, digest = null } = reference;
        const { familiar, full } = { familiar: familiarName(reference), full: formatReference(reference) };
        assert.deepEqual({ domain: registry, repository, tag, digest, familiar, full }, { ...docker });
      },
    );
  });

  describe("vectors: which images are on Docker Hub", () => {
    type HubRow = Row & { kind?: string; in: { image: string }; want: { dockerHub: boolean } };
    judge(
      fixtureRows<HubRow>("docker-config").filter((row) => row.kind === "is-docker-hub"),
      {},
      ({ in: { image }, want }) => {
        assert.equal(parseImageReference(image).registry === "docker.io", want.dockerHub);
      },
    );
  });
});
