import { credentialLookup } from "../domain/diagnosis/credentials";
import { diagnoseImages } from "../domain/diagnosis/diagnoseImages";
import { askingOnce, featureMetadata } from "../domain/diagnosis/featureMetadata";
import { isTrouble } from "../domain/diagnosis/finding";
import { chooseConfigFile } from "../domain/image/configFiles";
import { workspaceImages } from "../domain/image/workspaceImages";
import { effectiveSecrets } from "../domain/secret/effective";
import { findingsAsLines } from "../presentation/findingText";
import { problemText } from "../presentation/problemText";
import type { CliArguments } from "./arguments";
import { EXIT, type CliPorts, type ExitCode } from "./ports";
import { givenSecrets } from "./secrets";

/** `registry-secrets diagnose`: each image of the dev container, whether it can be pulled, and if not, why. */
export async function diagnoseCommand(args: CliArguments, ports: CliPorts): Promise<ExitCode> {
  const folder = await ports.folderAt(args.folder);
  const configFile = await chooseConfigFile(folder, args.config && ports.pathAt(args.config), ports.files);
  const { secrets } = await givenSecrets(args, ports);
  const asking = {
    prober: askingOnce(ports.prober(args.allowedRealms, args.timeoutSeconds)),
    lookUp: credentialLookup(effectiveSecrets(secrets, undefined), ports.dockerLogin, () => ports.now(), ports.logins),
  };
  const { images, problems } = await workspaceImages(folder, configFile, ports.files, ports.env, {
    ...ports.imagePorts,
    featureMetadata: featureMetadata(asking, { signal: ports.signal }),
  });
  const findings = await diagnoseImages(
    images,
    { ...asking, enginePlatform: () => ports.enginePlatform() },
    { signal: ports.signal },
  );
  if (args.json) {
    ports.print(JSON.stringify({ configFile, findings, problems }, undefined, 2));
  } else {
    for (const problem of problems) {
      const { place, text } = problemText(folder, problem);
      ports.print(`! ${place}: ${text}`);
    }
    for (const line of findingsAsLines(findings, folder)) ports.print(line);
    if (images.length === 0) ports.print(`${configFile} names no image.`);
  }
  return findings.some(isTrouble) || problems.length > 0 ? EXIT.found : EXIT.fine;
}
