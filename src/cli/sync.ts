import { Deliverer, type Candidate, type DeliveryRound } from "../domain/delivery/deliverer";
import { environmentAdviser, listEnvironments, type EnvironmentEntry } from "../domain/delivery/environments";
import type { Environment } from "../domain/environment/environment";
import { confirmedCandidates } from "../domain/environment/confirmation";
import { Failure } from "../domain/failure";
import type { RegistrySecret } from "../domain/secret/secret";
import { adviceInOneLine, adviceLines } from "../presentation/adviceText";
import { candidateLine, deliveryLines, otherServicesLine } from "../presentation/deliveryText";
import type { CliArguments } from "./arguments";
import { outcomeAsJson } from "./deliveryJson";
import { EXIT, type CliPorts, type ExitCode } from "./ports";
import { givenSecrets } from "./secrets";
import { watch } from "./watch";

/** `registry-secrets sync`: the given secrets to the folder's running environments; with `--watch` until it is ended. */
export async function syncCommand(args: CliArguments, ports: CliPorts): Promise<ExitCode> {
  const folder = await ports.folderAt(args.folder);
  const told = new Set<string>();
  const tellOnce = (line: string) => {
    if (!told.has(line)) ports.tell(line);
    told.add(line);
  };
  const secrets = async () => {
    const given = await givenSecrets(args, { ...ports, tell: tellOnce });
    if (given.secrets.length === 0 && !args.logOutAll) throw nothingGiven(given.problems.length > 0);
    return given.secrets;
  };
  const trust = async () => ({ containerIds: await ports.knownContainers(), folders: [folder] });
  const adviser = (given: readonly RegistrySecret[]) => {
    const advise = environmentAdviser({ ...ports, trust }, given);
    return async (environment: Environment) => adviceInOneLine(await advise(environment));
  };
  const deliversNative = () => args.deliverNative;
  const deliverer = new Deliverer({ ...ports, source: "cli", secrets, trust, adviser, deliversNative });
  const finish = async (round: DeliveryRound, isWhole: boolean) => {
    const ids = new Set(round.deliveries.map(({ environment }) => environment.container.id));
    const entries = await listEnvironments({ ...ports, secrets, trust }, ports.signal, ids);
    report(round, entries, args, ports);
    if (isWhole && !args.json && round.deliveries.length === 0) ports.print(`${folder} has no running environment.`);
  };
  const deliver = async () => {
    const round = await deliverer.deliver({ folder }, ports.signal);
    await finish(round, true);
    return round;
  };

  // before anything is touched: a typing error in a variable must not log the person out everywhere
  await secrets();
  if (args.confirmed.length > 0) await confirm(args, ports, await deliverer.candidates(folder));
  if (!args.watch) return (await deliver()).deliveries.some(isBad) ? EXIT.found : EXIT.fine;
  await watch(deliverer, folder, finish, args, ports);
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

function report(
  { deliveries, candidates }: DeliveryRound,
  entries: readonly EnvironmentEntry[],
  { json }: CliArguments,
  ports: CliPorts,
): void {
  const known = new Map(
    entries.flatMap((entry) =>
      entry.kind === "environment" ? [[entry.environment.container.id, entry] as const] : [],
    ),
  );
  if (json) {
    ports.print(
      JSON.stringify({
        deliveries: deliveries.map(({ environment, outcome }) => ({
          containerId: environment.container.id,
          container: environment.container.name,
          folder: environment.folder,
          outcome: outcomeAsJson(outcome),
          advice: known.get(environment.container.id)?.advice,
          otherServices: known.get(environment.container.id)?.otherServices,
        })),
        candidates: candidates.map(({ container, recognition }) => ({
          containerId: container.id,
          why: recognition.why,
        })),
      }),
    );
    return;
  }
  for (const delivery of deliveries) {
    for (const line of deliveryLines(delivery)) ports.print(line);
    const { id, name } = delivery.environment.container;
    const entry = known.get(id);
    const others = otherServicesLine(name, entry?.otherServices);
    if (others !== undefined) ports.print(`– ${others}`);
    if (entry) for (const line of adviceLines(entry.advice)) ports.print(`! ${name}: ${line}`);
  }
  for (const { container, recognition } of candidates)
    ports.print(`! ${candidateLine(container.name, recognition.why)} If it is yours: --confirm ${container.name}`);
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
