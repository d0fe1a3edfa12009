import { credentialLookup } from "../domain/diagnosis/credentials";
import { diagnoseImages } from "../domain/diagnosis/diagnoseImages";
import { askingOnce, featureMetadata } from "../domain/diagnosis/featureMetadata";
import { refusedBeforeCreation, refusedCredentials } from "../domain/diagnosis/preflight";
import { isTrouble, type Finding } from "../domain/diagnosis/finding";
import { Deliverer, type Delivery } from "../domain/delivery/deliverer";
import { adviceFor } from "../domain/environment/advice";
import { createEnvironment, noteRefusal, type CreationOutcome } from "../domain/environment/creation";
import { creationRecord, namedImages } from "../domain/environment/creationRecord";
import { answeringIdentities } from "../domain/environment/identities";
import { pullCredentials } from "../domain/environment/pullCredentials";
import { isFailure, type Failure } from "../domain/failure";
import { chooseConfigFile } from "../domain/image/configFiles";
import { workspaceImages } from "../domain/image/workspaceImages";
import { effectiveSecrets } from "../domain/secret/effective";
import { adviceInOneLine, adviceLines } from "../presentation/adviceText";
import { deliveryLines, insideLines } from "../presentation/deliveryText";
import { failureLine } from "../presentation/failureText";
import { withheldText } from "../presentation/nativeText";
import { findingsAsLines } from "../presentation/findingText";
import type { CliArguments } from "./arguments";
import { outcomeAsJson } from "./deliveryJson";
import { EXIT, type CliPorts, type ExitCode } from "./ports";
import { givenSecrets } from "./secrets";

/** `registry-secrets up`: creates the environment in three steps; a failed pull is diagnosed at once. */
export async function upCommand(args: CliArguments, ports: CliPorts): Promise<ExitCode> {
  const folder = await ports.folderAt(args.folder);
  const configFile = await chooseConfigFile(folder, args.config && ports.pathAt(args.config), ports.files);
  const { secrets, lifecycleVariables } = await givenSecrets(args, ports);
  const effective = effectiveSecrets(secrets, undefined);
  const lookUp = credentialLookup(effective, ports.dockerLogin, () => ports.now(), ports.logins);
  const prober = ports.prober(args.allowedRealms, args.timeoutSeconds);
  const before = { prober: askingOnce(prober), lookUp };
  const configured = await workspaceImages(folder, configFile, ports.files, ports.env, {
    ...ports.imagePorts,
    featureMetadata: featureMetadata(before, { signal: ports.signal }),
  });
  const { images } = configured;
  const named = namedImages(configured);
  const record = async (outcome: CreationOutcome) => {
    const identities = await answeringIdentities(named.references, effective, ports.logins, ports.signal);
    const made = creationRecord({ folder, configFile }, outcome, configured, effective, ports.now(), identities);
    await ports.records.saveCreation(made);
  };
  const { credentials, allowedRealms, withheld } = await pullCredentials(
    images,
    effective,
    prober,
    (host, realmHost) => Promise.resolve(args.allowedRealms.includes(`${host.authority}=${realmHost}`)),
    ports.logins,
    ports.signal,
  );
  for (const secret of withheld) ports.tell(`! ${withheldText(secret)}`);

  const preflight = { ...before, hasImage: (name: string) => ports.engine.hasImage(name) };
  const refused = await refusedCredentials(images, new Set(credentials.keys()), preflight, ports.signal);
  if (refused.length > 0) {
    await noteRefusal({ folder, configFile }, { ...ports, record });
    report(refusedBeforeCreation(refused), refused, folder, args, ports);
    return EXIT.found;
  }

  const adviceOf = async (containerId: string) => {
    const creation = (await ports.records.creations()).find((record) => record.containerId === containerId);
    return adviceFor(creation, { secrets: effective, images: named });
  };
  const deliverer = new Deliverer({
    ...ports,
    source: "cli",
    deliversNative: () => args.deliverNative,
    secrets: () => Promise.resolve(secrets),
    trust: async () => ({ containerIds: await ports.knownContainers(), folders: [folder] }),
    adviser:
      () =>
      async ({ container }) =>
        adviceInOneLine(await adviceOf(container.id)),
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
        record,
        deliver: async (id, signal) => {
          const round = await deliverer.deliver({ ids: [id] }, signal);
          deliveries.push(...round.deliveries);
          for (const delivery of round.deliveries)
            for (const line of [...deliveryLines(delivery), ...insideLines(delivery)]) ports.tell(`  ${line}`);
        },
      },
      ({ kind, text }) => {
        if (kind === "step") ports.tell(`• ${text}`);
        else if (args.verbose) ports.tell(`  ${text}`);
      },
      ports.signal,
    );
    const advice = await adviceOf(created.containerId);
    if (args.json) {
      const delivery = deliveries.map(({ outcome }) => outcomeAsJson(outcome));
      ports.print(JSON.stringify({ outcome: "created", ...created, delivery, advice }, undefined, 2));
    } else {
      ports.print(`${created.isNew ? "Created" : "Started"} ${created.containerId.slice(0, 12)} for ${folder}.`);
      for (const line of adviceLines(advice)) ports.print(`! ${line}`);
    }
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
