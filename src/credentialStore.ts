import { readFileSync } from "node:fs";
import { connect } from "node:net";

/**
 * `docker-credential-registry-secrets`: what Docker starts during a creation. Holds nothing itself: it hands the call
 * to the process that runs the creation, through the socket named in the session file (first argument).
 */
const [sessionFile, action = ""] = process.argv.slice(2);

function main(): void {
  let session: { pipe: string; token: string };
  let input = "";
  try {
    session = JSON.parse(readFileSync(sessionFile ?? "", "utf8")) as { pipe: string; token: string };
    if (action !== "list" && action !== "version") input = readFileSync(0, "utf8");
  } catch {
    end("the creation that this store belongs to has ended\n", 1);
    return;
  }
  const socket = connect(session.pipe);
  let text = "";
  socket.setEncoding("utf8");
  socket.on("data", (chunk: string) => (text += chunk));
  socket.on("error", () => end("the creation that this store belongs to has ended\n", 1));
  socket.on("end", () => {
    try {
      const { stdout, exitCode } = JSON.parse(text) as { stdout: string; exitCode: number };
      end(stdout, exitCode);
    } catch {
      end("the creation that this store belongs to has ended\n", 1);
    }
  });
  socket.end(JSON.stringify({ token: session.token, action, input }));
}

function end(stdout: string, exitCode: number): void {
  process.exitCode = exitCode;
  process.stdout.write(stdout);
}

main();
