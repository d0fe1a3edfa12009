import { ensureEngine } from "../testbed/engine";
import { benchActivation } from "./activation";
import { benchDelivery } from "./delivery";
import { benchCloud } from "./cloud";
import { benchDiagnosis } from "./diagnosis";
import { benchExplain } from "./explain";
import { benchHook } from "./hook";
import type { Outcome } from "./measure";
import { benchView } from "./view";

const CASES: Record<string, () => Promise<Outcome[]>> = {
  explain: benchExplain,
  view: benchView,
  activation: benchActivation,
  cloud: benchCloud,
  diagnosis: benchDiagnosis,
  hook: benchHook,
  delivery: benchDelivery,
};

async function main(): Promise<void> {
  const chosen = process.argv.slice(2);
  const engine = await ensureEngine();
  const outcomes: Outcome[] = [];
  try {
    for (const [name, bench] of Object.entries(CASES)) {
      if (chosen.length === 0 || chosen.includes(name)) outcomes.push(...(await bench()));
    }
  } finally {
    await engine.stop();
  }
  const missed = outcomes.filter(({ holds }) => !holds);
  console.log(`\n${outcomes.length - missed.length} of ${outcomes.length} limits hold`);
  process.exitCode = missed.length > 0 || outcomes.length === 0 ? 1 : 0;
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
});
