import { strict as assert } from "node:assert";
import type { Finding } from "../../src/domain/diagnosis/finding";
import { registriesInUse, type ImageInUse } from "../../src/domain/diagnosis/registriesInUse";
import { parseImageReference } from "../../src/domain/image/reference";
import type { WorkspaceImage } from "../../src/domain/image/workspaceImages";
import type { RegistrySecret } from "../../src/domain/secret/secret";
import { registryGroup } from "../../src/presentation/registryRows";
import { attentionOf, type ViewRow } from "../../src/presentation/viewRows";
import { aFinding, aSecret } from "../fakes/samples";

const FOLDER = "/home/dev/app";
const PROJECT = "github.com/acme/app";
let offset = 0;

function anImage(text: string, change: Partial<WorkspaceImage> = {}): WorkspaceImage {
  offset += 100;
  return {
    file: `${FOLDER}/.devcontainer/devcontainer.json`,
    range: { start: offset, end: offset + text.length },
    role: "image",
    text,
    reference: parseImageReference(text),
    ...change,
  };
}

function use(text: string, change: Partial<ImageInUse> = {}): ImageInUse {
  return { project: PROJECT, folder: FOLDER, image: anImage(text), ...change };
}

function found(text: string, finding: Partial<Finding>): ImageInUse {
  const image = anImage(text);
  const place = { file: image.file, role: image.role };
  return use(text, { image, finding: aFinding({ image: text, place, registry: "ghcr.io", ...finding }) });
}

function rows(images: readonly ImageInUse[], secrets: readonly RegistrySecret[] = [], folders = 1): ViewRow[] {
  return [...(registryGroup(registriesInUse(images, secrets), [], folders).children ?? [])];
}

