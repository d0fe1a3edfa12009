import { isFailure } from "../domain/failure";
import { failureLine } from "../presentation/failureText";
import { parseArguments, USAGE, type CliArguments } from "./arguments";
import { EXIT, type CliPorts, type ExitCode } from "./ports";

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

/** Loads only the command that is asked for. */
async function runCommand(args: CliArguments, ports: CliPorts): Promise<ExitCode> {
  switch (args.command) {
    case "diagnose":
      return await (await import("./diagnose")).diagnoseCommand(args, ports);
    case "explain":
      return await (await import("./explain")).explainCommand(args, ports);
    case "up":
      return await (await import("./up")).upCommand(args, ports);
    case "sync":
      return await (await import("./sync")).syncCommand(args, ports);
    case "policy":
      return await (await import("./policy")).policyCommand(args, ports);
    case "help":
      ports.print(USAGE.trimEnd());
      return EXIT.fine;
    case "version":
      ports.print(ports.version);
      return EXIT.fine;
  }
}
