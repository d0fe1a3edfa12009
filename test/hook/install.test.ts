import { strict as assert } from "node:assert";
import { spawnSync } from "node:child_process";
import { existsSync, lstatSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Home, PAIRS, SCRIPTS, which } from "./shells";

const NOTICE = "/usr/local/share/registry-login/shell-notice.sh";
const LINE = `[ ! -r ${NOTICE} ] || . ${NOTICE} # registry-login\n`;

/** A file of a shell: what it holds before, and without our line. */
const files: [file: string, before: string, without: string][] = [
  ["bash.bashrc", "a", "a\n"],
  ["bashrc", `a\n. an-older-one # registry-login\nb\n${LINE}`, "a\nb\n"],
  ["zsh/zshrc", "", ""],
  ["zshrc", LINE, ""],
];

for (const [shell, awk] of PAIRS) {
  describe(`installing the hook, in ${shell} with ${awk}`, function () {
    this.timeout(60_000);
    let home: Home;
    let etc: string;
    before(function () {
      const missing =
        [shell, awk, "unshare"].find((name) => which(name) === undefined) ??
        (process.getuid?.() === 0 ? undefined : "root");
      if (missing === undefined) return;
      assert.ok(process.env["CI"] !== "true", `${missing} is missing: CI skips nothing`);
      console.log(`SKIPPED: installing the hook in ${shell} with ${awk}, because ${missing} is missing`);
      this.skip();
    });
    beforeEach(() => {
      home = new Home(shell, awk);
      etc = join(home.root, "etc");
      for (const folder of ["etc/zsh", "etc/profile.d", "local"])
        mkdirSync(join(home.root, folder), { recursive: true });
    });
    afterEach(() => {
      home.remove();
    });

    /** Runs install.sh with an /etc and a /usr/local of its own. */
    function install(shellNotice: boolean): void {
      const script = [
        `mount --bind ${etc} /etc && mount --bind ${join(home.root, "local")} /usr/local`,
        `exec env -i PATH=${home.bin}:/usr/bin:/bin SHELLNOTICE=${shellNotice} ${home.bin}/sh ${SCRIPTS}/install.sh`,
      ].join(" && ");
      const { stdout, stderr, status } = spawnSync("unshare", ["-m", "/bin/sh", "-c", script], { encoding: "utf8" });
      assert.deepEqual([status, stdout, stderr], [0, "", ""]);
    }
    const text = (file: string) => readFileSync(join(etc, file), "utf8");
    const inProfile = () => lstatSync(join(etc, "profile.d/registry-login.sh"), { throwIfNoEntry: false });

    it("each file of the shells ends with its one line, however often it runs, and has none where that is turned off", () => {
      for (const [file, before] of files) writeFileSync(join(etc, file), before);
      for (let n = 0; n < 2; n++) {
        install(true);
        for (const [file, , without] of files) assert.equal(text(file), without + LINE, file);
        assert.ok(inProfile()?.isSymbolicLink());
      }
      install(false);
      for (const [file, , without] of files) assert.equal(text(file), without, file);
      assert.equal(inProfile(), undefined);
      writeFileSync(join(etc, "bashrc"), "a");
      install(false);
      assert.equal(text("bashrc"), "a", "what has no line of ours is left as it is");
    });

    it("makes no file of a shell that is not there, and counts one of two names once", () => {
      writeFileSync(join(etc, "bash.bashrc"), "a\n");
      symlinkSync("bash.bashrc", join(etc, "bashrc"));
      install(true);
      assert.equal(text("bash.bashrc"), `a\n${LINE}`);
      assert.deepEqual(
        ["zsh/zshrc", "zshrc"].filter((file) => existsSync(join(etc, file))),
        [],
      );
    });
  });
}
