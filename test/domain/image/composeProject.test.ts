import { strict as assert } from "node:assert";
import { dirname, join } from "node:path";
import fc from "fast-check";
import { readComposeProject, startedServices, type ComposeProject } from "../../../src/domain/image/composeProject";
import { imageSources } from "../../../src/domain/image/devcontainerFile";
import { workspaceImages } from "../../../src/domain/image/workspaceImages";
import { diskFiles, fixtures, memoryFiles, plainImages, plainParsed } from "../../fixtures/workspaces/fixture";

function read(files: Record<string, string>, ...paths: string[]): Promise<ComposeProject> {
  const from = { file: "/w/devcontainer.json", range: { start: 0, end: 1 } };
  const named = (paths.length === 0 ? ["/w/c.yml"] : paths).map((path) => ({ path, from }));
  return readComposeProject(named, {}, (path) => memoryFiles(files).read(path));
}

const many = <T>(count: number, make: (index: number) => T): T[] =>
  Array.from({ length: count }, (_, index) => make(index));

describe("Compose project", () => {
  describe("read as docker-compose 1.29.2 reads it (recorded)", () => {
    for (const { name, folder, configFile, expected } of fixtures("compose-")) {
      if (expected.services === null) continue;
      it(name, async () => {
        const files = imageSources((await diskFiles.read(configFile)) ?? "").compose?.files ?? [];
        const paths = files.map(({ text }) => ({ path: join(dirname(configFile), text) }));
        const { services } = await readComposeProject(paths, expected.environment, (path) => diskFiles.read(path));
        assert.deepEqual(plainParsed(services, folder), expected.services);
      });
    }
  });

  describe("the images that creating the dev container pulls", () => {
    for (const { name, folder, configFile, expected } of fixtures("compose-")) {
      it(name, async () => {
        const found = await workspaceImages(folder, configFile, diskFiles, expected.environment);
        const { images, problems } = expected;
        assert.deepEqual(await plainImages(found, folder, diskFiles), { images, problems });
      });
    }
  });

  describe("services that are started", () => {
    const files = {
      "/w/c.yml": `services:
  app: { image: a, depends_on: [db] }
  db: { image: a, depends_on: { cache: { condition: x, required: false }, log: { condition: x } } }
  cache: { image: a, profiles: [cache] }
  log: { image: a, profiles: [log] }
  solo: { image: a, profiles: [solo] }
  same: { image: a, profiles: [solo], depends_on: [solo] }
`,
    };
    const cases: [name: string, service: string | undefined, run: string[], profiles: string[], expected: string[]][] =
      [
        ["all without a profile", "app", [], [], ["app", "db", "!log"]],
        ["those of an active profile too", "app", [], ["log", "cache"], ["app", "cache", "db", "log"]],
        ["all profiles by a star", "app", [], ["*"], ["app", "cache", "db", "log", "same", "solo"]],
        ["runServices, the service, and what they need", "app", ["solo"], ["log"], ["app", "db", "log", "solo"]],
        ["a named service's profile counts for what it needs", "same", ["same"], [], ["same", "solo"]],
        ["the service itself, even if its profile is not active", "solo", [], ["log"], ["app", "db", "log", "solo"]],
        ["a service that is not there", "nope", ["solo"], [], ["!nope", "solo"]],
        ["without a service", undefined, [], ["log"], ["app", "db", "log"]],
      ];
    for (const [name, service, run, profiles, expected] of cases) {
      it(name, async () => {
        const started = startedServices((await read(files)).services, service, run, profiles);
        const problems = started.problems.map(
          ({ message: text }) => `!${["log", "nope"].find((one) => text.includes(one)) ?? text}`,
        );
        assert.deepEqual([...started.names, ...problems].sort(), [...expected].sort());
      });
    }
  });

  it("says where a file is named that is not there", async () => {
    const { problems } = await read({ "/w/c.yml": "include: [gone.yml]\nservices: {}\n" }, "/w/c.yml", "/w/no.yml");
    assert.deepEqual(
      problems.map(({ file, message }) => [file, message]),
      [
        ["/w/c.yml", "There is no file /w/gone.yml."],
        ["/w/devcontainer.json", "There is no file /w/no.yml."],
      ],
    );
  });

  it("goes on with the other files where one is malformed", async () => {
    const { services, problems } = await read(
      { "/w/a.yml": "- x", "/w/b.yml": "services: {a: {image: b}}" },
      "/w/a.yml",
      "/w/b.yml",
    );
    assert.deepEqual([...services.keys()], ["a"]);
    assert.deepEqual(
      problems.map(({ file }) => file),
      ["/w/a.yml"],
    );
  });

  const hostile: [name: string, files: Record<string, string>, problem: RegExp][] = [
    ["a file that includes itself", { "/w/c.yml": "include: [c.yml]\nservices: {}" }, /circle/],
    [
      "files that include the next one twice",
      Object.fromEntries(
        many(
          30,
          (i) => [`/w/${i === 0 ? "c" : i}.yml`, `include: [${i + 1}.yml, ./${i + 1}.yml]\nservices: {}`] as const,
        ),
      ),
      /200 files/,
    ],
    [
      "a chain of files",
      Object.fromEntries(
        many(300, (i) => [`/w/${i === 0 ? "c" : i}.yml`, `include: [${i + 1}.yml]\nservices: {}`] as const),
      ),
      /100 deep/,
    ],
    [
      "a chain of extensions",
      { "/w/c.yml": `services:\n${many(5000, (i) => `  s${i}: { extends: s${i + 1}, image: a }`).join("\n")}` },
      /more than 100 services/,
    ],
    ["a service that extends itself", { "/w/c.yml": "services: {a: {extends: a, image: b}}" }, /circle/],
    [
      "files that extend each other",
      {
        "/w/c.yml": "services: {a: {extends: {file: d.yml, service: a}}}",
        "/w/d.yml": "services: {a: {extends: {file: c.yml, service: a}}}",
      },
      /circle/,
    ],
    [
      "many services that depend on each other",
      {
        "/w/c.yml": `services:\n${many(3000, (i) => `  s${i}: { depends_on: [s${i + 1}, s${i + 2}, s0] }`).join("\n")}`,
      },
      /^$/,
    ],
    [
      "a project of large files",
      Object.fromEntries(
        many(
          30,
          (i) =>
            [`/w/${i === 0 ? "c" : i}.yml`, `include: [${i + 1}.yml]\n# ${"x".repeat(200_000)}\nservices: {}`] as const,
        ),
      ),
      /larger than 2 MB/,
    ],
    ["a large file", { "/w/c.yml": `a: ${"x".repeat(600_000)}` }, /larger than 512 kB/],
  ];
  for (const [name, files, problem] of hostile) {
    it(`ends on ${name}`, async () => {
      const { services, problems } = await read(files);
      const started = startedServices(services, "s0", ["s0"], []);
      if (problem.source === "^$") assert.equal(started.names.size, 3000);
      else
        assert.ok(
          problems.some(({ message }) => problem.test(message)),
          problems[0]?.message,
        );
    });
  }

  it("any pair of files is read without an error", async () => {
    const body = fc.constantFrom(
      ...[
        "image: a",
        "build: .",
        "extends: one",
        "extends: {file: d.yml, service: one}",
        "!reset null",
        "depends_on: [two]",
      ],
      ...[
        "build: {args: [X]}",
        "image: !reset null",
        "<<: *x",
        "profiles: p",
        "build: {dockerfile_inline: FROM a}",
        "7",
      ],
    );
    const file = fc
      .record({
        one: fc.array(body, { maxLength: 3 }),
        two: fc.array(body, { maxLength: 3 }),
        include: fc.constantFrom("", "include: [d.yml]\n", "include: [c.yml]\n", "include: x\n"),
      })
      .map(({ one, two, include }) => {
        const write = (lines: string[]) => lines.map((line) => `\n    ${line}`).join("");
        return `${include}services:\n  one:${write(one)}\n  two:${write(two)}\n`;
      });
    await fc.assert(
      fc.asyncProperty(file, file, async (c, d) => {
        const { services } = await read({ "/w/c.yml": c, "/w/d.yml": d }, "/w/c.yml", "/w/d.yml");
        for (const { file: where, image } of services.values()) {
          const text = where === "/w/c.yml" ? c : d;
          if (image?.file === where) assert.equal(text.slice(image.range.start, image.range.end), image.text);
        }
      }),
      { numRuns: 500 },
    );
  });
});
