import { isFailure } from "../failure";
import { buildImages, type Build, type BuildImage } from "./buildImages";
import { noFile, type WorkspaceProblem } from "./problems";
import type { WorkspaceFiles, WorkspaceImage } from "./workspaceImages";

/** The images and problems found so far. */
export class FoundImages {
  readonly images: WorkspaceImage[] = [];
  readonly problems: WorkspaceProblem[] = [];
  readonly #seen = new Set<string>();
  readonly #files: WorkspaceFiles;

  constructor(files: WorkspaceFiles) {
    this.#files = files;
  }

  read(path: string): Promise<string | undefined> {
    return this.#files.read(path);
  }

  /** What two services or builds have at the same place counts once. */
  image(role: WorkspaceImage["role"], image: Omit<WorkspaceImage, "role">): void {
    const { file, range, text, reference, unresolved, dependencyOf, platform, isBase } = image;
    const key = JSON.stringify([file, range.start, range.end, text, reference, platform, isBase]);
    if (this.#seen.has(key)) return;
    this.#seen.add(key);
    this.images.push({
      file,
      range,
      role,
      text,
      ...(reference === undefined ? {} : { reference }),
      ...(unresolved === undefined || unresolved.length === 0 ? {} : { unresolved }),
      ...(dependencyOf === undefined ? {} : { dependencyOf }),
      ...(platform === undefined ? {} : { platform }),
      ...(isBase === undefined ? {} : { isBase }),
    });
  }

  problem(problem: WorkspaceProblem): void {
    const key = JSON.stringify([problem.file, problem.message]);
    if (this.#seen.has(key)) return;
    this.#seen.add(key);
    this.problems.push(problem);
  }

  /** The images of a Dockerfile; if there is none, that is a problem where it is named. */
  async build(
    file: string,
    build: Omit<Build, "file" | "text">,
    from: Pick<WorkspaceProblem, "file" | "range">,
    isPulled: (image: BuildImage) => boolean = () => true,
  ): Promise<void> {
    const text = await this.read(file);
    if (text === undefined) this.problem({ ...from, ...noFile(file) });
    else this.buildText({ ...build, file, text }, isPulled);
  }

  /** The images of a Dockerfile of this text. */
  buildText(build: Build, isPulled: (image: BuildImage) => boolean = () => true): void {
    try {
      for (const image of buildImages(build)) if (isPulled(image)) this.image("build", image);
    } catch (error) {
      if (!isFailure(error)) throw error;
      this.problem({ file: build.file, message: error.message });
    }
  }
}