describe("the registries in use", () => {
  const secret = aSecret({ name: "GHCR" });
  const cases: [what: string, images: ImageInUse[], secrets: RegistrySecret[], want: string[], context: string[]][] = [
    ["no secret", [use("ghcr.io/acme/app:1")], [], ["ghcr.io: no secret · 1 image"], ["registry;no-secret"]],
    [
      "the effective secret, for all images of the host",
      [use("ghcr.io/acme/app:1"), use("ghcr.io/acme/tool")],
      [secret],
      ["ghcr.io: GHCR · 2 images"],
      ["registry;secret"],
    ],
    [
      "a secret of another project does not count",
      [use("ghcr.io/acme/app:1")],
      [aSecret({ scope: "project", project: "github.com/other/app" })],
      ["ghcr.io: no secret · 1 image"],
      ["registry;no-secret"],
    ],
    [
      "public by what it is",
      [use("debian"), use("mcr.microsoft.com/devcontainers/base")],
      [],
      ["Docker Hub: anonymous · 1 image", "mcr.microsoft.com: anonymous · 1 image"],
      ["registry;anonymous", "registry;anonymous"],
    ],
    [
      "one public image of two leaves the question open",
      [use("debian"), use("acme/app")],
      [],
      ["Docker Hub: no secret · 2 images"],
      ["registry;no-secret"],
    ],
    [
      "public as a check has shown",
      [found("ghcr.io/acme/app:1", { code: "fine" })],
      [],
      ["ghcr.io: anonymous · 1 image"],
      ["registry;anonymous"],
    ],
    [
      "private as a check has shown",
      [found("ghcr.io/acme/app:1", { code: "no-credential" })],
      [],
      ["ghcr.io: private · no secret"],
      ["registry;no-secret"],
    ],
    [
      "Docker's own login serves",
      [found("ghcr.io/acme/app:1", { credential: { kind: "docker-config", username: "bob" } })],
      [],
      ["ghcr.io: Docker's own login · 1 image"],
      ["registry;docker-login"],
    ],
    [
      "the login is refused",
      [
        use("ghcr.io/acme/tool"),
        found("ghcr.io/acme/app:1", {
          code: "wrong-credential",
          credential: { kind: "secret", name: "GHCR", scope: "user", username: "octocat" },
        }),
      ],
      [secret],
      ["ghcr.io: login refused · GHCR"],
      ["registry;secret"],
    ],
    ["what is no image name belongs to no registry", [use("debian", { image: withoutReference() })], [], [], []],
  ];
  for (const [what, images, secrets, want, context] of cases) {
    it(what, () => {
      const shown = rows(images, secrets);
      assert.deepEqual(
        shown.map(({ label, description }) => `${label}: ${String(description)}`),
        want,
      );
      assert.deepEqual(
        shown.map((row) => row.context),
        context,
      );
    });
  }

  it("are asked for a secret in a row of its own, with the host filled in", () => {
    const [registry] = rows([use("ghcr.io/acme/app:1")]);
    const [first] = registry?.children ?? [];
    assert.equal(first?.click, "new-secret");
    assert.ok(first.subject.kind === "registry" && first.subject.host.key === "ghcr.io");
    assert.equal(registry?.isOpen, true);
  });

  it("need the person only where a check found trouble", () => {
    const calm = rows([use("ghcr.io/acme/app:1"), found("quay.io/acme/app", { code: "fine" })]);
    assert.deepEqual(attentionOf(calm), []);
    const trouble = rows([found("ghcr.io/acme/app:1", { code: "no-credential" })]);
    assert.equal(attentionOf(trouble).length, 1);
    assert.match(attentionOf(trouble)[0] ?? "", /ghcr\.io/);
  });

  it("list an image once that two configurations share", () => {
    const image = anImage("ghcr.io/acme/app:1");
    const [registry] = rows([use("debian", { image }), use("debian", { image })], [secret]);
    assert.equal(registry?.description, "GHCR · 1 image");
    assert.deepEqual(
      registry.children?.map(({ label }) => label),
      ["acme/app:1"],
    );
  });

  it("are told apart by their folder where several are open", () => {
    const other = { project: "folder:/home/dev/tool", folder: "/home/dev/tool" };
    const shown = rows([use("ghcr.io/acme/app:1"), use("ghcr.io/acme/tool", other)], [], 2);
    assert.deepEqual(
      shown.map(({ description }) => description),
      ["no secret · 1 image · app", "no secret · 1 image · tool"],
    );
    assert.equal(new Set(shown.map(({ id }) => id)).size, 2);
  });

  it("name each of the folders that share a project, and the images say which they are in", () => {
    const jobs = "/home/dev/jobs";
    const image = anImage("ghcr.io/acme/jobs:1", { file: `${jobs}/.devcontainer.json` });
    const [shown] = rows([use("ghcr.io/acme/app:1"), use(image.text, { folder: jobs, image })], [secret], 2);
    assert.equal(shown?.description, "GHCR · 2 images · app, jobs");
    assert.deepEqual(
      shown.children?.map(({ description }) => description),
      ["app/.devcontainer/devcontainer.json", "jobs/.devcontainer.json"],
    );
  });

  it("come after what could not be read, which is said with its place, once, and opens there", () => {
    const file = `${FOLDER}/.devcontainer/devcontainer.json`;
    const syntax = {
      file,
      code: "syntax",
      detail: "CommaExpected",
      message: "m",
      line: 3,
      range: { start: 9, end: 9 },
    } as const;
    const compose = { file: `${FOLDER}/compose.yml`, message: "It is not YAML." };
    const problems = [syntax, syntax, compose].map((problem) => ({ folder: FOLDER, problem }));
    const shown = (folders: number) =>
      registryGroup(registriesInUse([use("ghcr.io/acme/app:1")], []), problems, folders).children ?? [];
    assert.deepEqual(
      shown(1).map(({ label, description }) => `${label} ${description ?? ""}`),
      [
        ".devcontainer/devcontainer.json:3 The JSON is malformed here (CommaExpected).",
        "compose.yml It is not YAML.",
        "ghcr.io no secret · 1 image",
      ],
    );
    assert.deepEqual(shown(1)[0]?.subject, { kind: "image", file, range: syntax.range });
    assert.deepEqual(attentionOf(shown(1)), []);
    assert.equal(shown(2)[0]?.label, "app/.devcontainer/devcontainer.json:3");
  });

  it("hold no secret, and nothing that was forgotten", () => {
    const text = JSON.stringify(rows([use("ghcr.io/acme/app:1"), use("debian")], [secret]));
    assert.doesNotMatch(text, /s3cret|undefined|\[object|redacted/);
  });
});

function withoutReference(): WorkspaceImage {
  const { reference: _, ...image } = anImage("debian");
  return image;
}
