import { strict as assert } from "node:assert";
import fc from "fast-check";
import { originOf, projectKey } from "../../../src/domain/secret/project";

describe("the key of a project", () => {
  const KEY = "github.com/acme/app";
  const spellings = [
    "https://github.com/acme/app",
    "https://github.com/acme/app.git",
    "https://github.com/acme/app/",
    "https://github.com/acme/app.git/",
    "http://github.com/acme/app",
    "HTTPS://GitHub.com/acme/app.GIT",
    "https://github.com:443/acme/app.git",
    "https://octocat@github.com/acme/app.git",
    "https://octocat:kT9-canary@github.com/acme/app.git",
    "https://octocat:kT9@canary@github.com/acme/app.git",
    "https://x-access-token:kT9-canary@github.com:443/acme/app.git?ref=main#readme",
    "ssh://git@github.com/acme/app.git",
    "ssh://git@github.com:22/acme/app.git",
    "ssh://github.com//acme/app",
    "git+ssh://git@github.com/acme/app.git",
    "git://github.com/acme/app.git",
    "git@github.com:acme/app.git",
    "git@github.com:/acme/app.git",
    "github.com:acme/app",
  ];
  for (const url of spellings) {
    it(`${url} is ${KEY}`, () => {
      const key = projectKey("/home/dev/app", url);
      assert.equal(key, KEY);
      assert.ok(!key.includes("canary"));
    });
  }

  const others: [url: string | undefined, key: string][] = [
    [undefined, "folder:/home/dev/app"],
    ["", "folder:/home/dev/app"],
    ["/srv/git/app.git", "folder:/home/dev/app"],
    ["../app.git", "folder:/home/dev/app"],
    ["file:///srv/git/app.git", "folder:/home/dev/app"],
    ["C:\\git\\app", "folder:/home/dev/app"],
    ["C:/git/app", "folder:/home/dev/app"],
    ["https://github.com/", "folder:/home/dev/app"],
    ["https://github.com/.git", "folder:/home/dev/app"],
    ["https://git.example.com:8443/team/sub/app.git", "git.example.com/team/sub/app"],
    ["ssh://git@[2001:db8::1]:2222/acme/app.git", "[2001:db8::1]/acme/app"],
    ["git@ssh.dev.azure.com:v3/acme/p/app", "ssh.dev.azure.com/v3/acme/p/app"],
    ["myhost:app.git", "myhost/app"],
  ];
  for (const [url, key] of others) {
    it(`${String(url)} is ${key}`, () => assert.equal(projectKey("/home/dev/app", url), key));
  }

  it("is the same for all spellings of one remote, and different for different ones", () => {
    const host = fc.stringMatching(/^[a-z]{2,8}(\.[a-z]{2,5}){1,2}$/);
    const path = fc.stringMatching(/^[a-z0-9_-]{1,8}(\/[a-z0-9_-]{1,8}){1,2}$/);
    fc.assert(
      fc.property(
        host,
        path,
        fc.constantFrom("", "u@", "u:p@"),
        fc.constantFrom("", ".git", "/"),
        (h, p, user, end) => {
          const key = projectKey("/x", `https://${h}/${p}`);
          assert.equal(key, `${h}/${p}`);
          for (const url of [`https://${user}${h}/${p}${end}`, `ssh://git@${h}:22/${p}${end}`, `git@${h}:${p}${end}`]) {
            assert.equal(projectKey("/y", url), key, url);
          }
          assert.notEqual(projectKey("/x", `https://${h}/${p}x`), key);
        },
      ),
    );
  });
});

describe("the origin in a git config", () => {
  const cases: [what: string, config: string, want: string | undefined][] = [
    ["nothing", "", undefined],
    ["no remote", "[core]\n\turl = https://a/b\n", undefined],
    [
      "what git clone writes",
      '[core]\n\tbare = false\n[remote "origin"]\n\turl = git@h.io:a/b.git\n\tfetch = +refs/heads/*:refs/remotes/origin/*\n',
      "git@h.io:a/b.git",
    ],
    ["Windows line ends", '[remote "origin"]\r\n\turl = https://h.io/a/b\r\n', "https://h.io/a/b"],
    [
      "several remotes",
      '[remote "upstream"]\n\turl = https://h.io/up\n[remote "origin"]\n\turl = https://h.io/own\n[remote "fork"]\nurl = https://h.io/fork\n',
      "https://h.io/own",
    ],
    ["only another remote", '[remote "upstream"]\n\turl = https://h.io/up\n', undefined],
    ["a remote whose name only begins so", '[remote "origin2"]\n\turl = https://h.io/2\n', undefined],
    ["a quoted value", '[remote "origin"]\n\turl = "https://h.io/a b"\n', "https://h.io/a b"],
    ["a quoted value with a comment", '[remote "origin"]\n\turl = "https://h.io/a#b" ; mine\n', "https://h.io/a#b"],
    ["a comment behind it", '[remote "origin"]\n\turl = https://h.io/a # mine\n', "https://h.io/a"],
    [
      "a line that is a comment",
      '[remote "origin"]\n\t# url = https://h.io/old\n\t; url = https://h.io/older\n\turl = https://h.io/new\n',
      "https://h.io/new",
    ],
    ["names in other letters", '[Remote "origin"]\n\tURL = https://h.io/a\n', "https://h.io/a"],
    ["no spaces", '[remote "origin"]\nurl=https://h.io/a\n', "https://h.io/a"],
    ["a variable on the line of its section", '[remote "origin"] url = https://h.io/a\n', "https://h.io/a"],
    ["a comment behind the section", '[remote "origin"] # mine\n\turl = https://h.io/a\n', "https://h.io/a"],
    [
      "another url of the push",
      '[remote "origin"]\n\tpushurl = https://h.io/push\n\turl = https://h.io/fetch\n',
      "https://h.io/fetch",
    ],
    [
      "several urls: the first is fetched from",
      '[remote "origin"]\n\turl = https://h.io/1\n\turl = https://h.io/2\n',
      "https://h.io/1",
    ],
    ["an empty one", '[remote "origin"]\n\turl =\n', undefined],
    ["a section that ends it", '[remote "origin"]\n\tfetch = x\n[branch "main"]\n\turl = https://h.io/no\n', undefined],
    [
      "a bracket in a name",
      '[branch "a]b"]\n\tremote = origin\n[remote "origin"]\n\turl = https://h.io/a\n',
      "https://h.io/a",
    ],
    ["an escaped backslash", '[remote "origin"]\n\turl = C:\\\\git\\\\app\n', "C:\\git\\app"],
  ];
  for (const [what, config, want] of cases) {
    it(what, () => assert.equal(originOf(config), want));
  }

  it("never throws, and never finds one where the word origin does not stand", () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 300 }), (text) => {
        const found = originOf(text);
        if (!/origin/i.test(text)) assert.equal(found, undefined);
      }),
    );
  });

  it("finds the url between any other sections", () => {
    const other = fc.constantFrom(
      '[user]\n\tname = A "B" C\n',
      '[remote "up"]\n\turl = https://h.io/up\n',
      "; note\n",
      "\n",
      "[core]\n",
    );
    const url = fc.webUrl().filter((text) => !/[#;"\\]/.test(text));
    fc.assert(
      fc.property(fc.array(other), url, fc.array(other), (before, wanted, after) => {
        const own = `[remote "origin"]\n\turl = ${wanted}\n`;
        assert.equal(originOf([...before, own, ...after].join("")), wanted);
      }),
    );
  });
});
