import { strict as assert } from "node:assert";
import fc from "fast-check";
import { Failure } from "../../../src/domain/failure";
import { readComposeFile, type ComposeService } from "../../../src/domain/image/composeFile";
import type { ComposeVariables } from "../../../src/domain/image/interpolation";
import { formatReference } from "../../../src/domain/image/reference";
import { orFailure } from "../../fixtures/vectors/judge";

function services(text: string, variables: ComposeVariables = {}): Map<string, ComposeService> {
  const documents = readComposeFile(text, { file: "/app/compose.yml", folder: "/app", variables });
  return new Map(documents.flatMap((document) => [...document.services]));
}

const many = <T>(count: number, make: (index: number) => T): T[] =>
  Array.from({ length: count }, (_, index) => make(index));

const TEXT = `# comment
x-base: &base
  image: ghcr.io/acme/base:1
  build: .
include:
  - one.yml
  - path: [two.yml, "\${DIR:-three}.yml"]
    project_directory: ../other
    env_file: a.env
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
      args: { A: 1, B: "\${TAG}", C: , D: "x\${NONE}" }
  list:
    build:
      args: [A=1, C]
      dockerfile_inline: |
        FROM alpine
  child:
    extends: { service: app, file: common.yml }
    depends_on: { db: { condition: service_started, required: false }, web: }
    profiles: [dev, test]
    pull_policy: never
  sibling:
    extends: app
    links: ["db:database"]
    volumes_from: [web, "container:other"]
    network_mode: service:list
    depends_on: [child]
    volumes:
      - { type: image, source: ghcr.io/acme/data:1, target: /data }
      - ./x:/x
    pre_start: [{ image: ghcr.io/acme/hook:1, command: x }]
  gone: !reset null
  odd: 7
`;

