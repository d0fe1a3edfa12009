import { strict as assert } from "node:assert";
import { dirname, join, normalize } from "node:path";
import fc from "fast-check";
import { Failure } from "../../../src/domain/failure";
import { classifyFeature, imageSources, type FeaturePlace } from "../../../src/domain/image/devcontainerFile";
import { readComposeFile } from "../../../src/domain/image/composeFile";
import { externalImages } from "../../../src/domain/image/dockerfile";
import { formatReference, withDefaultTag } from "../../../src/domain/image/reference";
import { expandVariables, variableName } from "../../../src/domain/image/variables";
import { fixtureRows, judge, orFailure, sharedRows, type Row } from "../../fixtures/vectors/judge";

type FeatureRow = Row & {
  kind: string;
  in: { feature: string };
  want: { error?: boolean; kind?: string; registry?: string; path?: string; tag?: string; digest?: string | null };
};

interface WantedFeature {
  id: string;
  kind: string;
  registry?: string;
  resource?: string;
  tag?: string | null;
  digest?: string | null;
  mapsTo?: string;
}
type FileRow = Row & {
  kind?: string;
  in: { path: string; text: string; files?: Record<string, string> };
  want: {
    error?: string;
    image: string | null;
    build: {
      dockerfile: string;
      context: string | null;
      target: string | null;
      args: Record<string, string> | null;
      cacheFrom: string[] | null;
      legacyKey: string | null;
    } | null;
    compose: {
      files: string[];
      service: string | null;
      services?: Record<
        string,
        {
          image?: string;
          build?: { context?: string; dockerfile?: string; target?: string; args?: Record<string, string> };
        }
      >;
    } | null;
    features: WantedFeature[];
    baseImages?: string[];
    syntaxImage?: string;
  };
};

const KINDS: Record<string, FeaturePlace["kind"]> = {
  oci: "oci",
  local: "local",
  tarball: "tarball",
  "legacy-short": "legacy",
  "github-repo": "legacy",
  "github-release-or-unresolvable": "legacy",
};

function checkFeature(feature: { kind: string; reference?: FeaturePlace["reference"] }, want: WantedFeature): void {
  assert.equal(feature.kind, KINDS[want.kind]);
  const { reference } = feature;
  if (want.mapsTo !== undefined) assert.equal(reference && formatReference(reference), want.mapsTo);
  if (want.resource === undefined) return;
  assert.ok(reference !== undefined);
  assert.equal(`${reference.registry}/${reference.repository}`, want.resource);
  assert.equal(withDefaultTag(reference).tag ?? null, want.tag ?? null);
  assert.equal(reference.digest ?? null, want.digest ?? null);
}

