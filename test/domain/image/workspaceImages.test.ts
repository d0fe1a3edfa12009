import { strict as assert } from "node:assert";
import { dirname } from "node:path";
import fc from "fast-check";
import { Failure } from "../../../src/domain/failure";
import type { ResolvedServices } from "../../../src/domain/image/composeResolved";
import { chooseConfigFile, findConfigFiles } from "../../../src/domain/image/configFiles";
import { join } from "../../../src/domain/image/paths";
import { formatReference, parseImageReference, withDefaultTag } from "../../../src/domain/image/reference";
import {
  workspaceImages,
  type WorkspaceImage,
  type WorkspaceImages,
  type WorkspaceImagesPorts,
} from "../../../src/domain/image/workspaceImages";
import { judge, sharedRows, type Differences, type Row } from "../../fixtures/vectors/judge";
import { memoryFiles } from "../../fixtures/workspaces/fixture";

const CONFIG = "/w/.devcontainer/devcontainer.json";

interface Case {
  readonly config: string | object;
  readonly files?: Readonly<Record<string, string>>;
  readonly env?: Readonly<Record<string, string>>;
  readonly ports?: WorkspaceImagesPorts;
}

async function read({ config, files = {}, env = {}, ports = {} }: Case) {
  const text = typeof config === "string" ? config : JSON.stringify(config);
  const all = { ...files, [CONFIG]: text };
  const found = await workspaceImages("/w", CONFIG, memoryFiles(all), env, ports);
  const rows = found.images.map(({ file, range, reference }) => [
    file.replace(/^\/w\//, ""),
    all[file as keyof typeof all].slice(range.start, range.end),
    reference === undefined ? undefined : formatReference(reference),
  ]);
  return { ...found, rows };
}

const DIFFERENCES: Differences = {};

describe("images of a workspace", () => {
  describe("which devcontainer.json", () => {
    const files = memoryFiles({
      "/w/.devcontainer/devcontainer.json": "{}",
      "/w/.devcontainer.json": "{}",
      "/w/.devcontainer/b/devcontainer.json": "{}",
      "/w/.devcontainer/a/devcontainer.json": "{}",
      "/w/.devcontainer/a/deep/devcontainer.json": "{}",
      "/w/.devcontainer/none/Dockerfile": "FROM a",
      "/w/other/devcontainer.json": "{}",
      "/one/.devcontainer.json": "{}",
    });

    it("is found at every place of the specification, one level deep, in its order", async () => {
      for (const folder of ["/w", "/w/"]) {
        assert.deepEqual(await findConfigFiles(folder, files), [
          "/w/.devcontainer/devcontainer.json",
          "/w/.devcontainer.json",
          "/w/.devcontainer/a/devcontainer.json",
          "/w/.devcontainer/b/devcontainer.json",
        ]);
      }
      assert.deepEqual(await findConfigFiles("/nowhere", files), []);
    });

    it("is the wanted one, or the only one", async () => {
      assert.equal(await chooseConfigFile("/one", undefined, files), "/one/.devcontainer.json");
      assert.equal(await chooseConfigFile("/w", "/w/other/devcontainer.json", files), "/w/other/devcontainer.json");
      const refusals: [folder: string, wanted: string | undefined, code: string][] = [
        ["/w", undefined, "several-devcontainer-json"],
        ["/nowhere", undefined, "no-devcontainer-json"],
        ["/w", "/w/nope.json", "no-devcontainer-json"],
      ];
      for (const [folder, wanted, code] of refusals) {
        await assert.rejects(
          chooseConfigFile(folder, wanted, files),
          (error) => error instanceof Failure && error.code === code,
        );
      }
    });
  });

  const cases: [name: string, given: Case, rows: (string | undefined)[][], problems?: RegExp[]][] = [
    [
      "an image with variables",
      { config: { image: "${localEnv:HOST:ghcr.io}/acme/${localWorkspaceFolderBasename}:1" } },
      [
        [
          ".devcontainer/devcontainer.json",
          "${localEnv:HOST:ghcr.io}/acme/${localWorkspaceFolderBasename}:1",
          "ghcr.io/acme/w:1",
        ],
      ],
    ],
    [
      "a byte order mark, comments and carriage returns",
      { config: '\uFEFF// x\r\n{\r\n  /* "image": "no" */ "image": "alpine", // y\r\n}' },
      [[".devcontainer/devcontainer.json", "alpine", "docker.io/library/alpine"]],
    ],
    [
      "a frontend of an argument, which takes the place of the Dockerfile's own",
      {
        config: {
          build: { dockerfile: "Dockerfile", args: { BUILDKIT_SYNTAX: " ${localEnv:HOST:reg.io}/front:1 x=y" } },
        },
        files: { "/w/.devcontainer/Dockerfile": "# syntax=other\nFROM a" },
      },
      [
        [".devcontainer/devcontainer.json", " ${localEnv:HOST:reg.io}/front:1 x=y", "reg.io/front:1"],
        [".devcontainer/Dockerfile", "a", "docker.io/library/a"],
      ],
    ],
    [
      "a frontend of an option, and none of an empty argument",
      {
        config: {
          build: {
            dockerfile: "Dockerfile",
            args: { BUILDKIT_SYNTAX: "" },
            options: ["--build-arg", "BUILDKIT_SYNTAX=reg.io/front:2"],
          },
        },
        files: { "/w/.devcontainer/Dockerfile": "FROM a" },
      },
      [
        [".devcontainer/devcontainer.json", "reg.io/front:2", "reg.io/front:2"],
        [".devcontainer/Dockerfile", "a", "docker.io/library/a"],
      ],
    ],
    [
      "frontends of the arguments of Compose services",
      {
        config: { dockerComposeFile: "c.yml", service: "a" },
        files: {
          "/w/.devcontainer/c.yml":
            "services:\n  a: { build: { context: ., args: { BUILDKIT_SYNTAX: 'reg.io/one:1' } } }\n" +
            "  b: { build: { context: ., args: [BUILDKIT_SYNTAX=reg.io/two:1] } }\n",
          "/w/.devcontainer/Dockerfile": "FROM a",
        },
      },
      [
        [".devcontainer/c.yml", "reg.io/one:1", "reg.io/one:1"],
        [".devcontainer/Dockerfile", "a", "docker.io/library/a"],
        [".devcontainer/c.yml", "reg.io/two:1", "reg.io/two:1"],
        [".devcontainer/Dockerfile", "a", "docker.io/library/a"],
      ],
    ],
    [
      "a Dockerfile with arguments, target and a path upwards",
      {
        config: {
          build: {
            dockerfile: "../docker//./Dockerfile",
            context: "..",
            target: "dev",
            args: { V: "${localEnv:V}", N: 3 },
            cacheFrom: "ghcr.io/acme/cache",
          },
        },
        files: {
          "/w/docker/Dockerfile": "ARG V\nARG N\nFROM debian:$V AS dev\nCOPY --from=alpine:$N / /\nFROM other\n",
        },
        env: { V: "12" },
      },
      [
        ["docker/Dockerfile", "debian:$V", "docker.io/library/debian:12"],
        ["docker/Dockerfile", "alpine:$N", undefined],
      ],
    ],
    [
      "the older keys, and an absolute path",
      {
        config: { dockerFile: "${localWorkspaceFolder}/Dockerfile", context: ".." },
        files: { "/w/Dockerfile": "FROM alpine\n" },
      },
      [["Dockerfile", "alpine", "docker.io/library/alpine"]],
    ],
    [
      "syntax, carriage returns, a byte order mark, continued lines and quotes of a Dockerfile",
      {
        config: { build: { dockerfile: "Dockerfile" } },
        files: {
          "/w/.devcontainer/Dockerfile":
            '\uFEFF# syntax=docker/dockerfile:1\r\nFROM --platform=linux/amd64 \\\r\n  debian:12 AS a\r\nFROM "ghcr.io/acme/app"\r\n' +
            'COPY --chown=x --from=ghcr.io/acme/tools:1 / /\r\nCOPY "--from=alpine:3" / /\r\n' +
            "RUN --mount=type=bind,target=/x,from=busybox \\\r\n  true\r\n",
        },
      },
      [
        [".devcontainer/Dockerfile", "docker/dockerfile:1", "docker.io/docker/dockerfile:1"],
        [".devcontainer/Dockerfile", "ghcr.io/acme/app", "ghcr.io/acme/app"],
        [".devcontainer/Dockerfile", "ghcr.io/acme/tools:1", "ghcr.io/acme/tools:1"],
        [".devcontainer/Dockerfile", "busybox", "docker.io/library/busybox"],
      ],
    ],
    [
      "a build context of build.options in place of an image",
      {
        config: {
          build: {
            dockerfile: "Dockerfile",
            options: ["--build-context", "alpine=docker-image://ghcr.io/acme/alpine:3", "--build-context=dir=../dir"],
          },
        },
        files: { "/w/.devcontainer/Dockerfile": "FROM alpine:latest\nCOPY --from=dir / /\nCOPY --from=b / /\n" },
      },
      [
        [".devcontainer/devcontainer.json", "ghcr.io/acme/alpine:3", "ghcr.io/acme/alpine:3"],
        [".devcontainer/Dockerfile", "b", "docker.io/library/b"],
      ],
    ],
    [
      "the Dockerfile where an image and Compose files are named too",
      {
        config: { image: "no", dockerComposeFile: "no.yml", build: { dockerfile: "Dockerfile" } },
        files: { "/w/.devcontainer/Dockerfile": "FROM alpine" },
      },
      [[".devcontainer/Dockerfile", "alpine", "docker.io/library/alpine"]],
    ],
    [
      "the image where Compose files are named too",
      { config: { image: "alpine", dockerComposeFile: "no.yml" } },
      [[".devcontainer/devcontainer.json", "alpine", "docker.io/library/alpine"]],
    ],
    [
      "the default Compose files for an empty list",
      {
        config: { dockerComposeFile: [], service: "app" },
        files: {
          "/w/docker-compose.yml": "services: {app: {image: a}}",
          "/w/docker-compose.override.yml": "services: {app: {image: b}}",
        },
      },
      [["docker-compose.override.yml", "b", "docker.io/library/b"]],
    ],
    [
      "COMPOSE_FILE for an empty list",
      {
        config: { dockerComposeFile: [], service: "app" },
        files: { "/w/x.yml": "services: {app: {image: a}}", "/w/.env": "COMPOSE_FILE=x.yml:none.yml\n" },
        env: { COMPOSE_FILE: "x.yml" },
      },
      [["x.yml", "a", "docker.io/library/a"]],
    ],
    [
      "a Compose file that names no image, builds from a URL, and is without the service",
      {
        config: { dockerComposeFile: "c.yml", service: "nope" },
        files: {
          "/w/.devcontainer/c.yml": "services: {app: {build: 'https://example.com/x.git#main'}, b: {image: Acme}}",
        },
      },
      [[".devcontainer/c.yml", "Acme", undefined]],
      [/no service "nope"/, /https:\/\/example.com\/x.git#main is not on this machine/],
    ],
    [
      "files that are not there",
      { config: { build: { dockerfile: "Dockerfile" }, features: { "./local": {} } } },
      [],
      [/no file \/w\/.devcontainer\/Dockerfile/, /no file \/w\/.devcontainer\/local\/devcontainer-feature.json/],
    ],
    [
      "a Compose file that is not there, and no service",
      { config: { dockerComposeFile: ["c.yml"] } },
      [],
      [/no file \/w\/.devcontainer\/c.yml/, /No service is named/],
    ],
    [
      "malformed files",
      {
        config: { dockerComposeFile: ["a.yml", "b.yml"], service: "app" },
        files: {
          "/w/.devcontainer/a.yml": "- x",
          "/w/.devcontainer/b.yml": "services: {app: {build: .}}",
          "/w/.devcontainer/Dockerfile": "RUN x",
        },
      },
      [],
      [/not a YAML mapping/, /RUN stands before the first FROM/],
    ],
    [
      "files that are far too large",
      {
        config: { dockerComposeFile: ["a.yml", "b.yml"], service: "app" },
        files: {
          "/w/.devcontainer/a.yml": `x: ${"x".repeat(600_000)}`,
          "/w/.devcontainer/b.yml": "services: {app: {build: .}}",
          "/w/.devcontainer/Dockerfile": `FROM a\n${"#".repeat(600_000)}`,
        },
      },
      [],
      [/larger than 512 kB/, /larger than 512 kB/],
    ],
  ];
  for (const [name, given, rows, problems = []] of cases) {
    it(`gives ${name}`, async () => {
      const found = await read(given);
      assert.deepEqual(found.rows, rows);
      assert.equal(found.problems.length, problems.length, JSON.stringify(found.problems));
      for (const [index, problem] of problems.entries()) assert.match(found.problems[index]?.message ?? "", problem);
    });
  }

  it("names the variables without a value, wherever they went through", async () => {
    const { images } = await read({
      config: {
        build: {
          dockerfile: "Dockerfile",
          args: { A: "${localEnv:HOST}/x", E: "${devcontainerId}", F: "1${localEnv:OK}" },
        },
      },
      files: {
        "/w/.devcontainer/Dockerfile":
          "ARG A\nARG B=$A\nARG C\nARG D=${C:-ok}\nARG E\nARG F\n" +
          "FROM $B\nFROM ghcr.io/acme/$C\nFROM alpine:$D\nFROM a:$E\nFROM b:$F\nFROM ${NONE:-c}\n" +
          "COPY --from=0 / /\nCOPY --from=1 / /\nCOPY --from=2 / /\nCOPY --from=3 / /\nCOPY --from=4 / /\n",
      },
      env: { OK: "2" },
    });
    assert.deepEqual(
      images.map(({ text, unresolved }) => [text, unresolved]),
      [
        ["$B", ["HOST"]],
        ["ghcr.io/acme/$C", ["C"]],
        ["alpine:$D", undefined],
        ["a:$E", ["devcontainerId"]],
        ["b:$F", undefined],
        ["${NONE:-c}", undefined],
      ],
    );
  });

  it("refuses a devcontainer.json that is not there, or is none", async () => {
    const code = (wanted: string) => (error: unknown) => error instanceof Failure && error.code === wanted;
    await assert.rejects(workspaceImages("/w", CONFIG, memoryFiles({})), code("no-devcontainer-json"));
    await assert.rejects(read({ config: "[]" }), code("invalid-devcontainer-json"));
  });

  it("says where in devcontainer.json the missing file is named", async () => {
    const config = '{"dockerComposeFile": ["c.yml"], "service": "app"}';
    const { problems } = await read({ config });
    assert.deepEqual(
      problems.map(({ file, range }) => [file, config.slice(range?.start, range?.end)]),
      [
        [CONFIG, "c.yml"],
        [CONFIG, "app"],
      ],
    );
  });

  describe("Features", () => {
    const config = {
      image: "alpine",
      features: {
        "ghcr.io/acme/features/one:1": {},
        "./local": {},
        node: {},
        "https://example.com/f.tgz": {},
        "acme/x/y": {},
      },
    };
    const digest = `sha256:${"a".repeat(64)}`;
    const asked: string[] = [];
    const metadata: Record<string, string | Error> = {
      "ghcr.io/acme/features/one:1":
        '{"id": "one", "dependsOn": {"ghcr.io/acme/features/two": {}, "ghcr.io/acme/features/gone": {}}}',
      [`ghcr.io/acme/features/two@${digest}`]:
        '{"dependsOn": {"ghcr.io/acme/features/three:3": "x", "ghcr.io/acme/features/one:1": {}}}',
      "ghcr.io/acme/features/gone": new Error("refused"),
      "ghcr.io/acme/features/three:3": "no JSON",
    };
    const ports: WorkspaceImagesPorts = {
      featureMetadata: (reference) => {
        const name = formatReference(reference);
        asked.push(name);
        const answer = metadata[name];
        return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
      },
    };
    const files = {
      "/w/.devcontainer/local/devcontainer-feature.json":
        '// x\n{"dependsOn": {"quay.io/acme/four": {}, "./other": {}},}',
      "/w/.devcontainer/other/devcontainer-feature.json": '{"dependsOn": {"./local": {}}}',
      "/w/.devcontainer/devcontainer-lock.json": JSON.stringify({
        features: {
          "ghcr.io/acme/features/two": { version: "2.0.0", resolved: `ghcr.io/acme/features/two@${digest}` },
          "https://example.com/f.tgz": { resolved: "https://example.com/f.tgz" },
          "./local": 7,
        },
      }),
    };
    const plain = ({ text, reference, dependencyOf }: WorkspaceImage) => [
      text,
      reference && formatReference(reference),
      ...(dependencyOf === undefined ? [] : [dependencyOf]),
    ];

    it("are followed to what they depend on, pinned by the lock file, at the place of the one that brought them", async () => {
      asked.length = 0;
      const found = await read({ config, files, ports });
      assert.deepEqual(found.images.filter(({ role }) => role === "feature").map(plain), [
        ["ghcr.io/acme/features/one:1", "ghcr.io/acme/features/one:1"],
        ["node", "ghcr.io/devcontainers/features/node:1"],
        ["ghcr.io/acme/features/two", `ghcr.io/acme/features/two@${digest}`, "ghcr.io/acme/features/one:1"],
        ["ghcr.io/acme/features/gone", "ghcr.io/acme/features/gone", "ghcr.io/acme/features/one:1"],
        ["quay.io/acme/four", "quay.io/acme/four", "./local"],
        ["ghcr.io/acme/features/three:3", "ghcr.io/acme/features/three:3", "ghcr.io/acme/features/one:1"],
      ]);
      for (const [index, { text, dependencyOf }] of found.images.entries())
        assert.equal(found.rows[index]?.[1], dependencyOf ?? text);
      assert.deepEqual(found.problems, []);
      assert.equal(new Set(asked).size, asked.length, "each is asked for once");
    });

    it("are those of the file alone where nobody can be asked", async () => {
      const found = await read({ config: { image: "alpine", features: { "ghcr.io/acme/features/one:1": {} } } });
      assert.deepEqual(found.images.map(plain), [
        ["alpine", "docker.io/library/alpine"],
        ["ghcr.io/acme/features/one:1", "ghcr.io/acme/features/one:1"],
      ]);
    });

    it("name those that they are installed after, which are fetched and followed no further", async () => {
      const found = await read({
        config: {
          image: "alpine",
          features: { "ghcr.io/a/one:1": {}, "./local": {} },
          overrideFeatureInstallOrder: ["ghcr.io/a/first", "./local", "ghcr.io/a/one:1", "::"],
        },
        files: {
          "/w/.devcontainer/local/devcontainer-feature.json":
            '{"installsAfter": ["ghcr.io/a/four", 7, "ghcr.io/a/one:1"]}',
        },
        ports: {
          featureMetadata: ({ repository }) =>
            Promise.resolve(
              {
                "a/one": '{"dependsOn": {"ghcr.io/a/two": {}}, "installsAfter": ["ghcr.io/a/three"]}',
                "a/two": '{"installsAfter": "ghcr.io/a/no-list"}',
                "a/three": '{"dependsOn": {"ghcr.io/a/never": {}}}',
              }[repository],
            ),
        },
      });
      assert.deepEqual(found.images.slice(1).map(plain), [
        ["ghcr.io/a/one:1", "ghcr.io/a/one:1"],
        ["ghcr.io/a/two", "ghcr.io/a/two", "ghcr.io/a/one:1"],
        ["ghcr.io/a/first", "ghcr.io/a/first"],
        ["ghcr.io/a/three", "ghcr.io/a/three", "ghcr.io/a/one:1"],
        ["ghcr.io/a/four", "ghcr.io/a/four", "./local"],
      ]);
      assert.deepEqual(
        found.problems.map(({ message }) => message),
        ['"::" is not the name of a Feature.'],
      );
    });

    it("are written or brought in alike, whether the registries were asked or not", async () => {
      const config = {
        image: "alpine",
        features: { "ghcr.io/a/one:1": {} },
        overrideFeatureInstallOrder: ["ghcr.io/a/two", "ghcr.io/a/one"],
      };
      const featureMetadata = () => Promise.resolve('{"dependsOn": {"ghcr.io/a/two": {}}}');
      for (const ports of [{}, { featureMetadata }]) {
        const { images } = await read({ config, ports });
        assert.deepEqual(
          images.filter(({ dependencyOf }) => dependencyOf === undefined).map(({ text }) => text),
          ["alpine", "ghcr.io/a/one:1", "ghcr.io/a/two"],
        );
      }
    });

    it("have their lock file named after a hidden devcontainer.json", async () => {
      const all = memoryFiles({
        "/w/.devcontainer.json": '{"image": "a", "features": {"ghcr.io/a/b": {}}}',
        "/w/.devcontainer-lock.json": `{"features": {"ghcr.io/a/b": {"resolved": "ghcr.io/a/b@${digest}"}}}`,
      });
      const { images } = await workspaceImages("/w", "/w/.devcontainer.json", all);
      assert.equal(images[1]?.reference?.digest, digest);
    });

    it("end: a Feature that brings in another for ever", async () => {
      let count = 0;
      const found = await read({
        config: { image: "a", features: { "ghcr.io/a/f0": {} } },
        ports: { featureMetadata: () => Promise.resolve(`{"dependsOn": {"ghcr.io/a/f${++count}": {}}}`) },
      });
      assert.equal(found.images.length, 101);
      assert.match(found.problems[0]?.message ?? "", /More than 100 Features/);
    });

    it("let the person's stop through", async () => {
      const ports = { featureMetadata: () => Promise.reject(new Failure("cancelled", "Cancelled.")) };
      await assert.rejects(
        read({ config, files, ports }),
        (error) => error instanceof Failure && error.code === "cancelled",
      );
    });
  });

  it("knows the platform that a Compose service is wanted for, be it pulled or built", async () => {
    const files = {
      "/w/compose.yml":
        'services:\n  app: {image: a, platform: "linux/${ARCH}"}\n  b: {build: {dockerfile_inline: "FROM c"}, platform: linux/s390x}\n  d: {image: d}\n',
    };
    const config = { dockerComposeFile: "../compose.yml", service: "app" };
    const found = await read({ config, files, env: { ARCH: "arm64" } });
    assert.deepEqual(
      found.images.map(({ text, platform, isBase }) => [text, platform, isBase]),
      [
        ["a", "linux/arm64", true],
        ["c", "linux/s390x", undefined],
        ["d", undefined, undefined],
      ],
    );
  });

  describe("the engine's own Compose", () => {
    const config = { dockerComposeFile: "c.yml", service: "app" };
    const files = {
      "/w/.devcontainer/c.yml":
        "include: ['https://example.com/x.git']\nservices:\n  app: { image: '${X}', depends_on: [gone] }\n  b: { build: . }\n",
      "/elsewhere/Dockerfile": "FROM debian:12\n",
    };
    const resolved: ResolvedServices = new Map([
      ["app", { image: "ghcr.io/acme/app:1", dependsOn: { far: true } }],
      ["b", { build: { context: "/elsewhere", dockerfile: "Dockerfile" } }],
      ["far", { image: "ghcr.io/acme/far:1" }],
    ]);

    it("says what the services are, our own reading where they stand", async () => {
      const asked: unknown[] = [];
      const composeConfig = (...args: unknown[]) => {
        asked.push(args);
        return Promise.resolve(resolved);
      };
      const found = await read({ config, files, env: { A: "b" }, ports: { composeConfig } });
      assert.deepEqual(asked, [[["/w/.devcontainer/c.yml"], "/w", { A: "b" }]]);
      assert.deepEqual(
        found.rows,
        [
          [".devcontainer/c.yml", "${X}", "ghcr.io/acme/app:1"],
          [undefined, undefined, undefined],
          [".devcontainer/devcontainer.json", "c.yml", "ghcr.io/acme/far:1"],
        ].map((row, index) => (index === 1 ? found.rows[1] : row)),
      );
      assert.equal(found.images[1]?.file, "/elsewhere/Dockerfile");
      assert.deepEqual(found.problems, []);
    });

    for (const [name, composeConfig] of [
      ["is not there", () => Promise.resolve(undefined)],
      ["fails", () => Promise.reject(new Error("no"))],
    ] as const) {
      it(`that ${name} leaves our own reading`, async () => {
        const found = await read({ config, files, ports: { composeConfig } });
        assert.deepEqual(
          found.images.map(({ text, unresolved }) => [text, unresolved]),
          [["${X}", ["X"]]],
        );
        assert.equal(found.problems.length, 3);
      });
    }
  });

  it("joins paths", () => {
    const joined: [base: string, path: string, expected: string][] = [
      ["/w/a", "b", "/w/a/b"],
      ["/w/a", "../b/./c//d/", "/w/b/c/d"],
      ["/w", "../../../etc", "/etc"],
      ["/w", "/x/../y", "/y"],
      ["/w", "//x//y", "/x/y"],
      ["/", "x", "/x"],
      ["/w", "a\\b", "/w/a\\b"],
      ["C:/w", "..\\a\\b", "C:/a/b"],
      ["C:/w", "D:/x", "D:/x"],
      ["//server/share/w", "../a", "//server/share/a"],
    ];
    for (const [base, path, expected] of joined) assert.equal(join(base, path), expected, `${base} ${path}`);
  });

  it("any files give images whose place is their text, or a Failure", async () => {
    const name = fc.constantFrom("alpine", "ghcr.io/acme/app:1", "$A", "${A:-b}/c", "${localEnv:A}", "Acme");
    const dockerfile = fc
      .array(
        fc.oneof(
          name.map((image) => `FROM ${image}`),
          name.map((image) => `FROM --platform=x \\\n  ${image} AS s`),
          name.map((image) => `COPY --from=${image} / /`),
          fc.constantFrom("ARG A=b", "ARG A", "# x", "RUN <<E", "E", "RUN --mount=from=s true"),
        ),
        { maxLength: 6 },
      )
      .chain((lines) =>
        fc.constantFrom("\n", "\r\n").map((end) => `# syntax=a/b\nFROM x\n${lines.join("\n")}\n`.replaceAll("\n", end)),
      );
    const indented = dockerfile.map((text) => text.replace(/^/gm, "        "));
    const compose = fc
      .record({ image: name, quote: fc.constantFrom("", '"', "'"), inline: indented, other: name })
      .map(
        ({ image, quote, inline, other }) =>
          `services:\n  app:\n    image: ${quote}${image}${quote}\n  b:\n    build:\n      dockerfile_inline: |\n${inline}\n  c: { build: { additional_contexts: { x: 'docker-image://${other}' } } }\n`,
      );
    const config = fc.oneof(
      name.map((image) => ({ image })),
      name.map((value) => ({ build: { dockerfile: "Dockerfile", args: { A: value } }, features: { [value]: {} } })),
      fc.constant({ dockerComposeFile: "c.yml", service: "app" }),
    );
    await fc.assert(
      fc.asyncProperty(config, dockerfile, compose, async (given, docker, yaml) => {
        const files = { "/w/.devcontainer/Dockerfile": docker, "/w/.devcontainer/c.yml": yaml };
        const found = await read({ config: given, files, env: { A: "value" } });
        for (const [index, { text, file }] of found.images.entries()) {
          const written = found.rows[index]?.[1] ?? "";
          // what an inline Dockerfile says stands in the file before interpolation
          if (file.endsWith("c.yml") && written.includes("$")) continue;
          assert.equal(written, text);
        }
      }),
      { numRuns: 500 },
    );
  });

  it("any text is read without an error", async () => {
    const text = fc.oneof(
      fc.string(),
      fc.json(),
      fc.string({ unit: fc.constantFrom(...Array.from("{}[]:\"'\n \t-#&*$<|>!%@`\\,a")) }),
    );
    const config = JSON.stringify({
      dockerComposeFile: ["c.yml"],
      service: "a",
      features: { "./l": {}, "ghcr.io/a/b": {} },
    });
    await fc.assert(
      fc.asyncProperty(text, text, text, async (one, two, three) => {
        const files = {
          "/w/.devcontainer/c.yml": `services:\n  a:\n    build: .\n${one}`,
          "/w/.devcontainer/Dockerfile": two,
          "/w/.devcontainer/.env": three,
          "/w/.devcontainer/devcontainer-lock.json": three,
          "/w/.devcontainer/l/devcontainer-feature.json": three,
        };
        const { images, problems } = await read({ config, files });
        assert.ok(images.length + problems.length > 0);
      }),
      { numRuns: 500 },
    );
  });

  describe("vectors: whole files by others, end to end", () => {
    const rows = sharedRows<FileRow>("devcontainer-json")?.filter((row) => row.kind === undefined);
    if (rows === undefined) {
      it("are not here (../shared/vectors), so these cases are skipped", function () {
        this.skip();
      });
      return;
    }
    judge(rows, DIFFERENCES, checkFile);
  });
});

type FileRow = Row & {
  kind?: string;
  in: { path: string; text: string; files?: Record<string, string> };
  want: {
    error?: string;
    image: string | null;
    build: { dockerfile: string } | null;
    compose: { services?: Record<string, { image?: string; build?: unknown }> } | null;
    features: { kind: string; resource?: string; mapsTo?: string }[];
    baseImages?: string[];
    syntaxImage?: string;
  };
};

async function checkFile({ in: { path, text, files = {} }, want }: FileRow): Promise<void> {
  const all = Object.fromEntries(
    [...Object.entries(files), [path, text]].map(([name, body]) => [`/w/${name ?? ""}`, body ?? ""]),
  );
  const parent = dirname(dirname(`/w/${path}`));
  const folder = path.endsWith("/.devcontainer.json")
    ? dirname(`/w/${path}`)
    : path.includes(".devcontainer/")
      ? parent
      : "/w";
  // the collector's Dockerfiles are found from the folder of the configuration; rapidsai keeps two of them one level deeper
  const root = /^(.*?)\/\.devcontainer\//.exec(`/w/${path}`)?.[1] ?? folder;
  let found: WorkspaceImages;
  try {
    found = await workspaceImages(root, `/w/${path}`, memoryFiles(all), {});
  } catch (error) {
    assert.ok(error instanceof Failure && want.error !== undefined);
    return;
  }
  assert.equal(want.error, undefined);
  const of = (role: WorkspaceImage["role"]) => found.images.filter((image) => image.role === role);
  for (const { file, range, text: written } of found.images)
    assert.equal(all[file]?.slice(range.start, range.end), written);

  assert.deepEqual(
    of("image").map((image) => image.text),
    want.image === null || want.build !== null ? [] : [want.image],
  );
  const fullName = ({ reference }: WorkspaceImage) => reference && formatReference(withDefaultTag(reference));
  const syntax = (image: WorkspaceImage) => image.text === want.syntaxImage;
  if (want.baseImages !== undefined) {
    assert.deepEqual(
      [
        ...new Set(
          of("build")
            .filter((image) => !syntax(image))
            .map(fullName),
        ),
      ],
      want.baseImages,
    );
    assert.equal(of("build").some(syntax), want.syntaxImage !== undefined);
  }
  const services = Object.values(want.compose?.services ?? {});
  assert.deepEqual(
    of("service").map(fullName),
    services
      .filter(({ image, build }) => image !== undefined && build === undefined)
      .map(({ image }) => formatReference(withDefaultTag(parseImageReference(image ?? "")))),
  );
  assert.deepEqual(
    of("feature").map(({ reference }) => reference && `${reference.registry}/${reference.repository}`),
    // a short name of before 2023 is fetched from where it moved to
    want.features.flatMap(({ kind, resource, mapsTo }) =>
      kind === "oci" ? [resource] : (mapsTo?.split(":", 1) ?? []),
    ),
  );
}
