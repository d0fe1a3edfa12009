import { strict as assert } from "node:assert";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readText } from "../../../src/adapters/local/textInput";
import { failureWith } from "../../fakes/failures";

describe("the text to explain, from a file", () => {
  let folder: string;
  const none = new AbortController().signal;
  const file = (bytes: string | Buffer) => {
    const path = join(folder, "build.log");
    writeFileSync(path, bytes);
    return path;
  };
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "text-input-"))));
  afterEach(() => rmSync(folder, { recursive: true }));

  const encodings: [name: string, bytes: string | Buffer][] = [
    ["UTF-8", "denied – Zürich"],
    ["UTF-8 with a mark", "\ufeffdenied – Zürich"],
    ["UTF-16 with a mark, as PowerShell redirects", Buffer.from("\ufeffdenied – Zürich", "utf16le")],
  ];
  for (const [name, bytes] of encodings) {
    it(name, async () => assert.equal(await readText(file(bytes), none), "denied – Zürich"));
  }

  it("of a long text the end", async () => {
    const text = await readText(
      file(Buffer.concat([Buffer.alloc(17 * 1024 * 1024, "x"), Buffer.from("the end")])),
      none,
    );
    assert.equal(text.length, 16 * 1024 * 1024);
    assert.ok(text.endsWith("xthe end"));
  });

  it("no such file, and a folder, are wrong use", async () => {
    await assert.rejects(readText(join(folder, "nowhere"), none), failureWith("wrong-use", /no file/));
    await assert.rejects(readText(folder, none), failureWith("wrong-use", /is a folder/));
  });

  it("can be cancelled", async () => {
    const stopped = new AbortController();
    stopped.abort();
    await assert.rejects(readText(file("denied"), stopped.signal), failureWith("cancelled"));
  });
});
