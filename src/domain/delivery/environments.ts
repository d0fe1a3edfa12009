import { throwIfCancelled } from "../cancellation";
import { eachOnce } from "../eachOnce";
import { isFailure } from "../failure";
import { adviceFor, type Advice } from "../environment/advice";
import type { Engine } from "../environment/container";
import { namedImages, type CreationRecord, type NamedImages } from "../environment/creationRecord";
import { answeringIdentities } from "../environment/identities";
import { recognise, serviceOf, type Environment, type Trust } from "../environment/environment";
import { isAmong, samePath } from "../environment/hostPath";
import { workspaceImages, type WorkspaceFiles, type WorkspaceImagesPorts } from "../image/workspaceImages";
import { effectiveSecrets } from "../secret/effective";
import type { LoginSource } from "../secret/nativeLogins";
import type { RegistrySecret } from "../secret/secret";
import type { Candidate } from "./deliverer";
import type { DeliveryRecord } from "./deliveryRecord";
import type { EnvironmentRecords } from "./records";

export interface EnvironmentsPorts {
  readonly engine: Pick<Engine, "containers" | "companions">;
  readonly records: EnvironmentRecords;
  secrets(): Promise<readonly RegistrySecret[]>;
  trust(): Promise<Trust>;
  projectOf(folder: string): Promise<string | undefined>;
  readonly files: WorkspaceFiles;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** What may run programs on the files: asked for trusted folders only. */
  readonly imagePorts: WorkspaceImagesPorts;
  /** Whom to ask who answers for runner-native secrets now; without it no cloud is asked. */
  readonly logins?: Pick<LoginSource, "whoAnswers">;
}

/** A row of *Environments*. */
export type EnvironmentEntry =
  | {
      readonly kind: "environment";
      readonly environment: Environment;
      readonly delivery?: DeliveryRecord;
      readonly creation?: CreationRecord;
      readonly advice: Advice;
      /** Of its Compose project: only its own service is an environment, and nothing is delivered to these. */
      readonly otherServices?: readonly string[];
    }
  | { readonly kind: "candidate"; readonly candidate: Candidate }
  /** The last creation from a configuration failed, and no container of it is there. */
  | { readonly kind: "not-created"; readonly creation: CreationRecord; readonly advice: Advice };

/**
 * The environments of this person, running and stopped, with what was delivered to each and what would help it.
 * With `only`, those of these containers and nothing else. Throws `engine-unreachable`, `engine-missing`,
 * `storage-unavailable`, `cancelled`.
 */
export async function listEnvironments(
  ports: EnvironmentsPorts,
  signal?: AbortSignal,
  only?: ReadonlySet<string>,
): Promise<EnvironmentEntry[]> {
  const trust = await ports.trust();
  const [containers, deliveries, creations, secrets] = await Promise.all([
    ports.engine.containers([...trust.containerIds]),
    ports.records.deliveries(),
    ports.records.creations(),
    ports.secrets(),
  ]);
  throwIfCancelled(signal);
  const advise = adviser(ports, trust, secrets, signal);
  const recognised = containers
    .filter(({ id }) => only === undefined || only.has(id))
    .map((container) => ({ container, recognition: recognise(container, trust) }));
  const entries: EnvironmentEntry[] = [];
  for (const { container, recognition } of recognised) {
    if (recognition.kind === "candidate") entries.push({ kind: "candidate", candidate: { container, recognition } });
    if (recognition.kind !== "environment") continue;
    const { environment } = recognition;
    const delivery = deliveries.find(({ containerId }) => containerId === container.id);
    const creation = creationOf(environment, creations);
    entries.push({
      kind: "environment",
      environment,
      ...(delivery === undefined ? {} : { delivery }),
      ...(creation === undefined ? {} : { creation }),
      advice: await advise(creation),
      ...(await otherServices(environment, ports.engine)),
    });
  }
  for (const creation of only ? [] : creations) {
    if (creation.outcome !== "failed") continue;
    const isThere = recognised.some(
      ({ recognition }) => recognition.kind === "environment" && isOf(recognition.environment, creation),
    );
    if (isThere || (await ports.files.read(creation.configFile)) === undefined) continue;
    entries.push({ kind: "not-created", creation, advice: await advise(creation) });
  }
  throwIfCancelled(signal);
  return entries;
}

async function otherServices(
  { container }: Environment,
  engine: Pick<Engine, "companions">,
): Promise<{ otherServices?: readonly string[] }> {
  if (serviceOf(container) === undefined) return {};
  const names = (await engine.companions(container)).flatMap((companion) => serviceOf(companion) ?? []);
  return names.length === 0 ? {} : { otherServices: [...new Set(names)].sort() };
}

/**
 * What would help each of several environments with these secrets: what they were made from, and each configuration, is
 * read once for all of them. No cloud is asked.
 */
export function environmentAdviser(
  { logins: _, ...ports }: Omit<EnvironmentsPorts, "engine" | "secrets">,
  secrets: readonly RegistrySecret[],
): (environment: Environment) => Promise<Advice> {
  const read = async () => {
    const [trust, creations] = await Promise.all([ports.trust(), ports.records.creations()]);
    return { creations, advise: adviser(ports, trust, secrets) };
  };
  let known: ReturnType<typeof read> | undefined;
  return async (environment) => {
    const { creations, advise } = await (known ??= read());
    return await advise(creationOf(environment, creations));
  };
}

/** The advice for a creation; each configuration is read once. */
function adviser(
  ports: Omit<EnvironmentsPorts, "engine" | "secrets">,
  trust: Trust,
  secrets: readonly RegistrySecret[],
  signal?: AbortSignal,
) {
  const effectiveIn = eachOnce(async (folder: string) => effectiveSecrets(secrets, await ports.projectOf(folder)));
  const imagesOf = eachOnce((record: CreationRecord) => imagesNow(record, trust, ports));
  return async (creation: CreationRecord | undefined): Promise<Advice> => {
    if (creation === undefined) return { kind: "nothing" };
    const known = await effectiveIn(creation.folder);
    const hasIdentity = creation.secrets.some(({ identity }) => identity !== undefined);
    return adviceFor(creation, {
      secrets: known,
      images: await imagesOf(creation),
      ...(hasIdentity && ports.logins
        ? { identities: await answeringIdentities(creation.references, known, ports.logins, signal) }
        : {}),
    });
  };
}

/** What the configuration names now; undefined if it cannot be read. */
async function imagesNow(
  { folder, configFile }: CreationRecord,
  trust: Trust,
  { files, env, imagePorts }: Pick<EnvironmentsPorts, "files" | "env" | "imagePorts">,
): Promise<NamedImages | undefined> {
  const allowed = isAmong(folder, trust.folders) ? imagePorts : {};
  try {
    return namedImages(await workspaceImages(folder, configFile, files, env, allowed));
  } catch (error) {
    if (isFailure(error, "no-devcontainer-json", "invalid-devcontainer-json")) return undefined;
    throw error;
  }
}

/** The record of the creation that a container came from, or of one that failed since. */
function creationOf(environment: Environment, creations: readonly CreationRecord[]): CreationRecord | undefined {
  return (
    creations.find(({ containerId }) => containerId === environment.container.id) ??
    creations.find((creation) => creation.outcome === "failed" && isOf(environment, creation))
  );
}

function isOf(environment: Environment, { folder, configFile }: CreationRecord): boolean {
  return (
    environment.folder !== undefined &&
    samePath(environment.folder, folder) &&
    samePath(environment.configFile ?? configFile, configFile)
  );
}