describe("devcontainer.json", () => {
  const TEXT = `\uFEFF// a comment
{
  "image": "ghcr.io/acme/app:\${localEnv:TAG:1}", /* another */
  "features": {
    "ghcr.io/acme/features/tool:1": {},
    "./local": {},
    "../outside": {},
  },
  "build": { "dockerfile": "Dockerfile", "context": "..", "target": "dev", "args": { "A": "\${localEnv:A}", "N": 1 },
             "cacheFrom": "ghcr.io/acme/cache", },
  "dockerComposeFile": ["a.yml", 7, "b.yml"],
  "service": "app",
}`;

  it("gives everything that names an image, with its place", () => {
    const sources = imageSources(TEXT, { localEnv: { A: "x" } });
    const { image, dockerfile, compose, features } = sources;
    const places = [
      image,
      dockerfile?.path,
      dockerfile?.context,
      dockerfile?.target,
      ...(dockerfile?.cacheFrom ?? []),
      ...(compose?.files ?? []),
      compose?.service,
      ...features,
    ];
    for (const place of places) {
      assert.equal(TEXT.slice(place?.range.start, place?.range.end), place?.text);
    }
    assert.equal(image?.reference?.tag, "1");
    assert.deepEqual(dockerfile?.args, { A: "x", N: "1" });
    assert.equal(dockerfile.cacheFrom[0]?.reference?.repository, "acme/cache");
    assert.deepEqual(
      compose?.files.map((file) => file.text),
      ["a.yml", "b.yml"],
    );
    assert.deepEqual(
      features.map(({ text, kind }) => [text, kind]),
      [
        ["ghcr.io/acme/features/tool:1", "oci"],
        ["./local", "local"],
        ["../outside", "invalid"],
      ],
    );
    assert.deepEqual(
      sources.problems.map(({ code, range }) => [code, TEXT.slice(range.start, range.end)]),
      [
        ["expected-string", "7"],
        ["invalid-feature", "../outside"],
      ],
    );
  });

  const problems: [name: string, text: string, expected: string[]][] = [
    ["nothing", "{}", ["no-image"]],
    ["a value of null", '{"image": null}', ["no-image"]],
    ["an image that is none", '{"image": "Acme"}', ["invalid-image"]],
    ["an image that is a number", '{"image": 1}', ["expected-string", "no-image"]],
    ["an unknown variable", '{"image": "${localEnv:X}/app"}', ["unresolved-variable"]],
    ["features as a list", '{"image": "a", "features": ["b"]}', ["expected-object"]],
    ["args as a list", '{"build": {"dockerfile": "D", "args": ["b"]}}', ["expected-object"]],
    ["a missing brace", '{"image": "a"', ["syntax"]],
    ["a missing comma", '{"name": "x" "image": "a"}', ["syntax"]],
    ["text behind the object", '{"image": "a"} x', ["syntax"]],
  ];
  for (const [name, text, expected] of problems) {
    it(`reports ${name}, and reads the rest`, () => {
      const sources = imageSources(text);
      assert.deepEqual([...new Set(sources.problems.map((problem) => problem.code))], expected);
      for (const { range } of sources.problems) assert.ok(range.start <= range.end && range.end <= text.length);
      if (expected[0] === "syntax") assert.equal(sources.image?.text, "a");
    });
  }

  for (const text of [
    "",
    "[]",
    '"image"',
    "image: a",
    "[".repeat(10_000),
    `{"a":${"[".repeat(5000)}`,
    `{"a": "${"x".repeat(1_100_000)}"}`,
  ]) {
    it(`refuses ${JSON.stringify(text.slice(0, 20))}`, () => {
      assert.throws(
        () => imageSources(text),
        (error) => error instanceof Failure && error.code === "invalid-devcontainer-json",
      );
    });
  }

  it("keys of older files are read, and win as in the CLI", () => {
    const old = imageSources('{"dockerFile": "D", "context": "..", "dockerComposeFile": "c.yml"}');
    assert.deepEqual([old.dockerfile?.path.text, old.dockerfile?.context?.text], ["D", ".."]);
    assert.equal(old.compose?.files[0]?.text, "c.yml");
    assert.equal(imageSources('{"dockerFile": "old", "build": {"dockerfile": "new"}}').dockerfile?.path.text, "old");
  });

  it("a variable without a value is named, and the rest is still read", () => {
    const read = (image: string) =>
      imageSources(JSON.stringify({ image }), { localEnv: {}, localWorkspaceFolder: "/home/dev/app" }).image;
    assert.deepEqual(read("${localEnv:HOST}/app:1")?.unresolved, ["HOST"]);
    assert.equal(read("${localEnv:HOST}/app:1")?.reference, undefined);
    assert.deepEqual(read("app:1${localEnv:SUFFIX}")?.unresolved, ["SUFFIX"]);
    assert.equal(read("app:1${localEnv:SUFFIX}")?.reference?.tag, "1");
    assert.deepEqual(read("app:${devcontainerId}")?.unresolved, ["devcontainerId"]);
    assert.equal(read("${localEnv:HOST:ghcr.io}/${localWorkspaceFolderBasename}")?.reference?.repository, "app");
  });

  it("reads what build.options says about images", () => {
    const text = `{"build": {"dockerfile": "D", "target": "a", "args": {"A": "1", "B": "\${localEnv:B}"}, "options": [
      "--build-arg", "A=2", "--build-arg=C=3", "--platform=linux/arm64", "--target", "b", "--pull",
      "--build-context", "base=docker-image://ghcr.io/acme/base:1", "--build-context=local=./x"]}}`;
    const { dockerfile } = imageSources(text, { localEnv: {} });
    assert.deepEqual(dockerfile?.args, { A: "2", B: "", C: "3" });
    assert.deepEqual(dockerfile.unresolvedArgs, { B: ["B"] });
    assert.deepEqual([dockerfile.platform, dockerfile.target?.text], ["linux/arm64", "b"]);
    const { base, local } = dockerfile.contexts;
    assert.equal(base?.reference?.registry, "ghcr.io");
    assert.equal(text.slice(base.range.start, base.range.end), "ghcr.io/acme/base:1");
    assert.equal(local?.reference, undefined);
  });

  it("reads which Compose services run, and the empty list of files", () => {
    const some = imageSources('{"dockerComposeFile": "c.yml", "service": "a", "runServices": ["b", "c"]}').compose;
    assert.deepEqual(
      some?.runServices.map((place) => place.text),
      ["b", "c"],
    );
    assert.deepEqual(imageSources('{"dockerComposeFile": [], "service": "a"}').compose?.files, []);
    assert.equal(imageSources('{"dockerComposeFile": [7]}').compose, undefined);
  });

  it("any text gives sources with places inside it, or a Failure", () => {
    const piece = fc.constantFrom(
      "{",
      "}",
      '"image"',
      ":",
      '"a"',
      ",",
      "[",
      "]",
      '"features"',
      '"build"',
      "//",
      "/*",
      "\n",
      "null",
      "\uFEFF",
    );
    const text = fc.oneof(
      fc.string(),
      fc.array(piece, { maxLength: 20 }).map((pieces) => `{${pieces.join("")}`),
      fc.json(),
    );
    fc.assert(
      fc.property(text, (jsonc) => {
        const sources = orFailure(() => imageSources(jsonc), "invalid-devcontainer-json");
        for (const { range } of sources?.problems ?? []) assert.ok(range.start >= 0 && range.end <= jsonc.length + 1);
      }),
      { numRuns: 2000 },
    );
  });

  const variables: [text: string, expanded: string, unresolved: string[]][] = [
    ["a", "a", []],
    ["${localEnv:SET}-${env:SET}", "x-x", []],
    ["${localEnv:EMPTY:y}", "", []],
    ["${localEnv:UNSET:y}", "y", []],
    ["${localEnv:UNSET:}", "", []],
    ["${localEnv:UNSET:y:z}", "y", []],
    ["a${localEnv:UNSET}b", "ab", ["${localEnv:UNSET}"]],
    ["${localEnv:toString}", "", ["${localEnv:toString}"]],
    ["${localWorkspaceFolder}/${localWorkspaceFolderBasename}", "/home/dev/app/app", []],
    [
      "${containerEnv:X}${templateOption:y}${localEnv}",
      "${containerEnv:X}${templateOption:y}${localEnv}",
      ["${containerEnv:X}", "${templateOption:y}", "${localEnv}"],
    ],
    ["$localEnv ${", "$localEnv ${", []],
  ];
  it("names what a placeholder stands for", () => {
    const names = ["${localEnv:X}", "${env:Y:z}", "${devcontainerId}", "${localEnv}", "${localEnv:}"].map(variableName);
    assert.deepEqual(names, ["X", "Y", "devcontainerId", "localEnv", "localEnv:"]);
  });

  for (const [text, expanded, unresolved] of variables) {
    it(`expands ${text}`, () => {
      const result = expandVariables(text, {
        localEnv: { SET: "x", EMPTY: "" },
        localWorkspaceFolder: "/home/dev/app",
      });
      assert.deepEqual(result, { text: expanded, unresolved });
    });
  }

  it("leaves what it is not told", () => {
    const text = "${localEnv:X:1}${localWorkspaceFolder}";
    assert.deepEqual(expandVariables(text, {}), { text, unresolved: ["${localEnv:X:1}", "${localWorkspaceFolder}"] });
  });

  it("takes the last part of a Windows folder", () => {
    const { text } = expandVariables("${localWorkspaceFolderBasename}", { localWorkspaceFolder: "C:\\work\\app\\" });
    assert.equal(text, "app");
  });

  describe("vectors: ids of Features", () => {
    judge(
      fixtureRows<FeatureRow>("feature-ids"),
      {
        63: "a short name is of kind legacy here, with the reference it moved to",
      },
      ({ in: { feature: id }, want }) => {
        const feature = classifyFeature(id);
        if (want.error === true) {
          assert.equal(feature.kind, "invalid");
          return;
        }
        const { kind = "oci", registry, path, tag, digest } = want;
        const resource =
          path === undefined
            ? {}
            : { resource: `${String(registry)}/${path}`, tag: tag ?? null, digest: digest ?? null };
        checkFeature(feature, { id, kind, ...resource });
        if (registry !== undefined) assert.equal(feature.reference?.registry, registry);
      },
    );
  });

  describe("vectors: files by others", () => {
    const rows = sharedRows<FileRow>("devcontainer-json")?.filter((row) => row.kind === undefined);
    if (rows === undefined) {
      it("are not here (../shared/vectors), so these cases are skipped", function () {
        this.skip();
      });
      return;
    }
    judge(rows, {}, checkFile);
  });
});

