import { strict as assert } from "node:assert";
import { KnownEnvironments } from "../../src/vscode/knownEnvironments";

/** What one window sees, one after the other. */
type Window = readonly [folders: readonly string[], isTrusted: boolean];

function emptyState() {
  const values = new Map<string, unknown>();
  return {
    keys: () => [...values.keys()],
    get: <T>(key: string, otherwise?: T) => (values.get(key) ?? otherwise) as T,
    update: (key: string, value: unknown) => Promise.resolve(void values.set(key, value)),
  };
}

describe("which folders are trusted", () => {
  const cases: [what: string, windows: readonly Window[], want: readonly string[]][] = [
    ["one that was open in a trusted window", [[["/w/app"], true]], ["/w/app"]],
    ["none that was open in Restricted Mode only", [[["/w/app"], false]], []],
    [
      "one, whatever other folders are not",
      [
        [["/w/app"], true],
        [["/w/foreign"], false],
      ],
      ["/w/app"],
    ],
    [
      "none whose trust was withdrawn",
      [
        [["/w/app", "/w/tool"], true],
        [["/w/app"], false],
      ],
      ["/w/tool"],
    ],
    [
      "none whose trust was withdrawn, however it was spelled before",
      [
        [["C:\\app"], true],
        [["c:/app"], false],
      ],
      [],
    ],
    [
      "one that is trusted again",
      [
        [["/w/app"], true],
        [["/w/app"], false],
        [["/w/app"], true],
      ],
      ["/w/app"],
    ],
  ];
  for (const [what, windows, want] of cases) {
    it(what, async () => {
      const known = new KnownEnvironments(emptyState());
      for (const [folders, isTrusted] of windows) await known.noteTrust({ folders, isTrusted });
      assert.deepEqual(known.trust().folders, want);
    });
  }
});
