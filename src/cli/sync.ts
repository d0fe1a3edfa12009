import { Deliverer, type Candidate, type DeliveryRound } from "../domain/delivery/deliverer";
import { confirmedCandidates } from "../domain/environment/confirmation";
import { Failure, isFailure } from "../domain/failure";
import { candidateLine, deliveryLine } from "../presentation/deliveryText";
import { failureLine } from "../presentation/failureText";
import type { CliArguments } from "./arguments";
import { EXIT, type CliPorts, type ExitCode } from "./ports";
import { givenSecrets } from "./secrets";

/** How long to wait before the engine is asked again after it went away: doubling, up to the last. */
const RETRY_MS = [500, 1_000, 2_000, 5_000, 10_000];

/** `registry-secrets sync`: the given secrets to the folder's running environments; with `--watch` until it is ended. */
export async function syncCommand(args: CliArguments, ports: CliPorts): Promise<ExitCode> {
  const folder = await ports.folderAt(args.folder);
  const deliverer = new Deliverer({
    ...ports,
    source: "cli",
    secrets: async () => {
      const { secrets, problems } = await givenSecrets(args, ports);
      if (secrets.length === 0 && !args.logOutAll) throw nothingGiven(problems.length > 0);
      return secrets;
    },
    trust: async () => ({ containerIds: await ports.knownContainers(), folders: [folder] }),
  });
  const deliver = async () => {
    const round = await deliverer.deliver({ folder }, ports.signal);
    report(round, folder, args, ports);
    return round;
  };

  // before anything is touched: a typing error in a variable must not log the person out everywhere
  const { secrets, problems } = await givenSecrets(args, ports);
  if (secrets.length === 0 && !args.logOutAll) throw nothingGiven(problems.length > 0);
  if (args.confirmed.length > 0) await confirm(args, ports, await deliverer.candidates(folder));
  if (!args.watch) return (await deliver()).deliveries.some(isBad) ? EXIT.found : EXIT.fine;
  const follow = () => deliverer.followStarts((round) => report(round, folder, args, ports), ports.signal, { folder });
  await watch(args, ports, deliver, follow);
  return EXIT.cancelled;
}

/** Makes the named candidates environments, from now on (security, 3). */
async function confirm({ confirmed }: CliArguments, ports: CliPorts, candidates: readonly Candidate[]): Promise<void> {
  const containers = candidates.map(({ container }) => container);
  for (const { id, name } of confirmedCandidates(confirmed, containers)) {
    await ports.remember(id, "finished");
    ports.tell(`✓ ${name} is an environment of yours from now on.`);
  }
}

async function watch(
  args: CliArguments,
  ports: CliPorts,
  deliver: () => Promise<DeliveryRound>,
  follow: () => Promise<void>,
): Promise<void> {
  const quietly = (work: Promise<unknown>) =>
    work.catch((error: unknown) => {
      if (!isFailure(error)) throw error;
      if (error.code !== "cancelled") ports.tell(`! ${failureLine(error)}`);
    });
  const stop =
    args.secretsFile === undefined
      ? () => undefined
      : ports.watchFile(ports.pathAt(args.secretsFile), () => void quietly(deliver()));
  ports.tell("Watching: environments are logged in when they start. End with Ctrl+C.");
  try {
    for (let failed = 0; !ports.signal.aborted; failed++) {
      const started = ports.now();
      // each on its own: a secrets file that is broken for a moment must not end the following of starts
      await Promise.all([quietly(deliver()), quietly(follow())]);
      if (ports.now() - started > 60_000) failed = 0;
      await ports.sleep(RETRY_MS[Math.min(failed, RETRY_MS.length - 1)] ?? 0);
    }
  } finally {
    stop();
  }
}

function report(
  { deliveries, candidates }: DeliveryRound,
  folder: string,
  { json }: CliArguments,
  ports: CliPorts,
): void {
  if (json) {
    ports.print(
      JSON.stringify({
        deliveries: deliveries.map(({ environment, outcome }) => ({
          containerId: environment.container.id,
          container: environment.container.name,
          folder: environment.folder,
          outcome:
            outcome.kind === "failed"
              ? {
                  kind: "failed",
                  code: outcome.failure.code,
                  message: outcome.failure.message,
                  facts: outcome.failure.facts,
                }
              : outcome,
        })),
        candidates: candidates.map(({ container, recognition }) => ({
          containerId: container.id,
          why: recognition.why,
        })),
      }),
    );
    return;
  }
  for (const delivery of deliveries) ports.print(deliveryLine(delivery));
  for (const { container, recognition } of candidates) {
    if (recognition.folder === folder)
      ports.print(`! ${candidateLine(container.name, recognition.why)} If it is yours: --confirm ${container.name}`);
  }
  if (deliveries.length === 0) ports.print(`${folder} has no running environment.`);
}

function isBad({ outcome }: { readonly outcome: { readonly kind: string } }): boolean {
  return outcome.kind === "failed";
}

function nothingGiven(broken: boolean): Failure {
  return new Failure(
    "wrong-use",
    broken
      ? "None of the registry secrets given can be used (see above)."
      : "No registry secret is given: set <X>_CONTAINER_REGISTRY_SERVER, _USER and _PASSWORD, or use --secrets-file. " +
          "To take all logins out of the environments, add --log-out-all.",
  );
}
