import { strict as assert } from "node:assert";
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { watch } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { dockerLogin } from "../../../src/adapters/docker/login";
import { isReader } from "../../../src/adapters/docker/view";
import type { DockerAnswer } from "../../../src/domain/diagnosis/credentials";
import { failureWith } from "../../fakes/failures";
import { temporaryFolder } from "../../fakes/temporaryFolder";

const base64 = (text: string): string => Buffer.from(text).toString("base64");
const AUTH = { auth: base64("file:in-file") };
const HUB = "https://index.docker.io/v1/";
const NONE = "echo 'credentials not found in native keychain'; exit 1";
const ONE = `echo '{"ServerURL":"x","Username":"helped","Secret":"by-helper"}'`;

/** A machine of its own: a home, a PATH with nothing but what a test puts there, and what the system holds. */
function machine() {
  const folder = temporaryFolder();
  const at = (...path: string[]) => join(folder(), ...path);
  const write = (path: string, content: unknown) => {
    mkdirSync(join(at(path), ".."), { recursive: true });
    writeFileSync(at(path), typeof content === "string" ? content : JSON.stringify(content));
  };
  const program = (name: string, script: string) => {
    mkdirSync(at("bin"), { recursive: true });
    writeFileSync(at("bin", name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  };
  const ask = (registry: string, env: NodeJS.ProcessEnv = {}, signal?: AbortSignal, helperMs = 5_000) =>
    dockerLogin(
      {
        HOME: at("home"),
        XDG_RUNTIME_DIR: at("run"),
        PATH: `${at("bin")}${delimiter}/usr/bin${delimiter}/bin`,
        ...env,
      },
      at("bin", "docker"),
      { system: { passwd: at("passwd"), windowsUsers: at("windows") }, helperMs },
    )(registry, signal);
  return { at, write, program, ask, config: (content: unknown) => write("home/.docker/config.json", content) };
}

/** Who is logged in, and with what: `user:password`. */
function sent({ login }: DockerAnswer): string | undefined {
  if (!login) return undefined;
  return "password" in login ? `${login.username}:${login.password.reveal()}` : `token:${login.identityToken.reveal()}`;
}

describe("Docker's own login", () => {
  const { at, write, program, ask, config } = machine();

  it("comes from the file in the home folder of the environment", async () => {
    config({ auths: { "ghcr.io": AUTH } });
    const answer = await ask("ghcr.io");
    assert.equal(sent(answer), "file:in-file");
    assert.deepEqual(answer.view, {
      config: { file: at("home/.docker/config.json"), from: "home", state: "read" },
      source: { kind: "auths", key: "ghcr.io" },
      hosts: [],
      elsewhere: [],
    });
  });

  it("comes from DOCKER_CONFIG where that is set, and the home folder is mentioned", async () => {
    config({ auths: { "ghcr.io": AUTH } });
    write("other/config.json", { auths: { "quay.io": AUTH } });
    const { login, view } = await ask("ghcr.io", { DOCKER_CONFIG: at("other") });
    assert.equal(login, undefined);
    assert.deepEqual(view.config, { file: at("other/config.json"), from: "DOCKER_CONFIG", state: "read" });
    assert.deepEqual(view.elsewhere, [{ file: at("home/.docker/config.json"), of: "home" }]);
    assert.deepEqual(view.hosts, ["quay.io"]);
  });

  it("is asked for by the name in the reference", async () => {
    config({ auths: { "ghcr.io": AUTH, [HUB]: AUTH } });
    assert.equal(sent(await ask("docker.io")), "file:in-file");
    const port = await ask("ghcr.io:443");
    assert.equal(port.login, undefined);
    assert.deepEqual(port.view.hosts, ["ghcr.io", HUB]);
    assert.equal((await ask("registry-1.docker.io")).login, undefined);
  });

  const broken: [what: string, content: string, problem: RegExp][] = [
    ["a comment", '{\n  // mine\n  "auths": {}\n}', /not valid JSON \(line 2, a comment\)/],
    ["a cut end", '{"auths": {\n"ghcr.io": {', /not valid JSON \(line 2\)/],
    ["a byte order mark", '\uFEFF{"auths": {}}', /byte order mark/],
    ["UTF-16", Buffer.from('{"auths": {}}', "utf16le").toString("latin1"), /not UTF-8/],
    ["one bad entry", '{"auths": {"ghcr.io": {"auth": "%%"}}}', /"auth" of "ghcr\.io" is not base64/],
    ["a wrong type", '{"auths": []}', /"auths" in Docker's config/],
    ["more than a megabyte", " ".repeat(1_100_000), /larger than 1 MB/],
  ];
  for (const [what, content, problem] of broken) {
    it(`does without a file with ${what}, and says so`, async () => {
      config(content);
      const { login, view } = await ask("ghcr.io");
      assert.equal(login, undefined);
      assert.match(view.config.problem ?? "", problem);
      assert.equal(view.config.state, content.length > 1_000_000 ? "unreadable" : "invalid");
    });
  }

  it("never waits for a config that is no file", async () => {
    mkdirSync(at("home/.docker"), { recursive: true });
    assert.equal(spawnSync("mkfifo", [at("home/.docker/config.json")]).status, 0);
    const { view } = await ask("ghcr.io");
    assert.deepEqual([view.config.state, view.config.problem?.includes("is no file")], ["unreadable", true]);
  });

  const helpers: [what: string, script: string | undefined, state: string, problem: RegExp | undefined][] = [
    ["answers", ONE, "answered", undefined],
    ["knows nothing", NONE, "knows-none", undefined],
    ["is missing", undefined, "missing", /docker-credential-unit, which is not on PATH/],
    [
      "fails",
      "echo 'secret-looking value'; exit 255",
      "failing",
      /ended with exit code 255 when asked for ghcr\.io\.$/,
    ],
    [
      "has no desktop",
      "echo 'Cannot autolaunch D-Bus without X11 $DISPLAY'; exit 1",
      "failing",
      /no desktop session with a keyring/,
    ],
    [
      "has nobody signed in",
      "echo 'You do not currently have an active account selected.'; exit 1",
      "failing",
      /not signed in/,
    ],
    ["prints garbage", "echo 'kT9-garbage'", "failing", /answered something that is no credential/],
    ["prints 2 MB", "head -c 2000000 /dev/zero | tr '\\0' x", "failing", /1 MB or more/],
    ["hangs", "sleep 1000 & wait", "hanging", /did not end within/],
  ];
  for (const [what, script, state, problem] of helpers) {
    it(`a helper that ${what}: ${state}; what docker pull goes on with`, async () => {
      if (script !== undefined) program("docker-credential-unit", script);
      config({ auths: { "ghcr.io": AUTH }, credHelpers: { "ghcr.io": "unit" } });
      const answer = await ask("ghcr.io", {}, undefined, state === "hanging" ? 300 : 5_000);
      const { helper } = answer.view;
      assert.deepEqual([helper?.name, helper?.from, helper?.state], ["unit", "credHelpers", state]);
      assert.equal(helper?.problem === undefined, problem === undefined);
      if (problem) assert.match(helper?.problem ?? "", problem);
      assert.doesNotMatch(JSON.stringify(answer), /secret-looking|kT9-garbage/);
      assert.equal(helper?.signedOut, what === "has nobody signed in" ? true : undefined);
      assert.equal(
        sent(answer),
        state === "answered" ? "helped:by-helper" : state === "knows-none" ? undefined : "file:in-file",
      );
    });
  }

  for (const [name, leftBy] of [
    ["dev-containers-5a4b3c1a-373b", "Dev Containers"],
    ["devpod", "DevPod"],
    ["desktop.exe", undefined],
  ]) {
    it(`a store ${name} without its program: left by ${leftBy ?? "nobody known"}`, async () => {
      config({ credsStore: name });
      const { helper } = (await ask("ghcr.io")).view;
      assert.deepEqual([helper?.state, helper?.leftBy], ["missing", leftBy]);
    });
  }

  it("asks the platform's own store where the config has no login at all, as docker does", async function () {
    if (process.platform !== "linux") this.skip();
    program("docker-credential-secretservice", ONE);
    config({ currentContext: "x" });
    const answer = await ask("ghcr.io");
    assert.deepEqual(answer.view.helper, { name: "secretservice", from: "default", state: "answered" });
    assert.equal(sent(answer), "helped:by-helper");
    config({ auths: { "quay.io": {} } });
    assert.equal((await ask("ghcr.io")).view.helper, undefined);
  });

  it("lists what the store has where it has nothing for this registry", async () => {
    program("docker-credential-unit", `case $1 in list) echo '{"https://ghcr.io:5000":"me"}';; *) ${NONE};; esac`);
    config({ auths: { "named.io": {}, "file.io": AUTH }, credHelpers: { "own.io": "other" }, credsStore: "unit" });
    assert.deepEqual((await ask("ghcr.io")).view.hosts, ["own.io", "file.io", "https://ghcr.io:5000"]);
  });

  for (const list of ["echo nonsense", "exit 3", "echo '[1]'", "sleep 1000"]) {
    it(`does without a list that comes by: ${list}`, async () => {
      program("docker-credential-unit", `case $1 in list) ${list};; *) ${NONE};; esac`);
      config({ auths: { "file.io": AUTH }, credsStore: "unit" });
      assert.deepEqual((await ask("ghcr.io", {}, undefined, 1_500)).view.hosts, ["file.io"]);
    });
  }

  it("never asks the helper of Dev Containers for its list, which would cut VS Code off", async () => {
    program("docker-credential-dev-containers-1", `echo "$1" >> ${at("asked")}; ${NONE}`);
    config({ credsStore: "dev-containers-1" });
    assert.equal((await ask("ghcr.io")).view.helper?.state, "knows-none");
    assert.equal(spawnSync("cat", [at("asked")], { encoding: "utf8" }).stdout, "get\n");
  });

  it("can be cancelled while a helper hangs", async () => {
    program("docker-credential-unit", `echo > ${at("started")}; sleep 1000`);
    config({ credsStore: "unit" });
    const stop = new AbortController();
    const seen = (async () => {
      for await (const { filename } of watch(at())) if (filename === "started") return;
    })();
    const answer = ask("ghcr.io", {}, stop.signal, 60_000);
    await seen;
    stop.abort();
    await assert.rejects(answer, failureWith("cancelled"));
  });
});

describe("DOCKER_AUTH_CONFIG", () => {
  const { at, program, ask, config } = machine();
  const variable = (host: string) => ({
    DOCKER_AUTH_CONFIG: JSON.stringify({ auths: { [host]: { auth: base64("env:in-env") } } }),
  });
  const docker = (version: string) => program("docker", `echo >> ${at("versions")}; echo '${version}'`);

  const versions: [text: string, reads: boolean][] = [
    ["Docker version 28.2.2, build e6534b4", false],
    ["Docker version 28.3.0, build 38b7060", true],
    ["Docker version 29.0.1, build x", true],
    ["Docker version 20.10.24+dfsg1, build 297e128", false],
    ["podman version 4.3.1", false],
    ["", false],
  ];
  for (const [text, reads] of versions) {
    it(`${text || "no answer"}: ${reads ? "read" : "not read"}`, async () => {
      assert.equal(isReader(text), reads);
      docker(text);
      config({ auths: { "ghcr.io": AUTH } });
      const answer = await ask("ghcr.io", variable("ghcr.io"));
      assert.equal(sent(answer), reads ? "env:in-env" : "file:in-file");
      assert.equal(answer.view.authConfig, reads ? "read" : "not-read-by-this-client");
      assert.deepEqual(
        answer.view.source,
        reads ? { kind: "environment", key: "ghcr.io" } : { kind: "auths", key: "ghcr.io" },
      );
    });
  }

  it("beats a helper, which is not even asked", async () => {
    docker("Docker version 28.3.0");
    program("docker-credential-unit", `echo > ${at("asked")}`);
    config({ credHelpers: { "ghcr.io": "unit" } });
    const { view } = await ask("ghcr.io", variable("ghcr.io"));
    assert.deepEqual([view.helper, existsSync(at("asked"))], [undefined, false]);
  });

  it("with other hosts only is named among the known ones", async () => {
    docker("Docker version 28.3.0");
    const { login, view } = await ask("ghcr.io", variable("ghcr.io:5000"));
    assert.deepEqual([login, view.authConfig, view.hosts], [undefined, "read", ["ghcr.io:5000"]]);
  });

  it("that is not valid is passed over, as docker does", async () => {
    docker("Docker version 28.3.0");
    config({ auths: { "ghcr.io": AUTH } });
    const answer = await ask("ghcr.io", { DOCKER_AUTH_CONFIG: "{" });
    assert.deepEqual([sent(answer), answer.view.authConfig], ["file:in-file", "invalid"]);
  });

  it("counts where no client can be asked, since those of today read it", async () => {
    assert.equal(sent(await ask("ghcr.io", variable("ghcr.io"))), "env:in-env");
  });

  it("costs no question for the version where it is not set", async () => {
    docker("Docker version 28.3.0");
    assert.equal("authConfig" in (await ask("ghcr.io")).view, false);
    assert.equal(existsSync(at("versions")), false);
  });
});

describe("logins that docker does not see", () => {
  const { at, write, ask } = machine();
  const places: [
    what: string,
    file: string,
    content: unknown,
    env: (at: (path: string) => string) => NodeJS.ProcessEnv,
    of: string | undefined,
  ][] = [
    ["podman's of this session", "run/containers/auth.json", { auths: { "ghcr.io": AUTH } }, () => ({}), "podman"],
    ["podman's for a namespace", "run/containers/auth.json", { auths: { "ghcr.io/acme": AUTH } }, () => ({}), "podman"],
    [
      "podman's of the home folder",
      "home/.config/containers/auth.json",
      { auths: { "ghcr.io": AUTH } },
      () => ({}),
      "podman",
    ],
    [
      "podman's of XDG_CONFIG_HOME",
      "cfg/containers/auth.json",
      { credHelpers: { "ghcr.io": "x" } },
      (path) => ({ XDG_CONFIG_HOME: path("cfg") }),
      "podman",
    ],
    [
      "podman's of REGISTRY_AUTH_FILE",
      "a.json",
      { auths: { "ghcr.io": {} } },
      (path) => ({ REGISTRY_AUTH_FILE: path("a.json") }),
      "podman",
    ],
    [
      "of the person behind sudo",
      "people/dev/.docker/config.json",
      { auths: { "ghcr.io": AUTH } },
      () => ({ SUDO_USER: "dev" }),
      "sudo-user",
    ],
    [
      "of Windows, in WSL",
      "windows/dev/.docker/config.json",
      { auths: { "ghcr.io": {} }, credsStore: "desktop.exe" },
      () => ({ WSL_DISTRO_NAME: "Debian" }),
      "windows",
    ],
    [
      "of Windows, outside of WSL",
      "windows/dev/.docker/config.json",
      { auths: { "ghcr.io": {} } },
      () => ({}),
      undefined,
    ],
    ["for another registry", "run/containers/auth.json", { auths: { "quay.io": AUTH } }, () => ({}), undefined],
    ["in a file that is broken", "run/containers/auth.json", "{", () => ({}), undefined],
  ];
  for (const [what, file, content, env, of] of places) {
    it(`${what}: ${of ?? "none"}`, async () => {
      write("passwd", `root:x:0:0:root:/root:/bin/sh\ndev:x:1000:1000::${at("people/dev")}:/bin/sh\n`);
      write(file, content);
      const { login, view } = await ask(
        "ghcr.io",
        env((path) => at(path)),
      );
      assert.equal(login, undefined);
      assert.deepEqual(view.elsewhere, of === undefined ? [] : [{ file: at(file), of }]);
    });
  }

  it("Docker Hub is docker.io to podman", async () => {
    write("run/containers/auth.json", { auths: { "docker.io": AUTH } });
    assert.equal((await ask("docker.io")).view.elsewhere.length, 1);
  });
});

/** The real programs of the Debian packages pass and golang-docker-credential-helpers, installed or unpacked for the tests. */
const TOOLS = [join(process.cwd(), ".testbed/helpers/usr/bin"), ...(process.env["PATH"] ?? "").split(delimiter)];
const missing = ["docker-credential-pass", "pass", "gpg"].filter(
  (tool) => !TOOLS.some((folder) => existsSync(join(folder, tool))),
);

describe("the real helper pass", function () {
  this.timeout(30_000);
  let folder = "";
  let env: NodeJS.ProcessEnv = {};
  const run = (command: string, args: string[], input = "") => {
    const { status, stderr, stdout } = spawnSync(command, args, { env, input, encoding: "utf8" });
    assert.equal(status, 0, `${command} ${args[0] ?? ""}: ${stderr}${stdout}`);
  };
  const config = (content: object) => {
    writeFileSync(join(folder, "config.json"), JSON.stringify(content));
    return dockerLogin(env);
  };

  before(function () {
    if (missing.length > 0) {
      assert.ok(process.env["CI"] === undefined, `missing: ${missing.join(", ")}`);
      console.log(`      skipped: ${missing.join(", ")} (Debian: pass gnupg golang-docker-credential-helpers)`);
      this.skip();
    }
    folder = mkdtempSync(join(tmpdir(), "pass-"));
    const home = (name: string) => {
      mkdirSync(join(folder, name), { mode: 0o700 });
      return join(folder, name);
    };
    env = {
      PATH: TOOLS.join(delimiter),
      HOME: folder,
      DOCKER_CONFIG: folder,
      GNUPGHOME: home("gnupg"),
      PASSWORD_STORE_DIR: home("store"),
    };
    run("gpg", [
      "--batch",
      "--passphrase",
      "",
      "--quick-generate-key",
      "unit@example.invalid",
      "default",
      "default",
      "never",
    ]);
    run("pass", ["init", "unit@example.invalid"]);
    run("docker-credential-pass", ["store"], '{"ServerURL":"ghcr.io","Username":"octocat","Secret":"unit-secret"}');
  });

  after(() => {
    if (folder === "") return;
    spawnSync("gpgconf", ["--kill", "gpg-agent"], { env });
    rmSync(folder, { recursive: true, force: true });
  });

  it("gives the login that it holds", async () => {
    const answer = await config({ credsStore: "pass" })("ghcr.io");
    assert.equal(sent(answer), "octocat:unit-secret");
    assert.deepEqual(answer.view.source, { kind: "helper", name: "pass" });
  });

  it("is asked by default where the config has no login", async () => {
    const answer = await config({})("ghcr.io");
    assert.deepEqual([sent(answer), answer.view.helper?.from], ["octocat:unit-secret", "default"]);
  });

  it("has nothing for another host, and is asked which it has", async () => {
    const { login, view } = await config({ credsStore: "pass" })("ghcr.io:5000");
    assert.deepEqual([login, view.helper?.state, view.hosts], [undefined, "knows-none", ["ghcr.io"]]);
  });

  it("fails without its key, and says why", async () => {
    mkdirSync(join(folder, "empty"), { mode: 0o700 });
    const own = env["GNUPGHOME"];
    env["GNUPGHOME"] = join(folder, "empty");
    try {
      const { login, view } = await config({ credsStore: "pass" })("ghcr.io");
      assert.deepEqual([login, view.helper?.state], [undefined, "failing"]);
      assert.match(view.helper?.problem ?? "", /GnuPG cannot decrypt the entry/);
    } finally {
      spawnSync("gpgconf", ["--kill", "gpg-agent"], { env });
      env["GNUPGHOME"] = own;
    }
  });
});
