import { readTriplets, withoutTriplets, type Triplets } from "../domain/secret/triplets";
import { failureLine } from "../presentation/failureText";
import type { CliArguments } from "./arguments";
import type { CliPorts } from "./ports";

export interface GivenSecrets extends Triplets {
  /** What of the secrets file is for the lifecycle commands: everything but the triplets. */
  readonly lifecycleVariables: Readonly<Record<string, string>>;
}

/**
 * The secrets of this run: of the environment, and of the secrets file, which beats it. Tells about triplets that cannot
 * be used, and goes on with the others. Throws `invalid-secrets-file`.
 */
export async function givenSecrets({ secretsFile }: CliArguments, ports: CliPorts): Promise<GivenSecrets> {
  const fromFile = secretsFile === undefined ? {} : await ports.readSecretsFile(ports.pathAt(secretsFile));
  // nothing is stored, so nobody knows how old they are
  const triplets = readTriplets({ ...ports.env, ...fromFile }, 0);
  for (const problem of triplets.problems) ports.tell(`! ${failureLine(problem)}`);
  return { ...triplets, lifecycleVariables: withoutTriplets(fromFile) };
}
