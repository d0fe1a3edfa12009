import { isFailure } from "../domain/failure";
import { failureLine } from "../presentation/failureText";
import { parseArguments, USAGE, type CliArguments } from "./arguments";
import { diagnoseCommand } from "./diagnose";
import { explainCommand } from "./explain";
import { EXIT, type CliPorts, type ExitCode } from "./ports";
import { syncCommand } from "./sync";
import { upCommand } from "./up";

/** The command line: runs one command and gives the exit code. Failures become one sentence (or JSON); others are thrown. */
export async function main(argv: readonly string[], ports: CliPorts): Promise<ExitCode> {
  const json = argv.includes("--json");
  try {
    return await runCommand(parseArguments(argv), ports);
  } catch (error) {
    if (!isFailure(error)) throw error;
    const { code, message, facts } = error;
    if (json) ports.print(JSON.stringify({ outcome: "failed", failure: { code, message, facts } }, undefined, 2));
    else ports.tell(`✗ ${failureLine(error)}`);
    if (code === "wrong-use") return EXIT.wrongUse;
    return code === "cancelled" ? EXIT.cancelled : EXIT.found;
  }
}

async function runCommand(args: CliArguments, ports: CliPorts): Promise<ExitCode> {
  switch (args.command) {
    case "diagnose":
      return await diagnoseCommand(args, ports);
    case "explain":
      return await explainCommand(args, ports);
    case "up":
      return await upCommand(args, ports);
    case "sync":
      return await syncCommand(args, ports);
    case "help":
      ports.print(USAGE.trimEnd());
      return EXIT.fine;
    case "version":
      ports.print(ports.version);
      return EXIT.fine;
  }
}
