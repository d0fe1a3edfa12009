import { strict as assert } from "node:assert";
import { spawnSync } from "node:child_process";
import { chmodSync, chownSync, mkdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { delivery, Home, needs, PAIRS, SCRIPTS, set } from "./shells";

/** A user without rights, who owns the home; and another one. */
const USER = 54321;
const OTHER = 54322;
const OWN = `{\n  "credHelpers": {\n    "b.example": "other"\n  },\n  "note": "${"x".repeat(2000)}"\n}\n`;
const LINKED = /"ghcr\.io": "registry-login"/;

interface Step {
  exit: number;
  said: string;
}
interface Fault {
  name: string;
  /** What root does before the user's turn: `$docker` is the folder of the config, `$home`, `$memory` and `$other` say who. */
  prepare: string;
  code: string;
  says: RegExp;
  /** What root does to end the fault; the next lifecycle puts things right then. */
  mend?: string;
  /** Whether the answer waits in memory meanwhile, and what `status` says. */
  waits?: boolean;
  /** There is no place to note anything, so `status` cannot say it. */
  unnoted?: boolean;
}

const full = (folder: string) =>
  `cp -a ${folder} ${folder}.kept && mount -t tmpfs -o size=128k,mode=700,uid=${USER} tmpfs ${folder} && cp -a ${folder}.kept/. ${folder} && dd if=/dev/zero of=${folder}/filler bs=4096 2>/dev/null`;

const faults: Fault[] = [
  {
    name: "no space left beside the config",
    prepare: full('"$docker"'),
    code: "config-not-writable",
    says: /config\.json cannot be written by this user \(no right to it, read-only, or full\): .*"remoteEnv"/,
    mend: 'rm "$docker/filler"',
    waits: true,
  },
  {
    name: "no space left in the home",
    prepare: full('"$home"'),
    code: "config-not-writable",
    says: /home cannot be written by this user \(no right to it, read-only, or full\)/,
    unnoted: true,
  },
  {
    name: "no space left in the memory folder",
    prepare: full('"$memory"'),
    code: "no-private-memory",
    says: /the memory-backed file system is full/,
  },
  {
    name: "a folder of the config that is read-only",
    prepare: 'chmod 555 "$docker"',
    code: "config-not-writable",
    says: /\.docker cannot be written by this user .*: mend that, or set DOCKER_CONFIG/,
    mend: 'chmod 755 "$docker"',
    waits: true,
  },
  {
    name: "a home on a read-only file system",
    prepare: 'mount --bind "$home" "$home" && mount -o remount,bind,ro "$home"',
    code: "config-not-writable",
    says: /home cannot be written by this user .*"remoteEnv": \{"DOCKER_CONFIG": "\/tmp\/docker-config"\}/,
    unnoted: true,
  },
  {
    name: "a config that belongs to another user",
    prepare: 'chown "$other" "$docker/config.json"',
    code: "config-not-writable",
    says: /config\.json belongs to another user: give it to this one with chown/,
    mend: 'chown "$user" "$docker/config.json"',
    waits: true,
  },
  {
    name: "a config that only another user can read",
    prepare: 'chown "$other" "$docker/config.json"; chmod 600 "$docker/config.json"',
    code: "config-not-writable",
    says: /config\.json cannot be read by this user/,
    mend: 'chown "$user" "$docker/config.json"',
    waits: true,
  },
  {
    name: "a config that is a mount of its own",
    prepare: 'mount --bind "$docker/config.json" "$docker/config.json"',
    code: "config-not-writable",
    says: /config\.json cannot be replaced \(is it a mount of its own\?\)/,
    mend: 'umount "$docker/config.json"',
    waits: true,
  },
];

for (const [shell, awk] of PAIRS) {
  describe(`the hook on a file system that fails, in ${shell} with ${awk}`, function () {
    this.timeout(60_000);
    let home: Home;
    before(
      needs(`failing file systems in ${shell} with ${awk}`, [shell, awk, "unshare", "setpriv"], {
        root: process.getuid?.() === 0,
      }),
    );
    beforeEach(() => {
      home = new Home(shell, awk);
      writeFileSync(home.config, OWN);
      mkdirSync(join(home.home, ".local/state"), { recursive: true });
      chmodSync(home.root, 0o755);
      const owned = [home.memory, home.home, join(home.home, ".docker"), home.config];
      for (const path of [...owned, join(home.home, ".local"), join(home.home, ".local/state")])
        chownSync(path, USER, USER);
    });
    afterEach(() => {
      home.remove();
    });

    /** Runs lines of shell as root with mounts of their own; a line `user PROGRAM ARGS <<INPUT` is a step, as the user. */
    function inOwnMounts(lines: string[]): Step[] {
      const script = [
        `root=${home.root} home=${home.home} docker=${home.home}/.docker memory=${home.memory} user=${USER} other=${OTHER}`,
        "user() {",
        `  program=$1 && shift`,
        `  out=$(cd / && exec env -i PATH=${home.bin}:/usr/bin:/bin HOME="$home" XDG_RUNTIME_DIR="$memory" setpriv --reuid=${USER} --regid=${USER} --clear-groups --no-new-privs ${home.bin}/sh "${SCRIPTS}/$program" "$@" 2>&1)`,
        `  printf '@@%s %s\\n' "$?" "$out"`,
        "}",
        ...lines,
      ].join("\n");
      const { stdout, stderr, status } = spawnSync("unshare", ["-m", "/bin/sh", "-c", script], { encoding: "utf8" });
      assert.deepEqual([status, stderr], [0, ""], stdout + stderr);
      return stdout
        .split("@@")
        .slice(1)
        .map((step) => ({
          exit: Number(step.slice(0, step.indexOf(" "))),
          said: step.slice(step.indexOf(" ") + 1, -1),
        }));
    }
    const apply = `user registry-login apply --json <<'DELIVERY'\n${delivery([set("ghcr.io", "u", "p")])}DELIVERY`;
    const status = "user registry-login status --json </dev/null";
    const lifecycle = "user registry-login lifecycle postStart </dev/null";
    const get = "echo ghcr.io | user docker-credential-registry-login get";
    const show = `printf '@@0 %s\\n' "$(cat "$docker/config.json")"`;

    for (const { name, prepare, code, says, mend, waits, unnoted } of faults) {
      it(`${name}: says so, harms nothing${mend === undefined ? "" : ", and logs in once that is mended"}`, () => {
        const mended = mend === undefined ? [] : [mend, lifecycle, get, show, status];
        const steps = inOwnMounts([prepare, apply, status, get, lifecycle, show, ...mended]);
        const [applied, noted, got, started, shown, ...then] = steps;
        const answer = JSON.parse(applied?.said ?? "") as Record<string, unknown>;
        assert.deepEqual([applied?.exit, answer["outcome"], answer["code"]], [1, "refused", code], applied?.said);
        assert.match(String(answer["message"]), says);
        const { hosts, lastError } = JSON.parse(noted?.said ?? "") as Record<string, unknown>;
        const notedCode = (lastError as Record<string, unknown> | null)?.["code"];
        assert.equal(notedCode, unnoted === true ? undefined : code);
        assert.deepEqual(
          [(hosts as { state: string }[])[0]?.state, got?.exit],
          waits === true ? ["unlinked", 0] : [undefined, 1],
        );
        assert.equal(started?.exit, 0);
        assert.match(started.said, unnoted === true ? /^$/ : says);
        assert.equal(shown?.said, OWN.trimEnd());
        if (mend === undefined) return;
        const [healed, gotThen, shownThen, notedThen] = then;
        assert.deepEqual(healed, { exit: 0, said: "" });
        assert.equal(gotThen?.exit, 0);
        assert.match(shownThen?.said ?? "", LINKED);
        assert.equal((JSON.parse(notedThen?.said ?? "") as Record<string, unknown>)["lastError"], null);
      });
    }

    for (const [where, folder] of [
      ["memory folder", '"$memory"'],
      ["home", '"$home"'],
    ] as const) {
      it(`however little room there is in the ${where}, the config stays whole, and "applied" is true`, () => {
        const own = OWN.replace("xxx", "x".repeat(9000));
        const again = "user registry-login lifecycle postStart </dev/null";
        for (let pages = 1; pages <= 8; pages++) {
          writeFileSync(home.config, own);
          const room = `rm -f ${folder}/filler; filler=$(($(stat -fc %f ${folder}) - ${pages})); dd if=/dev/zero of=${folder}/filler bs=4096 count=$filler 2>/dev/null`;
          const mend = `rm -f ${folder}/filler`;
          const [applied, shown, got, , healed, gotThen] = inOwnMounts([
            full(folder),
            room,
            apply,
            show,
            get,
            again,
            mend,
            apply,
            get,
          ]);
          const { outcome, code } = JSON.parse(applied?.said ?? "") as Record<string, string>;
          assert.match(code ?? String(outcome), /^(applied|no-private-memory|config-not-writable)$/);
          if (outcome === "applied")
            assert.deepEqual([got?.exit, LINKED.test(shown?.said ?? "")], [0, true], `${pages} pages`);
          const { credHelpers, note } = JSON.parse(shown?.said ?? "") as {
            credHelpers: Record<string, string>;
            note: string;
          };
          assert.deepEqual([credHelpers["b.example"], note.length], ["other", 10_997], `${pages} pages`);
          assert.match(healed?.said ?? "", /"outcome":"applied"/, `${pages} pages`);
          assert.equal(gotThen?.exit, 0);
        }
      });
    }

    const groups: [name: string, prepare: string, then: string][] = [
      ["that the user is not in", 'chown "$user:0"', `644 ${USER}:${USER}`],
      [
        "that the user is not in, and that alone may read it",
        'chmod 640 "$docker/config.json"; chown "$user:0"',
        `600 ${USER}:${USER}`,
      ],
      ["of the user", 'chmod 640 "$docker/config.json"; chown "$user:$user"', `640 ${USER}:${USER}`],
    ];
    for (const [name, prepare, then] of groups) {
      it(`a config of the user with a group ${name} is edited, and no wider open than before`, () => {
        const steps = inOwnMounts([
          `${prepare} "$docker/config.json"`,
          apply,
          show,
          `printf '@@0 %s\\n' "$(stat -c '%a %u:%g' "$docker/config.json")"`,
        ]);
        assert.deepEqual([steps[0]?.exit, steps[2]?.said], [0, then], steps[0]?.said);
        assert.match(steps[1]?.said ?? "", LINKED);
      });
    }

    it("root leaves a config to its user and its group", async () => {
      chownSync(home.memory, 0, 0);
      chownSync(home.config, USER, OTHER);
      assert.equal((await home.apply([set("ghcr.io", "u", "p")])).exit, 0);
      const { uid, gid } = statSync(home.config);
      assert.deepEqual([uid, gid], [USER, OTHER]);
      assert.match(home.configText(), LINKED);
    });

    it("a file that is only read-only is edited, and stays read-only", () => {
      const steps = inOwnMounts([
        'chmod 444 "$docker/config.json"',
        apply,
        show,
        `printf '@@0 %s\\n' "$(stat -c '%a %u' "$docker/config.json")"`,
      ]);
      assert.deepEqual([steps[0]?.exit, steps[2]?.said], [0, `444 ${USER}`], steps[0]?.said);
      assert.match(steps[1]?.said ?? "", LINKED);
    });
  });
}
