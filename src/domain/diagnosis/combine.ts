import { isFailure } from "../failure";
import { parseImageReference } from "../image/reference";
import { imageName, isTrouble, type Finding } from "./finding";

/**
 * What a text tells and what the registries answer now, as one list. A finding of the text gives way to the probe of the
 * same image where both name the same cause, or where the probe is certain of its own; otherwise both stand. That an
 * image can be pulled now does not undo what the text tells: the engine may go another way than we do.
 */
export function combineFindings(explained: readonly Finding[], probed: readonly Finding[]): Finding[] {
  const told = explained.filter(
    (finding) =>
      !probed.some(
        (probe) =>
          isAbout(finding, imageName(probe)) &&
          isTrouble(probe) &&
          (probe.code === finding.code || probe.confidence === "certain"),
      ),
  );
  return [...probed, ...told];
}

/**
 * True if the finding of a text is about the image: the same name, with the same tag or digest where both have one. Texts
 * that name no image are about every image of the registry that they name.
 */
export function isAbout(finding: Finding, image: string): boolean {
  const other = parts(image);
  if (finding.image === "") return finding.registry !== "" && finding.registry === other?.registry;
  const one = parts(finding.image);
  if (!one || !other) return finding.image === image;
  if (one.registry !== other.registry || one.repository !== other.repository) return false;
  const agrees = (a: string | undefined, b: string | undefined) => a === undefined || b === undefined || a === b;
  return agrees(one.tag, other.tag) && agrees(one.digest, other.digest);
}

function parts(image: string) {
  try {
    return parseImageReference(image);
  } catch (error) {
    if (isFailure(error)) return undefined;
    throw error;
  }
}
