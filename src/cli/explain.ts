import { explainText } from "../domain/diagnosis/explain";
import type { Finding } from "../domain/diagnosis/finding";
import { findingText, oneLine } from "../presentation/findingText";
import type { CliArguments } from "./arguments";
import { EXIT, type CliPorts, type ExitCode } from "./ports";
import { givenSecrets } from "./secrets";

/** `registry-secrets explain`: what an error text or log says went wrong, of a file or of standard input. Asks nobody. */
export async function explainCommand(args: CliArguments, ports: CliPorts): Promise<ExitCode> {
  const file = args.file === undefined ? undefined : ports.pathAt(args.file);
  const text = await ports.readText(file, ports.signal);
  // a log may repeat what this run was given
  const { secrets } = await givenSecrets(args, ports);
  const values = secrets.flatMap(({ credential }) =>
    credential.kind === "password" ? [{ username: credential.username, value: credential.password }] : [],
  );
  const findings = explainText(text, values).map((finding) => ({
    ...finding,
    place: { ...finding.place, file: file ?? "standard input" },
  }));
  if (args.json) ports.print(JSON.stringify({ findings }, undefined, 2));
  else if (findings.length === 0) ports.print("The text tells of no failed pull.");
  else for (const line of findings.flatMap(linesOf)) ports.print(line);
  return findings.length === 0 ? EXIT.fine : EXIT.found;
}

function linesOf(finding: Finding): string[] {
  const { title, remedies, evidence } = findingText(finding);
  const subject = oneLine(finding.image || finding.registry);
  return [
    `✗ ${subject}${subject && "  "}[${finding.code}]${finding.confidence === "likely" ? " (likely)" : ""}`,
    `    ${title}`,
    ...remedies.map((remedy, index) => `    ${index === 0 ? "→" : "or"} ${remedy}`),
    ...evidence.map((line) => `    · ${line}`),
  ];
}
