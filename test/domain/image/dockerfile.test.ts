import { strict as assert } from "node:assert";
import fc from "fast-check";
import { Failure } from "../../../src/domain/failure";
import { externalImages, type DockerfileOptions } from "../../../src/domain/image/dockerfile";
import { formatReference, withDefaultTag } from "../../../src/domain/image/reference";
import { fixtureRows, judge, orFailure, sharedRows, type Differences, type Row } from "../../fixtures/vectors/judge";

interface Outcome {
  pulled?: string[];
  syntaxImage?: string | null;
  error?: string;
}
type DockerfileRow = Row & {
  kind: string;
  in: { dockerfile: string; target?: string; buildArgs?: Record<string, string> };
  want: Outcome;
  buildkit?: Outcome;
};

/** What a build would pull, as the vectors write it; undefined where it would not get that far. */
function pulled(text: string, options: DockerfileOptions = {}): string[] | undefined {
  const images = orFailure(() => externalImages(text, options), "invalid-dockerfile")?.filter(
    (image) => image.kind !== "syntax",
  );
  if (images === undefined || images.some((image) => image.reference === undefined)) return undefined;
  return [
    ...new Set(images.flatMap(({ reference }) => (reference ? [formatReference(withDefaultTag(reference))] : []))),
  ];
}

function check({ in: { dockerfile, target, buildArgs }, kind, want, buildkit }: DockerfileRow): void {
  const expected = kind === "buildkit run" ? want : (buildkit ?? want);
  const options = { ...(target === undefined ? {} : { target }), ...(buildArgs === undefined ? {} : { buildArgs }) };
  assert.deepEqual(pulled(dockerfile, options), expected.error === undefined ? expected.pulled : undefined);
  if (expected.error !== undefined) return;
  const syntax = externalImages(dockerfile, options).find((image) => image.kind === "syntax");
  assert.equal(syntax?.text ?? null, expected.syntaxImage ?? null);
}

const NOT_ABOUT_IMAGES = "a mistake in another instruction is not the business of a reader of images";
const DIFFERENCES: Differences = {
  80: NOT_ABOUT_IMAGES,
  102: "the collector's BuildKit crashed; the images are clear",
  125: NOT_ABOUT_IMAGES,
  131: NOT_ABOUT_IMAGES,
  139: NOT_ABOUT_IMAGES,
  140: NOT_ABOUT_IMAGES,
  141: NOT_ABOUT_IMAGES,
  150: NOT_ABOUT_IMAGES,
};

