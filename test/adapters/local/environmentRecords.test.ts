import { strict as assert } from "node:assert";
import { existsSync, mkdirSync, readdirSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { environmentRecords } from "../../../src/adapters/local/environmentRecords";
import type { DeliveryRecord } from "../../../src/domain/delivery/deliveryRecord";
import type { CreationRecord } from "../../../src/domain/environment/creationRecord";
import { temporaryFolder } from "../../fakes/temporaryFolder";

const delivery = (containerId: string, at = 1): DeliveryRecord => ({
  containerId,
  at,
  outcome: "failed",
  hosts: ["ghcr.io"],
  skipped: [],
  failure: { code: "delivery-failed", message: "No room.", facts: { reason: "no-space", list: ["a"], n: 1 } },
  attempts: 2,
  nextAttemptAt: 9,
});
const creation = (configFile: string, change: Partial<CreationRecord> = {}): CreationRecord => ({
  folder: "/home/dev/app",
  configFile,
  at: 1,
  outcome: "created",
  containerId: "c1",
  references: ["ghcr.io/acme/app:1"],
  secrets: [{ host: "ghcr.io", id: "id-1", kind: "password", updatedAt: 1 }],
  ...change,
});

describe("the records of environments", () => {
  const folder = temporaryFolder();
  const records = () => environmentRecords(join(folder(), "records"));

  it("are none at first, and nothing is made to find that out", async () => {
    assert.deepEqual([await records().deliveries(), await records().creations()], [[], []]);
    assert.equal(existsSync(join(folder(), "records")), false);
  });

  it("are read as they were written, by any process, the last one of each container and configuration", async () => {
    await records().saveDelivery("c1", delivery("c1"));
    await records().saveDelivery("c2", delivery("c2", 3));
    await records().saveDelivery("c1", delivery("c1", 2));
    assert.deepEqual(await records().deliveries(), [delivery("c2", 3), delivery("c1", 2)]);
    const failed: CreationRecord = { ...creation("/a"), at: 2, outcome: "failed", incomplete: true };
    await records().saveCreation(creation("/a"));
    await records().saveCreation(creation("/b"));
    await records().saveCreation(failed);
    assert.deepEqual(await records().creations(), [failed, creation("/b")]);
  });

  it("are none of a container that was forgotten, twice at that", async () => {
    await records().saveDelivery("c1", delivery("c1"));
    for (let times = 0; times < 2; times++) await records().saveDelivery("c1", undefined);
    assert.deepEqual(await records().deliveries(), []);
  });

  it("can be read by nobody else, and leave no other file", async () => {
    await records().saveDelivery("../../escape", delivery("../../escape"));
    const path = join(folder(), "records/deliveries");
    const [name = "", ...others] = readdirSync(path);
    assert.deepEqual(others, []);
    assert.match(name, /^[0-9a-f]{32}\.json$/);
    assert.deepEqual([statSync(path).mode & 0o777, statSync(join(path, name)).mode & 0o777], [0o700, 0o600]);
  });

  it("many written at once are all there", async () => {
    const ids = Array.from({ length: 50 }, (_, index) => `c${index}`);
    await Promise.all(
      ids.flatMap((id) => [records().saveDelivery(id, delivery(id)), records().saveDelivery(id, delivery(id))]),
    );
    assert.equal((await records().deliveries()).length, 50);
  });

  for (const text of ["", "{", "null", '{"containerId":5}', '{"containerId":"c1","at":1,"outcome":"new-word"}']) {
    it(`a file with ${JSON.stringify(text)} counts as absent`, async () => {
      const path = join(folder(), "records/deliveries");
      mkdirSync(path, { recursive: true });
      writeFileSync(join(path, "f".repeat(32) + ".json"), text);
      await records().saveDelivery("c1", delivery("c1"));
      assert.deepEqual(await records().deliveries(), [delivery("c1")]);
    });
  }

  it("are the youngest five hundred", async () => {
    const path = join(folder(), "records/deliveries");
    mkdirSync(path, { recursive: true });
    for (let index = 0; index < 520; index++) {
      writeFileSync(join(path, `${index}.json`), JSON.stringify(delivery(`c${index}`, index)));
    }
    assert.equal((await records().deliveries()).at(-1)?.containerId, "c20");
    assert.equal(readdirSync(path).length, 500);
  });

  it("tell about a change by another process, until nobody listens any more", async () => {
    let changes = 0;
    let told: () => void = () => undefined;
    const change = new Promise<void>((resolve) => (told = resolve));
    const stop = records().onDidChange(() => {
      changes += 1;
      told();
    });
    await records().saveCreation(creation("/a"));
    await change;
    stop();
    const before = changes;
    await records().saveCreation(creation("/b"));
    utimesSync(join(folder(), "records"), 1, 1);
    assert.equal(changes, before);
  });
});
