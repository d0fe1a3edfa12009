import { strict as assert } from "node:assert";
import { parseArguments, USAGE, type CliArguments } from "../../src/cli/arguments";
import { failureWith } from "../fakes/failures";

const DEFAULTS: CliArguments = {
  command: "help",
  folder: ".",
  allowedRealms: [],
  timeoutSeconds: 10,
  json: false,
  recreate: false,
  watch: false,
  logOutAll: false,
  deliverNative: false,
  confirmed: [],
  verbose: false,
};

describe("the command line", () => {
  const good: [argv: string, want: Partial<CliArguments>][] = [
    ["", { command: "help" }],
    ["help", { command: "help" }],
    ["--help", { command: "help" }],
    ["-h", { command: "help" }],
    ["up --help --recreate", { command: "help", recreate: true }],
    ["nonsense --help", { command: "help" }],
    ["version", { command: "version" }],
    ["--version", { command: "version" }],
    ["diagnose", { command: "diagnose" }],
    ["diagnose /x", { command: "diagnose", folder: "/x" }],
    ["diagnose --json --verbose", { command: "diagnose", json: true, verbose: true }],
    ["--json diagnose /x", { command: "diagnose", folder: "/x", json: true }],
    [
      "diagnose --config a.json --secrets-file s.json",
      { command: "diagnose", config: "a.json", secretsFile: "s.json" },
    ],
    ["diagnose --timeout 1", { command: "diagnose", timeoutSeconds: 1 }],
    ["diagnose --timeout=600", { command: "diagnose", timeoutSeconds: 600 }],
    [
      "diagnose --allow-auth-host a=b --allow-auth-host c:5000=d:1",
      { command: "diagnose", allowedRealms: ["a=b", "c:5000=d:1"] },
    ],
    ["up --recreate /x", { command: "up", recreate: true, folder: "/x" }],
    ["sync --watch --secrets-file s", { command: "sync", watch: true, secretsFile: "s" }],
    ["up --deliver-native", { command: "up", deliverNative: true }],
    ["sync --deliver-native --watch", { command: "sync", deliverNative: true, watch: true }],
    ["sync --log-out-all", { command: "sync", logOutAll: true }],
    ["diagnose -- -odd", { command: "diagnose", folder: "-odd" }],
  ];
  for (const [argv, want] of good) {
    it(`registry-secrets ${argv}`, () => {
      assert.deepEqual(parseArguments(argv === "" ? [] : argv.split(" ")), { ...DEFAULTS, ...want });
    });
  }

  const wrong: [argv: string, words: RegExp][] = [
    ["dance", /no command "dance"/],
    ["Diagnose", /no command "Diagnose"/],
    ["diagnose a b", /One folder at a time: "b"/],
    ["diagnose --nope", /Unknown option '--nope'\.$/],
    ["diagnose --json=yes", /does not take an argument/],
    ["diagnose --config", /argument missing/],
    ["diagnose --recreate", /"diagnose" has no option --recreate/],
    ["diagnose --watch", /"diagnose" has no option --watch/],
    ["up --log-out-all", /"up" has no option --log-out-all/],
    ["sync --timeout 5", /"sync" has no option --timeout/],
    ["sync --config x", /"sync" has no option --config/],
    ["diagnose --timeout 0", /--timeout takes seconds/],
    ["diagnose --timeout -1", /--timeout/],
    ["diagnose --timeout 601", /--timeout takes seconds/],
    ["diagnose --timeout ten", /--timeout takes seconds/],
    ["diagnose --timeout=", /--timeout takes seconds/],
    ["diagnose --allow-auth-host evil.example", /<registry>=<host>, not "evil\.example"/],
    ["diagnose --allow-auth-host a=https://b/c", /<registry>=<host>/],
    ["diagnose --allow-auth-host =b", /<registry>=<host>/],
    ["diagnose --allow-auth-host a=", /<registry>=<host>/],
  ];
  for (const [argv, words] of wrong) {
    it(`registry-secrets ${argv}: wrong`, () => {
      assert.throws(() => parseArguments(argv.split(" ")), failureWith("wrong-use", words));
    });
  }

  it("does not repeat the value of an option that does not exist: it may be a password", () => {
    for (const argv of [
      ["up", "--password=kT9-canary"],
      ["up", "--password", "kT9-canary"],
      ["up", "-pkT9-canary"],
    ]) {
      try {
        parseArguments(argv);
        assert.fail("it must be refused");
      } catch (error) {
        assert.ok(!String(error).includes("canary"), String(error));
      }
    }
  });

  it("is explained: every command and every option", () => {
    for (const word of [
      "diagnose",
      "up",
      "sync",
      "--secrets-file",
      "--config",
      "--json",
      "--verbose",
      "--timeout",
      "--allow-auth-host",
      "--recreate",
      "--watch",
      "--log-out-all",
      "Exit codes",
    ]) {
      assert.ok(USAGE.includes(word), word);
    }
    for (const line of USAGE.split("\n")) assert.ok(line.length <= 120, line);
  });
});
