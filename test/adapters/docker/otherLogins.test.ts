import { strict as assert } from "node:assert";
import { mkdirSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { otherLogins } from "../../../src/adapters/docker/otherLogins";
import { failureWith } from "../../fakes/failures";
import { temporaryFolder } from "../../fakes/temporaryFolder";

const HUB = "https://index.docker.io/v1/";
const base64 = (text: string): string => Buffer.from(text).toString("base64");
const auth = (text: string) => ({ auth: base64(text) });

/** A machine of its own: a home, and a PATH with nothing but what a test puts there. */
describe("the logins of other tools", () => {
  const folder = temporaryFolder();
  const at = (...path: string[]) => join(folder(), ...path);
  const write = (path: string, content: unknown) => {
    mkdirSync(join(at(path), ".."), { recursive: true });
    writeFileSync(at(path), typeof content === "string" ? content : JSON.stringify(content));
  };
  /** A store with some entries, as a real helper answers for them. */
  const helper = (name: string, entries: Record<string, [username: string, secret: string]>) => {
    const list = JSON.stringify(
      Object.fromEntries(Object.entries(entries).map(([key, [username]]) => [key, username])),
    );
    const cases = Object.entries(entries).map(
      ([key, [Username, Secret]]) => `${key}) echo '${JSON.stringify({ ServerURL: key, Username, Secret })}';;`,
    );
    program(
      name,
      `if [ "$1" = list ]; then echo '${list}'; exit; fi\ncase "$(cat)" in\n${cases.join("\n")}\n` +
        `*) echo 'credentials not found in native keychain'; exit 1;;\nesac`,
    );
  };
  const program = (name: string, script: string) => {
    mkdirSync(at("bin"), { recursive: true });
    writeFileSync(at("bin", `docker-credential-${name}`), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  };
  const logins = (env: NodeJS.ProcessEnv = {}, helperMs = 5_000) =>
    otherLogins(
      {
        HOME: at("home"),
        XDG_RUNTIME_DIR: at("run"),
        PATH: `${at("bin")}${delimiter}/usr/bin${delimiter}/bin`,
        ...env,
      },
      { helperMs },
    );
  const named = async (env: NodeJS.ProcessEnv = {}) => {
    const { logins: found, problems } = await logins(env).list();
    return {
      found: found.map(
        ({ place, host, username, path }) =>
          `${place.replace(folder(), "")}: ${host.key} ${username ?? "?"}${path === undefined ? "" : ` (${path})`}`,
      ),
      problems: problems.map(({ code }) => code),
    };
  };
  const values = async (env: NodeJS.ProcessEnv = {}) => {
    const source = logins(env);
    const { logins: found } = await source.list();
    return await Promise.all(
      found.map(async (login) => {
        const { username, password } = await source.read(login);
        return `${login.host.key} ${username}:${password.reveal()}`;
      }),
    );
  };

  it("are none where nothing is", async () => {
    assert.deepEqual(await named(), { found: [], problems: [] });
  });

  it("stand in Docker's file, each registry once, whatever it is called", async () => {
    write("home/.docker/config.json", {
      auths: { [HUB]: auth("me:hub"), "docker.io": auth("old:x"), "https://ghcr.io": auth("me:gh"), "b.io": {} },
    });
    assert.deepEqual(await named(), {
      found: [`/home/.docker/config.json: ${HUB} me`, "/home/.docker/config.json: ghcr.io me"],
      problems: [],
    });
    assert.deepEqual(await values(), [`${HUB} me:hub`, "ghcr.io me:gh"]);
  });

  it("lie behind its helpers, which are asked for what is chosen only", async () => {
    write("home/.docker/config.json", {
      credsStore: "box",
      credHelpers: { "gcr.io": "cloud" },
      auths: { "ghcr.io": {}, "left.io": auth("older:kept") },
    });
    helper("box", {
      "ghcr.io": ["me", "boxed"],
      [HUB]: ["me", "hub"],
      [`${HUB}access-token`]: ["me", "not a login"],
    });
    helper("cloud", { "gcr.io": ["_token", "minted"] });
    assert.deepEqual(await named(), {
      found: [
        "docker-credential-cloud: gcr.io ?",
        "docker-credential-box: ghcr.io me",
        `docker-credential-box: ${HUB} me`,
        "/home/.docker/config.json: left.io older",
      ],
      problems: [],
    });
    assert.deepEqual(await values(), [
      "gcr.io _token:minted",
      "ghcr.io me:boxed",
      `${HUB} me:hub`,
      "left.io older:kept",
    ]);
  });

  it("stand in DOCKER_AUTH_CONFIG", async () => {
    const env = { DOCKER_AUTH_CONFIG: JSON.stringify({ auths: { "ghcr.io": auth("ci:job") } }) };
    assert.deepEqual((await named(env)).found, ["DOCKER_AUTH_CONFIG: ghcr.io ci"]);
    assert.deepEqual(await values(env), ["ghcr.io ci:job"]);
  });

  it("are those of a whole registry first, and of each part that Podman is logged in to", async () => {
    write("run/containers/auth.json", {
      auths: {
        "quay.io/team-a": auth("a:1"),
        "ghcr.io": auth("me:gh"),
        "quay.io/team-b": auth("b:2"),
        "quay.io": auth("whole:3"),
      },
    });
    const file = "/run/containers/auth.json: quay.io";
    assert.deepEqual((await named()).found, [
      `${file} whole`,
      `${file} a (quay.io/team-a)`,
      `${file} b (quay.io/team-b)`,
      "/run/containers/auth.json: ghcr.io me",
    ]);
    assert.deepEqual((await values()).slice(0, 3), ["quay.io whole:3", "quay.io a:1", "quay.io b:2"]);
  });

  it("stand in every file of Podman's, with the part of a registry that they are for", async () => {
    write("run/containers/auth.json", { auths: { "docker.io": auth("me:run") } });
    write("home/.config/containers/auth.json", { auths: { "quay.io/acme/app": auth("robot:part") } });
    write("own.json", { auths: { "own.io": auth("me:own") } });
    write("home/.dockercfg", { "https://old.io/v1/": { ...auth("me:old"), email: "me@old.io" } });
    const env = { REGISTRY_AUTH_FILE: at("own.json") };
    assert.deepEqual(await named(env), {
      found: [
        "/own.json: own.io me",
        `/run/containers/auth.json: ${HUB} me`,
        "/home/.config/containers/auth.json: quay.io robot (quay.io/acme/app)",
        "/home/.dockercfg: old.io me",
      ],
      problems: [],
    });
    assert.deepEqual(await values(env), ["own.io me:own", `${HUB} me:run`, "quay.io robot:part", "old.io me:old"]);
  });

  const broken: [what: string, config: unknown, code: string][] = [
    ["a file that is no JSON", "{", "invalid-docker-config"],
    ["a store that is not there", { credsStore: "gone" }, "helper-missing"],
    ["a store that fails", { credsStore: "fails" }, "helper-failed"],
    ["a store that talks", { credsStore: "talks" }, "helper-failed"],
    ["a store that hangs", { credsStore: "hangs" }, "timed-out"],
  ];
  for (const [what, config, code] of broken) {
    it(`are found all the same beside ${what}`, async () => {
      program("fails", "echo 'pass not initialized'; exit 1");
      program("talks", "echo 'Welcome!'");
      program("hangs", "sleep 60");
      write("home/.docker/config.json", config);
      write("run/containers/auth.json", { auths: { "quay.io": auth("me:run") } });
      const { logins: found, problems } = await logins({}, 1_000).list();
      assert.deepEqual(
        [found.map(({ host }) => host.key), problems.map((problem) => problem.code)],
        [["quay.io"], [code]],
      );
    });
  }

  it("asks no helper of Dev Containers for its list: that would cut VS Code off", async () => {
    write("home/.docker/config.json", { credsStore: "dev-containers-5a4b3c1a" });
    program("dev-containers-5a4b3c1a", `touch ${at("asked")}`);
    assert.deepEqual(await named(), { found: [], problems: [] });
  });

  it("are told where only their tool can use them: an identity token, in a file or behind a helper", async () => {
    write("home/.docker/config.json", {
      credsStore: "box",
      auths: { "acme.azurecr.io": { ...auth("00000000-0000-0000-0000-000000000000:"), identitytoken: "kT9-canary" } },
    });
    helper("box", { "other.azurecr.io": ["<token>", "kT9-canary"] });
    const source = logins();
    const { logins: found } = await source.list();
    assert.equal(found.length, 2);
    for (const login of found) {
      await assert.rejects(source.read(login), (error: unknown) => {
        failureWith("identity-token", new RegExp(login.host.key))(error);
        assert.doesNotMatch((error as Error).message, /canary/);
        return true;
      });
    }
  });

  it("are told when they are gone by the time they are read", async () => {
    write("home/.docker/config.json", { credsStore: "box" });
    helper("box", { "ghcr.io": ["me", "boxed"] });
    const source = logins();
    const [login] = (await source.list()).logins;
    assert.ok(login);
    helper("box", {});
    await assert.rejects(source.read(login), failureWith("login-not-found", /docker-credential-box.*ghcr\.io/));
    write("home/.docker/config.json", {});
    await assert.rejects(source.read(login), failureWith("login-not-found"));
  });

  it("can be given up", async () => {
    write("home/.docker/config.json", { credsStore: "hangs" });
    program("hangs", "sleep 60");
    await assert.rejects(logins({}, 60_000).list(AbortSignal.abort()), failureWith("cancelled"));
  });

  describe("of a text", () => {
    const cases: [what: string, text: string, values: string[], problems: string[]][] = [
      ["as Podman writes it", JSON.stringify({ auths: { "quay.io": auth("pod:p") } }), ["a.json: quay.io pod:p"], []],
      [
        "as Docker writes it, its helpers left alone",
        JSON.stringify({
          auths: { [HUB]: auth("me:hub"), "ghcr.io": {} },
          credsStore: "box",
          credHelpers: { x: "box" },
        }),
        [`a.json: ${HUB} me:hub`],
        [],
      ],
      [
        "behind a byte order mark",
        `\uFEFF${JSON.stringify({ Auths: { "b.io": auth("b:c") } })}`,
        ["a.json: b.io b:c"],
        [],
      ],
      ["that holds variables", '{ "ACME_CONTAINER_REGISTRY_SERVER": "ghcr.io" }', [], []],
      ["that is none of both", "ACME=1\n", [], []],
      ["that is cut off", '{ "auths": { "b.io": {', [], ["invalid-docker-config"]],
    ];
    for (const [what, text, values, problems] of cases) {
      it(what, async () => {
        helper("box", { "x.io": ["box", "boxed"] });
        const source = await logins().ofText("a.json", text);
        const found = await source.list();
        const read = async (login: (typeof found.logins)[number]) => {
          const { username, password } = await source.read(login);
          return `${login.place}: ${login.host.key} ${username}:${password.reveal()}`;
        };
        assert.deepEqual(await Promise.all(found.logins.map(read)), values);
        assert.deepEqual(
          found.problems.map(({ code }) => code),
          problems,
        );
      });
    }
  });
});
