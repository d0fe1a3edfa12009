import { strict as assert } from "node:assert";
import fc from "fast-check";
import { Failure } from "../../../src/domain/failure";
import { composeImages, composeIncludes, interpolate } from "../../../src/domain/image/composeFile";
import { formatReference } from "../../../src/domain/image/reference";
import { orFailure } from "../../fixtures/vectors/judge";

const TEXT = `# comment
x-base: &base
  image: ghcr.io/acme/base:1
  build: .
include:
  - one.yml
  - path: [two.yml, "\${DIR:-three}.yml"]
services:
  app:
    <<: *base
    image: "ghcr.io/acme/app:\${TAG:-2}"
  db: *base
  web:
    build:
      context: ..
      dockerfile: web/Dockerfile
      target: dev
      args: { A: 1, B: "\${TAG}", C: }
  list:
    build:
      args: [A=1, C]
      dockerfile_inline: |
        FROM alpine
  child:
    extends: { service: app, file: common.yml }
  sibling:
    extends: app
  odd: 7
`;

describe("Compose file", () => {
  it("gives every service with its image and build", () => {
    const services = composeImages(TEXT, undefined, { TAG: "9", C: "see" });
    assert.deepEqual(
      services.map(({ service, image, build, extends: from }) => ({
        service,
        image: image?.reference && formatReference(image.reference),
        build: build && { ...build, ...(build.inline === undefined ? {} : { inline: build.inline.text }) },
        from,
      })),
      [
        { service: "app", image: "ghcr.io/acme/app:9", build: { context: ".", args: {} }, from: undefined },
        { service: "db", image: "ghcr.io/acme/base:1", build: { context: ".", args: {} }, from: undefined },
        {
          service: "web",
          image: undefined,
          build: { context: "..", dockerfile: "web/Dockerfile", target: "dev", args: { A: "1", B: "9", C: "see" } },
          from: undefined,
        },
        {
          service: "list",
          image: undefined,
          build: { context: ".", args: { A: "1", C: "see" }, inline: "FROM alpine\n" },
          from: undefined,
        },
        { service: "child", image: undefined, build: undefined, from: { service: "app", file: "common.yml" } },
        { service: "sibling", image: undefined, build: undefined, from: { service: "app" } },
      ],
    );
  });

  it("says where service and image stand", () => {
    const [app] = composeImages(TEXT, "app");
    assert.equal(TEXT.slice(app?.range.start, app?.range.end), "app");
    assert.equal(TEXT.slice(app?.image?.range.start, app?.image?.range.end), '"ghcr.io/acme/app:${TAG:-2}"');
    assert.equal(app?.image?.reference?.tag, "2");
  });

  it("gives one service, or none", () => {
    assert.deepEqual(
      composeImages(TEXT, "db").map((one) => one.service),
      ["db"],
    );
    assert.deepEqual(composeImages(TEXT, "nope"), []);
    assert.deepEqual(composeImages("services:\n"), []);
  });

  it("reports what is included", () => {
    assert.deepEqual(composeIncludes(TEXT), ["one.yml", "two.yml", "three.yml"]);
  });

  it("leaves the reference out where a variable has no value or the name is none", () => {
    const services = composeImages('services:\n  a: { image: "${X}/app" }\n  b: { image: Acme }\n  c: { image: 7 }\n');
    assert.deepEqual(
      services.map(({ image }) => [image?.text, image?.reference]),
      [
        ["${X}/app", undefined],
        ["Acme", undefined],
        [undefined, undefined],
      ],
    );
  });

  it("reads on behind a mistake", () => {
    const [app] = composeImages("services:\n  app:\n    image: alpine\n  bad: [\n");
    assert.equal(app?.image?.text, "alpine");
  });

  const interpolations: [text: string, expected: string | undefined][] = [
    ["a$$b", "a$b"],
    ["$SET-${SET}", "x-x"],
    ["${EMPTY:-y}${EMPTY-y}", "y"],
    ["${UNSET-y}${UNSET:-${SET:-z}}", "yx"],
    ["${SET:+y}${EMPTY:+y}${EMPTY+z}${UNSET+y}", "yz"],
    ["${SET:?needed}", "x"],
    ["${UNSET:?needed}", undefined],
    ["$UNSET", undefined],
    ["${toString}", undefined],
    ["${SET", undefined],
    ["$", undefined],
    ["${}", undefined],
  ];
  for (const [text, expected] of interpolations) {
    it(`interpolates ${text}`, () => assert.equal(interpolate(text, { SET: "x", EMPTY: "" }), expected));
  }

  for (const text of ["", "- a", "a", "\ta", "[".repeat(5000), `a: ${"x".repeat(600_000)}`]) {
    it(`refuses ${JSON.stringify(text.slice(0, 20))}`, () => {
      assert.throws(
        () => composeImages(text),
        (error) => error instanceof Failure && error.code === "invalid-compose-file",
      );
    });
  }

  const many = <T>(count: number, make: (index: number) => T): T[] =>
    Array.from({ length: count }, (_, index) => make(index));
  const hostile: [name: string, text: string, services: number][] = [
    [
      "aliases of aliases",
      `a0: &a0 {x: 1}\n${many(30, (i) => `a${String(i + 1)}: &a${String(i + 1)} {<<: [${many(9, () => `*a${String(i)}`).join(", ")}]}`).join("\n")}\nservices: {app: *a30}\n`,
      1,
    ],
    [
      "a great many aliases",
      `x: &x {image: a}\nservices:\n${many(10_000, (i) => `  s${String(i)}: *x`).join("\n")}\n`,
      10_000,
    ],
    ["an alias of itself", "services:\n  app: &a\n    <<: *a\n", 1],
    ["a mistake at every second character of one line", `services: {app: {image: a}}\nx: ${"&a ".repeat(10_000)}`, 1],
    ["braces without an end", `services:\n  app:\n    image: "${"${A:-".repeat(20_000)}"\n`, 1],
  ];
  for (const [name, text, services] of hostile) {
    it(`ends on ${name}`, () => assert.equal(composeImages(text).length, services));
  }

  it("any text gives services with places inside it, or a Failure", () => {
    const piece = fc.constantFrom(
      "services:",
      "\n",
      "  ",
      "app:",
      " image: a",
      "&a ",
      "*a",
      "<<: ",
      "- ",
      "{",
      "}",
      "[",
      "]",
      "'",
      '"',
      "|",
      "? ",
      "!x ",
      "\t",
    );
    const text = fc.oneof(
      fc.string(),
      fc.array(piece, { maxLength: 20 }).map((pieces) => `services:\n  app:\n${pieces.join("")}`),
    );
    fc.assert(
      fc.property(text, (yaml) => {
        for (const { range } of orFailure(() => composeImages(yaml), "invalid-compose-file") ?? []) {
          assert.ok(range.start <= range.end && range.end <= yaml.length);
        }
        orFailure(() => composeIncludes(yaml), "invalid-compose-file");
        interpolate(yaml, {});
      }),
      { numRuns: 1000 },
    );
  });
});
