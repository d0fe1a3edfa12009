import { strict as assert } from "node:assert";
import { execFileSync } from "node:child_process";
import { mkdirSync, realpathSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { projectOfFolder } from "../../../src/adapters/local/projects";
import { temporaryFolder } from "../../fakes/temporaryFolder";

describe("the project of a folder", () => {
  const temporary = temporaryFolder();
  const folder = () => realpathSync(temporary());

  /** A repository that git itself made, with an origin. */
  function repository(name: string, origin?: string): string {
    const path = join(folder(), name);
    git(folder(), "init", "--quiet", path);
    if (origin !== undefined) git(path, "remote", "add", "origin", origin);
    return path;
  }

  function git(cwd: string, ...args: string[]): void {
    const identity = ["-c", "user.name=u", "-c", "user.email=u@example.com", "-c", "protocol.file.allow=always"];
    const env = { PATH: process.env["PATH"], HOME: folder(), GIT_CONFIG_NOSYSTEM: "1" };
    execFileSync("git", [...identity, ...args], { cwd, env, stdio: "pipe" });
  }

  it("is its origin", async () => {
    assert.equal(await projectOfFolder(repository("app", "git@github.com:acme/app.git")), "github.com/acme/app");
  });

  it("is that of the repository around it", async () => {
    const inner = join(repository("app", "https://github.com/acme/app"), "services", "api");
    mkdirSync(inner, { recursive: true });
    assert.equal(await projectOfFolder(inner), "github.com/acme/app");
  });

  it("is the root of a repository without an origin, also for a folder in it", async () => {
    const path = repository("app");
    mkdirSync(join(path, "sub"));
    assert.equal(await projectOfFolder(join(path, "sub")), `folder:${path}`);
  });

  it("is the folder itself without a repository, even if it does not exist", async () => {
    assert.equal(await projectOfFolder(folder()), `folder:${folder()}`);
    assert.equal(await projectOfFolder(join(folder(), "not", "there")), `folder:${join(folder(), "not", "there")}`);
  });

  it("is the same in a worktree", async () => {
    const path = repository("app", "https://github.com/acme/app");
    git(path, "commit", "--quiet", "--allow-empty", "-m", "x");
    git(path, "worktree", "add", "--quiet", join(folder(), "tree"));
    assert.equal(await projectOfFolder(join(folder(), "tree")), "github.com/acme/app");
  });

  it("is its own in a submodule", async () => {
    const library = repository("library", "https://github.com/acme/not-this");
    git(library, "commit", "--quiet", "--allow-empty", "-m", "x");
    const path = repository("app", "https://github.com/acme/app");
    git(path, "submodule", "--quiet", "add", library, "lib");
    git(join(path, "lib"), "remote", "set-url", "origin", "https://github.com/acme/library.git");
    assert.equal(await projectOfFolder(join(path, "lib")), "github.com/acme/library");
    assert.equal(await projectOfFolder(path), "github.com/acme/app");
  });

  for (const text of ["", "nonsense", "gitdir: /not/there", "gitdir:"]) {
    it(`is the folder where .git is a file with ${JSON.stringify(text)}`, async () => {
      writeFileSync(join(folder(), ".git"), text);
      assert.equal(await projectOfFolder(folder()), `folder:${folder()}`);
    });
  }
});
