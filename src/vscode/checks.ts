import * as vscode from "vscode";
import { diagnoseImages } from "../domain/diagnosis/diagnoseImages";
import { askingOnce, featureMetadata } from "../domain/diagnosis/featureMetadata";
import type { Finding } from "../domain/diagnosis/finding";
import type { WorkspaceProblem } from "../domain/image/problems";
import { workspaceImages, type WorkspaceImage } from "../domain/image/workspaceImages";
import { effectiveSecrets, type EffectiveSecret } from "../domain/secret/effective";
import { marksOf, outlives } from "../presentation/marks";
import type { AgreedRealms } from "./agreedRealms";
import { noting, shownFiles } from "./marksFiles";
import type { Marks } from "./marks";
import type { Reference, References } from "./marksReferences";
import type { ExtensionPorts } from "./ports";
import type { ChosenConfig } from "./workspace";

/** A creation that failed, with what the tool wrote (redacted). */
export interface FailedCreation {
  readonly config: ChosenConfig;
  readonly at: number;
  readonly log: string;
}

export interface CheckContext {
  readonly ports: ExtensionPorts;
  readonly agreedRealms: AgreedRealms;
  readonly marks: Marks;
  readonly references: References;
  /** By configuration: its last creation, if that one failed. */
  readonly failedCreations: Map<string, FailedCreation>;
}

export interface CheckResult {
  readonly findings: readonly Finding[];
  readonly problems: readonly WorkspaceProblem[];
}

/**
 * Asks the registries about the images of a configuration (or some of them), as it is shown in the editors, and puts the
 * marks in place. In an untrusted workspace no credential is sent. Throws `no-devcontainer-json`,
 * `invalid-devcontainer-json`, `cancelled`.
 */
export async function checkConfig(
  { ports, agreedRealms, marks, failedCreations }: CheckContext,
  config: ChosenConfig,
  signal: AbortSignal | undefined,
  only?: (image: WorkspaceImage) => boolean,
): Promise<CheckResult> {
  const { files, texts } = noting(shownFiles);
  const secrets = effectiveSecrets(await ports.secrets.list(), await ports.projectOf(config.folder));
  const { isTrusted } = vscode.workspace;
  const options = { anonymousOnly: !isTrusted, signal };
  const asking = { prober: askingOnce(ports.prober(agreedRealms.list())), lookUp: ports.lookUp(secrets) };
  const { images: all, problems } = await workspaceImages(config.folder, config.configFile, files, ports.env, {
    ...(isTrusted ? ports.imagePorts : {}),
    // a check of some images asks for no others
    ...(only ? {} : { featureMetadata: featureMetadata(asking, options) }),
  });
  const images = only ? all.filter(only) : all;
  const enginePlatform = () => ports.enginePlatform();
  const findings = await diagnoseImages(images, { ...asking, enginePlatform }, options);
  const creationFailed = failedCreations.has(config.configFile);
  marks.show({ config, marks: marksOf(findings, texts, { creationFailed }), texts, whole: !only });
  return { findings, problems };
}

/** *Check pull* on one reference: asks for that image alone, for every configuration that names it there. */
export async function checkReference(
  context: CheckContext,
  file: string,
  start: number,
  signal: AbortSignal,
): Promise<readonly Finding[]> {
  const here = (await context.references.all()).filter(
    ({ image }) => image.file === file && image.range.start === start,
  );
  const isHere = (image: WorkspaceImage) => image.file === file && image.range.start === start;
  return await context.marks.whileBusy(file, start, async () => {
    const findings: Finding[] = [];
    for (const config of configsOf(here)) {
      findings.push(...(await checkConfig(context, config, signal, isHere)).findings);
    }
    return findings;
  });
}

/** The configurations of some references, each once. */
export function configsOf(references: readonly Reference[]): ChosenConfig[] {
  return [...new Map(references.map(({ config }) => [config.configFile, config])).values()];
}

/** All that must not stand in a text, whoever wrote it. */
export async function knownSecrets({ secrets }: Pick<ExtensionPorts, "secrets">) {
  return (await secrets.list()).flatMap(({ credential }) =>
    credential.kind === "password" ? [{ username: credential.username, value: credential.password }] : [],
  );
}

/** Takes away the marks that a change of the secrets may have made untrue. */
export async function dropOutdated({ ports, marks }: Pick<CheckContext, "ports" | "marks">): Promise<void> {
  const secrets = await ports.secrets.list();
  const effective = new Map<string, ReadonlyMap<string, EffectiveSecret>>();
  for (const folder of new Set(marks.all().map(({ config }) => config.folder))) {
    effective.set(folder, effectiveSecrets(secrets, await ports.projectOf(folder)));
  }
  marks.dropWhere(({ mark, config, checkedAt }) => {
    const known = effective.get(config.folder);
    return known !== undefined && !outlives(mark.finding, checkedAt, known);
  });
}
