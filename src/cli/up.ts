import { credentialLookup } from "../domain/diagnosis/credentials";
import { diagnoseImages } from "../domain/diagnosis/diagnoseImages";
import { refusedBeforeCreation, refusedCredentials } from "../domain/diagnosis/preflight";
import { isTrouble, type Finding } from "../domain/diagnosis/finding";
import { Deliverer, type Delivery } from "../domain/delivery/deliverer";
import { createEnvironment } from "../domain/environment/creation";
import { pullCredentials } from "../domain/environment/pullCredentials";
import { isFailure, type Failure } from "../domain/failure";
import { chooseConfigFile, workspaceImages } from "../domain/image/workspaceImages";
import { effectiveSecrets } from "../domain/secret/effective";
import { deliveryLine } from "../presentation/deliveryText";
import { failureLine } from "../presentation/failureText";
import { findingsAsLines } from "../presentation/findingText";
import type { CliArguments } from "./arguments";
import { EXIT, type CliPorts, type ExitCode } from "./ports";
import { givenSecrets } from "./secrets";

/** `registry-secrets up`: creates the environment in three steps; a failed pull is diagnosed at once. */
export async function upCommand(args: CliArguments, ports: CliPorts): Promise<ExitCode> {
  const folder = await ports.folderAt(args.folder);
  const configFile = await chooseConfigFile(folder, args.config && ports.pathAt(args.config), ports.files);
  const { images } = await workspaceImages(folder, configFile, ports.files, ports.env, ports.imagePorts);
  const { secrets, lifecycleVariables } = await givenSecrets(args, ports);
  const effective = effectiveSecrets(secrets, undefined);
  const prober = ports.prober(args.allowedRealms, args.timeoutSeconds);
  const { credentials, allowedRealms, withheld } = await pullCredentials(
    images,
    effective,
    prober,
    (host, realmHost) => Promise.resolve(args.allowedRealms.includes(`${host.authority}=${realmHost}`)),
    ports.signal,
  );
  for (const { host, secret, why } of withheld) ports.tell(`! ${secret} is not used for ${host}: ${why}`);

  const lookUp = credentialLookup(effective, ports.dockerLogin, () => ports.now());
  const preflight = { prober, lookUp, hasImage: (name: string) => ports.engine.hasImage(name) };
  const refused = await refusedCredentials(images, new Set(credentials.keys()), preflight, ports.signal);
  if (refused.length > 0) {
    report(refusedBeforeCreation(refused), refused, folder, args, ports);
    return EXIT.found;
  }

  const deliverer = new Deliverer({
    ...ports,
    source: "cli",
    secrets: () => Promise.resolve(secrets),
    trust: async () => ({ containerIds: await ports.knownContainers(), folders: [folder] }),
  });
  const deliveries: Delivery[] = [];
  try {
    const created = await createEnvironment(
      { folder, configFile, recreate: args.recreate, credentials, allowedRealms, lifecycleVariables },
      {
        tool: ports.tool,
        engine: ports.engine,
        log: ports.log,
        remember: (id, creation) => ports.remember(id, creation),
        unfinished: () => ports.unfinishedContainers(),
        deliver: async (id, signal) => {
          const round = await deliverer.deliver({ ids: [id] }, signal);
          deliveries.push(...round.deliveries);
          for (const delivery of round.deliveries) ports.tell(`  ${deliveryLine(delivery)}`);
        },
      },
      ({ kind, text }) => {
        if (kind === "step") ports.tell(`• ${text}`);
        else if (args.verbose) ports.tell(`  ${text}`);
      },
      ports.signal,
    );
    if (args.json) {
      const delivery = deliveries.map(({ outcome }) => outcome);
      ports.print(JSON.stringify({ outcome: "created", ...created, delivery }, undefined, 2));
    } else ports.print(`${created.isNew ? "Created" : "Started"} ${created.containerId.slice(0, 12)} for ${folder}.`);
    return EXIT.fine;
  } catch (error) {
    if (!isFailure(error, "creation-failed")) throw error;
    const findings = await diagnoseImages(
      images,
      { prober, lookUp, enginePlatform: () => ports.enginePlatform() },
      { signal: ports.signal },
    );
    report(error, findings.filter(isTrouble), folder, args, ports);
    return EXIT.found;
  }
}

function report(
  failure: Failure,
  findings: readonly Finding[],
  folder: string,
  args: CliArguments,
  ports: CliPorts,
): void {
  if (args.json) {
    const { code, message, facts } = failure;
    ports.print(JSON.stringify({ outcome: "failed", failure: { code, message, facts }, findings }, undefined, 2));
    return;
  }
  ports.print(`✗ ${failureLine(failure)}`);
  for (const line of findingsAsLines(findings, folder)) ports.print(line);
}