describe("Dockerfile", () => {
  const HUB = "docker.io/library/";
  const cases: [name: string, text: string, options: DockerfileOptions, expected: string[] | undefined][] = [
    ["an index as target", "FROM a\nFROM b\nFROM c", { target: "1" }, ["b"]],
    ["a target in another case", "FROM a AS One\nFROM b", { target: "ONE" }, ["a"]],
    ["an unknown target", "FROM a", { target: "nope" }, undefined],
    [
      "COPY --from an image and a later stage",
      "FROM a\nCOPY --from=c / /\nCOPY --from=later / /\nFROM b AS later\nFROM a",
      { target: "0" },
      ["a", "c", "b"],
    ],
    ["COPY --from an index", "FROM a\nFROM b\nFROM c\nCOPY --from=0 / /", {}, ["a", "c"]],
    ["COPY --from an index that is none", "FROM a\nCOPY --from=7 / /", {}, undefined],
    ["COPY --from with a variable, which BuildKit refuses", "ARG X=b\nFROM a\nCOPY --from=$X / /", {}, undefined],
    ["COPY --from in quotes", 'FROM a\nCOPY --from="b" / /', {}, ["a", "b"]],
    [
      "RUN --mount from an image",
      "FROM a\nRUN --mount=type=bind,from=b,target=/b --mount=type=cache,target=/c true",
      {},
      ["a", "b"],
    ],
    ["a stage that hides an image of that name", "FROM a AS b\nFROM b", {}, ["a"]],
    ["a circle of stages", "FROM a AS one\nCOPY --from=two / /\nFROM b AS two\nCOPY --from=one / /", {}, undefined],
    ["ONBUILD", "FROM a\nONBUILD COPY --from=b / /", {}, ["a"]],
    ["a build argument that is not declared", "FROM a:${V:-1}", { buildArgs: { V: "2" } }, ["a:1"]],
    ["a build argument that is declared", "ARG V\nFROM a:${V:-1}", { buildArgs: { V: "2" } }, ["a:2"]],
    ["an ARG from another ARG", 'ARG A=1\nARG B="$A.2" C=$A\nFROM a:$B-$C', {}, ["a:1.2-1"]],
    ["an ARG behind FROM does not count for the next FROM", "FROM a\nARG V=2\nFROM b:${V:-1}", {}, ["b:1"]],
    ["an empty value", "ARG V=\nFROM a:${V:-1}${V-2}${V:+3}${V+4}", {}, ["a:14"]],
    ["a required variable", "ARG V\nFROM a:${V:?is needed}", {}, undefined],
    [
      "patterns",
      "ARG V=v1.2.3\nFROM a:${V#v}-${V%.*}-${V%%.*}-${V##*.}-${V/./_}-${V//./_}",
      {},
      ["a:1.2.3-v1.2-v1-3-v1_2.3-v1_2_3"],
    ],
    ["an escaped dollar", "FROM a\\$b", {}, undefined],
    [
      "the platform",
      "FROM --platform=$BUILDPLATFORM a-$TARGETARCH$TARGETVARIANT",
      { platform: "linux/arm/v7" },
      ["a-armv7"],
    ],
    ["a byte order mark and CRLF", "\uFEFF# escape=`\r\nFROM `\r\n  a`\r\n\r\n:1\r\n", {}, ["a:1"]],
    ["a comment between continued lines", "FROM \\\n# no\n\n  a\\\n:1", {}, ["a:1"]],
    [
      "a here-document that looks like a Dockerfile",
      "FROM a\nRUN <<-'END' cat <<B\nFROM no\n\tEND\nFROM no\nB\nCOPY --from=b / /",
      {},
      ["a", "b"],
    ],
    ["ARG, then something else before FROM", "ARG A\nRUN true\nFROM a", {}, undefined],
    ["FROM without an image", "FROM", {}, undefined],
    ["FROM with a word too many", "FROM a AS b c", {}, undefined],
    ["only comments", "# FROM a", {}, undefined],
    ["scratch everywhere", "FROM scratch\nCOPY --from=scratch / /", {}, []],
  ];
  for (const [name, text, options, expected] of cases) {
    it(name, () => {
      const withTag = expected?.map((image) => `${HUB}${image.includes(":") ? image : `${image}:latest`}`);
      assert.deepEqual(pulled(text, options), withTag);
    });
  }

  it("says where each image stands", () => {
    const text = [
      "\uFEFF# syntax = docker/dockerfile:1 // opts",
      "ARG V=12",
      "FROM --platform=linux/amd64 debian:${V} AS base",
      "COPY --chown=1:1 --from=ghcr.io/acme/app:1 / /",
      "RUN --mount=type=bind,from=alpine,target=/x true",
      'COPY --from="que"ry / /',
      "COPY --from=scratch / /",
    ].join("\r\n");
    assert.deepEqual(
      externalImages(text).map(({ kind, text: written, range }) => [kind, written, text.slice(range.start, range.end)]),
      [
        ["syntax", "docker/dockerfile:1", "docker/dockerfile:1"],
        ["from", "debian:${V}", "debian:${V}"],
        ["copy-from", "ghcr.io/acme/app:1", "ghcr.io/acme/app:1"],
        ["mount-from", "alpine", "alpine"],
        ["copy-from", "query", 'que"ry'],
      ],
    );
  });

  describe("the platform that an image is wanted for", () => {
    const ENGINE = undefined;
    const wanted: [name: string, file: string, options: DockerfileOptions, platforms: (string | undefined)[]][] = [
      ["is the engine's", "FROM a\nCOPY --from=b / /", {}, [ENGINE, ENGINE]],
      [
        "is that of the build",
        "FROM a\nCOPY --from=b / /",
        { platform: "linux/arm64" },
        ["linux/arm64", "linux/arm64"],
      ],
      ["is that of the flag", "FROM --platform=linux/s390x a", { platform: "linux/arm64" }, ["linux/s390x"]],
      ["may stand in an argument", "ARG P=linux/amd64\nFROM --platform=$P a", {}, ["linux/amd64"]],
      ["may be given", "ARG P\nFROM --platform=$P a", { buildArgs: { P: "linux/arm64" } }, ["linux/arm64"]],
      ["is the engine's by its variables", "FROM --platform=$BUILDPLATFORM a", {}, [ENGINE]],
      ["is the engine's where it builds", "FROM --platform=$BUILDPLATFORM a", { platform: "linux/arm64" }, [ENGINE]],
      ["is the engine's over an argument", "ARG P=$TARGETPLATFORM\nFROM --platform=$P a", {}, [ENGINE]],
      ["is the target's", "FROM --platform=$TARGETPLATFORM a", { platform: "linux/arm64" }, ["linux/arm64"]],
      ["is the engine's for a frontend", "# syntax=s\nFROM a", { platform: "linux/arm64" }, [ENGINE, "linux/arm64"]],
    ];
    for (const [name, file, options, platforms] of wanted) {
      it(name, () => {
        assert.deepEqual(
          externalImages(file, options).map(({ platform }) => platform),
          platforms,
        );
      });
    }
  });

  it("gives the place of a word over two lines from its first to its last character", () => {
    const text = "FROM bu\\\r\nsybox:1\r\n";
    const [image] = externalImages(text);
    assert.deepEqual(
      [image?.text, image?.range, text.slice(5, 17)],
      ["busybox:1", { start: 5, end: 17 }, "bu\\\r\nsybox:1"],
    );
  });

  it("lists an image that a build would refuse, without a reference", () => {
    assert.deepEqual(externalImages("FROM Foo\nFROM a:${V:?}"), [
      { text: "a:${V:?}", range: { start: 14, end: 22 }, unresolved: ["V"], kind: "from", isBase: true },
    ]);
  });

  for (const [target, base] of [
    [undefined, "a"],
    ["two", "b"],
  ] as const) {
    it(`tells what ${target ?? "the last stage"} begins with`, () => {
      const file = "FROM a AS one\nFROM b AS two\nCOPY --from=c / /\nFROM one\nCOPY --from=two / /";
      const found = externalImages(file, target === undefined ? {} : { target });
      assert.deepEqual(
        found.flatMap(({ text, isBase }) => (isBase === true ? text : [])),
        [base],
      );
    });
  }

  it("refuses a file that is far too long", () => {
    assert.throws(
      () => externalImages(`FROM a\n${"#".repeat(600_000)}`),
      (error) => error instanceof Failure && error.code === "invalid-dockerfile",
    );
  });

  const hostile: [name: string, text: string][] = [
    ["doubling variables", `ARG A=ab\n${"ARG A=$A$A\n".repeat(40_000)}FROM a:$A`],
    ["costly patterns", `ARG A=${"a".repeat(2000)}\n${"ARG B=${A//*a*a*b/c}\n".repeat(10_000)}FROM a`],
    ["here-documents without an end", `FROM a\n${"RUN <<A <<B\n".repeat(40_000)}`],
    [
      "a chain of stages",
      `FROM a AS s0\n${Array.from({ length: 15_000 }, (_, i) => `FROM s${String(i)} AS s${String(i + 1)}`).join("\n")}`,
    ],
    ["one long line of quotes", `FROM a\nRUN ${`"'\\<`.repeat(100_000)}`],
    ["one long line of flags", `FROM a\nRUN ${"--a ".repeat(100_000)}`],
    ["one long continued line", `FROM a\nRUN ${"a \\\n".repeat(100_000)}`],
    ["nested expansions", `FROM ${"${a:-".repeat(1000)}`],
  ];
  for (const [name, text] of hostile) {
    it(`ends on ${name}`, () => {
      const images = orFailure(() => externalImages(text), "invalid-dockerfile");
      assert.equal(images?.length, 1);
    });
  }

  it("any text gives images inside the text, or a Failure", () => {
    const line = fc.constantFrom(
      "FROM a",
      "FROM b AS c",
      "FROM c",
      "COPY --from=c x y",
      "RUN <<E",
      "E",
      'ARG X="a',
      "\\",
      "# x",
      "FROM ${X",
      "RUN --mount=from=",
      "\r",
      "`",
      "FROM a\\",
    );
    const text = fc.oneof(
      fc.string(),
      fc.array(fc.oneof(line, fc.string()), { maxLength: 12 }).map((lines) => lines.join("\n")),
    );
    fc.assert(
      fc.property(text, fc.boolean(), (body, withFrom) => {
        const whole = withFrom ? `FROM a\n${body}` : body;
        for (const { range, kind } of orFailure(() => externalImages(whole), "invalid-dockerfile") ?? []) {
          assert.ok(range.start >= 0 && range.start < range.end && range.end <= whole.length, kind);
        }
      }),
      { numRuns: 2000 },
    );
  });

  describe("vectors: what BuildKit pulls", () => {
    const rows = fixtureRows<DockerfileRow>("dockerfile-from");
    const here = new Set(rows.map((row) => row.id));
    const inHere = Object.entries(DIFFERENCES).filter(([id]) => here.has(Number(id)));
    judge(rows, Object.fromEntries(inHere), check);
  });

  describe("vectors: longer Dockerfiles by others", () => {
    const here = new Set(fixtureRows("dockerfile-from").map((row) => row.id));
    const rows = sharedRows<DockerfileRow>("dockerfile-from")?.filter((row) => !here.has(row.id));
    if (rows === undefined) {
      it("are not here (../shared/vectors), so these cases are skipped", function () {
        this.skip();
      });
      return;
    }
    const elsewhere = Object.entries(DIFFERENCES).filter(([id]) => !here.has(Number(id)));
    judge(rows, Object.fromEntries(elsewhere), check);
  });
});
