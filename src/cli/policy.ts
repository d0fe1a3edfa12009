import {
  missingFields,
  policiesFor,
  policySubject,
  valuesOfImage,
  type Policy,
  type PolicySubject,
} from "../domain/diagnosis/policies";
import type { PolicyField } from "../domain/diagnosis/policyValue";
import { Failure } from "../domain/failure";
import { chooseConfigFile } from "../domain/image/configFiles";
import { workspaceImages } from "../domain/image/workspaceImages";
import { identifyRegistry, type RegistryKind } from "../domain/registry/catalog";
import { hostOfReference } from "../domain/registry/host";
import { fieldPrompt, policyDocument, policyText } from "../presentation/policyText";
import type { CliArguments } from "./arguments";
import { EXIT, type CliPorts, type ExitCode } from "./ports";

/** The registries that each word of the command means. */
const CLOUDS: Readonly<Record<string, readonly RegistryKind[]>> = {
  ecr: ["ecr", "ecr-public"],
  gar: ["gar", "gcr"],
  acr: ["acr"],
};

/** `registry-secrets policy ecr|gar|acr [image]`: what lets an identity pull the image, in each form. Asks nobody. */
export async function policyCommand(args: CliArguments, ports: CliPorts): Promise<ExitCode> {
  const { cloud = "", image, values, form } = args.policy ?? {};
  const kinds = CLOUDS[cloud];
  if (kinds === undefined) throw new Failure("wrong-use", `policy takes ecr, gar or acr, not "${cloud}".`);
  const found = image === undefined ? await fromConfiguration(cloud, kinds, args, ports) : policySubject(image);
  const subject: PolicySubject = { host: found.host, values: { ...found.values, ...values } };
  if (!kinds.includes(identifyRegistry(subject.host).kind)) {
    throw new Failure("wrong-use", `${subject.host.display} is no registry of ${cloud.toUpperCase()}.`);
  }
  const missing = missingFields(subject);
  if (missing.length > 0) throw missingValues(missing);
  const policies = policiesFor(subject);
  if (args.json) {
    const found = policies.map((policy) => {
      const { document, kind } = policy;
      const { title, notes, command, terraform } = policyText(policy);
      return { kind, title, notes, document, command, terraform };
    });
    ports.print(JSON.stringify({ registry: subject.host.key, policies: found }, undefined, 2));
  } else if (form === undefined) ports.print(policyDocument(subject.host.display, policies).trimEnd());
  else ports.print(policies.map((policy) => inForm(policy, form)).join("\n\n"));
  return EXIT.fine;
}

/** Where a policy has no such form, its notes stand in for it, as comments of a shell and of Terraform. */
function inForm(policy: Policy, form: "json" | "command" | "terraform"): string {
  const text = policyText(policy);
  return text[form] ?? text.notes.map((note) => `# ${note}`).join("\n");
}

/** The first image of the folder's dev container that comes from such a registry. */
async function fromConfiguration(
  cloud: string,
  kinds: readonly RegistryKind[],
  args: CliArguments,
  ports: CliPorts,
): Promise<PolicySubject> {
  const folder = await ports.folderAt(".");
  const configFile = await chooseConfigFile(folder, args.config && ports.pathAt(args.config), ports.files);
  const { images } = await workspaceImages(folder, configFile, ports.files, ports.env, ports.imagePorts);
  for (const { reference } of images) {
    if (!reference || !kinds.includes(identifyRegistry(reference.registry).kind)) continue;
    const host = hostOfReference(reference);
    return { host, values: valuesOfImage(host, reference.repository) };
  }
  throw new Failure(
    "wrong-use",
    `${configFile} names no image of ${cloud.toUpperCase()}: name one on the command line.`,
  );
}

function missingValues(fields: readonly PolicyField[]): Failure {
  const wanted = fields.map((field) => {
    const { prompt, example } = fieldPrompt(field);
    return `--${field} ${example} (${prompt})`;
  });
  return new Failure("wrong-use", `Something is missing: ${wanted.join(", ")}.`);
}