describe("Compose file", () => {
  it("gives every service with its image and build", () => {
    assert.deepEqual(
      [...services(TEXT, { TAG: "9", C: "see" })].map(([name, { image, build, extends: from }]) => [
        name,
        image?.reference && formatReference(image.reference),
        build && { ...build, ...(build.inline === undefined ? {} : { inline: build.inline.text }) },
        from,
      ]),
      [
        ["app", "ghcr.io/acme/app:9", { context: "/app", args: {}, unresolvedArgs: {}, contexts: {} }, undefined],
        ["db", "ghcr.io/acme/base:1", { context: "/app", args: {}, unresolvedArgs: {}, contexts: {} }, undefined],
        [
          "web",
          undefined,
          {
            context: "/",
            dockerfile: "web/Dockerfile",
            target: "dev",
            args: { A: "1", B: "9", C: "see", D: "x" },
            unresolvedArgs: { D: ["NONE"] },
            contexts: {},
          },
          undefined,
        ],
        [
          "list",
          undefined,
          { args: { A: "1", C: "see" }, unresolvedArgs: {}, contexts: {}, inline: "FROM alpine\n" },
          undefined,
        ],
        ["child", undefined, undefined, { service: "app", file: "/app/common.yml" }],
        ["sibling", undefined, undefined, { service: "app" }],
        ["gone", undefined, undefined, undefined],
      ],
    );
  });

  it("gives what a service needs, its profiles, its policy and its other images", () => {
    const { child, sibling, gone } = Object.fromEntries(services(TEXT));
    assert.deepEqual(child?.dependsOn, { db: false, web: true });
    assert.deepEqual([child.profiles, child.pullPolicy], [["dev", "test"], "never"]);
    assert.deepEqual(sibling?.dependsOn, { db: true, web: true, list: true, child: true });
    assert.deepEqual(
      sibling.others.map(({ text, range }) => [text, TEXT.slice(range.start, range.end)]),
      [
        ["ghcr.io/acme/data:1", "ghcr.io/acme/data:1"],
        ["ghcr.io/acme/hook:1", "ghcr.io/acme/hook:1"],
      ],
    );
    assert.deepEqual([...(gone?.replaces ?? [])], ["*"]);
  });

  const places: [name: string, text: string, expected: string][] = [
    ["a plain scalar", "services: {app: {image: alpine:3}}\n", "alpine:3"],
    ["a plain scalar with a comment", "services:\n  app:\n    image:   alpine:3   # that one\n", "alpine:3"],
    ["single quotes", "services:\n  app: {image: 'alpine:3'}\n", "alpine:3"],
    ["double quotes", 'services:\n  app: {image: "alpine:3"}\n', "alpine:3"],
    ["a folded scalar", "services:\n  app:\n    image: >-\n      alpine:3\n    tty: true\n", "alpine:3"],
    ["a literal block with a comment", "services:\n  app:\n    image: |- # that one\n      alpine:3\n\n", "alpine:3"],
    ["an anchor and a tag", "services:\n  app:\n    image: &a !!str alpine:3\n", "alpine:3"],
    ["an alias", "x: &a alpine:3\nservices:\n  app:\n    image: *a\n", "alpine:3"],
    ["a merge key", "x: &a {image: alpine:3}\nservices:\n  app: {<<: [{tty: true}, *a]}\n", "alpine:3"],
    ["carriage returns", "services:\r\n  app:\r\n    image: alpine:3\r\n    tty: true\r\n", "alpine:3"],
    ["a byte order mark", "\uFEFFservices:\n  app:\n    image: alpine:3\n", "alpine:3"],
    ["characters of two units", "# 😀😀\nservices:\n  app: {x: '😀', image: alpine:3}\n", "alpine:3"],
    ["the second of two keys", "services: {app: {image: other, image: alpine:3}}\n", "alpine:3"],
    ["a second document", "services: {x: {image: other}}\n---\nservices: {app: {image: alpine:3}}\n", "alpine:3"],
  ];
  for (const [name, text, expected] of places) {
    it(`says where the image stands: ${name}`, () => {
      const image = services(text).get("app")?.image;
      assert.equal(image?.reference && formatReference(image.reference), "docker.io/library/alpine:3");
      assert.equal(text.slice(image?.range.start, image?.range.end), expected);
    });
  }

  it("takes the whole scalar, without its quotes, where escapes or line breaks are inside", () => {
    const text = 'services:\n  app: { image: "alp\\\n    ine\\u003a3" }\n';
    const image = services(text).get("app")?.image;
    assert.equal(image?.text, "alpine:3");
    assert.equal(text.slice(image.range.start, image.range.end), "alp\\\n    ine\\u003a3");
  });

  const inlines: [name: string, text: string][] = [
    [
      "a literal block",
      "services:\n  app:\n    build:\n      dockerfile_inline: |\n        # x\n        FROM alpine:3\n",
    ],
    ["an explicit indentation", "services:\n  app:\n    build:\n      dockerfile_inline: |2-\n\n        FROM alpine:3"],
    [
      "carriage returns",
      "services:\r\n  app:\r\n    build:\r\n      dockerfile_inline: |\r\n        # x\r\n\r\n        FROM alpine:3\r\n",
    ],
    [
      "an interpolated line before",
      "services:\n  app:\n    build:\n      dockerfile_inline: |\n        # ${X} $$X ${Y:-yy}\n        FROM alpine:3\n",
    ],
    ["one plain line", "services:\n  app:\n    build:\n      dockerfile_inline: FROM alpine:3\n"],
    ["quotes", "services:\n  app: { build: { dockerfile_inline: 'FROM alpine:3' } }\n"],
  ];
  for (const [name, text] of inlines) {
    it(`maps an inline Dockerfile to the file: ${name}`, () => {
      const inline = services(text, { X: "longer than before" }).get("app")?.build?.inline;
      const at = inline?.text.indexOf("alpine:3") ?? -1;
      const range = inline?.place(at, at + "alpine:3".length);
      assert.equal(text.slice(range?.start, range?.end), "alpine:3");
    });
  }

  it("gives the whole of an inline Dockerfile whose lines cannot be told apart", () => {
    const text = 'services:\n  app: { build: { dockerfile_inline: "# x\\nFROM alpine:3" } }\n';
    const range = services(text).get("app")?.build?.inline?.place(9, 17);
    assert.equal(text.slice(range?.start, range?.end), "# x\\nFROM alpine:3");
  });

  it("gives additional contexts, with the place of the image alone", () => {
    const text =
      "services:\n  a: { build: { additional_contexts: { base: 'docker-image://alpine:3', dir: ./x, other: service:b } } }\n" +
      "  b: { build: { additional_contexts: [base=docker-image://alpine:3] } }\n";
    for (const name of ["a", "b"]) {
      const base = services(text).get(name)?.build?.contexts["base"];
      assert.equal(base?.reference?.tag, "3");
      assert.equal(text.slice(base.range.start, base.range.end), "alpine:3");
    }
    assert.deepEqual(
      Object.entries(services(text).get("a")?.build?.contexts ?? {}).map(([name, { value, reference }]) => [
        name,
        value,
        reference?.tag,
      ]),
      [
        ["base", "docker-image://alpine:3", "3"],
        ["dir", "./x", undefined],
        ["other", "service:b", undefined],
      ],
    );
  });

  it("reports what is included, with absolute paths", () => {
    const [document] = readComposeFile(TEXT, { file: "/app/compose.yml", folder: "/app", variables: {} });
    assert.deepEqual(
      document?.includes.map(({ range: _, ...include }) => include),
      [
        { paths: ["/app/one.yml"] },
        { paths: ["/app/two.yml", "/app/three.yml"], folder: "/other", envFiles: ["/app/a.env"] },
      ],
    );
  });

  it("leaves the reference out where the name is none, and names variables without a value", () => {
    const found = services(
      'services:\n  a: { image: "${X}/app" }\n  b: { image: Acme }\n  c: { image: 7 }\n  d: { image: "app$Y" }\n  e: { image: "${Z:?}" }\n',
    );
    assert.deepEqual(
      [...found.values()].map(({ image }) => image && [image.text, image.reference?.repository, image.unresolved]),
      [
        ["${X}/app", undefined, ["X"]],
        ["Acme", undefined, []],
        undefined,
        ["app$Y", "library/app", ["Y"]],
        ["${Z:?}", undefined, ["Z"]],
      ],
    );
  });

  it("reads on behind a mistake", () => {
    assert.equal(services("services:\n  app:\n    image: alpine\n  bad: [\n").get("app")?.image?.text, "alpine");
  });

  for (const text of ["", "- a", "a", "[".repeat(5000), `a: ${"x".repeat(600_000)}`, "---\na: 1\n".repeat(200)]) {
    it(`refuses ${JSON.stringify(text.slice(0, 20))}`, () => {
      assert.throws(
        () => services(text),
        (error) => error instanceof Failure && error.code === "invalid-compose-file",
      );
    });
  }

  // docker-compose 1.29 and Compose 2 refuse each of them
  const refused: [text: string, code: string, detail: RegExp, at: string][] = [
    ["services:\n  app:\n\timage: x", "yaml", /Tabs/, "\timage: x"],
    ["services:\n  app: {image: x", "yaml", /must be sufficiently indented/, ""],
    ["\ta", "yaml", /Tabs/, "\ta"],
    ["services: {app: {image: [a, b]}}", "wrong-type", /^services\.app\.image$/, "[a, b]}}"],
    ["services: {app: {image: &x [*x]}}", "wrong-type", /^services\.app\.image$/, "[*x]}}"],
    ["services: {app: {image: 5}}", "wrong-type", /^services\.app\.image$/, "5}}"],
    ["services: {app: {image: x, build: [a]}}", "wrong-type", /^services\.app\.build$/, "[a]}}"],
    ["services: {app: 7}", "wrong-type", /^services\.app$/, "app: 7}"],
  ];
  for (const [text, code, detail, at] of refused) {
    it(`tells what Compose refuses: ${JSON.stringify(text)}`, () => {
      const [document] = readComposeFile(text, { file: "/app/compose.yml", folder: "/app", variables: {} });
      assert.equal(document?.problems.length, 1);
      const [problem] = document.problems;
      assert.equal(problem?.code, code);
      assert.match(problem.detail ?? "", detail);
      assert.equal(text.slice(problem.range?.start), at);
    });
  }

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
    ["services that merge themselves", "services: &a\n  <<: *a\n  app: {image: a}\n", 1],
    ["a mistake at every second character of one line", `services: {app: {image: a}}\nx: ${"&a ".repeat(10_000)}`, 1],
    ["braces without an end", `services:\n  app:\n    image: "${"${A:-".repeat(20_000)}"\n`, 1],
    [
      "a large inline Dockerfile of many services",
      `x: &x |\n${"  FROM a$$\n".repeat(10_000)}\nservices:\n${many(5000, (i) => `  s${String(i)}: {build: {dockerfile_inline: *x}, image: *x}`).join("\n")}`,
      5000,
    ],
    [
      "an inline Dockerfile of many lines and variables",
      `services:\n  app:\n    build:\n      dockerfile_inline: |\n${"        # $$ ${A} x\n".repeat(20_000)}`,
      1,
    ],
  ];
  for (const [name, text, count] of hostile) {
    it(`ends on ${name}`, () => assert.equal(services(text).size, count));
  }

  it("refuses a file whose aliases make it far too large", () => {
    const maps = many(5000, (i) => `{a${String(i)}: 1},`).join(" ");
    const text = `l: &l [${maps}]\nservices:\n${many(5000, (i) => `  s${String(i)}: {<<: *l}`).join("\n")}`;
    assert.throws(
      () => services(text),
      (error) => error instanceof Failure && /aliases/.test(error.message),
    );
  });

  it("any text gives services with places inside it, or a Failure", () => {
    const piece = fc.constantFrom(
      ...["services:", "\n", "  ", "app:", " image: a", " build: ", "&a ", "*a", "<<: ", "- ", "{", "}", "[", "]", "'"],
      ...['"', "|", ">", "? ", "!x ", "!reset ", "\t", "\r\n", "---\n", "${A", "\uFEFF", " extends: app", "include:"],
    );
    const text = fc.oneof(
      fc.string(),
      fc.array(piece, { maxLength: 20 }).map((pieces) => `services:\n  app:\n${pieces.join("")}`),
    );
    fc.assert(
      fc.property(text, (yaml) => {
        for (const { range, image } of orFailure(() => services(yaml), "invalid-compose-file")?.values() ?? []) {
          for (const one of image === undefined ? [range] : [range, image.range])
            assert.ok(one.start <= one.end && one.end <= yaml.length);
        }
      }),
      { numRuns: 1000 },
    );
  });

  it("the place of an image is its text, however it is written", () => {
    const name = fc.stringMatching(/^[a-z][a-z0-9]{0,8}(\/[a-z0-9]{1,5})?(:[a-z0-9]{1,5})?$/);
    const style = fc.constantFrom(
      (text: string) => text,
      (text: string) => `'${text}'`,
      (text: string) => `"${text}"`,
      (text: string) => `>-\n      ${text}`,
      (text: string) => `|\n      ${text}\n`,
      (text: string) => `&x ${text} # ${text}`,
    );
    fc.assert(
      fc.property(
        name,
        style,
        fc.constantFrom("\n", "\r\n"),
        fc.constantFrom("", "\uFEFF"),
        (image, write, end, mark) => {
          const yaml = `${mark}# ${image}\nservices:\n  app:\n    image: ${write(image)}\n    tty: true\n`.replaceAll(
            "\n",
            end,
          );
          const found = services(yaml).get("app")?.image;
          assert.equal(found && yaml.slice(found.range.start, found.range.end), image);
        },
      ),
      { numRuns: 300 },
    );
  });
});
