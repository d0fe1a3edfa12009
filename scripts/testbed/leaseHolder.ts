import { fileLease } from "../../src/adapters/local/lease";

/**
 * A process that asks for a lease again and again, as a window does: `leaseHolder.js FILE BEAT_MS`. Prints each answer that
 * differs from the one before.
 */
async function main(file: string, beat: number): Promise<void> {
  const lease = fileLease(file, Date.now);
  let last: boolean | undefined;
  const ask = async () => {
    const holds = await lease.hold();
    if (holds !== last) process.stdout.write(holds ? "holds\n" : "waits\n");
    last = holds;
    setTimeout(() => void ask(), beat);
  };
  await ask();
}

void main(process.argv[2] ?? "", Number(process.argv[3]));
