import { explainText } from "../../src/domain/diagnosis/explain";
import { cpuCost, type Outcome } from "./measure";

const LINES = 10_000;
const LIMIT_MS = 50;
/** No tool writes such a log; what it costs is bounded all the same. */
const HOSTILE_LIMIT_MS = 150;

/** What 10,000 lines of each kind of log cost in CPU time: an absolute limit, so that no other program is measured. */
export function benchExplain(): Promise<Outcome[]> {
  return Promise.resolve(
    Object.entries(LOGS).map(([name, log]) => {
      const limit = name.startsWith("hostile") ? HOSTILE_LIMIT_MS : LIMIT_MS;
      const title = `explain ${LINES} lines, ${name} (${(log.length / 1024).toFixed(0)} kB)`;
      return cpuCost(title, limit, () => {
        if (explainText(log).length === 0) throw new Error(`explain: nothing found in ${name}`);
      });
    }),
  );
}

const CAUSE =
  "failed to solve: ghcr.io/acme/app:1: failed to authorize: failed to fetch oauth token: unexpected status from GET request to https://ghcr.io/token?scope=repository%3Aacme%2Fapp%3Apull&service=ghcr.io: 403 Forbidden";

function lines(line: (index: number) => string, last: string): string {
  return [...Array.from({ length: LINES - 1 }, (_, index) => line(index)), last].join("\n");
}

const LOGS: Readonly<Record<string, string>> = {
  "a build that fails at its end": lines(
    (index) =>
      `#${index % 40} ${(index / 100).toFixed(3)} added package number ${index} of many, took ${index % 90} ms and 3 dependencies`,
    `ERROR: ${CAUSE}`,
  ),
  "the dev container CLI's JSON events": lines(
    (index) =>
      JSON.stringify({
        type: index % 3 === 0 ? "raw" : "text",
        level: 2,
        timestamp: 1_795_452_042_148 + index,
        text: `#${index % 40} ${(index / 100).toFixed(3)} added package number ${index} of many\r\n`,
      }),
    JSON.stringify({
      type: "raw",
      level: 2,
      timestamp: 1_795_453_000_000,
      text: `\u001b[31mERROR: ${CAUSE}\u001b[0m\r\n`,
    }),
  ),
  "layers being pulled": lines((index) => `${index.toString(16).padStart(12, "0")}: Pulling fs layer`, CAUSE),
  "hostile: nothing but failures of different images": lines(
    (index) => `Error response from daemon: Head "https://ghcr.io/v2/acme/app${index}/manifests/1": denied: denied`,
    CAUSE,
  ),
};
