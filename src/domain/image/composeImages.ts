import { isFailure } from "../failure";
import type { Build, BuildImage } from "./buildImages";
import { isRemote, type ComposeBuild } from "./composeFile";
import {
  activeProfiles,
  defaultComposeFiles,
  readComposeProject,
  startedServices,
  type NamedFile,
} from "./composeProject";
import { withResolved } from "./composeResolved";
import type { ComposePlace, Place } from "./devcontainerFile";
import type { FoundImages } from "./foundImages";
import { join, parentOf } from "./paths";
import { formatReference, withDefaultTag, type ImageReference } from "./reference";
import type { DevcontainerVariables } from "./variables";
import type { WorkspaceProblem } from "./problems";
import type { WorkspaceImagesPorts } from "./workspaceImages";

/** Adds the images of the Compose services that the dev container CLI starts. Throws `cancelled` if a port does. */
export async function addCompose(
  compose: ComposePlace,
  folder: string,
  configFile: string,
  expand: (place: Place) => string,
  localEnv: NonNullable<DevcontainerVariables["localEnv"]>,
  ports: WorkspaceImagesPorts,
  collected: FoundImages,
): Promise<void> {
  const read = (path: string) => collected.read(path);
  const base = parentOf(configFile);
  const named: NamedFile[] =
    compose.files.length === 0
      ? (await defaultComposeFiles(folder, localEnv, read)).map((path) => ({ path }))
      : compose.files.map((place) => ({
          path: join(base, expand(place)),
          from: { file: configFile, range: place.range },
        }));
  const project = await readComposeProject(named, localEnv, read);
  const paths = named.map(({ path }) => path);
  const resolved = await ports.composeConfig?.(paths, folder, localEnv).catch((error: unknown) => {
    if (isFailure(error, "cancelled")) throw error;
    return undefined;
  });
  const place = { file: configFile, range: compose.files[0]?.range ?? { start: 0, end: 0 } };
  const services = resolved === undefined ? project.services : withResolved(project.services, resolved, place);
  // what the engine's Compose accepts is no problem
  if (resolved === undefined) for (const problem of project.problems) collected.problem(problem);

  const service = compose.service && expand(compose.service);
  if (compose.service === undefined)
    collected.problem({
      ...place,
      code: "no-service-named",
      message: "No service is named, so the dev container CLI would not know which to use.",
    });
  const started = startedServices(
    services,
    service,
    compose.runServices.map(expand),
    activeProfiles(project.variables),
  );
  for (const problem of started.problems)
    collected.problem({ file: configFile, range: compose.service?.range ?? place.range, ...problem });

  const chosen = [...services].filter(([name]) => started.names.has(name));
  if (resolved === undefined && project.problems.length === 0) {
    for (const [name, { image, build, isProvided, replaces, file, range }] of chosen) {
      if (image !== undefined || build !== undefined || isProvided === true || replaces.has("*")) continue;
      const message = `The service "${name}" has neither an image nor a build.`;
      collected.problem({ file, range, code: "no-service-image", message, detail: name });
    }
  }
  const built = new Set(
    chosen.flatMap(([, { build, image }]) => (build && image?.reference ? [fullName(image.reference)] : [])),
  );
  const isPulled = ({ reference }: BuildImage): boolean => !(reference && built.has(fullName(reference)));
  for (const [name, { image, build, others, pullPolicy, platform }] of chosen) {
    const ofPlatform = platform === undefined ? {} : { platform };
    const isOwn = name === service;
    // The CLI itself pulls the image of its own service if it is not there, whatever Compose's policy for it.
    const mayPull = isOwn || (pullPolicy !== "never" && pullPolicy !== "build");
    if (build) {
      const at = { file: services.get(name)?.file ?? configFile, range: services.get(name)?.range ?? place.range };
      await addBuild(
        collected,
        { ...build, ...ofPlatform, ...(isOwn ? {} : { isOther: true }) },
        parentOf(paths[0] ?? configFile),
        at,
        isPulled,
      );
    } else if (image && mayPull && isPulled(image)) {
      collected.image("service", { ...image, ...ofPlatform, ...(isOwn ? { isBase: true } : {}) });
    }
    for (const other of others) {
      const isService = other.value !== undefined && services.has(other.value);
      if (!isService && isPulled(other)) collected.image("service", other);
    }
  }
}

function fullName(reference: ImageReference): string {
  return formatReference(withDefaultTag(reference));
}

async function addBuild(
  collected: FoundImages,
  build: ComposeBuild & Pick<Build, "platform" | "isOther">,
  folder: string,
  from: Pick<WorkspaceProblem, "file" | "range">,
  isPulled: (image: BuildImage) => boolean,
): Promise<void> {
  const { context = folder, dockerfile = "Dockerfile", inline, ...given } = build;
  if (inline !== undefined) collected.buildText({ ...given, ...inline }, isPulled);
  else if (isRemote(context)) {
    collected.problem({ ...from, message: `The Dockerfile at ${context} is not on this machine, so it is not read.` });
  } else await collected.build(join(context, dockerfile), given, from, isPulled);
}