function checkFile({ in: { path, text, files = {} }, want }: FileRow): void {
  const sources = orFailure(() => imageSources(text), "invalid-devcontainer-json");
  if (want.error !== undefined) {
    assert.equal(sources, undefined);
    return;
  }
  assert.ok(sources !== undefined);
  assert.equal(sources.image?.text ?? null, want.image);

  const { dockerfile, compose } = sources;
  if (want.build === null) assert.equal(dockerfile, undefined);
  else {
    assert.deepEqual(
      {
        dockerfile: dockerfile?.path.text,
        context: dockerfile?.context?.text ?? null,
        target: dockerfile?.target?.text ?? null,
        args: dockerfile?.args ?? {},
        cacheFrom: dockerfile?.cacheFrom.map((image) => image.text) ?? [],
      },
      {
        dockerfile: want.build.dockerfile,
        context: want.build.context,
        target: want.build.target,
        args: want.build.args ?? {},
        cacheFrom: want.build.cacheFrom ?? [],
      },
    );
  }
  assert.deepEqual(
    sources.features.map((feature) => feature.text),
    want.features.map((feature) => feature.id),
  );
  for (const [index, feature] of want.features.entries()) {
    const found = sources.features[index];
    assert.ok(found !== undefined);
    checkFeature(found, feature);
  }

  const folder = dirname(path);
  if (want.baseImages !== undefined) {
    const expanded = expandVariables(dockerfile?.path.text ?? "", { localWorkspaceFolder: "" }).text;
    const name = expanded.startsWith("/") ? expanded.slice(1) : normalize(join(folder, expanded));
    const target = dockerfile?.target?.text;
    const images = externalImages(files[name] ?? "", {
      buildArgs: dockerfile?.args ?? {},
      ...(target === undefined ? {} : { target }),
    });
    const pulled = images
      .filter((image) => image.kind !== "syntax")
      .map(({ reference }) => reference && formatReference(withDefaultTag(reference)));
    assert.deepEqual([...new Set(pulled)], want.baseImages);
    assert.equal(images.find((image) => image.kind === "syntax")?.text, want.syntaxImage);
  }
  if (want.compose === null) {
    assert.equal(compose, undefined);
    return;
  }
  assert.deepEqual(
    [compose?.files.map((file) => file.text), compose?.service?.text ?? null],
    [want.compose.files, want.compose.service],
  );
  const found = (compose?.files ?? []).flatMap(({ text: file }) => {
    const yaml = files[normalize(join(folder, file))];
    return yaml === undefined
      ? []
      : readComposeFile(yaml, { file, folder: "", variables: {} }).flatMap(({ services }) => [...services]);
  });
  for (const [name, service] of Object.entries(want.compose.services ?? {})) {
    const one = found.find(([candidate]) => candidate === name)?.[1];
    assert.ok(one !== undefined, name);
    assert.equal(one.image?.text, service.image);
    const context = service.build?.context;
    assert.equal(
      one.build?.context,
      context === undefined ? undefined : normalize(join("/", context)).replace(/(.)\/$/, "$1"),
    );
    assert.equal(one.build?.dockerfile, service.build?.dockerfile);
    assert.equal(one.build?.target, service.build?.target);
    assert.deepEqual(one.build?.args ?? {}, service.build?.args ?? {});
  }
}
